// One line of a requirements file: its words, options (pip) and requirements (PEP 508).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace liminal::pip {

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] bool is_plain_text(std::string_view text);  // printable ASCII and tabs

// Words as a shell's quotes divide them; empty when a quote is not closed.
[[nodiscard]] std::optional<std::vector<std::string>> split_words(std::string_view text);

// The first ${NAME} that pip must not replace: one whose name does not begin with PIP_, or that is one of pip's own
// settings, whose addresses may hold a password.
[[nodiscard]] std::optional<std::string> forbidden_variable(std::string_view text);

[[nodiscard]] bool is_web_address(std::string_view text);  // http or https, without spaces and quotes
// A name or password before the host that is not made of variables alone.
[[nodiscard]] bool has_credentials(std::string_view address);
// The text with **** for what may be a secret in each of its words: what stands before the last @ (behind // or =,
// where there is one), and what stands behind a question mark. Addresses without a scheme are covered, too.
[[nodiscard]] std::string without_credentials(std::string_view text);

struct RequirementOption {
  std::string name;  // in its long form
  std::string value;
  bool takes_value = false;
};

// The option at `tokens[position]`, moving past it and its value. Empty: pip knows no such option in this place.
[[nodiscard]] std::optional<RequirementOption> take_option(const std::vector<std::string>& tokens,
                                                           std::size_t& position);

struct ParsedRequirement {
  std::string name;  // empty for an address alone
  std::string text;
};

struct RequirementMistake {
  std::string what;
  std::string advice;      // may be empty
  bool malformed = false;  // pip refuses it, too; otherwise it is unsafe, or cannot be reproduced
};

// A requirement and its --hash options.
[[nodiscard]] tl::expected<ParsedRequirement, RequirementMistake> parse_requirement(std::string_view text);

}  // namespace liminal::pip
