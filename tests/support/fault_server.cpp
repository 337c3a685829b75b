#include "support/fault_server.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace liminal::testing {

struct FaultServer::Tls {
  SSL_CTX* context = nullptr;

  explicit Tls(const Identity& identity) : context(SSL_CTX_new(TLS_server_method())) {
    BIO* certificate = BIO_new_mem_buf(identity.certificate_pem.data(), -1);
    X509* x509 = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, x509);
    X509_free(x509);
    BIO_free(certificate);
    BIO* key = BIO_new_mem_buf(identity.key_pem.data(), -1);
    EVP_PKEY* pkey = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context, pkey);
    EVP_PKEY_free(pkey);
    BIO_free(key);
  }
  ~Tls() { SSL_CTX_free(context); }
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
};

// A socket with TLS over it or not, and a buffer of what was read too far.
class Connection {
 public:
  Connection(FaultServer& server, int socket) : server_(server), socket_(socket) {
    if (!server.tls_) return;
    ssl_ = SSL_new(server.tls_->context);
    SSL_set_fd(ssl_, socket);
    open_ = SSL_accept(ssl_) == 1;
  }
  ~Connection() { SSL_free(ssl_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool server_stops() const { return server_.stopping_; }

  std::size_t receive(char* buffer, std::size_t capacity) {
    if (!open_) return 0;
    const auto count = ssl_ != nullptr ? static_cast<ssize_t>(SSL_read(ssl_, buffer, static_cast<int>(capacity)))
                                       : ::recv(socket_, buffer, capacity, 0);
    if (count <= 0) open_ = false;
    return count <= 0 ? 0 : static_cast<std::size_t>(count);
  }

  void send(std::string_view bytes) {
    while (open_ && !bytes.empty()) {
      const auto count = ssl_ != nullptr
                             ? static_cast<ssize_t>(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())))
                             : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) {
        open_ = false;
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  bool read_request(ReceivedRequest& request) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return false;
      if (buffer_.front() < 'A' || buffer_.front() > 'Z') {  // TLS where none is spoken
        send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        return false;
      }
    }
    std::string head = buffer_.substr(0, end);
    buffer_.erase(0, end + 4);
    std::size_t line_end = head.find("\r\n");
    const std::string first = head.substr(0, line_end);
    request.method = first.substr(0, first.find(' '));
    request.target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
    while (line_end != std::string::npos) {
      const std::size_t start = line_end + 2;
      line_end = head.find("\r\n", start);
      const std::string line = head.substr(start, line_end == std::string::npos ? line_end : line_end - start);
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) request.headers.add(line.substr(0, colon), line.substr(colon + 2));
    }
    remaining_ = 0;
    chunked_ = request.headers.get("Transfer-Encoding").value_or("") == "chunked";
    if (const auto length = request.headers.get("Content-Length")) remaining_ = std::stoull(*length);
    return true;
  }

  void read_body(std::string& body, std::size_t limit) {
    if (chunked_) return read_chunks(body);
    while (remaining_ > 0 && limit > 0) {
      if (buffer_.empty() && !fill()) return;
      const std::size_t take = std::min({static_cast<std::size_t>(remaining_), limit, buffer_.size()});
      body.append(buffer_, 0, take);
      buffer_.erase(0, take);
      remaining_ -= take;
      limit -= take;
    }
  }

  void close() {
    if (ssl_ != nullptr && open_) SSL_shutdown(ssl_);
    open_ = false;
    ::shutdown(socket_, SHUT_WR);
  }

  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    open_ = false;
  }

 private:
  bool fill() {
    char piece[65536];
    const std::size_t count = receive(piece, sizeof piece);
    buffer_.append(piece, count);
    return count > 0;
  }

  void read_chunks(std::string& body) {
    chunked_ = false;
    for (;;) {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (!fill()) return;
      }
      const std::size_t size = std::stoul(buffer_.substr(0, end), nullptr, 16);
      buffer_.erase(0, end + 2);
      while (buffer_.size() < size + 2) {
        if (!fill()) return;
      }
      body.append(buffer_, 0, size);
      buffer_.erase(0, size + 2);
      if (size == 0) return;
    }
  }

  FaultServer& server_;
  int socket_;
  SSL* ssl_ = nullptr;
  bool open_ = true;
  std::string buffer_;
  std::uint64_t remaining_ = 0;
  bool chunked_ = false;
};

