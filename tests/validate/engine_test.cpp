// What the engine that will run the pipelines does not take, told by validation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace liminal
