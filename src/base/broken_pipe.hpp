// Writing to a socket whose other side is gone.
#pragma once

#include <cerrno>
#include <csignal>

namespace liminal {

// OpenSSL writes to a socket whose other side may be gone; in this thread, for as long as this lives, that is an error
// of the transfer and no signal. The process's own handling of SIGPIPE stays as it is.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    sigset_t pending;
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE) == 1) return;  // it was there before: not ours to take
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
    active_ = true;
  }
  ~NoBrokenPipeSignal() {
    if (!active_) return;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) == -1 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

 private:
  sigset_t before_{};
  bool active_ = false;
};

}  // namespace liminal
