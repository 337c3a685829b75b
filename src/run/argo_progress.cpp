#include "argo_progress.hpp"

#include <algorithm>
#include <charconv>

#include "liminal/base/base64.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/rfc3339.hpp"

namespace liminal::run {

namespace {

// Of unpacked nodes: an object of a cluster has at most some 1.5 MB, of text that packs well.
constexpr std::size_t nodes_limit = 64U << 20U;

const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

bool is_over(const std::string& phase) {
  return phase == "Succeeded" || phase == "Failed" || phase == "Error" || phase == "Skipped" || phase == "Omitted";
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

TaskState state_of(const std::string& phase, const std::string& message) {
  if (phase == "Succeeded") return TaskState::succeeded;
  if (phase == "Skipped") return TaskState::skipped;
  if (phase == "Failed" || phase == "Error")
    return message.find("exceeded its deadline") != std::string::npos ||
                   message.find("DeadlineExceeded") != std::string::npos
               ? TaskState::timed_out
               : TaskState::failed;
  return TaskState::not_run;
}

// A failed attempt or copy knows more than the node above them.
void add_pod(ArgoTask& task, const Json& node) {
  const std::string phase = text_at(node, "phase");
  task.pods.push_back({text_at(node, "id"), phase == "Running" || phase == "Succeeded" || phase == "Failed"});
  task.running = task.running || phase == "Running";
  if (phase == "Pending" || phase == "Failed" || phase == "Error") task.message = one_line(text_at(node, "message"));
  const std::string exit_code = text_at(member(node, "outputs"), "exitCode");
  if (int status = 0; phase != "Succeeded" &&
                      std::from_chars(exit_code.data(), exit_code.data() + exit_code.size(), status).ec == std::errc())
    task.exit_status = status;
}

// x(1) is an attempt, x(2:2)(1) one of a copy.
unsigned attempts_of(const std::string& shown) {
  const std::size_t bracket = shown.rfind('(');
  unsigned attempt = 0;
  if (bracket != std::string::npos && shown.find(':', bracket) == std::string::npos)
    std::from_chars(shown.data() + bracket + 1, shown.data() + shown.size(), attempt);
  return attempt + 1;
}

// The node that is the task itself, above its attempts and copies.
void add_itself(ArgoTask& task, const Json& node) {
  const std::string phase = text_at(node, "phase");
  task.known = true;
  task.ended = is_over(phase);
  if (const std::string message = text_at(node, "message"); !message.empty()) task.message = one_line(message);
  task.state = state_of(phase, task.message);
  const auto started = parse_rfc3339(text_at(node, "startedAt"));
  const auto finished = parse_rfc3339(text_at(node, "finishedAt"));
  if (started && finished && *finished > *started) task.took = *finished - *started;
}

tl::unexpected<Error> damaged(std::string why) {
  Error error{ErrorKind::unavailable,
              "the states of the tasks cannot be read: Argo packed them, and they do not unpack",
              "look at them with: argo get",
              {std::move(why)},
              {},
              false};
  return tl::unexpected(std::move(error));
}

// What Argo makes of nodes that would make the object too large: Base64 of gzip of their JSON.
Result<Json> unpack(const std::string& packed) {
  const auto bytes = base64_decode(packed);
  if (!bytes) return damaged("they are no Base64");
  std::size_t at = 0;
  const ByteSource source = decompress([&](char* buffer, std::size_t capacity) -> Result<std::size_t> {
    const std::size_t count = bytes->copy(buffer, capacity, at);
    at += count;
    return count;
  });
  std::string text;
  std::string buffer(64U << 10U, '\0');
  for (;;) {
    const auto count = source(buffer.data(), buffer.size());
    if (!count) return damaged(count.error().message);
    if (*count == 0) break;
    text.append(buffer, 0, *count);
    if (text.size() > nodes_limit) return damaged("they are larger than any should be");
  }
  Json nodes = Json::parse(text, nullptr, false);
  if (!nodes.is_object()) return damaged("they are no JSON object");
  return nodes;
}

ArgoTasks tasks_of(const Json& nodes) {
  ArgoTasks tasks;
  for (const auto& [id, node] : nodes.items()) {
    const std::string shown = text_at(node, "displayName");
    if (shown.empty()) continue;
    const std::string name = shown.substr(0, shown.find('('));
    ArgoTask& task = tasks[name];
    if (text_at(node, "type") == "Pod") {
      add_pod(task, node);
      task.attempts = std::max(task.attempts, attempts_of(shown));
    }
    if (shown == name) add_itself(task, node);
  }
  return tasks;
}

}  // namespace

Result<ArgoTasks> argo_tasks(const Json& workflow) {
  const Json& status = member(workflow, "status");
  const Json& nodes = member(status, "nodes");
  if (nodes.is_object() && !nodes.empty()) return tasks_of(nodes);
  if (const std::string packed = text_at(status, "compressedNodes"); !packed.empty()) {
    const auto unpacked = unpack(packed);
    if (!unpacked) return tl::unexpected(unpacked.error());
    return tasks_of(*unpacked);
  }
  if (!text_at(status, "offloadNodeStatusVersion").empty()) {
    return fail(ErrorKind::usage,
                "Argo keeps the states of the run's tasks in its database, where this program does not look",
                "look at them with: argo get");
  }
  return ArgoTasks();
}

std::string phase_of(const Json& workflow) {
  return text_at(member(workflow, "status"), "phase");
}

bool has_ended(const Json& workflow) {
  return is_over(phase_of(workflow));
}

}  // namespace liminal::run
