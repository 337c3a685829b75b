// What an executor gives to its tasks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The findings of an executor of these keys, which begin at line 5.
std::vector<std::string> of_executor(const std::string& keys) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: shop\nexecutors:\n  - executor: k\n    type: kubernetes\n    " + keys + "\n");
  return testing::findings_in(folder);
}

TEST(Executors, HaveValuesThatAirflowTakes) {
  EXPECT_THAT(of_executor("on_finish_action: delete_pods"),
              ElementsAre("bad-argument liminal.yml:5:23 `on_finish_action` cannot be `delete_pods`; did you mean "
                          "`delete_pod`?"));
  EXPECT_THAT(of_executor("on_finish_action: nope"),
              ElementsAre(HasSubstr("write one of `delete_pod`, `delete_succeeded_pod`, `delete_active_pod` and "
                                    "`keep_pod`")));
  EXPECT_THAT(of_executor("startup_timeout_seconds: -1"),
              ElementsAre("bad-argument liminal.yml:5:30 `startup_timeout_seconds` cannot be `-1`; the least is 1"));
  EXPECT_THAT(of_executor("retries: -1"), ElementsAre(HasSubstr("`retries` cannot be `-1`; the least is 0")));
  EXPECT_THAT(of_executor("retry_delay: -5"), ElementsAre(HasSubstr("`retry_delay` cannot be `-5`")));
  EXPECT_THAT(of_executor("is_delete_operator_pod: maybe"), ElementsAre(HasSubstr("write `true` or `false`")));
  EXPECT_THAT(of_executor("weight_rule: nope"), ElementsAre(HasSubstr("bad-argument liminal.yml:5:18")));
  for (const char* right : {"on_finish_action: keep_pod", "on_finish_action: '{{ later }}'", "weight_rule: upstream",
                            "weight_rule: ours.weights.Slow", "startup_timeout_seconds: 1"})
    EXPECT_THAT(of_executor(right), IsEmpty()) << right;
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines:\n  - {pipeline: a, start_date: 2026-01-01, timeout_minutes: 1, "
               "weight_rule: nope,\n     tasks: [{task: t, type: python, image: 'busybox:1', cmd: echo}]}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-argument liminal.yml:3:76 `weight_rule` cannot be `nope`; write one of")));
}

TEST(Executors, HaveNamesThatAirflowTakes) {
  EXPECT_THAT(of_executor("labels: {a b: c}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:14 `a b` is not a name that a label can have")));
  EXPECT_THAT(of_executor("labels: {a: x y}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:17 `x y` is not a value that a label can have")));
  EXPECT_THAT(of_executor("annotations: {a b: 1}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:19 `a b` is not a name that an annotation can have")));
  EXPECT_THAT(of_executor("env_vars: {B C: 2}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:16 `B C` is not a name that a variable")));
  EXPECT_THAT(of_executor("env_vars: [{name: B C, value: x}]"), ElementsAre(HasSubstr("bad-name liminal.yml:5:23")));
  EXPECT_THAT(of_executor("namespace: Bad NS"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:16 `Bad NS` is not a name that a namespace can have")));
  for (const char* right : {"labels: {example.com/team: a_b.C, empty: ''}", "labels: {run: '{{ run_id }}'}",
                            "annotations: {a: x y}", "env_vars: {B: 2}", "namespace: ml-1", "namespace: '{{ later }}'"})
    EXPECT_THAT(of_executor(right), IsEmpty()) << right;
}

TEST(Executors, HaveResourcesThatAreToldAtTheAmount) {
  const testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\nimages: [{image: web, type: python_server, source: src, endpoints: [{endpoint: /, module: m, "
      "function: f}]}]\nservices:\n  - service: web\n    image: web\n    resources:\n      requests: {cpu: 2, "
      "memory: 1GB}\n      limits: {cpu: 1500m, memory: 1Gi}\n");
  folder.write("src/m.py", "def f(body):\n    return body\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-quantity liminal.yml:7:23 2 of cpu are asked for, and 1500m is the most"),
                          HasSubstr("bad-quantity liminal.yml:7:34 `1GB` is not an amount of memory")));
}

TEST(Executors, GetOfDevicesWhatTheyAskFor) {
  const auto resources = [](const std::string& text) { return of_executor("container_resources: {" + text + "}"); };
  EXPECT_THAT(resources("requests: {nvidia.com/gpu: 1}"),
              ElementsAre(HasSubstr("bad-quantity liminal.yml:5:54 nvidia.com/gpu is asked for without a limit; write "
                                    "`nvidia.com/gpu: 1` under `limits`")));
  EXPECT_THAT(resources("requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}"),
              ElementsAre(HasSubstr("1 of nvidia.com/gpu are asked for, and the limit is 2")));
  EXPECT_THAT(resources("limits: {hugepages-2Mi: 4Mi}"),
              ElementsAre(HasSubstr("bad-quantity liminal.yml:5:36 hugepages-2Mi are given without `cpu` or")));
  for (const char* right : {"limits: {nvidia.com/gpu: 1}", "requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 1}",
                            "requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: '{{ gpus }}'}",
                            "limits: {hugepages-2Mi: 4Mi, memory: 1Gi}"})
    EXPECT_THAT(resources(right), ::testing::IsEmpty()) << right;
}

TEST(Executors, OfEmrNeedNoImage) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nexecutors: [{executor: e, type: emr, cluster_id: j-1}]\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n"
               "    tasks: [{task: a, type: spark, executor: e, application_source: 's3://b/a.py'}]\n");
  EXPECT_THAT(testing::findings_in(folder), IsEmpty());
}

}  // namespace
}  // namespace liminal
