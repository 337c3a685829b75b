#include <regex>

#include <gmock/gmock.h>

#include "hostile_run.hpp"
#include "runner_commands.hpp"
#include "sample_run.hpp"

namespace liminal::report {
namespace {

using ::testing::HasSubstr;
using testing::sample_context;
using testing::sample_run;
using ::testing::StartsWith;

std::string markdown(const RunReport& run) {
  return write(Kind::markdown, run, sample_context());
}

TEST(Markdown, ShowsStagesFindingsAndTheirSource) {
  const std::string text = markdown(sample_run());
  EXPECT_THAT(text, StartsWith("<!-- liminal:ci -->\n## ❌ liminal ci\n"));
  EXPECT_THAT(text, HasSubstr("| validate | ❌ failed | 1 error in 1 of 2 files | 12 ms |\n"));
  EXPECT_THAT(text, HasSubstr("| build | ⏭️ skipped | validate failed |  |\n"));
  EXPECT_THAT(text,
              HasSubstr("| error | <code>liminal.yml&#58;2&#58;5</code> | unknown key <code>env</code><br>did you mean "
                        "<code>env&#95;vars</code>? | <code>unknown-key</code> |\n"));
  EXPECT_THAT(text, HasSubstr("<pre>\nliminal.yml:2:5: error"));
}

TEST(Markdown, PassesGraphsOn) {
  RunReport run;
  run.command = "plan";
  run.files_checked = 1;
  run.data["mermaid"] = Json::array({"graph LR\n  a --> b", "graph TD\n```\n"});
  const std::string text = markdown(run);
  EXPECT_THAT(text, StartsWith("<!-- liminal:plan -->\n## ✅ liminal plan\n"));
  EXPECT_THAT(text, HasSubstr("\n```mermaid\ngraph LR\n  a --> b\n```\n"));
  EXPECT_THAT(text, HasSubstr("\n````mermaid\ngraph TD\n```\n````\n"));
}

TEST(Markdown, StaysBelowWhatGithubTakesAndSaysWhatIsLeftOut) {
  RunReport run = sample_run();
  run.findings.assign(20'000, testing::sample_finding());
  const std::string text = markdown(run);
  EXPECT_LE(text.size(), 1U << 20);
  EXPECT_THAT(text, HasSubstr("parts are left out here"));
}

Json sample_cluster() {
  return Json::parse(
      R"([{"system": "shop", "namespace": "prod", "revision": 3, "notes": ["a deploy did not end"], "changes": [
    {"action": "create", "kind": "ConfigMap", "name": "dag", "file": "liminal.yml"},
    {"action": "update", "kind": "Deployment", "name": "web", "file": "liminal.yml", "fields": [
      {"path": ".spec.replicas", "kind": "change", "before": 1, "after": 2,
       "conflicts": [{"manager": "kubectl", "operation": "Update", "time": "2026-01-01"}]}]},
    {"action": "update", "kind": "Secret", "name": "key", "fields": [{"path": ".data.credentials", "kind": "change"}]},
    {"action": "replace", "kind": "PersistentVolumeClaim", "name": "data", "note": ".spec cannot change", "losesData": true},
    {"action": "keep", "kind": "PersistentVolume", "name": "old", "note": "its data stays", "losesData": true},
    {"action": "unchanged", "kind": "Service", "name": "web"}]}])");
}

RunReport cluster_run(Json cluster) {
  RunReport run;
  run.command = "plan";
  run.files_checked = 1;
  run.data["context"] = "prod-eu";
  run.data["cluster"] = std::move(cluster);
  return run;
}

TEST(Markdown, ShowsWhatChangesOnAClusterTheRiskyFirst) {
  const std::string text = markdown(cluster_run(sample_cluster()));
  EXPECT_THAT(text,
              HasSubstr("**1 create, 2 change, 1 replace, 0 delete, 1 keep, 1 unchanged** in <code>prod-eu</code>\n"));
  EXPECT_THAT(text, HasSubstr("- ⚠️ **data is lost** with <code>PersistentVolumeClaim&#47;data</code>: "
                              "<code>.spec</code> cannot change\n"));
  EXPECT_THAT(text, HasSubstr("- **set by others:** <code>.spec.replicas</code> of <code>Deployment&#47;web</code>, by "
                              "<code>kubectl</code> since <code>2026-01-01</code>\n"));
  EXPECT_THAT(text, HasSubstr("<details><summary><code>shop</code> in namespace <code>prod</code>: 1 create,"));
  EXPECT_THAT(text,
              HasSubstr("| <code>Deployment&#47;web</code> | <code>.spec.replicas</code> | <code>1</code><br>set by "
                        "<code>kubectl</code> since <code>2026-01-01</code> | <code>2</code> |\n"));
  EXPECT_THAT(text,
              HasSubstr("| <code>Secret&#47;key</code> | <code>.data.credentials</code> | not shown | not shown |\n"));
  EXPECT_LT(text.find("| replace |"), text.find("| change |"));
  EXPECT_LT(text.find("| change |"), text.find("| create |"));
  EXPECT_EQ(text.find("data is lost"), text.rfind("data is lost")) << "what is kept loses nothing";
}

