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

fs::path real_place(const fs::path& path) {
  constexpr int most_links = 40;  // as the kernel has it
  fs::path place = path;
  for (int links = 0; links < most_links; ++links) {
    std::error_code failed;
    fs::path known = fs::weakly_canonical(place, failed);
    if (failed) return {};
    // What is there is free of links now; the first part that is not may still be a link to nothing.
    fs::path at;
    auto part = known.begin();
    for (; part != known.end(); ++part) {
      at /= *part;
      if (fs::is_symlink(at, failed)) break;
    }
    if (part == known.end()) return known;
    place = at.parent_path() / fs::read_symlink(at, failed);
    if (failed) return {};
    for (++part; part != known.end(); ++part) place /= *part;
  }
  return {};
}

bool lies_beneath(const fs::path& folder, const fs::path& path) {
  const fs::path root = real_place(folder);
  const fs::path inner = real_place(path);
  if (root.empty() || inner.empty()) return false;
  return std::mismatch(root.begin(), root.end(), inner.begin(), inner.end()).first == root.end();
}

}  // namespace liminal
