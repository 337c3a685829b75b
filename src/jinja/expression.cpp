#include "liminal/jinja/expression.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace liminal::jinja {
namespace {

using Node = std::unique_ptr<Expression>;
using Kind = Expression::Kind;
using Parsed = tl::expected<Node, SyntaxMistake>;
using Checked = tl::expected<void, SyntaxMistake>;
constexpr int deepest = 64;
constexpr int longest = 1000;  // words; a chain of them is as deep a tree

bool begins_name(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x80 && (std::isalpha(code) != 0 || byte == '_');
}
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

struct Token {
  enum class Kind { end, name, integer, real, text, symbol };
  Kind kind = Kind::end;
  std::string text;
  std::size_t begin = 0;
  std::size_t length = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  tl::expected<Token, SyntaxMistake> next() {
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

 private:
  template <class Accepts>
  std::size_t length_while(Accepts accepts, std::size_t skipped = 0) const {
    std::size_t length = skipped;
    while (at_ + length < text_.size() && accepts(text_[at_ + length])) ++length;
    return length;
  }

  Token take(Token::Kind kind, std::size_t length) {
    Token token{kind, std::string(text_.substr(at_, length)), at_, length};
    at_ += length;
    return token;
  }

  Token number() {
    const auto digits = [](char c) { return is_digit(c) || c == '_'; };
    const std::string_view rest = text_.substr(at_);
    if (rest.size() > 1 && rest[0] == '0' && std::string_view("xXoObB").find(rest[1]) != std::string_view::npos) {
      return take(
          Token::Kind::real,
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

  tl::expected<Token, SyntaxMistake> quoted(char quote) {
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

  std::string_view text_;
  std::size_t at_ = 0;
};

// Its functions are named after the levels of precedence of Jinja's own grammar, the weakest first.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text), ahead_(text) {}

  Parsed whole() {
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    if (token_.kind == Token::Kind::end)
      return tl::unexpected(SyntaxMistake{0, text_.size(), "nothing stands between the braces"});
    // As in {{ 1, 2 }}, which is a tuple.
    return list_up_to("", Node(), "()");
  }

 private:
  struct Depth {
    explicit Depth(int& value) : value_(value) { ++value_; }
    ~Depth() { --value_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    int& value_;
  };

  Checked advance() {
    auto token = lexer_.next();
    if (!token) return tl::unexpected(std::move(token.error()));
    token_ = std::move(*token);
    if (++words_ > longest)
      return tl::unexpected(SyntaxMistake{token_.begin, token_.begin, "the expression is too long", true});
    // Behind a mistake there is no next word; the mistake is told when it is reached.
    ahead_ = lexer_;
    auto following = ahead_.next();
    following_ = following ? std::move(*following) : Token{};
    return {};
  }

  [[nodiscard]] bool at(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }
  [[nodiscard]] bool at_word(std::string_view word) const {
    return token_.kind == Token::Kind::name && token_.text == word;
  }
  template <class Words>
  [[nodiscard]] bool at_any(const Words& symbols) const {
    return token_.kind == Token::Kind::symbol &&
           std::find(symbols.begin(), symbols.end(), token_.text) != symbols.end();
  }

  [[nodiscard]] tl::unexpected<SyntaxMistake> unexpected_token() const {
    if (token_.kind == Token::Kind::end)
      return tl::unexpected(SyntaxMistake{token_.begin, token_.begin, "the expression ends too early"});
    const std::size_t end = token_.begin + token_.length;
    return tl::unexpected(SyntaxMistake{
        token_.begin, end, "`" + std::string(text_.substr(token_.begin, token_.length)) + "` is not understood here"});
  }

  [[nodiscard]] tl::unexpected<SyntaxMistake> too_deep() const {
    return tl::unexpected(
        SyntaxMistake{token_.begin, token_.begin + token_.length, "the expression is nested too deeply", true});
  }

  Checked expect(std::string_view symbol) {
    if (!at(symbol)) return unexpected_token();
    return advance();
  }

  static Node leaf(Kind kind, std::string name, std::size_t begin = 0) {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->name = std::move(name);
    node->begin = begin;
    return node;
  }
  static Node binary(Kind kind, Node left, Node right, std::string name = "") {
    Node node = leaf(kind, std::move(name));
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  // `next` behind the word or sign that the parser stands at, joined with what came before.
  template <class Next>
  Parsed joined(Kind kind, Node left, Next next) {
    std::string sign = kind == Kind::other ? token_.text : "";
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    Parsed right = (this->*next)();
    if (!right) return right;
    return binary(kind, std::move(left), std::move(*right), std::move(sign));
  }

  Parsed expression() {
    const Depth depth(depth_);
    if (depth_ > deepest) return too_deep();
    Parsed left = disjunction();
    while (left && at_word("if")) {
      left = joined(Kind::other, std::move(*left), &Parser::disjunction);
      if (left && at_word("else")) left = joined(Kind::other, std::move(*left), &Parser::expression);
    }
    return left;
  }

  Parsed disjunction() {
    Parsed left = conjunction();
    while (left && at_word("or")) left = joined(Kind::other, std::move(*left), &Parser::conjunction);
    return left;
  }

  Parsed conjunction() {
    Parsed left = negation();
    while (left && at_word("and")) left = joined(Kind::other, std::move(*left), &Parser::negation);
    return left;
  }

  Parsed negation() {
    const Depth depth(depth_);
    if (depth_ > deepest) return too_deep();
    if (at_word("not")) return joined(Kind::other, Node(), &Parser::negation);
    return comparison();
  }

  Parsed comparison() {
    constexpr std::array<std::string_view, 6> signs{"==", "!=", ">", ">=", "<", "<="};
    Parsed left = sum();
    while (left) {
      if (at_word("not") && following_.kind == Token::Kind::name && following_.text == "in") {
        if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
      } else if (!at_any(signs) && !at_word("in")) {
        break;
      }
      left = joined(Kind::other, std::move(*left), &Parser::sum);
    }
    return left;
  }

  Parsed sum() {
    Parsed left = concatenation();
    while (left && (at("+") || at("-")))
      left = joined(at("+") ? Kind::add : Kind::subtract, std::move(*left), &Parser::concatenation);
    return left;
  }

  Parsed concatenation() {
    Parsed left = product();
    while (left && at("~")) left = joined(Kind::concatenate, std::move(*left), &Parser::product);
    return left;
  }

  Parsed product() {
    constexpr std::array<std::string_view, 4> signs{"*", "/", "//", "%"};
    Parsed left = power();
    while (left && at_any(signs)) left = joined(Kind::other, std::move(*left), &Parser::power);
    return left;
  }

  Parsed power() {
    Parsed left = filtered();
    while (left && at("**")) left = joined(Kind::other, std::move(*left), &Parser::filtered);
    return left;
  }

  // A filter takes the sign in front of a number with it.
  Parsed filtered() {
    Parsed node = unary();
    while (node) {
      if (at("|")) {
        node = named_operation(Kind::filter, std::move(*node));
      } else if (at_word("is")) {
        node = test(std::move(*node));
      } else if (at("(")) {
        node = call(binary(Kind::call, std::move(*node), nullptr));
      } else {
        break;
      }
    }
    return node;
  }

  Parsed unary() {
    const Depth depth(depth_);
    if (depth_ > deepest) return too_deep();
    if (!at("-") && !at("+")) return postfix(primary());
    const bool negative = at("-");
    Parsed node = joined(Kind::other, Node(), &Parser::unary);
    if (node && (*node)->right->kind == Kind::integer) {
      if (negative) (*node)->right->number = -(*node)->right->number;
      return std::move((*node)->right);
    }
    return node;
  }

  Parsed postfix(Parsed node) {
    while (node) {
      if (at(".")) {
        node = attribute(std::move(*node));
      } else if (at("[")) {
        node = item(std::move(*node));
      } else if (at("(")) {
        node = call(binary(Kind::call, std::move(*node), nullptr));
      } else {
        break;
      }
    }
    return node;
  }

  Parsed attribute(Node of) {
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    if (token_.kind != Token::Kind::name && token_.kind != Token::Kind::integer) return unexpected_token();
    Node node = binary(Kind::attribute, std::move(of), nullptr, token_.text);
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    return node;
  }

  // `x | name(...)`, and `is name(...)`; the parser stands in front of the name.
  Parsed named_operation(Kind kind, Node of) {
    Node node = binary(kind, std::move(of), nullptr);
    do {
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
      if (token_.kind != Token::Kind::name) return unexpected_token();
      if (node->name.empty()) node->begin = token_.begin;
      node->name += (node->name.empty() ? "" : ".") + token_.text;
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    } while (at("."));
    if (at("(")) return call(std::move(node));
    return node;
  }

  Parsed test(Node of) {
    if (following_.kind == Token::Kind::name && following_.text == "not") {
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    }
    Parsed node = named_operation(Kind::test, std::move(of));
    if (!node) return node;
    const bool value = token_.kind == Token::Kind::text || token_.kind == Token::Kind::integer ||
                       token_.kind == Token::Kind::real || at("[") || at("{");
    const bool name = token_.kind == Token::Kind::name && !at_word("else") && !at_word("or") && !at_word("and");
    if (name && at_word("is")) return unexpected_token();
    // As Jinja has it, any other word is an argument: `x is defined if y` is none.
    if (!value && !name) return node;
    Parsed argument = postfix(primary());
    if (!argument) return argument;
    (*node)->arguments.push_back(std::move(*argument));
    return node;
  }

  Parsed item(Node of) {
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    std::vector<Node> keys;
    bool slice = false;
    while (!at("]")) {
      for (; !at("]") && !at(",");) {
        if (at(":")) {
          slice = true;
          if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
          continue;
        }
        Parsed key = expression();
        if (!key) return key;
        keys.push_back(std::move(*key));
        if (!at("]") && !at(",") && !at(":")) return unexpected_token();
      }
      if (at(",")) {
        slice = true;
        if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
        if (at("]")) return unexpected_token();
      }
    }
    if (auto closed = expect("]"); !closed) return tl::unexpected(std::move(closed.error()));
    if (keys.size() == 1 && !slice) return binary(Kind::item, std::move(of), std::move(keys.front()));
    Node node = binary(Kind::other, std::move(of), nullptr, "[:]");
    node->arguments = std::move(keys);
    return node;
  }

  // The arguments of `node`, from the opening parenthesis on.
  Parsed call(Node node) {
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    while (!at(")")) {
      const bool unpacked = at("*") || at("**");
      const bool named =
          token_.kind == Token::Kind::name && following_.kind == Token::Kind::symbol && following_.text == "=";
      if (!named && !unpacked && !node->named.empty()) return unexpected_token();
      std::string name = token_.text;
      for (int skipped = 0; skipped < (named ? 2 : (unpacked ? 1 : 0)); ++skipped) {
        if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
      }
      Parsed value = expression();
      if (!value) return value;
      if (named) {
        node->named.emplace_back(std::move(name), std::move(*value));
      } else {
        if (unpacked) value = binary(Kind::other, nullptr, std::move(*value), std::move(name));
        node->arguments.push_back(std::move(*value));
      }
      if (!at(",")) break;
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    }
    if (auto closed = expect(")"); !closed) return tl::unexpected(std::move(closed.error()));
    return node;
  }

  // Expressions with commas between up to `close`, or the end of all for "". One without a comma is itself when no
  // `list` is given, else an item of the list.
  Parsed list_up_to(std::string_view close, Node list, std::string name) {
    const auto closed = [&] { return close.empty() ? token_.kind == Token::Kind::end : at(close); };
    const bool tuple = list == nullptr;
    std::vector<Node> items;
    bool comma = false;
    while (!closed()) {
      Parsed value = expression();
      if (!value) return value;
      if (name == "{}") {
        if (auto colon = expect(":"); !colon) return tl::unexpected(std::move(colon.error()));
        items.push_back(std::move(*value));
        value = expression();
        if (!value) return value;
      }
      items.push_back(std::move(*value));
      if (!at(",")) break;
      comma = true;
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    }
    if (!closed()) return unexpected_token();
    if (!close.empty()) {
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    }
    if (tuple && items.size() == 1 && !comma) return std::move(items.front());
    if (list == nullptr) list = leaf(Kind::other, std::move(name));
    list->arguments = std::move(items);
    return list;
  }

  Parsed primary() {
    const Token token = token_;
    const bool opening = at("(") || at("[") || at("{");
    if (token.kind == Token::Kind::end || (token.kind == Token::Kind::symbol && !opening)) return unexpected_token();
    if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    switch (token.kind) {
      case Token::Kind::name:
        return leaf(Kind::name, token.text, token.begin);
      case Token::Kind::real:
        return leaf(Kind::other, token.text);
      case Token::Kind::integer:
        return integer(token);
      case Token::Kind::text:
        return text(token.text);
      default:
        break;
    }
    if (token.text == "(") return list_up_to(")", Node(), "()");
    if (token.text == "[") return list_up_to("]", leaf(Kind::other, "[]"), "[]");
    return list_up_to("}", leaf(Kind::other, "{}"), "{}");
  }

  // Texts that stand side by side are one.
  Parsed text(std::string content) {
    while (token_.kind == Token::Kind::text) {
      content += token_.text;
      if (auto read = advance(); !read) return tl::unexpected(std::move(read.error()));
    }
    return leaf(Kind::text, std::move(content));
  }

  static Parsed integer(const Token& token) {
    std::string digits = token.text;
    std::erase(digits, '_');
    Node node = leaf(Kind::integer, "");
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), node->number);
    // Jinja's have no bound.
    if (problem != std::errc{}) return leaf(Kind::other, token.text);
    return node;
  }

  std::string_view text_;
  Lexer lexer_;
  Lexer ahead_;
  Token token_;
  Token following_;
  int depth_ = 0;
  int words_ = 0;
};

}  // namespace

tl::expected<std::unique_ptr<Expression>, SyntaxMistake> parse(std::string_view text) {
  return Parser(text).whole();
}

void for_each(const Expression& expression, const std::function<void(const Expression&)>& visit) {
  visit(expression);
  for (const Node* side : {&expression.left, &expression.right}) {
    if (*side != nullptr) for_each(**side, visit);
  }
  for (const Node& argument : expression.arguments) for_each(*argument, visit);
  for (const auto& [name, argument] : expression.named) for_each(*argument, visit);
}

bool is_symbol_byte(char c) {
  return std::string_view(".|()[]{},:+-*/%~<>=!").find(c) != std::string_view::npos;
}

std::size_t length_up_to_close(std::string_view text) {
  char quote = '\0';
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (quote != '\0') {
      if (byte == '\\') {
        ++at;
      } else if (byte == quote) {
        quote = '\0';
      }
    } else if (byte == '\'' || byte == '"') {
      quote = byte;
    } else if (text.substr(at).starts_with("{{")) {
      return std::string_view::npos;
    } else if (byte == '{') {
      ++open;
    } else if (byte == '}' && open > 0) {
      --open;
    } else if (text.substr(at).starts_with("}}")) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace liminal::jinja
