// The expression inside {{ }}, by the grammar of Jinja 3.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace liminal::jinja {

struct Expression {
  // `other` is what no run outside Airflow evaluates: comparisons, conditions, lists and the like.
  enum class Kind { text, integer, name, attribute, item, call, filter, test, add, subtract, concatenate, other };
  Kind kind = Kind::text;
  std::string name;         // of a name, attribute, filter or test; the text of a text; the sign or word of an `other`
  std::size_t begin = 0;    // where the name of a name, filter or test stands, in bytes
  std::int64_t number = 0;  // of an integer
  std::unique_ptr<Expression> left;
  std::unique_ptr<Expression> right;
  std::vector<std::unique_ptr<Expression>> arguments;  // of a call, filter or test; the parts of an `other`
  std::vector<std::pair<std::string, std::unique_ptr<Expression>>> named;
};

// Why a text is no expression; `begin` and `end` are bytes of it, where the word that is wrong stands.
struct SyntaxMistake {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;
  bool foreign = false;  // a byte that no expression holds: the text may be another program's
};

[[nodiscard]] tl::expected<std::unique_ptr<Expression>, SyntaxMistake> parse(std::string_view text);

// Calls `visit` with the expression and all that it is made of.
void for_each(const Expression& expression, const std::function<void(const Expression&)>& visit);

// Whether the byte may stand in an expression, outside of names, numbers and quoted texts.
[[nodiscard]] bool is_symbol_byte(char c);

// The length of the expression at the start of `text` up to the closing `}}`, which a quoted text and nested braces may
// also hold; npos when it is not closed before the next `{{`.
[[nodiscard]] std::size_t length_up_to_close(std::string_view text);

}  // namespace liminal::jinja
