#include "pip_configuration.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

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

// Where packages come from, and how they are asked for.
constexpr std::array<std::string_view, 16> taken{"index-url",     "pypi-url",        "extra-index-url",
                                                 "no-index",      "find-links",      "trusted-host",
                                                 "cert",          "client-cert",     "proxy",
                                                 "timeout",       "default-timeout", "retries",
                                                 "pre",           "prefer-binary",   "keyring-provider",
                                                 "use-deprecated"};
// What would be installed beside the image's own requirements, out of any file of the machine.
constexpr std::array<std::string_view, 7> refused{"requirement",      "requirements", "constraint", "constraints",
                                                  "build-constraint", "editable",     "group"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// As pip calls it, however it is written: --Index_URL is index-url.
std::string option_name(std::string_view line) {
  std::string_view written = line.substr(0, line.find_first_of("=:"));
  written = written.substr(0, written.find_last_not_of(" \t") + 1);
  if (written.starts_with("--")) written.remove_prefix(2);
  std::string name(written);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    if (c == '_') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

// What of a configuration is given to pip, read as Python's configparser reads it.
class Configuration {
 public:
  // Error (usage): the line, from 1, is none or is not taken.
  Status add(std::string_view line, const std::string& place) {
    if (is_blank(line)) return {};
    if (option_ && (line.front() == ' ' || line.front() == '\t')) return keep(line, kept_);
    option_ = false;
    if (is_section(line)) {
      in_section_ = true;
      return keep(line, true);
    }
    if (!in_section_ || !is_option(line)) {
      return fail(ErrorKind::usage, place + ": this is no configuration of pip's",
                  "a pip.conf has sections, such as [global], and below them lines NAME = VALUE");
    }
    const std::string name = option_name(line);
    if (holds(refused, name)) {
      return fail(ErrorKind::usage, fmt::format("{}: `{}` is not taken from an image's pip_conf", place, name),
                  "write it into the requirements.txt of the source");
    }
    option_ = true;
    kept_ = holds(taken, name);
    return keep(line, kept_);
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  Status keep(std::string_view line, bool kept) {
    if (kept) text_.append(line).push_back('\n');
    return {};
  }

  std::string text_;
  bool in_section_ = false;
  bool option_ = false;  // the line before is of an option, which this one may go on with
  bool kept_ = false;
};

}  // namespace

Result<std::string> read_pip_configuration(const World& world, const std::filesystem::path& file) {
  auto text = world.files.read(file, largest_configuration);
  if (!text) return tl::unexpected(std::move(text.error()).wrap("the image's pip_conf cannot be read"));
  Configuration configuration;
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (auto added = configuration.add(rest.substr(0, end), fmt::format("{}:{}", file.string(), number)); !added)
      return tl::unexpected(std::move(added.error()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::move(configuration).text();
}

}  // namespace liminal::build
