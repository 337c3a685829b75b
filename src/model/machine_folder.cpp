#include "liminal/model/machine_folder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace liminal::model {

bool is_machine_folder(const std::filesystem::path& folder) {
  constexpr std::array<std::string_view, 7> whole{"/etc", "/home", "/root", "/usr", "/var", "/var/lib", "/"};
  // Below /run are the sockets of the machine's daemons: whoever reaches Docker's is root. So is whoever writes below
  // the others.
  constexpr std::array<std::string_view, 24> with_all_below{"/bin/",
                                                            "/boot/",
                                                            "/dev/",
                                                            "/etc/cron.d/",
                                                            "/etc/init.d/",
                                                            "/etc/kubernetes/",
                                                            "/etc/pam.d/",
                                                            "/etc/profile.d/",
                                                            "/etc/ssh/",
                                                            "/etc/sudoers.d/",
                                                            "/etc/systemd/",
                                                            "/lib/",
                                                            "/lib64/",
                                                            "/proc/",
                                                            "/run/",
                                                            "/sbin/",
                                                            "/sys/",
                                                            "/usr/bin/",
                                                            "/usr/lib/",
                                                            "/usr/sbin/",
                                                            "/var/lib/docker/",
                                                            "/var/lib/containerd/",
                                                            "/var/lib/kubelet/",
                                                            "/var/run/"};
  // `//` is a path of its own to std::filesystem, and `/` to Linux.
  const std::filesystem::path tidy = ("/" / folder.relative_path()).lexically_normal();
  const std::string path = (tidy.has_filename() ? tidy : tidy.parent_path()).string();
  return std::find(whole.begin(), whole.end(), path) != whole.end() || (path + "/").find("/.ssh/") != path.npos ||
         std::any_of(with_all_below.begin(), with_all_below.end(),
                     [&](std::string_view top) { return (path + "/").starts_with(top); });
}

}  // namespace liminal::model
