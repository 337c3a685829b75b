// Requests to registries: address, authorization, retries, and the words for what was refused.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "authorizer.hpp"
#include "host.hpp"

namespace liminal::registry {

// What a request is for: who is asked, and in which words it is told when it fails.
struct Purpose {
  const Repository& repository;
  std::string doing;  // "read the manifest of", followed by the repository
  Scopes scopes;
};

[[nodiscard]] std::string pull_scope(const Repository& repository);
[[nodiscard]] std::string push_scope(const Repository& repository);

// sha256: and 64 hexadecimal digits. Errors (usage).
Status check_digest(const std::string& digest);

class Session {
 public:
  Session(const World& outside, Options chosen)
      : world(outside), options(std::move(chosen)), addresses_(world, options), authorizer_(world, options) {}

  // An address below /v2/NAME/. Errors (usage): no such name of a repository.
  [[nodiscard]] Result<HttpUrl> url(const Repository& repository, const std::string& rest);
  // One exchange, without retries but for a 401 that a login or a new token may answer. The Authorization header goes
  // to the registry alone, wherever `request.url` leads.
  [[nodiscard]] Result<HttpResponse> send_once(const Purpose& purpose, const HttpRequest& request);
  // send_once() through redirects, by hand: to storage, and nowhere that a registry has no business to name.
  [[nodiscard]] Result<HttpResponse> follow(const Purpose& purpose, HttpRequest request);
  [[nodiscard]] Result<HttpResponse> send(const Purpose& purpose, const HttpRequest& request);
  // send() through redirects.
  [[nodiscard]] Result<HttpResponse> fetch(const Purpose& purpose, const HttpRequest& request);
  // The error for an answer that was not hoped for.
  [[nodiscard]] Error refusal(const Purpose& purpose, const HttpResponse& response);

  // One of the four places for blobs of a registry, held as long as this lives.
  class Slot {
   public:
    Slot(Session& session, std::string host);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    Session& session_;
    std::string host_;
  };

  const World world;
  const Options options;

 private:
  [[nodiscard]] Result<HttpResponse> retry(const Purpose& purpose,
                                           const std::function<Result<HttpResponse>()>& attempt);

  AddressBook addresses_;
  Authorizer authorizer_;
  std::mutex mutex_;
  std::condition_variable slot_free_;
  std::map<std::string, unsigned> busy_;  // by host
};

// `code` of the first of a registry's errors, such as NAME_UNKNOWN.
[[nodiscard]] std::string error_code(const HttpResponse& response);
// The errors of a registry's answer in one line, made safe to show.
[[nodiscard]] std::string error_text(const HttpResponse& response);

}  // namespace liminal::registry
