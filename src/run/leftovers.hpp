// Runs that were killed before they could tidy up: what they left is found and removed by the next run.
//
// A run holds a lock, and its file is removed when the run ends in good order. A lock file that nobody holds belongs to
// a run that was killed.
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/world.hpp"

namespace liminal::run {

class RunMark {
 public:
  enum class Runtime { docker, oci };

  // Marks the run in this folder as going on.
  [[nodiscard]] static Result<RunMark> make(const World& world, const std::filesystem::path& folder);
  RunMark(RunMark&&) = default;
  RunMark& operator=(RunMark&&) = delete;

  // What has to be asked to tidy up after this run.
  Status name_runtime(Runtime runtime);
  // The run ended in good order.
  void clear();

 private:
  RunMark(const World& world, std::filesystem::path file, FileLock lock)
      : world_(&world), file_(std::move(file)), lock_(std::move(lock)) {}

  const World* world_;
  std::filesystem::path file_;
  FileLock lock_;
};

// Whether the run of this folder still goes on, here or in another process.
[[nodiscard]] Result<bool> goes_on(const World& world, const std::filesystem::path& folder);

// Removes containers, mounts and files of runs below `runs` that were killed, and marks them as interrupted. What
// cannot be removed is told, and tried again by the next run.
void remove_leftovers(const World& world, const std::filesystem::path& runs);

}  // namespace liminal::run
