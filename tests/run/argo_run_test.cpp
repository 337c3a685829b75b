// Runs by Argo, against a server that answers as a cluster does, or badly.
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/run/on_target.hpp"

#include "../../src/run/argo_workflows.hpp"
#include "kube/cluster.hpp"
#include "run/told_progress.hpp"
#include "support/fault_server.hpp"

namespace liminal::run {
namespace {

using testing::Exchange;
using ::testing::HasSubstr;

constexpr const char* workflows = "/apis/argoproj.io/v1alpha1/namespaces/ns/workflows";

class ArgoRunTest : public ::testing::Test {
 protected:
  ArgoRunTest() : cluster([this](Exchange& e) { answer(e); }) {
    system.name = "wine";
    pipeline.name = "train";
    for (const char* name : {"load", "fit"}) {
      model::Task& task = pipeline.tasks.emplace_back();
      task.name = name;
      task.type = model::TaskType::python;
    }
    request.repeat_command = "liminal run train --engine argo";
  }

  // The template and the making of a Workflow are answered here, looks at it by the test.
  void answer(Exchange& e) {
    const std::string& target = e.request.target;
    if (target.find("/workflowtemplates/train") != std::string::npos)
      return reply(e, {{"metadata", metadata}, {"spec", graph}});
    if (e.request.method == "POST") return make(e);
    if (target.starts_with(std::string(workflows) + "/train-")) begun = target.substr(target.rfind('/') + 1);
    if (target.find("/events?") != std::string::npos) return reply(e, {{"items", events(begun)}});
    if (target.starts_with("/api/v1/")) return reply(e, {{"items", Json::array()}});
    look(e);
  }

  static void reply(Exchange& e, const Json& body) { e.reply(200, {}, body.dump()); }

  Json state(const std::string& phase, Json status = Json::object()) const {
    status["phase"] = phase;
    return {{"metadata",
             {{"name", "train-1"},
              {"creationTimestamp", "2026-01-01T00:00:00Z"},
              {"labels", {{"workflows.argoproj.io/workflow-template", "train"}}}}},
            {"status", status}};
  }

  Result<RunResult> run() {
    kube::Client client(world, cluster.connection());
    return run_by_argo(world, client, system, pipeline, "ns", request);
  }

  testing::Cluster cluster;
  testing::Handler make = [](Exchange& e) { reply(e, Json::parse(e.body())); };
  testing::Handler look;
  std::function<Json(const std::string& workflow)> events = [](const std::string&) { return Json::array(); };
  std::string begun;  // the Workflow that was looked at last
  testing::ToldProgress told;
  World world{cluster.parts.files,
              cluster.parts.processes,
              *cluster.http,
              cluster.parts.clock,
              cluster.parts.environment,
              told,
              cluster.parts.cancellation,
              1};
  model::System system;
  model::Pipeline pipeline;
  Request request;
  Json metadata = {{"name", "train"}, {"namespace", "ns"}, {"labels", {{"app.kubernetes.io/part-of", "wine"}}}};
  Json graph = Json::object();
};

TEST_F(ArgoRunTest, TellsThatTheStatesOfTasksAreInADatabase) {
  look = [this](Exchange& e) { reply(e, state("Succeeded", {{"offloadNodeStatusVersion", "fnv:1"}})); };
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->succeeded);
  ASSERT_EQ(result->tasks.size(), 2U);
  EXPECT_EQ(result->tasks[0].detail, "how it ended is not known");
  EXPECT_THAT(told.text(), HasSubstr("run | note: Argo keeps the states of the run's tasks in its database"));
}

TEST_F(ArgoRunTest, DoesNotGoOnFromARunWhoseTasksAreInADatabase) {
  look = [this](Exchange& e) { reply(e, state("Failed", {{"offloadNodeStatusVersion", "fnv:1"}})); };
  request.resume = "train-1";
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_EQ(result.error().message, "the run train-1 cannot be gone on from");
  EXPECT_THAT(result.error().advice, HasSubstr("argo retry train-1"));
  EXPECT_EQ(cluster.server.count("POST", workflows), 0U);
}

TEST_F(ArgoRunTest, IsFollowedThroughAnOutageThatIsToldOnce) {
  std::atomic<unsigned> looks = 0;
  look = [&](Exchange& e) { ++looks < 60 ? e.reply(503) : reply(e, state("Succeeded")); };
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->succeeded);
  const std::string text = told.text();
  EXPECT_THAT(text, HasSubstr("run | note: the cluster does not answer as it should"));
  EXPECT_THAT(text, HasSubstr("cluster | note: no good answer from "));
  EXPECT_EQ(text.find("no good answer"), text.rfind("no good answer"));
  EXPECT_EQ(text.find("does not answer"), text.rfind("does not answer"));
  EXPECT_THAT(text, HasSubstr("run | the cluster answers again, after "));
}

