// liminal.toml: any option may stand in it once for all commands that take it, or below [COMMAND] for one of them. Its
// rules are in docs/configuration.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "liminal/base/result.hpp"
#include "liminal/cli/application.hpp"

#include "command_line.hpp"

namespace liminal::cli {

// Sets what the arguments and the environment have left open. `named` is the value of --config or LIMINAL_CONFIG; when
// nobody gave one, a liminal.toml is looked for in the working folder. To be called after the line is parsed.
// Gives the folder that reports have to stay in, where a file that was found names them.
// Errors (usage): the file cannot be read, has a mistake, or says what is not its to say.
[[nodiscard]] Result<std::optional<std::filesystem::path>> apply_configuration_file(
    CommandLine& line, const Machine& machine, const std::optional<std::string>& named);

// Whether a path may be written or read that a found file names: inside of `fence` with its links followed, and not in
// .git.
[[nodiscard]] bool stays_inside(const std::filesystem::path& fence, const std::filesystem::path& path);

}  // namespace liminal::cli
