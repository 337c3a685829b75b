// DAG files: an executor's arguments in the operator's types, text that stays what it is, and the Amazon provider's
// operators. What real Airflows make of them is tests/e2e/airflow_test.py's matter.
#include "renderer.hpp"

namespace liminal::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using AirflowDagTest = RenderTest;

TEST_F(AirflowDagTest, MakesObjectsOfKubernetesOfMapsInEitherSpelling) {
  const Rendered rendered =
      render_text(on_executor("  tolerations: [{key: gpu, effect: NoExecute, toleration_seconds: 60}, "
                              "{key: slow, effect: NoExecute, tolerationSeconds: 5}]\n"
                              "  security_context: {fsGroup: 1000}\n"));
  EXPECT_THAT(rendered.findings, IsEmpty());
  const std::string dag = content(rendered, "DAG");
  EXPECT_THAT(dag, HasSubstr("k8s.V1Toleration(\n                key=\"gpu\",\n                "
                             "effect=\"NoExecute\",\n                toleration_seconds=60,"));
  EXPECT_THAT(dag, HasSubstr("toleration_seconds=5,"));
  EXPECT_THAT(dag, HasSubstr("security_context=k8s.V1PodSecurityContext(\n            fs_group=1000,"));
  EXPECT_THAT(dag, HasSubstr("from kubernetes.client import models as k8s\n"));
}

TEST_F(AirflowDagTest, LeavesTheImageOfAWholePodsContainerToTheOperator) {
  EXPECT_THAT(render_text(on_executor("  full_pod_spec: {spec: {containers: [{name: app}]}}\n")).findings, IsEmpty());
}

TEST_F(AirflowDagTest, ReportsAnUnknownArgumentWithTheNearest) {
  const Rendered rendered = render_text(on_executor("  node_selectors: {disk: ssd}\n"));
  ASSERT_THAT(rendered.findings, SizeIs(1));
  EXPECT_EQ(rendered.findings[0].location.range.begin.line, 5U);
  EXPECT_THAT(rendered.findings[0].message, HasSubstr("no argument of KubernetesPodOperator in Airflow 2"));
  EXPECT_EQ(rendered.findings[0].help, "did you mean `node_selector`?");
}

TEST_F(AirflowDagTest, ReportsAnUnknownFieldInsideAnArgumentAtItsOwnLine) {
  const Rendered rendered = render_text(on_executor("  tolerations:\n  - key: gpu\n    efect: NoSchedule\n"));
  ASSERT_THAT(rendered.findings, SizeIs(1));
  EXPECT_EQ(rendered.findings[0].location.range.begin.line, 7U);
  EXPECT_EQ(rendered.findings[0].help, "did you mean `effect`?");
}

TEST_F(AirflowDagTest, ReportsWhatOneAirflowAloneHasAndWhatYamlCannotHold) {
  const Rendered rendered = render_text(on_executor(
      "  task_concurrency: 3\n  on_failure_callback: tell\n  image: other\n  startup_timeout_seconds: soon\n"));
  EXPECT_THAT(findings(rendered),
              ElementsAre("5 only Airflow 2 has `task_concurrency` (executor `k`)", HasSubstr("a Python object"),
                          HasSubstr("what each task says for itself"), HasSubstr("a whole number")));
}

TEST_F(AirflowDagTest, AddsAnExecutorsVolumesLabelsAndVariablesToTheTasks) {
  const std::string yaml =
      pipeline("cmd: x, executor: k, env_vars: {A: own}, mounts: [{mount: m, volume: data, path: /data}]",
               "executors: [{executor: k, type: kubernetes, labels: {team: wine}, env_vars: {A: shared, B: shared},\n"
               "  volumes: [{name: scratch, emptyDir: {}}], volume_mounts: [{name: scratch, mountPath: /tmp}]}]\n");
  const std::string dag = content(render_text(yaml), "DAG");
  EXPECT_THAT(dag, HasSubstr("\"A\": \"own\",\n            \"B\": \"shared\","));
  EXPECT_THAT(dag, HasSubstr("claim_name=\"data-pvc\""));
  EXPECT_THAT(dag, HasSubstr("name=\"scratch\",\n                empty_dir=k8s.V1EmptyDirVolumeSource(),"));
  EXPECT_THAT(dag, HasSubstr("\"app.kubernetes.io/managed-by\": \"liminal\""));
  EXPECT_THAT(dag, HasSubstr("\"team\": \"wine\""));
}

