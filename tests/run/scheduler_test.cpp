#include "../../src/run/scheduler.hpp"

#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::run {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// Ends each container as its command says: `/bin/sh -c N` exits with N, and with 0 from attempt `good_from` on.
class FakeRuntime final : public Runtime {
 public:
  [[nodiscard]] std::string description() const override { return "fake"; }
  Status prepare(const build::BuiltImage&) override { return {}; }
  Result<Exit> run(const Container& container) override {
    const std::lock_guard lock(mutex);
    started.push_back(container);
    container.on_line("ran " + container.command.back());
    if (cancelled) return Exit{143, false, true, "", false};
    const bool good = started.size() >= good_from;
    return Exit{good ? 0 : std::stoi(container.command.back()), false, false, ""};
  }
  std::mutex mutex;
  std::vector<Container> started;
  std::size_t good_from = 1000;
  bool cancelled = false;
};

class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest() {
    images["app"].digest = "sha256:1";
    system.name = "wine";
    system.folder = folder.path();
    pipeline.name = "train";
  }

  model::Task& add(const std::string& name, const std::string& status, std::vector<std::string> after) {
    model::Task& task = pipeline.tasks.emplace_back();
    task.name = name;
    task.type = model::TaskType::python;
    task.image = "app";
    task.command = status;
    task.depends_on = std::move(after);
    return task;
  }

  Job job() {
    return {&real, &system, &pipeline, &images, &runtime, folder.path(), folder.path() / "volumes", only, resumed};
  }

  std::vector<std::pair<std::string, std::string>> states() {
    const Job current = job();
    results = run_tasks(current, record);
    std::vector<std::pair<std::string, std::string>> result;
    for (const TaskResult& task : results) result.emplace_back(task.task, to_string(task.state));
    return result;
  }

  testing::TemporaryFolder folder;
  testing::TestWorld world;
  World real = world.world(2);
  model::System system;
  model::Pipeline pipeline;
  std::map<std::string, build::BuiltImage> images;
  FakeRuntime runtime;
  RunRecord record;
  std::optional<RunRecord> resumed;
  std::vector<std::string> only;
  std::vector<TaskResult> results;
};

TEST_F(SchedulerTest, RunsWhatFollowsASuccessAndNotWhatFollowsAFailure) {
  add("a", "0", {});
  add("b", "3", {"a"});
  add("c", "0", {"b"});
  add("d", "0", {"a"});
  EXPECT_THAT(states(),
              ElementsAre(Pair("a", "succeeded"), Pair("b", "failed"), Pair("c", "not run"), Pair("d", "succeeded")));
  EXPECT_EQ(results[1].exit_status, 3);
  EXPECT_THAT(results[1].last_lines, ElementsAre("ran 3"));
  EXPECT_EQ(results[2].detail, "`b` did not succeed");
}

TEST_F(SchedulerTest, WhatATaskPrintsIsKeptForItsOwnerAlone) {
  add("a", "0", {});
  states();
  EXPECT_EQ(world.files.read(results[0].log, 100).value(), "ran 0\n");
  EXPECT_EQ(std::filesystem::status(results[0].log).permissions(), std::filesystem::perms(0600));
}

TEST_F(SchedulerTest, AlwaysRunGoesOnAndJobEndStillFails) {
  add("a", "1", {});
  add("b", "0", {"a"});
  add("end", "0", {"b"}).type = model::TaskType::job_end;
  pipeline.always_run = true;
  EXPECT_THAT(states(), ElementsAre(Pair("a", "failed"), Pair("b", "succeeded"), Pair("end", "failed")));
}

TEST_F(SchedulerTest, TriesAgainAfterTheDelay) {
  model::Task& task = add("a", "1", {});
  task.retries = 2;
  task.retry_delay = std::chrono::seconds(60);
  runtime.good_from = 2;
  const auto begin = world.clock.monotonic();
  EXPECT_THAT(states(), ElementsAre(Pair("a", "succeeded")));
  EXPECT_EQ(results[0].attempts, 2U);
  EXPECT_EQ(world.clock.monotonic() - begin, std::chrono::seconds(60));
}

TEST_F(SchedulerTest, TellsEachCopyWhichItIs) {
  add("a", "0", {}).copies = 3;
  states();
  std::vector<std::string> ids;
  for (const Container& container : runtime.started) {
    ids.push_back(container.environment.at("LIMINAL_SPLIT_ID"));
    EXPECT_EQ(container.environment.at("LIMINAL_NUM_SPLITS"), "3");
  }
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre("0", "1", "2"));
}

