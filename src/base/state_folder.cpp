#include "liminal/base/state_folder.hpp"

namespace liminal {

Status make_state_folder(FileSystem& files, const std::filesystem::path& folder) {
  if (folder.filename() != ".liminal" || files.info(folder / ".gitignore")) return {};
  return files.write(folder / ".gitignore", "*\n");
}

}  // namespace liminal
