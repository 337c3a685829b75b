#include "liminal/report/text.hpp"

#include <array>

#include <fmt/format.h>

#include "finding_text.hpp"
#include "tally.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t widest_stage_name = 10;

Style style_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return Style::good;
    case Outcome::failed:
      return Style::error;
    case Outcome::unchanged:
    case Outcome::skipped:
      break;
  }
  return Style::dim;
}

void append_failed_case(std::vector<Line>& lines, const Case& one) {
  Line head{{"  failed ", Style::error}, {one.name, Style::bold}};
  if (!one.group.empty()) head.push_back({fmt::format(" ({})", one.group), Style::dim});
  if (!one.summary.empty()) head.push_back({fmt::format(": {}", one.summary), Style::plain});
  lines.push_back(std::move(head));
  std::string_view output = one.output;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    lines.push_back({{"    | ", Style::dim}, {std::string(output.substr(0, end)), Style::plain}});
    output.remove_prefix(std::min(end + 1, output.size()));
  }
}

}  // namespace

void print_finding(Terminal& terminal, const Diagnostic& finding) {
  terminal.lines(finding_lines(finding, terminal.options().width));
}

void print_findings(Terminal& terminal, std::span<const Diagnostic> findings) {
  for (const Diagnostic& finding : findings) {
    auto lines = finding_lines(finding, terminal.options().width);
    lines.emplace_back();
    terminal.lines(lines);
  }
}

void print_summary(Terminal& terminal, const RunReport& run) {
  const Tally found = tally(run.findings);
  Style style = Style::good;
  if (found.errors > 0) {
    style = Style::error;
  } else if (found.total() > 0 || run.files_checked == 0) {
    style = Style::warning;
  }
  const std::array<Line, 1> line{Line{{summary_text(run), style}}};
  terminal.lines(line);
}

void print_error(Terminal& terminal, const Error& error) {
  terminal.lines(error_lines(error, terminal.options().width));
}

void print_stage(Terminal& terminal, const Stage& stage) {
  Line head{{fmt::format("{:<{}} ", stage.name, widest_stage_name), Style::bold},
            {fmt::format("{:<9}", to_string(stage.outcome)), style_of(stage.outcome)}};
  if (!stage.summary.empty()) head.push_back({fmt::format("  {}", stage.summary), Style::plain});
  if (stage.outcome != Outcome::skipped) head.push_back({fmt::format("  {}", duration_text(stage.took)), Style::dim});
  std::vector<Line> lines{std::move(head)};
  for (const Case& one : stage.cases) {
    if (one.outcome == Outcome::failed) append_failed_case(lines, one);
  }
  terminal.lines(lines);
}

}  // namespace liminal::report
