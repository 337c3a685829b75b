#include "retry.hpp"

#include "liminal/base/pauses.hpp"

namespace liminal::registry {

bool is_passing_status(int status) {
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 499:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return status >= 520 && status <= 524;
  }
}

Result<HttpResponse> send_with_retries(const World& world, const std::function<Result<HttpResponse>()>& send,
                                       unsigned attempts) {
  Pauses pauses(world);
  for (unsigned attempt = 0;; ++attempt) {
    auto response = send();
    const bool again = response ? is_passing_status(response->status) : response.error().transient;
    if (!again || attempt + 1 >= attempts) return response;
    if (!pauses.wait(attempt, response ? retry_after(response->headers, world.clock.now()) : std::nullopt)) {
      return fail(ErrorKind::interrupted, "stopped while waiting to ask the registry again");
    }
  }
}

}  // namespace liminal::registry
