#include "liminal/build/unpack.hpp"

#include <cerrno>
#include <cstring>
#include <set>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/sha256.hpp"
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

std::string join(const std::vector<std::string>& parts, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) path += (i == 0 ? "" : "/") + parts[i];
  return path;
}

// A folder that a link leads to, the link read as a process in a container would read it: it cannot lead outside.
int open_in_root(int root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how)));
}

tl::unexpected<Error> interrupted() {
  return fail(ErrorKind::interrupted, "unpacking was interrupted");
}

class LayerApplier {
 public:
  LayerApplier(Folder root, bool privileged, const Cancellation& cancellation)
      : root_(std::move(root)), privileged_(privileged), cancellation_(cancellation) {}

  Status apply(TarReader& archive);

 private:
  Result<Folder> open_parent(const std::vector<std::string>& parts) const;
  Status apply_entry(TarReader& archive, const TarEntry& entry);
  Status place(TarReader& archive, const TarEntry& entry, const Folder& parent, const std::string& name) const;
  Status write_file(TarReader& archive, const TarEntry& entry, const Folder& parent, const std::string& name) const;
  Status set_root(const TarEntry& entry) const;
  Status remove(const Folder& parent, const std::string& name) const;
  Status hide(const Folder& parent, const std::string& name, const std::string& path) const;
  Status hide_content(const Folder& folder, const std::string& path) const;

  Folder root_;
  bool privileged_;
  const Cancellation& cancellation_;
  std::set<std::string, std::less<>> placed_;  // by this layer, parents included: a whiteout does not hide them
};

// Makes missing parents.
Result<Folder> LayerApplier::open_parent(const std::vector<std::string>& parts) const {
  Folder current(::dup(root_.get()));
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const char* name = parts[i].c_str();
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int next = ::openat(current.get(), name, flags);
    if (next < 0 && errno == ENOENT && ::mkdirat(current.get(), name, 0755) == 0) {
      next = ::openat(current.get(), name, flags);
      // Whatever the umask is.
      if (next >= 0 && ::fchmod(next, 0755) != 0) return system_failure("make", parts[i]);
    }
    if (next < 0 && (errno == ELOOP || errno == ENOTDIR)) {
      next = open_in_root(root_.get(), join(parts, i + 1));
      if (next < 0) {
        return fail(ErrorKind::failed,
                    fmt::format("a layer writes below `{}`, which is no folder", join(parts, i + 1)));
      }
    }
    if (next < 0) return system_failure("open the folder", parts[i]);
    current = Folder(next);
  }
  return current;
}

Status LayerApplier::remove(const Folder& parent, const std::string& name) const {
  if (::unlinkat(parent.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  std::error_code code;
  fs::remove_all(fmt::format("/proc/self/fd/{}/{}", parent.get(), name), code);
  if (code) return fail(ErrorKind::failed, fmt::format("cannot remove {}: {}", name, code.message()));
  return {};
}

// Removes what lower layers have there; `path` is the same from the root.
Status LayerApplier::hide(const Folder& parent, const std::string& name, const std::string& path) const {
  if (!placed_.contains(path)) return remove(parent, name);
  const int descriptor = ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return {};  // this layer's own file
  return hide_content(Folder(descriptor), path);
}

Status LayerApplier::hide_content(const Folder& folder, const std::string& path) const {
  std::error_code code;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fmt::format("/proc/self/fd/{}", folder.get()), code)) {
    names.push_back(entry.path().filename().string());
  }
  if (code) return fail(ErrorKind::failed, fmt::format("cannot read the folder {}: {}", path, code.message()));
  for (const std::string& name : names) {
    if (auto hidden = hide(folder, name, path.empty() ? name : fmt::format("{}/{}", path, name)); !hidden)
      return hidden;
  }
  return {};
}

