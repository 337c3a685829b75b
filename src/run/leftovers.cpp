#include "leftovers.hpp"

#include <fmt/format.h>

#include "docker_runtime.hpp"
#include "oci_runtime.hpp"
#include "run_record.hpp"

namespace liminal::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* mark_name = "going-on";
constexpr std::string_view docker_mark = "docker";

// The lock stays on a file of its own, since one that is written anew is another file.
fs::path lock_of(const fs::path& mark) {
  return mark.string() + ".lock";
}

Status tidy_up(const World& world, const fs::path& runs, const std::string& run_id, bool docker) {
  return docker ? remove_docker_containers(world, runs, run_id) : remove_oci_containers(world, runs / run_id);
}

void mark_interrupted(const World& world, const fs::path& file) {
  const auto text = world.files.read(file, 16U << 20U);
  if (!text) return;
  auto record = RunRecord::parse(*text);
  if (!record || record->state != "running") return;
  record->state = "interrupted";
  for (auto& [name, task] : record->tasks) {
    if (task.state == "running") task.state = to_string(TaskState::interrupted);
  }
  if (auto written =
          world.files.write(file, record->json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n", 0600);
      !written) {
    world.progress.output("run", written.error().message);
  }
}

}  // namespace

Result<RunMark> RunMark::make(const World& world, const fs::path& folder) {
  const fs::path file = folder / mark_name;
  auto lock = FileLock::acquire(lock_of(file), world.cancellation);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  return RunMark(world, file, std::move(*lock));
}

Status RunMark::name_runtime(Runtime runtime) {
  return world_->files.write(file_, runtime == Runtime::docker ? docker_mark : "oci", 0600);
}

void RunMark::clear() {
  static_cast<void>(world_->files.remove_all(file_));
  static_cast<void>(world_->files.remove_all(lock_of(file_)));
}

Result<bool> goes_on(const World& world, const fs::path& folder) {
  const fs::path lock = lock_of(folder / mark_name);
  if (!world.files.info(lock)) return false;  // it ended in good order
  const auto held = FileLock::try_acquire(lock);
  if (!held) return tl::unexpected(held.error());
  return !held->has_value();
}

void remove_leftovers(const World& world, const fs::path& runs) {
  const auto entries = world.files.list(runs);
  if (!entries) return;  // no run yet
  for (const DirectoryEntry& entry : *entries) {
    const fs::path mark = runs / entry.name / mark_name;
    if (!world.files.info(lock_of(mark))) continue;
    const auto lock = FileLock::try_acquire(lock_of(mark));
    if (!lock || !*lock) continue;
    const auto runtime = world.files.read(mark, 100);
    Status done = runtime ? tidy_up(world, runs, entry.name, *runtime == docker_mark) : Status();
    if (!done) {
      world.progress.output("run", fmt::format("what the run {} left behind when it was killed cannot be removed: {}",
                                               entry.name, done.error().message));
      continue;
    }
    mark_interrupted(world, runs / entry.name / "run.json");
    static_cast<void>(world.files.remove_all(mark));
    static_cast<void>(world.files.remove_all(lock_of(mark)));
    // Killed before any task began: there is nothing to go on from.
    if (!world.files.info(runs / entry.name / "run.json")) static_cast<void>(world.files.remove_all(runs / entry.name));
    if (runtime)
      world.progress.output("run", fmt::format("removed what the run {} left behind when it was killed", entry.name));
  }
}

}  // namespace liminal::run