TEST_F(ArgoRunTest, ARunThatCannotBeFollowedIsNotBegunAgain) {
  look = [](Exchange& e) { e.reply(503); };
  const auto begin = cluster.parts.clock.monotonic();
  const auto result = run();
  EXPECT_GE(cluster.parts.clock.monotonic() - begin, std::chrono::minutes(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(result.error().message, ::testing::MatchesRegex("the run train-[a-z0-9]+ goes on by itself; .*"));
  EXPECT_THAT(result.error().advice, HasSubstr("argo get train-"));
  EXPECT_THAT(result.error().advice, HasSubstr("liminal run train --engine argo --resume train-"));
}

TEST_F(ArgoRunTest, APipelineOfAnotherSystemIsNotRun) {
  const std::vector<std::pair<const char*, const char*>> others{
      {R"({"labels": {"app.kubernetes.io/part-of": "beer"}, "annotations": {"liminal/set": "ns/beer"}})",
       "belongs to the deploy of ns/beer"},
      {R"({"labels": {"app.kubernetes.io/part-of": "beer"}})", "is part of beer"},
      {R"({"labels": {"applyset.kubernetes.io/part-of": "applyset-x-v1"}})", "belongs to the ApplySet applyset-x-v1"},
      {R"({"managedFields": [{"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:spec": {}}}]})",
       "was made by kubectl"},
      {R"({"labels": 1})", "was made by others"}};
  for (const auto& [marks, whose] : others) {
    metadata = {{"name", "train"}, {"namespace", "ns"}};
    metadata.update(Json::parse(marks));
    const auto result = run();
    ASSERT_FALSE(result) << whose;
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
    EXPECT_THAT(result.error().message, HasSubstr("pipeline train is not deployed to Argo by system wine: "));
    EXPECT_THAT(result.error().message, HasSubstr(whose));
  }
  EXPECT_EQ(cluster.server.count("POST", workflows), 0U);
}

// The server has made the Workflow, and something before it says otherwise.
TEST_F(ArgoRunTest, ARunThatWasMadeThoughTheAnswerSaysOtherwiseIsFollowed) {
  look = [this](Exchange& e) { reply(e, state("Succeeded")); };
  const std::vector<testing::Handler> answers{
      [](Exchange& e) { e.reply(500); },
      [](Exchange& e) { e.reply(502); },
      [](Exchange& e) { e.reply(503); },
      [](Exchange& e) {
        e.reply(504, {{"Content-Type", "text/html"}}, "<html>Gateway Time-out</html>");
      },
      [](Exchange& e) { testing::refuse(e, 409, "AlreadyExists"); },
      [](Exchange& e) { e.reply(200, {}, "<html>"); },
      [](Exchange& e) {
        e.body();
        e.reset();
      },
  };
  for (const testing::Handler& answer : answers) {
    make = answer;
    const auto result = run();
    ASSERT_TRUE(result) << testing::shown(result.error());
    EXPECT_TRUE(result->succeeded);
  }
}

TEST_F(ArgoRunTest, ARunThatMayHaveBegunIsNotToBeStartedAgainUnseen) {
  make = [](Exchange& e) { e.reply(504); };
  for (const int seen : {404, 503}) {  // not there yet, or not to be seen
    look = [seen](Exchange& e) { e.reply(seen); };
    const auto result = run();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(result.error().message,
                ::testing::MatchesRegex("it is not known whether the run train-[a-z0-9]+ has begun"));
    EXPECT_THAT(result.error().advice, HasSubstr("argo get train-"));
    EXPECT_THAT(testing::shown(result.error()), HasSubstr("(status 504)"));
  }
}

TEST_F(ArgoRunTest, ARefusalIsNoReasonToLookForTheRun) {
  make = [](Exchange& e) { testing::refuse(e, 403, "Forbidden"); };
  look = [](Exchange& e) { e.reply(500); };
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("forbids to create workflow/train-"));
  EXPECT_EQ(cluster.server.count("GET", workflows), 0U);
}

TEST_F(ArgoRunTest, SaysWhyARunFailedWhoseTasksDidNot) {
  Json status = {{"message", "invalid spec: failed to resolve {{inputs.x}}"}};
  look = [&](Exchange& e) { reply(e, state("Error", status)); };
  EXPECT_EQ(run()->reason, "Argo says: invalid spec: failed to resolve {{inputs.x}}");
  status["nodes"]["load"] = {{"id", "load"},
                             {"displayName", "load"},
                             {"type", "Pod"},
                             {"phase", "Failed"},
                             {"message", "OOMKilled (exit code 137)"},
                             {"outputs", {{"exitCode", "137"}}}};
  const auto result = run();
  EXPECT_EQ(result->reason, "") << "the task tells it";
  EXPECT_EQ(result->tasks[0].detail, "killed for want of memory");
  pipeline.timeout = std::chrono::minutes(1);
  status.update({{"startedAt", "2026-01-01T00:00:00Z"}, {"finishedAt", "2026-01-01T00:01:01Z"}});
  EXPECT_EQ(run()->reason, "its time limit of 1 minute ended it (`timeout_minutes`)");
}

TEST_F(ArgoRunTest, ATaskIsToldToRunWhenItDoes) {
  look = [this](Exchange& e) {
    reply(e, state("Failed",
                   {{"nodes",
                     {{"load", {{"id", "load"}, {"displayName", "load"}, {"type", "Pod"}, {"phase", "Failed"}}},
                      {"fit", {{"id", "fit"}, {"displayName", "fit"}, {"type", "Skipped"}, {"phase", "Omitted"}}}}}}));
  };
  ASSERT_TRUE(run());
  EXPECT_THAT(told.text(), HasSubstr("load | began: running"));
  EXPECT_THAT(told.text(), ::testing::Not(HasSubstr("fit | began")));
}

TEST_F(ArgoRunTest, AParameterThatArgoWouldRenderIsRefused) {
  request.params["who"] = "{{workflow.name}}";
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_EQ(result.error().message, "the value of `--param who` holds `{{`, which Argo would render");
  EXPECT_EQ(cluster.server.count("POST", workflows), 0U);
}

// Argo does not say why a pod does not begin; the cluster does.
TEST_F(ArgoRunTest, TellsWhatTheClusterWarnsOfAPodThatDoesNotBegin) {
  std::atomic<unsigned> looks = 0;
  look = [&](Exchange& e) {
    const Json node = {
        {"id", "load"}, {"displayName", "load"}, {"type", "Pod"}, {"phase", "Pending"}, {"message", "PodInitializing"}};
    if (e.request.target.starts_with("/api/v1/")) return reply(e, {{"items", Json::array()}});
    ++looks < 40 ? reply(e, state("Running", {{"nodes", {{"load", node}}}})) : reply(e, state("Succeeded"));
  };
  events = [](const std::string& workflow) {
    const auto event = [](const std::string& pod, const char* message) {
      return Json{{"involvedObject", {{"name", pod}}}, {"reason", "FailedMount"}, {"message", message}};
    };
    return Json::array({event(workflow + "-task-load-1", "no such folder"), event("other-1", "of others")});
  };
  ASSERT_TRUE(run());
  const std::string text = told.text();
  EXPECT_THAT(text, HasSubstr("-task-load-1: FailedMount: no such folder"));
  EXPECT_EQ(text.find("FailedMount"), text.rfind("FailedMount")) << "once";
}

// A part of what is deployed: `load`, which `fit` waits for in any case, and `old`, which the file here has no more.
class ArgoPartTest : public ArgoRunTest {
 protected:
  ArgoPartTest() {
    graph = Json::parse(R"json({"templates": [{"name": "pipeline", "dag": {"tasks": [
      {"name": "load"}, {"name": "fit", "depends": "(load.Succeeded || load.Failed)"}, {"name": "old"}]}}]})json");
    make = [this](Exchange& e) {
      made = Json::parse(e.body());
      reply(e, made);
    };
    look = [this](Exchange& e) { reply(e, e.request.target.ends_with("/train-1") ? earlier : state("Succeeded")); };
  }

  // train-1, whose tasks ended so.
  void set_earlier(const std::map<std::string, std::string>& phases) {
    Json nodes = Json::object();
    for (const auto& [task, phase] : phases) nodes[task] = {{"id", task}, {"displayName", task}, {"phase", phase}};
    earlier = state("Failed", {{"nodes", nodes}});
    request.resume = "train-1";
  }

  std::vector<std::string> made_tasks() {
    std::vector<std::string> names;
    for (const Json& task : made["spec"]["templates"][0]["dag"]["tasks"]) names.push_back(task["name"]);
    return names;
  }

  Json earlier;
  Json made;
};

