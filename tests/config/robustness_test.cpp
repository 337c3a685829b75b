// Random documents never crash, and the result does not depend on the number of threads.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/repository.hpp"

namespace liminal::config {
namespace {

constexpr std::array<std::string_view, 44> keys{"name",
                                                "type",
                                                "super",
                                                "owner",
                                                "variables",
                                                "volumes",
                                                "secrets",
                                                "images",
                                                "executors",
                                                "pipelines",
                                                "services",
                                                "task_defaults",
                                                "metrics",
                                                "pipeline_defaults",
                                                "always_run",
                                                "volume",
                                                "secret",
                                                "image",
                                                "executor",
                                                "pipeline",
                                                "service",
                                                "service_defaults",
                                                "tasks",
                                                "task",
                                                "before_tasks",
                                                "after_tasks",
                                                "depends_on",
                                                "env_vars",
                                                "mounts",
                                                "local",
                                                "path",
                                                "python",
                                                "spark",
                                                "conf",
                                                "cmd",
                                                "application_arguments",
                                                "schedule",
                                                "start_date",
                                                "timeout_minutes",
                                                "endpoints",
                                                "namespace",
                                                "backends",
                                                "retries",
                                                "{{a}}"};
constexpr std::array<std::string_view, 20> scalars{"python",     "super",   "a",        "b",
                                                   "",           "~",       "1",        "-1",
                                                   "yes",        "0.5",     "'{{a}}'",  "'{{b}} {{python}}'",
                                                   "2026-01-01", "job_end", "pipeline", "99999999999999999999",
                                                   "'@daily'",   "0x1F",    "\"\\e\"",  ".inf"};

std::string random_value(std::mt19937& random, int depth) {
  const unsigned kind = depth == 0 ? 0 : static_cast<unsigned>(random() % 3);
  if (kind == 0) return std::string(scalars[random() % scalars.size()]);
  std::string text = kind == 1 ? "[" : "{";
  for (unsigned left = static_cast<unsigned>(random() % 5); left > 0; --left) {
    if (kind == 2) text += "\"" + std::string(keys[random() % keys.size()]) + "\": ";
    text += random_value(random, depth - 1) + ", ";
  }
  return text + (kind == 1 ? "]" : "}");
}

std::string random_file(std::mt19937& random) {
  std::string text;
  for (const std::string_view key : keys) {
    if (random() % 3 == 0) text += "\"" + std::string(key) + "\": " + random_value(random, 5) + "\n";
  }
  return text;
}

TEST(Robustness, RandomFilesResolveTheSameWithAnyNumberOfThreads) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    std::map<std::string, std::string> files;
    for (int i = 0; i < 6; ++i) files["f" + std::to_string(i) + "/liminal.yml"] = random_file(random);
    Repository repository(files, {{"b", "from the environment"}});
    repository.resolve({}, 1);
    const auto found = repository.found();
    const std::string one = resolved_json(repository.systems).dump();
    const std::string text = resolved_text(repository.systems);
    repository.resolve({}, 4);
    EXPECT_EQ(repository.found(), found);
    EXPECT_EQ(resolved_json(repository.systems).dump(), one);
    EXPECT_EQ(resolved_text(repository.systems), text);
    for (const auto& system : repository.systems) EXPECT_EQ(read_back(system), system.resolved->json()) << text;
    for (const auto& system : repository.systems) {
      for (const auto& pipeline : system.pipelines) {
        std::size_t placed = 0;
        for (const auto& wave : model::waves(pipeline)) placed += wave.size();
        EXPECT_LE(placed, pipeline.tasks.size());
      }
    }
  }
}

TEST(Robustness, ManyFilesUnderOneLayerResolveQuickly) {
  std::map<std::string, std::string> files{
      {"super/liminal.yml", "name: common\ntype: super\ntask_defaults: {python: {image: i}}\n"}};
  for (int i = 0; i < 2000; ++i)
    files["s" + std::to_string(i) + "/liminal.yml"] = "name: s" + std::to_string(i) + "\nsuper: common\n";
  Repository repository(files);
  EXPECT_EQ(repository.resolve({}, 2).size(), 2000U);
  EXPECT_TRUE(repository.findings.items.empty());
}

}  // namespace
}  // namespace liminal::config
