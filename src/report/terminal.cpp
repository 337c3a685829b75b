#include "liminal/report/terminal.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "inert_text.hpp"

namespace liminal::report {

namespace {

// The parameters of SGR (ECMA-48) for each style.
constexpr std::array<std::string_view, 16> parameters{"",   "1",  "2",  "1;31", "1;33", "1;36", "32", "36",
                                                      "32", "31", "36", "35",   "34",   "33",   "92", "95"};

std::string_view sgr_of(Style style) {
  return parameters.at(static_cast<std::size_t>(style));
}

// As many whole characters as fit into `width` columns.
Line cut_to_width(const Line& line, std::size_t width) {
  Line result;
  InertText encoder;
  for (const Piece& piece : line) {
    Piece kept{{}, piece.style};
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      const std::string_view before = rest;
      const Cell cell = encoder.next(rest);
      if (cell.text == "\n") continue;
      if (cell.width > width) {
        result.push_back(std::move(kept));
        return result;
      }
      width -= cell.width;
      kept.text += before.substr(0, before.size() - rest.size());
    }
    result.push_back(std::move(kept));
  }
  return result;
}

}  // namespace

Terminal::Terminal(TerminalOptions options)
    : options_(options), stream_(options.descriptor), text_(std::make_unique<InertText>()) {}

Terminal::~Terminal() {
  const std::lock_guard lock(mutex_);
  stream_.write(erased_live_lines());
}

std::string Terminal::styled(std::string_view encoded, Style style) const {
  if (!options_.color || style == Style::plain || encoded.empty()) return std::string(encoded);
  return fmt::format("\x1b[{}m{}\x1b[0m", sgr_of(style), encoded);
}

void Terminal::print(std::string_view text, Style style) {
  const std::lock_guard lock(mutex_);
  write_above_live_lines(styled(text_->encode_within_line(text), style));
}

void Terminal::text(std::string_view text) {
  const std::lock_guard lock(mutex_);
  write_above_live_lines(text_->encode(text));
}

void Terminal::line(std::string_view text, Style style) {
  const std::array<Line, 1> one{Line{Piece{std::string(text), style}}};
  lines(one);
}

void Terminal::lines(std::span<const Line> lines) {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const Line& line : lines) {
    for (const Piece& piece : line) out += styled(text_->encode_within_line(piece.text), piece.style);
    out += text_->encode("\n");
  }
  write_above_live_lines(out);
}

void Terminal::document(std::string_view encoded) {
  const std::lock_guard lock(mutex_);
  write_above_live_lines(encoded);
  if (!encoded.empty()) *text_ = InertText{};
}

void Terminal::set_live_lines(std::vector<Line> lines) {
  if (!options_.interactive) return;
  const std::lock_guard lock(mutex_);
  std::string out = erased_live_lines();
  live_lines_ = std::move(lines);
  out += drawn_live_lines();
  stream_.write(out);
}

bool Terminal::failed() const {
  const std::lock_guard lock(mutex_);
  return stream_.failed();
}

int Terminal::error() const {
  const std::lock_guard lock(mutex_);
  return stream_.error();
}

void Terminal::write_above_live_lines(std::string_view encoded) {
  std::string out = erased_live_lines();
  out += encoded;
  out += drawn_live_lines();
  stream_.write(out);
}

std::string Terminal::erased_live_lines() {
  if (drawn_ == 0) return {};
  // The cursor stands in the first column below them: up, then erase to the end of the screen.
  std::string out = fmt::format("\x1b[{}A\x1b[J", drawn_);
  drawn_ = 0;
  return out;
}

std::string Terminal::drawn_live_lines() {
  // A line that is being printed piece by piece is not broken up.
  if (live_lines_.empty() || !text_->at_line_begin()) return {};
  const std::size_t width = options_.width > 1 ? options_.width - 1 : 1;
  std::string out;
  for (const Line& line : live_lines_) {
    InertText encoder;
    for (const Piece& piece : cut_to_width(line, width)) out += styled(encoder.encode(piece.text), piece.style);
    out += '\n';
  }
  drawn_ = live_lines_.size();
  return out;
}

}  // namespace liminal::report
