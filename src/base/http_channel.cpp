#include "http_channel.hpp"

#include <algorithm>

namespace liminal {

namespace {

constexpr std::size_t idle_channels_limit = 32;

}  // namespace

std::unique_ptr<Channel> ChannelPool::take(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& c) { return c->name == name; });
  std::unique_ptr<Channel> channel;
  if (found == idle_.rend()) {
    channel = std::make_unique<Channel>();
    channel->name = name;
  } else {
    channel = std::move(*found);
    idle_.erase(std::next(found).base());
  }
  return channel;
}

void ChannelPool::give_back(std::unique_ptr<Channel> channel) {
  std::unique_ptr<Channel> oldest;  // closed after the lock is gone
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(channel));
  if (idle_.size() > idle_channels_limit) {
    oldest = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
}

void ChannelPool::close_all() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace liminal
