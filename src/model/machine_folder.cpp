#include "liminal/model/machine_folder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace liminal::model {

bool is_machine_folder(const std::filesystem::path& folder) {
  constexpr std::array<std::string_view, 10> whole{"/bin", "/boot", "/etc", "/lib", "/root",
                                                   "/run", "/sbin", "/usr", "/var", "/"};
  constexpr std::array<std::string_view, 3> with_all_below{"/dev/", "/proc/", "/sys/"};
  const std::string path = (folder.has_filename() ? folder : folder.parent_path()).string();
  return std::find(whole.begin(), whole.end(), path) != whole.end() ||
         std::any_of(with_all_below.begin(), with_all_below.end(),
                     [&](std::string_view top) { return (path + "/").starts_with(top); });
}

}  // namespace liminal::model
