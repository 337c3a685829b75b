// Addresses of HTTP servers (RFC 3986, the part that http and https use), and what kind of host they name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "liminal/base/result.hpp"

namespace liminal {

struct HttpUrl {
  std::string scheme;      // http or https, lower case
  std::string host;        // lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;  // the scheme's own when the text has none
  std::string target;      // path and query, begins with /; never a fragment

  // Errors (usage): another scheme, a user name or password, no host, control characters, a port out of range.
  [[nodiscard]] static Result<HttpUrl> parse(std::string_view text);
  // What a Location header means when it came as an answer to this address.
  [[nodiscard]] Result<HttpUrl> resolve(std::string_view location) const;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string authority() const;  // host[:port], the port only when it is not the scheme's own
  [[nodiscard]] bool same_origin(const HttpUrl& other) const;
};

// From what the name or literal address itself says; a name is not looked up.
enum class HostKind {
  loopback,     // localhost, 127.0.0.0/8, ::1
  link_local,   // 169.254.0.0/16, fe80::/10: where clouds keep their metadata servers
  private_net,  // RFC 1918, RFC 6598, fc00::/7, and 0.0.0.0/8
  other,
};

// Every spelling that a resolver takes as an address counts: 127.1, 0x7f000001, 2130706433, ::ffff:127.0.0.1.
[[nodiscard]] HostKind kind_of_host(std::string_view host);

// RFC 3986 percent-encoding of everything but letters, digits and -._~ and the characters in `keep`.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace liminal
