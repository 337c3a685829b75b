#include "authorizer.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/untrusted_json.hpp"

#include "retry.hpp"

namespace liminal::registry {

namespace {

constexpr std::uint64_t token_body_limit = 64U << 10U;
constexpr std::chrono::seconds shortest_life{60};

std::string basic(const Credentials& credentials) {
  return "Basic " + base64_encode(credentials.username + ":" + credentials.password);
}

std::vector<std::string> labels_of(const std::string& host) {
  std::vector<std::string> labels;
  std::size_t start = 0;
  while (start <= host.size()) {
    const std::size_t end = std::min(host.find('.', start), host.size());
    labels.push_back(host.substr(start, end - start));
    start = end + 1;
  }
  return labels;
}

std::string host_without_port(const std::string& host) {
  const auto url = HttpUrl::parse("https://" + api_host(host));
  return url ? url->host : host;
}

}  // namespace

Status check_redirect(const HttpUrl& from, const HttpUrl& to) {
  if (from.scheme == "https" && to.scheme != "https") {
    return fail(ErrorKind::unavailable, fmt::format("{} leads away from TLS to {}", from.authority(), to.authority()),
                "that would let others read and change what is sent: tell who runs the registry");
  }
  const HostKind kind = kind_of_host(to.host);
  if (from.host == to.host || kind == HostKind::other) return {};
  if (kind != HostKind::link_local && kind == kind_of_host(from.host)) return {};
  return fail(ErrorKind::unavailable,
              fmt::format("{} leads to {}, an address that no registry should name", from.authority(), to.authority()),
              "tell who runs the registry");
}

bool is_same_site(const std::string& registry, const std::string& realm) {
  if (registry == realm) return true;
  if (kind_of_host(registry) != HostKind::other || kind_of_host(realm) != HostKind::other) return false;
  const auto a = labels_of(registry);
  const auto b = labels_of(realm);
  std::size_t common = 0;
  while (common < std::min(a.size(), b.size()) && a[a.size() - 1 - common] == b[b.size() - 1 - common]) ++common;
  // Under co.uk, com.au and the like names of two labels belong to strangers.
  const bool short_second = a.size() >= 2 && a.back().size() == 2 && a[a.size() - 2].size() <= 3;
  const bool numeric =
      std::all_of(realm.begin(), realm.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return !numeric && common >= (short_second ? 3U : 2U);
}

std::optional<Credentials> Authorizer::who(const std::string& host) {
  auto found = store_.find(host);
  return found ? *found : std::nullopt;
}

Result<std::string> Authorizer::header(const std::string& host, const Address& address, const Scopes& scopes) {
  const std::lock_guard lock(mutex_);
  const auto challenge = challenges_.find(host);
  if (challenge == challenges_.end()) return std::string();
  if (challenge->second.scheme == "basic") {
    auto credentials = store_.find(host);
    if (!credentials) return tl::unexpected(std::move(credentials.error()));
    return *credentials && !(*credentials)->password.empty() ? basic(**credentials) : std::string();
  }
  const auto key = std::pair(host, fmt::format("{}", fmt::join(scopes, " ")));
  auto known = tokens_.find(key);
  if (known == tokens_.end() || world_.clock.monotonic() >= known->second.renew_at) {
    auto token = fetch_token(host, address, challenge->second, scopes);
    if (!token) return tl::unexpected(std::move(token.error()));
    known = tokens_.insert_or_assign(key, std::move(*token)).first;
  }
  return "Bearer " + known->second.value;
}

bool Authorizer::learn(const std::string& host, const Scopes& scopes, const HttpResponse& response,
                       const std::string& used) {
  const std::lock_guard lock(mutex_);
  auto challenge = choose_challenge(response.headers.all("WWW-Authenticate"));
  if (!challenge) return false;
  const bool is_basic = challenge->scheme == "basic";
  challenges_.insert_or_assign(host, std::move(*challenge));
  const auto known = tokens_.find({host, fmt::format("{}", fmt::join(scopes, " "))});
  // Another thread may have renewed it meanwhile.
  if (known != tokens_.end() && "Bearer " + known->second.value == used) tokens_.erase(known);
  return !is_basic || used.empty();
}

Result<HttpRequest> Authorizer::token_request(const std::string& host, const Address& address,
                                              const Challenge& challenge, const Scopes& scopes,
                                              const std::optional<Credentials>& credentials) const {
  const auto registry = HttpUrl::parse(address.base_url);
  auto realm = HttpUrl::parse(challenge.get("realm"));
  if (!registry || !realm) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} asks for a token, but names no server of tokens that can be used", host),
                "tell who runs the registry");
  }
  if (auto checked = check_redirect(*registry, *realm); !checked) return tl::unexpected(std::move(checked.error()));
  const auto& trusted = options_.token_servers;
  if (credentials && !is_same_site(host_without_port(host), realm->host) &&
      std::find(trusted.begin(), trusted.end(), realm->host) == trusted.end()) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} wants the password of {} to be sent to {}, which is not done", host,
                            credentials->username, realm->authority()),
                "a password goes to servers of the registry's own domain alone");
  }
  HttpRequest request;
  request.body_limit = token_body_limit;
  request.cancellation = &world_.cancellation;
  request.tls.verify = address.verify || realm->host != registry->host;
  std::string query = "service=" + percent_encode(challenge.get("service"));
  const bool exchange = credentials && !credentials->identity_token.empty();
  if (exchange) {
    // OAuth 2.0 takes all scopes in one parameter.
    query += "&scope=" + percent_encode(fmt::format("{}", fmt::join(scopes, " ")));
    request.method = "POST";
    request.url = realm->text();
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.body = "grant_type=refresh_token&client_id=liminal&" + query +
                   "&refresh_token=" + percent_encode(credentials->identity_token);
    return request;
  }
  for (const std::string& scope : scopes) query += "&scope=" + percent_encode(scope, ":/,");
  realm->target += (realm->target.find('?') == std::string::npos ? "?" : "&") + query;
  request.url = realm->text();
  if (credentials) request.headers.add("Authorization", basic(*credentials));
  return request;
}

