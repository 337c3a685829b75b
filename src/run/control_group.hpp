// A container's control group (cgroups(7), both versions), where a limit is kept and an end by it can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal::run {

// The group around a container's own, which its runtime removes with the container. It goes when this does.
class ControlGroup {
 public:
  ControlGroup(const World& world, std::string name) : world_(world), name_(std::move(name)) {}
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;
  ~ControlGroup() { remove(); }

  // For the runtime: the container's own group below the one of this name.
  [[nodiscard]] static std::string container_path(const std::string& name) { return "/" + name + "/task"; }
  // The kernel killed something in it for want of memory. Version 1 does not say so in as many words: there it is known
  // by the limit having been reached.
  [[nodiscard]] bool out_of_memory(std::optional<std::uint64_t> limit) const;
  void remove() const;

 private:
  const World& world_;
  std::string name_;
};

// This machine has swap that a limit for memory would have to count.
[[nodiscard]] bool limits_count_swap(const World& world);

}  // namespace liminal::run
