#include "config/repository.hpp"

namespace liminal::config {
namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* tail = "    start_date: 2026-01-01\n    timeout_minutes: 5\n";

std::string system_with(const std::string& tasks) {
  return "name: shop\npipelines:\n  - pipeline: daily\n" + std::string(tail) + "    tasks:\n" + tasks;
}

constexpr const char* notebook = R"(tasks:
  - type: notebook
    keys:
      properties: {file: {type: string}, words: {type: array, default: []}, kernel: {type: string, default: python3}}
      required: [file]
    container:
      image: papermill:2
      command: [papermill, --kernel, "{{ kernel }}", "{{ file }}", "out/{{ ds }}.ipynb", "{{ words }}"]
)";

const model::Task* task_named(const model::System& system, std::string_view name) {
  return system.pipelines.at(0).find_task(name);
}

TEST(DeclaredTypes, ContainerTaskRunsWordsMadeOfItsKeys) {
  Repository repository(Files{{"liminal.yml", system_with("      - task: a\n        type: notebook\n"
                                                          "        file: it's mine.ipynb\n        words: [-p, x y]\n")},
                              {"liminal.types.yml", notebook}});
  repository.resolve();
  EXPECT_TRUE(repository.findings.items.empty()) << repository.findings.items.front().message;
  const model::Task* task = task_named(repository.systems.at(0), "a");
  EXPECT_EQ(task->type, model::TaskType::python);
  EXPECT_EQ(task->type_name, "notebook");
  EXPECT_EQ(task->image, "papermill:2");
  EXPECT_EQ(task->executor, "default_k8s");
  EXPECT_EQ(task->command, R"(papermill --kernel python3 'it'\''s mine.ipynb' 'out/{{ ds }}.ipynb' -p 'x y')");
}

TEST(DeclaredTypes, KeyThatIsRequiredHasToBeThere) {
  Repository repository(Files{{"liminal.yml", system_with("      - task: a\n        type: notebook\n")},
                              {"liminal.types.yml", notebook}});
  repository.resolve();
  EXPECT_EQ(repository.found(), (std::vector<std::string>{"missing-key liminal.yml:8:15"}));
}

