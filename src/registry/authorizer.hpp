// Authorization at registries: Basic, and tokens as Docker's token authentication hands them out.
// https://distribution.github.io/distribution/spec/auth/token/
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "liminal/base/http_url.hpp"
#include "liminal/registry/credentials.hpp"

#include "challenge.hpp"
#include "host.hpp"

namespace liminal::registry {

// repository:NAME:ACTIONS; the one that matters most first, since some registries read no other.
using Scopes = std::vector<std::string>;

// Whether a request may follow an address that a registry named. TLS is never left, and no registry leads to this
// machine, to a metadata server, or into a private network that it is not itself part of.
Status check_redirect(const HttpUrl& from, const HttpUrl& to);

// Whether a token server on `realm` may get the password for `registry`: the same host, or one of the same domain.
[[nodiscard]] bool is_same_site(const std::string& registry, const std::string& realm);

class Authorizer {
 public:
  Authorizer(const World& world, const Options& options)
      : world_(world), options_(options), store_(world, options.checkout) {}

  // The Authorization header for a request, as far as is known what the registry wants; empty: none.
  Result<std::string> header(const std::string& host, const Address& address, const Scopes& scopes);
  // After a 401 that a request with `used` got: true when the next header() may do better.
  bool learn(const std::string& host, const Scopes& scopes, const HttpResponse& response, const std::string& used);
  // Who we are there, for people: "alice, by /root/.docker/config.json"; empty: anonymous.
  [[nodiscard]] std::optional<Credentials> who(const std::string& host);

 private:
  struct Token {
    std::string value;
    Clock::Monotonic renew_at;
  };

  Result<Token> fetch_token(const std::string& host, const Address& address, const Challenge& challenge,
                            const Scopes& scopes);
  Result<HttpRequest> token_request(const std::string& host, const Address& address, const Challenge& challenge,
                                    const Scopes& scopes, const std::optional<Credentials>& credentials) const;

  const World& world_;
  const Options& options_;
  CredentialStore store_;
  std::mutex mutex_;
  std::map<std::string, Challenge> challenges_;                  // by host
  std::map<std::pair<std::string, std::string>, Token> tokens_;  // by host and scopes
};

}  // namespace liminal::registry
