// Files, handed in as an object. Paths are bytes; nothing here follows a link out of a folder on its own account:
// `resolve_beneath` is for every path that comes from a file of the repository.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/file_mode.hpp"
#include "liminal/base/result.hpp"

namespace liminal {

struct FileInfo {
  enum class Kind { regular, directory, symlink, other };
  Kind kind = Kind::other;
  std::uint64_t size = 0;
  std::uint32_t mode = 0;        // permission bits alone
  std::int64_t modified_ns = 0;  // mtime, nanoseconds since the epoch
  std::int64_t changed_ns = 0;   // ctime, nanoseconds since the epoch
  std::uint64_t inode = 0;
};

struct DirectoryEntry {
  std::string name;
  FileInfo::Kind kind = FileInfo::Kind::other;  // of the entry itself: links are not followed
};

// Whether a part of the path is `..`.
[[nodiscard]] bool climbs(const std::filesystem::path& path);

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Whole file. More than `limit` bytes, a FIFO or a device is an error rather than a wait. Errors: usage.
  [[nodiscard]] virtual Result<std::string> read(const std::filesystem::path& path,
                                                 std::uint64_t limit = 1ULL << 30) const = 0;
  // Written whole or not at all: a file without a name, flushed, then put in its place. Parent folders are made. A link
  // is replaced, not followed; a device, a pipe or a socket is never replaced. Errors: usage; unavailable: it may not
  // be written; failed: the disk is full.
  virtual Status write(const std::filesystem::path& path, std::string_view content,
                       std::uint32_t mode = ordinary_file_mode) = 0;
  // For a path that a user names: what is there and is a device, a pipe or an open file of this process (/dev/stdout)
  // is written into, never replaced; all else as by `write`. Errors as of `write`; usage: a pipe that nobody reads, a
  // disk.
  virtual Status write_to_named(const std::filesystem::path& path, std::string_view content) = 0;
  // Entries in byte order of their names, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& directory) const = 0;
  // lstat and stat; empty when there is nothing at that path.
  [[nodiscard]] virtual std::optional<FileInfo> info(const std::filesystem::path& path) const = 0;
  [[nodiscard]] virtual std::optional<FileInfo> info_following_links(const std::filesystem::path& path) const = 0;
  [[nodiscard]] virtual Result<std::string> read_link(const std::filesystem::path& path) const = 0;
  virtual Status make_directories(const std::filesystem::path& path) = 0;
  virtual Status rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual Status remove_all(const std::filesystem::path& path) = 0;
  // The real path of `root`/`relative` when it stays below `root` after every link is followed; an error when it
  // leaves.
  [[nodiscard]] virtual Result<std::filesystem::path> resolve_beneath(const std::filesystem::path& root,
                                                                      const std::filesystem::path& relative) const = 0;
};

// The machine's own file system.
class NativeFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Result<std::string> read(const std::filesystem::path& path, std::uint64_t limit) const override;
  Status write(const std::filesystem::path& path, std::string_view content, std::uint32_t mode) override;
  Status write_to_named(const std::filesystem::path& path, std::string_view content) override;
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& directory) const override;
  [[nodiscard]] std::optional<FileInfo> info(const std::filesystem::path& path) const override;
  [[nodiscard]] std::optional<FileInfo> info_following_links(const std::filesystem::path& path) const override;
  [[nodiscard]] Result<std::string> read_link(const std::filesystem::path& path) const override;
  Status make_directories(const std::filesystem::path& path) override;
  Status rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status remove_all(const std::filesystem::path& path) override;
  [[nodiscard]] Result<std::filesystem::path> resolve_beneath(const std::filesystem::path& root,
                                                              const std::filesystem::path& relative) const override;
};

}  // namespace liminal
