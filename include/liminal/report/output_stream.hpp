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
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  int descriptor_;
  bool failed_ = false;
};

}  // namespace liminal::report
