// The part of TOML that liminal.toml is written in: tables one level deep; strings on one line, whole numbers,
// booleans, and lists of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace liminal::cli {

struct TomlEntry {
  std::string table;  // empty: above the first table
  std::string key;
  std::vector<std::string> values;
  bool is_list = false;
  bool is_string = false;  // of a single value: it stood in quotes
  std::size_t line = 0;    // from 1
};

// Told without the file's own text, unless that is a word such as keys are made of: what was read may be another file.
struct TomlMistake {
  std::size_t line = 0;
  std::string message;
  std::string advice;
};

[[nodiscard]] tl::expected<std::vector<TomlEntry>, TomlMistake> parse_toml(std::string_view text);

}  // namespace liminal::cli
