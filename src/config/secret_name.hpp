// Which variables of the environment are likely to be secrets.
#pragma once

#include <string_view>

namespace liminal::config {

// By its name (CI_JOB_TOKEN, AWS_SECRET_ACCESS_KEY), or by what is in its value: a password within an address
// (postgres://me:x@host), a token in its issuer's form (ghp_...), a private key.
[[nodiscard]] bool looks_like_a_secret(std::string_view name, std::string_view value);

}  // namespace liminal::config
