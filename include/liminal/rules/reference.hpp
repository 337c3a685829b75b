// The rules' documentation, made from the rules themselves: docs/rules.md and what `liminal explain` prints.
#pragma once

#include <span>
#include <string>

#include "liminal/base/json.hpp"
#include "liminal/rules/rule.hpp"

namespace liminal::rules {

// A page with a table of the rules and a section for each.
[[nodiscard]] std::string markdown_page(std::span<const Rule* const> rules);
// The explanation with the examples, and one rule's section of the page.
[[nodiscard]] std::string markdown_help(const Rule& rule);
[[nodiscard]] std::string markdown_section(const Rule& rule);

// An array with one object a rule: id, severity, summary, explanation, bad, good.
[[nodiscard]] Json json_reference(std::span<const Rule* const> rules);

}  // namespace liminal::rules
