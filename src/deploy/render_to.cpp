#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/deploy/deploy.hpp"
#include "liminal/document/document.hpp"
#include "liminal/document/value.hpp"
#include "liminal/report/counted.hpp"

#include "safe_path.hpp"

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view manifest_name = "liminal-manifest.json";
constexpr int newest_schema = 2;
constexpr std::uint64_t manifest_limit = 16ULL << 20;

// What a file was made of.
struct Source {
  std::string repository;
  std::string path;  // of the liminal.yml, from the repository's root

  friend bool operator==(const Source&, const Source&) = default;
};

using Files = std::map<std::string, Source>;  // by path below the folder

// Rendered files lie in a folder of their system's name, which begins with no dot.
bool may_be_rendered(std::string_view name) {
  return stays_below(name) && !name.starts_with('.') && name.find('/') != std::string_view::npos;
}

// What earlier renderings wrote. A manifest that cannot be read is an error: guessing could delete others' files.
Result<Files> earlier_files(const FileSystem& files, const fs::path& folder) {
  const fs::path path = folder / manifest_name;
  Files names;
  if (auto links = refuse_links(files, folder, manifest_name); !links) return tl::unexpected(links.error());
  if (!files.info(path)) return names;
  const auto text = files.read(path, manifest_limit);
  if (!text) return tl::unexpected(text.error());
  const Json manifest = Json::parse(*text, nullptr, false);
  const bool sound = manifest.is_object() && manifest.contains("files") && manifest["files"].is_structured() &&
                     manifest.contains("schema") && manifest["schema"].is_number_integer();
  if (sound && manifest["schema"].get<std::int64_t>() > newest_schema)
    return fail(ErrorKind::usage, path.string() + " was written by a later liminal", "render with that one");
  if (!sound)
    return fail(ErrorKind::usage, path.string() + " is not a list of rendered files",
                "remove it; files of an earlier rendering then stay until you remove them");
  // The first schema was a list, which named no owners.
  if (manifest["files"].is_array()) {
    for (const Json& name : manifest["files"]) {
      if (name.is_string() && may_be_rendered(name.get<std::string>())) names[name.get<std::string>()] = {};
    }
    return names;
  }
  const auto entries = manifest["files"].items();
  for (const auto& file : entries) {
    const std::string& name = file.key();
    const Json& source = file.value();
    const auto member = [&source](const char* key) {
      const bool there = source.is_object() && source.contains(key) && source[key].is_string();
      return there ? source[key].get<std::string>() : std::string();
    };
    if (may_be_rendered(name)) names[name] = {member("repository"), member("source")};
  }
  return names;
}

Status write_manifest(FileSystem& files, const fs::path& folder, const Files& names) {
  Json entries = Json::object();
  for (const auto& [name, source] : names) {
    entries[name] = {{"source", source.path}};
    if (!source.repository.empty()) entries[name]["repository"] = source.repository;
  }
  const Json manifest = {{"schema", newest_schema}, {"files", std::move(entries)}};
  const std::string text = manifest.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
  const fs::path path = folder / manifest_name;
  if (const auto now = files.info(path)) {
    const auto old = files.read(path, manifest_limit);
    if (old && *old == text) return {};
  }
  return files.write(path, text);
}

bool same_content(const FileSystem& files, const fs::path& path, const engine::Artifact& artifact) {
  const auto now = files.read(path, artifact.content.size() + 1);
  return now && *now == artifact.content;
}

// Whether the repository still has the file that something was rendered of.
bool is_there(const FileSystem& files, const Rendering& rendering, const std::string& path) {
  return stays_below(path) && files.info(rendering.root / path).has_value();
}

// What is rendered now: of which files, and into which folders.
struct Covered {
  std::set<std::string> sources;
  std::set<std::string> folders;
};

std::string system_folder(const std::string& name) {
  return name.substr(0, name.find('/'));
}

// Of a file of this repository: nothing that is there makes it any more.
bool is_stale(const FileSystem& files, const std::string& name, const Source& source, const Rendering& rendering,
              const Covered& covered) {
  if (source.repository != rendering.repository) return false;
  // Without a name, the repository may be another: what is sure is the folder of a system that is rendered now.
  if (rendering.repository.empty()) return covered.folders.contains(system_folder(name));
  if (covered.sources.contains(source.path)) return true;
  return stays_below(source.path) && !files.info(rendering.root / source.path);
}