TEST_F(ArgoPartTest, IsOfTheDeployedTasksThoseThatAreAskedFor) {
  request.only_tasks = {"load"};
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(made_tasks(), ::testing::ElementsAre("load"));
  EXPECT_EQ(result->tasks[1].detail, "not asked for");
}

TEST_F(ArgoPartTest, OfATaskThatIsNotDeployedIsRefused) {
  model::Task& task = pipeline.tasks.emplace_back();
  task.name = "new";
  task.type = model::TaskType::python;
  request.only_tasks = {"load", "new"};
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_THAT(result.error().message, HasSubstr("task new is not in pipeline train as it is deployed in namespace ns"));
  EXPECT_THAT(result.error().advice, HasSubstr("deploy it first"));
  EXPECT_EQ(cluster.server.count("POST", workflows), 0U);
}

TEST_F(ArgoPartTest, OfATaskWithoutAContainerIsRefused) {
  pipeline.tasks[0].type = model::TaskType::job_start;
  request.only_tasks = {"load"};
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_EQ(cluster.server.count("POST", workflows), 0U);
}

TEST_F(ArgoPartTest, AResumedRunLeavesOutWhatSucceededOfTheDeployedTasks) {
  model::Task& task = pipeline.tasks.emplace_back();
  task.name = "new";
  task.type = model::TaskType::python;
  set_earlier({{"load", "Succeeded"}, {"fit", "Failed"}, {"old", "Succeeded"}, {"new", "Succeeded"}});
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(made_tasks(), ::testing::ElementsAre("fit"));
  EXPECT_EQ(made["metadata"]["annotations"]["liminal/kept-tasks"], R"(["load","old"])");
  EXPECT_EQ(result->tasks[0].state, TaskState::kept);
  EXPECT_EQ(result->tasks[2].state, TaskState::not_run);
  EXPECT_EQ(result->tasks[2].detail, "not deployed");
}

