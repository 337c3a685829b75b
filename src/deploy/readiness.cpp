#include "readiness.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/report/counted.hpp"

namespace liminal::deploy {

namespace {

constexpr std::int64_t hopeless_restarts = 3;

std::int64_t number_at(const Json& object, std::initializer_list<std::string_view> path) {
  const Json* value = find_member(object, path);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

const Json& list_at(const Json& object, std::initializer_list<std::string_view> path) {
  static const Json none = Json::array();
  const Json* value = find_member(object, path);
  return value != nullptr && value->is_array() ? *value : none;
}

const Json* condition_of(const Json& object, std::string_view type) {
  for (const Json& condition : list_at(object, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == type) return &condition;
  }
  return nullptr;
}

bool matches(const Json& pod, const Json& deployment) {
  const Json* selector = find_member(deployment, {"spec", "selector", "matchLabels"});
  if (selector == nullptr || !selector->is_object()) return false;
  const auto labels = selector->items();
  return std::all_of(labels.begin(), labels.end(),
                     [&](const auto& label) { return label.value() == label_of(pod, label.key()); });
}

// Those of the newest ReplicaSet: what the ones before it did is no news. They are told by what was made last, since a
// ReplicaSet makes its pods within moments of itself.
std::vector<const Json*> new_pods(const Json& deployment, const std::vector<Json>& pods) {
  constexpr std::string_view hash = "pod-template-hash";
  std::vector<const Json*> own;
  const Json* newest = nullptr;
  for (const Json& pod : pods) {
    if (!matches(pod, deployment)) continue;
    own.push_back(&pod);
    const auto made = [](const Json& one) { return text_at(one, {"metadata", "creationTimestamp"}); };
    if (newest == nullptr || made(pod) > made(*newest)) newest = &pod;
  }
  if (newest == nullptr) return own;
  std::erase_if(own, [&](const Json* pod) {
    return label_of(*pod, hash) != label_of(*newest, hash) || !text_at(*pod, {"metadata", "deletionTimestamp"}).empty();
  });
  return own;
}

// A registry that says so will say so again.
bool is_final_pull_failure(const std::string& message) {
  constexpr std::array<std::string_view, 6> words{"not found",     "unauthorized", "manifest unknown",
                                                  "access denied", "forbidden",    "no match for platform"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return message.find(word) != message.npos; });
}

bool is_hopeless(const std::string& reason, const std::string& message, std::int64_t restarts) {
  if (reason == "ErrImagePull" || reason == "ImagePullBackOff") return is_final_pull_failure(message);
  if (reason == "CrashLoopBackOff") return restarts >= hopeless_restarts;
  constexpr std::array<std::string_view, 4> reasons{"ErrImageNeverPull", "InvalidImageName",
                                                    "CreateContainerConfigError", "CreateContainerError"};
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

// What a container that does not run says of itself.
void look_at_container(const Json& pod, const Json& status, Readiness& result) {
  const std::string waiting = text_at(status, {"state", "waiting", "reason"});
  const std::int64_t restarts = number_at(status, {"restartCount"});
  if (waiting.empty() || waiting == "ContainerCreating" || waiting == "PodInitializing") return;
  result.pod = text_at(pod, {"metadata", "name"});
  result.container = text_at(status, {"name"});
  result.has_logs = restarts > 0;
  const std::string message = text_at(status, {"state", "waiting", "message"});
  result.hopeless = is_hopeless(waiting, message, restarts);
  result.text += fmt::format("; pod {}: {}", result.pod, waiting);
  if (restarts > 0) {
    result.text +=
        fmt::format(", ended {}, last with exit status {}", report::counted(static_cast<std::size_t>(restarts), "time"),
                    number_at(status, {"lastState", "terminated", "exitCode"}));
  } else if (!message.empty()) {
    result.text += ": " + message.substr(0, 300);
  }
}

void look_at_pod(const Json& pod, Readiness& result) {
  if (const Json* scheduled = condition_of(pod, "PodScheduled");
      scheduled != nullptr && text_at(*scheduled, {"reason"}) == "Unschedulable") {
    result.pod = text_at(pod, {"metadata", "name"});
    result.text +=
        fmt::format("; pod {} fits on no node: {}", result.pod, text_at(*scheduled, {"message"}).substr(0, 300));
    return;
  }
  for (const std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
    for (const Json& status : list_at(pod, {"status", list})) {
      look_at_container(pod, status, result);
      if (!result.pod.empty()) return;
    }
  }
}

}  // namespace

Readiness readiness_of(const Json& deployment, const std::vector<Json>& pods) {
  Readiness result;
  const std::int64_t wanted = number_at(deployment, {"spec", "replicas"});
  const std::int64_t updated = number_at(deployment, {"status", "updatedReplicas"});
  const std::int64_t available = number_at(deployment, {"status", "availableReplicas"});
  const std::int64_t all = number_at(deployment, {"status", "replicas"});
  const bool seen =
      number_at(deployment, {"status", "observedGeneration"}) >= number_at(deployment, {"metadata", "generation"});
  result.serves = available > 0;
  result.ready = seen && updated >= wanted && all <= updated && available >= wanted;
  if (result.ready) return result;
  // The old ones are available, too: of the new ones at least so many are.
  const std::int64_t ready = std::clamp<std::int64_t>(available - (all - updated), 0, updated);
  result.text = fmt::format("{} of {} ready", seen ? ready : 0, wanted);
  if (seen && all > updated) result.text += fmt::format(", {} old to end", all - updated);
  if (!seen) return result;
  // Until there is a new pod, all that are there are old.
  if (updated > 0) {
    for (const Json* pod : new_pods(deployment, pods)) {
      if (result.pod.empty()) look_at_pod(*pod, result);
    }
  }
  if (const Json* failure = condition_of(deployment, "ReplicaFailure");
      failure != nullptr && text_at(*failure, {"status"}) == "True") {
    result.hopeless = true;
    result.text += "; no pod can be made: " + text_at(*failure, {"message"}).substr(0, 300);
  }
  if (const Json* progressing = condition_of(deployment, "Progressing");
      progressing != nullptr && text_at(*progressing, {"reason"}) == "ProgressDeadlineExceeded") {
    result.hopeless = true;
    result.text += "; it made no progress within its deadline";
  }
  return result;
}

}  // namespace liminal::deploy
