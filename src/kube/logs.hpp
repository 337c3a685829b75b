// The log of a container, line by line.
#pragma once

#include "liminal/base/line_splitter.hpp"

#include "stream.hpp"

namespace liminal::kube {

class Logs final : public Stream {
 public:
  using OnLine = std::function<Status(std::string_view)>;

  Logs(Session& session, const Reference& pod, const Client::LogOptions& options, const OnLine& on_line);

 protected:
  Result<HttpRequest> request() override;
  Status take(std::string_view piece) override;
  std::optional<Result<Answer>> end(Result<HttpResponse>& response, const HiddenText& hidden) override;
  [[nodiscard]] bool resumable() const override { return false; }  // lines would be told twice

 private:
  const Reference& pod_;
  const Client::LogOptions& options_;
  const OnLine& on_line_;
  LineSplitter lines_;
  Status told_;  // what on_line said last
};

}  // namespace liminal::kube
