#include "stream.hpp"

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/base/pauses.hpp"

#include "answer.hpp"

namespace liminal::kube {

Result<Answer> Stream::run() {
  Pauses pauses(session_.world);
  bool logged_in_again = false;
  for (unsigned attempt = 0;; ++attempt) {
    auto proof = session_.prove();
    if (!proof) return tl::unexpected(std::move(proof.error()));
    auto request = this->request();
    if (!request) return tl::unexpected(std::move(request.error()));
    session_.complete(*request, *proof);
    moved_ = false;
    request->on_body = [&](std::string_view piece) {
      moved_ = true;
      return take(piece);
    };
    auto response = session_.world.http.send(*request);
    HiddenText hidden;
    session_.hide(hidden, *proof);
    if (auto over = end(response, hidden)) return std::move(*over);
    if (moved_) attempt = 0;
    std::optional<std::chrono::milliseconds> wish;
    if (response) {
      Answer answer = read_refusal(*response, hidden);
      if (answer.code == 401 && !std::exchange(logged_in_again, true) && session_.renew(*proof)) continue;
      if (!is_passing_status(answer.code) || attempt + 1 >= max_attempts) return answer;
      wish = retry_after(response->headers, session_.world.clock.now());
    } else {
      Error& error = response.error();
      for (std::string& cause : error.causes) cause = hidden.clean(cause, 500);
      const bool again = error.transient && attempt + 1 < max_attempts && (!moved_ || resumable());
      if (!again) return tl::unexpected(session_.unreachable(std::move(error)));
    }
    if (!pauses.wait(attempt, wish)) {
      return fail(ErrorKind::interrupted, "stopped while waiting to ask the cluster again");
    }
  }
}

}  // namespace liminal::kube
