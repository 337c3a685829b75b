#include "syntax_error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

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

Diagnostic syntax_error(const DocumentData& document, std::string_view reader_message, std::uint32_t offset) {
  const std::string_view source = *document.source();
  offset = std::min(offset, static_cast<std::uint32_t>(source.size()));
  // The reader often notices only on a later line: the line before is looked at too.
  Line line = line_at(source, offset);
  for (int back = 0; back < 2; ++back) {
    const auto [begin, value] = value_of(line);
    if (value.starts_with("{{")) return unquoted_placeholder(document, begin);
    if (value.starts_with('*') && value.find_first_of("* /") != std::string_view::npos &&
        std::count(value.begin(), value.end(), ' ') >= 4) {
      return put_in_quotes(document, "unquoted-cron", begin, value,
                           "a schedule that begins with `*` has to stand in quotes: to YAML a `*` begins an alias");
    }
    if (line.begin == 0) break;
    line = line_at(source, line.begin - 1);
  }
  const auto known = std::find_if(explanations.begin(), explanations.end(), [&](const Explanation& item) {
    return reader_message.find(item.reader) != std::string_view::npos;
  });
  const bool at_end = source.find_first_not_of(" \t\r\n", offset) == std::string_view::npos;
  Diagnostic found = known == explanations.end()
                         ? reading_finding(document, "yaml-syntax", offset, offset + 1, "this is not YAML",
                                           "check the quotes, brackets and indentation here and above")
                         : reading_finding(document, "yaml-syntax", offset, offset + 1, std::string(known->message),
                                           std::string(known->help));
  if (at_end && known != explanations.end()) found.message += " (noticed at the end of the file)";
  return found;
}

}  // namespace liminal::document
