#include <set>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/base/file_stream.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/deploy/deploy.hpp"
#include "liminal/report/counted.hpp"

#include "deliveries.hpp"
#include "git_folder.hpp"
#include "safe_path.hpp"

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;

// A DAG file and where it goes.
struct Outgoing {
  const engine::Artifact* artifact = nullptr;
  std::string path;
  DeliveredFile file;
};

std::vector<Outgoing> outgoing_of(const engine::Rendered& rendered, const std::string& repository) {
  std::vector<Outgoing> all;
  for (const engine::Artifact& artifact : rendered.artifacts) {
    if (artifact.kind != engine::Artifact::Kind::dag_file) continue;
    const std::string system = artifact.system != nullptr ? artifact.system->name : "";
    all.push_back({&artifact,
                   delivered_path(artifact.path).string(),
                   {{repository, system}, artifact.name, sha256_hex(artifact.content)}});
  }
  return all;
}

std::string whose(const Owner& owner) {
  return fmt::format("the system {} of {}", owner.system, owner.repository);
}

class Delivering {
 public:
  Delivering(const World& world, const fs::path& folder, const Delivery& delivery, std::vector<Outgoing> outgoing,
             Deliveries earlier)
      : files_(world.files),
        folder_(folder),
        delivery_(delivery),
        outgoing_(std::move(outgoing)),
        earlier_(std::move(earlier)) {
    for (const Outgoing& one : outgoing_) owners_.insert(one.file.owner);
    for (const std::string& system : delivery_.systems) owners_.insert({delivery_.repository, system});
  }

  Result<DeliveredDags> run() {
    result_.files.stage.name = "deploy";
    for (const Outgoing& one : outgoing_) {
      if (auto clear = check(one); !clear) return tl::unexpected(std::move(clear.error()));
    }
    Deliveries after;
    for (const auto& [path, file] : earlier_) {
      if (!owners_.contains(file.owner)) after.emplace(path, file);
    }
    for (const Outgoing& one : outgoing_) after.insert_or_assign(one.path, one.file);
    // Both sets are in the list before anything is written: cut off half-way, the next delivery knows its own files.
    Deliveries both = earlier_;
    for (const Outgoing& one : outgoing_) both.insert_or_assign(one.path, one.file);
    Status done = write_deliveries(files_, folder_, both);
    if (done) done = remove_ours(after);
    if (done) done = write_all();
    if (done) done = write_deliveries(files_, folder_, after);
    if (!done) return tl::unexpected(std::move(done.error()));
    tell_left_over(after);
    result_.files.stage.summary =
        fmt::format("{} written, {} unchanged, {} removed", report::counted(result_.files.written.size(), "DAG file"),
                    result_.files.unchanged.size(), result_.files.removed.size());
    return std::move(result_);
  }

 private:
  // Nobody else's file, and nobody else's DAG: two of one name take turns in Airflow.
  [[nodiscard]] Status check(const Outgoing& one) {
    if (!stays_below(one.path))
      return fail(ErrorKind::usage, fmt::format("the path {} leads out of the folder", one.path), "rename the system");
    if (auto links = refuse_links(files_, folder_, one.path); !links) return links;
    for (const auto& [path, file] : earlier_) {
      const bool same = path == one.path || file.dag == one.file.dag;
      if (!same || owners_.contains(file.owner) || file.digest == one.file.digest) continue;
      return fail(ErrorKind::usage,
                  fmt::format("the DAG {} is there already: {} is of {}", one.file.dag, (folder_ / path).string(),
                              whose(file.owner)),
                  "rename the pipeline or the system, deliver into another folder, or remove that file if nobody "
                  "needs it");
    }
    for (const Outgoing& other : outgoing_) {
      if (&other == &one || (other.file.dag != one.file.dag && other.path != one.path)) continue;
      return fail(ErrorKind::usage,
                  fmt::format("the pipeline {} is in {} and in {}, and Airflow knows DAGs by that name alone",
                              one.file.dag, whose(one.file.owner), whose(other.file.owner)),
                  "rename one of them, or deliver into two folders");
    }
    const bool known = earlier_.contains(one.path);
    if (files_.info(folder_ / one.path) && !known && !same_content(one)) {
      return fail(ErrorKind::usage,
                  fmt::format("{} is there already and was not delivered by liminal", (folder_ / one.path).string()),
                  "move it away, or deliver into another folder");
    }
    return {};
  }