// The namespace that a rendered object is in; empty where it says none.
std::string namespace_in(const FileSystem& files, const fs::path& path) {
  const auto text = files.read(path, manifest_limit);
  if (!text) return {};
  DiagnosticList mistakes;
  const auto document = document::parse(path.string(), *text, mistakes);
  const document::Node* root = document->root();
  if (root == nullptr) return {};
  const document::Value object = document::Value::of(*root);
  const document::Value* metadata = object.find("metadata");
  const document::Value* name = metadata == nullptr ? nullptr : metadata->find("namespace");
  return name == nullptr ? std::string() : name->text();
}

// What earlier renderings wrote, by its name without the folder of its system: the kind and name of an object, a DAG's.
class Earlier {
 public:
  Earlier(const FileSystem& files, const fs::path& folder, const Files& earlier) : files_(files), folder_(folder) {
    for (const auto& file : earlier) by_name_[fs::path(file.first).filename().string()].push_back(&file);
  }

  // Of two systems' DAGs of one name Airflow keeps one, and so does a cluster of objects in one namespace.
  // What is removed by this rendering is no second.
  [[nodiscard]] Status refuse_second(const engine::Artifact& artifact, const Rendering& rendering,
                                     const Covered& covered) const {
    // A ConfigMap carries a DAG, which is told itself.
    const auto same = by_name_.find(fs::path(artifact.path).filename().string());
    if (same == by_name_.end() || artifact.api_kind == "ConfigMap") return {};
    for (const Files::value_type* one : same->second) {
      const auto& [path, owner] = *one;
      if (path == artifact.path || !files_.info(folder_ / path) || !meets(artifact, path)) continue;
      if (is_stale(files_, path, owner, rendering, covered)) continue;
      return fail(ErrorKind::usage,
                  fmt::format("the {} {} is there already, as {}, rendered from {}{}", artifact.api_kind, artifact.name,
                              (folder_ / path).string(), owner.path,
                              owner.repository.empty() ? "" : fmt::format(" of {}", owner.repository)),
                  fmt::format("give one of the {} another name, or render into another folder; remove the file if "
                              "nothing makes it any more",
                              artifact.api_kind == "DAG" ? "pipelines" : "two"));
    }
    return {};
  }

 private:
  [[nodiscard]] bool meets(const engine::Artifact& artifact, const std::string& path) const {
    if (artifact.api_kind == "DAG") return true;
    const auto metadata = artifact.object.find("metadata");
    return metadata != artifact.object.end() &&
           namespace_in(files_, folder_ / path) == metadata->value("namespace", "");
  }

  const FileSystem& files_;
  const fs::path& folder_;
  std::map<std::string, std::vector<const Files::value_type*>> by_name_;
};

// Nobody else's file, and none outside of the folder.
Status check(const FileSystem& files, const fs::path& folder, const engine::Artifact& artifact, const Source& source,
             const Rendering& rendering, const Files& earlier, const Earlier& index, const Covered& covered) {
  if (!stays_below(artifact.path))
    return fail(ErrorKind::usage, "the path " + artifact.path + " leads out of the folder", "rename the system");
  if (auto links = refuse_links(files, folder, artifact.path); !links) return links;
  if (auto alone = index.refuse_second(artifact, rendering, covered); !alone) return alone;
  const fs::path path = folder / artifact.path;
  if (!files.info(path) || same_content(files, path, artifact)) return {};
  const auto before = earlier.find(artifact.path);
  if (before == earlier.end())
    return fail(ErrorKind::usage, path.string() + " is there already and was not written by a rendering",
                "move it away, or render into another folder");
  const Source& owner = before->second;
  const std::string advice = "give one of the systems another name, or render into another folder";
  if (!owner.repository.empty() && owner.repository != source.repository)
    return fail(ErrorKind::usage,
                fmt::format("{} was rendered from {} of {}", path.string(), owner.path, owner.repository), advice);
  // One that was moved takes along what was made of it; one that is rendered now makes it no more.
  const bool another =
      owner.path != source.path && is_there(files, rendering, owner.path) && !covered.sources.contains(owner.path);
  if (another) return fail(ErrorKind::usage, fmt::format("{} was rendered from {}", path.string(), owner.path), advice);
  return {};
}

