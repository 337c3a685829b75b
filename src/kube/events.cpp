#include "liminal/kube/events.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::kube {

namespace {

constexpr std::size_t longest = 500;

std::string text_at_pointer(const Json& object, const char* place) {
  const Json::json_pointer pointer(place);
  return object.contains(pointer) && object[pointer].is_string() ? object[pointer].get<std::string>() : std::string();
}

// When it was last seen: events of the older kind and of the newer one have it in different places.
std::string seen(const Json& event) {
  for (const char* place :
       {"/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"}) {
    if (std::string time = text_at_pointer(event, place); !time.empty()) return time;
  }
  return {};
}

}  // namespace

std::vector<Warning> pod_warnings(Client& client, const std::string& namespace_name, const std::string& name) {
  Call call;
  call.verb = Verb::list;
  call.target = {find_resource_type("v1", "Event"), namespace_name, ""};
  call.query["fieldSelector"] = "involvedObject.kind=Pod,type=Warning";
  if (!name.empty()) call.query["fieldSelector"] += ",involvedObject.name=" + name;
  const auto answer = client.call(call);
  std::vector<Warning> warnings;
  if (!answer || !answer->ok() || !answer->body.contains("items") || !answer->body["items"].is_array()) return warnings;
  std::vector<Json> events(answer->body["items"].begin(), answer->body["items"].end());
  std::stable_sort(events.begin(), events.end(), [](const Json& a, const Json& b) { return seen(a) < seen(b); });
  for (const Json& event : events) {
    warnings.push_back({text_at_pointer(event, "/involvedObject/name"),
                        fmt::format("{}: {}", text_at_pointer(event, "/reason"),
                                    text_at_pointer(event, "/message").substr(0, longest))});
  }
  return warnings;
}

}  // namespace liminal::kube
