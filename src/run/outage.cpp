#include "outage.hpp"

#include <fmt/format.h>

namespace liminal::run {

namespace {

// A control plane that is made anew, or a machine that moves to another network, is back by then.
constexpr std::chrono::minutes patience{5};

}  // namespace

bool Outage::may_pass(const Error& error) {
  if (!error.transient) return false;
  const auto now = world_.clock.monotonic();
  if (!since_) {
    since_ = now;
    world_.progress.output(
        "run", fmt::format("note: {} does not answer as it should, and is asked again for {} min: {}", whom_,
                           patience.count(), error.message));
  }
  return now - *since_ < patience;
}

void Outage::over() {
  if (!since_) return;
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(world_.clock.monotonic() - *since_);
  world_.progress.output("run", fmt::format("{} answers again, after {} s", whom_, took.count()));
  since_.reset();
}

}  // namespace liminal::run
