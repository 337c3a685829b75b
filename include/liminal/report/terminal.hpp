// The only way text reaches standard output and standard error. Everything given to it is taken as untrusted: escape
// sequences, control and bidirectional characters, and CI systems' workflow commands are made visible instead of
// working.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/report/output_stream.hpp"

namespace liminal::report {

class InertText;

// `item1` to `item6` tell items apart whose output is mixed.
enum class Style {
  plain,
  bold,
  dim,
  error,
  warning,
  note,
  good,
  accent,
  added,
  removed,
  item1,
  item2,
  item3,
  item4,
  item5,
  item6
};

struct Piece {
  std::string text;
  Style style = Style::plain;
};
using Line = std::vector<Piece>;

struct TerminalOptions {
  int descriptor = 2;
  bool color = false;
  bool interactive = false;  // a terminal whose lines may be redrawn
  std::size_t width = 100;   // columns
};

// Thread-safe; what one call prints stands together.
class Terminal {
 public:
  explicit Terminal(TerminalOptions options);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // A part of a line, in one style. What is not printable is shown as an escape, a line end too: no name can begin a
  // line of its own. A tab becomes spaces.
  void print(std::string_view text, Style style = Style::plain);
  void line(std::string_view text = {}, Style style = Style::plain);
  void lines(std::span<const Line> lines);
  // Text of this program, such as its help: the same, but line ends are kept.
  void text(std::string_view text);
  // Bytes that a report writer has already encoded for this channel (`json_document`): written as they are.
  void document(std::string_view encoded);

  // Lines below everything printed, drawn anew whenever something is printed or they change; cut to the terminal's
  // width. Only on an interactive terminal.
  void set_live_lines(std::vector<Line> lines);

  // The reader has gone, or a disk is full: part of the output is lost.
  [[nodiscard]] bool failed() const;
  // errno of what ended it: EPIPE, ENOSPC, EBADF; 0: all of it was written.
  [[nodiscard]] int error() const;
  [[nodiscard]] const TerminalOptions& options() const { return options_; }

 private:
  [[nodiscard]] std::string styled(std::string_view encoded, Style style) const;
  [[nodiscard]] std::string erased_live_lines();
  [[nodiscard]] std::string drawn_live_lines();
  void write_above_live_lines(std::string_view encoded);

  TerminalOptions options_;
  OutputStream stream_;
  std::unique_ptr<InertText> text_;
  std::vector<Line> live_lines_;
  std::size_t drawn_ = 0;  // live lines now on the screen
  mutable std::mutex mutex_;
};

// What `print` makes of a text, without style.
[[nodiscard]] std::string printable(std::string_view text);

// Columns a text takes on a terminal (wide and combining characters counted), escapes included.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace liminal::report
