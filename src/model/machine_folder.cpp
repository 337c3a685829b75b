#include "liminal/model/machine_folder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace liminal::model {

bool is_machine_folder(const std::filesystem::path& folder) {
  constexpr std::array<std::string_view, 9> whole{"/bin",  "/boot", "/etc", "/lib", "/root",
                                                  "/sbin", "/usr",  "/var", "/"};
  // Below /run are the sockets of the machine's daemons: whoever reaches Docker's is root.
  constexpr std::array<std::string_view, 5> with_all_below{"/dev/", "/proc/", "/run/", "/sys/", "/var/run/"};
  // `//` is a path of its own to std::filesystem, and `/` to Linux.
  const std::filesystem::path tidy = ("/" / folder.relative_path()).lexically_normal();
  const std::string path = (tidy.has_filename() ? tidy : tidy.parent_path()).string();
  return std::find(whole.begin(), whole.end(), path) != whole.end() ||
         std::any_of(with_all_below.begin(), with_all_below.end(),
                     [&](std::string_view top) { return (path + "/").starts_with(top); });
}

}  // namespace liminal::model
