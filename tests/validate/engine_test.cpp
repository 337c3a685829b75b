// What the engine that will run the pipelines does not take, told by validation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> told(const std::string& keys, engine::Engine engine = engine::Engine::airflow) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines:\n  - {pipeline: a, start_date: 2026-01-01, timeout_minutes: 1,\n"
               "     tasks: [{task: t, type: python, image: 'busybox:1', cmd: echo, executor: k},\n"
               "             {task: u, type: python, image: 'busybox:1', cmd: echo, executor: k}]}\n"
               "executors:\n  - executor: k\n    type: kubernetes\n    " +
                   keys + "\n");
  validate::Options options;
  options.target.emplace();
  options.target->engine = engine;
  return testing::findings_in(folder, options);
}

TEST(EngineFindings, AreToldOnceHoweverManyTasksMeetThem) {
  EXPECT_THAT(told("node_selectors: {disk: ssd}"),
              ElementsAre(HasSubstr("engine-cannot-express liminal.yml:9:5 `node_selectors` of executor `k` is no "
                                    "argument of KubernetesPodOperator")));
  EXPECT_THAT(told("tolerations: [{key: gpu, operater: Exists}]"),
              ElementsAre(HasSubstr("engine-cannot-express liminal.yml:9:")));
  EXPECT_THAT(told("node_selector: {disk: ssd}"), IsEmpty());
}

TEST(EngineFindings, AreTheEnginesOwn) {
  EXPECT_THAT(told("full_pod_spec: {}", engine::Engine::argo), ElementsAre(HasSubstr("Argo has nothing for")));
  EXPECT_THAT(told("full_pod_spec: {}"), IsEmpty());
}

TEST(EngineFindings, WaitUntilTheFileHasNoOtherErrors) {
  EXPECT_THAT(told("node_selectors: {disk: ssd}\n    namespace: Bad NS"), ElementsAre(HasSubstr("bad-name")));
}

TEST(EngineFindings, OfAnExecutorThatNoTaskUsesAreWarnings) {
  const testing::TemporaryFolder folder;
  const auto told = [&](const std::string& keys, engine::Engine engine) {
    folder.write("liminal.yml", "name: shop\nexecutors:\n  - executor: k\n    type: kubernetes\n    " + keys + "\n");
    validate::Options options;
    options.target.emplace();
    options.target->engine = engine;
    return testing::findings_in(folder, options);
  };
  for (const engine::Engine engine : {engine::Engine::airflow, engine::Engine::argo}) {
    EXPECT_THAT(told("toleration: []", engine),
                ElementsAre(HasSubstr("warning engine-cannot-express liminal.yml:5:5 `toleration` of executor `k`")));
    // What the tasks and the engine decide.
    EXPECT_THAT(told("volume_mounts: [{name: data, mountPath: /d}]\n    pool: x\n    full_pod_spec: {}", engine),
                IsEmpty());
  }
}

TEST(EngineFindings, OfALayersExecutorAreToldOnce) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: top\ntype: super\nexecutors:\n  - executor: k\n    type: kubernetes\n"
               "    tolerations: [{key: gpu, operator: Exist}]\n");
  const std::string tasks =
      "pipelines: [{pipeline: p, start_date: 2026-01-01, timeout_minutes: 1, tasks: "
      "[{task: t, type: python, image: 'busybox:1', cmd: echo";
  folder.write("a/liminal.yml", "name: a\nsuper: top\n" + tasks + ", executor: k}]}]\n");
  folder.write("b/liminal.yml", "name: b\nsuper: top\n");
  validate::Options options;
  options.target.emplace();
  EXPECT_THAT(testing::findings_in(folder, options),
              ElementsAre(HasSubstr("engine-cannot-express liminal.yml:6:40 `tolerations`")));
}

TEST(EngineFindings, OfResultsInAMountAreAirflowsAlone) {
  const testing::TemporaryFolder folder;
  const auto found = [&](const std::string& task, const std::string& executor, engine::Engine engine) {
    folder.write(
        "liminal.yml",
        "name: shop\nvolumes: [{volume: v}]\npipelines:\n  - {pipeline: a, start_date: 2026-01-01, "
        "timeout_minutes: 1,\n     tasks: [{task: t, type: python, image: 'busybox:1', cmd: echo, executor: k, " +
            task + "}]}\nexecutors: [{executor: k, type: kubernetes, " + executor + "}]\n");
    validate::Options options;
    options.target.emplace();
    options.target->engine = engine;
    return testing::findings_in(folder, options);
  };
  const std::string mount = "mounts: [{mount: m, volume: v, path: /airflow/xcom}]";
  const std::string own = "volumes: [{name: x, emptyDir: {}}], volume_mounts: [{name: x, mountPath: /airflow/xcom}]";
  using engine::Engine;
  const auto told = Contains(HasSubstr("where Airflow puts the folder of results"));
  EXPECT_THAT(found("do_xcom_push: true, " + mount, "retries: 1", Engine::airflow), told);
  EXPECT_THAT(found(mount, "do_xcom_push: true", Engine::airflow), told);
  EXPECT_THAT(found("do_xcom_push: true", own, Engine::airflow), told);
  EXPECT_THAT(found("do_xcom_push: true", "volumes: [{name: xcom, emptyDir: {}}]", Engine::airflow),
              Contains(HasSubstr("as Airflow calls the folder of results")));
  EXPECT_THAT(found(mount, "retries: 1", Engine::airflow), Not(told));
  EXPECT_THAT(found("do_xcom_push: false, " + mount, "do_xcom_push: true", Engine::airflow), Not(told));
  EXPECT_THAT(found("do_xcom_push: true, " + mount, "retries: 1", Engine::argo), Not(told));
}

}  // namespace
}  // namespace liminal
