// One deploy of a set at a time: a Lease (coordination.k8s.io/v1) that runs out by itself when its holder is killed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "apply_set.hpp"

namespace liminal::deploy {

class Lease {
 public:
  // Takes the set's lease, waiting for another's deploy to end at most `patience`; a holder that stopped renewing is
  // waited for as long as its lease lasts, and one that was a process of this machine and is gone not at all. Errors
  // (failed): another deploy goes on, by whom and since when.
  [[nodiscard]] static Result<std::unique_ptr<Lease>> take(const World& world, kube::Client& client,
                                                           const DesiredSet& set, const Author& author,
                                                           std::chrono::seconds patience);
  ~Lease();  // gives it back
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // Renews it. Before each step that writes: whoever lost the lease writes no more. Errors (failed): another has it.
  [[nodiscard]] Status renew();
  // Before each attempt of a call that writes: renews it only where it may have run out. Errors as of `renew`.
  [[nodiscard]] Status check();

 private:
  Lease(const World& world, kube::Client& client, kube::Reference reference, Json object);
  Status put(const Json& spec);
  Status renew_locked();
  tl::unexpected<Error> lose();
  void keep_renewing();

  const World& world_;
  kube::Client& client_;
  kube::Reference reference_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  Json object_;  // as it was last written
  bool stopped_ = false;
  std::atomic<bool> lost_ = false;
  std::atomic<Clock::Monotonic> renewed_at_;  // when the last renewal that was carried out began
  std::optional<std::jthread> renewer_;       // none: renewed by `check` alone
};

}  // namespace liminal::deploy
