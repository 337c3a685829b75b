// Patience with a server that does not answer while a run that it knows of is followed.
#pragma once

#include <optional>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal::run {

class Outage {
 public:
  // `whom`: as it begins a sentence.
  Outage(const World& world, std::string whom) : world_(world), whom_(std::move(whom)) {}

  // Whether to go on asking after this failure. When an outage begins is told, and when it is over.
  [[nodiscard]] bool may_pass(const Error& error);
  void over();

 private:
  const World& world_;
  std::string whom_;
  std::optional<Clock::Monotonic> since_;
};

}  // namespace liminal::run
