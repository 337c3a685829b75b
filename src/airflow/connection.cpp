#include "connection.hpp"

#include <charconv>

#include <fmt/format.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/pauses.hpp"

namespace liminal::airflow {

namespace {

constexpr unsigned max_attempts = 5;
constexpr std::size_t text_limit = 500;
constexpr std::uint64_t answer_limit = 32ULL << 20;
constexpr std::chrono::milliseconds patience{60'000};

bool may_pass(int status) {
  return status == 429 || status == 500 || (status >= 502 && status <= 504);
}

bool is_success(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

// Both versions tell why in `detail`: a text, or of a body that is not as it should be, a list.
std::string told(const HttpResponse& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) return {};
  const auto detail = body.find("detail");
  if (detail != body.end() && detail->is_string()) return one_line(detail->get<std::string>());
  if (detail != body.end() && !detail->is_null()) {
    if (detail->is_object()) {
      const std::string reason = text_at(*detail, "reason");
      return reason.empty() ? one_line(detail->dump(-1, ' ', true, Json::error_handler_t::replace)) : reason;
    }
    std::string all;
    for (const Json& one : *detail) all += (all.empty() ? "" : "; ") + text_at(one, "msg");
    return one_line(all);
  }
  return text_at(body, "title");
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (line.size() >= text_limit) break;
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

std::string text_at(const Json& object, std::string_view member) {
  if (!object.is_object()) return {};
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? one_line(found->get<std::string>()) : std::string();
}

std::string whole_text_at(const Json& object, std::string_view member) {
  if (!object.is_object()) return {};
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<Json> list_at(const Json& object, std::string_view member) {
  std::vector<Json> items;
  if (!object.is_object()) return items;
  const auto found = object.find(member);
  if (found == object.end() || !found->is_array()) return items;
  for (const Json& item : *found) {
    if (item.is_object()) items.push_back(item);
  }
  return items;
}

std::string path_of(const std::string& dag) {
  return "/dags/" + percent_encode(dag);
}
std::string path_of(const std::string& dag, const std::string& run_id) {
  return path_of(dag) + "/dagRuns/" + percent_encode(run_id);
}

bool Client::Connection::is_airflow_3_from(unsigned minor) const {
  const std::size_t dot = version_.text.find('.');
  if (!is_airflow_3() || dot == std::string::npos) return false;
  unsigned found = 0;
  std::from_chars(version_.text.data() + dot + 1, version_.text.data() + version_.text.size(), found);
  return found >= minor;
}

Status Client::Connection::check_address() const {
  const auto url = HttpUrl::parse(server_.url);
  if (!url) return tl::unexpected(url.error());
  if (url->scheme == "http" && kind_of_host(url->host) == HostKind::other && !server_.insecure) {
    return fail(ErrorKind::usage, fmt::format("a password would go to {} in the clear", url->authority()),
                "use https://, or let it go in the clear: --insecure-airflow");
  }
  return {};
}

HttpRequest Client::Connection::request(const std::string& method, const std::string& path) const {
  HttpRequest request;
  request.method = method;
  std::string base = server_.url;
  while (base.ends_with('/')) base.pop_back();
  request.url = base + path;
  request.headers.add("Accept", "application/json");
  request.tls = server_.tls;
  request.idle_timeout = patience;
  request.body_limit = answer_limit;
  request.cancellation = &world_.cancellation;
  return request;
}

std::string Client::Connection::who() const {
  if (!server_.login.token.empty()) return "the bearer of this token";
  return server_.login.username.empty() ? "an anonymous user" : one_line(server_.login.username);
}

Result<ServerVersion> Client::detect(const World& world, const Server& server) {
  Connection connection(world, server);
  if (auto sound = connection.check_address(); !sound) return tl::unexpected(std::move(sound.error()));
  int status = 0;
  for (const char* path : {"/api/v2/version", "/api/v1/version"}) {
    auto response = connection.send_once(connection.request("GET", path), Connection::Repeat::never);
    if (!response)
      return tl::unexpected(
          std::move(response.error()).wrap(fmt::format("no Airflow answers at {}", one_line(server.url))));
    status = response->status;
    ServerVersion version;
    version.text = text_at(Json::parse(response->body, nullptr, false), "version");
    if (status == 200 && (version.text.starts_with("2.") || version.text.starts_with("3."))) {
      version.major = version.text.front() == '2' ? 2 : 3;
      return version;
    }
    if (may_pass(status)) break;
  }
  Error error{ErrorKind::unavailable,
              fmt::format("what answers at {} is no Airflow 2 or 3 (status {})", one_line(server.url), status),
              "check the address: it is that of Airflow's own page",
              {},
              {},
              may_pass(status)};
  if (status == 401 || status == 403 || (status >= 300 && status < 400))
    error.advice =
        "a proxy in front of it asks for a sign-in of its own: name an address behind that proxy, or a token";
  return tl::unexpected(std::move(error));
}

Status Client::Connection::open() {
  Pauses pauses(world_);
  for (unsigned attempt = 0;; ++attempt) {
    auto found = Client::detect(world_, server_);
    if (found) {
      version_ = std::move(*found);
      break;
    }
    if (!found.error().transient || attempt + 1 == max_attempts) return tl::unexpected(std::move(found.error()));
    if (!pauses.wait(attempt, std::nullopt))
      return fail(ErrorKind::interrupted, "stopped while waiting for Airflow's answer");
  }
  if (is_airflow_3() && server_.login.token.empty()) return sign_in();
  return {};
}

Status Client::Connection::sign_in() {
  HttpRequest post = request("POST", "/auth/token");
  post.headers.add("Content-Type", "application/json");
  const Json body = {{"username", server_.login.username}, {"password", server_.login.password}};
  post.body = body.dump(-1, ' ', true, Json::error_handler_t::replace);
  auto response = send_once(post, Repeat::safe);
  if (!response)
    return tl::unexpected(
        std::move(response.error()).wrap(fmt::format("cannot sign in to Airflow at {}", one_line(server_.url))));
  if (response->status == 404 || response->status == 405) {
    return fail(ErrorKind::unavailable, fmt::format("Airflow at {} takes no user name and password", server_.url),
                "its sign-in is another service's: give a token that you got there");
  }
  if (!is_success(*response)) return tl::unexpected(refusal("sign in", *response));
  // A token is no text to be shortened.
  const Json answer = Json::parse(response->body, nullptr, false);
  const auto token = answer.is_object() ? answer.find("access_token") : answer.end();
  if (!answer.is_object() || token == answer.end() || !token->is_string() || token->get<std::string>().empty())
    return fail(ErrorKind::unavailable, fmt::format("Airflow at {} gave no token when asked for one", server_.url),
                "check that the address is that of Airflow's own page");
  const std::lock_guard lock(mutex_);
  token_ = token->get<std::string>();
  return {};
}

std::string Client::Connection::authorization() {
  const Login& login = server_.login;
  if (!login.token.empty()) return "Bearer " + login.token;
  if (is_airflow_3()) {
    const std::lock_guard lock(mutex_);
    return token_.empty() ? "" : "Bearer " + token_;
  }
  return login.username.empty() ? "" : "Basic " + base64_encode(login.username + ":" + login.password);
}

Result<HttpResponse> Client::Connection::send_once(const HttpRequest& request, Repeat repeat, unsigned* attempts) {
  Pauses pauses(world_);
  for (unsigned attempt = 0;; ++attempt) {
    if (attempts != nullptr) *attempts = attempt + 1;
    auto response = world_.http.send(request);
    const bool passing = response ? may_pass(response->status) : response.error().transient;
    // "Too many requests" is said before anything is done.
    const bool again = passing && (repeat == Repeat::safe || (response && response->status == 429));
    if (!again || attempt + 1 == max_attempts) return response;
    if (!pauses.wait(attempt, response ? retry_after(response->headers, world_.clock.now()) : std::nullopt))
      return fail(ErrorKind::interrupted, "stopped while waiting to ask Airflow again");
  }
}

HttpRequest Client::Connection::api_request(const std::string& method, const std::string& target,
                                            std::string_view accept) const {
  HttpRequest one = request(method, (is_airflow_3() ? "/api/v2" : "/api/v1") + target);
  one.headers = {};
  one.headers.add("Accept", std::string(accept));
  return one;
}

Result<HttpResponse> Client::Connection::send_signed(const HttpRequest& unsigned_request, Repeat repeat,
                                                     unsigned* attempts) {
  for (bool first = true;; first = false) {
    HttpRequest one = unsigned_request;
    if (const std::string header = authorization(); !header.empty()) one.headers.add("Authorization", header);
    auto response = send_once(one, repeat, attempts);
    // It was found at this address before: whatever keeps it from answering now may pass.
    if (!response && response.error().kind == ErrorKind::unavailable) response.error().transient = true;
    const bool expired = response && response->status == 401 && is_airflow_3() && server_.login.token.empty();
    if (!expired || !first) return response;
    if (auto signed_in = sign_in(); !signed_in) return tl::unexpected(std::move(signed_in.error()));
  }
}

Result<HttpResponse> Client::Connection::send(const std::string& method, const std::string& target, const Json* body,
                                              Repeat repeat, std::string_view accept, unsigned* attempts) {
  HttpRequest one = api_request(method, target, accept);
  if (body != nullptr) {
    one.headers.add("Content-Type", "application/json");
    one.body = body->dump(-1, ' ', true, Json::error_handler_t::replace);
  }
  return send_signed(one, repeat, attempts);
}

Result<HttpResponse> Client::Connection::get_in_pieces(const std::string& target, std::string_view accept,
                                                       const Pieces& pieces) {
  HttpRequest one = api_request("GET", target, accept);
  one.on_answer = [&](const HttpResponse&) -> Status {
    pieces.begin();
    return {};
  };
  one.on_body = pieces.take;
  return send_signed(one, Repeat::safe, nullptr);
}

Error Client::Connection::refusal(std::string_view doing, const HttpResponse& response) const {
  Error error{ErrorKind::failed, fmt::format("Airflow could not {}", doing), "", {}, {}, may_pass(response.status)};
  switch (response.status) {
    case 401:
      error.kind = ErrorKind::unavailable;
      error.message = fmt::format("Airflow at {} does not know {}", one_line(server_.url), who());
      error.advice = is_airflow_3() ? "check the user name and password, or the token"
                                    : "check the user name and password, and that Airflow allows basic authentication "
                                      "([api] auth_backends)";
      break;
    case 403:
      error.kind = ErrorKind::unavailable;
      error.message = fmt::format("Airflow at {} does not let {} {}", one_line(server_.url), who(), doing);
      error.advice = "ask its administrator for a role that may do this";
      break;
    case 404:
      error.kind = ErrorKind::usage;
      error.message = fmt::format("Airflow has nothing there to {}", doing);
      error.advice = "check the name; a DAG file that was just delivered is seen after up to some minutes";
      break;
    case 429:
      error.kind = ErrorKind::unavailable;
      error.advice = "it asks for fewer requests: wait, and run it again";
      break;
    default:
      if (response.status >= 500) {
        error.kind = ErrorKind::unavailable;
        error.advice = "look into the log of Airflow's web server, and run it again";
      } else if (response.status >= 300 && response.status < 400) {
        error.kind = ErrorKind::unavailable;
        error.advice = "it sends to another page, as a sign-in does: check the address";
      }
      break;
  }
  const std::string text = told(response);
  error.causes.push_back(text.empty() ? fmt::format("it answered with status {}", response.status)
                                      : fmt::format("status {}: {}", response.status, text));
  return error;
}

Result<Json> Client::Connection::read(std::string_view doing, const HttpResponse& response) const {
  if (!is_success(response)) return tl::unexpected(refusal(doing, response));
  Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) {
    return fail(ErrorKind::unavailable, fmt::format("Airflow's answer is no JSON while asked to {}", doing),
                "check that the address is that of Airflow's own page, and not of something in front of it");
  }
  return body;
}

Result<Json> Client::Connection::get(const std::string& target, std::string_view doing) {
  auto response = send("GET", target, nullptr, Repeat::safe);
  if (!response) return tl::unexpected(std::move(response.error()).wrap(fmt::format("Airflow could not {}", doing)));
  return read(doing, *response);
}

Result<Json> Client::Connection::change(const std::string& method, const std::string& target, const Json& body,
                                        std::string_view doing) {
  auto response = send(method, target, &body, Repeat::safe);
  if (!response) return tl::unexpected(std::move(response.error()).wrap(fmt::format("Airflow could not {}", doing)));
  return read(doing, *response);
}

}  // namespace liminal::airflow
