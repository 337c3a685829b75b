// Files too large for memory, and locks between processes. Of the machine's own file system.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "liminal/base/byte_stream.hpp"
#include "liminal/base/result.hpp"

namespace liminal {

class Cancellation;
class NewFile;

class FileReader {
 public:
  [[nodiscard]] static Result<FileReader> open(const std::filesystem::path& path);
  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&&) = delete;
  ~FileReader();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Up to `capacity` bytes from `offset`; fewer only at the end.
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t capacity) const;
  // From the beginning. The reader must outlive the source.
  [[nodiscard]] ByteSource source() const;

 private:
  FileReader(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
};

// A file in the making: it appears under its final name whole, or not at all.
class FileWriter {
 public:
  // In `folder`, which is made when it is not there.
  [[nodiscard]] static Result<FileWriter> create(const std::filesystem::path& folder);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();

  Status write(std::string_view bytes);
  // Flushed to the disk, then given its name, of the folder that it is made in. Its mode is `ordinary_file_mode`.
  Status commit(const std::filesystem::path& path);

 private:
  FileWriter(std::filesystem::path folder, std::unique_ptr<NewFile> file);
  std::filesystem::path folder_;
  std::unique_ptr<NewFile> file_;
};

// Held by one process (and one object in it) at a time; let go when it goes out of scope or the process ends.
class FileLock {
 public:
  // Waits for it.
  [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& path);
  // The same, until it is cancelled. Errors: interrupted.
  [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& path, const Cancellation& cancellation);
  // That of a folder, which is made where it is not there; it leaves no file behind.
  [[nodiscard]] static Result<FileLock> acquire_folder(const std::filesystem::path& folder,
                                                       const Cancellation& cancellation);
  // Empty when it is held.
  [[nodiscard]] static Result<std::optional<FileLock>> try_acquire(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  [[nodiscard]] static Result<FileLock> open(const std::filesystem::path& path, int flags);
  [[nodiscard]] static Result<std::optional<FileLock>> try_acquire(const std::filesystem::path& path, int flags);
  [[nodiscard]] static Result<FileLock> wait_for(const std::filesystem::path& path, int flags,
                                                 const Cancellation& cancellation);
  int descriptor_;
};

}  // namespace liminal
