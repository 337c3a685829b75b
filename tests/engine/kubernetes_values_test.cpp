// What Kubernetes refuses of the values of an executor's keys, told at the value by either engine.
#include "renderer.hpp"

namespace liminal::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KubernetesValues : public RenderTest, public ::testing::WithParamInterface<Engine> {
 protected:
  std::vector<std::string> told(const std::string& keys) {
    return findings(render_text(on_executor("  " + keys + "\n"), GetParam()));
  }
};

INSTANTIATE_TEST_SUITE_P(Of, KubernetesValues, ::testing::Values(Engine::airflow, Engine::argo),
                         [](const auto& engine) { return engine.param == Engine::airflow ? "Airflow" : "Argo"; });

TEST_P(KubernetesValues, OfAFixedChoiceAreToldWithTheLikelyOne) {
  EXPECT_THAT(told("tolerations: [{key: gpu, operator: exists}]"),
              ElementsAre(HasSubstr("`operator` cannot be `exists`")));
  const Rendered rendered = render_text(on_executor("  tolerations: [{key: gpu, effect: noschedule}]\n"), GetParam());
  ASSERT_EQ(rendered.findings.size(), 1U);
  EXPECT_EQ(rendered.findings[0].location.range.begin.column, 36U);
  EXPECT_EQ(rendered.findings[0].help, "did you mean `NoSchedule`?");
  const Rendered port = render_text(on_executor("  ports: [{containerPort: 80, protocol: tcp}]\n"), GetParam());
  ASSERT_EQ(port.findings.size(), 1U);
  EXPECT_EQ(port.findings[0].help, "did you mean `TCP`?");
  for (const char* keys :
       {"dnspolicy: clusterfirst", "image_pull_policy: always", "ports: [{containerPort: 80, protocol: tcp}]",
        "volumes: [{name: v, hostPath: {path: /x, type: dir}}]",
        "volumes: [{name: v, emptyDir: {}}]\n  volume_mounts: [{name: v, mountPath: /x, mountPropagation: both}]",
        "security_context: {fsGroupChangePolicy: always}",
        "container_security_context: {seccompProfile: {type: Default}}"})
    EXPECT_THAT(told(keys), ElementsAre(HasSubstr("cannot be"))) << keys;
}

TEST_P(KubernetesValues, OutOfTheirRangeAreTold) {
  EXPECT_THAT(told("ports: [{containerPort: 70000}]"), ElementsAre(HasSubstr("`containerPort` cannot be `70000`")));
  for (const char* keys : {"ports: [{containerPort: 0}]", "active_deadline_seconds: 0", "termination_grace_period: -1",
                           "security_context: {runAsUser: -1}",
                           "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, "
                           "preference: {}}]}}"})
    EXPECT_THAT(told(keys), ElementsAre(HasSubstr("cannot be"))) << keys;
}

TEST_P(KubernetesValues, ThatAreNoNamesAreTold) {
  for (const char* keys :
       {"tolerations: [{key: 'a b', operator: Exists}]", "volumes: [{name: A_b, emptyDir: {}}]",
        "init_containers: [{name: a b, image: 'busybox:1'}]", "service_account_name: A_b", "priority_class_name: A_b",
        "hostname: a.b", "tolerations: [{key: a, operator: Equal, value: a b}]",
        "ports: [{containerPort: 80, name: UPPER}]", "host_aliases: [{ip: abc, hostnames: [a]}]",
        "volumes: [{name: v, configMap: {name: X_Y}}]",
        "volumes: [{name: v, emptyDir: {}}]\n  volume_mounts: [{name: v, mountPath: /x, subPath: "
        "../a}]"})
    EXPECT_THAT(told(keys), ElementsAre(HasSubstr("cannot be"))) << keys;
}

TEST_P(KubernetesValues, ThatDoNotGoTogetherAreTold) {
  const auto node = [](const std::string& expression) {
    return "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
           "[{matchExpressions: [{key: disk, " +
           expression + "}]}]}}}";
  };
  EXPECT_THAT(told("tolerations: [{key: gpu, operator: Exists, value: x}]"), ElementsAre(HasSubstr("has no `value`")));
  EXPECT_THAT(told("tolerations: [{effect: NoSchedule}]"), ElementsAre(HasSubstr("has the `operator` `Exists`")));
  EXPECT_THAT(told("tolerations: [{key: a, operator: Exists, tolerationSeconds: 5}]"),
              ElementsAre(HasSubstr("`NoExecute` alone")));
  EXPECT_THAT(told(node("operator: In")), ElementsAre(HasSubstr("takes at least one of `values`")));
  EXPECT_THAT(told(node("operator: Exists, values: [a]")), ElementsAre(HasSubstr("takes no `values`")));
  EXPECT_THAT(told(node("operator: Gt, values: ['1', '2']")), ElementsAre(HasSubstr("takes one number")));
  EXPECT_THAT(told("container_security_context: {privileged: true, allowPrivilegeEscalation: false}"),
              ElementsAre(HasSubstr("`privileged`")));
  EXPECT_THAT(told("volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}]"),
              ElementsAre(HasSubstr("a volume is of one kind")));
  EXPECT_THAT(told("volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]"),
              ElementsAre(HasSubstr("another of the list has the `name` `v`")));
  EXPECT_THAT(told("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
                   "[]}}}"),
              ElementsAre(HasSubstr("at least one term")));
  EXPECT_THAT(told("ports: [{containerPort: 80, name: web}, {containerPort: 81, name: web}]"),
              ElementsAre(HasSubstr("another of the list has the `name` `web`")));
  EXPECT_THAT(told(GetParam() == Engine::airflow ? "init_containers: [{name: base, image: 'busybox:1'}]"
                                                 : "init_containers: [{name: main, image: 'busybox:1'}]"),
              ElementsAre(HasSubstr("another container of the pod is called")));
  EXPECT_THAT(told("init_containers: [{name: a, image: 'busybox:1', volumeMounts: [{name: v, mountPath: /x}]}]"),
              ElementsAre(HasSubstr("no volume of the pod of task `train` is called `v`")));
  EXPECT_THAT(told("init_containers: [{name: a}]"), ElementsAre(HasSubstr("a container has to have an `image`")));
}

