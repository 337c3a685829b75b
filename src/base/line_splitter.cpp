#include "liminal/base/line_splitter.hpp"

#include <algorithm>

namespace liminal {

namespace {

constexpr std::size_t longest_line = 64U << 10U;

}  // namespace

void LineSplitter::feed(std::string_view piece) {
  while (!piece.empty()) {
    if (after_return_ && piece.front() == '\n') {
      piece.remove_prefix(1);
      after_return_ = false;
      continue;
    }
    after_return_ = false;
    const std::size_t room = longest_line - pending_.size();
    const std::size_t end = std::min({piece.find_first_of("\r\n"), piece.size(), room});
    pending_.append(piece.substr(0, end));
    piece.remove_prefix(end);
    if (!piece.empty() && (piece.front() == '\n' || piece.front() == '\r')) {
      after_return_ = piece.front() == '\r';
      piece.remove_prefix(1);
      tell();
    } else if (pending_.size() == longest_line) {
      tell();
    }
  }
}

void LineSplitter::finish() {
  if (!pending_.empty()) tell();
}

void LineSplitter::tell() {
  if (on_line_) on_line_(pending_);
  pending_.clear();
}

}  // namespace liminal
