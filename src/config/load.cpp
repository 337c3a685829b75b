#include <iterator>

#include "liminal/base/thread_pool.hpp"
#include "liminal/config/config.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_file = 64ULL << 20U;

// The folder that all of the files are below.
fs::path common_folder(const std::vector<SourceFile>& files) {
  fs::path common = files.empty() ? fs::path("/") : files.front().path.parent_path();
  for (const SourceFile& file : files) {
    while (!common.empty() && common != common.root_path()) {
      const fs::path relative = file.path.lexically_relative(common);
      if (!relative.empty() && *relative.begin() != "..") break;
      common = common.parent_path();
    }
  }
  return common;
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

std::shared_ptr<const document::Document> load_file(const World& world, const SourceFile& file,
                                                    DiagnosticSink& findings) {
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
                           "remove it, or give it a `name` and `pipelines`"));
  }
  for (Diagnostic& item : list.items) findings.report(std::move(item));
  return document;
}

}  // namespace

Project load(const World& world, const std::vector<SourceFile>& files, DiagnosticSink& findings) {
  Project project;
  project.files = files;
  project.root = common_folder(files);
  project.documents.resize(files.size());
  // Findings are kept apart by file, so that their order does not depend on the threads.
  std::vector<DiagnosticList> by_file(files.size());
  parallel_for(world.jobs, files.size(),
               [&](std::size_t i) { project.documents[i] = load_file(world, files[i], by_file[i]); });
  for (DiagnosticList& list : by_file) {
    for (Diagnostic& item : list.items) findings.report(std::move(item));
  }
  return project;
}

}  // namespace liminal::config
