// Folders that the machine itself lives in: no volume is one of them as a whole.
#pragma once

#include <filesystem>

namespace liminal::model {

// `folder` is absolute. A folder below one of them is no machine's folder, but what is below /proc, /sys, /dev and /run
// is.
[[nodiscard]] bool is_machine_folder(const std::filesystem::path& folder);

}  // namespace liminal::model
