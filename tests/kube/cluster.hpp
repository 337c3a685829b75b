// A server that plays an API server, and a client of it with a canary for a token.
#pragma once

#include <memory>
#include <string>

#include "liminal/kube/client.hpp"

#include "support/fault_server.hpp"
#include "support/test_world.hpp"

namespace liminal::testing {

inline constexpr std::string_view canary_token = "canary-token-4f1d0c9b7a";

// Tokens as they are handed out, the next one after each `forget`.
class CountedTokens final : public kube::Credentials {
 public:
  Result<Proof> prove(const World& /*world*/) override {
    Proof proof;
    proof.authorization = "Bearer " + std::string(canary_token) + "-" + std::to_string(forgotten_);
    return proof;
  }
  bool forget() override {
    ++forgotten_;
    return renewable;
  }
  [[nodiscard]] unsigned forgotten() const { return forgotten_; }
  bool renewable = true;

 private:
  std::atomic<unsigned> forgotten_{0};
};

inline std::string status_body(int code, const std::string& reason, const std::string& message,
                               const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)" + std::to_string(code) + R"(,"reason":")" +
         reason + R"(","message":")" + message + R"(","details":)" + details + "}";
}

inline void refuse(Exchange& exchange, int code, const std::string& reason, const std::string& message = "no",
                   const std::string& details = "{}", HeaderList headers = {}) {
  headers.emplace_back("Content-Type", "application/json");
  exchange.reply(code, headers, status_body(code, reason, message, details));
}

// Everything of an error or answer that could be shown.
inline std::string shown(const Error& error) {
  std::string text = error.message + "\n" + error.advice;
  for (const std::string& cause : error.causes) text += "\n" + cause;
  for (const std::string& line : error.excerpt) text += "\n" + line;
  return text;
}
inline std::string shown(const kube::Answer& answer) {
  std::string text = answer.message + "\n" + answer.reason;
  for (const kube::Cause& cause : answer.causes) text += "\n" + cause.field + cause.reason + cause.message;
  for (const std::string& warning : answer.warnings) text += "\n" + warning;
  if (!answer.ok()) text += "\n" + answer.body.dump();
  return text;
}
inline std::string shown(const Result<kube::Answer>& result) {
  return result ? shown(*result) : shown(result.error());
}

class Cluster {
 public:
  explicit Cluster(Handler handler) : server(std::move(handler)) {}

  [[nodiscard]] kube::Connection connection() const {
    kube::Connection to;
    to.context = "test";
    to.cluster = "test";
    to.namespace_name = "default";
    to.server = server.url("");
    to.credentials = tokens;
    return to;
  }
  kube::Client client() { return {world, connection()}; }

  FaultServer server;
  std::shared_ptr<CountedTokens> tokens = std::make_shared<CountedTokens>();
  TestWorld parts;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files,    parts.processes,    *http, parts.clock, parts.environment,
              parts.progress, parts.cancellation, 1};
};

inline kube::Reference reference(std::string_view api_version, std::string_view kind, std::string name,
                                 std::string namespace_name = "ns") {
  return {kube::find_resource_type(api_version, kind), std::move(namespace_name), std::move(name)};
}
inline kube::Call make_call(kube::Verb verb, kube::Reference target, Json body = {}) {
  kube::Call call;
  call.verb = verb;
  call.target = std::move(target);
  call.body = std::move(body);
  return call;
}

}  // namespace liminal::testing
