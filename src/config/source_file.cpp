#include "source_file.hpp"

#include "liminal/base/checkout.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_file = 64ULL << 20U;

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) &&
         (folder.ends_with('/') || path[folder.size()] == '/');
}

// Where a link may lead: inside the repository, or without one inside the folder it stands in.
fs::path fence_of(const World& world, const fs::path& link) {
  const fs::path folder = link.parent_path();
  return find_checkout(world.files, folder).value_or(folder);
}

Diagnostic about_file(const std::string& file, std::string rule, Severity severity, std::string message,
                      std::string help) {
  Diagnostic found;
  found.rule = std::move(rule);
  found.severity = severity;
  found.message = std::move(message);
  found.help = std::move(help);
  found.location.file = file;
  found.location.range = {{1, 1}, {1, 1}};
  return found;
}

}  // namespace

std::string shown_as(const std::string& path, const std::string& working_folder) {
  if (path == working_folder) return ".";
  if (!is_below(path, working_folder)) return path;
  return path.substr(working_folder.size() + (working_folder.ends_with('/') ? 0 : 1));
}

std::string refusal_of(const World& world, const fs::path& path, FileInfo::Kind kind) {
  if (kind == FileInfo::Kind::regular) return {};
  if (kind == FileInfo::Kind::symlink) {
    const auto target = world.files.info_following_links(path);
    if (!target) return "it is a link to nothing";
    if (!lies_beneath(fence_of(world, path), path)) return "it is a link that leads out of the repository";
    if (target->kind == FileInfo::Kind::regular) return {};
  }
  return "it is no regular file";
}

std::shared_ptr<const document::Document> load_file(const World& world, const SourceFile& file,
                                                    DiagnosticSink& findings) {
  if (file.is_folder) {
    findings.report(about_file(file.shown, "unreadable-file", Severity::error,
                               "the folder is not searched: " + file.refusal,
                               "let it be read, or name the files and folders to be checked"));
    return nullptr;
  }
  if (!file.refusal.empty()) {
    findings.report(about_file(file.shown, "unreadable-file", Severity::error, "the file is not read: " + file.refusal,
                               "put a regular file in its place, inside the repository"));
    return nullptr;
  }
  auto source = world.files.read(file.path, largest_file);
  if (!source) {
    findings.report(
        about_file(file.shown, "unreadable-file", Severity::error, source.error().message, source.error().advice));
    return nullptr;
  }
  DiagnosticList list;
  std::shared_ptr<const document::Document> document = document::parse(file.shown, std::move(*source), list);
  if (document->root() == nullptr && list.items.empty()) {
    list.report(about_file(file.shown, "empty-file", Severity::note, "the file holds nothing",
                           file.path.filename() == types_file_name ? "remove it, or let it declare types"
                                                                   : "remove it, or give it a `name` and `pipelines`"));
  }
  for (Diagnostic& item : list.items) findings.report(std::move(item));
  return document;
}

}  // namespace liminal::config
