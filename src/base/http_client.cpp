#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "liminal/base/http.hpp"
#include "liminal/base/http_url.hpp"

#include "http_failure.hpp"
#include "http_proxy.hpp"
#include "http_trust.hpp"

namespace liminal {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t header_bytes_limit = 1U << 20U;
constexpr std::size_t header_count_limit = 1000;
constexpr long transfer_buffer = 256L << 10U;
constexpr std::uint64_t cheap_to_resend = 1U << 20U;
constexpr int poll_interval_ms = 100;  // how late a cancellation is noticed
constexpr std::size_t idle_connections_limit = 32;

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCleanup {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// OpenSSL writes to a socket whose other side may be gone; in this thread, for as long as this lives, that is an error
// of the transfer and no signal. The process's own handling of SIGPIPE stays as it is.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    sigset_t pending;
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE) == 1) return;  // it was there before: not ours to take
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
    active_ = true;
  }
  ~NoBrokenPipeSignal() {
    if (!active_) return;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) == -1 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

 private:
  sigset_t before_{};
  bool active_ = false;
};

// libcurl keeps connections in the multi handle. One thread uses a channel at a time.
struct Channel {
  std::unique_ptr<CURLM, MultiCleanup> multi{curl_multi_init()};
  std::unique_ptr<CURL, EasyCleanup> easy{curl_easy_init()};  // goes first: declared last
  std::string origin;                                         // of its last request
};

// Channels that nobody uses now. One that last spoke to the same origin probably has an open connection to it.
class ChannelPool {
 public:
  std::unique_ptr<Channel> take(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& c) { return c->origin == origin; });
    if (found == idle_.rend()) return std::make_unique<Channel>();
    auto channel = std::move(*found);
    idle_.erase(std::next(found).base());
    return channel;
  }

  void close_all() {
    const std::lock_guard lock(mutex_);
    idle_.clear();
  }

  void give_back(std::unique_ptr<Channel> channel) {
    std::unique_ptr<Channel> oldest;  // closed after the lock is gone
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(channel));
    if (idle_.size() > idle_connections_limit) {
      oldest = std::move(idle_.front());
      idle_.erase(idle_.begin());
    }
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;
};

// One request on one channel.
class Transfer {
 public:
  Transfer(Channel& channel, const HttpRequest& request, HttpUrl url, std::string proxy)
      : channel_(channel),
        easy_(channel.easy.get()),
        request_(request),
        url_(std::move(url)),
        proxy_(std::move(proxy)) {}

  void configure(const std::string& user_agent);
  void configure_tls(const TrustStore& trust);
  Result<HttpResponse> perform();

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
  Result<CURLcode> drive();
  [[nodiscard]] bool answered_early() const;
  [[nodiscard]] Error failure(CURLcode code);
  void touch() { last_activity_ = steady_clock::now(); }
  // Remembers why a callback stopped the transfer.
  void stop(Error error) {
    if (!stopped_) stopped_ = std::move(error);
  }

  std::size_t on_header(std::string_view line);
  std::size_t on_body(std::string_view piece);
  std::size_t on_read(char* buffer, std::size_t capacity);
  int on_rewind();

  Channel& channel_;
  CURL* easy_;
  const HttpRequest& request_;
  HttpUrl url_;
  std::string proxy_;
  std::string server_;
  std::unique_ptr<curl_slist, ListCleanup> headers_;
  std::unique_ptr<curl_slist, ListCleanup> connect_to_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t received_ = 0;
  std::size_t body_sent_ = 0;
  bool headers_complete_ = false;
  steady_clock::time_point last_activity_;
  std::optional<Error> stopped_;
};

