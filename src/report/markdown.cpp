// Markdown for a step's summary and for a comment on a pull or merge request.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "finding_text.hpp"
#include "markdown_cluster.hpp"
#include "markdown_text.hpp"
#include "tally.hpp"
#include "writers.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t excerpt_width = 100;
// For the sentence that says what was left out.
constexpr std::size_t reserve = 4096;

std::string_view sign_of(Outcome outcome) {
  constexpr std::array<std::string_view, 4> signs{"✅", "✅", "❌", "⏭️"};
  return signs.at(static_cast<std::size_t>(outcome));
}

bool has_failed(const RunReport& run) {
  const auto failed = [](const Stage& stage) { return stage.outcome == Outcome::failed; };
  return !run.errors.empty() || tally(run.findings).errors > 0 ||
         std::any_of(run.stages.begin(), run.stages.end(), failed);
}

class MarkdownWriter {
 public:
  explicit MarkdownWriter(const RunReport& run)
      : run_(run), limit_(has_cluster() ? limits::comment_bytes : limits::summary_bytes) {}

  std::string write() && {
    // Whoever updates the comment finds it by its first line; no text from outside can stand there.
    text_ = fmt::format("<!-- liminal:{} -->\n## {} liminal {}\n\n{}\n", run_.command, has_failed(run_) ? "❌" : "✅",
                        run_.command, markdown_sentence(summary_text(run_)));
    errors();
    cluster();
    stages();
    failed_cases();
    findings();
    graphs();
    sources();
    if (left_out_ > 0) {
      text_ += fmt::format("\n**{} left out here**, since a {}. The log and the other reports have everything.\n",
                           left_out_ == 1 ? "1 part is" : fmt::format("{} parts are", left_out_),
                           has_cluster() ? "comment holds at most 65,536 characters" : "summary holds at most 1 MiB");
    }
    return std::move(text_);
  }

 private:
  bool add(std::string_view part) {
    if (text_.size() + part.size() + reserve > limit_) {
      ++left_out_;
      return false;
    }
    text_ += part;
    return true;
  }

  void errors() {
    for (const Error& error : run_.errors) {
      const std::string place = place_text(error.location);
      std::string part = fmt::format("\n**error:** {}{}\n", place.empty() ? "" : markdown_code(place) + ": ",
                                     markdown_sentence(error.message));
      for (const std::string& cause : error.causes) part += fmt::format("- because: {}\n", markdown_sentence(cause));
      if (!error.advice.empty()) part += fmt::format("- help: {}\n", markdown_sentence(error.advice));
      add(part);
      if (!error.excerpt.empty()) {
        std::string lines;
        for (const std::string& line : error.excerpt) lines += line + "\n";
        add("\n" + markdown_block(lines));
      }
    }
  }

  [[nodiscard]] bool has_cluster() const { return run_.data.is_object() && run_.data.contains("cluster"); }

  // Others need room as well.
  void cluster() {
    if (!has_cluster()) return;
    const std::size_t room = limit_ - std::min(limit_, text_.size() + reserve);
    const bool named = run_.data.contains("context") && run_.data["context"].is_string();
    add(markdown_cluster(run_.data["cluster"], named ? run_.data["context"].get<std::string>() : std::string(),
                         room / 4 * 3));
  }

  void stages() {
    if (run_.stages.empty()) return;
    std::string table = "\n| Stage | Outcome | What | Time |\n| --- | --- | --- | --- |\n";
    for (const Stage& stage : run_.stages) {
      table += fmt::format("| {} | {} {} | {} | {} |\n", markdown_sentence(stage.name), sign_of(stage.outcome),
                           to_string(stage.outcome), markdown_sentence(stage.summary),
                           stage.outcome == Outcome::skipped ? "" : duration_text(stage.took));
    }
    add(table);
  }

  void failed_cases() {
    for (const Stage& stage : run_.stages) {
      for (const Case& one : stage.cases) {
        if (one.outcome != Outcome::failed) continue;
        std::string part = fmt::format("\n**{} failed:** {}", markdown_sentence(stage.name), markdown_code(one.name));
        if (!one.summary.empty()) part += ": " + markdown_sentence(one.summary);
        part += "\n";
        if (!one.output.empty()) part += "\n" + markdown_block(one.output);
        add(part);
      }
    }
  }

  void findings() {
    if (run_.findings.empty()) return;
    if (!add("\n### Findings\n\n| | Place | Finding | Rule |\n| --- | --- | --- | --- |\n")) return;
    for (const std::size_t index : worst_first(run_.findings)) {
      const Diagnostic& finding = run_.findings[index];
      std::string message = markdown_sentence(finding.message);
      if (!finding.help.empty()) message += "<br>" + markdown_sentence(finding.help);
      add(fmt::format("| {} | {} | {} | {} |\n", liminal::to_string(finding.severity),
                      markdown_code(place_text(finding.location)), message, markdown_code(finding.rule)));
    }
  }

  // What the plan drew, one graph a pipeline.
  void graphs() {
    if (!run_.data.is_object() || !run_.data.contains("mermaid")) return;
    const Json& graphs = run_.data["mermaid"];
    if (graphs.is_string()) graph(graphs.get<std::string>());
    if (!graphs.is_array()) return;
    for (const Json& one : graphs) {
      if (one.is_string()) graph(one.get<std::string>());
    }
  }

  void graph(const std::string& source) {
    // A fence that the text cannot close.
    std::size_t longest = 0;
    std::size_t current = 0;
    for (const char c : source) {
      current = c == '`' ? current + 1 : 0;
      longest = std::max(longest, current);
    }
    const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    add(fmt::format("\n{}mermaid\n{}{}{}\n", fence, printable(source), source.ends_with('\n') ? "" : "\n", fence));
  }

  void sources() {
    if (run_.findings.empty()) return;
    std::string text;
    constexpr std::size_t most = 100;
    std::size_t count = 0;
    for (const std::size_t index : worst_first(run_.findings)) {
      if (++count > most) break;
      text += plain_text(finding_lines(run_.findings[index], excerpt_width)) + "\n";
    }
    add(fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n",
                    run_.findings.size() > most ? "The first 100 with their source" : "With their source",
                    markdown_block(text)));
  }

  const RunReport& run_;
  std::size_t limit_;
  std::string text_;
  std::size_t left_out_ = 0;
};

}  // namespace

std::string to_markdown(const RunReport& run) {
  return MarkdownWriter(run).write();
}

}  // namespace liminal::report
