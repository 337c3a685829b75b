#include "types_files.hpp"

#include <algorithm>
#include <unordered_map>

#include "liminal/base/checkout.hpp"

#include "source_file.hpp"

namespace liminal::config {

namespace {

std::string_view parent_of(std::string_view folder) {
  return folder.substr(0, std::max<std::size_t>(folder.rfind('/'), 1));
}

// The folder that the files' names are shown relative to; empty when none of them is below it.
std::string working_folder_of(const std::vector<SourceFile>& files, const std::vector<SourceFile>& named) {
  for (const auto* list : {&files, &named}) {
    for (const SourceFile& file : *list) {
      const std::string& path = file.path.native();
      if (!file.shown.starts_with('/') && path.ends_with("/" + file.shown))
        return path.substr(0, std::max<std::size_t>(path.size() - file.shown.size() - 1, 1));
    }
  }
  return {};
}

class Search {
 public:
  Search(const World& world, const TypesSearch& search, DiagnosticSink& findings)
      : world_(world),
        findings_(findings),
        common_(search.common.native()),
        root_(search.root.native()),
        real_common_(real_place(search.common).native()),
        working_folder_(working_folder_of(search.files, search.named)) {}

  // Of a folder and those above it, nearest first.
  const std::vector<std::size_t>& above(const std::string& folder) {
    const auto known = above_.find(folder);
    if (known != above_.end()) return known->second;
    std::vector<std::size_t> found;
    if (const auto here = file_in(folder)) found.push_back(*here);
    if (folder != root_ && folder != "/") {
      // The root is a real path; the files may have been named through a link.
      const std::string next(parent_of(folder == common_ && !real_common_.empty() ? real_common_ : folder));
      const bool leaves = folder == common_ && (real_common_ == root_ || real_common_.empty());
      if (!leaves) {
        const std::vector<std::size_t>& further = above(next);
        found.insert(found.end(), further.begin(), further.end());
      }
    }
    return above_.emplace(folder, std::move(found)).first->second;
  }

  std::size_t add(SourceFile file) {
    const auto [entry, is_new] = by_path_.emplace(file.path.native(), result_.files.size());
    if (!is_new) return entry->second;
    result_.documents.push_back(load_file(world_, file, findings_));
    result_.files.push_back(std::move(file));
    return result_.files.size() - 1;
  }

  TypesFiles finish() && { return std::move(result_); }
  TypesFiles& result() { return result_; }

 private:
  std::optional<std::size_t> file_in(const std::string& folder) {
    const std::string path = folder + (folder.ends_with('/') ? "" : "/") + std::string(types_file_name);
    const auto info = world_.files.info(path);
    if (!info) return std::nullopt;
    const std::string shown = working_folder_.empty() ? path : shown_as(path, working_folder_);
    return add({path, shown, refusal_of(world_, path, info->kind)});
  }

  const World& world_;
  DiagnosticSink& findings_;
  std::string common_;
  std::string root_;
  std::string real_common_;
  std::string working_folder_;
  std::unordered_map<std::string, std::vector<std::size_t>> above_;
  std::unordered_map<std::string, std::size_t> by_path_;
  TypesFiles result_;
};

}  // namespace

bool is_types_file(const SourceFile& file) {
  return file.path.filename() == types_file_name;
}

TypesFiles load_types(const World& world, const TypesSearch& search, DiagnosticSink& findings) {
  Search found(world, search, findings);
  std::vector<std::vector<std::size_t>> of_file;
  of_file.reserve(search.files.size());
  for (const SourceFile& file : search.files) of_file.push_back(found.above(file.path.parent_path().native()));
  for (const SourceFile& file : search.named) found.add(file);
  if (!found.result().files.empty()) found.result().of_file = std::move(of_file);
  return std::move(found).finish();
}

}  // namespace liminal::config
