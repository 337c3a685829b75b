#include "liminal/model/machine_folder.hpp"

#include <string>

namespace liminal::model {

bool is_machine_folder(const std::filesystem::path& folder) {
  for (const char* whole :
       {"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var"}) {
    if (folder == whole || folder == std::string(whole) + "/") return true;
  }
  const std::string text = folder.string() + "/";
  return text.starts_with("/proc/") || text.starts_with("/sys/") || text.starts_with("/dev/");
}

}  // namespace liminal::model
