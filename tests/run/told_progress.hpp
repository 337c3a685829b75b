// Progress that a test can read afterwards.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "liminal/base/progress.hpp"

namespace liminal::testing {

class ToldProgress final : public Progress {
 public:
  void started(std::string_view item, std::string_view doing) override { add(item, "began: " + std::string(doing)); }
  void step(std::string_view, std::string_view) override {}
  void output(std::string_view item, std::string_view line) override { add(item, line); }
  void finished(std::string_view item, Outcome, std::string_view summary, std::chrono::milliseconds) override {
    add(item, "ended: " + std::string(summary));
  }
  // ITEM | LINE, one a line.
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  void add(std::string_view item, std::string_view line) {
    const std::lock_guard lock(mutex_);
    text_.append(item).append(" | ").append(line).append("\n");
  }

  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace liminal::testing
