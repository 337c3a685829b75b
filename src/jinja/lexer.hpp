// The words of a {{ expression }}, by the lexer of Jinja 3.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "liminal/jinja/expression.hpp"

namespace liminal::jinja {

struct Token {
  enum class Kind { end, name, integer, real, text, symbol };
  Kind kind = Kind::end;
  std::string text;
  std::size_t begin = 0;
  std::size_t length = 0;
};

class Lexer {
 public:
  // `text` outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  // The next word; at the end of the text one of kind `end`, again and again.
  tl::expected<Token, SyntaxMistake> next();

 private:
  template <class Accepts>
  [[nodiscard]] std::size_t length_while(Accepts accepts, std::size_t skipped = 0) const;
  Token take(Token::Kind kind, std::size_t length);
  Token number();
  tl::expected<Token, SyntaxMistake> quoted(char quote);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace liminal::jinja
