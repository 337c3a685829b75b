// Connections of libcurl, kept between requests.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <curl/curl.h>

namespace liminal {

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCleanup {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;

// libcurl keeps connections in the multi handle. One thread uses a channel at a time.
struct Channel {
  std::unique_ptr<CURLM, MultiCleanup> multi{curl_multi_init()};
  std::vector<EasyHandle> spare;  // go first: declared after the multi handle
  std::string name;               // of its last use
  std::optional<bool> http2;      // what the server spoke last

  [[nodiscard]] EasyHandle take_handle() {
    if (spare.empty()) return EasyHandle(curl_easy_init());
    EasyHandle handle = std::move(spare.back());
    spare.pop_back();
    return handle;
  }
};

// Channels that nobody uses now. One of the same name probably has an open connection to where the name leads.
class ChannelPool {
 public:
  [[nodiscard]] std::unique_ptr<Channel> take(const std::string& name);
  void give_back(std::unique_ptr<Channel> channel);
  void close_all();

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;
};

}  // namespace liminal
