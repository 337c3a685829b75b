#include "watch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/base/untrusted_json.hpp"

#include "answer.hpp"

namespace liminal::kube {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t line_limit = 16U << 20U;  // an object has about 1.5 MB
constexpr milliseconds late{10'000};  // how long after the time is over a silent server may still end it by itself

// Ends the transfer; what it means is known to whoever returned it.
tl::unexpected<Error> stop() {
  return fail(ErrorKind::interrupted, "the watch is over");
}

std::string version_of(const Json& object) {
  const Json::json_pointer place("/metadata/resourceVersion");
  if (!object.contains(place) || !object[place].is_string()) return {};
  return object[place].get<std::string>();
}

}  // namespace

Watch::Watch(Session& session, const Reference& collection, std::string label_selector, std::string resource_version,
             milliseconds timeout, const OnEvent& on_event)
    : Stream(session),
      collection_(collection),
      label_selector_(std::move(label_selector)),
      resource_version_(std::move(resource_version)),
      end_(session.world.clock.monotonic() + timeout),
      on_event_(on_event) {}

milliseconds Watch::left() const {
  const auto rest = std::chrono::duration_cast<milliseconds>(end_ - session_.world.clock.monotonic());
  return std::max(rest, milliseconds{0});
}

Result<HttpRequest> Watch::request() {
  auto path = path_of(collection_, Verb::list, "");
  if (!path) return tl::unexpected(std::move(path.error()));
  const auto seconds = std::max<long>(1, std::chrono::ceil<std::chrono::seconds>(left()).count());
  HttpRequest request;
  request.url = fmt::format("{}{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={}", session_.connection.server,
                            *path, seconds);
  if (!resource_version_.empty()) request.url += "&resourceVersion=" + percent_encode(resource_version_);
  if (!label_selector_.empty()) request.url += "&labelSelector=" + percent_encode(label_selector_);
  if (!collection_.name.empty()) request.url += "&fieldSelector=" + percent_encode("metadata.name=" + collection_.name);
  request.headers.add("Accept", "application/json");
  request.idle_timeout = std::chrono::seconds{seconds} + late;
  pending_.clear();
  return request;
}

Status Watch::take(std::string_view piece) {
  while (!piece.empty()) {
    const auto line_end = piece.find('\n');
    pending_.append(piece.substr(0, line_end));
    if (pending_.size() > line_limit) {
      return fail(ErrorKind::unavailable, "an event of the watch is larger than any object can be",
                  "check the server's address in the kubeconfig");
    }
    if (line_end == std::string_view::npos) break;
    piece.remove_prefix(line_end + 1);
    const std::string line = std::exchange(pending_, {});
    if (auto taken = take_line(line); !taken) return taken;
  }
  if (left().count() > 0) return {};
  over_ = true;
  return stop();
}

Status Watch::take_line(std::string_view line) {
  if (line.find_first_not_of(" \r\t") == std::string_view::npos) return {};
  const auto event = parse_json(line);
  const bool sound = event && event->is_object() && event->contains("type") && (*event)["type"].is_string() &&
                     event->contains("object") && (*event)["object"].is_object();
  if (!sound) {
    return fail(ErrorKind::unavailable, "what the server sends as events is not what a Kubernetes API server says",
                "check the server's address in the kubeconfig, and whether a proxy stands before it");
  }
  const auto& type = (*event)["type"].get_ref<const std::string&>();
  const Json& object = (*event)["object"];
  if (type == "ERROR") {
    error_ = object;
    return stop();
  }
  if (std::string version = version_of(object); !version.empty()) resource_version_ = std::move(version);
  if (on_event_(type, object)) return {};
  over_ = true;
  return stop();
}

std::optional<Result<Answer>> Watch::end(Result<HttpResponse>& response, const HiddenText& hidden) {
  if (error_) {
    const auto code = error_->find("code");
    const bool known = code != error_->end() && code->is_number_integer();
    return read_status(*error_, known ? code->get<int>() : 500, hidden);
  }
  const bool success = response && response->status >= 200 && response->status < 300;
  const bool cancelled = session_.world.cancellation.requested();
  if (over_ || success || (!response && !cancelled && left().count() == 0)) {
    Answer answer;
    answer.code = 200;
    return answer;
  }
  return std::nullopt;
}

}  // namespace liminal::kube
