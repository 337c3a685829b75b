#include "airflow_macros_parser.hpp"

#include <cctype>
#include <charconv>
#include <optional>

namespace liminal::engine::macros {
namespace {

using Node = std::unique_ptr<Expression>;
constexpr int deepest = 64;

bool begins_name(char byte) {
  return std::isalpha(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

struct Token {
  enum class Kind { end, name, integer, text, symbol };
  Kind kind = Kind::end;
  std::string text;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Result<Token> next() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) rest_.remove_prefix(1);
    if (rest_.empty()) return Token{};
    const char first = rest_.front();
    if (begins_name(first)) {
      return take_while(Token::Kind::name, [](char byte) { return begins_name(byte) || is_digit(byte); });
    }
    if (is_digit(first)) return take_while(Token::Kind::integer, is_digit);
    if (first == '\'' || first == '"') return quoted(first);
    if (std::string_view(".,()[]|+-~=").find(first) != std::string_view::npos) {
      rest_.remove_prefix(1);
      return Token{Token::Kind::symbol, std::string(1, first)};
    }
    return fail(ErrorKind::usage, std::string("`") + first + "` is not understood here");
  }

 private:
  template <class Accepts>
  Token take_while(Token::Kind kind, Accepts accepts) {
    std::size_t length = 0;
    while (length < rest_.size() && accepts(rest_[length])) ++length;
    Token token{kind, std::string(rest_.substr(0, length))};
    rest_.remove_prefix(length);
    return token;
  }

  Result<Token> quoted(char quote) {
    Token token{Token::Kind::text, ""};
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      char byte = rest_[at];
      if (byte == quote) {
        rest_.remove_prefix(at + 1);
        return token;
      }
      if (byte == '\\' && at + 1 < rest_.size()) {
        byte = rest_[++at];
        if (byte == 'n') byte = '\n';
        if (byte == 't') byte = '\t';
      }
      token.text += byte;
    }
    return fail(ErrorKind::usage, "a quoted text is not closed");
  }

  std::string_view rest_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Node> whole() {
    if (auto read = advance(); !read) return tl::unexpected(read.error());
    if (token_.kind == Token::Kind::end) return fail(ErrorKind::usage, "nothing stands between the braces");
    auto node = expression();
    if (node && token_.kind != Token::Kind::end) return unexpected_token();
    return node;
  }

 private:
  Status advance() {
    auto token = lexer_.next();
    if (!token) return tl::unexpected(token.error());
    token_ = std::move(*token);
    return {};
  }

  [[nodiscard]] bool at(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }

  [[nodiscard]] tl::unexpected<Error> unexpected_token() const {
    if (token_.kind == Token::Kind::end) return fail(ErrorKind::usage, "the expression ends too early");
    return fail(ErrorKind::usage, "`" + token_.text + "` is not understood here");
  }

  Status expect(std::string_view symbol) {
    if (!at(symbol)) return unexpected_token();
    return advance();
  }

