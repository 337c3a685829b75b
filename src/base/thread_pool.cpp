#include "liminal/base/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace liminal {

void parallel_for(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto drain = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(i);
  };
  const std::size_t helpers = std::min<std::size_t>(threads, count);
  std::vector<std::jthread> pool;
  // Where the system gives no more threads, those that there are do the work.
  try {
    for (std::size_t i = 1; i < helpers; ++i) pool.emplace_back(drain);
  } catch (const std::system_error&) {
  }
  drain();
}

}  // namespace liminal
