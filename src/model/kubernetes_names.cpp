#include "liminal/model/kubernetes_names.hpp"

#include <algorithm>

namespace liminal::model {

namespace {

constexpr std::string_view lower_case = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view any_case = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_subdomain = 253;

// Of `letters` and, but not first or last, of `between`.
bool is_made_of(std::string_view text, std::string_view letters, std::string_view between) {
  const auto is_letter = [&](char c) { return letters.find(c) != std::string_view::npos; };
  return !text.empty() && is_letter(text.front()) && is_letter(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || between.find(c) != std::string_view::npos; });
}

}  // namespace

bool is_dns_label(std::string_view text) {
  return text.size() <= longest_label && is_made_of(text, lower_case, "-");
}

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > longest_subdomain) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_made_of(text.substr(0, dot), lower_case, "-")) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_label_value(std::string_view text) {
  return text.empty() || (text.size() <= longest_label && is_made_of(text, any_case, "-_."));
}

bool is_qualified_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return !text.empty() && is_label_value(text);
  const std::string_view name = text.substr(slash + 1);
  return is_dns_subdomain(text.substr(0, slash)) && !name.empty() && is_label_value(name);
}

}  // namespace liminal::model
