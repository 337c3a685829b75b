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

std::vector<std::string> texts_of(const model::Task& task) {
  std::vector<std::string> texts;
  for (const model::CommandWord& word : task.words) texts.push_back(word.text);
  return texts;
}

std::string place_of(const document::Origin& origin) {
  const Location location = origin.location().value_or(Location{});
  return location.file + ":" + std::to_string(location.range.begin.line) + ":" +
         std::to_string(location.range.begin.column);
}

// What is found in the declarations alone.
std::vector<std::string> found_in(const std::string& types) {
  Repository repository(Files{{"liminal.yml", "name: shop\n"}, {"liminal.types.yml", types}});
  repository.resolve();
  return repository.found();
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
  EXPECT_FALSE(task->command);
  EXPECT_EQ(texts_of(*task), (std::vector<std::string>{"papermill", "--kernel", "python3", "it's mine.ipynb",
                                                       "out/{{ ds }}.ipynb", "-p", "x y"}));
  // Each where it was written: in the declaration, or by the task.
  EXPECT_EQ(place_of(task->words.at(1).origin), "liminal.types.yml:8:28");
  EXPECT_EQ(place_of(task->words.at(3).origin), "liminal.yml:9:15");
  EXPECT_EQ(place_of(task->words.at(6).origin), "liminal.yml:10:21");
}

TEST(DeclaredTypes, ValueIsOneWordWhateverItHolds) {
  Repository repository(Files{{"liminal.yml", system_with("      - task: a\n        type: notebook\n"
                                                          "        file: \"x; rm -rf / '$(id)' `id`\"\n")},
                              {"liminal.types.yml", notebook}});
  repository.resolve();
  EXPECT_EQ(texts_of(*task_named(repository.systems.at(0), "a")).at(3), "x; rm -rf / '$(id)' `id`");
}

