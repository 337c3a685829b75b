#include "liminal/base/file_stream.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "liminal/base/cancellation.hpp"

#include "descriptor.hpp"
#include "new_file.hpp"
#include "system_failure.hpp"

namespace liminal {

namespace {

constexpr int file_flags = O_RDWR | O_CREAT;  // of a file that is there to be locked

}  // namespace

Result<FileReader> FileReader::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_failure("read", path, errno);
  FileReader reader(descriptor, 0);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return system_failure("read", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::usage, fmt::format("cannot read {}: it is not a regular file", path.string()));
  }
  reader.size_ = static_cast<std::uint64_t>(status.st_size);
  return reader;
}

FileReader::FileReader(FileReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

FileReader::~FileReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> FileReader::read_at(std::uint64_t offset, char* buffer, std::size_t capacity) const {
  std::size_t length = 0;
  while (length < capacity) {
    const ssize_t count = ::pread(descriptor_, buffer + length, capacity - length, static_cast<off_t>(offset + length));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorKind::failed, fmt::format("cannot read a file: {}", std::strerror(errno)));
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  return length;
}

ByteSource FileReader::source() const {
  return [this, offset = std::uint64_t{0}](char* buffer, std::size_t capacity) mutable -> Result<std::size_t> {
    auto count = read_at(offset, buffer, capacity);
    if (count) offset += *count;
    return count;
  };
}

Result<FileWriter> FileWriter::create(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) return system_failure("make the folder", folder, code.value());
  auto file = std::make_unique<NewFile>(folder, ".partial-", ordinary_file_mode);
  if (!file->valid()) return system_failure("write in", folder, errno);
  return FileWriter(folder, std::move(file));
}

FileWriter::FileWriter(std::filesystem::path folder, std::unique_ptr<NewFile> file)
    : folder_(std::move(folder)), file_(std::move(file)) {}
FileWriter::FileWriter(FileWriter&& other) noexcept = default;
FileWriter::~FileWriter() = default;

Status FileWriter::write(std::string_view bytes) {
  if (!write_all(file_->get(), bytes)) return system_failure("write in", folder_, errno);
  return {};
}

Status FileWriter::commit(const std::filesystem::path& path) {
  if (!file_->commit(path)) return system_failure("write", path, errno);
  return {};
}

Result<FileLock> FileLock::open(const std::filesystem::path& path, int flags) {
  const std::filesystem::path folder = (flags & O_DIRECTORY) != 0 ? path : path.parent_path();
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) return system_failure("make the folder", folder, code.value());
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_failure("lock", path, errno);
  return FileLock(descriptor);
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
  auto lock = open(path, file_flags);
  while (lock && ::flock(lock->descriptor_, LOCK_EX) != 0) {
    if (errno != EINTR) return system_failure("lock", path, errno);
  }
  return lock;
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path, const Cancellation& cancellation) {
  return wait_for(path, file_flags, cancellation);
}

Result<FileLock> FileLock::acquire_folder(const std::filesystem::path& folder, const Cancellation& cancellation) {
  return wait_for(folder, O_RDONLY | O_DIRECTORY, cancellation);
}

Result<std::optional<FileLock>> FileLock::try_acquire(const std::filesystem::path& path) {
  return try_acquire(path, file_flags);
}

Result<FileLock> FileLock::wait_for(const std::filesystem::path& path, int flags, const Cancellation& cancellation) {
  constexpr std::chrono::milliseconds pause{20};
  for (;;) {
    auto lock = try_acquire(path, flags);
    if (!lock) return tl::unexpected(std::move(lock.error()));
    if (*lock) return std::move(**lock);
    // A signal may reach another thread, so that nothing would wake one that waits in flock().
    if (cancellation.requested())
      return fail(ErrorKind::interrupted, fmt::format("stopped while waiting for {}, held elsewhere", path.string()));
    std::this_thread::sleep_for(pause);
  }
}

Result<std::optional<FileLock>> FileLock::try_acquire(const std::filesystem::path& path, int flags) {
  auto lock = open(path, flags);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  while (::flock(lock->descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<FileLock>();
    if (errno != EINTR) return system_failure("lock", path, errno);
  }
  return std::optional<FileLock>(std::move(*lock));
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace liminal
