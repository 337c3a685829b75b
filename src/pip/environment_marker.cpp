#include "environment_marker.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace liminal::pip {

namespace {

// Those of PEP 508, and the older spellings that pip takes.
constexpr auto variables = std::to_array<std::string_view>({"python_version",
                                                            "python_full_version",
                                                            "os_name",
                                                            "os.name",
                                                            "sys_platform",
                                                            "sys.platform",
                                                            "platform_release",
                                                            "platform_system",
                                                            "platform_version",
                                                            "platform.version",
                                                            "platform_machine",
                                                            "platform.machine",
                                                            "platform_python_implementation",
                                                            "platform.python_implementation",
                                                            "python_implementation",
                                                            "implementation_name",
                                                            "implementation_version",
                                                            "extra",
                                                            "extras",
                                                            "dependency_groups"});
constexpr auto signs = std::to_array<std::string_view>({"===", "==", "~=", "!=", "<=", ">=", "<", ">"});
constexpr int deepest = 64;

class MarkerReader {
 public:
  explicit MarkerReader(std::string_view text) : rest_(text) {}

  std::optional<std::string> mistake() {
    if (!any() && !mistake_) fail("it ends too early");
    skip_blanks();
    if (!mistake_ && !rest_.empty()) fail(fmt::format("`{}` is not understood there", shown()));
    return mistake_;
  }

 private:
  bool any() {
    do {
      if (!all()) return false;
    } while (word("or"));
    return true;
  }

  bool all() {
    do {
      if (!one()) return false;
    } while (word("and"));
    return true;
  }

  bool one() {
    skip_blanks();
    if (!rest_.starts_with('(')) return value() && comparison() && value();
    if (++depth_ > deepest) return fail("its parentheses are nested too deeply");
    rest_.remove_prefix(1);
    if (!any()) return false;
    skip_blanks();
    if (!rest_.starts_with(')')) return fail("a parenthesis is not closed");
    rest_.remove_prefix(1);
    --depth_;
    return true;
  }

  bool value() {
    skip_blanks();
    if (rest_.empty()) return fail("it ends too early");
    if (rest_.front() == '"' || rest_.front() == '\'') {
      const auto end = rest_.find(rest_.front(), 1);
      if (end == std::string_view::npos) return fail("a quoted text is not closed");
      rest_.remove_prefix(end + 1);
      return true;
    }
    const std::string_view name = rest_.substr(0, name_length());
    if (std::find(variables.begin(), variables.end(), name) == variables.end())
      return fail(fmt::format("`{}` is neither a variable of markers nor a text in quotes", shown()));
    rest_.remove_prefix(name.size());
    return true;
  }

  bool comparison() {
    skip_blanks();
    for (const std::string_view sign : signs) {
      if (!rest_.starts_with(sign)) continue;
      rest_.remove_prefix(sign.size());
      return true;
    }
    if (word("in")) return true;
    if (word("not")) return word("in") || fail("`not` is followed by `in`");
    return fail(rest_.empty() ? "a comparison is missing" : fmt::format("`{}` is no comparison", shown()));
  }

  bool word(std::string_view wanted) {
    skip_blanks();
    if (rest_.substr(0, name_length()) != wanted) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  [[nodiscard]] std::size_t name_length() const {
    return std::min(rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."),
                    rest_.size());
  }

  // The word, or the sign, that is wrong.
  [[nodiscard]] std::string_view shown() const {
    return rest_.substr(0, std::max<std::size_t>(name_length(), rest_.empty() ? 0 : 1));
  }

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  bool fail(std::string why) {
    if (!mistake_) mistake_ = std::move(why);
    return false;
  }

  std::string_view rest_;
  std::optional<std::string> mistake_;
  int depth_ = 0;
};

}  // namespace

std::optional<std::string> marker_mistake(std::string_view text) {
  return MarkerReader(text).mistake();
}

}  // namespace liminal::pip