TEST_F(AirflowDagTest, MakesTextsOfLabelsAsKubernetesTakesNothingElse) {
  const std::string dag = content(render_text(on_executor("  labels: {version: 1, beta: true}\n  annotations: {rate: "
                                                          "0.5}\n  node_selector: {gpus: 2}\n")),
                                  "DAG");
  for (const char* text : {"\"version\": \"1\"", "\"beta\": \"true\"", "\"rate\": \"0.5\"", "\"gpus\": \"2\""})
    EXPECT_THAT(dag, HasSubstr(text));
}

TEST_F(AirflowDagTest, KeepsAPodWhereIsDeleteOperatorPodIsFalse) {
  EXPECT_THAT(content(render_text(on_executor("  is_delete_operator_pod: false\n")), "DAG"),
              HasSubstr("on_finish_action=\"keep_pod\""));
}

TEST_F(AirflowDagTest, ReadsTheOlderFormOfResources) {
  const std::string dag =
      content(render_text(on_executor("  resources: {request_memory: 1Gi, limit_cpu: 2}\n")), "DAG");
  EXPECT_THAT(dag, HasSubstr("container_resources=k8s.V1ResourceRequirements("));
  EXPECT_THAT(dag, HasSubstr("\"cpu\": \"2\""));
  EXPECT_THAT(dag, HasSubstr("\"memory\": \"1Gi\""));
}

TEST_F(AirflowDagTest, KeepsKubernetesFromReplacingDollars) {
  const std::string dag = content(render_text(pipeline("cmd: 'kill $$ $(env) $(date +%F) $((1+1)) $HOME'")), "DAG");
  EXPECT_THAT(dag, HasSubstr("\"kill $$$ $$(env) $(date +%F) $((1+1)) $HOME\""));
}

TEST_F(AirflowDagTest, KeepsMarksOfWhiteSpaceAndNamesOfLoops) {
  const std::string dag = content(
      render_text(pipeline("cmd: 'a {{- ds -}} b {% for i in range(2) -%} {{ i }} {{ tomorrow_ds }}{% endfor %}'")),
      "DAG");
  EXPECT_THAT(dag, HasSubstr("a {{- ds -}} b {% for i in range(2) -%} {{ i }} {{ macros.ds_add(ds, 1) }}{% endfor %}"));
}

TEST_F(AirflowDagTest, TranslatesDroppedNamesInStatementsToo) {
  const Rendered rendered = render_text(pipeline("cmd: '{% if yesterday_ds %}a{% endif %}'"));
  EXPECT_THAT(content(rendered, "DAG"), HasSubstr("{% if (macros.ds_add(ds, -1)) %}a{% endif %}"));
  EXPECT_THAT(render_text(pipeline("cmd: '{% if conf %}a{% endif %}'")).findings, SizeIs(1));
}

// What a run here leaves as it is: OfOtherPrograms in airflow_macros_test.cpp.
TEST_F(AirflowDagTest, QuotesBracesOfOtherPrograms) {
  const Rendered rendered = render_text(pipeline(
      "cmd: 'docker ps --format {{.Names}} {{ key | toJSON }} ${#name} {# note #} {{ ds @ 1 }} {{ }} {{ print'"));
  EXPECT_THAT(rendered.findings, IsEmpty());
  EXPECT_THAT(
      content(rendered, "DAG"),
      HasSubstr(
          "\"docker ps --format {{ '{{' }}.Names}} {{ '{{' }} key | toJSON }} ${{ '{#' }}name} {{ '{#' }} note #} "
          "{{ '{{' }} ds @ 1 }} {{ '{{' }} }} {{ '{{' }} print\""));
}

