// Which certificate authorities are trusted: the machine's own list, found at run time because a static binary has
// none.
#pragma once

#include <string>

#include "liminal/base/environment.hpp"
#include "liminal/base/result.hpp"

namespace liminal {

struct TrustStore {
  std::string file;       // PEM; empty: none
  std::string directory;  // hashed names, as c_rehash makes them; empty: none
};

// SSL_CERT_FILE and SSL_CERT_DIR, or else the first of the distributions' usual places. Errors (unavailable): none.
[[nodiscard]] Result<TrustStore> find_trust_store(const Environment& environment);

}  // namespace liminal
