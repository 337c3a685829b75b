// Rendering real files: determinism, apply order, names, and what an engine cannot express.
#include <algorithm>

#include <gmock/gmock.h>

#include "renderer.hpp"

namespace liminal::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(RenderTest, ArgoEntersAtATemplateOfItsOwn) {
  const Rendered rendered = render_text(pipeline("cmd: python train.py"), Engine::argo);
  const std::string text = content(rendered, "WorkflowTemplate");
  EXPECT_THAT(text, HasSubstr("  entrypoint: pipeline\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "    - name: pipeline\n      dag:\n        failFast: false\n        tasks:\n          - name: train\n"));
}

TEST_F(RenderTest, RefusesObjectsOfTwoSystemsThatHaveOneName) {
  const std::string first = pipeline("cmd: x") + "services: [{service: api, image: 'n:1'}]\n";
  std::string second = first;
  second.replace(0, std::string("name: shop").size(), "name: barn");
  second.replace(second.find("nightly"), std::string("nightly").size(), "daily");
  EXPECT_THAT(
      findings(render_texts({first, second})),
      ElementsAre("3 system `shop` makes a PersistentVolume `data` too",
                  "3 system `shop` makes a PersistentVolumeClaim `data-pvc` too",
                  "12 system `shop` makes a Deployment `api` too", "12 system `shop` makes a Service `api` too"));
  EXPECT_THAT(findings(render_texts({first})), IsEmpty());
}

TEST_F(RenderTest, RendersTheSameBytesForTheSameInput) {
  const Rendered first = render_text(pipeline("cmd: python train.py"));
  const Rendered second = render_text(pipeline("cmd: python train.py"));
  ASSERT_EQ(first.artifacts.size(), second.artifacts.size());
  for (std::size_t i = 0; i < first.artifacts.size(); ++i)
    EXPECT_EQ(first.artifacts[i].content, second.artifacts[i].content);
}

TEST_F(RenderTest, PutsObjectsInTheOrderTheyAreApplied) {
  const Rendered rendered = render_text(pipeline("cmd: python train.py"));
  std::vector<std::string> kinds;
  for (const Artifact& artifact : rendered.artifacts) kinds.push_back(artifact.api_kind);
  EXPECT_THAT(kinds, ElementsAre("PersistentVolume", "PersistentVolumeClaim", "ConfigMap", "DAG"));
  EXPECT_THAT(rendered.findings, SizeIs(0));
}

TEST_F(RenderTest, EachArtifactKnowsTheLineItIsMadeOf) {
  const Rendered rendered = render_text(pipeline("cmd: x", "services:\n- service: web\n  image: wine\n"));
  std::vector<std::string> places;
  for (const Artifact& artifact : rendered.artifacts) {
    const auto place = artifact.origin.location();
    ASSERT_TRUE(place) << artifact.path;
    places.push_back(artifact.api_kind + " " + std::to_string(place->range.begin.line));
  }
  EXPECT_THAT(places, ElementsAre("PersistentVolume 6", "PersistentVolumeClaim 6", "Deployment 3", "Service 3",
                                  "ConfigMap 8", "DAG 8"));
}

TEST_F(RenderTest, WarnsOfAClaimInAnotherNamespaceThanThePods) {
  const auto text = [](const std::string& volume, const std::string& executor) {
    return "name: shop\nvolumes: [{volume: data" + volume + "}]\nexecutors: [{executor: k, type: kubernetes" +
           executor +
           "}]\npipelines:\n- pipeline: nightly\n  start_date: 2026-01-02\n  timeout_minutes: 45\n  tasks:\n"
           "  - {task: train, type: python, image: 'busybox:1', cmd: x, executor: k, mounts: [{volume: data, path: "
           "/data}]}\n"
           "services: [{service: web, image: 'nginx:1', mounts: [{volume: data, path: /data}]}]\n";
  };
  const std::string elsewhere = ", local: {path: .}, namespace: ml";
  const Rendered rendered = render_text(text(elsewhere, ", namespace: ml"));
  EXPECT_THAT(findings(rendered), ElementsAre("2 the claim of volume `data` is made in the namespace `ml`, and service "
                                              "`web`, which mounts it, runs in `default`"));
  EXPECT_EQ(rendered.findings[0].severity, Severity::warning);
  EXPECT_THAT(findings(render_text(text(", local: {path: .}", ", namespace: ml"))),
              ElementsAre("2 the claim of volume `data` is made in the namespace `default`, and task `train`, which "
                          "mounts it, runs in `ml`"));
  EXPECT_THAT(findings(render_text(text(", local: {path: .}, namespace: default", ""))), SizeIs(0));
  EXPECT_THAT(findings(render_text(text(", namespace: ml", ""))), SizeIs(0));  // no claim is made
}

TEST_F(RenderTest, WarnsOfASecretInAnotherNamespaceThanThePods) {
  const auto text = [](const std::string& executor) {
    return "name: shop\nsecrets: [{secret: token}]\nexecutors: [{executor: k, type: kubernetes" + executor +
           "}]\npipelines:\n- pipeline: nightly\n  start_date: 2026-01-02\n  timeout_minutes: 45\n  tasks:\n"
           "  - {task: train, type: python, image: 'busybox:1', cmd: x, executor: k, secrets: [{secret: token, "
           "remote_path: /secret}]}\n";
  };
  EXPECT_THAT(findings(render_text(text(", namespace: ml"))),
              ElementsAre("2 secret `token` is made in the namespace `default`, and task `train`, which mounts it, "
                          "runs in `ml`"));
  EXPECT_THAT(findings(render_text(text(""))), SizeIs(0));
}

TEST_F(RenderTest, LeavesOutAConfigMapThatIsTooLargeAndSaysSo) {
  const Rendered rendered = render_text(pipeline("cmd: " + std::string(1'200'000, 'x')));
  EXPECT_EQ(content(rendered, "ConfigMap"), "");
  EXPECT_THAT(content(rendered, "DAG"), SizeIs(::testing::Gt(1'200'000U)));
  ASSERT_THAT(rendered.findings, SizeIs(1));
  EXPECT_EQ(rendered.findings[0].severity, Severity::warning);
  EXPECT_THAT(rendered.findings[0].message, HasSubstr("the ConfigMap is left out"));
  EXPECT_THAT(rendered.findings[0].help, HasSubstr("deploy --dags"));
}

TEST_F(RenderTest, KeepsTemplatesAndQuotesBracesThatAreNone) {
  const std::string dag =
      content(render_text(pipeline("cmd: 'train {{ ds }} ${#x} {{.Name}} {{ yesterday_ds }}'")), "DAG");
  EXPECT_THAT(dag, HasSubstr("train {{ ds }} ${{ '{#' }}x} {{ '{{' }}.Name}} {{ macros.ds_add(ds, -1) }}"));
}

TEST_F(RenderTest, ReportsATemplateThatAirflow3NoLongerHas) {
  const Rendered rendered = render_text(pipeline("cmd: 'train {{ prev_ds }}'"));
  ASSERT_THAT(rendered.findings, SizeIs(1));
  EXPECT_EQ(rendered.findings[0].rule, "engine-cannot-express");
  EXPECT_EQ(rendered.findings[0].location.range.begin.line, 11U);
}

TEST_F(RenderTest, LooksForARunTimeVariableInTheRunsConfFirst) {
  const std::string dag = content(render_text(pipeline("cmd: 'echo {{ late }}', variables: {late: it''s}")), "DAG");
  EXPECT_THAT(dag, Not(HasSubstr("{{ late }}")));
}

TEST_F(RenderTest, TellsEachParallelCopyWhichItIs) {
  const std::string dag = content(render_text(pipeline("cmd: x, executors: 2")), "DAG");
  EXPECT_THAT(dag, HasSubstr("\"LIMINAL_SPLIT_ID\": \"{{ ti.map_index }}\""));
  EXPECT_THAT(dag, HasSubstr("\"LIMINAL_NUM_SPLITS\": \"2\""));
  const std::string argo = content(render_text(pipeline("cmd: x, executors: 2"), Engine::argo), "WorkflowTemplate");
  EXPECT_THAT(argo, HasSubstr("withSequence:"));
}

TEST_F(RenderTest, KeepsNamesOfPipelinesFromEndingACommentLine) {
  std::string yaml = pipeline("cmd: x");
  yaml.replace(yaml.find("nightly"), 7, "\"a\\nimport os\"");
  const Rendered rendered = render_text(yaml);
  EXPECT_THAT(content(rendered, "DAG"), Not(HasSubstr("\nimport os")));
  for (const Artifact& artifact : rendered.artifacts) EXPECT_THAT(artifact.path, Not(HasSubstr("\n")));
}

TEST_F(RenderTest, RendersNoSecretValueButANote) {
  const Rendered rendered = render_text(pipeline("cmd: x", "secrets: [{secret: aws}]\n"));
  EXPECT_THAT(rendered.notes, Contains(HasSubstr("secret aws in namespace default is not rendered")));
  EXPECT_EQ(content(rendered, "Secret"), "");
}

TEST_F(RenderTest, NotesThatARelativeFolderIsOneOfThisCheckout) {
  EXPECT_THAT(render_text(pipeline("cmd: x")).notes, ElementsAre(HasSubstr("volume data is made for the folder /")));
  std::string yaml = pipeline("cmd: x");
  yaml.replace(yaml.find("path: ."), 7, "path: /mnt/data");
  EXPECT_THAT(render_text(yaml).notes, IsEmpty());
}

TEST_F(RenderTest, ArgoTranslatesDatesAndReportsTheOtherTemplates) {
  const Rendered rendered = render_text(pipeline("cmd: 'x {{ ds }} {{ ti.try_number }}'"), Engine::argo);
  EXPECT_THAT(content(rendered, "WorkflowTemplate"), HasSubstr("workflow.scheduledTime"));
  ASSERT_THAT(rendered.findings, SizeIs(1));
  EXPECT_THAT(rendered.findings[0].message, HasSubstr("ti.try_number"));
}

TEST(KubernetesName, OfWhatTheUserMayHaveMadeElsewhereStays) {
  for (const char* name : {"my.claim", "data", "a-b.c-1"}) EXPECT_EQ(object_name(name), name);
  EXPECT_EQ(object_name("my_claim"), kubernetes_name("my_claim"));
  EXPECT_EQ(object_name(".x"), kubernetes_name(".x"));
}

TEST(KubernetesName, KeepsLegalNamesAndTellsChangedOnesApart) {
  EXPECT_EQ(kubernetes_name("train-model2"), "train-model2");
  EXPECT_NE(kubernetes_name("train_model"), kubernetes_name("train.model"));
  EXPECT_LE(kubernetes_name(std::string(300, 'a'), 52).size(), 52U);
  EXPECT_THAT(kubernetes_name("-_."), Not(HasSubstr("_")));
}

}  // namespace
}  // namespace liminal::engine
