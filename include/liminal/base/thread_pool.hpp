// Runs independent work on a fixed number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace liminal {

// Calls work(0) ... work(count - 1), at most `threads` at once, and returns when all are done. One thread, or one piece
// of work, runs in the caller. The order in which pieces start is ascending. `work` must not throw.
void parallel_for(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace liminal
