// A requirements.txt as wheels: resolved and downloaded by this machine's pip for the image's Python, and kept, so that
// the same requirements need no network a second time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/build/build.hpp"

#include "base_index.hpp"
#include "wheel.hpp"

namespace liminal::build {

struct Requirements {
  std::filesystem::path folder;    // the source folder, absolute; files named by -r, -c and -f must lie beneath it
  std::string file;                // requirements.txt, relative to it
  std::filesystem::path pip_conf;  // absolute; empty: none
};

// Every byte that decides what pip would choose, for a content key: the requirements with what they include, the wheels
// they carry along, a hash of pip_conf. Runs nothing. Errors (usage), each with file and line: a file that is missing
// or leaves the folder, an option or a requirement that cannot be reproduced or is unsafe.
[[nodiscard]] Result<std::string> requirements_text(const World& world, const Requirements& requirements);

// The wheels, sorted by name. Taken from options.cache when the same was resolved before (no_cache: asked anew).
// `line` gets pip's own progress, without credentials; `asks` is called before pip is. Errors: usage as above;
// unavailable (no pip, no network); failed (pip's last lines as excerpt).
[[nodiscard]] Result<std::vector<Wheel>> download_wheels(const World& world, const Requirements& requirements,
                                                         const PythonEnvironment& python, const Options& options,
                                                         const std::function<void(std::string_view)>& line,
                                                         const std::function<void()>& asks = {});

}  // namespace liminal::build
