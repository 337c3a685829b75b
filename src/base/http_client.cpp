#include <memory>
#include <utility>

#include <curl/curl.h>

#include "liminal/base/http.hpp"
#include "liminal/base/http_url.hpp"

#include "broken_pipe.hpp"
#include "http_batch.hpp"
#include "http_channel.hpp"

namespace liminal {

namespace {

// What a channel for this request is called.
std::string channel_name(const HttpRequest& request, std::string_view use) {
  if (!request.unix_socket.empty()) return request.unix_socket;
  const auto url = HttpUrl::parse(request.url);
  return url ? std::string(use) + url->scheme + "://" + url->authority() : std::string();
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
    std::optional<Result<HttpResponse>> outcome;
    run({&request, 1}, 1, false, [&](std::size_t, Result<HttpResponse> response) { outcome = std::move(response); });
    return std::move(*outcome);
  }

  void send_all(const std::vector<HttpRequest>& requests, std::size_t at_once,
                const Batch::OnAnswer& on_answer) override {
    if (!requests.empty()) run(requests, at_once, true, on_answer);
  }

 private:
  void run(std::span<const HttpRequest> requests, std::size_t at_once, bool http2, const Batch::OnAnswer& on_answer) {
    const NoBrokenPipeSignal guard;
    start_libcurl();
    std::unique_ptr<Channel> channel = pool_.take(channel_name(requests.front(), http2 ? "batch " : ""));
    Batch batch(*channel, user_agent_, environment_, http2);
    batch.run(requests, at_once, on_answer);
    if (batch.is_sound()) pool_.give_back(std::move(channel));
  }

  std::string user_agent_;
  Environment environment_;
  ChannelPool pool_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(std::string user_agent, const Environment& environment) {
  return std::make_unique<CurlClient>(std::move(user_agent), environment);
}

}  // namespace liminal
