#include <thread>

#include <gtest/gtest.h>

#include "liminal/base/cancellation.hpp"
#include "liminal/base/file_stream.hpp"

#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

using namespace std::chrono_literals;

class FileLocks : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "one.lock"; }

  testing::TemporaryFolder folder_;
  Cancellation cancellation_;
};

TEST_F(FileLocks, AreWaitedForUntilLetGo) {
  std::optional<FileLock> held(FileLock::acquire(path()).value());
  std::jthread release([&] {
    std::this_thread::sleep_for(50ms);
    held.reset();
  });
  EXPECT_TRUE(FileLock::acquire(path(), cancellation_));
}

TEST_F(FileLocks, AreNotWaitedForAfterACancellation) {
  const auto held = FileLock::acquire(path());
  ASSERT_TRUE(held);
  std::jthread stop([&] {
    std::this_thread::sleep_for(50ms);
    cancellation_.request(15);
  });
  const auto lock = FileLock::acquire(path(), cancellation_);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::interrupted);
}

}  // namespace
}  // namespace liminal
