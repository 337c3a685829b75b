#include "http_proxy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace liminal {

namespace {

std::string variable(const Environment& environment, std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  for (const std::string& spelling : {std::string(name), upper}) {
    if (auto value = environment.get(spelling); value && !value->empty()) return *value;
  }
  return {};
}

// The bytes of an address, 4 or 16 of them; empty when the text is a name.
std::string address_bytes(const std::string& host) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

bool in_network(const std::string& host, std::string_view network) {
  const auto slash = network.find('/');
  const std::string base = address_bytes(std::string(network.substr(0, slash)));
  const std::string address = address_bytes(host);
  unsigned bits = 0;
  const std::string_view count = network.substr(slash + 1);
  const auto [end, code] = std::from_chars(count.data(), count.data() + count.size(), bits);
  if (code != std::errc() || end != count.data() + count.size()) return false;
  if (base.empty() || base.size() != address.size() || bits > base.size() * 8) return false;
  if (base.compare(0, bits / 8, address, 0, bits / 8) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xffU << (8 - bits % 8));
  return ((static_cast<unsigned char>(base[bits / 8]) ^ static_cast<unsigned char>(address[bits / 8])) & mask) == 0;
}

bool matches(std::string_view entry, const HttpUrl& url) {
  if (entry == "*") return true;
  if (entry.find('/') != std::string_view::npos) return in_network(url.host, entry);
  const bool bare_ipv6 = std::count(entry.begin(), entry.end(), ':') > 1 && !entry.starts_with('[');
  if (const auto colon = entry.rfind(':'); colon != std::string_view::npos && !bare_ipv6 && !entry.ends_with(']')) {
    if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
    entry = entry.substr(0, colon);
  }
  if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (!entry.starts_with('.') && url.host == entry) return true;
  const std::string domain = entry.starts_with('.') ? std::string(entry) : "." + std::string(entry);
  return address_bytes(url.host).empty() && url.host.ends_with(domain);
}

bool is_exempt(std::string list, const HttpUrl& url) {
  std::transform(list.begin(), list.end(), list.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string_view rest = list;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(", \t"), rest.size());
    const std::string_view entry = rest.substr(0, end);
    if (!entry.empty() && matches(entry, url)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace

std::string find_proxy(const Environment& environment, const HttpUrl& url) {
  if (kind_of_host(url.host) == HostKind::loopback) return {};
  std::string proxy = variable(environment, url.scheme == "https" ? "https_proxy" : "http_proxy");
  // A server that runs CGI programs sets HTTP_PROXY from a request's Proxy header: not to be believed there.
  if (url.scheme == "http" && environment.get("REQUEST_METHOD")) proxy = environment.get("http_proxy").value_or("");
  if (proxy.empty()) proxy = variable(environment, "all_proxy");
  if (proxy.empty() || is_exempt(variable(environment, "no_proxy"), url)) return {};
  return proxy;
}

std::string printable_proxy(std::string_view proxy) {
  const auto scheme = proxy.find("://");
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto at = proxy.rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(proxy);
  return std::string(proxy.substr(0, start)) + std::string(proxy.substr(at + 1));
}

}  // namespace liminal
