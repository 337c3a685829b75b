#include "exchange.hpp"

#include <fmt/format.h>

#include "liminal/base/base64.hpp"

#include "json_stream.hpp"

namespace liminal::docker {

namespace {

constexpr std::size_t message_limit = 500;

bool is_success(const HttpResponse& response) {
  // 304: it was so already (a container that is started twice).
  return (response.status >= 200 && response.status < 300) || response.status == 304;
}

Json login_object(const RegistryLogin& login) {
  Json object = Json::object();
  if (!login.identity_token.empty()) {
    object["identitytoken"] = login.identity_token;
  } else {
    object["username"] = login.username;
    object["password"] = login.password;
  }
  object["serveraddress"] = login.server;
  return object;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (line.size() >= message_limit) break;
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!control) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

Error refusal(std::string_view doing, const HttpResponse& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  std::string told = one_line(text_at(body, "message"));
  if (told.empty()) told = fmt::format("it answered with status {}", response.status);
  const bool no_access = response.status == 401 || response.status == 403;
  return Error{no_access ? ErrorKind::unavailable : ErrorKind::failed,
               fmt::format("the Docker Engine could not {}", doing),
               no_access ? "check that this user may do that" : "",
               {std::move(told)},
               {},
               response.status == 503 || response.status == 429};
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const std::map<std::string, std::string>& members) {
  Json object = Json::object();
  for (const auto& [name, value] : members) object[name] = value;
  return object;
}

std::map<std::string, std::string> to_map(const Json& object) {
  std::map<std::string, std::string> members;
  if (!object.is_object()) return members;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) members.emplace(name, value.get<std::string>());
  }
  return members;
}

std::string registry_auth_header(const std::optional<RegistryLogin>& login) {
  return base64url_encode(login ? dump(login_object(*login)) : "{}");
}

std::string registry_config_header(const std::vector<RegistryLogin>& logins) {
  Json object = Json::object();
  for (const RegistryLogin& login : logins) object[login.server] = login_object(login);
  return base64url_encode(dump(object));
}

Result<Json> ask(HttpClient& http, const HttpRequest& request, std::string_view doing) {
  auto response = http.send(request);
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap(fmt::format("the Docker Engine could not {}", doing)));
  if (!is_success(*response)) return tl::unexpected(refusal(doing, *response));
  Json body = Json::parse(response->body, nullptr, false);
  if (body.is_discarded()) {
    return fail(ErrorKind::failed, fmt::format("the Docker Engine's answer is no JSON while asked to {}", doing));
  }
  return body;
}

Status tell(HttpClient& http, const HttpRequest& request, std::string_view doing) {
  auto response = http.send(request);
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap(fmt::format("the Docker Engine could not {}", doing)));
  if (!is_success(*response)) return tl::unexpected(refusal(doing, *response));
  return {};
}

}  // namespace liminal::docker
