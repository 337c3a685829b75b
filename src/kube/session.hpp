// Calls to one server: credentials, retries, and many calls side by side.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/kube/kubeconfig.hpp"

#include "exchange.hpp"

namespace liminal::kube {

class Session {
 public:
  Session(const World& outside, Connection to) : world(outside), connection(std::move(to)) {}

  [[nodiscard]] Result<Credentials::Proof> prove();
  // After the server refused that proof: whether there may be another one now.
  [[nodiscard]] bool renew(const Credentials::Proof& refused);
  // Address, TLS, credentials and cancellation of a request.
  void complete(HttpRequest& request, const Credentials::Proof& proof) const;
  // The credentials, as what must not be seen.
  void hide(HiddenText& hidden, const Credentials::Proof& proof) const;
  // The failure of a request as one of the cluster's.
  [[nodiscard]] Error unreachable(Error error) const;

  // Until each has its outcome; `on_done` hears of it by its index, in this thread.
  void run(std::vector<Exchange>& exchanges, const std::function<void(std::size_t)>& on_done);

  const World world;
  const Connection connection;

 private:
  struct Round;
  void send(std::vector<Exchange>& exchanges, Round& round, const Credentials::Proof& proof,
            const std::function<void(std::size_t)>& on_done);
  void note_silence(Clock::Monotonic::duration waited, unsigned attempt);

  std::atomic<bool> told_ = false;
  std::mutex mutex_;  // one thread renews; the others find its proof
};

}  // namespace liminal::kube
