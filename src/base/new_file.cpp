#include "new_file.hpp"

#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "liminal/base/random.hpp"

namespace liminal {

namespace {

namespace fs = std::filesystem;

std::string link_of(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

// Tries names until one is free. `make` returns a number below 0 with errno EEXIST when its name is taken.
template <class Make>
int with_fresh_name(const fs::path& prefix, fs::path& name, Make make) {
  constexpr int attempts = 100;
  constexpr std::size_t length = 6;
  int result = -1;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    name = prefix.string() + random_text(length);
    result = make(name);
    if (result >= 0 || errno != EEXIST) break;
  }
  if (result < 0) name.clear();
  return result;
}

std::optional<std::uint32_t> mode_of_file(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status.st_mode & 0777U;
}

}  // namespace

NewFile::NewFile(const fs::path& folder, const std::string& prefix, std::uint32_t mode)
    : prefix_(folder / prefix), mode_(mode) {
  const fs::path place = folder.empty() ? fs::path(".") : folder;
  Descriptor nameless(::open(place.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  // Without /proc it could not be given a name.
  if (nameless.valid() && ::access(link_of(nameless.get()).c_str(), F_OK) == 0) {
    file_ = std::move(nameless);
    return;
  }
  file_ = Descriptor(with_fresh_name(prefix_, name_, [mode](const fs::path& name) {
    return ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  }));
  // The file that it replaces may be for fewer eyes.
  struct stat status {};
  if (mode == ordinary_file_mode && file_.valid() && ::fstat(file_.get(), &status) == 0) {
    left_by_umask_ = status.st_mode & 0777U;
    (void)::fchmod(file_.get(), 0600);
  }
}

NewFile::NewFile(NewFile&& other) noexcept
    : prefix_(std::move(other.prefix_)),
      mode_(other.mode_),
      left_by_umask_(other.left_by_umask_),
      file_(std::move(other.file_)),
      name_(std::exchange(other.name_, {})) {}

NewFile::~NewFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
}

bool NewFile::commit(const fs::path& path) {
  std::optional<std::uint32_t> mode = mode_;
  if (mode_ == ordinary_file_mode) {
    mode = mode_of_file(path);
    if (!mode) mode = left_by_umask_;
  }
  if (mode && ::fchmod(file_.get(), *mode) != 0) return false;
  return ::fsync(file_.get()) == 0 && put_at(path) && ::close(file_.release()) == 0;
}

bool NewFile::put_at(const fs::path& path) {
  if (name_.empty()) {
    const std::string from = link_of(file_.get());
    const auto link_to = [&from](const fs::path& to) {
      return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW);
    };
    if (link_to(path) == 0) return true;
    // Only a rename replaces what is there.
    if (errno != EEXIST || with_fresh_name(prefix_, name_, link_to) != 0) return false;
  }
  if (::rename(name_.c_str(), path.c_str()) != 0) return false;
  name_.clear();
  return true;
}

}  // namespace liminal