  [[nodiscard]] bool same_content(const Outgoing& one) const {
    const auto now = files_.read(folder_ / one.path, one.artifact->content.size());
    return now && *now == one.artifact->content;
  }

  Status remove_ours(const Deliveries& after) {
    for (const auto& [path, file] : earlier_) {
      const bool stale = !after.contains(path);
      if (!owners_.contains(file.owner) || (!stale && !delivery_.clean)) continue;
      if (auto links = refuse_links(files_, folder_, path); !links) return links;
      const auto info = files_.info(folder_ / path);
      if (!info || info->kind != FileInfo::Kind::regular) continue;
      if (auto removed = files_.remove_all(folder_ / path); !removed) return removed;
      if (stale) result_.files.removed.push_back(path);
    }
    return {};
  }

  Status write_all() {
    for (const Outgoing& one : outgoing_) {
      const bool changed = !same_content(one);
      if (changed) {
        if (auto written = files_.write(folder_ / one.path, one.artifact->content, 0644); !written) return written;
      }
      (changed ? result_.files.written : result_.files.unchanged).push_back(one.path);
      report::Case result;
      result.group = one.file.owner.system;
      result.name = "DAG " + one.file.dag;
      result.outcome = changed ? report::Outcome::passed : report::Outcome::unchanged;
      result.summary = (changed ? "wrote " : "unchanged ") + (folder_ / one.path).string();
      if (const auto place = one.artifact->origin.location()) {
        result.file = place->file;
        result.position = place->range.begin;
      }
      result_.files.stage.cases.push_back(std::move(result));
    }
    return {};
  }

  void tell_left_over(const Deliveries& after) {
    std::set<std::string> systems;
    for (const auto& [path, file] : after) {
      if (file.owner.repository == delivery_.repository && !owners_.contains(file.owner))
        systems.insert(file.owner.system);
    }
    for (const std::string& system : systems) {
      result_.notes.push_back(fmt::format(
          "{} still holds DAG files of the system {}, which was delivered from here before", folder_.string(), system));
    }
  }

  FileSystem& files_;
  const fs::path& folder_;
  const Delivery& delivery_;
  std::vector<Outgoing> outgoing_;
  Deliveries earlier_;
  std::set<Owner> owners_;
  DeliveredDags result_;
};

}  // namespace

// SYSTEM/dags/PIPELINE.py of a rendering lies at SYSTEM/PIPELINE.py: the whole folder is one of DAGs.
fs::path delivered_path(const fs::path& rendered_path) {
  return *rendered_path.begin() / rendered_path.filename();
}

Result<DeliveredDags> deliver_dags(const World& world, const engine::Rendered& rendered, const fs::path& folder,
                                   const Delivery& delivery) {
  if (auto allowed = refuse_root(folder); !allowed) return tl::unexpected(std::move(allowed.error()));
  // Two repositories may deliver into one folder at the same time.
  const auto lock = FileLock::acquire(folder / ".liminal-deliveries.lock", world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  auto earlier = read_deliveries(world.files, folder);
  if (!earlier) return tl::unexpected(std::move(earlier.error()));
  return Delivering(world, folder, delivery, outgoing_of(rendered, delivery.repository), std::move(*earlier)).run();
}

std::string remote_name(const World& world, const fs::path& folder) {
  std::string url = origin_url(world.files, find_checkout(world.files, folder).value_or(folder));
  // https://user:password@host/team/project.git and git@host:team/project.git are host/team/project.
  if (const auto scheme = url.find("://"); scheme != std::string::npos) {
    url.erase(0, scheme + 3);
  } else if (const auto colon = url.find(':'); colon != std::string::npos && url.find('/') > colon) {
    url[colon] = '/';
  }
  if (const auto sign = url.find('@'); sign < url.find('/')) url.erase(0, sign + 1);
  if (url.ends_with(".git")) url.resize(url.size() - 4);
  return url;
}

std::string repository_name(const World& world, const fs::path& folder) {
  const std::string name = remote_name(world, folder);
  return name.empty() ? find_checkout(world.files, folder).value_or(folder).string() : name;
}

}  // namespace liminal::deploy
