// Objects for Argo Workflows: what stands in the place of Airflow's arguments, and what each version reads.
#include <set>

#include "renderer.hpp"

namespace liminal::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ArgoTest : public RenderTest {
 protected:
  Rendered argo(const std::string& yaml, ArgoVersion version = {}) { return render_text(yaml, Engine::argo, version); }

  static Json task_template(const Rendered& rendered) {
    return object(rendered, "WorkflowTemplate")["spec"]["templates"][1];
  }
};

TEST_F(ArgoTest, PutsAnExecutorsArgumentsIntoThePod) {
  const Rendered rendered = argo(on_executor(
      "  node_selector: {disk: ssd}\n  tolerations: [{key: gpu, effect: NoExecute, toleration_seconds: 60}]\n"
      "  service_account_name: runner\n  labels: {team: wine}\n  image_pull_policy: Always\n"
      "  resources: {limits: {memory: 1Gi}}\n  hostnetwork: true\n  env_from: [{secretRef: {name: keys}}]\n"));
  EXPECT_THAT(rendered.findings, IsEmpty());
  const Json pod = task_template(rendered);
  EXPECT_EQ(pod["nodeSelector"]["disk"], "ssd");
  EXPECT_EQ(pod["tolerations"][0]["tolerationSeconds"], 60);
  EXPECT_EQ(pod["serviceAccountName"], "runner");
  EXPECT_EQ(pod["metadata"]["labels"]["team"], "wine");
  EXPECT_EQ(pod["metadata"]["labels"]["app.kubernetes.io/managed-by"], "liminal");
  EXPECT_EQ(pod["container"]["imagePullPolicy"], "Always");
  EXPECT_EQ(pod["container"]["resources"]["limits"]["memory"], "1Gi");
  EXPECT_EQ(pod["container"]["envFrom"][0]["secretRef"]["name"], "keys");
  EXPECT_EQ(Json::parse(pod["podSpecPatch"].get<std::string>()), Json({{"hostNetwork", true}}));
}

// As in Airflow: each goes by itself, the task's before its executor's.
TEST_F(ArgoTest, TakesRetriesAndTheirDelayFromWhereverTheyAre) {
  const auto strategy = [&](const std::string& of_executor, const std::string& of_task) {
    const Json pod = task_template(argo(on_executor(of_executor, of_task)));
    return pod.value("retryStrategy", Json());
  };
  const auto expected = [](const char* limit, const char* delay) {
    return Json{{"limit", limit}, {"retryPolicy", "Always"}, {"backoff", {{"duration", delay}}}};
  };
  EXPECT_EQ(strategy("  retry_delay: 7\n", "retries: 2"), expected("2", "7s"));
  EXPECT_EQ(strategy("  retries: 2\n", "retry_delay: 7"), expected("2", "7s"));
  EXPECT_EQ(strategy("  retries: 3\n  retry_delay: 9\n", "retries: 2"), expected("2", "9s"));
  EXPECT_EQ(strategy("  retries: 2\n", ""), expected("2", "300s"));
  EXPECT_EQ(strategy("  retry_delay: 9\n", ""), Json());
  EXPECT_EQ(strategy("", "retries: 2, retry_delay: 0"), (Json{{"limit", "2"}, {"retryPolicy", "Always"}}));
}

// As in Airflow.
TEST_F(ArgoTest, IsDeleteOperatorPodWinsWhateverTheOrder) {
  for (const char* keys : {"  on_finish_action: keep_pod\n  is_delete_operator_pod: true\n",
                           "  is_delete_operator_pod: true\n  on_finish_action: keep_pod\n"}) {
    const Rendered rendered = argo(on_executor(keys));
    EXPECT_EQ(object(rendered, "WorkflowTemplate")["spec"]["podGC"]["strategy"], "OnPodCompletion");
    EXPECT_THAT(rendered.findings, IsEmpty());
  }
}

TEST_F(ArgoTest, LeavesADescriptionAsItIs) {
  const Json pod = task_template(argo(on_executor("", "description: \"does {{ ds }} {{inputs.x}}\"")));
  EXPECT_EQ(pod["metadata"]["annotations"]["kubernetes.io/description"],
            "does {{='{' + '{'}} ds }} {{='{' + '{'}}inputs.x}}");
}

TEST_F(ArgoTest, WarnsOfAResultThatIsNotHandedOn) {
  EXPECT_THAT(findings(argo(on_executor("", "do_xcom_push: true"))),
              ElementsAre(HasSubstr("Argo hands no result of task")));
}

