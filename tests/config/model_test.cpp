// The typed model: every field from its key, and what is of the wrong type left at its default.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/repository.hpp"

namespace liminal::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Model, VolumesSecretsAndImagesWithTheirDefaults) {
  Repository repository(
      "name: shop\nvolumes:\n  - {volume: data, local: {path: .}}\n  - {volume: big, claim_name: c, capacity: 1Ti}\n"
      "secrets:\n  - secret: aws\n"
      "images:\n  - {image: i, type: python_server, source: src, python_version: 3.10, no_cache: yes, "
      "endpoints: [{endpoint: /p, module: m, function: f}]}\n");
  const auto& system = repository.resolve().at(0);
  EXPECT_EQ(system.volumes[0].claim_name, "data-pvc");
  EXPECT_EQ(system.volumes[0].capacity, "100Gi");
  EXPECT_EQ(system.volumes[0].local_folder, repository.path() / "");
  EXPECT_EQ(system.volumes[1].claim_name, "c");
  EXPECT_EQ(system.volumes[1].capacity, "1Ti");
  EXPECT_TRUE(system.volumes[1].local_folder.empty());
  EXPECT_EQ(system.secrets[0].file, repository.path() / "credentials-aws.txt");
  EXPECT_EQ(system.images[0].type, model::ImageType::python_server);
  EXPECT_EQ(system.images[0].python_version, "3.10");
  EXPECT_TRUE(system.images[0].no_cache);
  EXPECT_EQ(system.images[0].endpoints.at(0).function, "f");
}

TEST(Model, AServicesEndpointsAreItsImagesWhereThatHasNone) {
  Repository repository(
      "name: shop\nimages:\n  - {image: i, type: python_server, source: src}\n"
      "  - {image: j, type: python_server, source: src, endpoints: [{endpoint: /j, module: m, function: own}]}\n"
      "services:\n  - {service: a, image: i, endpoints: [{endpoint: /a, module: m, function: f}]}\n"
      "  - {service: b, image: j, endpoints: [{endpoint: /a, module: m, function: f}]}\n");
  const auto& system = repository.resolve().at(0);
  EXPECT_EQ(system.images[0].endpoints.at(0).function, "f");
  EXPECT_EQ(system.images[1].endpoints.at(0).function, "own");
}

TEST(Model, PipelineFieldsAndDefaultArguments) {
  Repository repository(
      "name: shop\nowner: us\nalways_run: true\nmetrics: {namespace: root, backends: [cloudwatch]}\n"
      "pipelines:\n  - {pipeline: p, schedule: '@daily', start_date: 2026-02-28, timeout_minutes: 45, retries: 2, "
      "retry_delay: 30, depends_on_past: yes, extra: [1], tasks: [{task: t}, {task: u, retries: 0}]}\n"
      "  - {pipeline: q, schedule_interval: 0 0 * * *, owner: me, metrics: {namespace: own}, schedule: None}\n");
  const auto& pipelines = repository.resolve().at(0).pipelines;
  EXPECT_EQ(pipelines[0].owner, "us");
  EXPECT_EQ(pipelines[0].schedule, "@daily");
  EXPECT_EQ(pipelines[0].start_date->day, 28U);
  EXPECT_EQ(pipelines[0].timeout, std::chrono::minutes{45});
  EXPECT_TRUE(pipelines[0].depends_on_past);
  EXPECT_TRUE(pipelines[0].always_run);
  EXPECT_EQ(pipelines[0].metrics_namespace, "root");
  EXPECT_THAT(pipelines[0].metrics_backends, ElementsAre("cloudwatch"));
  EXPECT_EQ(pipelines[0].tasks[1].retries, 2U);
  EXPECT_EQ(pipelines[0].tasks[2].retries, 0U);
  EXPECT_EQ(pipelines[0].tasks[1].retry_delay, std::chrono::seconds{30});
  std::vector<std::string> arguments;
  for (const auto& [key, value] : pipelines[0].default_arguments) arguments.push_back(key);
  EXPECT_THAT(arguments, ElementsAre("pipeline", "start_date", "timeout_minutes", "retries", "retry_delay",
                                     "depends_on_past", "extra"));
  EXPECT_EQ(pipelines[1].owner, "me");
  EXPECT_EQ(pipelines[1].metrics_namespace, "own");
}

