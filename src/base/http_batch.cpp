#include "http_batch.hpp"

#include <algorithm>
#include <utility>

namespace liminal {

namespace {

constexpr int poll_interval_ms = 100;           // how late a cancellation is noticed
constexpr std::size_t connections_at_once = 6;  // where each request needs a connection of its own

}  // namespace

struct Batch::Running {
  Running(EasyHandle handle, const HttpRequest& request, Route route, std::size_t position)
      : easy(std::move(handle)), transfer(easy.get(), request, std::move(route)), index(position) {}

  EasyHandle easy;
  Transfer transfer;
  std::size_t index;
};

struct Batch::Ended {
  Running* running = nullptr;
  Result<CURLcode> code;
  bool by_us = false;  // libcurl was not done
};

Batch::Batch(Channel& channel, const std::string& user_agent, const Environment& environment, bool http2)
    : channel_(channel), user_agent_(user_agent), environment_(environment), http2_(http2) {
  // Without a number, libcurl keeps fewer the fewer requests are left, and closes what the next batch needs.
  if (http2) curl_multi_setopt(channel.multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(connections_at_once));
}
Batch::~Batch() = default;

// Until the first answer tells which HTTP the server speaks, it is asked alone.
std::size_t Batch::window(std::size_t at_once) const {
  if (!channel_.http2) return 1;
  return *channel_.http2 ? at_once : std::min(at_once, connections_at_once);
}

void Batch::start(const HttpRequest& request, std::size_t index, const OnAnswer& on_answer) {
  if (unreachable_) return on_answer(index, tl::unexpected(*unreachable_));
  auto route = find_route(request, environment_);
  if (!route) return on_answer(index, tl::unexpected(std::move(route.error())));
  running_.push_back(std::make_unique<Running>(channel_.take_handle(), request, std::move(*route), index));
  running_.back()->transfer.configure(user_agent_, http2_);
  curl_multi_add_handle(channel_.multi.get(), running_.back()->easy.get());
}

std::vector<Batch::Ended> Batch::ended() {
  std::vector<Ended> ends;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(channel_.multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto found = std::find_if(running_.begin(), running_.end(),
                                    [&](const auto& one) { return one->easy.get() == message->easy_handle; });
    ends.push_back({found->get(), message->data.result, false});
  }
  for (const auto& one : running_) {
    const bool done = std::any_of(ends.begin(), ends.end(), [&](const Ended& end) { return end.running == one.get(); });
    if (done) continue;
    if (auto code = one->transfer.overdue()) ends.push_back({one.get(), std::move(*code), true});
  }
  return ends;
}

void Batch::finish(const Ended& end, const OnAnswer& on_answer) {
  Result<HttpResponse> response = end.running->transfer.finish(end.code);
  CURL* easy = end.running->easy.get();
  long version = CURL_HTTP_VERSION_NONE;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  if (response) channel_.http2 = version == CURL_HTTP_VERSION_2_0;
  connected_ = connected_ || response || !response.error().unsent;
  if (!connected_) unreachable_ = response.error();
  if (end.by_us) sound_ = false;
  curl_multi_remove_handle(channel_.multi.get(), easy);
  curl_easy_reset(easy);  // what it points to is gone soon
  channel_.spare.push_back(std::move(end.running->easy));
  const std::size_t index = end.running->index;
  std::erase_if(running_, [&](const auto& one) { return one.get() == end.running; });
  on_answer(index, std::move(response));
}

void Batch::run(std::span<const HttpRequest> requests, std::size_t at_once, const OnAnswer& on_answer) {
  std::size_t next = 0;
  while (next < requests.size() || !running_.empty()) {
    while (next < requests.size() && running_.size() < window(at_once)) {
      start(requests[next], next, on_answer);
      ++next;
    }
    int busy = 0;
    curl_multi_perform(channel_.multi.get(), &busy);
    const std::vector<Ended> ends = ended();
    for (const Ended& end : ends) finish(end, on_answer);
    if (ends.empty() && !running_.empty()) {
      curl_multi_poll(channel_.multi.get(), nullptr, 0, poll_interval_ms, nullptr);
    }
  }
}

}  // namespace liminal
