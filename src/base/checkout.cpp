#include "liminal/base/checkout.hpp"

#include <algorithm>

namespace liminal {

namespace fs = std::filesystem;

std::optional<fs::path> find_checkout(const FileSystem& files, const fs::path& start) {
  std::error_code failed;
  const fs::path absolute = fs::weakly_canonical(start, failed);
  for (fs::path folder = failed ? start : absolute; !folder.empty(); folder = folder.parent_path()) {
    if (files.info(folder / ".git")) return folder;
    if (folder == folder.parent_path()) break;
  }
  return std::nullopt;
}

bool lies_beneath(const fs::path& folder, const fs::path& path) {
  std::error_code failed;
  const fs::path root = fs::weakly_canonical(folder, failed);
  const fs::path inner = fs::weakly_canonical(path, failed);
  return std::mismatch(root.begin(), root.end(), inner.begin(), inner.end()).first == root.end();
}

}  // namespace liminal
