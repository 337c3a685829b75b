// The expression inside {{ }}: Jinja's names, attributes, items, calls, filters, + - ~ and literals.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liminal/base/result.hpp"

namespace liminal::engine::macros {

struct Expression {
  enum class Kind { text, integer, name, attribute, item, call, filter, add, subtract, concatenate };
  Kind kind = Kind::text;
  std::string name;         // of a name, attribute or filter; the text of a text
  std::int64_t number = 0;  // of an integer
  std::unique_ptr<Expression> left;
  std::unique_ptr<Expression> right;
  std::vector<std::unique_ptr<Expression>> arguments;  // of a call or filter
  std::vector<std::pair<std::string, std::unique_ptr<Expression>>> named;
};

[[nodiscard]] Result<std::unique_ptr<Expression>> parse(std::string_view text);

// The length of the expression at the start of `text` up to the closing `}}`, which a quoted text may also hold; npos
// when it is not closed.
[[nodiscard]] std::size_t length_up_to_close(std::string_view text);

}  // namespace liminal::engine::macros
