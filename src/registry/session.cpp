#include "session.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "liminal/base/untrusted_json.hpp"

#include "retry.hpp"

namespace liminal::registry {

namespace {

constexpr unsigned blobs_at_once = 4;
constexpr unsigned max_redirects = 5;
constexpr std::size_t text_limit = 400;

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (line.size() >= text_limit) break;
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return line;
}

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? one_line(found->get<std::string>()) : std::string();
}

// Lower-case letters, digits and single separators between slashes, as the specification has it.
bool is_repository_name(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 255 || !plain(name.front()) || !plain(name.back())) return false;
  for (std::size_t i = 1; i < name.size(); ++i) {
    if (plain(name[i])) continue;
    if (std::string_view("/._-").find(name[i]) == std::string_view::npos) return false;
    const bool run = name[i] == name[i - 1] && (name[i] == '-' || name[i] == '_');
    if (!plain(name[i - 1]) && !run) return false;
  }
  return true;
}

}  // namespace

std::string pull_scope(const Repository& repository) {
  return fmt::format("repository:{}:pull", api_name(repository));
}
std::string push_scope(const Repository& repository) {
  return fmt::format("repository:{}:pull,push", api_name(repository));
}

Status check_digest(const std::string& digest) {
  constexpr std::string_view prefix = "sha256:";
  const bool hex = digest.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
  if (digest.starts_with(prefix) && digest.size() == prefix.size() + 64 && hex) return {};
  return fail(ErrorKind::usage, fmt::format("{} is no digest", one_line(digest)),
              "a digest is sha256: and 64 hexadecimal digits");
}

Result<HttpUrl> Session::url(const Repository& repository, const std::string& rest) {
  if (!is_repository_name(api_name(repository))) {
    return fail(ErrorKind::usage, fmt::format("{} is no name of a repository", one_line(repository.text())),
                "use lower-case letters, digits, and - _ . / between them");
  }
  auto address = addresses_.find(repository.host);
  if (!address) return tl::unexpected(std::move(address.error()));
  return HttpUrl::parse(fmt::format("{}/v2/{}/{}", address->base_url, api_name(repository), rest));
}

Result<HttpResponse> Session::send_once(const Purpose& purpose, const HttpRequest& request) {
  const std::string& host = purpose.repository.host;
  auto address = addresses_.find(host);
  if (!address) return tl::unexpected(std::move(address.error()));
  const auto target = HttpUrl::parse(request.url);
  const auto registry = HttpUrl::parse(address->base_url);
  if (!target) return tl::unexpected(target.error());
  const bool ours = registry && target->same_origin(*registry);
  for (bool first = true;; first = false) {
    HttpRequest attempt = request;
    attempt.cancellation = &world.cancellation;
    attempt.connect_timeout = options.connect_timeout;
    attempt.tls.verify = address->verify || !ours;
    std::string used;
    if (ours) {
      auto header = authorizer_.header(host, *address, purpose.scopes);
      if (!header) return tl::unexpected(std::move(header.error()));
      used = std::move(*header);
      if (!used.empty()) attempt.headers.add("Authorization", used);
    }
    auto response = world.http.send(attempt);
    const bool unknown = response && response->status == 401 && ours && first;
    if (!unknown || !authorizer_.learn(host, purpose.scopes, *response, used)) return response;
    if (attempt.body_source && attempt.body_source->rewind) {
      if (auto rewound = attempt.body_source->rewind(); !rewound) return tl::unexpected(std::move(rewound.error()));
    }
  }
}

Result<HttpResponse> Session::follow(const Purpose& purpose, HttpRequest request) {
  auto url = HttpUrl::parse(request.url);
  if (!url) return tl::unexpected(std::move(url.error()));
  for (unsigned hop = 0; hop <= max_redirects; ++hop) {
    request.url = url->text();
    auto response = send_once(purpose, request);
    const bool redirect = response && response->status >= 301 && response->status <= 308 && response->status != 304;
    if (!redirect) return response;
    auto next = url->resolve(response->headers.get("Location").value_or(""));
    if (!next)
      return tl::unexpected(std::move(next.error()).wrap(fmt::format("{} redirects to no address", url->authority())));
    if (auto checked = check_redirect(*url, *next); !checked) return tl::unexpected(std::move(checked.error()));
    url = std::move(next);
  }
  return fail(ErrorKind::unavailable, fmt::format("{} redirects without end", url->authority()));
}

