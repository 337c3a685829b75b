// An HTTP server inside the test, on loopback or a Unix socket, that answers well or badly as the test says.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "liminal/base/http.hpp"

#include "support/test_certificates.hpp"

namespace liminal::testing {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct ReceivedRequest {
  std::string method;
  std::string target;
  HttpHeaders headers;
  std::string body;  // as far as it was read

  [[nodiscard]] std::string header(std::string_view name) const { return headers.get(name).value_or(""); }
};

class Connection;

// One request and the connection it came by. A handler answers by calling these; a connection that was neither closed
// nor reset stays open for the next request.
class Exchange {
 public:
  Exchange(Connection& connection, ReceivedRequest& received, std::function<void()> before_answer)
      : request(received), connection_(connection), before_answer_(std::move(before_answer)) {}

  ReceivedRequest& request;

  // Reads the whole body into request.body (Content-Length or chunked).
  const std::string& body();
  // At most `count` bytes of a body that has a Content-Length.
  void read_some(std::size_t count);

  void send(std::string_view bytes);
  // Reads the request's body, then sends an answer with Content-Length.
  void reply(int status, const HeaderList& headers = {}, std::string_view body = "");
  // The same without reading the body first, and closes.
  void reply_early(int status, const HeaderList& headers = {}, std::string_view body = "");
  // Declares `declared` bytes and sends fewer, then closes.
  void cut_off(int status, std::size_t declared, std::string_view sent, const HeaderList& headers = {});
  void close();
  void reset();  // RST instead of FIN
  // Until the time is over or the server stops.
  void wait(std::chrono::milliseconds duration);
  // Sends chunks until the client goes away.
  void endless();

 private:
  Connection& connection_;
  std::function<void()> before_answer_;
};

using Handler = std::function<void(Exchange&)>;

class FaultServer {
 public:
  explicit FaultServer(Handler handler);
  FaultServer(Handler handler, const Identity& tls);
  FaultServer(Handler handler, const std::string& unix_socket);
  ~FaultServer();
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return std::string(tls_ ? "https://" : "http://") + host() + std::string(path);
  }
  [[nodiscard]] std::vector<ReceivedRequest> requests() const;
  [[nodiscard]] std::size_t count(std::string_view method, std::string_view target_prefix) const;
  [[nodiscard]] unsigned connections() const { return accepted_; }

  // A port of loopback where nobody listens.
  [[nodiscard]] static std::uint16_t unused_port();

 private:
  friend class Connection;
  friend class Exchange;
  struct Tls;

  void listen_on_loopback();
  void start();
  void accept_connections();
  void serve(int socket);

  Handler handler_;
  std::shared_ptr<Tls> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::string unix_socket_;
  std::atomic<bool> stopping_{false};
  std::atomic<unsigned> accepted_{0};
  std::thread acceptor_;
  mutable std::mutex mutex_;
  std::vector<std::thread> workers_;
  std::vector<int> open_;
  std::vector<ReceivedRequest> requests_;
};

}  // namespace liminal::testing