TEST_F(SchedulerTest, ResumingKeepsWhatIsUnchangedAndRunsTheRest) {
  add("a", "0", {});
  add("b", "1", {"a"});
  states();
  resumed = record;
  runtime.started.clear();
  pipeline.tasks[1].command = "0";
  EXPECT_THAT(states(), ElementsAre(Pair("a", "kept"), Pair("b", "succeeded")));
  EXPECT_EQ(runtime.started.size(), 1U);
  images["app"].digest = "sha256:2";
  EXPECT_THAT(states(), ElementsAre(Pair("a", "succeeded"), Pair("b", "succeeded")));
}

TEST_F(SchedulerTest, ResumingForSomeTasksForgetsNothingOfTheOthers) {
  add("a", "0", {});
  add("b", "0", {"a"});
  add("c", "1", {});
  states();
  resumed = record;
  record = {};
  pipeline.tasks[2].command = "0";
  only = {"c"};
  EXPECT_THAT(states(), ElementsAre(Pair("a", "skipped"), Pair("b", "skipped"), Pair("c", "succeeded")));
  resumed = record;
  record = {};
  only.clear();
  runtime.started.clear();
  EXPECT_THAT(states(), ElementsAre(Pair("a", "kept"), Pair("b", "kept"), Pair("c", "kept")));
  EXPECT_TRUE(runtime.started.empty());
}

TEST_F(SchedulerTest, WhatFollowsATaskThatRanAgainIsNotCarriedOver) {
  add("a", "0", {});
  add("b", "0", {"a"});
  states();
  resumed = record;
  record = {};
  images["app"].digest = "sha256:2";
  only = {"a"};
  EXPECT_THAT(states(), ElementsAre(Pair("a", "succeeded"), Pair("b", "skipped")));
  EXPECT_EQ(record.tasks.at("b").state, "skipped");
}

TEST_F(SchedulerTest, NothingStartsAfterAnInterrupt) {
  add("a", "0", {});
  world.cancellation.request(2);
  EXPECT_THAT(states(), ElementsAre(Pair("a", "not run")));
  EXPECT_TRUE(runtime.started.empty());
}

TEST_F(SchedulerTest, ATaskThatWasInterruptedIsToldAsThat) {
  add("a", "0", {}).retries = 3;
  runtime.cancelled = true;
  EXPECT_THAT(states(), ElementsAre(Pair("a", "interrupted")));
  EXPECT_EQ(record.tasks.at("a").state, "interrupted");
  EXPECT_EQ(runtime.started.size(), 1U);
}

TEST_F(SchedulerTest, RefusesWhatCannotRunHere) {
  add("a", "0", {}).type = model::TaskType::sql;
  add("b", "0", {}).image = "none";
  const auto checked = check_tasks(shared_by_tasks(job(), record), {}, &images);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().causes.size(), 2U);
}

TEST_F(SchedulerTest, TellsTemplatesThatAreNoneBeforeAnythingRuns) {
  add("a", "echo {{ ds | shell }} {{.Names}} ${#x}", {});
  add("b", "0", {}).environment.push_back({"DAY", "{{ ds + }}", {}});
  add("c", "echo {{ ds }} {{ region }} {{ whatever.airflow.knows }}", {}).variables = {{"region", "north"}};
  add("d", "echo {{ ds }} {{ region }}", {}).variables = {{"region", "north"}};
  const auto checked = check_tasks(shared_by_tasks(job(), record), {}, &images);
  ASSERT_FALSE(checked);
  ASSERT_EQ(checked.error().causes.size(), 3U);
  EXPECT_THAT(checked.error().causes[0],
              ::testing::HasSubstr("`cmd` cannot be rendered: `{{ ds | shell }}` cannot be"));
  EXPECT_THAT(checked.error().causes[1], ::testing::HasSubstr("`DAY` of `env_vars`"));
  EXPECT_THAT(checked.error().causes[2], ::testing::HasSubstr("`{{ whatever.airflow.knows }}` cannot be rendered"));
}

TEST_F(SchedulerTest, ATaskThatIsNotThereIsToldWithThoseThatAre) {
  add("train", "0", {});
  add("evaluate", "0", {});
  const auto checked = check_tasks(shared_by_tasks(job(), record), {"trian"}, nullptr);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "the pipeline `train` has no task `trian`");
  EXPECT_EQ(checked.error().advice, "did you mean `train`? its tasks: train, evaluate");
  EXPECT_TRUE(check_tasks(shared_by_tasks(job(), record), {"train"}, nullptr));
}

TEST_F(SchedulerTest, AVolumeMayNotLeaveTheRepository) {
  model::Volume& volume = system.volumes.emplace_back();
  volume.name = "v";
  volume.local_path = "../../etc";
  model::Mount& mount = add("a", "0", {}).mounts.emplace_back();
  mount.volume = "v";
  mount.path = "/mnt";
  EXPECT_THAT(states(), ElementsAre(Pair("a", "failed")));
  EXPECT_TRUE(runtime.started.empty());
}

