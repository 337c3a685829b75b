// The files of a folder and a hash of them, known again in milliseconds: a file whose size, times and inode are as
// they were when it was hashed is not read again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/world.hpp"

namespace liminal::build {

struct SourceFile {
  enum class Kind : char { file = 'f', directory = 'd', link = 'l' };
  Kind kind = Kind::file;
  std::string path;  // relative, with /
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  std::uint64_t inode = 0;
  std::string content;  // SHA-256 of a file, target of a link; empty until hashed
};

struct SourceTree {
  std::vector<SourceFile> files;  // sorted by the bytes of their paths
  std::int64_t scanned_ns = 0;    // wall time when the scan began
  std::string hash;               // of paths, kinds, modes and contents
};

struct ScanRules {
  std::function<bool(std::string_view)> leave_out;  // a path, and with it all below a folder
  bool normalise_modes = true;                      // 0644, or 0755 when anyone may execute; links that leave the
                                                    // folder, sockets and devices are errors. Otherwise: modes as they
                                                    // are, any link, devices and sockets left out
  bool look_below_left_out = false;  // a folder that is left out may hold files that are not: it is there for those
};

// Walks the folder; nothing is read.
[[nodiscard]] Result<SourceTree> scan(const World& world, const std::filesystem::path& folder, const ScanRules& rules);
// Fills in contents and the hash, taking from `known`, a tree's state, what has not changed since. Returns how many
// files were read.
Result<std::size_t> hash_files(const World& world, const std::filesystem::path& folder, SourceTree& tree,
                               std::string_view known);
// Both, with what is known kept in the file `state`. That file is a cache: when it cannot be written, the next scan
// takes longer.
[[nodiscard]] Result<SourceTree> scan_and_hash(const World& world, const std::filesystem::path& folder,
                                               const ScanRules& rules, const std::filesystem::path& state);

// What a state file keeps of a tree.
[[nodiscard]] std::string to_state(const SourceTree& tree);
[[nodiscard]] SourceTree from_state(std::string_view text);  // empty when it cannot be read

// Paths that differ in kind, mode or content, at most `limit`.
[[nodiscard]] std::vector<std::string> changed_paths(const SourceTree& before, const SourceTree& after,
                                                     std::size_t limit);

}  // namespace liminal::build
