#include "../../src/run/leftovers.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "../../src/run/run_record.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::run {
namespace {

class LeftoversTest : public ::testing::Test {
 protected:
  // A run that is under way: one task done, one running.
  std::optional<RunMark> begin(const std::string& id) {
    RunRecord record;
    record.run_id = id;
    record.tasks["done"].state = "succeeded";
    record.tasks["running"].state = "running";
    EXPECT_TRUE(record.write(world, folder.path() / id));
    auto mark = RunMark::make(world, folder.path() / id);
    EXPECT_TRUE(mark);
    EXPECT_TRUE(mark->name_runtime(RunMark::Runtime::oci));
    EXPECT_TRUE(parts.files.write(folder.path() / id / "bundle-x" / "config.json", "{}", 0600));
    return std::move(*mark);
  }
  RunRecord record_of(const std::string& id) {
    return RunRecord::parse(*parts.files.read(folder.path() / id / "run.json", 1U << 20U)).value();
  }
  [[nodiscard]] bool has_bundle(const std::string& id) const {
    return parts.files.info(folder.path() / id / "bundle-x").has_value();
  }

  testing::TemporaryFolder folder;
  testing::TestWorld parts;
  World world = parts.world();
};

TEST_F(LeftoversTest, OfAKilledRunAreRemovedAndItIsMarkedAsInterrupted) {
  begin("killed").reset();  // its lock goes with its process
  remove_leftovers(world, folder.path());
  EXPECT_FALSE(has_bundle("killed"));
  const RunRecord record = record_of("killed");
  EXPECT_EQ(record.state, "interrupted");
  EXPECT_EQ(record.tasks.at("done").state, "succeeded");
  EXPECT_EQ(record.tasks.at("running").state, "interrupted");
}

TEST_F(LeftoversTest, OfARunThatWasKilledBeforeAnyTaskIsNoFolder) {
  begin("killed").reset();
  ASSERT_TRUE(parts.files.remove_all(folder.path() / "killed" / "run.json"));
  remove_leftovers(world, folder.path());
  EXPECT_FALSE(parts.files.info(folder.path() / "killed"));
}

TEST_F(LeftoversTest, AreNotThoseOfARunThatGoesOn) {
  const auto mark = begin("going-on");
  remove_leftovers(world, folder.path());
  EXPECT_TRUE(has_bundle("going-on"));
  EXPECT_EQ(record_of("going-on").state, "running");
}

TEST_F(LeftoversTest, AreNotLookedForInARunThatEndedInGoodOrder) {
  begin("ended")->clear();
  remove_leftovers(world, folder.path());
  EXPECT_TRUE(has_bundle("ended"));
  EXPECT_EQ(record_of("ended").state, "running");
}

TEST_F(LeftoversTest, ARunGoesOnUntilItEndsOrIsKilled) {
  auto mark = begin("run");
  EXPECT_TRUE(goes_on(world, folder.path() / "run").value());
  mark.reset();  // killed: its lock goes with its process
  EXPECT_FALSE(goes_on(world, folder.path() / "run").value());
  begin("ended")->clear();
  EXPECT_FALSE(goes_on(world, folder.path() / "ended").value());
}

}  // namespace
}  // namespace liminal::run
