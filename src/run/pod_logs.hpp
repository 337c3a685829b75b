// What the pods of a run print, told as it comes: a thread a pod.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/kube/client.hpp"

namespace liminal::run {

class PodLogs {
 public:
  PodLogs(const World& world, kube::Client& client) : world_(world), client_(client) {}

  // From its container's first line on, each told as output of the task. A pod that is followed already is not again.
  void follow(const std::string& task, const kube::Reference& pod);
  // Waits until what the task's pods printed is told; their containers have ended.
  void finish(const std::string& task);
  // The last lines of the task.
  [[nodiscard]] std::vector<std::string> last_lines(const std::string& task) const;

 private:
  void read(const std::string& task, const kube::Reference& pod);
  void told(const std::string& task, std::string_view line);

  const World& world_;
  kube::Client& client_;
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<std::string>> last_;
  std::set<std::string> followed_;
  std::multimap<std::string, std::jthread> threads_;  // by task; the last member: they use the others
};

}  // namespace liminal::run