void Transfer::configure(const std::string& user_agent) {
  curl_easy_reset(easy_);
  server_ = request_.unix_socket.empty() ? url_.authority() : request_.unix_socket;
  set(CURLOPT_ERRORBUFFER, detail_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_BUFFERSIZE, transfer_buffer);
  set(CURLOPT_UPLOAD_BUFFERSIZE, transfer_buffer);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  // An empty text also keeps libcurl from reading the process's own environment.
  set(CURLOPT_PROXY, proxy_.c_str());
  set(CURLOPT_NOPROXY, "");
  if (!request_.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
  configure_headers(user_agent);
  configure_body();

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
  HttpUrl named = url_;
  if (!request_.tls.server_name.empty() && request_.tls.server_name != url_.host) {
    // TLS is asked for by the other name, and the connection still goes to the address.
    named.host = request_.tls.server_name;
    const std::string host = url_.host.find(':') == std::string::npos ? url_.host : "[" + url_.host + "]";
    const std::string route = fmt::format("{}:{}:{}:{}", named.host, named.port, host, url_.port);
    connect_to_.reset(curl_slist_append(nullptr, route.c_str()));
    set(CURLOPT_CONNECT_TO, connect_to_.get());
    headers_.reset(curl_slist_append(headers_.release(), ("Host: " + url_.authority()).c_str()));
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

void Transfer::configure_tls(const TrustStore& trust) {
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

// Until libcurl is done, the user stops it, or the server is silent for too long.
Result<CURLcode> Transfer::drive() {
  CURLM* multi = channel_.multi.get();
  touch();
  for (;;) {
    int running = 0;
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    if (request_.cancellation != nullptr && request_.cancellation->requested()) {
      return fail(ErrorKind::interrupted, fmt::format("stopped while talking to {}", server_));
    }
    const bool idle = request_.idle_timeout.count() > 0 && steady_clock::now() - last_activity_ > request_.idle_timeout;
    double connect_seconds = 0;
    curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME, &connect_seconds);
    // Until it is connected, libcurl's own limit counts.
    if (idle && connect_seconds > 0) return CURLE_OPERATION_TIMEDOUT;
    curl_multi_poll(multi, nullptr, 0, poll_interval_ms, nullptr);
  }
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
  failure.unix_socket = !request_.unix_socket.empty();
  failure.proxy = printable_proxy(proxy_);
  failure.received = received_;
  Error error = explain(failure);
  error.unsent = !failure.connected;
  return error;
}

Result<HttpResponse> Transfer::perform() {
  curl_multi_add_handle(channel_.multi.get(), easy_);
  const Result<CURLcode> code = drive();
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  std::optional<Error> error;
  if (!code) {
    error = code.error();
  } else if (stopped_) {
    error = stopped_;
  } else if (*code != CURLE_OK && !answered_early()) {
    error = failure(*code);
  }
  curl_multi_remove_handle(channel_.multi.get(), easy_);
  if (error) return tl::unexpected(std::move(*error));
  return std::move(response_);
}

std::string origin_of(const HttpRequest& request, const HttpUrl& url) {
  return request.unix_socket.empty() ? url.scheme + "://" + url.authority() : request.unix_socket;
}

Status check_headers(const HttpRequest& request) {
  const auto broken = [](std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
  };
  bool bad = broken(request.method) || request.method.empty();
  for (const auto& [name, value] : request.headers.entries()) bad = bad || broken(name) || broken(value);
  if (bad) return fail(ErrorKind::usage, "a header of the request has a line break or a zero byte in it");
  return {};
}

// Starts libcurl and OpenSSL, once, from whatever thread: most commands never send anything, and it takes longer than
// all they do.
void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(std::string user_agent, Environment environment)
      : user_agent_(std::move(user_agent)), environment_(std::move(environment)) {}
  ~CurlClient() override {
    const NoBrokenPipeSignal guard;
    pool_.close_all();
  }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Result<HttpResponse> send(const HttpRequest& request) override {
    auto url = HttpUrl::parse(request.url);
    if (!url) return tl::unexpected(std::move(url.error()));
    if (auto checked = check_headers(request); !checked) return tl::unexpected(std::move(checked.error()));
    if (request.cancellation != nullptr && request.cancellation->requested()) {
      return fail(ErrorKind::interrupted, fmt::format("stopped before talking to {}", url->authority()));
    }
    std::string proxy = request.proxy;
    if (proxy.empty() && request.unix_socket.empty()) proxy = find_proxy(environment_, *url);
    const bool uses_tls = url->scheme == "https" || proxy.starts_with("https:");
    TrustStore trust;
    if (uses_tls && request.tls.verify && (request.tls.ca_pem.empty() || proxy.starts_with("https:"))) {
      auto found = find_trust_store(environment_);
      if (!found) return tl::unexpected(std::move(found.error()));
      trust = std::move(*found);
    }
    const NoBrokenPipeSignal guard;
    start_libcurl();
    std::unique_ptr<Channel> channel = pool_.take(origin_of(request, *url));
    channel->origin = origin_of(request, *url);
    auto response = [&] {
      Transfer transfer(*channel, request, *url, std::move(proxy));
      transfer.configure(user_agent_);
      if (uses_tls) transfer.configure_tls(trust);
      return transfer.perform();
    }();
    pool_.give_back(std::move(channel));
    return response;
  }

 private:
  std::string user_agent_;
  Environment environment_;
  ChannelPool pool_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(std::string user_agent, const Environment& environment) {
  return std::make_unique<CurlClient>(std::move(user_agent), environment);
}

}  // namespace liminal
