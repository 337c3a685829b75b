#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/rules/rule.hpp"

#include "command.hpp"

namespace liminal::cli {

namespace {

using report::Style;

void print_indented(report::Terminal& terminal, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    terminal.line(fmt::format("    {}", text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

class ExplainCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "explain"; }
  [[nodiscard]] std::string summary() const override {
    return "Explain a rule, with an example; without RULE, list all rules";
  }
  void declare(CLI::App& app) override { app.add_option("RULE", rule_, "Id of a rule, such as unknown-image"); }

  [[nodiscard]] int run(Session& session) override {
    report::Terminal& out = session.out();
    if (rule_.empty()) {
      for (const rules::Rule* rule : rules::all()) {
        out.print(fmt::format("{:<26}", rule->id), Style::bold);
        out.line(fmt::format("{:<8} {}", to_string(rule->severity), rule->summary));
      }
      return 0;
    }
    const rules::Rule* rule = rules::find(rule_);
    if (rule == nullptr) return session.end(unknown());
    out.print(rule->id, Style::bold);
    out.line(fmt::format(" ({})", to_string(rule->severity)), Style::dim);
    out.line(rule->summary);
    out.line();
    out.line(rule->explanation);
    out.line();
    out.line("Wrong:", Style::error);
    print_indented(out, rule->bad);
    out.line();
    out.line("Right:", Style::good);
    print_indented(out, rule->good);
    return 0;
  }

 private:
  [[nodiscard]] Error unknown() const {
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
