#include "finding_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "excerpt.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t most_related = 8;
constexpr std::size_t widest_gutter = 9;

class FindingWriter {
 public:
  FindingWriter(const Diagnostic& finding, std::size_t width) : finding_(finding) {
    options_.style = style_of(finding.severity);
    options_.width = width;
    options_.gutter = digits(std::max({finding.location.range.begin.line, finding.location.range.end.line,
                                       finding.fix ? finding.fix->range.end.line : 0}));
    for (const RelatedPlace& place : finding.related) {
      options_.gutter = std::max(options_.gutter, digits(place.location.range.end.line));
    }
    // Positions beyond any real file must not push the text off the screen.
    options_.gutter = std::min(options_.gutter, widest_gutter);
  }

  std::vector<Line> write() && {
    head();
    append_excerpt(finding_.source, finding_.location.range, options_);
    note("help", finding_.help);
    related();
    fix();
    return std::move(lines_);
  }

 private:
  void head() {
    Line line;
    const std::string place = place_text(finding_.location);
    if (!place.empty()) line.push_back({place + ": ", Style::bold});
    line.push_back({fmt::format("{}: ", to_string(finding_.severity)), style_of(finding_.severity)});
    line.push_back({finding_.message, Style::bold});
    line.push_back({fmt::format(" [{}]", finding_.rule), Style::dim});
    lines_.push_back(std::move(line));
  }

  void append_excerpt(const std::shared_ptr<const std::string>& source, const Range& range,
                      const ExcerptOptions& options) {
    if (!source) return;
    auto shown = excerpt(*source, range, options);
    std::move(shown.begin(), shown.end(), std::back_inserter(lines_));
  }

  void note(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    lines_.push_back({{fmt::format(" {:>{}} = ", "", options_.gutter), Style::dim},
                      {fmt::format("{}: ", label), Style::bold},
                      {std::string(text), Style::plain}});
  }

  void related() {
    ExcerptOptions options = options_;
    options.style = Style::note;
    std::size_t count = 0;
    for (const RelatedPlace& place : finding_.related) {
      if (++count > most_related) {
        note("note", fmt::format("and {} more places", finding_.related.size() - most_related));
        return;
      }
      const std::string where = place_text(place.location);
      note("note", where.empty() ? place.message : fmt::format("{}: {}", where, place.message));
      const bool same_file = place.location.file == finding_.location.file;
      append_excerpt(place.source || !same_file ? place.source : finding_.source, place.location.range, options);
    }
  }

  void fix() {
    if (!finding_.fix) return;
    note("fix", finding_.fix->title);
    if (!finding_.source) return;
    auto shown = change(*finding_.source, finding_.fix->range, finding_.fix->replacement, options_);
    std::move(shown.begin(), shown.end(), std::back_inserter(lines_));
  }

  const Diagnostic& finding_;
  ExcerptOptions options_;
  std::vector<Line> lines_;
};

}  // namespace

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Style::error;
    case Severity::warning:
      return Style::warning;
    case Severity::note:
      break;
  }
  return Style::note;
}

std::string place_text(const Location& location) {
  if (location.file.empty() || location.range.begin.line == 0) return location.file;
  const Position begin = location.range.begin;
  if (begin.column == 0) return fmt::format("{}:{}", location.file, begin.line);
  return fmt::format("{}:{}:{}", location.file, begin.line, begin.column);
}

std::vector<Line> finding_lines(const Diagnostic& finding, std::size_t width) {
  return FindingWriter(finding, width).write();
}

std::vector<Line> error_lines(const Error& error, std::size_t width) {
  std::vector<Line> lines{{}};
  if (const std::string place = place_text(error.location); !place.empty())
    lines.front().push_back({place + ": ", Style::bold});
  lines.front().push_back({error.kind == ErrorKind::interrupted ? "interrupted: " : "error: ", Style::error});
  lines.front().push_back({error.message, Style::bold});
  if (error.source && error.location.range.begin.line > 0) {
    const std::size_t gutter = std::min(digits(error.location.range.end.line), widest_gutter);
    auto shown = excerpt(*error.source, error.location.range, {Style::error, width, gutter});
    std::move(shown.begin(), shown.end(), std::back_inserter(lines));
  }
  for (const std::string& cause : error.causes) {
    lines.push_back({{"  because: ", Style::dim}, {cause, Style::plain}});
  }
  for (const std::string& line : error.excerpt) lines.push_back({{"  | ", Style::dim}, {line, Style::plain}});
  if (!error.advice.empty()) lines.push_back({{"  = ", Style::dim}, {"help: ", Style::bold}, {error.advice}});
  return lines;
}

std::string plain_text(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) {
    for (const Piece& piece : line) text += piece.text;
    text += '\n';
  }
  return text;
}

}  // namespace liminal::report
