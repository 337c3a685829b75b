#include "report_file.hpp"

namespace liminal::cli {

namespace {

// Names there stand for what a process has open, whatever that is.
bool names_a_descriptor(const std::filesystem::path& path) {
  const std::string text = path.string();
  return text.starts_with("/dev/") || text.starts_with("/proc/");
}

}  // namespace

Status write_report(FileSystem& files, const std::filesystem::path& path, std::string_view content) {
  const auto target = files.info_following_links(path);
  const bool special = target && target->kind != FileInfo::Kind::regular;
  if (special || names_a_descriptor(path)) return files.write_into(path, content);
  return files.write(path, content, 0644);
}

}  // namespace liminal::cli
