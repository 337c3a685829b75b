#include "liminal/model/image_reference.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace liminal::model {

namespace {

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// One part of a repository: runs of letters and digits divided by one dot, one or two underscores, or dashes.
bool is_component(std::string_view part) {
  if (part.empty() || !is_lower_or_digit(part.front()) || !is_lower_or_digit(part.back())) return false;
  for (std::size_t i = 0; i < part.size();) {
    if (is_lower_or_digit(part[i])) {
      ++i;
      continue;
    }
    const std::size_t end = part.find_first_not_of(part[i], i);
    const std::size_t run = end - i;
    if (!(part[i] == '-' || (part[i] == '.' && run == 1) || (part[i] == '_' && run <= 2))) return false;
    if (!is_lower_or_digit(part[end])) return false;
    i = end;
  }
  return true;
}

bool is_repository(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  for (std::size_t start = 0;;) {
    const std::size_t slash = text.find('/', start);
    if (!is_component(text.substr(start, slash - start))) return false;
    if (slash == std::string_view::npos) return true;
    start = slash + 1;
  }
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  return text.starts_with(prefix) && text.size() == prefix.size() + 64 &&
         text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

// As Docker tells a registry from a first part of the name.
bool is_registry(std::string_view text) {
  return text.find_first_of(".:") != std::string_view::npos || text == "localhost";
}

// Of host:port or [address]:port what is behind the host; empty without a port.
std::string_view port_of(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return colon == std::string_view::npos ? std::string_view() : text.substr(colon);
}

bool is_port(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size() && number > 0;
}

bool is_host(std::string_view text) {
  // A folder such as `..` is no host: one begins with a letter, a digit, or the bracket of an IPv6 address.
  const std::string_view port = port_of(text);
  if (!port.empty() && !is_port(port.substr(1))) return false;
  const auto first = static_cast<unsigned char>(text.empty() ? ' ' : text.front());
  return (std::isalnum(first) != 0 || first == '[') && std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  std::string_view(".-:[]").find(c) != std::string_view::npos;
         });
}

}  // namespace

bool names_folder(std::string_view text) {
  return text.starts_with("rootfs:") || text.starts_with("oci:");
}

Result<ImageReference> ImageReference::parse(std::string_view text) {
  ImageReference reference;
  const std::string whole(text);
  if (names_folder(text)) {
    return fail(ErrorKind::usage, fmt::format("`{}` is a folder of the machine, which no file may choose", whole),
                "write the name of an image, and give the folder as --base NAME=" + whole);
  }
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::usage, fmt::format("`{}` is not an image name: {}", whole, why),
                "write [REGISTRY/]NAME[:TAG], the name in lower case");
  };
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    reference.digest = text.substr(at + 1);
    if (!is_digest(reference.digest)) return refuse("its digest is not sha256: and 64 hexadecimal digits");
    text = text.substr(0, at);
  }
  if (const auto slash = text.find('/'); slash != std::string_view::npos && is_registry(text.substr(0, slash))) {
    reference.registry = text.substr(0, slash);
    if (!is_host(reference.registry)) return refuse("its registry is not a host, or one and a port (1 to 65535)");
    text = text.substr(slash + 1);
  }
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    reference.tag = text.substr(colon + 1);
    if (!is_tag(reference.tag)) return refuse("its tag may hold letters, digits, dot, dash and underscore");
    text = text.substr(0, colon);
  }
  reference.repository = text;
  if (!is_repository(text)) return refuse("the name may hold lower-case letters, digits, and . _ - / between them");
  return reference;
}

std::string ImageReference::text() const {
  std::string text = registry.empty() ? repository : registry + "/" + repository;
  if (!tag.empty()) text += ":" + tag;
  if (!digest.empty()) text += "@" + digest;
  return text;
}

}  // namespace liminal::model
