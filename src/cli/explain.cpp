#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/rules/reference.hpp"
#include "liminal/rules/rule.hpp"

#include "command.hpp"

namespace liminal::cli {

namespace {

using report::Style;

// In lines of at most the terminal's width, or of what reads well on a wide one; line ends of the text are blanks.
void print_paragraph(report::Terminal& terminal, std::string_view text) {
  const std::size_t width = std::min<std::size_t>(terminal.options().width, 100);
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      terminal.line(line);
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  terminal.line(line);
}

void print_example(report::Terminal& terminal, std::string_view title, Style style, std::string_view text) {
  if (text.empty()) return;
  terminal.line();
  terminal.line(title, style);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    terminal.line(fmt::format("    {}", text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void print_rule(report::Terminal& terminal, const rules::Rule& rule) {
  terminal.print(rule.id, Style::bold);
  terminal.line(fmt::format(" ({})", to_string(rule.severity)), Style::dim);
  terminal.line(rule.summary);
  terminal.line();
  print_paragraph(terminal, rule.explanation);
  print_example(terminal, "Wrong:", Style::error, rule.bad);
  print_example(terminal, "Right:", Style::good, rule.good);
}

void print_list(report::Terminal& terminal) {
  for (const rules::Rule* rule : rules::all()) {
    terminal.print(fmt::format("{:<26}", rule->id), Style::bold);
    terminal.line(fmt::format("{:<8} {}", to_string(rule->severity), rule->summary));
  }
}

class ExplainCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "explain"; }
  [[nodiscard]] std::string summary() const override {
    return "Explain a rule, with an example; without RULE, list all rules";
  }
  void declare(CLI::App& app) override { app.add_option("RULE", rule_, "Id of a rule, such as unknown-image"); }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text", "markdown", "json"}; }

  [[nodiscard]] int run(Session& session) override {
    const rules::Rule* rule = rules::find(rule_);
    if (!rule_.empty() && rule == nullptr) return session.end(unknown_rule());
    const std::span<const rules::Rule* const> chosen = rule == nullptr ? rules::all() : std::span(&rule, 1);
    const std::string& format = session.options().format;
    if (format == "markdown") {
      session.out().document(rule == nullptr ? rules::markdown_page(chosen) : rules::markdown_section(*rule));
    } else if (format == "json") {
      session.out().document(report::json_document(rules::json_reference(chosen)));
    } else if (rule == nullptr) {
      print_list(session.out());
    } else {
      print_rule(session.out(), *rule);
    }
    return 0;
  }

 private:
  [[nodiscard]] Error unknown_rule() const {
    std::vector<std::string_view> ids;
    for (const rules::Rule* rule : rules::all()) ids.push_back(rule->id);
    const auto likely = nearest(rule_, ids);
    return {ErrorKind::usage,
            fmt::format("there is no rule {}", rule_),
            likely ? fmt::format("did you mean {}?", *likely) : std::string("liminal explain lists all rules"),
            {},
            {}};
  }

  std::string rule_;
};

}  // namespace

std::unique_ptr<Command> make_explain() {
  return std::make_unique<ExplainCommand>();
}

}  // namespace liminal::cli
