#include "special_file.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.hpp"
#include "system_failure.hpp"

namespace liminal {

namespace {

namespace fs = std::filesystem;
constexpr int most_links = 40;  // as the kernel has it

// The number in /proc/self/fd/N.
std::optional<int> descriptor_in(const fs::path& path) {
  std::error_code failed;
  const fs::path folder = fs::canonical(path.parent_path(), failed);
  if (failed || folder != fmt::format("/proc/{}/fd", ::getpid())) return std::nullopt;
  const std::string name = path.filename().string();
  int number = -1;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// The open file of this process that a path leads to: opened a second time, a regular one would be written from its
// beginning, over what stands there, and a socket not at all.
std::optional<int> own_descriptor(fs::path path) {
  for (int links = 0; links < most_links; ++links) {
    if (const auto number = descriptor_in(path)) return number;
    std::error_code failed;
    const fs::path target = fs::read_symlink(path, failed);
    if (failed) return std::nullopt;
    path = path.parent_path() / target;
  }
  return std::nullopt;
}

// Without waiting in the kernel: a pipe that nobody reads would hold the program for ever. Who starts the reader
// together with the program is given a second.
int open_to_write(const fs::path& path) {
  constexpr int attempts = 20;
  constexpr std::chrono::milliseconds pause{50};
  for (int attempt = 1;; ++attempt) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0 || errno != ENXIO || attempt == attempts) return descriptor;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

bool is_special_file(const fs::path& path) {
  if (own_descriptor(path)) return true;
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

Status write_special_file(const fs::path& path, std::string_view content) {
  if (const auto number = own_descriptor(path)) {
    if (!write_all(*number, content)) return system_failure("write", path, errno);
    return {};
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_failure("write", path, errno);
  if (!S_ISCHR(status.st_mode) && !S_ISFIFO(status.st_mode))
    return fail(ErrorKind::usage, fmt::format("cannot write {}: it is a disk or a socket", path.string()),
                "name a file, a pipe or a terminal");
  const Descriptor file(open_to_write(path));
  if (!file.valid() && errno == ENXIO && S_ISFIFO(status.st_mode))
    return fail(ErrorKind::usage, fmt::format("cannot write {}: nobody reads from it", path.string()),
                "start what reads from it first");
  if (!file.valid()) return system_failure("write", path, errno);
  const int flags = ::fcntl(file.get(), F_GETFL);
  if (::fcntl(file.get(), F_SETFL, flags & ~O_NONBLOCK) != 0 || !write_all(file.get(), content))
    return system_failure("write", path, errno);
  return {};
}

}  // namespace liminal