  static Node binary(Expression::Kind kind, Node left, Node right) {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  static Node leaf(Expression::Kind kind, std::string name) {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->name = std::move(name);
    return node;
  }

  // As in Jinja, ~ binds less than + and -.
  Result<Node> expression() {
    if (++depth_ > deepest) return fail(ErrorKind::usage, "the expression is nested too deeply");
    auto left = sum();
    while (left && at("~")) {
      if (auto read = advance(); !read) return tl::unexpected(read.error());
      auto right = sum();
      if (!right) return right;
      left = binary(Expression::Kind::concatenate, std::move(*left), std::move(*right));
    }
    --depth_;
    return left;
  }

  Result<Node> sum() {
    auto left = postfix();
    while (left && (at("+") || at("-"))) {
      const auto kind = at("+") ? Expression::Kind::add : Expression::Kind::subtract;
      if (auto read = advance(); !read) return tl::unexpected(read.error());
      auto right = postfix();
      if (!right) return right;
      left = binary(kind, std::move(*left), std::move(*right));
    }
    return left;
  }

  Result<Node> postfix() {
    auto node = primary();
    while (node) {
      if (at(".")) {
        node = attribute(std::move(*node));
      } else if (at("[")) {
        node = item(std::move(*node));
      } else if (at("(")) {
        node = call(binary(Expression::Kind::call, std::move(*node), nullptr));
      } else if (at("|")) {
        node = filter(std::move(*node));
      } else {
        break;
      }
    }
    return node;
  }

  Result<std::string> name_after_symbol() {
    if (auto read = advance(); !read) return tl::unexpected(read.error());
    if (token_.kind != Token::Kind::name) return unexpected_token();
    std::string name = token_.text;
    if (auto read = advance(); !read) return tl::unexpected(read.error());
    return name;
  }

  Result<Node> attribute(Node of) {
    auto name = name_after_symbol();
    if (!name) return tl::unexpected(name.error());
    Node node = binary(Expression::Kind::attribute, std::move(of), nullptr);
    node->name = std::move(*name);
    return node;
  }

  Result<Node> filter(Node of) {
    auto name = name_after_symbol();
    if (!name) return tl::unexpected(name.error());
    Node node = binary(Expression::Kind::filter, std::move(of), nullptr);
    node->name = std::move(*name);
    if (at("(")) return call(std::move(node));
    return node;
  }

  Result<Node> item(Node of) {
    if (auto read = advance(); !read) return tl::unexpected(read.error());
    auto key = expression();
    if (!key) return key;
    if (auto closed = expect("]"); !closed) return tl::unexpected(closed.error());
    return binary(Expression::Kind::item, std::move(of), std::move(*key));
  }

  // The arguments of `node`, from the opening parenthesis on.
  Result<Node> call(Node node) {
    if (auto read = advance(); !read) return tl::unexpected(read.error());
    while (!at(")")) {
      auto value = expression();
      if (!value) return value;
      if (at("=") && (*value)->kind == Expression::Kind::name) {
        std::string name = (*value)->name;
        if (auto read = advance(); !read) return tl::unexpected(read.error());
        auto named = expression();
        if (!named) return named;
        node->named.emplace_back(std::move(name), std::move(*named));
      } else {
        node->arguments.push_back(std::move(*value));
      }
      if (!at(",")) break;
      if (auto read = advance(); !read) return tl::unexpected(read.error());
    }
    if (auto closed = expect(")"); !closed) return tl::unexpected(closed.error());
    return node;
  }

  Result<Node> primary() {
    const bool negative = at("-");
    if (negative) {
      if (auto read = advance(); !read) return tl::unexpected(read.error());
      if (token_.kind != Token::Kind::integer) return unexpected_token();
    }
    const Token token = token_;
    if (token.kind == Token::Kind::end || (token.kind == Token::Kind::symbol && token.text != "(")) {
      return unexpected_token();
    }
    if (auto read = advance(); !read) return tl::unexpected(read.error());
    if (token.kind == Token::Kind::name) return leaf(Expression::Kind::name, token.text);
    if (token.kind == Token::Kind::text) return leaf(Expression::Kind::text, token.text);
    if (token.kind == Token::Kind::integer) return integer(token.text, negative);
    auto inner = expression();
    if (!inner) return inner;
    if (auto closed = expect(")"); !closed) return tl::unexpected(closed.error());
    return inner;
  }

  static Result<Node> integer(const std::string& digits, bool negative) {
    Node node = leaf(Expression::Kind::integer, "");
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), node->number);
    if (problem != std::errc{}) return fail(ErrorKind::usage, "the number `" + digits + "` is too large");
    if (negative) node->number = -node->number;
    return node;
  }

  Lexer lexer_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

Result<std::unique_ptr<Expression>> parse(std::string_view text) {
  return Parser(text).whole();
}

std::size_t length_up_to_close(std::string_view text) {
  char quote = '\0';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (quote != '\0') {
      if (byte == '\\') ++at;
      if (byte == quote) quote = '\0';
    } else if (byte == '\'' || byte == '"') {
      quote = byte;
    } else if (byte == '}' && text.substr(at).starts_with("}}")) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace liminal::engine::macros