TEST_F(AirflowDagTest, KeepsTestsOfJinjas) {
  for (const char* inside :
       {"dag_run.conf.x if dag_run.conf.x is defined else 'd'", "ds is not defined", "ts is string",
        "params.n is divisibleby(3)", "ds is eq 'x'", "ds | upper is upper", "ds is not none"}) {
    const std::string braces = "{{ " + std::string(inside) + " }}";
    EXPECT_THAT(content(render_text(pipeline("cmd: \"" + braces + "\"")), "DAG"), HasSubstr(braces));
  }
}

TEST_F(AirflowDagTest, QuotesWhatJinjaCannotRead) {
  EXPECT_THAT(content(render_text(pipeline("cmd: 'a {{ ds ds }}'")), "DAG"), HasSubstr("a {{ '{{' }} ds ds }}"));
}

TEST_F(AirflowDagTest, RefusesTemplatesWhereAirflowRendersNone) {
  EXPECT_THAT(findings(render_text(on_executor("  service_account_name: 'sa-{{ ds }}'\n"))),
              ElementsAre(HasSubstr("`service_account_name`: Airflow does not render templates here")));
  EXPECT_THAT(findings(render_text(on_executor("  labels: {day: '{{ ds }}'}\n"))), IsEmpty());
}

TEST_F(AirflowDagTest, TellsNamesThatOneAirflowAloneHas) {
  for (const char* name : {"conf", "test_mode", "prev_ds", "triggering_dataset_events", "triggering_asset_events"})
    EXPECT_THAT(render_text(pipeline("cmd: 'x {{ " + std::string(name) + " }}'")).findings, SizeIs(1)) << name;
  const Rendered rendered =
      render_text(pipeline("cmd: '{{ inlet_events }} {{ map_index_template }} {{ templates_dict }}'"));
  EXPECT_THAT(rendered.findings, IsEmpty());
  // The last is none while templates are rendered, so it is a variable.
  EXPECT_THAT(content(rendered, "DAG"),
              HasSubstr("\"{{ inlet_events }} {{ map_index_template }} {{ dag_run.conf['templates_dict']"));
}

TEST_F(AirflowDagTest, QuotesStatementsThatAreNotClosed) {
  const std::string dag = content(render_text(pipeline("cmd: 'printf {% if x %} {% raw %}{{ds}}'")), "DAG");
  EXPECT_THAT(dag, HasSubstr("printf {{ '{%' }} if x %} {{ '{%' }} raw %}{{ ds }}"));
  EXPECT_THAT(content(render_text(pipeline("cmd: '{% raw %}{{ x }} {# {% endraw %}'")), "DAG"),
              HasSubstr("\"{% raw %}{{ x }} {# {% endraw %}\""));
}

TEST_F(AirflowDagTest, RendersTemplatesInAVariablesValue) {
  const std::string dag = content(render_text(pipeline("cmd: '{{ p }}', variables: {p: 'a/{{ ds }}'}")), "DAG");
  EXPECT_THAT(dag, HasSubstr("(dag_run.conf or {}).get('p', 'a/' ~ (ds))"));
}

TEST_F(AirflowDagTest, PassesOnWhatEveryOperatorTakesFromThePipeline) {
  const Rendered rendered =
      render_text(pipeline("cmd: x", "", "  pool: small\n  execution_timeout: 60\n  node_selector: {a: b}\n"));
  const std::string dag = content(rendered, "DAG");
  EXPECT_THAT(dag, HasSubstr("\"pool\": \"small\""));
  EXPECT_THAT(dag, HasSubstr("\"execution_timeout\": timedelta(seconds=60)"));
  EXPECT_THAT(dag, Not(HasSubstr("default_array_loaded")));
  EXPECT_THAT(dag, Not(HasSubstr("node_selector")));
  EXPECT_THAT(findings(rendered), IsEmpty());
}

TEST_F(AirflowDagTest, ReadsWhatAPlaceholderBecameAsTheTypeThatAirflowTakes) {
  const Rendered rendered = render_text(
      pipeline("cmd: x", "variables: {n: 60, yes: true}\n",
               "  execution_timeout: '{{ n }}'\n  email_on_failure: '{{ yes }}'\n  pool_slots: '{{ n }}'\n"));
  const std::string dag = content(rendered, "DAG");
  EXPECT_THAT(dag, HasSubstr("\"execution_timeout\": timedelta(seconds=60)"));
  EXPECT_THAT(dag, HasSubstr("\"email_on_failure\": True"));
  EXPECT_THAT(dag, HasSubstr("\"pool_slots\": 60"));
  EXPECT_THAT(findings(rendered), IsEmpty());
}