Result<bool> write_if_changed(FileSystem& files, const fs::path& folder, const engine::Artifact& artifact) {
  const fs::path path = folder / artifact.path;
  if (same_content(files, path, artifact)) return false;
  if (auto written = files.write(path, artifact.content); !written) return tl::unexpected(written.error());
  return true;
}

report::Case case_of(const engine::Artifact& artifact, bool changed) {
  report::Case result;
  result.group = artifact.system != nullptr ? artifact.system->name : "";
  result.name = artifact.api_kind + " " + artifact.name;
  result.outcome = changed ? report::Outcome::passed : report::Outcome::unchanged;
  result.summary = (changed ? "wrote " : "unchanged ") + artifact.path;
  if (const auto place = artifact.origin.location()) {
    result.file = place->file;
    result.position = place->range.begin;
  }
  return result;
}

// Takes what is removed off the list.
Status remove_stale(FileSystem& files, const fs::path& folder, const Rendering& rendering, const Covered& covered,
                    const Files& now, Files& listed, WrittenFiles& result) {
  for (auto at = listed.begin(); at != listed.end();) {
    const auto& [name, source] = *at;
    if (now.contains(name) || !is_stale(files, name, source, rendering, covered)) {
      ++at;
      continue;
    }
    if (auto links = refuse_links(files, folder, name); !links) return links;
    if (const auto info = files.info(folder / name); info && info->kind == FileInfo::Kind::regular) {
      if (auto removed = files.remove_all(folder / name); !removed) return removed;
      result.removed.push_back(name);
    }
    at = listed.erase(at);
  }
  return {};
}

}  // namespace

Result<WrittenFiles> render_to(const World& world, const engine::Rendered& rendered, const Rendering& rendering,
                               const fs::path& folder) {
  if (auto allowed = refuse_root(folder); !allowed) return tl::unexpected(std::move(allowed.error()));
  // Of two at once each would take the files of the other for its own.
  const auto lock = FileLock::acquire_folder(folder, world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  WrittenFiles result;
  result.stage.name = "deploy";
  const auto earlier = earlier_files(world.files, folder);
  if (!earlier) return tl::unexpected(earlier.error());
  Files now;
  Covered covered;
  for (const engine::Artifact& artifact : rendered.artifacts) {
    Source source{rendering.repository, artifact.system == nullptr ? std::string() : artifact.system->path};
    covered.sources.insert(source.path);
    covered.folders.insert(system_folder(artifact.path));
    now.emplace(artifact.path, std::move(source));
  }
  const Earlier index(world.files, folder, *earlier);
  for (const engine::Artifact& artifact : rendered.artifacts) {
    // Before the manifest names them: what it names is ours at the next run.
    if (auto clear = check(world.files, folder, artifact, now.at(artifact.path), rendering, *earlier, index, covered);
        !clear)
      return tl::unexpected(std::move(clear.error()));
  }
  // The manifest names both sets before anything is written: cut off half-way, the next run still knows its own files.
  Files listed = now;
  listed.insert(earlier->begin(), earlier->end());
  if (auto kept = write_manifest(world.files, folder, listed); !kept) return tl::unexpected(kept.error());
  for (const engine::Artifact& artifact : rendered.artifacts) {
    const auto changed = write_if_changed(world.files, folder, artifact);
    if (!changed) return tl::unexpected(changed.error());
    (*changed ? result.written : result.unchanged).push_back(artifact.path);
    result.stage.cases.push_back(case_of(artifact, *changed));
  }
  if (auto removed = remove_stale(world.files, folder, rendering, covered, now, listed, result); !removed)
    return tl::unexpected(removed.error());
  if (auto kept = write_manifest(world.files, folder, listed); !kept) return tl::unexpected(kept.error());
  result.stage.summary =
      fmt::format("{} written, {} unchanged, {} removed", report::counted(result.written.size(), "file"),
                  result.unchanged.size(), result.removed.size());
  return result;
}

}  // namespace liminal::deploy
