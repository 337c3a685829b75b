#include "argo_progress.hpp"

#include <algorithm>
#include <charconv>

#include "liminal/base/rfc3339.hpp"

namespace liminal::run {

namespace {

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

}  // namespace

ArgoTasks argo_tasks(const Json& workflow) {
  ArgoTasks tasks;
  for (const auto& [id, node] : member(member(workflow, "status"), "nodes").items()) {
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

std::string phase_of(const Json& workflow) {
  return text_at(member(workflow, "status"), "phase");
}

bool has_ended(const Json& workflow) {
  return is_over(phase_of(workflow));
}

}  // namespace liminal::run
