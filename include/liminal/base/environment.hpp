// The process's environment variables, handed in so that tests can choose them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace liminal {

class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

  [[nodiscard]] static Environment of_this_process();

  // Empty when the variable is unset; an empty variable is present.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] const std::map<std::string, std::string>& all() const { return variables_; }

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace liminal
