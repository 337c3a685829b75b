#include "liminal/base/http_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "liminal/base/letter_case.hpp"

namespace liminal {

namespace {

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

tl::unexpected<Error> bad_url(std::string_view why) {
  // The text itself is left out: an address may carry a password.
  return fail(ErrorKind::usage, fmt::format("the address {}", why), "write it as https://host[:port]/path");
}

struct Authority {
  std::string host;
  std::uint16_t port = 0;
};

Result<Authority> parse_authority(std::string_view text, std::uint16_t port) {
  std::string_view host = text;
  std::string_view port_text;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return bad_url("has an IPv6 address without its closing bracket");
    host = text.substr(1, end - 1);
    port_text = text.substr(end + 1);
    if (!port_text.empty() && port_text.front() != ':') return bad_url("has text between its host and its port");
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port_text = text.substr(colon);
  }
  if (host.empty()) return bad_url("names no host");
  const std::string_view allowed = text.starts_with('[') ? "0123456789abcdefABCDEF:.%" : "";
  for (const char c : host) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool legal = allowed.empty() ? letter || c == '-' || c == '.' || c == '_'
                                       : letter || allowed.find(c) != std::string_view::npos;
    if (!legal) return bad_url("has a character in its host that no host has");
  }
  if (port_text.size() > 1) {
    port_text.remove_prefix(1);
    unsigned value = 0;
    const auto [end, code] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), value);
    if (code != std::errc() || end != port_text.data() + port_text.size() || value == 0 || value > 65535) {
      return bad_url("has a port that is not a number from 1 to 65535");
    }
    port = static_cast<std::uint16_t>(value);
  }
  return Authority{to_lower(host), port};
}

// The path that a relative reference means (RFC 3986, 5.2.3 and 5.2.4).
std::string merge_paths(std::string_view base, std::string_view reference) {
  const std::string_view path = base.substr(0, base.find('?'));
  std::string joined(path.substr(0, path.rfind('/') + 1));
  const auto query = reference.find('?');
  joined += reference.substr(0, query);
  std::string result;
  std::size_t at = 0;
  while (at < joined.size()) {
    const std::size_t next = std::min(joined.find('/', at + 1), joined.size());
    const std::string_view segment = std::string_view(joined).substr(at, next - at);
    if (segment == "/..") {
      result.erase(std::min(result.rfind('/'), result.size()));
      if (next == joined.size()) result += '/';
    } else if (segment == "/.") {
      if (next == joined.size()) result += '/';
    } else {
      result += segment;
    }
    at = next;
  }
  if (result.empty()) result = "/";
  return query == std::string_view::npos ? result : result + std::string(reference.substr(query));
}

HostKind kind_of_ipv4(std::uint32_t address) {
  const auto within = [&](std::uint32_t network, unsigned bits) {
    return (address >> (32 - bits)) == network >> (32 - bits);
  };
  if (within(0x7f000000, 8)) return HostKind::loopback;
  if (within(0xa9fe0000, 16)) return HostKind::link_local;
  if (within(0x0a000000, 8) || within(0xac100000, 12) || within(0xc0a80000, 16) || within(0x64400000, 10) ||
      within(0, 8)) {
    return HostKind::private_net;
  }
  return HostKind::other;
}

HostKind kind_of_ipv6(const std::array<unsigned char, 16>& bytes) {
  const bool zero_start = std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char b) { return b == 0; });
  const auto last_four = [&] {
    return static_cast<std::uint32_t>(bytes[12]) << 24U | static_cast<std::uint32_t>(bytes[13]) << 16U |
           static_cast<std::uint32_t>(bytes[14]) << 8U | bytes[15];
  };
  if (zero_start && bytes[10] == 0xff && bytes[11] == 0xff) return kind_of_ipv4(last_four());
  if (zero_start && bytes[10] == 0 && bytes[11] == 0) {
    if (last_four() == 1) return HostKind::loopback;
    return last_four() == 0 ? HostKind::private_net : kind_of_ipv4(last_four());
  }
  // 64:ff9b::/96 carries an IPv4 address to the other side of a translator.
  if (bytes[0] == 0x00 && bytes[1] == 0x64 && bytes[2] == 0xff && bytes[3] == 0x9b) return kind_of_ipv4(last_four());
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80) return HostKind::link_local;
  if ((bytes[0] & 0xfeU) == 0xfc) return HostKind::private_net;
  return HostKind::other;
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
  if (!is_text(text)) return bad_url("has spaces or control characters");
  const auto end_of_scheme = text.find("://");
  if (end_of_scheme == std::string_view::npos) return bad_url("has no scheme");
  HttpUrl url;
  url.scheme = to_lower(text.substr(0, end_of_scheme));
  if (url.scheme != "http" && url.scheme != "https") return bad_url("is neither http:// nor https://");
  std::string_view rest = text.substr(end_of_scheme + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto end_of_authority = std::min(rest.find_first_of("/?\\"), rest.size());
  const std::string_view authority = rest.substr(0, end_of_authority);
  if (authority.find('@') != std::string_view::npos) return bad_url("carries a user name or password");
  auto parsed = parse_authority(authority, default_port(url.scheme));
  if (!parsed) return tl::unexpected(parsed.error());
  url.host = std::move(parsed->host);
  url.port = parsed->port;
  rest.remove_prefix(end_of_authority);
  if (rest.starts_with('\\')) return bad_url("has a backslash after its host");
  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return url;
}

Result<HttpUrl> HttpUrl::resolve(std::string_view location) const {
  if (!is_text(location)) return bad_url("has spaces or control characters");
  location = location.substr(0, location.find('#'));
  const auto colon = location.find(':');
  const bool has_scheme = colon != std::string_view::npos && colon < location.find_first_of("/?");
  if (has_scheme) return parse(location);
  if (location.starts_with("//")) return parse(scheme + ":" + std::string(location));
  HttpUrl result = *this;
  if (location.starts_with('/')) {
    result.target = location;
  } else if (location.starts_with('?')) {
    result.target = target.substr(0, target.find('?')) + std::string(location);
  } else if (!location.empty()) {
    result.target = merge_paths(target, location);
  }
  return result;
}

std::string HttpUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(scheme) ? name : fmt::format("{}:{}", name, port);
}

std::string HttpUrl::text() const {
  return scheme + "://" + authority() + target;
}

bool HttpUrl::same_origin(const HttpUrl& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

HostKind kind_of_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  while (host.ends_with('.')) host.remove_suffix(1);
  const std::string name = to_lower(host.substr(0, host.find('%')));
  if (name == "localhost" || name.ends_with(".localhost")) return HostKind::loopback;
  std::array<unsigned char, 16> ipv6{};
  if (::inet_pton(AF_INET6, name.c_str(), ipv6.data()) == 1) return kind_of_ipv6(ipv6);
  // inet_aton takes each of the old spellings, as the system's resolver does.
  in_addr ipv4{};
  if (::inet_aton(name.c_str(), &ipv4) == 1) return kind_of_ipv4(ntohl(ipv4.s_addr));
  return HostKind::other;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain || keep.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace liminal
