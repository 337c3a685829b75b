// Requests driven side by side on one channel.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "http_channel.hpp"
#include "http_transfer.hpp"

namespace liminal {

class Batch {
 public:
  using OnAnswer = std::function<void(std::size_t index, Result<HttpResponse> response)>;

  Batch(Channel& channel, const std::string& user_agent, const Environment& environment, bool http2);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void run(std::span<const HttpRequest> requests, std::size_t at_once, const OnAnswer& on_answer);

  // Whether the channel's connections may be used again: a server that fell silent on one of several requests of a
  // connection is not asked by it again.
  [[nodiscard]] bool is_sound() const { return sound_; }

 private:
  struct Running;
  struct Ended;

  void start(const HttpRequest& request, std::size_t index, const OnAnswer& on_answer);
  [[nodiscard]] std::size_t window(std::size_t at_once) const;
  [[nodiscard]] std::vector<Ended> ended();
  void finish(const Ended& end, const OnAnswer& on_answer);

  Channel& channel_;
  const std::string& user_agent_;
  const Environment& environment_;
  const bool http2_;
  bool sound_ = true;
  bool connected_ = false;
  std::optional<Error> unreachable_;  // why the server could not be connected to
  std::vector<std::unique_ptr<Running>> running_;
};

}  // namespace liminal
