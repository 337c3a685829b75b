// What long work says while it goes on. Calls come from any thread; an item is named by its id, such as "image wine".
#pragma once

#include <chrono>
#include <string_view>

namespace liminal {

class Progress {
 public:
  enum class Outcome { done, unchanged, skipped, interrupted, failed };

  virtual ~Progress() = default;
  virtual void started(std::string_view item, std::string_view doing) = 0;
  virtual void step(std::string_view item, std::string_view doing) = 0;
  // A line of output that belongs to the item (a build step, a task's log).
  virtual void output(std::string_view item, std::string_view line) = 0;
  virtual void finished(std::string_view item, Outcome outcome, std::string_view summary,
                        std::chrono::milliseconds took) = 0;
};

class NoProgress final : public Progress {
 public:
  void started(std::string_view, std::string_view) override {}
  void step(std::string_view, std::string_view) override {}
  void output(std::string_view, std::string_view) override {}
  void finished(std::string_view, Outcome, std::string_view, std::chrono::milliseconds) override {}
};

}  // namespace liminal