TEST(Markdown, OfAClusterFitsACommentAndSaysWhatIsLeftOut) {
  Json cluster = sample_cluster();
  Json& changes = cluster[0]["changes"];
  const Json update = changes[1];
  const Json replace = changes[3];
  changes.erase(3);
  for (int i = 0; i < 3000; ++i) {
    changes.push_back(update);
    changes.back()["name"] = "web-" + std::to_string(i);
    changes.back()["fields"][0]["after"] = std::string(500, '|');
  }
  changes.push_back(replace);
  const std::string text = markdown(cluster_run(cluster));
  EXPECT_LT(text.size(), 65'000U);
  EXPECT_GT(text.size(), 30'000U) << "as much as there is room for";
  EXPECT_THAT(text, HasSubstr("data is lost"));
  EXPECT_THAT(text, HasSubstr("**Left out here**, for want of room: "));
  EXPECT_THAT(text, HasSubstr("and 2982 more of these"));
}

TEST(Markdown, OfManySystemsFitsACommentToo) {
  Json cluster = Json::array();
  for (int i = 0; i < 1000; ++i) cluster.push_back(sample_cluster()[0]);
  const std::string text = markdown(cluster_run(cluster));
  EXPECT_LT(text.size(), 65'000U);
  EXPECT_THAT(text, HasSubstr(" systems, "));
}

// Outside of code there are plain words and our own markup alone.
TEST(Markdown, LetsNoMarkupOrMentionThroughWhateverTheTextsAre) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    RunReport run = testing::hostile_run(seed);
    run.command = "ci";
    run.data.erase("mermaid");
    std::string text = markdown(run);
    ASSERT_THAT(text, StartsWith("<!-- liminal:ci -->\n"));
    ASSERT_EQ(text.find("<!--", 1), std::string::npos) << seed;
    // Nothing inside of code can end it.
    for (const auto& [open, close] : {std::pair{"<pre>", "</pre>"}, std::pair{"<code>", "</code>"}}) {
      for (std::size_t begin = 0; (begin = text.find(open)) != std::string::npos;) {
        const std::size_t end = text.find(close, begin);
        ASSERT_NE(end, std::string::npos) << seed;
        const std::string inside =
            text.substr(begin + std::string(open).size(), end - begin - std::string(open).size());
        ASSERT_EQ(inside.find_first_of("<>@"), std::string::npos) << seed << inside;
        text.erase(begin, end + std::string(close).size() - begin);
      }
    }
    for (const char* own : {"<!-- liminal:ci -->", "<br>", "<details><summary>With their source</summary>",
                            "<details><summary>", "</summary>", "</details>"}) {
      for (std::size_t at = 0; (at = text.find(own)) != std::string::npos;) text.erase(at, std::string(own).size());
    }
    ASSERT_EQ(text.find_first_of("<>@[]!`\\~$&_"), std::string::npos) << seed << "\n" << text;
    ASSERT_EQ(text.find("://"), std::string::npos) << seed;
  }
}

// `--format markdown` shows it in a step's log.
TEST(Markdown, HoldsNoCommandOfARunnerWhateverTheTextsAre) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    RunReport run = testing::hostile_run(seed);
    run.command = "ci";
    const std::string text = markdown(run);
    ASSERT_THAT(testing::runner_commands(text), ::testing::IsEmpty()) << seed;
  }
}

TEST(Markdown, HoldsNoCommandInABlock) {
  RunReport run = sample_run();
  run.stages.back().cases.front().outcome = Outcome::failed;
  run.stages.back().cases.front().output = "::error::x\n :\u0301:debug::y\n##[group]z\na: b\n";
  const std::string text = markdown(run);
  EXPECT_THAT(text, HasSubstr("\n&#58;:error&#58;:x\n &#58;\u0301:debug&#58;:y\n&#35;&#35;[group]z\na: b\n</pre>"));
}

}  // namespace
}  // namespace liminal::report
