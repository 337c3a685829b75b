#include "syntax_error.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "characters.hpp"

namespace liminal::document {

namespace {

struct Explanation {
  std::string_view reader;  // a part of the reader's message
  std::string_view message;
  std::string_view help;
};

constexpr std::array explanations{
    Explanation{"illegal map value", "a `:` cannot stand here",
                "put the value in quotes if the `:` belongs to it, or check the indentation of this line"},
    Explanation{"end of map not found", "this line does not fit into the map above",
                "check its indentation: the keys of a map begin in the same column"},
    Explanation{"end of map flow not found", "this `{` has no closing `}`", "close it, or put the value in quotes"},
    Explanation{"end of sequence flow not found", "this `[` has no closing `]`",
                "close it, or put the value in quotes"},
    Explanation{"end of sequence not found", "this line does not fit into the list above",
                "check its indentation: the dashes of a list stand in the same column"},
    Explanation{"illegal tab", "a tab cannot indent a line in YAML", "indent with blanks"},
    Explanation{"illegal block entry", "a list cannot begin here", "put the `-` on a line of its own"},
    Explanation{"illegal map key", "a key cannot stand here", "check the indentation of this line"},
    Explanation{"illegal flow end", "this bracket closes nothing", "remove it, or put the value in quotes"},
    Explanation{"unknown escape character", "this escape does not exist in double quotes",
                "double the backslash, or use single quotes"},
    Explanation{"bad character found while scanning hex", "this escape needs hexadecimal digits",
                "write \\xHH or \\uHHHH"},
    Explanation{"invalid unicode", "this escape is no character", "write the character itself"},
    Explanation{"illegal EOF in scalar", "this text has no closing quote",
                "close it with the quote that it begins with"},
    Explanation{"illegal document indicator", "a document ends inside a quoted text", "close the quote"},
    Explanation{"the referenced anchor is not defined", "there is no anchor of this name above",
                "put the value in quotes if the `*` belongs to it"},
    Explanation{"alias not found", "a `*` begins an alias, and no name follows",
                "put the value in quotes if the `*` belongs to it"},
    Explanation{"anchor not found", "a `&` begins an anchor, and no name follows",
                "put the value in quotes if the `&` belongs to it"},
    Explanation{"scanning alias", "this is not the name of an anchor",
                "put the value in quotes if the `*` belongs to it"},
    Explanation{"scanning anchor", "this is not a name for an anchor",
                "put the value in quotes if the `&` belongs to it"},
    Explanation{"unknown token", "this character cannot begin a value", "put the value in quotes"},
    Explanation{"directive", "this YAML directive is not understood", "remove the line"},
    Explanation{"tag", "this tag is not understood", "put the value in quotes if the `!` belongs to it"},
    Explanation{"multiple", "a value cannot have two anchors or tags", "remove one"},
};

struct Line {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string_view text;
};

Line line_at(std::string_view source, std::uint32_t offset) {
  const std::size_t from = std::min<std::size_t>(offset, source.size());
  const std::size_t before = from == 0 ? std::string_view::npos : source.rfind('\n', from - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  std::size_t end = std::min(source.find('\n', begin), source.size());
  while (end > begin && source[end - 1] == '\r') --end;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), source.substr(begin, end - begin)};
}

// The value behind `KEY: ` or `- ` of a line, with its offset.
std::pair<std::uint32_t, std::string_view> value_of(const Line& line) {
  std::size_t at = line.text.find(": ");
  at = at == std::string_view::npos ? line.text.find("- ") : at;
  if (at == std::string_view::npos) return {line.end, {}};
  at = line.text.find_first_not_of(' ', at + 2);
  if (at == std::string_view::npos) return {line.end, {}};
  std::string_view value = line.text.substr(at);
  if (const std::size_t comment = value.find(" #"); comment != std::string_view::npos) value = value.substr(0, comment);
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  return {line.begin + static_cast<std::uint32_t>(at), value};
}

std::string single_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

Diagnostic put_in_quotes(const DocumentData& document, std::string_view rule, std::uint32_t begin,
                         std::string_view value, std::string message) {
  const auto end = begin + static_cast<std::uint32_t>(value.size());
  const std::string quoted = single_quoted(value);
  Diagnostic found = reading_finding(document, rule, begin, end, std::move(message), fmt::format("write {}", quoted));
  found.fix = Fix{"put it in quotes", found.location.range, quoted, true};
  found.value = value;
  return found;
}

}  // namespace

