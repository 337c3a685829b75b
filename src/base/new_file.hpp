// A file in the making. It has no name until it is whole, where the file system can do that, so that nothing is left
// of it when the program is killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "liminal/base/file_mode.hpp"

#include "descriptor.hpp"

namespace liminal {

class NewFile {
 public:
  // In `folder`, which is there. Where it takes a name from the start, that begins with `prefix`. Not `valid`: errno
  // says why not.
  NewFile(const std::filesystem::path& folder, const std::string& prefix, std::uint32_t mode);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  [[nodiscard]] bool valid() const { return file_.valid(); }
  [[nodiscard]] int get() const { return file_.get(); }
  // Flushed to the disk and put at `path`, in the place of what is there. False: errno says why not.
  [[nodiscard]] bool commit(const std::filesystem::path& path);

 private:
  [[nodiscard]] bool put_at(const std::filesystem::path& path);

  std::filesystem::path prefix_;
  std::uint32_t mode_;
  std::optional<std::uint32_t> left_by_umask_;  // where it is not the file's mode yet
  Descriptor file_{-1};
  std::filesystem::path name_;  // empty while it has none
};

}  // namespace liminal
