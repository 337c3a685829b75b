// Workflow commands of GitHub's runner: one annotation a finding, as many as are shown.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "inert_text.hpp"
#include "repository_path.hpp"
#include "tally.hpp"
#include "writers.hpp"

namespace liminal::report {

namespace {

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// `##[` is a command anywhere in a line for those who read the line in the older way.
std::string without_commands(std::string text) {
  for (std::size_t at = 0; (at = text.find("##", at)) != std::string::npos; ++at) text.replace(at + 1, 1, "\\x23");
  return text;
}

std::string data(std::string_view text) {
  return escaped(shortened(without_commands(visible(text)), limits::annotation_bytes), false);
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("{}={}", name, escaped(without_commands(visible_line(value)), true));
}

std::string place(const Location& location, const RunReport& run, const Context& context) {
  std::string text = property("file", repository_path(location.file, run, context));
  const Range& range = location.range;
  if (range.begin.line == 0) return text + ",line=1";
  text += fmt::format(",line={}", range.begin.line);
  const bool one_line = range.end.line <= range.begin.line;
  text += fmt::format(",endLine={}", one_line ? range.begin.line : range.end.line);
  // GitHub takes columns only where they are on one line.
  if (one_line && range.begin.column > 0) {
    text += fmt::format(",col={},endColumn={}", range.begin.column, std::max(range.begin.column, range.end.column));
  }
  return text;
}

std::string_view level_of(Severity severity) {
  constexpr std::array<std::string_view, 3> levels{"notice", "warning", "error"};
  return levels.at(static_cast<std::size_t>(severity));
}

class Annotations {
 public:
  // The last notice is kept for saying what was left out.
  void add(Severity severity, const std::string& properties, std::string_view message) {
    std::size_t& used = used_.at(static_cast<std::size_t>(severity));
    const std::size_t kept = severity == Severity::note ? 1 : 0;
    if (used + kept >= limits::annotations_of_a_level) {
      ++left_out_;
      return;
    }
    ++used;
    text_ += fmt::format("::{} {}::{}\n", level_of(severity), properties, data(message));
  }

  std::string finish(const RunReport& run) && {
    if (left_out_ > 0) {
      text_ +=
          fmt::format("::notice title=liminal::{}\n",
                      data(fmt::format("{}. GitHub shows 10 annotations of a level: {} not shown here; the log and "
                                       "the other reports have all of them.",
                                       summary_text(run), left_out_ == 1 ? "1 is" : fmt::format("{} are", left_out_))));
    }
    return std::move(text_);
  }

 private:
  std::string text_;
  std::array<std::size_t, 3> used_{};
  std::size_t left_out_ = 0;
};

}  // namespace

std::string to_github(const RunReport& run, const Context& context) {
  Annotations annotations;
  for (const Error& error : run.errors) {
    std::string message = error.message;
    for (const std::string& cause : error.causes) message += "\nbecause: " + cause;
    if (!error.advice.empty()) message += "\nhelp: " + error.advice;
    const std::string title = property("title", "liminal " + run.command);
    annotations.add(Severity::error,
                    error.location.file.empty() ? title : place(error.location, run, context) + "," + title, message);
  }
  for (const std::size_t index : worst_first(run.findings)) {
    const Diagnostic& finding = run.findings[index];
    const std::string message = finding.help.empty() ? finding.message : finding.message + "\nhelp: " + finding.help;
    annotations.add(finding.severity, place(finding.location, run, context) + "," + property("title", finding.rule),
                    message);
  }
  return std::move(annotations).finish(run);
}

}  // namespace liminal::report