Status LayerApplier::write_file(TarReader& archive, const TarEntry& entry, const Folder& parent,
                                const std::string& name) const {
  const int file = ::openat(parent.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return system_failure("write", entry.path);
  const Folder guard(file);
  std::vector<char> buffer(std::size_t{256} << 10U);
  for (;;) {
    if (cancellation_.requested()) return interrupted();
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
    // A container's runtime makes its own; one of an image could lead to the machine's disk.
    case TarEntry::Kind::character_device:
    case TarEntry::Kind::block_device:
      return {};
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

// The image's own root folder.
Status LayerApplier::set_root(const TarEntry& entry) const {
  if (entry.kind != TarEntry::Kind::directory) return {};
  const mode_t mode = privileged_ ? entry.mode : entry.mode | 0700U;
  if (::fchmod(root_.get(), mode) != 0) return system_failure("change the mode of", "the root folder");
  return {};
}

Status LayerApplier::apply_entry(TarReader& archive, const TarEntry& entry) {
  constexpr std::string_view whiteout = ".wh.";
  const auto parts = split(entry.path);
  if (!parts) return tl::unexpected(parts.error());
  if (parts->empty()) return set_root(entry);
  const auto parent = open_parent(*parts);
  if (!parent) return tl::unexpected(parent.error());
  const std::string& name = parts->back();
  const std::string folder = join(*parts, parts->size() - 1);
  if (name == ".wh..wh..opq") return hide_content(*parent, folder);
  if (name.starts_with(whiteout)) {
    const std::string hidden = name.substr(whiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..") return fail(ErrorKind::failed, "a whiteout names nothing");
    return hide(*parent, hidden, folder.empty() ? hidden : folder + "/" + hidden);
  }
  for (std::size_t count = 1; count <= parts->size(); ++count) placed_.insert(join(*parts, count));
  return place(archive, entry, *parent, name);
}

Status LayerApplier::apply(TarReader& archive) {
  placed_.clear();
  for (;;) {
    if (cancellation_.requested()) return interrupted();
    const auto entry = archive.next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) return {};
    if (auto applied = apply_entry(archive, **entry); !applied) return applied;
  }
}

// The blob's bytes on their way, hashed.
class HashedBlob {
 public:
  HashedBlob(const FileReader& file, const Cancellation& cancellation)
      : source_(file.source()), cancellation_(cancellation) {}

  [[nodiscard]] ByteSource source() {
    return [this](char* buffer, std::size_t capacity) -> Result<std::size_t> {
      if (cancellation_.requested()) return interrupted();
      auto count = source_(buffer, capacity);
      if (count) hash_.update({buffer, *count});
      return count;
    };
  }
  // Reads what is left and compares.
  Status check(const std::string& digest) {
    std::vector<char> buffer(std::size_t{256} << 10U);
    for (const ByteSource rest = source();;) {
      const auto count = rest(buffer.data(), buffer.size());
      if (!count) return tl::unexpected(count.error());
      if (*count == 0) break;
    }
    if ("sha256:" + hash_.hex() == digest) return {};
    return fail(ErrorKind::failed, "its content is not what its digest says", "build or pull the image again");
  }

 private:
  ByteSource source_;
  const Cancellation& cancellation_;
  Sha256 hash_;
};

Status apply_layer(LayerApplier& applier, const fs::path& blob, const std::string& digest,
                   const Cancellation& cancellation) {
  const auto file = FileReader::open(blob);
  if (!file) return tl::unexpected(file.error());
  HashedBlob content(*file, cancellation);
  TarReader archive(decompress(content.source()));
  if (auto applied = applier.apply(archive); !applied) return applied;
  return content.check(digest);
}

Status apply_layers(const World& world, const ImageLayout& layout, const ImageManifest& manifest,
                    const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_failure("open", folder.string());
  if (::fchmod(descriptor, 0755) != 0) return system_failure("change the mode of", folder.string());
  LayerApplier applier{Folder(descriptor), ::geteuid() == 0, world.cancellation};
  for (const Descriptor& layer : manifest.layers) {
    const auto path = layout.blob_path(layer.digest);
    if (!path) return tl::unexpected(path.error());
    if (auto applied = apply_layer(applier, *path, layer.digest, world.cancellation); !applied) {
      Error error = std::move(applied.error());
      if (error.kind == ErrorKind::interrupted) return tl::unexpected(std::move(error));
      if (error.advice.empty()) error.advice = "build the image anew: liminal build --no-cache";
      return tl::unexpected(std::move(error).wrap(fmt::format("cannot unpack the layer {}", layer.digest)));
    }
  }
  return {};
}

}  // namespace

Status unpack(const World& world, const fs::path& layout_folder, const std::string& digest,
              const fs::path& destination) {
  if (world.files.info(destination)) return {};
  const auto lock = FileLock::acquire(destination.string() + ".lock", world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  if (world.files.info(destination)) return {};
  const ImageLayout layout(world, layout_folder);
  const auto manifest = layout.manifest(digest);
  if (!manifest) return tl::unexpected(manifest.error());
  const fs::path partial = destination.string() + ".partial";
  if (auto removed = world.files.remove_all(partial); !removed) return removed;
  if (auto made = world.files.make_directories(partial); !made) return made;
  // A set-user-id program of an image is for its containers, not for other users of the machine.
  if (::chmod(destination.parent_path().c_str(), 0700) != 0)
    return system_failure("change the mode of", destination.parent_path().string());
  if (auto applied = apply_layers(world, layout, *manifest, partial); !applied) {
    (void)world.files.remove_all(partial);
    return applied;
  }
  return world.files.rename(partial, destination);
}

}  // namespace liminal::build
