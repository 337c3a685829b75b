#include "excerpt.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "inert_text.hpp"
#include "unicode.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t most_lines = 6;  // of one range; those in between are left out
constexpr std::size_t least_width = 20;
constexpr std::size_t context_before_token = 12;  // columns kept in front of it when a line is cut
// Bytes of a line that are looked at, more than any terminal shows: a line may be a whole file of many megabytes.
constexpr std::size_t most_bytes = 4096;

std::vector<std::string_view> lines_between(std::string_view source, std::uint32_t first, std::uint32_t last) {
  std::vector<std::string_view> lines;
  for (std::uint32_t number = 1; number <= last; ++number) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    std::string_view line = source.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number >= first) lines.push_back(line);
    if (end == source.size()) break;
    source.remove_prefix(end + 1);
  }
  return lines;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Bytes before a 1-based column, which counts code points.
std::size_t offset_of(std::string_view line, std::uint32_t column) {
  constexpr std::size_t block = 64;
  std::size_t offset = 0;
  std::uint32_t at = 1;
  for (; at + block <= column && offset + block <= line.size() && is_ascii(line.substr(offset, block)); at += block)
    offset += block;
  for (; at < column && offset < line.size(); ++at) offset += first_code_point(line.substr(offset)).bytes;
  return offset;
}

// The bytes of a long line that stand around a column, and that column in them.
struct Part {
  std::string_view text;
  std::uint32_t column = 1;
};

Part part_around(std::string_view line, std::uint32_t column) {
  if (line.size() <= most_bytes) return {line, column};
  constexpr std::uint32_t columns_before = 200;
  const std::uint32_t skipped = column > columns_before ? column - columns_before : 0;
  return {line.substr(offset_of(line, skipped + 1)).substr(0, most_bytes), column - skipped};
}

std::size_t width_before(const std::vector<Cell>& cells, std::uint32_t column) {
  const std::size_t count = std::min<std::size_t>(column > 0 ? column - 1 : 0, cells.size());
  std::size_t width = 0;
  for (std::size_t i = 0; i < count; ++i) width += cells[i].width;
  return width;
}

struct Shown {
  std::string text;
  std::size_t shift = 0;  // columns cut off at the left, the ellipsis counted as shown
};

// At most `width` columns of a line, cut so that column `focus` can be seen.
Shown cut(const std::vector<Cell>& cells, std::size_t focus, std::size_t width) {
  std::size_t total = 0;
  for (const Cell& cell : cells) total += cell.width;
  Shown shown;
  const std::size_t start = focus > context_before_token ? focus - context_before_token : 0;
  // Only as far to the right as it takes to see the token in what fits.
  const std::size_t from = total <= width || focus + context_before_token < width ? 0 : start;
  std::size_t column = 0;
  std::size_t used = 0;
  bool first = true;
  for (const Cell& cell : cells) {
    if (column < from) {
      column += cell.width;
      continue;
    }
    if (first && from > 0) {
      shown.text = "…";
      shown.shift = column - 1;
      used = 1;
    }
    first = false;
    const bool last_fits = total - shown.shift <= width;
    if (!last_fits && used + cell.width + 1 > width) {
      shown.text += "…";
      break;
    }
    shown.text += cell.text;
    used += cell.width;
    column += cell.width;
  }
  return shown;
}

Line numbered(std::uint32_t number, std::size_t gutter, std::string_view mark) {
  return {{fmt::format(" {:>{}} {} ", number, gutter, mark), Style::dim}};
}

Line unnumbered(std::size_t gutter, std::string_view mark) {
  return {{fmt::format(" {:>{}} {} ", "", gutter, mark), Style::dim}};
}

// The end of a range that stops before the first character of a line belongs to the line before; blank lines at the
// end of a block are no part of what is meant.
Range trimmed(std::string_view source, Range range) {
  if (range.end < range.begin) range.end = range.begin;
  while (range.end.line > range.begin.line) {
    const auto lines = lines_between(source, range.end.line, range.end.line);
    const std::string_view before =
        lines.empty() ? std::string_view{} : lines.front().substr(0, offset_of(lines.front(), range.end.column));
    if (before.find_first_not_of(" \t") != std::string_view::npos) break;
    --range.end.line;
    range.end.column = UINT32_MAX;
  }
  return range;
}

std::size_t room(const ExcerptOptions& options, std::size_t taken) {
  const std::size_t used = options.gutter + taken;
  return std::max(least_width, options.width > used ? options.width - used : 0);
}

std::vector<Line> one_line(std::string_view line, const Range& range, const ExcerptOptions& options) {
  const Part part = part_around(line, range.begin.column);
  const std::vector<Cell> cells = cells_of_line(part.text);
  const std::uint32_t length = range.end.column > range.begin.column ? range.end.column - range.begin.column : 0;
  const std::size_t begin = width_before(cells, part.column);
  const std::size_t end = std::max(width_before(cells, part.column + length), begin + 1);
  const std::size_t width = room(options, 4);
  const Shown shown = cut(cells, begin, width);

  Line text = numbered(range.begin.line, options.gutter, "|");
  text.push_back({shown.text, Style::plain});
  const std::size_t left = begin - shown.shift;
  Line underline = unnumbered(options.gutter, "|");
  underline.push_back(
      {std::string(left, ' ') + std::string(std::min(end - begin, width > left ? width - left : 1), '^'),
       options.style});
  return {std::move(text), std::move(underline)};
}

