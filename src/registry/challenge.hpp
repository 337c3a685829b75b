// What a registry asks for before it answers: the WWW-Authenticate header (RFC 9110, 11.6.1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace liminal::registry {

struct Challenge {
  std::string scheme;                             // lower case: bearer, basic
  std::map<std::string, std::string> parameters;  // names in lower case

  [[nodiscard]] std::string get(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
  }
};

// All challenges of one header's value. What cannot be understood is left out.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view text);

// Bearer before Basic; empty when neither is offered.
[[nodiscard]] std::optional<Challenge> choose_challenge(const std::vector<std::string>& headers);

}  // namespace liminal::registry
