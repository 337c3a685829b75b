// Tasks and executors of declared types, for each engine.
#include "renderer.hpp"

namespace liminal::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DeclaredTypesTest : public RenderTest {
 protected:
  Rendered render_task(const std::string& task, Engine engine = Engine::airflow) {
    return render_text(
        "name: shop\nimages: [{image: wine, type: python, source: .}]\nexecutors: [{executor: big, type: gpu, cards: "
        "4}]\n"
        "pipelines:\n- pipeline: nightly\n  start_date: 2026-01-02\n  timeout_minutes: 45\n  tasks:\n  - {task: a-b, " +
            task + "}\n",
        engine);
  }
};

constexpr const char* declared = R"(tasks:
  - type: notebook
    keys: {properties: {file: {}, words: {default: []}}, required: [file]}
    container: {image: wine, command: [papermill, "{{ file }}", "out/{{ ds }}", "{{ words }}"]}
  - type: query
    keys: {properties: {sql: {}, more: {}}, required: [sql]}
    airflow: {operator: "os.path:C", arguments: {sql: "{{ sql }}", more: "{{ more }}", body: "a\n"}}
executors:
  - type: gpu
    like: kubernetes
    keys: {properties: {cards: {default: 1}}}
    arguments: {container_resources: {limits: {nvidia.com/gpu: "{{ cards }}"}}}
)";

TEST_F(DeclaredTypesTest, WordsAndExecutorReachAPodOfAirflow) {
  declare(declared);
  const Rendered rendered =
      render_task("type: notebook, file: \"it's {{ yesterday_ds }}\", words: [$$, '{{.Names}}'], executor: big");
  EXPECT_THAT(rendered.findings, IsEmpty());
  EXPECT_THAT(
      content(rendered, "DAG"),
      AllOf(HasSubstr("cmds=[\n            \"papermill\",\n        ]"),
            HasSubstr("\"it's {{ macros.ds_add(ds, -1) }}\""), HasSubstr("\"out/{{ ds }}\""), HasSubstr("\"$$$\""),
            HasSubstr("\"{{ '{{' }}.Names}}\""), HasSubstr("\"nvidia.com/gpu\": \"4\""), Not(HasSubstr("/bin/sh"))));
}

TEST_F(DeclaredTypesTest, WordsAndExecutorReachAPodOfArgo) {
  declare(declared);
  const Rendered rendered = render_task("type: notebook, file: it's, words: [x y], executor: big", Engine::argo);
  EXPECT_THAT(rendered.findings, IsEmpty());
  const Json pod = object(rendered, "WorkflowTemplate")["spec"]["templates"][1]["container"];
  EXPECT_EQ(pod["command"], Json({"papermill"}));
  EXPECT_EQ(pod["args"][0], "it's");
  EXPECT_THAT(pod["args"][1].get<std::string>(), HasSubstr("workflow.scheduledTime"));
  EXPECT_EQ(pod["args"][2], "x y");
  EXPECT_EQ(pod["resources"]["limits"]["nvidia.com/gpu"], "4");
}

TEST_F(DeclaredTypesTest, WhatArgoCannotRenderIsToldWhereItIsWritten) {
  declare("tasks: [{type: notebook, container: {image: wine, command: [x, 'a {{ ti.try_number }}']}}]\n");
  const Rendered rendered = render_task("type: notebook", Engine::argo);
  ASSERT_EQ(rendered.findings.size(), 1U);
  EXPECT_EQ(rendered.findings[0].location.file, "liminal.types.yml");
  EXPECT_EQ(rendered.findings[0].location.range.begin, (Position{1, 64}));
}

TEST_F(DeclaredTypesTest, OperatorIsACallWithLiterals) {
  declare(declared);
  const Rendered rendered = render_task(
      R"yaml(type: query, retries: 2, sql: ["'''); import os", {"k')": .inf, n: 12345678901234567890123, none: ~, t: true}])yaml");
  EXPECT_THAT(rendered.findings, IsEmpty());
  const std::string dag = content(rendered, "DAG");
  EXPECT_THAT(dag, HasSubstr("from os.path import C as operator_task_a_b\n"));
  EXPECT_THAT(
      dag,
      HasSubstr(
          "task_a_b = operator_task_a_b(\n        task_id=\"a-b\",\n        sql=[\n            \"'''); import os\",\n"
          "            {\n                \"k')\": \"inf\",\n                \"n\": "));
  EXPECT_THAT(dag, HasSubstr("\"none\": None,\n                \"t\": True,"));
  // What is not given is no argument, and what is no template is as it is written.
  EXPECT_THAT(dag, AllOf(Not(HasSubstr("more=")), HasSubstr("body=\"a\\n\""), HasSubstr("retries=2")));
}

TEST_F(DeclaredTypesTest, TemplatesOfAnOperatorMeanTheSameInAirflow2And3) {
  declare(declared);
  const Rendered rendered =
      render_task("type: query, variables: {v: 1}, sql: ['{{ tomorrow_ds }} {{ v }}', '{{ prev_ds }}']");
  EXPECT_THAT(content(rendered, "DAG"),
              HasSubstr("\"{{ macros.ds_add(ds, 1) }} {{ (dag_run.conf or {}).get('v', '1') }}\""));
  EXPECT_THAT(findings(rendered),
              ElementsAre(HasSubstr("9 `{{ prev_ds }}` has no form that Airflow 2 and 3 both have")));
}

TEST_F(DeclaredTypesTest, OperatorIsAirflowsAlone) {
  declare(declared);
  const Rendered rendered = render_task("type: query, sql: x", Engine::argo);
  EXPECT_THAT(findings(rendered),
              ElementsAre("9 Argo cannot run task `a-b`: type `query` is an operator of Airflow's"));
  EXPECT_THAT(rendered.findings[0].help, HasSubstr("--engine airflow"));
}

}  // namespace
}  // namespace liminal::engine
