// The client against a real Airflow, which `liminal start` has started for $LIMINAL_HOME; run by local_airflow_test.py.
#include <algorithm>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/airflow/local_airflow.hpp"

namespace liminal::airflow {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

constexpr std::chrono::seconds patience{240};

// Three tasks, the second of which does as it is told; and one that is stopped while it runs.
std::string dag_text(const std::string& second) {
  return R"(from datetime import datetime
try:
    from airflow.sdk import DAG
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:
    from airflow import DAG
    from airflow.operators.bash import BashOperator
with DAG("mended", schedule=None, start_date=datetime(2026, 1, 1), catchup=False):
    first = BashOperator(task_id="first", bash_command="echo first says {{ dag_run.conf['word'] }} of {{ ds }}")
    second = BashOperator(task_id="second", bash_command=")" +
         second + R"(")
    third = BashOperator(task_id="third", bash_command="echo third")
    first >> second >> third
with DAG("slow", schedule=None, start_date=datetime(2026, 1, 1), catchup=False):
    BashOperator(task_id="sleeper", bash_command="sleep 600")
)";
}

class RealAirflow : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto server = Local(world, home).server();
    ASSERT_TRUE(server) << server.error().message;
    auto connected = Client::connect(world, *server);
    ASSERT_TRUE(connected) << connected.error().message;
    client = std::make_unique<Client>(std::move(*connected));
  }
  template <class Done>
  static bool eventually(const Done& done) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    return true;
  }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(files.write(home / "dags" / name, text, 0644));
  }
  void await_dag(const std::string& name) {
    ASSERT_TRUE(eventually([&] {
      const auto dag = client->find_dag(name);
      return dag && *dag;
    })) << name;
  }
  airflow::Run finished(const std::string& dag, const std::string& id) {
    airflow::Run last;
    EXPECT_TRUE(eventually([&] {
      const auto run = client->run(dag, id);
      if (run) last = *run;
      return run && run->finished();
    }));
    return last;
  }
  TaskInstance task(const std::string& dag, const std::string& run, const std::string& name) {
    const auto tasks = client->task_instances(dag, run);
    EXPECT_TRUE(tasks) << (tasks ? "" : tasks.error().message);
    if (!tasks) return {};
    for (const TaskInstance& one : *tasks) {
      if (one.task == name) return one;
    }
    ADD_FAILURE() << "no task " << name;
    return {};
  }
  std::string log(const std::string& dag, const std::string& run, const std::string& name, unsigned attempt) {
    const auto found = client->task_log(dag, run, task(dag, run, name), attempt, {});
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    std::string text;
    if (!found) return text;
    for (const LogLine& line : found->lines) text += line.text + "\n";
    // What was told is not told again.
    const auto again = client->task_log(dag, run, task(dag, run, name), attempt, found->next);
    EXPECT_TRUE(again && again->lines.empty());
    return text;
  }

  Environment environment = Environment::of_this_process();
  NativeFileSystem files;
  NativeProcessRunner processes{environment.get("PATH").value_or("/usr/bin:/bin")};
  SystemClock clock;
  NoProgress progress;
  Cancellation cancellation;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", environment);
  World world{files, processes, *http, clock, environment, progress, cancellation, 1};
  fs::path home = environment.get("LIMINAL_HOME").value_or("/nonexistent");
  std::unique_ptr<Client> client;
};

TEST_F(RealAirflow, RunsFailsIsMendedAndResumed) {
  write("test_dags.py", dag_text("echo broken; exit 3"));
  write("broken.py", "import no_such_module  # DAG airflow\n");
  await_dag("mended");
  EXPECT_TRUE((*client->find_dag("mended"))->paused);
  ASSERT_TRUE(client->set_paused("mended", false));
  EXPECT_FALSE((*client->find_dag("mended"))->paused);

  const auto run = client->trigger({"mended", "", std::nullopt, {{"word", "hello"}}});
  ASSERT_TRUE(run) << run.error().message << (run.error().causes.empty() ? "" : run.error().causes.back());
  EXPECT_EQ(finished("mended", run->id).state, "failed");
  const TaskInstance first = task("mended", run->id, "first");
  EXPECT_EQ(first.state, "success");
  EXPECT_EQ(first.try_number, 1U);
  EXPECT_EQ(task("mended", run->id, "second").state, "failed");
  EXPECT_EQ(task("mended", run->id, "third").state, "upstream_failed");
  EXPECT_THAT(log("mended", run->id, "first", 1), HasSubstr("first says hello of " + run->logical_date.substr(0, 10)));
  EXPECT_THAT(log("mended", run->id, "second", 1), HasSubstr("broken"));
  // The file that cannot be imported was seen by now.
  ASSERT_TRUE(eventually([&] { return !client->import_errors().value_or(std::vector<ImportError>()).empty(); }));
  EXPECT_THAT(client->import_errors()->front().file, HasSubstr("broken.py"));
  EXPECT_THAT(client->import_errors()->front().trace, HasSubstr("no_such_module"));

  write("test_dags.py", dag_text("echo mended"));
  const auto cleared = client->resume("mended", run->id);
  ASSERT_TRUE(cleared) << cleared.error().message;
  EXPECT_THAT(*cleared, ::testing::UnorderedElementsAre("second", "third"));
  EXPECT_EQ(finished("mended", run->id).state, "success");
  const TaskInstance kept = task("mended", run->id, "first");
  EXPECT_EQ(kept.try_number, 1U) << "what had succeeded did not run again";
  EXPECT_EQ(kept.started, first.started);
  EXPECT_EQ(task("mended", run->id, "second").try_number, 2U);
  EXPECT_THAT(log("mended", run->id, "second", 2), HasSubstr("mended"));

  // The same moment, or the same id, is no second run.
  const auto twice = client->trigger({"mended", run->id, std::nullopt, {}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::failed);
  const auto runs = client->runs("mended", 5);
  ASSERT_TRUE(runs);
  EXPECT_THAT(*runs, ElementsAre(Field(&airflow::Run::id, run->id)));
}

TEST_F(RealAirflow, StopsARun) {
  await_dag("slow");
  ASSERT_TRUE(client->set_paused("slow", false));
  const auto run = client->trigger({"slow", "", std::nullopt, {}});
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_TRUE(eventually([&] { return task("slow", run->id, "sleeper").state == "running"; }));
  const auto stopped = client->stop_run("slow", run->id);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(finished("slow", run->id).state, "failed");
}

TEST_F(RealAirflow, KnowsNoStranger) {
  auto server = Local(world, home).server();
  ASSERT_TRUE(server);
  server->login.password = "wrong";
  auto stranger = Client::connect(world, *server);
  const auto error = stranger ? stranger->dags().error() : stranger.error();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  // Airflow 3 answers 401, and 2 answers 403: to it a stranger is nobody, who may do nothing.
  EXPECT_THAT(error.message, ::testing::AnyOf(HasSubstr("does not know admin"), HasSubstr("does not let admin")));
  EXPECT_FALSE(*client->find_dag("no-such-dag"));
  EXPECT_EQ(client->trigger({"no-such-dag", "", std::nullopt, {}}).error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace liminal::airflow
