#include "liminal/rules/reference.hpp"

#include <fmt/format.h>

namespace liminal::rules {

namespace {

// A control character would be invisible on the page, or end it.
std::string visible(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\n')
      result += fmt::format("\\x{:02X}", byte);
    else
      result += c;
  }
  return result;
}

void append_example(std::string& page, std::string_view title, std::string_view example) {
  if (!example.empty()) page += fmt::format("\n{}:\n```yaml\n{}```\n", title, visible(example));
}

}  // namespace

std::string markdown_help(const Rule& rule) {
  std::string help = fmt::format("{}\n", rule.explanation);
  append_example(help, "Wrong", rule.bad);
  append_example(help, "Right", rule.good);
  return help;
}

std::string markdown_section(const Rule& rule) {
  return fmt::format("## `{}`\n**{}.** {}\n\n{}", rule.id, to_string(rule.severity), rule.summary, markdown_help(rule));
}

std::string markdown_page(std::span<const Rule* const> rules) {
  std::string page =
      "# Rules\n"
      "<!-- Made from the rules by `liminal explain --format markdown`; a test keeps it so. -->\n"
      "What `liminal` checks. `liminal explain RULE` prints one section of this page. A line such as "
      "`# FOLDER/liminal.yml` in an\n"
      "example begins another file.\n\n"
      "| rule | severity | what it finds |\n| --- | --- | --- |\n";
  for (const Rule* rule : rules)
    page += fmt::format("| [`{0}`](#{0}) | {1} | {2} |\n", rule->id, to_string(rule->severity), rule->summary);
  for (const Rule* rule : rules) page += '\n' + markdown_section(*rule);
  return page;
}

Json json_reference(std::span<const Rule* const> rules) {
  Json list = Json::array();
  for (const Rule* rule : rules) {
    list.push_back({{"id", rule->id},
                    {"severity", to_string(rule->severity)},
                    {"summary", rule->summary},
                    {"explanation", rule->explanation},
                    {"bad", rule->bad},
                    {"good", rule->good}});
  }
  return list;
}

}  // namespace liminal::rules
