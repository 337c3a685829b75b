#include "control_group.hpp"

#include <charconv>

#include <unistd.h>

namespace liminal::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* mount_point = "/sys/fs/cgroup";
constexpr std::uint64_t nearly = 1U << 20U;  // usage is counted in batches of pages

std::optional<std::uint64_t> number_in(const World& world, const fs::path& file, std::string_view key) {
  const auto text = world.files.read(file, 64U << 10U);
  if (!text) return std::nullopt;
  const auto at = key.empty() ? 0 : text->find(key);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t value = 0;
  const char* begin = text->data() + at + key.size();
  const auto [end, problem] = std::from_chars(begin, text->data() + text->size(), value);
  return problem == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace

bool ControlGroup::out_of_memory(std::optional<std::uint64_t> limit) const {
  const fs::path root(mount_point);
  if (const auto kills = number_in(world_, root / name_ / "memory.events", "\noom_kill ")) return *kills > 0;
  const auto most = number_in(world_, root / "memory" / name_ / "memory.max_usage_in_bytes", "");
  return most && limit && *most + nearly >= *limit;
}

void ControlGroup::remove() const {
  const fs::path root(mount_point);
  const auto remove_in = [this](const fs::path& hierarchy) {
    // What a killed runtime left comes first; a group that is not there, or not ours to remove, is no matter.
    ::rmdir((hierarchy / name_ / "task").c_str());
    ::rmdir((hierarchy / name_).c_str());
  };
  remove_in(root);
  const auto hierarchies = world_.files.list(root);
  if (!hierarchies) return;
  for (const DirectoryEntry& entry : *hierarchies) {
    if (entry.kind == FileInfo::Kind::directory) remove_in(root / entry.name);
  }
}

bool limits_count_swap(const World& world) {
  const auto swaps = world.files.read("/proc/swaps", 64U << 10U);
  if (!swaps || swaps->find("\n/") == std::string::npos) return false;
  const fs::path root(mount_point);
  return world.files.info(root / "cgroup.controllers").has_value() ||
         world.files.info(root / "memory" / "memory.memsw.limit_in_bytes").has_value();
}

}  // namespace liminal::run
