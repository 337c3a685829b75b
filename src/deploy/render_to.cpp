#include <set>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/deploy/deploy.hpp"
#include "liminal/report/counted.hpp"

#include "safe_path.hpp"

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view manifest_name = "liminal-manifest.json";
constexpr std::uint64_t manifest_limit = 16ULL << 20;

// What an earlier rendering wrote. A manifest that cannot be read is an error: guessing could delete others' files.
Result<std::set<std::string>> earlier_files(const FileSystem& files, const fs::path& folder) {
  const fs::path path = folder / manifest_name;
  std::set<std::string> names;
  if (auto links = refuse_links(files, folder, manifest_name); !links) return tl::unexpected(links.error());
  if (!files.info(path)) return names;
  const auto text = files.read(path, manifest_limit);
  if (!text) return tl::unexpected(text.error());
  const Json manifest = Json::parse(*text, nullptr, false);
  const bool sound = manifest.is_object() && manifest.contains("files") && manifest["files"].is_array();
  if (!sound)
    return fail(ErrorKind::usage, path.string() + " is not a list of rendered files",
                "remove it; files of an earlier rendering then stay until you remove them");
  for (const Json& name : manifest["files"]) {
    if (name.is_string() && stays_below(name.get<std::string>())) names.insert(name.get<std::string>());
  }
  return names;
}

Status write_manifest(FileSystem& files, const fs::path& folder, const std::set<std::string>& names) {
  const Json manifest = {{"schema", 1}, {"files", names}};
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

// Nobody else's file, and none outside of the folder.
Status check(const FileSystem& files, const fs::path& folder, const engine::Artifact& artifact,
             const std::set<std::string>& earlier) {
  if (!stays_below(artifact.path))
    return fail(ErrorKind::usage, "the path " + artifact.path + " leads out of the folder", "rename the system");
  if (auto links = refuse_links(files, folder, artifact.path); !links) return links;
  const fs::path path = folder / artifact.path;
  if (!files.info(path) || earlier.contains(artifact.path) || same_content(files, path, artifact)) return {};
  return fail(ErrorKind::usage, path.string() + " is there already and was not written by a rendering",
              "move it away, or render into another folder");
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

Status remove_stale(FileSystem& files, const fs::path& folder, const std::set<std::string>& earlier,
                    const std::set<std::string>& now, WrittenFiles& result) {
  for (const std::string& name : earlier) {
    if (now.contains(name)) continue;
    if (auto links = refuse_links(files, folder, name); !links) return links;
    const auto info = files.info(folder / name);
    if (!info || info->kind != FileInfo::Kind::regular) continue;
    if (auto removed = files.remove_all(folder / name); !removed) return removed;
    result.removed.push_back(name);
  }
  return {};
}

}  // namespace

Result<WrittenFiles> render_to(const World& world, const engine::Rendered& rendered, const fs::path& folder) {
  if (auto allowed = refuse_root(folder); !allowed) return tl::unexpected(std::move(allowed.error()));
  // Of two at once each would take the files of the other for its own.
  const auto lock = FileLock::acquire_folder(folder, world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  WrittenFiles result;
  result.stage.name = "deploy";
  auto earlier = earlier_files(world.files, folder);
  if (!earlier) return tl::unexpected(earlier.error());
  std::set<std::string> now;
  for (const engine::Artifact& artifact : rendered.artifacts) {
    // Before the manifest names them: what it names is ours at the next run.
    if (auto clear = check(world.files, folder, artifact, *earlier); !clear)
      return tl::unexpected(std::move(clear.error()));
    now.insert(artifact.path);
  }
  // The manifest names both sets before anything is written: cut off half-way, the next run still knows its own files.
  std::set<std::string> both = *earlier;
  both.insert(now.begin(), now.end());
  if (auto kept = write_manifest(world.files, folder, both); !kept) return tl::unexpected(kept.error());
  for (const engine::Artifact& artifact : rendered.artifacts) {
    const auto changed = write_if_changed(world.files, folder, artifact);
    if (!changed) return tl::unexpected(changed.error());
    (*changed ? result.written : result.unchanged).push_back(artifact.path);
    result.stage.cases.push_back(case_of(artifact, *changed));
  }
  if (auto removed = remove_stale(world.files, folder, *earlier, now, result); !removed)
    return tl::unexpected(removed.error());
  if (auto kept = write_manifest(world.files, folder, now); !kept) return tl::unexpected(kept.error());
  result.stage.summary =
      fmt::format("{} written, {} unchanged, {} removed", report::counted(result.written.size(), "file"),
                  result.unchanged.size(), result.removed.size());
  return result;
}

}  // namespace liminal::deploy
