#include "liminal/jinja/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "lexer.hpp"

namespace liminal::jinja {
namespace {

using Node = std::unique_ptr<Expression>;
using Kind = Expression::Kind;
using Parsed = tl::expected<Node, SyntaxMistake>;
using Checked = tl::expected<void, SyntaxMistake>;
constexpr int deepest = 64;
constexpr int longest = 1000;  // words; a chain of them is as deep a tree

// Its functions are named after the levels of precedence of Jinja's own grammar, the weakest first.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text), following_(lexer_.next()) {}

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

  // A mistake in the word behind is told when the parser gets there.
  Checked advance() {
    if (!following_) return tl::unexpected(following_.error());
    token_ = std::move(*following_);
    if (++words_ > longest)
      return tl::unexpected(SyntaxMistake{token_.begin, token_.begin, "the expression is too long", true});
    following_ = lexer_.next();
    return {};
  }

  [[nodiscard]] bool follows(Token::Kind kind, std::string_view text) const {
    return following_ && following_->kind == kind && following_->text == text;
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
      if (at_word("not") && follows(Token::Kind::name, "in")) {
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
    if (follows(Token::Kind::name, "not")) {
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
      const bool named = token_.kind == Token::Kind::name && follows(Token::Kind::symbol, "=");
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
  Token token_;
  tl::expected<Token, SyntaxMistake> following_;
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
