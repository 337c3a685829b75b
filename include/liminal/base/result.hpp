// Failures of the world as values. Mistakes in the user's files are diagnostics (liminal/diagnostic), not errors.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "liminal/base/location.hpp"

namespace liminal {

// What kind of failure it was; the command line turns it into an exit status (docs/exit-status.md).
enum class ErrorKind {
  usage,        // the command line or configuration is wrong, or names what is not there: exit 2
  unavailable,  // something needed is not reachable or refuses access: exit 3
  failed,       // an operation that was started failed: exit 4
  interrupted,  // the user or the CI system stopped it: exit 130 or 143
};

// One failure, told to a user: what went wrong, what to do about it, and the causes below it, outermost first.
// Texts never hold a secret and never another library's raw message alone.
struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string message;               // what went wrong, one line, no full stop at its end
  std::string advice;                // what to do, one line; may be empty
  std::vector<std::string> causes;   // what lies below, outermost first
  std::vector<std::string> excerpt;  // for example the last lines of a failed step's output
  bool transient = false;            // the same attempt, made again, may succeed (a reset, a timeout, a busy server)
  bool unsent = false;               // of a request: nothing of it can have reached the server
  Location location = {};            // what it is about in the user's files; no file: nothing there
  std::shared_ptr<const std::string> source = {};  // the text of that file, for the excerpt

  // The same failure seen from one layer up: `outer` becomes the message and the old message its first cause.
  [[nodiscard]] Error wrap(std::string outer) && {
    causes.insert(causes.begin(), std::move(message));
    message = std::move(outer);
    return std::move(*this);
  }
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string advice = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(advice), {}, {}, false});
}

}  // namespace liminal
