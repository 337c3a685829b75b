#include "liminal/base/thread_pool.hpp"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace liminal {
namespace {

TEST(ParallelFor, DoesEachPieceOnce) {
  std::vector<std::atomic<int>> done(100);
  parallel_for(4, done.size(), [&](std::size_t i) { ++done[i]; });
  for (const auto& times : done) EXPECT_EQ(times, 1);
}

// In a child, whose limits are its own: 0 where all was done.
int work_without_more_threads() {
  constexpr uid_t nobody = 65534;  // root is not bound by the limit
  if (::geteuid() == 0 && ::setuid(nobody) != 0) return 2;
  const rlimit one{1, 1};
  if (::setrlimit(RLIMIT_NPROC, &one) != 0) return 2;
  std::atomic<std::size_t> done{0};
  parallel_for(8, 100, [&](std::size_t) { ++done; });
  return done == 100 ? 0 : 1;
}

TEST(ParallelFor, DoesWithTheThreadsThatThereAre) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(work_without_more_threads());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace liminal
