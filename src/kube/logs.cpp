#include "logs.hpp"

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"

namespace liminal::kube {

Logs::Logs(Session& session, const Reference& pod, const Client::LogOptions& options, const OnLine& on_line)
    : Stream(session), pod_(pod), options_(options), on_line_(on_line), lines_([this](std::string_view line) {
        if (told_) told_ = on_line_(line);
      }) {}

Result<HttpRequest> Logs::request() {
  auto path = path_of(pod_, Verb::get, "log");
  if (!path) return tl::unexpected(std::move(path.error()));
  HttpRequest request;
  request.url = session_.connection.server + *path;
  char divider = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    request.url += fmt::format("{}{}={}", std::exchange(divider, '&'), name, percent_encode(value));
  };
  if (!options_.container.empty()) add("container", options_.container);
  if (options_.follow) add("follow", "true");
  if (options_.tail) add("tailLines", std::to_string(*options_.tail));
  if (options_.previous) add("previous", "true");
  if (options_.timestamps) add("timestamps", "true");
  request.headers.add("Accept", "*/*");
  if (options_.follow) request.idle_timeout = std::chrono::milliseconds{0};  // a program may be silent for days
  return request;
}

Status Logs::take(std::string_view piece) {
  lines_.feed(piece);
  return told_;
}

std::optional<Result<Answer>> Logs::end(Result<HttpResponse>& response, const HiddenText& /*hidden*/) {
  if (!told_) return tl::unexpected(told_.error());
  if (!response || response->status < 200 || response->status >= 300) return std::nullopt;
  lines_.finish();
  if (!told_) return tl::unexpected(told_.error());
  Answer answer;
  answer.code = response->status;
  return answer;
}

}  // namespace liminal::kube
