#include "session.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/pauses.hpp"

namespace liminal::kube {

namespace {

constexpr std::size_t at_once = 64;  // API servers allow 100 streams on a connection

bool same(const Credentials::Proof& a, const Credentials::Proof& b) {
  return a.authorization == b.authorization && a.certificate_pem == b.certificate_pem && a.key_pem == b.key_pem;
}

// user:password of scheme://user:password@host
std::string user_info(const std::string& url) {
  const auto scheme = url.find("://");
  const auto at = url.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos || at < scheme + 3) return {};
  return url.substr(scheme + 3, at - scheme - 3);
}

}  // namespace

Result<Credentials::Proof> Session::prove() {
  if (!connection.credentials) return Credentials::Proof{};
  return connection.credentials->prove(world);
}

bool Session::renew(const Credentials::Proof& refused) {
  if (!connection.credentials) return false;
  const std::lock_guard lock(mutex_);
  const auto current = prove();
  if (current && !same(*current, refused)) return true;  // another thread was here
  return connection.credentials->forget();
}

void Session::complete(HttpRequest& request, const Credentials::Proof& proof) const {
  if (!proof.authorization.empty()) request.headers.add("Authorization", proof.authorization);
  for (const auto& [name, value] : connection.impersonation) request.headers.add(name, value);
  request.tls = connection.tls;
  request.tls.certificate_pem = proof.certificate_pem;
  request.tls.key_pem = proof.key_pem;
  request.proxy = connection.proxy;
  request.cancellation = &world.cancellation;
}

void Session::hide(HiddenText& hidden, const Credentials::Proof& proof) const {
  const std::string& header = proof.authorization;  // Bearer TOKEN, Basic BASE64
  const std::string secret = header.substr(header.find(' ') + 1);
  hidden.add(secret);
  if (header.starts_with("Basic ")) {
    if (const auto login = base64_decode(secret)) hidden.add(login->substr(login->find(':') + 1));
  }
  hidden.add(proof.key_pem);
  const std::string proxy_login = user_info(connection.proxy);
  if (const auto colon = proxy_login.find(':'); colon != std::string::npos) hidden.add(proxy_login.substr(colon + 1));
}

Error Session::unreachable(Error error) const {
  if (error.kind != ErrorKind::unavailable) return error;
  const std::string name = connection.cluster.empty() ? "" : connection.cluster + " ";
  if (error.advice.empty()) error.advice = "look whether the cluster's API server, or a proxy before it, is well";
  return std::move(error).wrap(fmt::format("cannot speak to the cluster {}({})", name, connection.server));
}

// What is still to be sent, and what the answers to it asked for.
struct Session::Round {
  std::vector<std::size_t> pending;
  std::vector<std::size_t> refused;  // of those: the server did not know who asked
  bool pause = false;
  unsigned attempt = 0;
  std::optional<std::chrono::milliseconds> wish;
};

void Session::send(std::vector<Exchange>& exchanges, Round& round, const Credentials::Proof& proof,
                   const std::function<void(std::size_t)>& on_done) {
  std::vector<HttpRequest> requests;
  std::vector<std::size_t> sent;
  for (const std::size_t index : std::exchange(round.pending, {})) {
    const auto end = [&](Error error) {
      exchanges[index].end(std::move(error));
      on_done(index);
    };
    if (auto allowed = exchanges[index].allowed(); !allowed) {
      end(std::move(allowed.error()));
      continue;
    }
    auto request = exchanges[index].request(connection.server);
    if (!request) {
      end(std::move(request.error()));
      continue;
    }
    complete(*request, proof);
    requests.push_back(std::move(*request));
    sent.push_back(index);
  }
  world.http.send_all(requests, at_once, [&](std::size_t position, Result<HttpResponse> response) {
    const std::size_t index = sent[position];
    Exchange& exchange = exchanges[index];
    HiddenText hidden;
    hide(hidden, proof);
    exchange.hide(hidden);
    switch (exchange.take(std::move(response), hidden, world.clock)) {
      case Exchange::Step::done:
        if (!exchange.outcome()) exchange.end(unreachable(std::move(exchange.outcome().error())));
        return on_done(index);
      case Exchange::Step::log_in:
        round.refused.push_back(index);
        break;
      case Exchange::Step::try_again:
        round.pause = true;
        round.attempt = std::max(round.attempt, exchange.attempts() - 1);
        if (exchange.wish()) round.wish = std::max(round.wish.value_or(*exchange.wish()), *exchange.wish());
        break;
      case Exchange::Step::go_on:
        break;
    }
    round.pending.push_back(index);
  });
}

// Whoever watches a deploy stand still is told why, once.
void Session::note_silence(Clock::Monotonic::duration waited, unsigned attempt) {
  constexpr std::chrono::seconds long_time{10};
  constexpr unsigned many = 3;
  if ((waited < long_time && attempt < many) || told_.exchange(true)) return;
  world.progress.output("cluster", fmt::format("note: no good answer from {} yet; it is asked on", connection.server));
}

void Session::run(std::vector<Exchange>& exchanges, const std::function<void(std::size_t)>& on_done) {
  Round round;
  round.pending.resize(exchanges.size());
  std::iota(round.pending.begin(), round.pending.end(), std::size_t{0});
  Pauses pauses(world);
  const auto end_all = [&](const Error& error) {
    for (const std::size_t index : round.pending) {
      exchanges[index].end(error);
      on_done(index);
    }
  };
  while (!round.pending.empty()) {
    auto proof = prove();
    if (!proof) return end_all(proof.error());
    const auto sent = world.clock.monotonic();
    send(exchanges, round, *proof, on_done);
    if (round.pause) note_silence(world.clock.monotonic() - sent, round.attempt);
    std::sort(round.pending.begin(), round.pending.end());
    const auto refused = std::exchange(round.refused, {});
    if (!refused.empty() && !renew(*proof)) {  // the refusals stand; the others go on
      std::erase_if(round.pending, [&](std::size_t index) {
        return std::find(refused.begin(), refused.end(), index) != refused.end();
      });
      for (const std::size_t index : refused) on_done(index);
    }
    if (!std::exchange(round.pause, false)) continue;
    if (!pauses.wait(std::exchange(round.attempt, 0U), std::exchange(round.wish, std::nullopt))) {
      return end_all({ErrorKind::interrupted, "stopped while waiting to ask the cluster again", "", {}, {}, false});
    }
  }
}

}  // namespace liminal::kube
