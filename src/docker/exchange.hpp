// What the calls of the Docker Engine client share: asking, and telling what went wrong.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "liminal/base/http.hpp"
#include "liminal/base/json.hpp"
#include "liminal/docker/client.hpp"

namespace liminal::docker {

// The engine's answer of another status than the call expects. `doing` ends "the Docker Engine could not ...".
[[nodiscard]] Error refusal(std::string_view doing, const HttpResponse& response);

// One line, without control characters, of bounded length: text of the engine's that becomes part of a message.
[[nodiscard]] std::string one_line(std::string_view text);

// Bytes that are no UTF-8 are replaced: the engine takes nothing else.
[[nodiscard]] std::string dump(const Json& value);
[[nodiscard]] Json to_json(const std::map<std::string, std::string>& members);
[[nodiscard]] std::map<std::string, std::string> to_map(const Json& object);

// X-Registry-Auth and X-Registry-Config.
[[nodiscard]] std::string registry_auth_header(const std::optional<RegistryLogin>& login);
[[nodiscard]] std::string registry_config_header(const std::vector<RegistryLogin>& logins);

// Sends and reads the answer as JSON. Errors: what cannot be reached, another status than 2xx, an answer that is none.
[[nodiscard]] Result<Json> ask(HttpClient& http, const HttpRequest& request, std::string_view doing);
Status tell(HttpClient& http, const HttpRequest& request, std::string_view doing);

}  // namespace liminal::docker
