#include "liminal/base/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "liminal/base/thread.hpp"

namespace liminal {

void parallel_for(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto drain = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(i);
  };
  const std::size_t helpers = std::min<std::size_t>(threads, count);
  std::vector<std::jthread> pool;
  // Where the system gives no more threads, those that there are do the work.
  while (pool.size() + 1 < helpers) {
    auto thread = start_thread(drain);
    if (!thread) break;
    pool.push_back(std::move(*thread));
  }
  drain();
}

}  // namespace liminal
