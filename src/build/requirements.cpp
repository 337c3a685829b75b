#include "requirements.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "liminal/base/json.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/pip/requirements_file.hpp"

#include "pip_configuration.hpp"
#include "pip_download.hpp"

namespace liminal::build {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_record = 64ULL << 20U;

void add_lines(std::string& text, char kind, const std::vector<pip::RequirementLine>& lines) {
  for (const pip::RequirementLine& line : lines) text += fmt::format("{} {}\n", kind, line.text);
}

// Wheels that the source brings along.
Status add_wheels(const World& world, const fs::path& source, const std::string& folder, std::string& text) {
  const auto real = world.files.resolve_beneath(source, folder);
  if (!real) return tl::unexpected(real.error());
  const auto entries = world.files.list(*real);
  if (!entries) return tl::unexpected(entries.error());
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.ends_with(".whl")) continue;
    if (entry.kind != FileInfo::Kind::regular) {
      return fail(ErrorKind::usage, fmt::format("{}/{} is not a regular file", folder, entry.name),
                  "put the wheel itself there");
    }
    const auto hash = sha256_of_file(*real / entry.name, world.cancellation);
    if (!hash) return tl::unexpected(hash.error());
    text += fmt::format("w {} {}\n", *hash, entry.name);
  }
  return {};
}

Result<std::string> text_of(const World& world, const Requirements& requirements, const pip::RequirementSet& set) {
  std::string text = "liminal-requirements 1\n";
  add_lines(text, 'o', set.options);
  add_lines(text, 'r', set.requirements);
  add_lines(text, 'c', set.constraints);
  for (const std::string& folder : set.wheel_folders) {
    if (auto added = add_wheels(world, requirements.folder, folder, text); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (requirements.pip_conf.empty()) return text;
  const auto configuration = read_pip_configuration(world, requirements.pip_conf);
  if (!configuration) return tl::unexpected(configuration.error());
  return text + fmt::format("p {}\n", sha256_hex(*configuration));
}

// What was resolved before, by a key of all that pip would be told; files under their hashes.
class WheelCache {
 public:
  WheelCache(const World& world, const fs::path& folder) : world_(world), folder_(folder / "wheels") {}

  [[nodiscard]] fs::path lock_file(const std::string& key) const { return folder_ / "resolved" / (key + ".lock"); }
  // One folder a key, used under its lock: what a killed run left is removed by the next one.
  [[nodiscard]] fs::path download_folder(const std::string& key) const { return folder_ / "downloads" / key; }

  // Empty when it was not resolved, or when a file is missing or is not what it was.
  [[nodiscard]] std::optional<std::vector<Wheel>> find(const std::string& key) const {
    const auto text = world_.files.info(record(key)) ? world_.files.read(record(key), largest_record)
                                                     : Result<std::string>(std::string());
    const Json list = Json::parse(text.value_or(std::string()), nullptr, false);
    if (!list.is_array()) return std::nullopt;
    std::vector<Wheel> wheels;
    for (const Json& item : list) {
      if (!item.is_object() || !item["name"].is_string() || !item["sha256"].is_string()) return std::nullopt;
      wheels.push_back(wheel(item["name"].get<std::string>(), item["sha256"].get<std::string>()));
      const auto hash = sha256_of_file(wheels.back().file, world_.cancellation);
      if (!hash || *hash != wheels.back().sha256) return std::nullopt;
    }
    return wheels;
  }

  // Takes the files of a folder, and remembers them.
  Result<std::vector<Wheel>> take(const std::string& key, const fs::path& downloaded) {
    const auto entries = world_.files.list(downloaded);
    if (!entries) return tl::unexpected(entries.error());
    std::vector<Wheel> wheels;
    Json list = Json::array();
    for (const DirectoryEntry& entry : *entries) {
      const auto hash = sha256_of_file(downloaded / entry.name, world_.cancellation);
      if (!hash) return tl::unexpected(hash.error());
      wheels.push_back(wheel(entry.name, *hash));
      const fs::path& file = wheels.back().file;
      if (auto made = world_.files.make_directories(file.parent_path()); !made) return tl::unexpected(made.error());
      if (auto moved = world_.files.rename(downloaded / entry.name, file); !moved) return tl::unexpected(moved.error());
      list.push_back({{"name", entry.name}, {"sha256", *hash}});
    }
    if (auto written = world_.files.write(record(key), list.dump(1)); !written) return tl::unexpected(written.error());
    return wheels;
  }

 private:
  [[nodiscard]] fs::path record(const std::string& key) const { return folder_ / "resolved" / (key + ".json"); }
  [[nodiscard]] Wheel wheel(std::string name, const std::string& hash) const {
    return {folder_ / "files" / hash / name, std::move(name), hash};
  }

  const World& world_;
  fs::path folder_;
};

std::string key_of(const std::string& text, const PythonEnvironment& python) {
  std::string all = fmt::format("{}python {} {}\n", text, python.version, python.machine);
  for (const std::string& tag : python.platform_tags) all += tag + "\n";
  return sha256_hex(all);
}

}  // namespace

Result<std::string> requirements_text(const World& world, const Requirements& requirements) {
  const auto set = pip::read_requirements(world, requirements.folder, requirements.file);
  if (!set) return tl::unexpected(set.error());
  return text_of(world, requirements, *set);
}

Result<std::vector<Wheel>> download_wheels(const World& world, const Requirements& requirements,
                                           const PythonEnvironment& python, const Options& options,
                                           const std::function<void(std::string_view)>& line,
                                           const std::function<void()>& asks) {
  const auto set = pip::read_requirements(world, requirements.folder, requirements.file);
  if (!set) return tl::unexpected(set.error());
  if (set->requirements.empty()) return std::vector<Wheel>();
  const auto text = text_of(world, requirements, *set);
  if (!text) return tl::unexpected(text.error());
  WheelCache cache(world, options.cache);
  const std::string key = key_of(*text, python);
  const auto lock = FileLock::acquire(cache.lock_file(key), world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  if (!options.no_cache) {
    if (auto known = cache.find(key)) return *std::move(known);
  }
  if (asks) asks();
  const fs::path folder = cache.download_folder(key);
  if (auto removed = world.files.remove_all(folder); !removed) return tl::unexpected(removed.error());
  if (auto made = world.files.make_directories(folder); !made) return tl::unexpected(made.error());
  const PipDownload download{*set, python, requirements.folder, requirements.pip_conf, folder, options.cache / "pip"};
  const auto downloaded = pip_download(world, download, line);
  auto wheels = downloaded ? cache.take(key, folder / "wheels") : tl::unexpected(downloaded.error());
  (void)world.files.remove_all(folder);
  return wheels;
}

}  // namespace liminal::build