Diagnostic reading_finding(const DocumentData& document, std::string_view rule, std::uint32_t begin, std::uint32_t end,
                           std::string message, std::string help) {
  Diagnostic found;
  found.rule = rule;
  found.severity = Severity::error;
  found.message = std::move(message);
  found.help = std::move(help);
  found.location = {document.file(), {document.position(begin), document.position(std::max(end, begin))}};
  found.source = document.source();
  return found;
}

Diagnostic unquoted_placeholder(const DocumentData& document, std::uint32_t offset) {
  const Line line = line_at(*document.source(), offset);
  std::string_view value = line.text.substr(offset - line.begin);
  if (const std::size_t comment = value.find(" #"); comment != std::string_view::npos) value = value.substr(0, comment);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return put_in_quotes(document, "unquoted-placeholder", offset, value,
                       "a value that begins with `{{` has to stand in quotes: to YAML a `{` opens a map");
}

Diagnostic scalar_error(const DocumentData& document, const ScalarFault& fault) {
  const auto begin = static_cast<std::uint32_t>(fault.from);
  const auto end = static_cast<std::uint32_t>(fault.to);
  const std::string_view written = std::string_view(*document.source()).substr(begin, end - begin);
  const auto finding = [&](std::string message, std::string help) {
    return reading_finding(document, "yaml-syntax", begin, end, std::move(message), std::move(help));
  };
  switch (fault.kind) {
    case ScalarFault::Kind::document_marker:
      return finding(fmt::format("`{}` at the beginning of a line inside quoted text would end the document", written),
                     "close the quotes before it, or indent the line");
    case ScalarFault::Kind::unknown_escape:
      return finding(fmt::format("`{}` is no escape in double quotes", written),
                     "double the backslash, or use single quotes, where a backslash means itself");
    case ScalarFault::Kind::bad_escape_digits:
      return finding(fmt::format("the escape `{}` needs more hexadecimal digits", written),
                     "\\x takes two of them, \\u four, \\U eight");
    case ScalarFault::Kind::bad_code_point:
      return finding(fmt::format("the escape `{}` is no character of Unicode", written), "write the character itself");
    case ScalarFault::Kind::unterminated:
      break;
  }
  return finding("this text has no closing quote", "close it with the quote that it begins with");
}

