// One call of the API through all its attempts and, of a list, its pages.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "liminal/base/clock.hpp"
#include "liminal/base/http.hpp"
#include "liminal/kube/client.hpp"

#include "hidden_text.hpp"

namespace liminal::kube {

inline constexpr unsigned max_attempts = 6;

// The address of an object, a collection or a subresource below the server's own. Errors (usage): a kind that is not
// known, a name that no object can have, a name or namespace that is missing.
[[nodiscard]] Result<std::string> path_of(const Reference& target, Verb verb, const std::string& subresource);

[[nodiscard]] bool is_passing_status(int status);

class Exchange {
 public:
  explicit Exchange(const Call& call) : call_(call) {}
  // GET of a path that is no object.
  explicit Exchange(std::string path) : path_(std::move(path)) {}

  // The next request, without credentials and without what every request has.
  [[nodiscard]] Result<HttpRequest> request(const std::string& server) const;
  [[nodiscard]] Status allowed() const { return call_.allowed ? call_.allowed() : Status(); }
  // What must not be seen in what the server says.
  void hide(HiddenText& hidden) const;

  enum class Step {
    done,
    go_on,      // the next page
    log_in,     // once: the server did not know the credentials
    try_again,  // after a pause
  };
  Step take(Result<HttpResponse> response, const HiddenText& hidden, const Clock& clock);
  void end(Error error) { outcome_ = tl::unexpected(std::move(error)); }

  [[nodiscard]] unsigned attempts() const { return attempts_; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> wish() const { return wish_; }  // of the server's: a pause
  // What came last: final once `take` says done.
  [[nodiscard]] Result<Answer>& outcome() { return outcome_; }

 private:
  [[nodiscard]] bool may_repeat(const Error& error) const;
  [[nodiscard]] bool may_repeat(const Answer& answer) const;
  Step take_success(const HttpResponse& response, const HiddenText& hidden);
  Step take_page(Json page, std::size_t bytes);
  Step take_refusal(const HttpResponse& response, const HiddenText& hidden, const Clock& clock);

  Call call_;
  std::string path_;  // instead of a call
  unsigned attempts_ = 0;
  bool logged_in_again_ = false;
  bool listed_again_ = false;
  std::string next_page_;
  Json items_;  // of the pages before
  std::size_t list_bytes_ = 0;
  std::optional<std::chrono::milliseconds> wish_;
  Result<Answer> outcome_ = tl::unexpected(Error{ErrorKind::failed, "the call was not made", "", {}, {}, false});
};

}  // namespace liminal::kube
