#include "liminal/run/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../src/run/leftovers.hpp"
#include "../../src/run/run_record.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::run {
namespace {

using ::testing::HasSubstr;

constexpr const char* run_id = "20260101-000000000-1";

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    pipeline.name = "train";
    options.state = folder.path();
    RunRecord record;
    record.run_id = run_id;
    record.pipeline = "train";
    EXPECT_TRUE(record.write(world, folder_of_run()));
  }

  [[nodiscard]] std::filesystem::path folder_of_run() const { return folder.path() / "runs" / run_id; }

  void expect_refused(const std::string& id) {
    options.resume = id;
    const Status checked = check(world, system, pipeline, options);
    const auto ran = run_pipeline(world, system, pipeline, {}, {}, options);
    ASSERT_FALSE(checked) << id;
    ASSERT_FALSE(ran) << id;
    for (const Error& error : {checked.error(), ran.error()}) {
      EXPECT_EQ(error.kind, ErrorKind::usage);
      EXPECT_THAT(error.message, HasSubstr("the run `20260101-000000000-1` still goes on"));
      EXPECT_THAT(error.advice, HasSubstr("then --resume 20260101-000000000-1"));
    }
  }

  testing::TemporaryFolder folder;
  testing::TestWorld parts;
  World world = parts.world();
  model::System system;
  model::Pipeline pipeline;
  Options options;
};

TEST_F(RunTest, ARunThatGoesOnIsNotGoneOnFrom) {
  const auto mark = RunMark::make(world, folder_of_run());
  ASSERT_TRUE(mark);
  expect_refused("latest");
  expect_refused(run_id);
}

TEST_F(RunTest, ARunThatWasKilledIsGoneOnFrom) {
  ASSERT_TRUE(RunMark::make(world, folder_of_run()));  // its lock goes with its process
  options.resume = "latest";
  const Status checked = check(world, system, pipeline, options);
  EXPECT_TRUE(checked) << checked.error().message;
}

}  // namespace
}  // namespace liminal::run