TEST(DeclaredTypes, ValuesThatAreNoTextStandInWordsAsTheyAreWritten) {
  Repository repository(Files{{"liminal.yml", system_with("      - task: a\n        type: t\n        n: 007\n"
                                                          "        on: true\n        at: 2026-01-02\n")},
                              {"liminal.types.yml", R"(tasks:
  - type: t
    keys: {properties: {n: {type: integer}, on: {type: boolean}, at: {type: string}, none: {}}, required: [n, "on", at]}
    container: {image: i, command: [x, "{{ n }}", "{{ on }}", "{{ at }}", "{{ none }}", 1.50, no]}
)"}});
  repository.resolve();
  EXPECT_EQ(repository.found(), std::vector<std::string>{});
  EXPECT_EQ(texts_of(*task_named(repository.systems.at(0), "a")),
            (std::vector<std::string>{"x", "7", "True", "2026-01-02", "1.5", "False"}));
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
  for (const char* path : {"os", "os:system()", "a b:C", "a:class", "a..b:C", ":C", "a:C\\nimport os", "a:C as b",
                           "a.import:C", "__future__:annotations", "a:b:C", "\\u0430:C", "a.9:C"}) {
    Repository repository(
        Files{{"liminal.yml", "name: shop\n"},
              {"liminal.types.yml", "tasks:\n  - type: t\n    airflow: {operator: \"" + std::string(path) + "\"}\n"}});
    repository.resolve();
    EXPECT_EQ(repository.found(), (std::vector<std::string>{"bad-type-declaration liminal.types.yml:3:25"})) << path;
  }
  // Nor is what a DAG file says itself: the second would be a mistake of Python's.
  for (const char* argument : {"x=1, y", "*", "class", "__debug__", "", "task_id", "trigger_rule", "dag"})
    EXPECT_EQ(found_in("tasks:\n  - type: t\n    airflow: {operator: \"a:C\", arguments: {\"" + std::string(argument) +
                       "\": 1}}\n"),
              (std::vector<std::string>{"bad-type-declaration liminal.types.yml:3:44"}))
        << argument;
}

TEST(DeclaredTypes, KeysOfEveryObjectAreNoneOfItsType) {
  for (const char* key : {"task", "type", "image", "env_vars", "depends_on", "executor", "cmd", "command"})
    EXPECT_EQ(found_in("tasks:\n  - type: t\n    container: {command: [x]}\n    keys: {properties: {" +
                       std::string(key) + ": {}}}\n"),
              (std::vector<std::string>{"bad-type-declaration liminal.types.yml:4:25"}))
        << key;
  EXPECT_EQ(found_in("images:\n  - {type: t, like: python, keys: {properties: {source: {}}}}\n"),
            (std::vector<std::string>{"bad-type-declaration liminal.types.yml:2:49"}));
  EXPECT_EQ(found_in("executors:\n  - {type: t, like: emr, arguments: {executor: x}}\n"),
            (std::vector<std::string>{"bad-type-declaration liminal.types.yml:2:38"}));
}

TEST(DeclaredTypes, TemplateNamesKeysMacrosOrNothingOfOurs) {
  const auto with = [](const std::string& word) {
    return found_in(
        "tasks:\n  - type: t\n    keys: {properties: {file: {}}, required: [file]}\n    container:\n"
        "      command: [x, \"" +
        word + "\"]\n");
  };
  EXPECT_EQ(with("é {{ fil }}"), (std::vector<std::string>{"unknown-template-key liminal.types.yml:5:23"}));
  EXPECT_EQ(with("{{ file }} {{ nothing.x }}"),
            (std::vector<std::string>{"unknown-template-key liminal.types.yml:5:32"}));
  for (const char* word : {"{{ ds }}", "{{ var.value.x }}", "{{.Names}}", "${#x}", "{{ a | b }}", "{{", "{{ }}"})
    EXPECT_EQ(with(word), std::vector<std::string>{}) << word;
}

TEST(DeclaredTypes, DeclarationThatSaysTooLittleIsToldOnceAndNotUsed) {
  for (const char* what :
       {"", "    container: {command: [x]}\n    airflow: {operator: \"a:C\"}\n", "    container: {command: []}\n"}) {
    Repository repository(Files{{"liminal.yml", system_with("      - {task: a, type: t}\n")},
                                {"liminal.types.yml", "tasks:\n  - type: t\n" + std::string(what)}});
    repository.resolve();
    ASSERT_EQ(repository.findings.items.size(), 1U) << what;
    EXPECT_EQ(repository.findings.items.front().rule, "bad-type-declaration");
    EXPECT_EQ(task_named(repository.systems.at(0), "a")->type, model::TaskType::other);
    EXPECT_EQ(repository.systems.at(0).declared->tasks, std::vector<std::string>{"t"});
  }
}

TEST(DeclaredTypes, DefaultIsWhatItsKeyAllows) {
  EXPECT_EQ(found_in(R"(executors:
  - type: t
    like: kubernetes
    keys: {properties: {n: {type: integer, default: x}, m: {maximum: 2, default: 3}, l: {type: array, items: {type: integer}, default: [1, a]}}}
)"),
            (std::vector<std::string>{"schema-type liminal.types.yml:4:53", "schema-value liminal.types.yml:4:82",
                                      "schema-type liminal.types.yml:4:140"}));
}

TEST(DeclaredTypes, RequiredKeyIsOneOfTheProperties) {
  EXPECT_EQ(found_in("tasks:\n  - type: t\n    keys: {properties: {file: {}}, required: [fiel]}\n"
                     "    container: {command: [x]}\n"),
            (std::vector<std::string>{"bad-type-declaration liminal.types.yml:3:47"}));
}

TEST(DeclaredTypes, KeyThatMayBeMissingMakesNoText) {
  EXPECT_EQ(found_in("tasks:\n  - type: t\n    keys: {properties: {file: {}}}\n"
                     "    container: {command: [x, \"{{ file }}\", \"a/{{ file }}\"]}\n"),
            (std::vector<std::string>{"bad-type-declaration liminal.types.yml:4:47"}));
}

TEST(DeclaredTypes, CommandWithoutAWordIsToldAtTheTask) {
  Repository repository(Files{{"liminal.yml", system_with("      - {task: a, type: t, words: []}\n")},
                              {"liminal.types.yml",
                               "tasks:\n  - type: t\n    keys: {properties: {words: {type: array}}}\n"
                               "    container: {image: i, command: [\"{{ words }}\"]}\n"}});
  repository.resolve();
  EXPECT_EQ(repository.found(), (std::vector<std::string>{"missing-key liminal.yml:7:25"}));
}

TEST(DeclaredTypes, NoTypeIsLikeADeclaredOneNorABuiltInOneAgain) {
  // The schema tells of `like`; nothing here follows it in a circle.
  EXPECT_EQ(found_in("executors: [{type: a, like: b}, {type: b, like: a}, {type: c, like: c}]\n"),
            std::vector<std::string>{});
  EXPECT_EQ(found_in("tasks: [{type: python, container: {command: [x]}}]\n"
                     "images: [{type: spark, like: python}]\nexecutors: [{type: emr, like: kubernetes}]\n"),
            (std::vector<std::string>{"duplicate-type liminal.types.yml:1:16", "duplicate-type liminal.types.yml:2:17",
                                      "duplicate-type liminal.types.yml:3:20"}));
}

TEST(DeclaredTypes, OfTheFoldersOfItsLayersCountToo) {
  Repository repository(
      Files{{"base/liminal.yml", "name: base\ntype: super\nexecutors: [{executor: big, type: gpu}]\n"},
            {"base/liminal.types.yml", "executors: [{type: gpu, like: emr}]\n"},
            {"app/liminal.yml", "name: shop\nsuper: base\n"},
            {"other/liminal.yml", "name: other\nexecutors: [{executor: big, type: gpu}]\n"}});
  repository.resolve();
  EXPECT_EQ(repository.found(), std::vector<std::string>{});
  EXPECT_EQ(repository.systems.at(0).find_executor("big")->type, model::ExecutorType::emr);
  EXPECT_EQ(repository.systems.at(1).find_executor("big")->type, model::ExecutorType::other);
}

TEST(DeclaredTypes, FileAboveTheRepositoryIsNotRead) {
  Repository repository(Files{{"liminal.types.yml", "executors: [{type: gpu, like: nothing, x: y}]\n"},
                              {"checkout/liminal.yml", "name: shop\nexecutors: [{executor: big, type: gpu}]\n"},
                              {"checkout/.git/HEAD", "ref: refs/heads/main\n"}});
  repository.resolve();
  EXPECT_TRUE(repository.project.types.files.empty());
  EXPECT_EQ(repository.systems.at(0).declared, nullptr);
}

TEST(DeclaredTypes, EmptyFileAndFileOfAnotherShapeDeclareNothing) {
  EXPECT_EQ(found_in(""), (std::vector<std::string>{"empty-file liminal.types.yml:1:1"}));
  for (const char* text : {"- a\n", "tasks: {a: b}\n", "tasks: [1, [2], {type: {a: b}}]\n", "images: x\n", "tasks:\n",
                           "tasks: [{type: t, container: 1}, {type: u, airflow: {operator: [x]}}]\n"}) {
    Repository repository(
        Files{{"liminal.yml", system_with("      - {task: a, type: t}\n")}, {"liminal.types.yml", text}});
    repository.resolve();
    EXPECT_EQ(repository.systems.size(), 1U) << text;
  }
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
  EXPECT_EQ(repository.systems.at(0).documents.size(), 1U);
}

}  // namespace
}  // namespace liminal::config
