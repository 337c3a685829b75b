// Events of objects, as they happen.
#pragma once

#include "stream.hpp"

namespace liminal::kube {

class Watch final : public Stream {
 public:
  using OnEvent = std::function<bool(std::string_view type, const Json& object)>;

  Watch(Session& session, const Reference& collection, std::string label_selector, std::string resource_version,
        std::chrono::milliseconds timeout, const OnEvent& on_event);

 protected:
  Result<HttpRequest> request() override;
  Status take(std::string_view piece) override;
  std::optional<Result<Answer>> end(Result<HttpResponse>& response, const HiddenText& hidden) override;
  [[nodiscard]] bool resumable() const override { return !resource_version_.empty(); }

 private:
  [[nodiscard]] std::chrono::milliseconds left() const;
  Status take_line(std::string_view line);

  const Reference& collection_;
  const std::string label_selector_;
  std::string resource_version_;  // of the last event
  const Clock::Monotonic end_;
  const OnEvent& on_event_;
  std::string pending_;        // a line that has not ended
  bool over_ = false;          // the time is over, or the caller has enough
  std::optional<Json> error_;  // the Status of an ERROR event
};

}  // namespace liminal::kube