TEST(Model, SparkTasksHaveDottedKeysAndFlatArguments) {
  Repository repository(
      "name: shop\npipelines:\n  - pipeline: p\n    tasks:\n      - task: t\n        type: spark\n        class: M\n"
      "        conf: {spark: {driver: {memory: 1g}, x: 1}}\n        application_source: a.py\n"
      "        application_arguments: {--in: x, --n: 2}\n");
  const auto& task = repository.resolve().at(0).pipelines.at(0).tasks.at(1);
  EXPECT_THAT(task.spark_conf, ElementsAre(Pair("spark.driver.memory", "1g"), Pair("spark.x", "1")));
  std::vector<std::string> command;
  const auto words = model::container_command(task).words();
  for (const model::CommandWord& word : words) command.push_back(word.text);
  EXPECT_THAT(command, ElementsAre("spark-submit", "--class", "M", "--conf", "spark.driver.memory=1g", "--conf",
                                   "spark.x=1", "a.py", "--in", "x", "--n", "2"));
}

TEST(Model, ATasksVariablesAreAMapOrTheNameOfOne) {
  Repository repository(
      "name: shop\nvariables: {shared: {a: '{{b}}', n: 1}, b: x}\npipelines:\n  - pipeline: p\n    tasks:\n"
      "      - {task: t, variables: shared}\n      - {task: u, variables: {c: y}}\n      - {task: v, variables: "
      "gone}\n");
  const auto& tasks = repository.resolve().at(0).pipelines.at(0).tasks;
  EXPECT_THAT(tasks[1].variables, ElementsAre(Pair("a", "x"), Pair("n", "1")));
  EXPECT_THAT(tasks[2].variables, ElementsAre(Pair("c", "y")));
  EXPECT_THAT(tasks[3].variables, IsEmpty());
}

TEST(Model, RenderedNumbersAndFlagsCount) {
  Repository repository(
      "name: shop\nvariables: {n: 3, yes: no, flag: true}\nimages: [{image: i, no_cache: '{{flag}}'}]\n"
      "pipelines:\n  - {pipeline: p, tasks: [{task: t, executors: '{{n}}'}]}\n");
  const auto& system = repository.resolve().at(0);
  EXPECT_EQ(system.pipelines[0].tasks[1].copies, 3U);
  EXPECT_TRUE(system.images[0].no_cache);
}

TEST(Model, RenderedNumbersOfServicesCount) {
  Repository repository(
      "name: shop\nvariables: {p: 8080, r: '3', old: '010'}\nservices: [{service: s, image: i, port: '{{p}}', "
      "replicas: "
      "'{{r}}'}, {service: t, image: i, replicas: '{{old}}'}, {service: u, image: i, replicas: 010}]\n");
  const auto& system = repository.resolve().at(0);
  EXPECT_EQ(system.services[0].port, 8080);
  EXPECT_EQ(system.services[0].replicas, 3U);
  // A number is read the same whether it was written there or put there.
  EXPECT_EQ(system.services[1].replicas, 8U);
  EXPECT_EQ(system.services[2].replicas, 8U);
}

TEST(Model, WhatIsOfTheWrongTypeIsLeftAtItsDefault) {
  Repository repository(
      "name: shop\nvolumes: {a: b}\nimages: [1, [2], {image: [x], source: {}}]\nexecutors: 5\nservices: [{port: 70000, "
      "replicas: -1}]\npipelines:\n  - 7\n  - {pipeline: p, timeout_minutes: soon, start_date: 2026-02-30, tasks: "
      "[3, {task: {}, executors: -1, retries: 1e3, mounts: 4, secrets: [5], env_vars: [6]}]}\n");
  const auto& system = repository.resolve().at(0);
  EXPECT_THAT(system.volumes, IsEmpty());
  EXPECT_EQ(system.images.size(), 1U);
  EXPECT_EQ(system.services[0].port, 80);
  EXPECT_EQ(system.services[0].replicas, 1U);
  ASSERT_EQ(system.pipelines.size(), 1U);
  EXPECT_FALSE(system.pipelines[0].timeout);
  EXPECT_FALSE(system.pipelines[0].start_date);
  EXPECT_EQ(system.pipelines[0].tasks.at(2).copies, 1U);
}

}  // namespace
}  // namespace liminal::config
