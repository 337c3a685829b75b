#include "lexer.hpp"

#include <cctype>

namespace liminal::jinja {

namespace {

bool begins_name(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x80 && (std::isalpha(code) != 0 || byte == '_');
}
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

}  // namespace

template <class Accepts>
std::size_t Lexer::length_while(Accepts accepts, std::size_t skipped) const {
  std::size_t length = skipped;
  while (at_ + length < text_.size() && accepts(text_[at_ + length])) ++length;
  return length;
}

tl::expected<Token, SyntaxMistake> Lexer::next() {
  while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  if (at_ == text_.size()) return Token{Token::Kind::end, "", at_, 0};
  const char first = text_[at_];
  if (begins_name(first))
    return take(Token::Kind::name, length_while([](char c) { return begins_name(c) || is_digit(c); }));
  if (is_digit(first)) return number();
  if (first == '\'' || first == '"') return quoted(first);
  for (const std::string_view symbol : {"//", "**", "==", "!=", ">=", "<="}) {
    if (text_.substr(at_).starts_with(symbol)) return take(Token::Kind::symbol, 2);
  }
  if (is_symbol_byte(first) && first != '!') return take(Token::Kind::symbol, 1);
  return tl::unexpected(SyntaxMistake{at_, at_ + 1, std::string("`") + first + "` has no meaning in an expression",
                                      !is_symbol_byte(first)});
}

Token Lexer::take(Token::Kind kind, std::size_t length) {
  Token token{kind, std::string(text_.substr(at_, length)), at_, length};
  at_ += length;
  return token;
}

Token Lexer::number() {
  const auto digits = [](char c) { return is_digit(c) || c == '_'; };
  const std::string_view rest = text_.substr(at_);
  if (rest.size() > 1 && rest[0] == '0' && std::string_view("xXoObB").find(rest[1]) != std::string_view::npos) {
    return take(Token::Kind::real,
                length_while([](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == '_'; }, 2));
  }
  std::size_t length = length_while(digits);
  bool real = false;
  // In `a.1.2` the dots look things up.
  const bool behind_dot = at_ > 0 && text_[at_ - 1] == '.';
  if (!behind_dot && length + 1 < rest.size() && rest[length] == '.' && is_digit(rest[length + 1])) {
    length = length_while(digits, length + 1);
    real = true;
  }
  if (!behind_dot && length < rest.size() && (rest[length] == 'e' || rest[length] == 'E')) {
    std::size_t exponent = length + 1;
    if (exponent < rest.size() && (rest[exponent] == '+' || rest[exponent] == '-')) ++exponent;
    if (exponent < rest.size() && is_digit(rest[exponent])) {
      length = length_while(digits, exponent);
      real = true;
    }
  }
  if (!real && rest[0] == '0') length = length_while([](char c) { return c == '0'; });
  return take(real ? Token::Kind::real : Token::Kind::integer, length);
}

tl::expected<Token, SyntaxMistake> Lexer::quoted(char quote) {
  std::string content;
  for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
    char byte = text_[end];
    if (byte == quote) {
      Token token = take(Token::Kind::text, end + 1 - at_);
      token.text = std::move(content);
      return token;
    }
    if (byte == '\\' && end + 1 < text_.size()) {
      byte = text_[++end];
      if (byte == 'n') byte = '\n';
      if (byte == 't') byte = '\t';
    }
    content += byte;
  }
  return tl::unexpected(SyntaxMistake{at_, text_.size(), "a quoted text is not closed", true});
}

}  // namespace liminal::jinja