const std::string& Exchange::body() {
  connection_.read_body(request.body, std::string::npos);
  return request.body;
}

void Exchange::read_some(std::size_t count) {
  connection_.read_body(request.body, count);
}

void Exchange::send(std::string_view bytes) {
  before_answer_();
  connection_.send(bytes);
}

void Exchange::reply(int status, const HeaderList& headers, std::string_view body) {
  this->body();
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  const bool declared =
      std::any_of(headers.begin(), headers.end(), [](const auto& h) { return h.first == "Content-Length"; });
  if (!declared && status != 204 && status != 304) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  if (request.method != "HEAD") text += body;
  send(text);
}

void Exchange::reply_early(int status, const HeaderList& headers, std::string_view body) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  send(text + "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + std::string(body));
  close();
}

void Exchange::cut_off(int status, std::size_t declared, std::string_view sent, const HeaderList& headers) {
  body();
  std::string text =
      "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Length: " + std::to_string(declared) + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  send(text + "\r\n" + std::string(sent));
  close();
}

void Exchange::close() {
  connection_.close();
}
void Exchange::reset() {
  connection_.reset();
}

void Exchange::wait(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (!connection_.server_stops() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void Exchange::endless() {
  send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  while (connection_.is_open() && !connection_.server_stops()) send(chunk);
}

FaultServer::FaultServer(Handler handler) : handler_(std::move(handler)) {
  listen_on_loopback();
  start();
}

FaultServer::FaultServer(Handler handler, const Identity& tls)
    : handler_(std::move(handler)), tls_(std::make_shared<Tls>(tls)) {
  listen_on_loopback();
  start();
}

FaultServer::FaultServer(Handler handler, const std::string& unix_socket)
    : handler_(std::move(handler)), unix_socket_(unix_socket) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_socket.c_str(), sizeof address.sun_path - 1);
  ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  start();
}

void FaultServer::listen_on_loopback() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

void FaultServer::start() {
  ::listen(listener_, 64);
  acceptor_ = std::thread([this] { accept_connections(); });
}

FaultServer::~FaultServer() {
  stopping_ = true;
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& worker : workers_) worker.join();
  ::close(listener_);
  if (!unix_socket_.empty()) ::unlink(unix_socket_.c_str());
}

void FaultServer::accept_connections() {
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++accepted_;
    const std::lock_guard lock(mutex_);
    open_.push_back(socket);
    workers_.emplace_back([this, socket] { serve(socket); });
  }
}

void FaultServer::serve(int socket) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // a client that went away is no reason to end the test
  {
    Connection connection(*this, socket);
    ReceivedRequest request;
    while (connection.is_open() && !stopping_ && connection.read_request(request)) {
      std::size_t index = 0;
      {
        const std::lock_guard lock(mutex_);
        index = requests_.size();
        requests_.push_back(request);
      }
      // Recorded before it is answered: whoever has the answer sees the request with its body too.
      const auto record = [&] {
        const std::lock_guard lock(mutex_);
        requests_[index].body = request.body;
      };
      Exchange exchange(connection, request, record);
      handler_(exchange);
      if (connection.is_open()) exchange.body();
      record();
      request = {};
    }
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  ::close(socket);
}

std::vector<ReceivedRequest> FaultServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t FaultServer::count(std::string_view method, std::string_view target_prefix) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(), [&](const ReceivedRequest& r) {
    return r.method == method && r.target.starts_with(target_prefix);
  }));
}

std::uint16_t FaultServer::unused_port() {
  const FaultServer server([](Exchange&) {});
  return server.port();
}

}  // namespace liminal::testing
