#include "http_transfer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "http_failure.hpp"
#include "http_proxy.hpp"

namespace liminal {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t header_bytes_limit = 1U << 20U;
constexpr std::size_t header_count_limit = 1000;
constexpr long transfer_buffer = 256L << 10U;
constexpr std::uint64_t cheap_to_resend = 1U << 20U;

Status check_headers(const HttpRequest& request) {
  const auto broken = [](std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
  };
  bool bad = broken(request.method) || request.method.empty();
  for (const auto& [name, value] : request.headers.entries()) bad = bad || broken(name) || broken(value);
  if (bad) return fail(ErrorKind::usage, "a header of the request has a line break or a zero byte in it");
  return {};
}

}  // namespace

Result<Route> find_route(const HttpRequest& request, const Environment& environment) {
  auto url = HttpUrl::parse(request.url);
  if (!url) return tl::unexpected(std::move(url.error()));
  if (auto checked = check_headers(request); !checked) return tl::unexpected(std::move(checked.error()));
  if (request.cancellation != nullptr && request.cancellation->requested()) {
    return fail(ErrorKind::interrupted, fmt::format("stopped before talking to {}", url->authority()));
  }
  Route route;
  route.proxy = request.proxy;
  if (route.proxy.empty() && request.unix_socket.empty()) route.proxy = find_proxy(environment, *url);
  const bool proxy_uses_tls = route.proxy.starts_with("https:");
  route.uses_tls = url->scheme == "https" || proxy_uses_tls;
  if (route.uses_tls && request.tls.verify && (request.tls.ca_pem.empty() || proxy_uses_tls)) {
    auto found = find_trust_store(environment);
    if (!found) return tl::unexpected(std::move(found.error()));
    route.trust = std::move(*found);
  }
  route.url = std::move(*url);
  return route;
}

void Transfer::configure(const std::string& user_agent, bool http2) {
  curl_easy_reset(easy_);
  server_ = request_.unix_socket.empty() ? route_.url.authority() : request_.unix_socket;
  set(CURLOPT_ERRORBUFFER, detail_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  // Over TLS alone is HTTP/2 agreed on, so that plain HTTP is spoken as before.
  set(CURLOPT_HTTP_VERSION, static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PIPEWAIT, http2 ? 1L : 0L);  // rather one connection than one for each of the first requests
  set(CURLOPT_BUFFERSIZE, transfer_buffer);
  set(CURLOPT_UPLOAD_BUFFERSIZE, transfer_buffer);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  // An empty text also keeps libcurl from reading the process's own environment.
  set(CURLOPT_PROXY, route_.proxy.c_str());
  set(CURLOPT_NOPROXY, "");
  if (!request_.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
  configure_headers(user_agent);
  configure_body();
  if (route_.uses_tls) configure_tls();
  touch();

  set(CURLOPT_HEADERDATA, this);
  curl_easy_setopt(
      easy_, CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
        return static_cast<Transfer*>(self)->on_header({data, size});
      });
  set(CURLOPT_WRITEDATA, this);
  curl_easy_setopt(
      easy_, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
        return static_cast<Transfer*>(self)->on_body({data, size});
      });
}

void Transfer::configure_headers(const std::string& user_agent) {
  HttpUrl named = route_.url;
  if (!request_.tls.server_name.empty() && request_.tls.server_name != route_.url.host) {
    // TLS is asked for by the other name, and the connection still goes to the address.
    named.host = request_.tls.server_name;
    const std::string host =
        route_.url.host.find(':') == std::string::npos ? route_.url.host : "[" + route_.url.host + "]";
    const std::string route = fmt::format("{}:{}:{}:{}", named.host, named.port, host, route_.url.port);
    connect_to_.reset(curl_slist_append(nullptr, route.c_str()));
    set(CURLOPT_CONNECT_TO, connect_to_.get());
    headers_.reset(curl_slist_append(headers_.release(), ("Host: " + route_.url.authority()).c_str()));
  }
  set(CURLOPT_URL, named.text().c_str());
  const auto add = [&](const std::string& line) {
    headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
  };
  add("Expect:");  // nothing is gained by waiting for 100 Continue, and not every server sends it
  if (!request_.headers.get("User-Agent")) add("User-Agent: " + user_agent);
  if (!request_.headers.get("Content-Type")) add("Content-Type:");
  for (const auto& [name, value] : request_.headers.entries()) {
    add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::configure_body() {
  const std::string& method = request_.method;
  const bool has_body = request_.body_source || !request_.body.empty();
  if (!has_body && method == "HEAD") return set(CURLOPT_NOBODY, 1L);
  set(CURLOPT_CUSTOMREQUEST, method.c_str());
  if (!has_body && method != "POST" && method != "PUT" && method != "PATCH") return;
  set(CURLOPT_UPLOAD, 1L);
  const std::optional<std::uint64_t> size = request_.body_source ? request_.body_source->size : request_.body.size();
  set(CURLOPT_INFILESIZE_LARGE, size ? static_cast<curl_off_t>(*size) : curl_off_t{-1});
  set(CURLOPT_READDATA, this);
  curl_easy_setopt(
      easy_, CURLOPT_READFUNCTION, +[](char* data, std::size_t, std::size_t size_, void* self) {
        return static_cast<Transfer*>(self)->on_read(data, size_);
      });
  // On a kept connection that turns out to be gone libcurl sends everything once more by itself: too dear for a large
  // body, impossible for one that cannot be rewound.
  const bool resendable = !request_.body_source || (request_.body_source->rewind && size && *size <= cheap_to_resend);
  if (!resendable) set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_SEEKDATA, this);
  curl_easy_setopt(
      easy_, CURLOPT_SEEKFUNCTION, +[](void* self, curl_off_t offset, int whence) -> int {
        return offset == 0 && whence == SEEK_SET ? static_cast<Transfer*>(self)->on_rewind() : CURL_SEEKFUNC_FAIL;
      });
}

void Transfer::configure_tls() {
  const TrustStore& trust = route_.trust;
  const TlsOptions& tls = request_.tls;
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.ca_pem.empty()) {
    set_blob(CURLOPT_CAINFO_BLOB, tls.ca_pem);
  } else {
    if (!trust.file.empty()) set(CURLOPT_CAINFO, trust.file.c_str());
    if (!trust.directory.empty()) set(CURLOPT_CAPATH, trust.directory.c_str());
  }
  if (!trust.file.empty()) set(CURLOPT_PROXY_CAINFO, trust.file.c_str());
  if (!trust.directory.empty()) set(CURLOPT_PROXY_CAPATH, trust.directory.c_str());
  if (tls.certificate_pem.empty()) return;
  set_blob(CURLOPT_SSLCERT_BLOB, tls.certificate_pem);
  set_blob(CURLOPT_SSLKEY_BLOB, tls.key_pem);
}

