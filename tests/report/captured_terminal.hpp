// A terminal that a test can read back.
#pragma once

#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "liminal/report/terminal.hpp"

namespace liminal::testing {

class CapturedTerminal {
 public:
  explicit CapturedTerminal(bool color = false, bool interactive = false, std::size_t width = 100)
      : descriptor_(::memfd_create("terminal", MFD_CLOEXEC)), terminal_({descriptor_, color, interactive, width}) {}
  ~CapturedTerminal() { ::close(descriptor_); }
  CapturedTerminal(const CapturedTerminal&) = delete;
  CapturedTerminal& operator=(const CapturedTerminal&) = delete;

  report::Terminal& get() { return terminal_; }

  [[nodiscard]] std::string text() const {
    std::string text(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_CUR)), '\0');
    text.resize(static_cast<std::size_t>(::pread(descriptor_, text.data(), text.size(), 0)));
    return text;
  }

 private:
  int descriptor_;
  report::Terminal terminal_;
};

}  // namespace liminal::testing
