// What is wrong with a command line, in this program's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "liminal/base/result.hpp"

namespace liminal::cli {

// From what the parser found in these arguments and the environment: the option, variable or command at fault, what it
// takes, and the nearest that there is.
[[nodiscard]] Error usage_error(const CLI::App& app, const std::vector<std::string>& arguments,
                                const CLI::ParseError& problem);

// A check that a value is one of these, which tells them when it is not.
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> values);

// A check that a value is not empty: of a variable that is not set (`--context "$CONTEXT"`) comes an option that means
// nothing to some and this folder or everything to others.
[[nodiscard]] CLI::Validator not_empty();
// Of an argument such as `--context=`, which the parser would give what follows it. Empty: there is none.
[[nodiscard]] std::optional<Error> value_left_out(const std::vector<std::string>& arguments);

// A check that a value is a whole number of these.
[[nodiscard]] CLI::Validator between(unsigned least, unsigned most);

}  // namespace liminal::cli
