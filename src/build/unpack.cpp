#include "liminal/build/unpack.hpp"

#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/tar.hpp"
#include "liminal/build/image_layout.hpp"

namespace liminal::build {

namespace {

namespace fs = std::filesystem;

// A folder that was opened without following a link.
class Folder {
 public:
  explicit Folder(int descriptor) : descriptor_(descriptor) {}
  Folder(Folder&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Folder& operator=(Folder&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Folder() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Error> system_failure(std::string_view doing, std::string_view path) {
  const int code = errno;
  return fail(ErrorKind::failed, fmt::format("cannot {} {}: {}", doing, path, std::strerror(code)),
              code == ENOSPC ? "free some disk space and run it again" : "");
}

// The parts of an entry's path; `..` is refused, so that what is written stays below.
Result<std::vector<std::string>> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") return fail(ErrorKind::failed, "a layer holds a path with `..`, so it is refused");
    parts.emplace_back(part);
  }
  return parts;
}

class LayerApplier {
 public:
  LayerApplier(Folder root, bool privileged) : root_(std::move(root)), privileged_(privileged) {}

  Status apply(TarReader& archive);

 private:
  Result<Folder> open_parent(const std::vector<std::string>& parts) const;
  Status apply_entry(TarReader& archive, const TarEntry& entry);
  Status place(TarReader& archive, const TarEntry& entry, const Folder& parent, const std::string& name) const;
  Status write_file(TarReader& archive, const TarEntry& entry, const Folder& parent, const std::string& name) const;
  Status remove(const Folder& parent, const std::string& name) const;
  Status remove_content(const Folder& folder) const;

