#include "pip_configuration.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace liminal::build {

namespace {

constexpr std::uint64_t largest_configuration = 1U << 20U;

bool is_blank(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r\f\v");
  return begin == std::string_view::npos || line[begin] == '#' || line[begin] == ';';
}

bool is_section(std::string_view line) {
  return line.starts_with('[') && line.find(']') != std::string_view::npos && line.find(']') > 1;
}

bool is_option(std::string_view line) {
  const std::size_t divider = line.find_first_of("=:");
  return divider != std::string_view::npos && line.find_first_not_of(" \t") < divider;
}

// The first line, from 1, that Python's configparser would refuse; 0: none.
std::size_t refused_line(std::string_view text) {
  bool in_section = false;
  bool after_option = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(line)) continue;
    const bool continues = after_option && (line.front() == ' ' || line.front() == '\t');
    if (continues) continue;
    if (is_section(line)) {
      in_section = true;
      after_option = false;
    } else if (in_section && is_option(line)) {
      after_option = true;
    } else {
      return number;
    }
  }
  return 0;
}

}  // namespace

Result<std::string> read_pip_configuration(const World& world, const std::filesystem::path& file) {
  auto text = world.files.read(file, largest_configuration);
  if (!text) return tl::unexpected(std::move(text.error()).wrap("the image's pip_conf cannot be read"));
  if (const std::size_t line = refused_line(*text); line != 0) {
    return fail(ErrorKind::usage, fmt::format("{}:{}: this is no configuration of pip's", file.string(), line),
                "a pip.conf has sections, such as [global], and below them lines NAME = VALUE");
  }
  return text;
}

}  // namespace liminal::build
