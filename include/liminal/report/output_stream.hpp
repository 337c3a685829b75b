// A file descriptor that text is written to: all of it, or nothing more after the reader has gone.
#pragma once

#include <string_view>

namespace liminal::report {

// Does not own the descriptor. A reader that has closed its end (EPIPE) and a full disk end the stream: what comes
// after is dropped, and `failed` says so. The program ignores SIGPIPE, so that `liminal deploy | head` is not killed
// half-way.
class OutputStream {
 public:
  explicit OutputStream(int descriptor) : descriptor_(descriptor) {}

  void write(std::string_view bytes);
  [[nodiscard]] bool failed() const { return error_ != 0; }
  [[nodiscard]] int error() const { return error_; }  // errno of what ended it; 0: nothing did

 private:
  int descriptor_;
  int error_ = 0;
};

}  // namespace liminal::report