Result<HttpResponse> Session::send(const Purpose& purpose, const HttpRequest& request) {
  return retry(purpose, [&] { return send_once(purpose, request); });
}

Result<HttpResponse> Session::fetch(const Purpose& purpose, const HttpRequest& request) {
  return retry(purpose, [&] { return follow(purpose, request); });
}

Result<HttpResponse> Session::retry(const Purpose& purpose, const std::function<Result<HttpResponse>()>& attempt) {
  auto response = send_with_retries(world, attempt, options.attempts);
  if (!response && response.error().kind != ErrorKind::interrupted) {
    return tl::unexpected(
        std::move(response.error()).wrap(fmt::format("cannot {} {}", purpose.doing, purpose.repository.text())));
  }
  return response;
}

Error Session::refusal(const Purpose& purpose, const HttpResponse& response) {
  const std::string host = api_host(purpose.repository.host);
  const std::string name = purpose.repository.text();
  const auto credentials = authorizer_.who(purpose.repository.host);
  const std::string user = credentials && !credentials->username.empty() ? credentials->username : "this user";
  Error error{ErrorKind::unavailable,
              fmt::format("{} failed to {} {} (status {})", host, purpose.doing, name, response.status),
              "",
              {},
              {},
              is_passing_status(response.status)};
  switch (response.status) {
    case 401:
    case 403:
      error.message =
          fmt::format("{} does not let {} {} {}", host, credentials ? user : "an anonymous user", purpose.doing, name);
      error.advice =
          credentials ? fmt::format("check that the repository exists and that {} may do this there", user)
                      : fmt::format("log in with: docker login {}", is_docker_hub(purpose.repository.host) ? "" : host);
      break;
    case 404:
      error.message = fmt::format("{} has nothing there to {} {}", host, purpose.doing, name);
      error.advice = error_code(response) == "NAME_UNKNOWN"
                         ? "the repository does not exist: check its name, or make it at the registry first"
                         : "check the name, the tag and the registry";
      break;
    case 413:
      error.advice = "a server in front of the registry allows only smaller bodies: raise its limit";
      break;
    case 429:
      error.message = fmt::format("{} asks for fewer requests", host);
      error.advice = credentials ? "wait, and run it again" : "log in, since logged-in users are allowed more, or wait";
      break;
    default:
      break;
  }
  if (const std::string text = error_text(response); !text.empty()) error.causes.push_back(text);
  error.causes.push_back(credentials ? fmt::format("login: {}, from {}", user, credentials->source)
                                     : "login: none was found");
  error.causes.push_back(fmt::format("asked for: {}", fmt::join(purpose.scopes, " ")));
  return error;
}

std::string error_code(const HttpResponse& response) {
  const Json body = parse_json(response.body).value_or(Json());
  const Json::json_pointer place("/errors/0");
  if (!body.is_object() || !body.contains(place) || !body[place].is_object()) return {};
  return member(body[place], "code");
}

std::string error_text(const HttpResponse& response) {
  const Json body = parse_json(response.body).value_or(Json());
  if (!body.is_object()) return {};
  const auto errors = body.find("errors");
  if (errors == body.end() || !errors->is_array()) return {};
  std::string text;
  for (const Json& error : *errors) {
    if (!error.is_object() || text.size() >= text_limit) continue;
    if (!text.empty()) text += "; ";
    text += fmt::format("{}: {}", member(error, "code"), member(error, "message"));
  }
  return text;
}

Session::Slot::Slot(Session& session, std::string host) : session_(session), host_(std::move(host)) {
  std::unique_lock lock(session_.mutex_);
  session_.slot_free_.wait(lock, [&] { return session_.busy_[host_] < blobs_at_once; });
  ++session_.busy_[host_];
}

Session::Slot::~Slot() {
  {
    const std::lock_guard lock(session_.mutex_);
    --session_.busy_[host_];
  }
  session_.slot_free_.notify_all();
}

}  // namespace liminal::registry