TEST_F(ArgoTest, AddsSecretsOfTheClusterToEnvironmentAndFolders) {
  const Json pod =
      task_template(argo(on_executor("  secrets:\n  - {deploy_type: env, deploy_target: token, secret: keys, key: t}\n"
                                     "  - {deploy_type: volume, deploy_target: /keys, secret: keys}\n")));
  EXPECT_EQ(pod["container"]["env"].back()["name"], "TOKEN");
  EXPECT_EQ(pod["container"]["volumeMounts"][0]["mountPath"], "/keys");
  EXPECT_EQ(pod["volumes"][0]["secret"]["secretName"], "keys");
}

TEST_F(ArgoTest, WarnsOfWhatIsAirflowsAloneAndRefusesWhatChangesThePod) {
  const Rendered rendered =
      argo(on_executor("  pool: small\n  full_pod_spec: {}\n  namespace: other\n  tolerationz: []\n"));
  EXPECT_THAT(findings(rendered),
              ElementsAre(HasSubstr("5 `pool` of executor `k` is an argument of Airflow's"),
                          HasSubstr("6 Argo has nothing for `full_pod_spec`"), HasSubstr("in the workflow's namespace"),
                          HasSubstr("means nothing to an engine")));
  EXPECT_EQ(rendered.findings[0].severity, Severity::warning);
  EXPECT_EQ(rendered.findings[1].severity, Severity::error);
  EXPECT_EQ(rendered.findings[3].help, "did you mean `tolerations`?");
}

TEST_F(ArgoTest, WritesTheScheduleThatTheServersVersionReads) {
  const std::string yaml = pipeline("cmd: x");
  EXPECT_EQ(object(argo(yaml, {3, 6}), "CronWorkflow")["spec"]["schedules"], Json::array({"0 1 * * *"}));
  // The runs that it starts say whose they are, as those that `run` starts.
  EXPECT_EQ(object(argo(yaml), "CronWorkflow")["spec"]["workflowMetadata"]["labels"],
            object(argo(yaml), "WorkflowTemplate")["metadata"]["labels"]);
  const Json older = object(argo(yaml, {3, 5}), "CronWorkflow")["spec"];
  EXPECT_EQ(older["schedule"], "0 1 * * *");
  EXPECT_FALSE(older.contains("schedules"));
}

TEST_F(ArgoTest, WritesPresetsOfAirflowAsCron) {
  std::string yaml = pipeline("cmd: x");
  yaml.replace(yaml.find("0 1 * * *"), 9, "'@quarterly'");
  EXPECT_EQ(object(argo(yaml), "CronWorkflow")["spec"]["schedules"][0], "0 0 1 */3 *");
}

TEST_F(ArgoTest, LetsEveryTaskFailARunInWhichAllRun) {
  const Rendered rendered =
      argo("always_run: true\n" + pipeline("cmd: x}\n  - {task: next, type: python, image: wine, cmd: y"));
  EXPECT_EQ(object(rendered, "WorkflowTemplate")["spec"]["templates"][0]["dag"]["target"], "train next");
}

// Argo: name cannot begin with a digit when using 'depends'.
TEST_F(ArgoTest, NoTaskOfTheGraphBeginsWithADigit) {
  const Json tasks = object(argo(pipeline("cmd: x}\n  - {task: 1-clean, type: python, image: wine, cmd: y}\n"
                                          "  - {task: _2, type: python, image: wine, cmd: y}\n"
                                          "  - {task: task-1-clean, type: python, image: wine, cmd: y")),
                            "WorkflowTemplate")["spec"]["templates"][0]["dag"]["tasks"];
  ASSERT_EQ(tasks.size(), 4U);
  std::set<std::string> names;
  for (const Json& task : tasks) {
    const std::string name = task["name"];
    EXPECT_THAT(name, ::testing::MatchesRegex("[a-z][a-z0-9-]*"));
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 4U);
  EXPECT_EQ(tasks[0]["name"], "train");
  for (std::size_t i = 1; i < tasks.size(); ++i)
    EXPECT_EQ(tasks[i]["depends"], tasks[i - 1]["name"].get<std::string>() + ".Succeeded");
}

TEST_F(ArgoTest, ReportsWhatAPipelineAsksOfAirflow) {
  const Rendered rendered = argo(
      pipeline("cmd: x", "", "  depends_on_past: true\n  email: a@example.org\n  metrics: {backends: [cloudwatch]}\n"));
  EXPECT_THAT(findings(rendered), ElementsAre(HasSubstr("metrics backends"), HasSubstr("10 Argo starts a run whatever"),
                                              HasSubstr("11 `email` of pipeline")));
}

TEST_F(ArgoTest, RefusesATemplateInAVariablesValue) {
  EXPECT_THAT(argo(pipeline("cmd: '{{ p }}', variables: {p: 'a/{{ ds }}'}")).findings, SizeIs(1));
}

