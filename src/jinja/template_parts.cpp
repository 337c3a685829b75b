#include "liminal/jinja/template_parts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "liminal/jinja/expression.hpp"

namespace liminal::jinja {

namespace {

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Splits the marks of white space off: {{- ds -}}.
Part part_of(Part::Kind kind, std::string_view whole) {
  Part part{kind, {}, whole.substr(0, 2), whole.substr(whole.size() - 2), whole};
  std::string_view inside = whole.substr(2, whole.size() - 4);
  if (!inside.empty() && (inside.front() == '-' || inside.front() == '+')) {
    part.opening = whole.substr(0, 3);
    inside.remove_prefix(1);
  }
  if (!inside.empty() && (inside.back() == '-' || inside.back() == '+')) {
    part.closing = whole.substr(whole.size() - 3);
    inside.remove_suffix(1);
  }
  part.text = trimmed(inside);
  return part;
}

std::string_view keyword(std::string_view statement) {
  return statement.substr(0, std::min(statement.find_first_of(" \t\r\n("), statement.size()));
}

bool opens(const Part& part) {
  const std::string_view word = keyword(part.text);
  // {% set x = 1 %} stands alone; {% set x %} has an end.
  return word == "if" || word == "for" || word == "filter" || word == "raw" ||
         (word == "set" && part.text.find('=') == std::string_view::npos);
}

constexpr std::array<std::string_view, 12> statements{"if",  "elif",   "else",   "endif",     "for", "endfor",
                                                      "set", "endset", "filter", "endfilter", "raw", "endraw"};

bool is_statement(const Part& part) {
  return std::find(statements.begin(), statements.end(), keyword(part.text)) != statements.end();
}

// Whether every statement that needs an end has one, in order.
bool are_closed(const std::vector<Part>& parts) {
  std::vector<std::string_view> open;
  for (const Part& part : parts) {
    if (part.kind != Part::Kind::statement) continue;
    const std::string_view word = keyword(part.text);
    if (opens(part)) {
      open.push_back(word);
    } else if (word.starts_with("end")) {
      if (open.empty() || open.back() != word.substr(3)) return false;
      open.pop_back();
    } else if (word == "elif" || word == "else") {
      if (open.empty() || (open.back() != "if" && (word == "elif" || open.back() != "for"))) return false;
    }
  }
  return open.empty();
}

// The part at the start of `text`, when one is there.
std::optional<Part> part_at(std::string_view text) {
  if (text.starts_with("{{")) {
    const std::size_t length = length_up_to_close(text.substr(2));
    if (length == std::string_view::npos) return std::nullopt;
    return part_of(Part::Kind::expression, text.substr(0, length + 4));
  }
  if (text.starts_with("{%")) {
    const std::size_t end = text.find("%}", 2);
    if (end == std::string_view::npos) return std::nullopt;
    const Part part = part_of(Part::Kind::statement, text.substr(0, end + 2));
    if (is_statement(part)) return part;
  }
  return std::nullopt;
}

std::vector<Part> split(std::string_view text, bool with_statements) {
  std::vector<Part> result;
  std::size_t plain = 0;
  const auto add_text = [&](std::size_t end) {
    const std::string_view piece = text.substr(plain, end - plain);
    if (!piece.empty()) result.push_back({Part::Kind::text, piece, {}, {}, piece});
  };
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at)) {
    const auto part = part_at(text.substr(at));
    if (!part || (part->kind == Part::Kind::statement && !with_statements)) {
      at += text.substr(at, 2) == "{{" || text.substr(at, 2) == "{%" ? 2 : 1;
      continue;
    }
    add_text(at);
    result.push_back(*part);
    at += part->whole.size();
    plain = at;
    if (part->kind != Part::Kind::statement || keyword(part->text) != "raw") continue;
    // What is raw goes through as it is, its end included.
    const std::size_t end = text.find("endraw", at);
    const std::size_t close = end == std::string_view::npos ? end : text.find("%}", end);
    if (close == std::string_view::npos) continue;
    const std::size_t open = text.rfind("{%", end);
    result.push_back({Part::Kind::statement, "raw-text", {}, {}, text.substr(at, open - at)});
    result.push_back(part_of(Part::Kind::statement, text.substr(open, close + 2 - open)));
    at = close + 2;
    plain = at;
  }
  add_text(text.size());
  return result;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_name_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && (std::isalnum(byte) != 0 || c == '_');
}

bool is_placeholder(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 && is_name_byte(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_name_byte(c) || c == '.' || c == '-'; });
}

std::string_view first_name(std::string_view expression) {
  expression.remove_prefix(std::min(expression.find_first_not_of(" \t\r\n([{-+*"), expression.size()));
  const auto* end = std::find_if_not(expression.begin(), expression.end(), is_name_byte);
  return expression.substr(0, static_cast<std::size_t>(end - expression.begin()));
}

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::vector<Part> parts(std::string_view text) {
  std::vector<Part> all = split(text, true);
  return are_closed(all) ? all : split(text, false);
}

std::vector<std::string_view> local_names(const std::vector<Part>& parts) {
  std::vector<std::string_view> names;
  for (const Part& part : parts) {
    const std::string_view word = keyword(part.text);
    if (part.kind != Part::Kind::statement || (word != "for" && word != "set")) continue;
    if (word == "for") names.emplace_back("loop");
    std::string_view rest = trimmed(part.text.substr(word.size()));
    rest = rest.substr(0, word == "for" ? rest.find(" in ") : rest.find('='));
    while (!rest.empty()) {
      std::size_t length = 0;
      while (length < rest.size() && is_name_byte(rest[length])) ++length;
      if (length > 0) names.push_back(rest.substr(0, length));
      rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
  }
  return names;
}

}  // namespace liminal::jinja