TEST_F(SchedulerTest, AWholePathThatWasNotThereIsMadeAndTold) {
  class Told final : public Progress {
   public:
    void started(std::string_view, std::string_view) override {}
    void step(std::string_view, std::string_view) override {}
    void finished(std::string_view, Outcome, std::string_view, std::chrono::milliseconds) override {}
    void output(std::string_view /*item*/, std::string_view line) override { text += std::string(line) + "\n"; }
    std::string text;
  } told;
  const World telling{world.files, world.processes,   world.http, world.clock, world.environment,
                      told,        world.cancellation};
  const std::string made = (folder.path() / "new").string();
  model::Volume& volume = system.volumes.emplace_back();
  volume.name = "v";
  volume.local_path = made;
  model::Mount& mount = add("a", "0", {}).mounts.emplace_back();
  mount.volume = "v";
  mount.path = "/mnt";
  Job current = job();
  current.world = &telling;
  static_cast<void>(run_tasks(current, record));
  EXPECT_TRUE(std::filesystem::is_directory(made));
  EXPECT_THAT(told.text, ::testing::HasSubstr("the folder " + made + " of the volume `v` was not there"));
}

TEST_F(SchedulerTest, AVolumeBehindALinkToTheMachineIsRefused) {
  std::filesystem::create_directory_symlink("/etc", folder.path() / "link");
  model::Volume& volume = system.volumes.emplace_back();
  volume.name = "v";
  volume.local_path = (folder.path() / "link").string();
  model::Mount& mount = add("a", "0", {}).mounts.emplace_back();
  mount.volume = "v";
  mount.path = "/mnt";
  EXPECT_THAT(states(), ElementsAre(Pair("a", "failed")));
}

TEST(RunRecord, ReadsWhatItWroteAndRefusesNonsense) {
  RunRecord record;
  record.run_id = "1";
  record.params = {{"k", "v"}};
  record.tasks["a"] = {"failed", "key", 3, 2};
  const auto read = RunRecord::parse(record.json().dump());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tasks.at("a").exit_status, 3);
  EXPECT_EQ(read->params.at("k"), "v");
  EXPECT_FALSE(RunRecord::parse("{}"));
  EXPECT_FALSE(RunRecord::parse("[["));
}

TEST(RunRecord, NamesTheFileThatIsDamaged) {
  const testing::TemporaryFolder folder;
  testing::TestWorld outside;
  const auto file = folder.write("id/run.json", "[[");
  const auto read = read_record(outside.world(), folder.path(), "id", "p");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find(file.string()), std::string::npos) << read.error().message;
}

TEST(RunRecord, OfTheNewestRunIsNotPassedOverWhenItIsDamaged) {
  const testing::TemporaryFolder folder;
  testing::TestWorld outside;
  RunRecord whole;
  whole.run_id = "2026-01-01";
  whole.pipeline = "p";
  const std::string sound = whole.json().dump();
  folder.write("2026-01-01/run.json", sound);
  folder.write("2026-01-02/log", "ended before its record was written");
  EXPECT_EQ(read_record(outside.world(), folder.path(), "latest", "p")->run_id, "2026-01-01");
  Json changed = whole.json();
  std::vector<std::string> wrong{"",
                                 "\n",
                                 sound.substr(0, sound.size() / 2),
                                 "null",
                                 "[]",
                                 "{}",
                                 "\xff",
                                 std::string(64, '\0'),
                                 std::string(100'000, '[')};
  for (const Json& date : {Json(1e300), Json(9223372036854775807), Json(-9223372036854775807), Json("2026")}) {
    changed["logical_date"] = date;
    wrong.push_back(changed.dump());
  }
  changed = whole.json();
  changed["tasks"] = {1, 2};
  wrong.push_back(changed.dump());
  for (const std::string& text : wrong) {
    const auto file = folder.write("2026-01-03/run.json", text);
    for (const char* id : {"latest", "2026-01-03"}) {
      const auto read = read_record(outside.world(), folder.path(), id, "p");
      ASSERT_FALSE(read) << text;
      EXPECT_EQ(read.error().kind, ErrorKind::usage);
      EXPECT_NE(read.error().message.find(file.string() + ", is damaged"), std::string::npos) << read.error().message;
      EXPECT_NE(read.error().advice.find("--resume ID"), std::string::npos);
    }
    EXPECT_NE(read_record(outside.world(), folder.path(), "latest", "p").error().advice.find("2026-01-03"),
              std::string::npos);
    EXPECT_TRUE(read_record(outside.world(), folder.path(), "2026-01-01", "p"));
  }
  EXPECT_FALSE(read_record(outside.world(), folder.path() / "nowhere", "latest", "p"));
}

}  // namespace
}  // namespace liminal::run
