// Which proxy the environment names for an address: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY.
#pragma once

#include <string>

#include "liminal/base/environment.hpp"
#include "liminal/base/http_url.hpp"

namespace liminal {

// Empty: none. Loopback addresses never have one. NO_PROXY holds, divided by commas or spaces: `*`, a host (its
// subdomains count), `.domain`, an address, a network as ADDRESS/BITS, each with an optional :PORT.
[[nodiscard]] std::string find_proxy(const Environment& environment, const HttpUrl& url);

// The same without its user name and password: what may be printed.
[[nodiscard]] std::string printable_proxy(std::string_view proxy);

}  // namespace liminal
