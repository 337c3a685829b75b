#include "rollout.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "liminal/kube/events.hpp"

#include "place.hpp"

namespace liminal::deploy {

namespace {

constexpr std::chrono::milliseconds poll{500};
constexpr unsigned log_lines = 20;
constexpr std::size_t most_events = 5;

std::vector<Json> items_of(const Result<kube::Answer>& answer) {
  const Json* items = answer && answer->ok() ? find_member(answer->body, {"items"}) : nullptr;
  return items != nullptr && items->is_array() ? std::vector<Json>(items->begin(), items->end()) : std::vector<Json>();
}

class Rollout {
 public:
  Rollout(const World& world, kube::Client& client) : world_(world), client_(client) {}

  std::optional<NotReady> wait(std::vector<const DesiredObject*> left, std::chrono::seconds timeout,
                               const std::function<Status()>& allowed) {
    const auto started = world_.clock.monotonic();
    for (const DesiredObject* object : left)
      world_.progress.started(object->reference.text(), "waits until it is ready");
    while (!left.empty()) {
      if (world_.cancellation.requested())
        return NotReady{
            left.front(),
            {ErrorKind::interrupted, "stopped while waiting for " + left.front()->reference.text(), "", {}, {}, false}};
      if (auto ours = allowed(); !ours) return NotReady{left.front(), std::move(ours.error())};
      const bool late = world_.clock.monotonic() - started > timeout;
      std::vector<const DesiredObject*> still;
      for (const DesiredObject* object : left) {
        auto readiness = look(*object);
        if (!readiness) return NotReady{object, std::move(readiness.error())};
        if (readiness->ready) {
          const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(world_.clock.monotonic() - started);
          world_.progress.finished(object->reference.text(), Progress::Outcome::done, "ready", took);
          continue;
        }
        if (readiness->hopeless || late) {
          Error error = failure(*object, *readiness, late);
          add_others(error, left, *object);
          return NotReady{object, std::move(error)};
        }
        if (std::string& said = said_[object]; said != readiness->text) {
          said = readiness->text;
          world_.progress.step(object->reference.text(), said);
        }
        still.push_back(object);
      }
      left = std::move(still);
      if (!left.empty()) world_.clock.sleep_for(poll);
    }
    return std::nullopt;
  }

 private:
  Result<Readiness> look(const DesiredObject& object) {
    kube::Call get;
    get.target = object.reference;
    kube::Call pods;
    pods.verb = kube::Verb::list;
    pods.target = {kube::find_resource_type("v1", "Pod"), object.reference.namespace_name, ""};
    pods.query["labelSelector"] = selector_of(object.object);
    auto answers = client_.call_all({get, pods});
    if (!answers[0]) return tl::unexpected(std::move(answers[0].error()));
    if (!answers[0]->ok()) return tl::unexpected(placed(kube::refusal("get", object.reference, *answers[0]), object));
    // Without the right to look at pods there are fewer reasons, and that is all.
    return readiness_of(answers[0]->body, items_of(answers[1]));
  }

  void add_others(Error& error, const std::vector<const DesiredObject*>& all, const DesiredObject& told) {
    for (const DesiredObject* other : all) {
      if (other == &told) continue;
      const auto readiness = look(*other);
      if (readiness && !readiness->ready)
        error.causes.push_back(fmt::format("{} is not ready either: {}", other->reference.text(), readiness->text));
    }
  }

  static std::string selector_of(const Json& deployment) {
    std::vector<std::string> parts;
    if (const Json* labels = find_member(deployment, {"spec", "selector", "matchLabels"})) {
      for (const auto& [name, value] : labels->items()) parts.push_back(name + "=" + value.get<std::string>());
    }
    return fmt::format("{}", fmt::join(parts, ","));
  }

  Error failure(const DesiredObject& object, const Readiness& readiness, bool late) {
    Error error;
    error.kind = ErrorKind::failed;
    error.message =
        fmt::format("{} {}: {}", object.reference.text(),
                    late && !readiness.hopeless ? "is not ready in time" : "cannot become ready", readiness.text);
    error.advice = fmt::format("mend it{} and deploy again{}", in_file(object),
                               readiness.serves ? "; what was there before still serves" : "");
    if (readiness.pod.empty()) return placed(std::move(error), object);
    const kube::Reference pod{kube::find_resource_type("v1", "Pod"), object.reference.namespace_name, readiness.pod};
    error.causes = events_of(pod);
    if (readiness.has_logs) error.excerpt = last_lines(pod, readiness.container);
    return placed(std::move(error), object);
  }

  std::vector<std::string> events_of(const kube::Reference& pod) {
    std::vector<std::string> texts;
    for (kube::Warning& warning : kube::pod_warnings(client_, pod.namespace_name, pod.name))
      texts.push_back(std::move(warning.text));
    if (texts.size() > most_events) texts.erase(texts.begin(), texts.end() - most_events);
    return texts;
  }

  std::vector<std::string> last_lines(const kube::Reference& pod, const std::string& container) {
    std::deque<std::string> lines;
    kube::Client::LogOptions options;
    options.container = container;
    options.tail = log_lines;
    options.previous = true;
    const auto keep = [&](std::string_view line) -> Status {
      lines.emplace_back(line);
      if (lines.size() > log_lines) lines.pop_front();
      return {};
    };
    static_cast<void>(client_.logs(pod, options, keep));
    return {lines.begin(), lines.end()};
  }

  const World& world_;
  kube::Client& client_;
  std::map<const DesiredObject*, std::string> said_;  // what was missing of each at the last look
};

}  // namespace

std::optional<NotReady> wait_until_ready(const World& world, kube::Client& client,
                                         const std::vector<const DesiredObject*>& deployments,
                                         std::chrono::seconds timeout, const std::function<Status()>& allowed) {
  return Rollout(world, client).wait(deployments, timeout, allowed);
}

}  // namespace liminal::deploy
