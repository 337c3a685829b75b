#include "log_frames.hpp"

#include <algorithm>

namespace liminal::docker {

Status LogFrames::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (remaining_ > 0) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
      on_piece_(stream_, bytes.substr(0, count));
      remaining_ -= count;
      bytes.remove_prefix(count);
      continue;
    }
    header_[header_size_++] = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (header_size_ < header_.size()) continue;
    header_size_ = 0;
    if (header_[0] > 2 || header_[1] != 0 || header_[2] != 0 || header_[3] != 0) {
      return fail(ErrorKind::failed, "the Docker Engine sent a container's output in a form that is not known");
    }
    stream_ = header_[0] == 2 ? LogStream::error : LogStream::out;
    remaining_ = static_cast<std::uint64_t>(header_[4]) << 24U | static_cast<std::uint64_t>(header_[5]) << 16U |
                 static_cast<std::uint64_t>(header_[6]) << 8U | header_[7];
  }
  return {};
}

}  // namespace liminal::docker