  Folder root_;
  bool privileged_;
};

// Makes missing parents. A link on the way is not followed: it is replaced only by an entry of its own.
Result<Folder> LayerApplier::open_parent(const std::vector<std::string>& parts) const {
  Folder current(::dup(root_.get()));
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    int next = ::openat(current.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0 && errno == ENOENT && ::mkdirat(current.get(), parts[i].c_str(), 0755) == 0) {
      next = ::openat(current.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (next < 0) {
      const bool through_link = errno == ELOOP || errno == ENOTDIR;
      if (through_link) {
        return fail(ErrorKind::failed, fmt::format("a layer writes through `{}`, which is a link or a file", parts[i]));
      }
      return system_failure("open the folder", parts[i]);
    }
    current = Folder(next);
  }
  return current;
}

Status LayerApplier::remove_content(const Folder& folder) const {
  const int copy = ::dup(folder.get());
  const fs::path path = fmt::format("/proc/self/fd/{}", copy);
  std::error_code code;
  std::vector<fs::path> children;
  for (const auto& entry : fs::directory_iterator(path, code)) children.push_back(entry.path());
  for (const fs::path& child : children) fs::remove_all(child, code);
  ::close(copy);
  if (code) return fail(ErrorKind::failed, "cannot empty a folder: " + code.message());
  return {};
}

Status LayerApplier::remove(const Folder& parent, const std::string& name) const {
  if (::unlinkat(parent.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  std::error_code code;
  fs::remove_all(fmt::format("/proc/self/fd/{}/{}", parent.get(), name), code);
  if (code) return fail(ErrorKind::failed, fmt::format("cannot remove {}: {}", name, code.message()));
  return {};
}

Status LayerApplier::write_file(TarReader& archive, const TarEntry& entry, const Folder& parent,
                                const std::string& name) const {
  const int file = ::openat(parent.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return system_failure("write", entry.path);
  const Folder guard(file);
  std::vector<char> buffer(256 * 1024);
  for (;;) {
    const auto count = archive.read(buffer.data(), buffer.size());
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return {};
    for (std::size_t done = 0; done < *count;) {
      const ssize_t written = ::write(file, buffer.data() + done, *count - done);
      if (written < 0 && errno != EINTR) return system_failure("write", entry.path);
      if (written > 0) done += static_cast<std::size_t>(written);
    }
  }
}

Status LayerApplier::place(TarReader& archive, const TarEntry& entry, const Folder& parent,
                           const std::string& name) const {
  const int at = parent.get();
  struct stat there {};
  const bool exists = ::fstatat(at, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
  const bool keep_folder = exists && S_ISDIR(there.st_mode) && entry.kind == TarEntry::Kind::directory;
  if (exists && !keep_folder) {
    if (auto removed = remove(parent, name); !removed) return removed;
  }
  switch (entry.kind) {
    case TarEntry::Kind::directory:
      if (!keep_folder && ::mkdirat(at, name.c_str(), 0755) != 0) return system_failure("make", entry.path);
      break;
    case TarEntry::Kind::file:
      if (auto written = write_file(archive, entry, parent, name); !written) return written;
      break;
    case TarEntry::Kind::symlink:
      if (::symlinkat(entry.link.c_str(), at, name.c_str()) != 0) return system_failure("link", entry.path);
      break;
    case TarEntry::Kind::hard_link: {
      const auto target = split(entry.link);
      if (!target) return tl::unexpected(target.error());
      if (target->empty()) return fail(ErrorKind::failed, "a layer holds a hard link to nothing");
      const auto folder = open_parent(*target);
      if (!folder) return tl::unexpected(folder.error());
      if (::linkat(folder->get(), target->back().c_str(), at, name.c_str(), 0) != 0) {
        return system_failure("link", entry.path);
      }
      return {};
    }
    case TarEntry::Kind::character_device:
    case TarEntry::Kind::block_device: {
      if (!privileged_) return {};
      const mode_t type = entry.kind == TarEntry::Kind::character_device ? S_IFCHR : S_IFBLK;
      // Not permitted in a user namespace; a container's runtime makes its own devices.
      if (::mknodat(at, name.c_str(), type | 0600, makedev(entry.device_major, entry.device_minor)) != 0) return {};
      break;
    }
    case TarEntry::Kind::fifo:
      if (::mknodat(at, name.c_str(), S_IFIFO | 0600, 0) != 0) return system_failure("make", entry.path);
      break;
  }
  // Before the mode: changing the owner clears set-user-id.
  if (privileged_ && ::fchownat(at, name.c_str(), static_cast<uid_t>(entry.owner), static_cast<gid_t>(entry.group),
                                AT_SYMLINK_NOFOLLOW) != 0) {
    return system_failure("change the owner of", entry.path);
  }
  if (entry.kind == TarEntry::Kind::symlink) return {};
  // An ordinary user must be able to go on writing below its own folders.
  const mode_t mode = entry.kind == TarEntry::Kind::directory && !privileged_ ? entry.mode | 0700U : entry.mode;
  if (::fchmodat(at, name.c_str(), mode, 0) != 0) return system_failure("change the mode of", entry.path);
  const timespec time{entry.modified, 0};
  const timespec times[2] = {time, time};
  ::utimensat(at, name.c_str(), times, AT_SYMLINK_NOFOLLOW);
  return {};
}

Status LayerApplier::apply_entry(TarReader& archive, const TarEntry& entry) {
  constexpr std::string_view whiteout = ".wh.";
  const auto parts = split(entry.path);
  if (!parts) return tl::unexpected(parts.error());
  if (parts->empty()) return {};  // the root itself
  const auto parent = open_parent(*parts);
  if (!parent) return tl::unexpected(parent.error());
  const std::string& name = parts->back();
  if (name == ".wh..wh..opq") return remove_content(*parent);
  if (name.starts_with(whiteout)) {
    const std::string hidden = name.substr(whiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..") return fail(ErrorKind::failed, "a whiteout names nothing");
    return remove(*parent, hidden);
  }
  return place(archive, entry, *parent, name);
}

Status LayerApplier::apply(TarReader& archive) {
  for (;;) {
    const auto entry = archive.next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) return {};
    if (auto applied = apply_entry(archive, **entry); !applied) return applied;
  }
}

Status apply_layers(const World& world, const ImageLayout& layout, const ImageManifest& manifest,
                    const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_failure("open", folder.string());
  LayerApplier applier{Folder(descriptor), ::geteuid() == 0};
  for (const Descriptor& layer : manifest.layers) {
    if (world.cancellation.requested()) return fail(ErrorKind::interrupted, "unpacking was interrupted");
    const auto path = layout.blob_path(layer.digest);
    if (!path) return tl::unexpected(path.error());
    const auto file = FileReader::open(*path);
    if (!file) return tl::unexpected(file.error());
    TarReader archive(decompress(file->source()));
    if (auto applied = applier.apply(archive); !applied) {
      return tl::unexpected(std::move(applied.error()).wrap(fmt::format("cannot unpack the layer {}", layer.digest)));
    }
  }
  return {};
}

}  // namespace

Status unpack(const World& world, const fs::path& layout_folder, const std::string& digest,
              const fs::path& destination) {
  if (world.files.info(destination)) return {};
  const auto lock = FileLock::acquire(destination.string() + ".lock");
  if (!lock) return tl::unexpected(lock.error());
  if (world.files.info(destination)) return {};
  const ImageLayout layout(world, layout_folder);
  const auto manifest = layout.manifest(digest);
  if (!manifest) return tl::unexpected(manifest.error());
  const fs::path partial = destination.string() + ".partial";
  if (auto removed = world.files.remove_all(partial); !removed) return removed;
  if (auto made = world.files.make_directories(partial); !made) return made;
  if (auto applied = apply_layers(world, layout, *manifest, partial); !applied) {
    (void)world.files.remove_all(partial);
    return applied;
  }
  return world.files.rename(partial, destination);
}

}  // namespace liminal::build
