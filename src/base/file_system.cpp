#include "liminal/base/file_system.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "liminal/base/byte_size.hpp"

#include "descriptor.hpp"
#include "new_file.hpp"
#include "special_file.hpp"
#include "system_failure.hpp"

namespace liminal {

namespace {

namespace fs = std::filesystem;

FileInfo to_info(const struct stat& status) {
  FileInfo info;
  if (S_ISREG(status.st_mode)) info.kind = FileInfo::Kind::regular;
  if (S_ISDIR(status.st_mode)) info.kind = FileInfo::Kind::directory;
  if (S_ISLNK(status.st_mode)) info.kind = FileInfo::Kind::symlink;
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.mode = status.st_mode & 07777U;
  constexpr std::int64_t second = 1'000'000'000;
  info.modified_ns = status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec;
  info.changed_ns = status.st_ctim.tv_sec * second + status.st_ctim.tv_nsec;
  info.inode = status.st_ino;
  return info;
}

FileInfo::Kind kind_of_entry(const fs::path& directory, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return FileInfo::Kind::regular;
    case DT_DIR:
      return FileInfo::Kind::directory;
    case DT_LNK:
      return FileInfo::Kind::symlink;
    case DT_UNKNOWN: {
      struct stat status {};
      if (::lstat((directory / entry.d_name).c_str(), &status) == 0) return to_info(status).kind;
      return FileInfo::Kind::other;
    }
    default:
      return FileInfo::Kind::other;
  }
}

bool is_below(const fs::path& path, const fs::path& root) {
  const auto [end, unused] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

// What resolve_beneath() says of a path with no link on its way, by a few calls instead of two for each part of it.
// Empty where there may be one, and where the system cannot say so (Linux before 5.6, no /proc).
std::optional<fs::path> resolve_without_links(const fs::path& root, const fs::path& relative) {
  if (relative.is_absolute()) return std::nullopt;
  const Descriptor folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::array<char, PATH_MAX> real{};
  const ssize_t length =
      folder.valid() ? ::readlink(fmt::format("/proc/self/fd/{}", folder.get()).c_str(), real.data(), real.size()) : 0;
  if (length <= 0 || static_cast<std::size_t>(length) == real.size()) return std::nullopt;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const fs::path asked = relative.empty() ? "." : relative;
  const Descriptor found(static_cast<int>(::syscall(SYS_openat2, folder.get(), asked.c_str(), &how, sizeof how)));
  // A part that is not there comes behind those that were looked at, unless `..` leads back from it.
  if (!found.valid() && (errno != ENOENT || climbs(asked))) return std::nullopt;
  const fs::path real_root(std::string_view(real.data(), static_cast<std::size_t>(length)));
  fs::path path = (real_root / asked).lexically_normal();
  if (!path.has_filename() && path != path.root_path()) path = path.parent_path();
  return is_below(path, real_root) ? std::optional(std::move(path)) : std::nullopt;
}

}  // namespace

bool climbs(const fs::path& path) {
  return std::find(path.begin(), path.end(), "..") != path.end();
}

Result<std::string> NativeFileSystem::read(const fs::path& path, std::uint64_t limit) const {
  // O_NONBLOCK so that opening a FIFO does not wait for a writer; it changes nothing for a regular file.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return system_failure("read", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure("read", path, errno);
  if (S_ISDIR(status.st_mode)) return system_failure("read", path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::usage, fmt::format("cannot read {}: it is not a regular file", path.string()));
  }
  if (static_cast<std::uint64_t>(status.st_size) > limit) {
    return fail(ErrorKind::usage, fmt::format("{} has {}; at most {} are read", path.string(),
                                              byte_size(static_cast<std::uint64_t>(status.st_size)), byte_size(limit)));
  }
  std::string content;
  // One byte more than expected shows the end without another round.
  content.resize(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t length = 0;
  for (;;) {
    if (length == content.size()) content.resize(content.size() * 2);
    const ssize_t count = ::read(file.get(), content.data() + length, content.size() - length);
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_failure("read", path, errno);
    }
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
    if (length > limit) return fail(ErrorKind::usage, fmt::format("{} has more than {} bytes", path.string(), limit));
  }
  content.resize(length);
  return content;
}

Status NativeFileSystem::write(const fs::path& path, std::string_view content, std::uint32_t mode) {
  if (path.has_parent_path()) {
    if (auto made = make_directories(path.parent_path()); !made) return made;
  }
  if (const auto there = info(path); there && there->kind == FileInfo::Kind::other) {
    return fail(ErrorKind::usage, fmt::format("cannot write {}: it is a device, a pipe or a socket", path.string()),
                "name a file");
  }
  NewFile file(path.parent_path(), path.filename().string() + ".", mode);
  if (!file.valid() || !write_all(file.get(), content) || !file.commit(path))
    return system_failure("write", path, errno);
  return {};
}

Status NativeFileSystem::write_to_named(const fs::path& path, std::string_view content) {
  return is_special_file(path) ? write_special_file(path, content) : write(path, content, ordinary_file_mode);
}

Result<std::vector<DirectoryEntry>> NativeFileSystem::list(const fs::path& directory) const {
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return system_failure("list", directory, errno);
  std::vector<DirectoryEntry> entries;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    entries.push_back({std::string(name), kind_of_entry(directory, *entry)});
  }
  ::closedir(stream);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

std::optional<FileInfo> NativeFileSystem::info(const fs::path& path) const {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return to_info(status);
}

std::optional<FileInfo> NativeFileSystem::info_following_links(const fs::path& path) const {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return to_info(status);
}

Result<std::string> NativeFileSystem::read_link(const fs::path& path) const {
  std::error_code code;
  const fs::path target = fs::read_symlink(path, code);
  if (code) return system_failure("read the link", path, code.value());
  return target.string();
}

Status NativeFileSystem::make_directories(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return system_failure("make the folder", path, code.value());
  return {};
}

Status NativeFileSystem::rename(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_failure("rename", from, errno);
  return {};
}

Status NativeFileSystem::remove_all(const fs::path& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) return system_failure("remove", path, code.value());
  return {};
}

Result<fs::path> NativeFileSystem::resolve_beneath(const fs::path& root, const fs::path& relative) const {
  if (auto found = resolve_without_links(root, relative)) return *std::move(found);
  std::error_code code;
  const fs::path real_root = fs::canonical(root, code);
  if (code) return system_failure("find", root, code.value());
  fs::path real = fs::weakly_canonical(real_root / relative, code);
  // Behind a part that is not there, `..` may lead to one that is a link.
  if (!code && climbs(relative)) real = fs::weakly_canonical(real, code);
  if (code) return system_failure("find", root / relative, code.value());
  if (!is_below(real, real_root)) {
    return fail(ErrorKind::usage, fmt::format("{} leads out of {}", relative.string(), root.string()),
                "keep every path inside the repository");
  }
  return real;
}

}  // namespace liminal
