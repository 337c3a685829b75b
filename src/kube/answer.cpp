#include "answer.hpp"

#include <algorithm>

#include "liminal/base/untrusted_json.hpp"

namespace liminal::kube {

namespace {

constexpr std::size_t message_limit = 2000;
constexpr std::size_t cause_limit = 500;
constexpr std::size_t causes_limit = 100;
constexpr std::size_t warnings_limit = 20;
constexpr std::size_t status_limit = 256U << 10U;  // bytes of a refusal's body that are kept

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_at(const Json& object, const char* name, const HiddenText& hidden, std::size_t limit) {
  const Json* found = member(object, name);
  return found != nullptr && found->is_string() ? hidden.clean(found->get_ref<const std::string&>(), limit)
                                                : std::string();
}

std::vector<Cause> read_causes(const Json& status, const HiddenText& hidden) {
  std::vector<Cause> causes;
  const Json* details = member(status, "details");
  const Json* list = details == nullptr ? nullptr : member(*details, "causes");
  if (list == nullptr || !list->is_array()) return causes;
  for (const Json& cause : *list) {
    if (causes.size() == causes_limit) break;
    if (!cause.is_object()) continue;
    causes.push_back({text_at(cause, "reason", hidden, cause_limit), text_at(cause, "field", hidden, cause_limit),
                      text_at(cause, "message", hidden, cause_limit)});
  }
  return causes;
}

// Plain text of something in front of the API server; a page for a browser says nothing in one line.
std::string plain_message(const HttpResponse& response, const HiddenText& hidden) {
  const bool page = response.headers.get("Content-Type").value_or("").find("html") != std::string::npos ||
                    response.body.starts_with('<');
  return page ? std::string() : hidden.clean(response.body, cause_limit);
}

// What a warning's text is in `299 - "text"` (RFC 9111, 5.5); the rest of the header is a date.
std::string quoted_text(std::string_view value) {
  const auto start = value.find('"');
  if (start == std::string_view::npos) return std::string(value);
  std::string text;
  for (std::size_t i = start + 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

}  // namespace

Answer read_status(const Json& status, int code, const HiddenText& hidden) {
  Answer answer;
  answer.code = code;
  answer.reason = text_at(status, "reason", hidden, cause_limit);
  answer.message = text_at(status, "message", hidden, message_limit);
  answer.causes = read_causes(status, hidden);
  if (status.is_object() && text_at(status, "kind", hidden, cause_limit) == "Status") {
    answer.body = status;
    hidden.clean(answer.body, message_limit);
  }
  return answer;
}

Answer read_refusal(const HttpResponse& response, const HiddenText& hidden) {
  const auto status = response.body.size() <= status_limit ? parse_json(response.body) : std::nullopt;
  Answer answer = read_status(status.value_or(Json()), response.status, hidden);
  if (!status) answer.message = plain_message(response, hidden);
  answer.warnings = read_warnings(response.headers, hidden);
  return answer;
}

std::vector<std::string> read_warnings(const HttpHeaders& headers, const HiddenText& hidden) {
  std::vector<std::string> warnings;
  for (const std::string& value : headers.all("Warning")) {
    std::string text = hidden.clean(quoted_text(value), cause_limit);
    const bool known = std::find(warnings.begin(), warnings.end(), text) != warnings.end();
    if (!text.empty() && !known && warnings.size() < warnings_limit) warnings.push_back(std::move(text));
  }
  return warnings;
}

bool Answer::invalid() const {
  if (code != 500) return code == 400 || code == 422;
  return message.starts_with("failed to create typed patch object") ||
         message.starts_with("failed to convert new object");
}

bool Answer::field_conflict() const {
  return code == 409 && std::any_of(causes.begin(), causes.end(),
                                    [](const Cause& cause) { return cause.reason == "FieldManagerConflict"; });
}

}  // namespace liminal::kube
