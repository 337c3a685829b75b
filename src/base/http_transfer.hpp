// One exchange with an HTTP server by libcurl.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "liminal/base/http.hpp"
#include "liminal/base/http_url.hpp"

#include "http_trust.hpp"

namespace liminal {

struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Where a request goes, and by what.
struct Route {
  HttpUrl url;
  std::string proxy;  // empty: none
  bool uses_tls = false;
  TrustStore trust;  // where TLS is checked by the machine's own list
};

// Errors (usage): no address, or headers that are none. Errors (interrupted): cancelled already.
[[nodiscard]] Result<Route> find_route(const HttpRequest& request, const Environment& environment);

// One request on one easy handle, from its options to its answer; who drives it is another matter.
class Transfer {
 public:
  // The request outlives the transfer.
  Transfer(CURL* easy, const HttpRequest& request, Route route)
      : easy_(easy), request_(request), route_(std::move(route)) {}

  void configure(const std::string& user_agent, bool http2);
  // What it comes to although libcurl is not done: cancelled, or the server is silent for too long.
  [[nodiscard]] std::optional<Result<CURLcode>> overdue() const;
  // The outcome, after libcurl's or that of `overdue`.
  [[nodiscard]] Result<HttpResponse> finish(const Result<CURLcode>& code);

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }
  void set_blob(CURLoption option, const std::string& bytes) {
    // Not copied by libcurl: the request outlives the transfer.
    curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy_, option, &blob);
  }
  void configure_body();
  void configure_headers(const std::string& user_agent);
  void configure_tls();
  [[nodiscard]] bool answered_early() const;
  [[nodiscard]] Error failure(CURLcode code);
  void touch() { last_activity_ = std::chrono::steady_clock::now(); }
  // Remembers why a callback stopped the transfer.
  void stop(Error error) {
    if (!stopped_) stopped_ = std::move(error);
  }

  std::size_t on_header(std::string_view line);
  std::size_t on_body(std::string_view piece);
  std::size_t on_read(char* buffer, std::size_t capacity);
  int on_rewind();

  CURL* easy_;
  const HttpRequest& request_;
  const Route route_;
  std::string server_;
  std::unique_ptr<curl_slist, ListCleanup> headers_;
  std::unique_ptr<curl_slist, ListCleanup> connect_to_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t received_ = 0;
  std::size_t body_sent_ = 0;
  bool headers_complete_ = false;
  std::chrono::steady_clock::time_point last_activity_;
  std::optional<Error> stopped_;
};

}  // namespace liminal
