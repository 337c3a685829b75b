#include <algorithm>

#include "liminal/base/checkout.hpp"
#include "liminal/base/thread_pool.hpp"
#include "liminal/config/config.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_file = 64ULL << 20U;

// The folder that all of the files are below.
fs::path common_folder(const std::vector<SourceFile>& files) {
  if (files.empty()) return "/";
  std::string common = files.front().path.parent_path().string();
  for (const SourceFile& file : files) {
    const std::string& path = file.path.native();
    while (common.size() > 1 && !(path.starts_with(common) && path[common.size()] == '/'))
      common.resize(std::max<std::size_t>(common.rfind('/'), 1));
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
                           "remove it, or give it a `name` and `pipelines`"));
  }
  for (Diagnostic& item : list.items) findings.report(std::move(item));
  return document;
}

}  // namespace

Project load(const World& world, const std::vector<SourceFile>& files, DiagnosticSink& findings) {
  Project project;
  project.files = files;
  const fs::path common = common_folder(files);
  project.root = find_checkout(world.files, common).value_or(common);
  project.documents.resize(files.size());
  // Findings are kept apart by file, so that their order does not depend on the threads.
  std::vector<DiagnosticList> by_file(files.size());
  parallel_for(world.jobs, files.size(), [&](std::size_t i) {
    if (!world.cancellation.requested()) project.documents[i] = load_file(world, files[i], by_file[i]);
  });
  for (DiagnosticList& list : by_file) {
    for (Diagnostic& item : list.items) findings.report(std::move(item));
  }
  return project;
}

}  // namespace liminal::config