class AmazonTest : public RenderTest {
 protected:
  Rendered task(const std::string& task, const std::string& executor, Engine engine = Engine::airflow) {
    return render_text("name: shop\nexecutors: [{executor: e, type: " + executor +
                           "}]\npipelines:\n- pipeline: nightly\n  start_date: 2026-01-02\n  timeout_minutes: 45\n"
                           "  tasks:\n  - {task: count, executor: e, " +
                           task + "}\n",
                       engine);
  }
};

TEST_F(AmazonTest, RunsASparkTaskAsAStepAndWaitsForIt) {
  const Rendered rendered = task("type: spark, application_source: s3://a/b.py", "emr, cluster_id: j-1");
  EXPECT_THAT(rendered.findings, IsEmpty());
  const std::string dag = content(rendered, "DAG");
  EXPECT_THAT(dag, HasSubstr("task_id=\"count_add_step\",\n        job_flow_id=\"j-1\""));
  EXPECT_THAT(dag, HasSubstr("step_id=\"{{ ti.xcom_pull(task_ids='count_add_step', key='return_value')[0] }}\""));
  EXPECT_THAT(dag, HasSubstr("task_start >> task_count__add_step\n    task_count >> task_end\n"));
}

TEST_F(AmazonTest, LooksForAClusterByNameInTheStatesThatAreAsked) {
  EXPECT_THAT(content(task("type: spark, application_source: x", "emr, cluster_name: c"), "DAG"),
              HasSubstr("\"RUNNING\",\n            \"WAITING\","));
  EXPECT_THAT(findings(task("type: spark, application_source: x", "emr")), ElementsAre(HasSubstr("2 executor `e`")));
}

TEST_F(AmazonTest, ReportsWhatAStepHasNot) {
  EXPECT_THAT(
      findings(task("type: spark, application_source: x, env_vars: {A: b}, executors: 2", "emr, cluster_id: j")),
      ElementsAre(HasSubstr("environment variables"), HasSubstr("parallel copies")));
}

TEST_F(AmazonTest, MakesAStackThatIsNotThere) {
  const Rendered rendered = task(
      "type: create_cloudformation_stack, stack_name: s, properties: {Parameters: {Size: 3, On: true}}", "airflow");
  EXPECT_THAT(rendered.findings, IsEmpty());
  const std::string dag = content(rendered, "DAG");
  EXPECT_THAT(dag, HasSubstr("\"ParameterKey\": \"Size\",\n                    \"ParameterValue\": \"3\","));
  EXPECT_THAT(dag, HasSubstr("task_count__check >> task_count__create >> task_count__watch >> task_count\n"));
  EXPECT_THAT(dag, HasSubstr("def choose_creation("));
}

TEST_F(AmazonTest, NamesTheEngineThatCanWhereArgoCannot) {
  const Rendered rendered = task("type: spark, application_source: x", "emr, cluster_id: j", Engine::argo);
  ASSERT_THAT(rendered.findings, SizeIs(1));
  EXPECT_THAT(rendered.findings[0].help, HasSubstr("--engine airflow"));
}

TEST_F(AmazonTest, TellsThatNoEngineRunsSql) {
  for (const Engine engine : {Engine::airflow, Engine::argo})
    EXPECT_THAT(findings(task("type: sql, query: select 1", "emr, cluster_id: j", engine)),
                ElementsAre(HasSubstr("no engine runs task `count`")));
}

TEST_F(AmazonTest, ReportsAMetricsBackendThatIsNone) {
  const Rendered rendered = render_text(pipeline("cmd: x", "", "  metrics: {namespace: n, backends: [statsd]}\n"));
  EXPECT_THAT(findings(rendered), ElementsAre(HasSubstr("no metrics backend `statsd`")));
}

}  // namespace
}  // namespace liminal::engine