TEST_P(KubernetesValues, ThatAreEmptyItemsAreTold) {
  for (const char* keys : {"tolerations: [null]", "volumes: [null]", "env_from: [null]", "configmaps: [null]",
                           "image_pull_secrets: [null]"})
    EXPECT_THAT(told(keys), ElementsAre(HasSubstr("an item of the list is empty"))) << keys;
}

TEST_P(KubernetesValues, ThatNameVolumesFindThem) {
  EXPECT_THAT(
      told("volume_mounts: [{name: scratch, mountPath: /x}]"),
      ElementsAre("5 `volume_mounts` of executor `k`: no volume of the pod of task `train` is called `scratch`"));
  EXPECT_THAT(told("volumes: [{name: scratch, emptyDir: {}}]\n  volume_mounts: [{name: scrach, mountPath: /x}]"),
              ElementsAre(HasSubstr("is called `scrach`")));
  const std::string mounted = pipeline("cmd: x, executor: k, mounts: [{mount: m, volume: data, path: /d}]",
                                       "executors:\n- executor: k\n  type: kubernetes\n"
                                       "  volume_mounts: [{name: data, mountPath: /again}]\n");
  EXPECT_THAT(findings(render_text(mounted, GetParam())), IsEmpty());
  // One at the place of the task's own is left out, whatever it names.
  const std::string at_one_place = pipeline("cmd: x, executor: k, mounts: [{mount: m, volume: data, path: /d}]",
                                            "executors:\n- executor: k\n  type: kubernetes\n"
                                            "  volume_mounts: [{name: code, mountPath: /d}]\n");
  EXPECT_THAT(findings(render_text(at_one_place, GetParam())), IsEmpty());
}

TEST_P(KubernetesValues, ThatTheTasksOwnTakeThePlaceOfAreLeftOut) {
  const Rendered rendered = render_text(
      pipeline("cmd: x, executor: k, mounts: [{mount: m, volume: data, path: /d}]",
               "executors:\n- executor: k\n  type: kubernetes\n  volumes: [{name: data, emptyDir: {}}, {name: tmp, "
               "emptyDir: {}}]\n  volume_mounts: [{name: tmp, mountPath: /d}, {name: tmp, mountPath: /tmp}]\n"),
      GetParam());
  EXPECT_THAT(rendered.findings, IsEmpty());
  const std::string text = content(rendered, GetParam() == Engine::airflow ? "DAG" : "WorkflowTemplate");
  const auto count = [&](const std::string& word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
  };
  const bool airflow = GetParam() == Engine::airflow;
  EXPECT_EQ(count(airflow ? "mount_path=\"/d\"" : "mountPath: /d"), 1U) << text;
  EXPECT_EQ(count(airflow ? "mount_path=\"/tmp\"" : "mountPath: /tmp"), 1U);
  EXPECT_EQ(count(airflow ? "empty_dir=" : "emptyDir:"), 1U);
}

TEST_P(KubernetesValues, OfLabelsThatPodsHaveOfTheirOwnAreTold) {
  EXPECT_THAT(told("labels: {app.kubernetes.io/name: mine}"),
              ElementsAre("5 `labels` of executor `k`: every pod has a `app.kubernetes.io/name` of its own"));
}

TEST_P(KubernetesValues, ThatAreRightPass) {
  for (const char* keys :
       {"tolerations: [{operator: Exists}]", "tolerations: [{key: example.com/gpu, value: a, effect: NoSchedule}]",
        "tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]", "dnspolicy: ClusterFirst",
        "ports: [{containerPort: 65535, protocol: UDP}]", "termination_grace_period: 0",
        "volumes: [{name: v, hostPath: {path: /x, type: ''}}]\n  volume_mounts: [{name: v, mountPath: /x}]",
        "init_containers: [{name: a, image: 'busybox:1'}]", "labels: {team: ml}",
        "security_context: {fsGroup: 0, runAsUser: 1000}",
        // What is empty or null is not set.
        "tolerations: [{key: gpu, operator: Equal, value: a, effect: ''}, {key: a, operator: '', value: b}]",
        "tolerations: [{key: gpu, operator: Exists, effect: NoSchedule, toleration_seconds: null}]",
        "init_containers: [{name: a, image: 'busybox:1', imagePullPolicy: ''}]", "volumes: [{name: v, hostPath: null}]",
        "image_pull_secrets: 'a, b'"})
    EXPECT_THAT(told(keys), IsEmpty()) << keys;
}

}  // namespace
}  // namespace liminal::engine