TEST_F(ArgoTest, PutsTheScheduledTimeIntoAnImagesTag) {
  std::string yaml = pipeline("cmd: x");
  yaml.replace(yaml.rfind("image: wine, "), 13, "image: 'wine:{{ ds_nodash }}', ");
  const Rendered rendered = argo(yaml);
  EXPECT_THAT(rendered.findings, IsEmpty());
  EXPECT_THAT(task_template(rendered)["container"]["image"].get<std::string>(), HasSubstr("wine:{{=sprig.toDate("));
  yaml.replace(yaml.find("ds_nodash"), 9, "dag_run.x");
  EXPECT_THAT(findings(argo(yaml)), ElementsAre(HasSubstr("Argo cannot render `{{ dag_run.x }}`")));
}

class ServiceTest : public RenderTest {
 protected:
  static std::string service(const std::string& keys) {
    return "name: shop\nimages: [{image: web, type: python_server, source: .}]\nservices:\n- service: web\n  image: "
           "web\n" +
           keys;
  }
};

TEST_F(ServiceTest, ReachesTheServersPortWhateverTheServiceHas) {
  const Rendered rendered = render_text(service("  port: 8080\n"));
  EXPECT_EQ(object(rendered, "Service")["spec"]["ports"][0]["port"], 8080);
  const Json pod = object(rendered, "Deployment")["spec"]["template"]["spec"];
  EXPECT_EQ(pod["containers"][0]["ports"][0]["containerPort"], 80);
}

TEST_F(ServiceTest, ChangesItsImageWithoutARefusedRequest) {
  const Json spec = object(render_text(service("")), "Deployment")["spec"];
  EXPECT_EQ(spec["strategy"]["rollingUpdate"]["maxUnavailable"], 0);
  const Json pod = spec["template"]["spec"];
  EXPECT_TRUE(pod["containers"][0].contains("readinessProbe"));
  EXPECT_EQ(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"],
            Json::array({"sh", "-c", "kill -USR1 1; sleep 5"}));
  EXPECT_GT(pod["terminationGracePeriodSeconds"], 5);
}

TEST_F(ServiceTest, ItsSelectorFindsNoPodsOfTasks) {
  for (const Engine engine : {Engine::argo, Engine::airflow}) {
    std::string yaml = pipeline("cmd: x", "services: [{service: web, image: wine}]\n");
    yaml.replace(yaml.find("nightly"), 7, "web");
    const Rendered rendered = render_text(yaml, engine);
    const Json deployment = object(rendered, "Deployment")["spec"];
    const Json selector = object(rendered, "Service")["spec"]["selector"];
    EXPECT_EQ(deployment["selector"]["matchLabels"], selector);
    EXPECT_EQ(deployment["template"]["metadata"]["labels"]["app.kubernetes.io/name"], "web");
    EXPECT_EQ(selector["app.kubernetes.io/name"], "web") << "a Deployment's selector cannot change";
    if (engine == Engine::argo) {
      const Json labels = object(rendered, "WorkflowTemplate")["spec"]["templates"][1]["metadata"]["labels"];
      EXPECT_EQ(labels["app.kubernetes.io/name"], "pipeline.web");
      EXPECT_EQ(labels["app.kubernetes.io/part-of"], "shop");
      EXPECT_EQ(labels["app.kubernetes.io/component"], "train");
    } else {
      EXPECT_THAT(content(rendered, "DAG"), HasSubstr(R"("app.kubernetes.io/name": "pipeline.web")"));
    }
  }
}

TEST_F(ServiceTest, TakesResourcesAndReportsWhatIsNone) {
  EXPECT_EQ(object(render_text(service("  resources: {limits: {memory: 1Gi}}\n")),
                   "Deployment")["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"],
            "1Gi");
  EXPECT_THAT(findings(render_text(service("  resources: {limit: {memory: 1Gi}}\n"))),
              ElementsAre("6 `resources` of service `web`: `limit` is no field of V1ResourceRequirements"));
}

TEST_F(ServiceTest, WarnsOfObjectsThatAClusterMayNotTake) {
  const auto with = [&](std::size_t size) {
    return render_text(service("  env_vars: {BIG: " + std::string(size, 'x') + "}\n"));
  };
  EXPECT_THAT(with(1U << 20).findings, IsEmpty());
  const Rendered near = with(5U << 18);
  ASSERT_THAT(near.findings, SizeIs(1));
  EXPECT_EQ(near.findings[0].severity, Severity::warning);
  EXPECT_EQ(with(2U << 20).findings.at(0).severity, Severity::error);
}

}  // namespace
}  // namespace liminal::engine
