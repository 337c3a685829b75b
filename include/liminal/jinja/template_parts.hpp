// The pieces that a template of Jinja's is made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace liminal::jinja {

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] bool is_name_byte(char c);  // of a name of Jinja's
// Whether a text is one name of the kind that {{ }} of a liminal.yml may hold: with dots and dashes.
[[nodiscard]] bool is_placeholder(std::string_view name);
// The name that an expression begins with, behind brackets and signs; empty when there is none.
[[nodiscard]] std::string_view first_name(std::string_view expression);
// A string of Jinja's.
[[nodiscard]] std::string quoted(std::string_view text);

// One part of a text: plain, or what stands between {{ }} or {% %}.
struct Part {
  enum class Kind { text, expression, statement };
  Kind kind = Kind::text;
  std::string_view text;     // plain text; or the inside, without the marks of white space
  std::string_view opening;  // {{ or {{- and the like
  std::string_view closing;
  std::string_view whole;
};

// Splits a text. {% %} that no statement of Jinja's is in, and statements that are not closed, are plain text.
[[nodiscard]] std::vector<Part> parts(std::string_view text);

// Names that {% set %} and {% for %} give.
[[nodiscard]] std::vector<std::string_view> local_names(const std::vector<Part>& parts);

}  // namespace liminal::jinja
