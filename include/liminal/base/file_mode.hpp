// The modes of files that are written.
#pragma once

#include <cstdint>

namespace liminal {

// A file like any other: it keeps the mode of the file that it replaces, and a new one gets what the umask leaves. Any
// other mode is taken as it is.
inline constexpr std::uint32_t ordinary_file_mode = 0666;

}  // namespace liminal
