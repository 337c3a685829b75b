// Folders that the machine itself lives in: no volume is one of them.
#pragma once

#include <filesystem>

namespace liminal::model {

// `folder` is absolute. Below /etc, /usr, /var and /root are users' folders too: there it is those alone whose files
// are run or trusted, such as /etc/cron.d and /root/.ssh. All that is below /proc, /sys, /dev and /run is the
// machine's.
[[nodiscard]] bool is_machine_folder(const std::filesystem::path& folder);

}  // namespace liminal::model
