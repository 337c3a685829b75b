// A World for tests: the real file system, a clock that stands still, and no way to the outside unless a test gives
// one.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "liminal/base/world.hpp"

namespace liminal::testing {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return now_; }
  [[nodiscard]] Monotonic monotonic() const override { return monotonic_; }
  void sleep_for(std::chrono::milliseconds duration) override {
    now_ += duration;
    monotonic_ += duration;
  }
  void set(WallTime now) { now_ = now; }

 private:
  WallTime now_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15} + std::chrono::hours{12}};
  Monotonic monotonic_{};
};

class NoProcesses final : public ProcessRunner {
 public:
  Result<ProcessOutcome> run(const ProcessRequest& request) override {
    return fail(ErrorKind::unavailable, "no process may be started by this test: " + request.arguments.front());
  }
  [[nodiscard]] std::optional<std::string> find(const std::string&) const override { return std::nullopt; }
};

class NoHttp final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    return fail(ErrorKind::unavailable, "no request may be sent by this test: " + request.url);
  }
};

struct TestWorld {
  NativeFileSystem files;
  NoProcesses processes;
  NoHttp http;
  FixedClock clock;
  Environment environment;
  NoProgress progress;
  Cancellation cancellation;

  explicit TestWorld(std::map<std::string, std::string> variables = {}) : environment(std::move(variables)) {}

  [[nodiscard]] World world(unsigned jobs = 1) {
    return {files, processes, http, clock, environment, progress, cancellation, jobs};
  }
};

}  // namespace liminal::testing