TEST_F(ArgoPartTest, AResumedRunKeepsNothingThatRestsOnWhatRunsAgain) {
  set_earlier({{"load", "Failed"}, {"fit", "Succeeded"}, {"old", "Succeeded"}});
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(made_tasks(), ::testing::ElementsAre("load", "fit"));
}

TEST_F(ArgoPartTest, WhereNothingIsLeftToRunTheRunIsTheEarlierOne) {
  set_earlier({{"load", "Succeeded"}, {"fit", "Succeeded"}, {"old", "Succeeded"}});
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->succeeded);
  EXPECT_EQ(result->run_id, "train-1");
  EXPECT_EQ(result->tasks[1].detail, "succeeded in train-1");
  EXPECT_EQ(cluster.server.count("POST", workflows), 0U);
}

// Lists of Workflows are answered with metadata alone, and only to who asks for that.
class ArgoRunsTest : public ArgoRunTest {
 protected:
  ArgoRunsTest() {
    look = [this](Exchange& e) {
      if (e.request.target.starts_with(std::string(workflows) + "?")) return list(e);
      reply(e, made(e.request.target.substr(e.request.target.rfind('/') + 1)));
    };
    system.pipelines.push_back(pipeline);
  }

  void list(Exchange& e) {
    if (e.request.header("Accept").find("PartialObjectMetadataList") == std::string::npos) return e.reply(406);
    Json items = Json::array();
    for (const char* name : {"train-2", "train-4", "train-1", "train-3"})
      items.push_back({{"metadata", made(name)["metadata"]}});
    reply(e, {{"items", items}});
  }

