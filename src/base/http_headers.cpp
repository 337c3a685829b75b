#include <algorithm>

#include "liminal/base/http.hpp"
#include "liminal/base/letter_case.hpp"

namespace liminal {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

}  // namespace

std::optional<std::string> HttpHeaders::get(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string> HttpHeaders::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : entries_) {
    if (same_name(key, name)) values.push_back(value);
  }
  return values;
}

void HttpClient::send_all(const std::vector<HttpRequest>& requests, std::size_t /*at_once*/,
                          const std::function<void(std::size_t, Result<HttpResponse>)>& on_answer) {
  for (std::size_t i = 0; i < requests.size(); ++i) on_answer(i, send(requests[i]));
}

}  // namespace liminal
