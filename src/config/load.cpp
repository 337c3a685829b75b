#include <algorithm>

#include "liminal/base/checkout.hpp"
#include "liminal/base/thread_pool.hpp"

#include "source_file.hpp"
#include "types_files.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;

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

}  // namespace

Project load(const World& world, const std::vector<SourceFile>& files, DiagnosticSink& findings) {
  Project project;
  std::vector<SourceFile> named;  // outright
  for (const SourceFile& file : files) (is_types_file(file) ? named : project.files).push_back(file);
  const fs::path common = common_folder(files);
  project.root = find_checkout(world.files, common).value_or(common);
  project.documents.resize(project.files.size());
  // Findings are kept apart by file, so that their order does not depend on the threads.
  std::vector<DiagnosticList> by_file(project.files.size());
  parallel_for(world.jobs, project.files.size(), [&](std::size_t i) {
    if (!world.cancellation.requested()) project.documents[i] = load_file(world, project.files[i], by_file[i]);
  });
  for (DiagnosticList& list : by_file) {
    for (Diagnostic& item : list.items) findings.report(std::move(item));
  }
  project.types = load_types(world, {project.files, named, common, project.root}, findings);
  return project;
}

}  // namespace liminal::config