namespace {

// The fault within the quoted text that begins between `cursor` and `offset`, if there is one.
std::optional<ScalarFault> quoted_fault(std::string_view text, std::uint32_t offset, std::uint32_t cursor) {
  ScalarText decoded;
  for (std::size_t at = cursor; at <= offset && at < text.size(); ++at) {
    const bool begins = at == 0 || is_blank_or_break(text[at - 1]) || is_flow_indicator(text[at - 1]);
    if ((text[at] != '"' && text[at] != '\'') || !begins) continue;
    const ScannedScalar scanned = scan_quoted(text, at, decoded);
    if (scanned.fault) return scanned.fault;
    at = scanned.end - 1;
  }
  return std::nullopt;
}

// A tab in the indentation of a line; the offset of the tab.
std::optional<std::uint32_t> tab_in_indentation(const Line& line) {
  const std::size_t content = line.text.find_first_not_of(" \t");
  const std::size_t tab = line.text.find('\t');
  if (tab == std::string_view::npos || content == std::string_view::npos || tab > content) return std::nullopt;
  return line.begin + static_cast<std::uint32_t>(tab);
}

// `key:value`: the offset of the colon.
std::optional<std::uint32_t> colon_without_blank(const Line& line) {
  std::size_t at = line.text.find_first_not_of(" -");
  if (at == std::string_view::npos) return std::nullopt;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  const std::size_t key = at;
  while (at < line.text.size() && is_word(line.text[at])) ++at;
  if (at == key || at + 1 >= line.text.size() || line.text[at] != ':') return std::nullopt;
  const char next = line.text[at + 1];
  if (is_blank(next) || next == '/' || next == ':') return std::nullopt;
  return line.begin + static_cast<std::uint32_t>(at);
}

Diagnostic missing_blank(const DocumentData& document, std::uint32_t colon) {
  Diagnostic found = reading_finding(document, "yaml-syntax", colon, colon + 1, "a blank is missing after the colon",
                                     "write `key: value`");
  found.fix = Fix{"put a blank after the colon", found.location.range, ": ", true};
  return found;
}

bool looks_like_cron(std::string_view value) {
  // `*name` is an alias, whatever stands behind it.
  return value.size() > 1 && value.front() == '*' &&
         std::string_view(" /,-").find(value[1]) != std::string_view::npos &&
         std::count(value.begin(), value.end(), ' ') >= 4;
}

// `key: "text" more`, of whose value the beginning is known.
std::optional<SyntaxError> text_behind_quote(const DocumentData& document, const Line& line, std::uint32_t begin) {
  const std::string_view before = line.text.substr(0, begin - line.begin);
  const std::string_view value = line.text.substr(begin - line.begin);
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return std::nullopt;
  ScalarText decoded;
  const ScannedScalar scanned = scan_quoted(value, 0, decoded);
  if (scanned.fault || scanned.end >= value.size()) return std::nullopt;
  const std::size_t more = value.find_first_not_of(" \t", scanned.end);
  if (more == std::string_view::npos || std::string_view("#,:]}").find(value[more]) != std::string_view::npos)
    return std::nullopt;
  const bool in_flow = before.find_first_of("{[") != std::string_view::npos;
  const std::string_view help = in_flow ? "put a comma between the two, or quotes around the whole value"
                                : value.front() == '"'
                                    ? "put single quotes around the whole value, or write `\\\"` for a quote inside"
                                    : "put double quotes around the whole value, or write `''` for a quote inside";
  return SyntaxError{reading_finding(document, "yaml-syntax", begin + static_cast<std::uint32_t>(more),
                                     begin + static_cast<std::uint32_t>(value.find_last_not_of(" \t") + 1),
                                     "text stands behind the closing quote of this value", std::string(help))};
}

// The mistakes that have a name, on one line: the one where the reader stopped, or one above it.
std::optional<SyntaxError> named_error(const DocumentData& document, const Line& line, bool stopped_here) {
  const auto [begin, value] = value_of(line);
  const auto size = static_cast<std::uint32_t>(value.size());
  if (value.starts_with("{{")) return SyntaxError{unquoted_placeholder(document, begin), begin, size};
  if (looks_like_cron(value)) {
    return SyntaxError{
        put_in_quotes(document, "unquoted-cron", begin, value,
                      "a schedule that begins with `*` has to stand in quotes: to YAML a `*` begins an alias"),
        begin, size};
  }
  if (stopped_here) {
    if (auto error = text_behind_quote(document, line, begin)) return error;
  }
  if (const auto tab = tab_in_indentation(line)) {
    return SyntaxError{reading_finding(document, "yaml-syntax", *tab, *tab + 1, "a tab cannot indent a line in YAML",
                                       "indent with blanks")};
  }
  if (const auto colon = colon_without_blank(line)) return SyntaxError{missing_blank(document, *colon)};
  return std::nullopt;
}

}  // namespace

SyntaxError syntax_error(const DocumentData& document, std::string_view text, std::string_view reader_message,
                         std::uint32_t offset, std::uint32_t cursor) {
  offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
  if (const auto fault = quoted_fault(text, offset, cursor)) return {scalar_error(document, *fault)};
  // The reader often notices only on a later line: the line before is looked at too.
  Line line = line_at(text, offset);
  for (int back = 0; back < 2; ++back) {
    if (auto error = named_error(document, line, back == 0)) return std::move(*error);
    if (line.begin == 0) break;
    line = line_at(text, line.begin - 1);
  }
  const auto known = std::find_if(explanations.begin(), explanations.end(), [&](const Explanation& item) {
    return reader_message.find(item.reader) != std::string_view::npos;
  });
  const bool at_end = text.find_first_not_of(" \t\r\n", offset) == std::string_view::npos;
  const bool explained = known != explanations.end();
  Diagnostic found = reading_finding(
      document, "yaml-syntax", offset, offset + 1, std::string(explained ? known->message : "this is not YAML"),
      std::string(explained ? known->help : "check the quotes, brackets and indentation here and above"));
  if (at_end && explained) found.message += " (noticed at the end of the file)";
  return {std::move(found)};
}

}  // namespace liminal::document