std::size_t Transfer::on_header(std::string_view line) {
  touch();
  const std::size_t size = line.size();
  header_bytes_ += size;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // a 1xx answer comes before the real one
    response_.headers = {};
    headers_complete_ = false;
  } else if (line.empty()) {
    headers_complete_ = true;
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    response_.headers.add(std::string(line.substr(0, colon)), std::string(value));
  }
  if (header_bytes_ <= header_bytes_limit && response_.headers.entries().size() <= header_count_limit) return size;
  stop({ErrorKind::unavailable,
        fmt::format("{} answers with more headers than any server should", server_),
        "",
        {},
        {},
        false});
  return 0;
}

std::size_t Transfer::on_body(std::string_view piece) {
  received_ += piece.size();
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (request_.on_body && status >= 200 && status < 300) {
    if (request_.on_answer && received_ == piece.size()) {
      response_.status = static_cast<int>(status);
      if (auto accepted = request_.on_answer(response_); !accepted) {
        stop(std::move(accepted.error()));
        return 0;
      }
    }
    auto taken = request_.on_body(piece);
    touch();  // after it: how long the caller took is no fault of the server's
    if (taken) return piece.size();
    stop(std::move(taken.error()));
    return 0;
  }
  touch();
  if (received_ > request_.body_limit) {
    stop({ErrorKind::unavailable,
          fmt::format("{} answers with more than the {} bytes allowed here", server_, request_.body_limit),
          "",
          {},
          {},
          false});
    return 0;
  }
  response_.body.append(piece);
  return piece.size();
}

std::size_t Transfer::on_read(char* buffer, std::size_t capacity) {
  touch();
  if (!request_.body_source) {
    const std::size_t count = std::min(capacity, request_.body.size() - body_sent_);
    std::memcpy(buffer, request_.body.data() + body_sent_, count);
    body_sent_ += count;
    return count;
  }
  auto count = request_.body_source->read(buffer, capacity);
  touch();
  if (!count) {
    stop(std::move(count.error()));
    return CURL_READFUNC_ABORT;
  }
  body_sent_ += *count;
  return *count;
}

int Transfer::on_rewind() {
  body_sent_ = 0;
  if (!request_.body_source) return CURL_SEEKFUNC_OK;
  if (!request_.body_source->rewind) return CURL_SEEKFUNC_FAIL;
  auto rewound = request_.body_source->rewind();
  if (rewound) return CURL_SEEKFUNC_OK;
  stop(std::move(rewound.error()));
  return CURL_SEEKFUNC_FAIL;
}

std::optional<Result<CURLcode>> Transfer::overdue() const {
  if (request_.cancellation != nullptr && request_.cancellation->requested()) {
    return fail(ErrorKind::interrupted, fmt::format("stopped while talking to {}", server_));
  }
  const bool idle = request_.idle_timeout.count() > 0 && steady_clock::now() - last_activity_ > request_.idle_timeout;
  double connect_seconds = 0;
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME, &connect_seconds);
  // Until it is connected, libcurl's own limit counts.
  if (idle && connect_seconds > 0) return CURLE_OPERATION_TIMEDOUT;
  return std::nullopt;
}

// A server that refuses an upload may answer and close while the body is still being sent: the answer counts.
bool Transfer::answered_early() const {
  return headers_complete_ && response_.status >= 400;
}

Error Transfer::failure(CURLcode code) {
  TransferFailure failure;
  failure.code = code;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &failure.system_error);
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &failure.certificate_result);
  double connect_seconds = 0;
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME, &connect_seconds);
  failure.connected = connect_seconds > 0;
  failure.detail = detail_.data();
  failure.server = server_;
  failure.own_authority = !request_.tls.ca_pem.empty();
  failure.unix_socket = !request_.unix_socket.empty();
  failure.proxy = printable_proxy(route_.proxy);
  failure.received = received_;
  Error error = explain(failure);
  error.unsent = !failure.connected;
  return error;
}

Result<HttpResponse> Transfer::finish(const Result<CURLcode>& code) {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (!code) return tl::unexpected(code.error());
  if (stopped_) return tl::unexpected(std::move(*stopped_));
  if (*code != CURLE_OK && !answered_early()) return tl::unexpected(failure(*code));
  return std::move(response_);
}

}  // namespace liminal