Result<Authorizer::Token> Authorizer::fetch_token(const std::string& host, const Address& address,
                                                  const Challenge& challenge, const Scopes& scopes) {
  auto credentials = store_.find(host);
  if (!credentials) return tl::unexpected(std::move(credentials.error()));
  if (*credentials && !(*credentials)->registry_token.empty()) {
    return Token{(*credentials)->registry_token, world_.clock.monotonic() + std::chrono::hours{1}};
  }
  auto request = token_request(host, address, challenge, scopes, *credentials);
  if (!request) return tl::unexpected(std::move(request.error()));
  auto response = send_with_retries(world_, [&] { return world_.http.send(*request); });
  const bool exchange = *credentials && !(*credentials)->identity_token.empty();
  if (response && exchange && (response->status == 404 || response->status == 405)) {
    // Older token servers take an identity token as a password.
    std::optional<Credentials> as_password = *credentials;
    as_password->username = as_password->username.empty() ? "<token>" : as_password->username;
    as_password->password = std::exchange(as_password->identity_token, {});
    request = token_request(host, address, challenge, scopes, as_password);
    if (!request) return tl::unexpected(std::move(request.error()));
    response = send_with_retries(world_, [&] { return world_.http.send(*request); });
  }
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap(fmt::format("no token for {} could be got", host)));
  if (response->status != 200) {
    const bool refused = response->status == 401 || response->status == 403;
    const std::string who =
        *credentials ? fmt::format("the login of {} from {}", (*credentials)->username, (*credentials)->source)
                     : std::string("an anonymous user");
    return tl::unexpected(
        Error{ErrorKind::unavailable,
              refused ? fmt::format("{} does not accept {}", host, who)
                      : fmt::format("the token server of {} answers with status {}", host, response->status),
              refused ? fmt::format("log in again: docker login {}", is_docker_hub(host) ? "" : host) : "",
              {fmt::format("asked for: {}", fmt::join(scopes, " "))},
              {},
              is_passing_status(response->status)});
  }
  const Json body = parse_json(response->body).value_or(Json());
  Token token{text_at(body, "token"), {}};
  if (token.value.empty()) token.value = text_at(body, "access_token");
  if (token.value.empty()) {
    return fail(ErrorKind::unavailable, fmt::format("the token server of {} answers without a token", host));
  }
  std::chrono::seconds life = shortest_life;
  if (const auto told = body.find("expires_in"); told != body.end() && told->is_number_unsigned()) {
    life = std::clamp(std::chrono::seconds{told->get<std::uint32_t>()}, shortest_life, std::chrono::seconds{86'400});
  }
  token.renew_at = world_.clock.monotonic() + life * 9 / 10;
  return token;
}

}  // namespace liminal::registry
