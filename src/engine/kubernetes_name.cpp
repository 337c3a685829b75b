#include <cctype>

#include "liminal/base/sha256.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/model/kubernetes_names.hpp"

namespace liminal::engine {

std::string kubernetes_name(std::string_view name, std::size_t limit) {
  constexpr std::size_t hash_length = 8;
  std::string result;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool legal = byte < 0x80 && std::isalnum(byte) != 0;
    result += legal ? static_cast<char>(std::tolower(byte)) : '-';
  }
  const bool begins_and_ends_well = !result.empty() && result.front() != '-' && result.back() != '-';
  if (result == name && begins_and_ends_well && result.size() <= limit) return result;
  // Changed or cut: a hash of the original keeps two names from meeting.
  if (result.size() > limit - hash_length - 1) result.resize(limit - hash_length - 1);
  const std::size_t begin = result.find_first_not_of('-');
  result = begin == std::string::npos ? "x" : result.substr(begin, result.find_last_not_of('-') - begin + 1);
  return result + "-" + sha256_hex(name).substr(0, hash_length);
}

std::string object_name(std::string_view name) {
  return model::is_dns_subdomain(name) ? std::string(name) : kubernetes_name(name);
}

}  // namespace liminal::engine
