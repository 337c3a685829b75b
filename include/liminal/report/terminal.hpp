// The only way text reaches standard output and standard error. Everything given to it is taken as untrusted: escape
// sequences, control and bidirectional characters, and CI systems' workflow commands are made visible instead of
// working.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace liminal::report {

enum class Style { plain, bold, dim, error, warning, note, good, accent, added, removed };

struct TerminalOptions {
  int descriptor = 2;
  bool color = false;
  bool interactive = false;  // a terminal whose lines may be redrawn
  std::size_t width = 100;   // columns
};

class Terminal {
 public:
  explicit Terminal(TerminalOptions options) : options_(options) {}

  // Text in one style; line ends in it are kept, everything else that is not printable is shown as an escape.
  // Thread-safe.
  void print(std::string_view text, Style style = Style::plain);
  void line(std::string_view text = {}, Style style = Style::plain);
  // Bytes that a report writer has already encoded for this channel (JSON, SARIF, Mermaid): written as they are.
  void document(std::string_view encoded);

  [[nodiscard]] const TerminalOptions& options() const { return options_; }

 private:
  TerminalOptions options_;
  std::mutex mutex_;
};

// What `print` makes of a text, without style.
[[nodiscard]] std::string printable(std::string_view text);

// Columns a text takes on a terminal (wide and combining characters counted).
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace liminal::report
