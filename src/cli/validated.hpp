// The validate stage alone, for commands that go no further.
#pragma once

#include "session.hpp"

namespace liminal::cli {

struct Validated {
  validate::Validation validation;
  report::RunReport run;
};

// Errors (usage): no such path, or no file to check.
[[nodiscard]] Result<Validated> validate_repository(const Session& session, const ci::Request& request,
                                                    std::string command);

}  // namespace liminal::cli
