// HTTP/1.1 over TCP, TLS and Unix sockets, and HTTP/2 for many requests at once (libcurl below). One client may be used
// from several threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liminal/base/cancellation.hpp"
#include "liminal/base/environment.hpp"
#include "liminal/base/result.hpp"

namespace liminal {

// Headers in the order they came; names compare without case.
class HttpHeaders {
 public:
  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

// A body read piece by piece. `read` fills the buffer and returns the count, 0 at the end; `rewind` starts it again and
// may be empty when that is impossible: then the request is sent once and never again.
struct HttpBodySource {
  std::optional<std::uint64_t> size;  // unknown: sent chunked
  std::function<Result<std::size_t>(char* buffer, std::size_t capacity)> read;
  std::function<Status()> rewind;
};

struct TlsOptions {
  std::string ca_pem;           // trusted instead of the machine's own list; empty: the machine's
  std::string certificate_pem;  // of the client
  std::string key_pem;
  std::string server_name;  // other than the address's host
  bool verify = true;       // false only when a user named this very server as insecure

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers;
  std::string body;
  std::optional<HttpBodySource> body_source;  // instead of `body`
  // Gets the body of a 2xx answer piece by piece instead of HttpResponse::body.
  std::function<Status(std::string_view)> on_body;
  // Called before the first piece with the status and headers of that answer.
  std::function<Status(const HttpResponse&)> on_answer;
  std::string unix_socket;  // connect to this path; the URL's host is then only a name
  TlsOptions tls;
  std::string proxy;  // http://[user:password@]host:port; empty: what the client's environment names for this address
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};  // no byte in either direction for this long; 0: no limit
  std::uint64_t body_limit = 64ULL << 20;          // of HttpResponse::body
  const Cancellation* cancellation = nullptr;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Redirects are not followed: the caller decides what may go to another host. An answer with any status is a
  // response. Errors (unavailable): the name is not known, refused, reset, timed out, not trusted, cut off, an answer
  // that is not HTTP or larger than allowed; `transient` tells which may pass. Errors (usage): an address that is
  // none. Errors (interrupted): cancelled, at most a fifth of a second later. What `on_body` or the body's source
  // returns as an error is passed on.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;

  // Requests to one server that do not need each other, at most `at_once` of them under way at a time: on one
  // connection by HTTP/2 where the server has it (over TLS), else on a few by HTTP/1.1. Each outcome is told in the
  // caller's thread as it comes, in no order; this returns when all were. When nothing connects to the server, all get
  // that failure. A client that knows no better, as this one, sends them one after the other.
  virtual void send_all(const std::vector<HttpRequest>& requests, std::size_t at_once,
                        const std::function<void(std::size_t index, Result<HttpResponse> response)>& on_answer);
};

// libcurl, with connections kept and shared between requests and threads; HTTP and HTTPS alone, TLS 1.2 and later.
//
// Of the environment it reads HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (upper or lower case; addresses on
// loopback never go through a proxy), and SSL_CERT_FILE and SSL_CERT_DIR, which stand in for the machine's list of
// trusted certificate authorities. That list is looked for when the first TLS connection is made, not before.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(std::string user_agent, const Environment& environment);

}  // namespace liminal
