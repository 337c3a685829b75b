#include "repository_path.hpp"

#include <fmt/format.h>

namespace liminal::report {

namespace {

namespace fs = std::filesystem;

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string fallback_file(const RunReport& run) {
  for (const Stage& stage : run.stages) {
    for (const Case& one : stage.cases) {
      if (!one.file.empty()) return one.file;
    }
  }
  for (const Diagnostic& finding : run.findings) {
    if (!finding.location.file.empty()) return finding.location.file;
  }
  return "liminal.yml";
}

// The nearest folder from `root` upwards that holds .git (a folder, or a file in a worktree or submodule).
fs::path repository_of(const fs::path& root, const FileSystem& files) {
  for (fs::path folder = root; !folder.empty(); folder = folder.parent_path()) {
    if (files.info(folder / ".git")) return folder;
    if (folder == folder.parent_path()) break;
  }
  return root;
}

void note_link(const std::string& file, const fs::path& root, const fs::path& repository, const FileSystem& files,
               std::map<std::string, std::string>& real_files) {
  if (file.empty() || real_files.contains(file)) return;
  const fs::path inside = (root / file).lexically_relative(repository);
  const auto real = files.resolve_beneath(repository, inside);
  if (!real) return;  // leads out of the repository: shown by the name it has in it
  const auto real_repository = files.resolve_beneath(repository, ".");
  if (!real_repository) return;
  const std::string path = real->lexically_relative(real_repository->lexically_normal()).string();
  if (path != inside.lexically_normal().string()) real_files.emplace(file, path);
}

}  // namespace

std::string repository_path(const std::string& file, const RunReport& run, const Context& context) {
  const std::string shown = file.empty() ? fallback_file(run) : file;
  if (const auto real = context.real_files.find(shown); real != context.real_files.end()) return real->second;
  fs::path path(shown);
  if (path.is_absolute()) {
    const fs::path below = path.lexically_relative(context.root);
    if (context.root.empty() || below.empty() || *below.begin() == "..") return path.lexically_normal().string();
    path = below;
  }
  return (fs::path(context.repository_prefix) / path).lexically_normal().string();
}

std::string path_to_uri(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte) || c == '/') {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", byte);
    }
  }
  return uri;
}

Context make_context(std::string tool_version, std::vector<RuleDescription> rules, const fs::path& root,
                     const RunReport& run, const FileSystem& files) {
  Context context;
  context.tool_version = std::move(tool_version);
  context.rules = std::move(rules);
  context.root = root.lexically_normal().string();
  const fs::path repository = repository_of(root.lexically_normal(), files);
  const std::string prefix = root.lexically_normal().lexically_relative(repository).string();
  if (!prefix.empty() && prefix != ".") context.repository_prefix = prefix + "/";
  for (const Diagnostic& finding : run.findings) {
    note_link(finding.location.file, root, repository, files, context.real_files);
    for (const RelatedPlace& place : finding.related) {
      note_link(place.location.file, root, repository, files, context.real_files);
    }
  }
  for (const Error& error : run.errors) note_link(error.location.file, root, repository, files, context.real_files);
  return context;
}

}  // namespace liminal::report