TEST(DeclaredTypes, KeysAreWhatTheirTypeSays) {
  Repository repository(Files{{"liminal.yml", system_with("      - task: a\n        type: t\n        cards: 9\n"
                                                          "        size: bg\n        card: 1\n        note: 1\n")},
                              {"liminal.types.yml", R"(tasks:
  - type: t
    keys:
      properties:
        cards: {type: integer, minimum: 1, maximum: 8}
        size: {enum: [big, small]}
        note: {type: string}
    container: {image: i, command: [x]}
)"}});
  repository.resolve();
  EXPECT_EQ(repository.found(),
            (std::vector<std::string>{"schema-value liminal.yml:9:16", "schema-value liminal.yml:10:15",
                                      "unknown-key liminal.yml:11:9", "schema-type liminal.yml:12:15"}));
}

TEST(DeclaredTypes, MapCannotBeAWord) {
  Repository repository(
      Files{{"liminal.yml", system_with("      - task: a\n        type: notebook\n        file: {a: b}\n")},
            {"liminal.types.yml", notebook}});
  repository.resolve();
  ASSERT_FALSE(repository.found().empty());
  EXPECT_EQ(repository.found().front(), "schema-type liminal.yml:9:15");
}

TEST(DeclaredTypes, ExecutorAndImageAreOfTheTypeTheyAreLike) {
  Repository repository(Files{{"liminal.yml", R"(name: shop
images: [{image: model, type: r, source: src}]
executors: [{executor: big, type: gpu, cards: 4, namespace: ml}]
)"},
                              {"liminal.types.yml", R"(images: [{type: r, like: python, base: "rocker/r-ver:4.4.1"}]
executors:
  - type: gpu
    like: kubernetes
    keys: {properties: {cards: {type: integer, default: 1}}}
    arguments: {namespace: none, container_resources: {limits: {nvidia.com/gpu: "{{ cards }}"}}}
)"}});
  repository.resolve();
  EXPECT_TRUE(repository.findings.items.empty());
  const model::System& system = repository.systems.at(0);
  const model::Image* image = system.find_image("model");
  EXPECT_EQ(image->type, model::ImageType::python);
  EXPECT_EQ(image->base, "rocker/r-ver:4.4.1");
  const model::Executor* executor = system.find_executor("big");
  EXPECT_EQ(executor->type, model::ExecutorType::kubernetes);
  EXPECT_EQ(
      executor->value->json().dump(),
      R"({"namespace":"ml","container_resources":{"limits":{"nvidia.com/gpu":4}},"executor":"big","type":"gpu"})");
}

TEST(DeclaredTypes, OperatorHasArgumentsAsTheyAreGiven) {
  Repository repository(
      Files{{"liminal.yml", system_with("      - task: a\n        type: query\n        sql: [one, two]\n")},
            {"liminal.types.yml", R"(tasks:
  - type: query
    keys: {properties: {sql: {}, database: {}}, required: [sql]}
    airflow:
      operator: airflow.providers.common.sql.operators.sql:SQLExecuteQueryOperator
      arguments: {conn_id: warehouse, sql: "{{ sql }}", database: "{{ database }}"}
)"}});
  repository.resolve();
  EXPECT_TRUE(repository.findings.items.empty());
  const model::Task* task = task_named(repository.systems.at(0), "a");
  EXPECT_EQ(task->type, model::TaskType::airflow_operator);
  EXPECT_EQ(task->operator_module, "airflow.providers.common.sql.operators.sql");
  EXPECT_EQ(task->operator_class, "SQLExecuteQueryOperator");
  EXPECT_EQ(task->operator_arguments->json().dump(), R"({"conn_id":"warehouse","sql":["one","two"]})");
  EXPECT_EQ(task->executor, "airflow_executor");
}

TEST(DeclaredTypes, DeclarationThatIsNoPythonNameIsRefused) {
  for (const char* path : {"os", "os:system()", "a b:C", "a:class", "a..b:C", ":C", "a:C\\nimport os"}) {
    Repository repository(
        Files{{"liminal.yml", "name: shop\n"},
              {"liminal.types.yml", "tasks:\n  - type: t\n    airflow: {operator: \"" + std::string(path) + "\"}\n"}});
    repository.resolve();
    EXPECT_EQ(repository.found(), (std::vector<std::string>{"bad-type-declaration liminal.types.yml:3:25"})) << path;
  }
  Repository repository(Files{
      {"liminal.yml", "name: shop\n"},
      {"liminal.types.yml", "tasks:\n  - type: t\n    airflow: {operator: \"a:C\", arguments: {\"x=1, y\": 1}}\n"}});
  repository.resolve();
  EXPECT_EQ(repository.found(), (std::vector<std::string>{"bad-type-declaration liminal.types.yml:3:44"}));
}

TEST(DeclaredTypes, TwoOfOneNameAreToldAndTheNearestCounts) {
  const std::string one = "executors: [{type: gpu, like: kubernetes, arguments: {namespace: near}}]\n";
  const std::string other = "executors: [{type: gpu, like: kubernetes, arguments: {namespace: far}}]\n";
  Repository repository(Files{{"liminal.yml", "name: top\n"},
                              {"app/liminal.yml", "name: shop\nexecutors: [{executor: big, type: gpu}]\n"},
                              {"liminal.types.yml", other},
                              {"app/liminal.types.yml", one}});
  repository.resolve();
  EXPECT_EQ(repository.found(), (std::vector<std::string>{"duplicate-type liminal.types.yml:1:20"}));
  EXPECT_EQ(repository.systems.at(0).find_executor("big")->value->find("namespace")->text(), "near");
}

TEST(DeclaredTypes, WhatExpandsWithoutEndIsBoundedAndTold) {
  std::string forms;
  for (int i = 0; i < 3000; ++i) forms += "\"{{ file }}\", ";
  Repository repository(Files{{"liminal.yml", system_with("      - task: a\n        type: t\n        file: " +
                                                          std::string(100'000, 'x') + "\n")},
                              {"liminal.types.yml",
                               "tasks:\n  - type: t\n    keys: {properties: {file: {}}, required: [file]}\n"
                               "    container: {image: i, command: [" +
                                   forms + "x]}\n"}});
  repository.resolve();
  EXPECT_EQ(repository.found(), (std::vector<std::string>{"expansion-limit liminal.yml:1:1"}));
}

TEST(DeclaredTypes, LinkOutOfTheRepositoryIsNotFollowed) {
  Repository repository(Files{{"liminal.yml", "name: shop\n"}});
  std::filesystem::create_symlink("/etc/hostname", repository.path() / "liminal.types.yml");
  repository.resolve();
  ASSERT_EQ(repository.found().size(), 1U);
  EXPECT_EQ(repository.findings.items.front().rule, "unreadable-file");
}

}  // namespace
}  // namespace liminal::config
