#include "liminal/report/output_stream.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace liminal::report {

void OutputStream::write(std::string_view bytes) {
  while (!bytes.empty() && !failed()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Somebody else made the terminal or pipe non-blocking.
      pollfd ready{descriptor_, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) error_ = errno;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
}

}  // namespace liminal::report