  // train-N, made in minute N.
  Json made(const std::string& name) const {
    Json whole = state("Failed", {{"startedAt", "2026-01-01T00:00:01Z"}});
    whole["metadata"]["name"] = name;
    whole["metadata"]["creationTimestamp"] = "2026-01-01T00:0" + name.substr(name.size() - 1) + ":00Z";
    return whole;
  }

  [[nodiscard]] std::size_t read_whole() const { return cluster.server.count("GET", std::string(workflows) + "/"); }
};

TEST_F(ArgoRunsTest, OnlyTheNewestAreReadWhole) {
  kube::Client client(world, cluster.connection());
  const auto runs = runs_of_argo(client, {system}, "ns", 2);
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ(runs->at(0).id, "train-4");
  EXPECT_EQ(runs->at(1).id, "train-3");
  EXPECT_EQ(runs->at(0).pipeline, "train");
  EXPECT_EQ(runs->at(0).state, "failed");
  EXPECT_EQ(runs->at(0).started, "2026-01-01T00:00:01Z");
  EXPECT_EQ(read_whole(), 2U);
}

// Those of a pipeline of the same name that another system had deployed before.
TEST_F(ArgoRunsTest, RunsOfAnotherSystemAreNotTold) {
  system.name = "beer";
  look = [this](Exchange& e) {
    const bool list = e.request.target.starts_with(std::string(workflows) + "?");
    Json one = made("train-1");
    one["metadata"]["labels"]["app.kubernetes.io/part-of"] = "wine";
    reply(e, list ? Json{{"items", Json::array({one})}} : one);
  };
  kube::Client client(world, cluster.connection());
  const auto runs = runs_of_argo(client, {system}, "ns", 2);
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_TRUE(runs->empty());
  metadata["labels"] = {{"app.kubernetes.io/part-of", "beer"}};
  request.resume = "train-1";
  const auto resumed = run();
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().message, "the run train-1 is not one of pipeline train");
  request.resume = "latest";
  EXPECT_THAT(run().error().message, HasSubstr("pipeline train has no run in namespace ns"));
}

TEST_F(ArgoRunsTest, TheLatestIsFoundByItsMetadata) {
  kube::Client client(world, cluster.connection());
  const auto all = list_workflows(client, "ns", {"train"});
  ASSERT_TRUE(all) << all.error().message;
  std::vector<std::string> names;
  for (const Json& one : *all) names.push_back(name_of(one));
  // Each once, though both lists have it.
  EXPECT_THAT(names, ::testing::ElementsAre("train-4", "train-3", "train-2", "train-1"));
  EXPECT_EQ(read_whole(), 0U);
}

}  // namespace
}  // namespace liminal::run
