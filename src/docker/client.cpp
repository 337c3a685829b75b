#include "liminal/docker/client.hpp"

#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "exchange.hpp"
#include "json_stream.hpp"

namespace liminal::docker {

namespace {

struct ApiVersion {
  unsigned major = 0;
  unsigned minor = 0;

  friend bool operator<(const ApiVersion& a, const ApiVersion& b) {
    return std::tie(a.major, a.minor) < std::tie(b.major, b.minor);
  }
  [[nodiscard]] std::string text() const { return fmt::format("{}.{}", major, minor); }
};

constexpr ApiVersion oldest_known{1, 30};
constexpr ApiVersion newest_known{1, 47};
constexpr std::chrono::milliseconds patience{5000};  // for an engine's first answer

std::optional<ApiVersion> parse_version(std::string_view text) {
  ApiVersion version;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits, unsigned& value) {
    return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
  };
  if (!number(text.substr(0, dot), version.major) || !number(text.substr(dot + 1), version.minor)) return std::nullopt;
  return version;
}

}  // namespace

Result<Client> Client::connect(const World& world) {
  auto endpoints = find_endpoints(world);
  if (!endpoints) return tl::unexpected(std::move(endpoints.error()));
  Error none{ErrorKind::unavailable,
             "no Docker Engine answers",
             "start Docker, or name a running engine in DOCKER_HOST",
             {},
             {},
             false};
  for (const Endpoint& endpoint : *endpoints) {
    auto client = connect(world, endpoint);
    if (client || client.error().kind == ErrorKind::interrupted) return client;
    none.causes.push_back(fmt::format("{}: {}", endpoint.description, client.error().message));
  }
  return tl::unexpected(std::move(none));
}

Result<Client> Client::connect(const World& world, const Endpoint& endpoint) {
  Client client(world, endpoint);
  if (auto agreed = client.negotiate(); !agreed) return tl::unexpected(std::move(agreed.error()));
  return client;
}

Status Client::negotiate() {
  HttpRequest version = request("GET", "/version");
  version.connect_timeout = patience;
  version.idle_timeout = patience;
  auto response = world_->http.send(version);
  if (!response) return tl::unexpected(std::move(response.error()));
  const Json body = Json::parse(response->body, nullptr, false);
  const auto newest = parse_version(text_at(body, "ApiVersion"));
  if (response->status != 200 || !newest) {
    return fail(ErrorKind::unavailable,
                fmt::format("what answers there is no Docker Engine (status {})", response->status));
  }
  const ApiVersion oldest = parse_version(text_at(body, "MinAPIVersion")).value_or(ApiVersion{1, 12});
  const ApiVersion agreed = std::min(*newest, newest_known);
  if (agreed < oldest || agreed < oldest_known) {
    return fail(ErrorKind::unavailable,
                fmt::format("the engine speaks API {} to {}, and this program {} to {}", oldest.text(), newest->text(),
                            oldest_known.text(), newest_known.text()),
                agreed < oldest ? "use a newer version of this program" : "use a newer Docker Engine");
  }
  engine_ = {endpoint_.description, one_line(text_at(body, "Version")), agreed.text(), one_line(text_at(body, "Os")),
             one_line(text_at(body, "Arch"))};
  return {};
}

HttpRequest Client::request(std::string method, const std::string& target) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = endpoint_.base_url + (engine_.api_version.empty() ? "" : "/v" + engine_.api_version) + target;
  request.unix_socket = endpoint_.unix_socket;
  request.tls = endpoint_.tls;
  request.cancellation = &world_->cancellation;
  return request;
}

}  // namespace liminal::docker