// rustc's way: a bar at the left from the first line to the last, closed by an underline.
std::vector<Line> several_lines(const std::vector<std::string_view>& lines, const Range& range,
                                const ExcerptOptions& options) {
  std::vector<Line> result;
  const std::size_t width = room(options, 6);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines.size() > most_lines && i == most_lines - 2) {
      Line gap = unnumbered(options.gutter, "|");
      gap.push_back({"| ...", options.style});
      result.push_back(std::move(gap));
      i = lines.size() - 2;
      continue;
    }
    Line line = numbered(range.begin.line + static_cast<std::uint32_t>(i), options.gutter, "|");
    line.push_back({i == 0 ? "/ " : "| ", options.style});
    line.push_back({cut(cells_of_line(part_around(lines[i], 1).text), 0, width).text, Style::plain});
    result.push_back(std::move(line));
  }
  const std::size_t end =
      std::min(width_before(cells_of_line(part_around(lines.back(), 1).text), range.end.column), width);
  Line close = unnumbered(options.gutter, "|");
  close.push_back({"|" + std::string(std::max<std::size_t>(end, 1), '_') + "^", options.style});
  result.push_back(std::move(close));
  return result;
}

// What is cut off a line that is too long leaves column `column` of the first one, and of the others their start.
void append_change(std::vector<Line>& result, std::string_view text, std::uint32_t number, bool added,
                   std::uint32_t column, const ExcerptOptions& options) {
  std::uint32_t count = 0;
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (++count > most_lines) {
      Line gap = unnumbered(options.gutter, added ? "+" : "-");
      gap.push_back({"...", Style::dim});
      result.push_back(std::move(gap));
      return;
    }
    Line line = numbered(number++, options.gutter, added ? "+" : "-");
    const std::vector<Cell> cells = cells_of_line(text.substr(0, std::min(end, most_bytes)));
    const std::size_t focus = count == 1 ? width_before(cells, column) : 0;
    line.push_back({cut(cells, focus, room(options, 4)).text, added ? Style::added : Style::removed});
    result.push_back(std::move(line));
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
    if (text.empty()) return;
  }
}

// Around the change alone.
std::vector<Line> change_in_long_line(std::string_view line, const Range& range, std::string_view replacement,
                                      const ExcerptOptions& options) {
  constexpr std::size_t bytes_around = 100;
  const std::size_t begin = offset_of(line, range.begin.column);
  const std::size_t end = range.end.line > range.begin.line ? line.size() : offset_of(line, range.end.column);
  const std::size_t before = std::min(begin, bytes_around);
  const std::string left = "…" + std::string(line.substr(begin - before, before));
  const auto column = static_cast<std::uint32_t>(cells_of_line(left).size() + 1);
  const std::string right(line.substr(end, bytes_around));
  std::vector<Line> result;
  append_change(result, left + std::string(line.substr(begin, end - begin)) + right, range.begin.line, false, column,
                options);
  append_change(result, left + std::string(replacement) + right, range.begin.line, true, column, options);
  return result;
}

}  // namespace

std::size_t digits(std::uint32_t line) {
  return fmt::formatted_size("{}", line);
}

std::vector<Line> excerpt(std::string_view source, const Range& where, const ExcerptOptions& options) {
  if (where.begin.line == 0) return {};
  const Range range = trimmed(source, where);
  const auto lines = lines_between(source, range.begin.line, range.end.line);
  if (lines.empty()) return {};
  std::vector<Line> result{unnumbered(options.gutter, "|")};
  result.front().front().text.pop_back();
  auto shown = lines.size() == 1 ? one_line(lines.front(), {range.begin, {range.begin.line, range.end.column}}, options)
                                 : several_lines(lines, range, options);
  std::move(shown.begin(), shown.end(), std::back_inserter(result));
  return result;
}

std::vector<Line> change(std::string_view source, const Range& range, std::string_view replacement,
                         const ExcerptOptions& options) {
  if (range.begin.line == 0 || range.end < range.begin) return {};
  const auto lines = lines_between(source, range.begin.line, range.end.line);
  if (lines.empty()) return {};
  if (lines.size() == 1 && lines.front().size() > most_bytes)
    return change_in_long_line(lines.front(), range, replacement, options);
  std::string before;
  for (const std::string_view line : lines) before += std::string(line) + '\n';
  const std::string_view last = lines.back();
  // A range may end at the first column of the line after the file's last.
  const bool whole = range.end.line >= range.begin.line + lines.size();
  std::string after(lines.front().substr(0, offset_of(lines.front(), range.begin.column)));
  after += replacement;
  if (!whole) after += last.substr(offset_of(last, range.end.column));

  std::vector<Line> result;
  append_change(result, before, range.begin.line, false, range.begin.column, options);
  // Lines that are taken away altogether leave nothing to show.
  if (after.find_first_not_of(" \t\n") != std::string::npos) {
    append_change(result, after, range.begin.line, true, range.begin.column, options);
  }
  return result;
}

}  // namespace liminal::report
