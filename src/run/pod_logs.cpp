#include "pod_logs.hpp"

#include "liminal/base/thread.hpp"

namespace liminal::run {

namespace {

constexpr std::size_t kept_lines = 20;
constexpr std::size_t longest_kept = 1000;
constexpr std::chrono::milliseconds pause{500};
constexpr unsigned most_breaks = 20;

// What Argo's own program writes beside the task's: time="..." level=info msg="..." argo=true.
bool is_of_argo(std::string_view line) {
  constexpr std::string_view mark = " argo=true";
  if (!line.starts_with("time=\"")) return false;
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') quoted = !quoted;
    if (quoted && line[at] == '\\') ++at;
    if (!quoted && line.substr(at).starts_with(mark)) return true;
  }
  return false;
}

}  // namespace

void PodLogs::follow(const std::string& task, const kube::Reference& pod) {
  if (!followed_.insert(pod.name).second) return;
  if (auto thread = start_thread([this, task, pod] { read(task, pod); })) {
    threads_.emplace(task, std::move(*thread));
  } else {
    world_.progress.output(task, "note: what it prints cannot be read, since the system gives no more threads");
  }
}

void PodLogs::finish(const std::string& task) {
  threads_.erase(task);  // joins
}

std::vector<std::string> PodLogs::last_lines(const std::string& task) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(task);
  return found == last_.end() ? std::vector<std::string>()
                              : std::vector<std::string>(found->second.begin(), found->second.end());
}

void PodLogs::told(const std::string& task, std::string_view line) {
  {
    const std::lock_guard lock(mutex_);
    std::deque<std::string>& last = last_[task];
    last.emplace_back(line.substr(0, longest_kept));
    if (last.size() > kept_lines) last.pop_front();
  }
  world_.progress.output(task, line);
}

void PodLogs::read(const std::string& task, const kube::Reference& pod) {
  kube::Client::LogOptions options;
  options.container = "main";
  options.follow = true;
  std::size_t lines = 0;
  // What broke off is asked for again from its first line on, and what was told is passed over.
  for (unsigned breaks = 0; breaks < most_breaks; ++breaks) {
    std::size_t passed = 0;
    const auto answer = client_.logs(pod, options, [&](std::string_view line) -> Status {
      if (++passed > lines) {
        ++lines;
        if (!is_of_argo(line)) told(task, line);
      }
      return {};
    });
    if (answer && (answer->ok() || answer->not_found())) return;
    if (world_.cancellation.requested()) return;
    world_.clock.sleep_for(pause);
  }
  world_.progress.output(task, "note: the rest of what it prints cannot be read");
}

}  // namespace liminal::run
