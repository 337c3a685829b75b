// Every rule's documentation is its test: the bad example has the finding, the good one has no error at all.
#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "liminal/engine/engine.hpp"
#include "liminal/validate/validate.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal {
namespace {

// The files of an example: a line `# FOLDER/liminal.yml`, `# FOLDER/requirements.txt` or `# liminal.types.yml` begins
// another one.
void write_files(const testing::TemporaryFolder& folder, std::string_view example) {
  std::string name = "liminal.yml";
  std::string content;
  std::istringstream lines{std::string(example)};
  for (std::string line; std::getline(lines, line);) {
    const bool begins =
        line.ends_with("/liminal.yml") || line.ends_with("/requirements.txt") || line == "# liminal.types.yml";
    if (line.starts_with("# ") && begins) {
      folder.write(name, content);
      name = line.substr(2);
      content.clear();
    } else {
      content += line + '\n';
    }
  }
  folder.write(name, content);
}

// Of validation, and of rendering for the engine that cannot do everything the other can.
std::vector<Diagnostic> findings_of(std::string_view example) {
  const testing::TemporaryFolder folder;
  write_files(folder, example);
  folder.write("src/train.py", "print('training')\n");
  folder.write("src/serving.py", "def predict(body):\n    return 'ok'\n");
  folder.write("data/.keep", "");
  folder.write("warehouse.txt", "user:password");
  folder.write("pip.conf", "[global]\n");
  testing::TestWorld world(std::map<std::string, std::string>{{"SHOP_API_TOKEN", "hidden"}});
  const World given = world.world();
  const auto files = config::discover(given, folder.path(), {folder.path()});
  validate::Validation validated = validate::validate(given, files.value(), {}).value();
  engine::Target target;
  target.engine = engine::Engine::argo;
  target.image_reference = [](const model::System&, const model::Image& image) { return image.name; };
  const engine::Rendered rendered = engine::render(validated.systems, target);
  std::copy(rendered.findings.begin(), rendered.findings.end(), std::back_inserter(validated.findings));
  return validated.findings;
}

std::string told(const std::vector<Diagnostic>& findings) {
  std::string text;
  for (const Diagnostic& finding : findings) {
    text +=
        finding.rule + " at line " + std::to_string(finding.location.range.begin.line) + ": " + finding.message + "\n";
  }
  return text;
}

class RuleExamples : public ::testing::TestWithParam<const rules::Rule*> {};

TEST_P(RuleExamples, BadExampleHasTheFindingAtAPlaceWithAdvice) {
  const auto findings = findings_of(GetParam()->bad);
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [](const auto& finding) { return finding.rule == GetParam()->id; });
  ASSERT_NE(found, findings.end()) << "found instead:\n" << told(findings);
  EXPECT_EQ(found->severity, GetParam()->severity);
  EXPECT_GT(found->location.range.begin.line, 0U);
  EXPECT_FALSE(found->message.empty());
  EXPECT_FALSE(found->help.empty()) << found->message;
}

TEST_P(RuleExamples, GoodExampleHasNoFinding) {
  const auto findings = findings_of(GetParam()->good);
  EXPECT_TRUE(findings.empty()) << told(findings);
}

TEST(RuleMountPath, LooksAtTheMountsAndSecretsOfServicesToo) {
  const auto findings = findings_of(R"(name: shop
volumes:
  - volume: data
secrets:
  - secret: warehouse
    local_path_file: warehouse.txt
images:
  - image: server
    type: python_server
    source: src
    endpoints:
      - endpoint: /predict
        module: serving
        function: predict
services:
  - service: predictor
    image: server
    mounts:
      - mount: data
        volume: data
        path: /mnt/../srv
    secrets:
      - secret: warehouse
        remote_path: /run/../root
)");
  EXPECT_EQ(told(findings),
            "mount-path at line 21: `path` of a mount of service `predictor` climbs by `..`\n"
            "mount-path at line 24: `remote_path` of a mount of service `predictor` climbs by `..`\n");
}

TEST(RuleDangerousVolume, TellsWhatOnlyAShellReplaces) {
  for (const char* path : {"~/data", "$HOME/data", "data/${USER}"}) {
    const auto findings = findings_of(fmt::format(R"(name: shop
volumes:
  - volume: data
    local:
      path: {}
pipelines: []
)",
                                                  path));
    EXPECT_EQ(
        told(findings),
        fmt::format("dangerous-volume at line 5: volume `data` mounts `{}`, in which nothing is replaced: it would "
                    "be a folder of that very name\n",
                    path));
  }
}

constexpr std::string_view shop_with_an_image = R"(name: shop
images:
  - image: {}
    type: python
    source: src
pipelines: []
)";

TEST(RuleBadName, TakesImagesAsRegistriesDo) {
  for (const char* name :
       {"rootfs:/etc", "rootfs:root", "oci:/etc", "host:/x", "a:b:c", "UPPER", "team//x", "x:-1", "x@sha256:12"}) {
    const auto findings = findings_of(fmt::format(fmt::runtime(shop_with_an_image), name));
    ASSERT_EQ(findings.size(), 1U) << name << told(findings);
    EXPECT_EQ(findings[0].rule, "bad-name");
    EXPECT_EQ(findings[0].location.range.begin, (Position{3, 12}));
  }
  for (const char* name : {"trainer", "team/trainer:1.0", "localhost:5000/team/trainer", "a__b/c-d.e:x_Y"})
    EXPECT_EQ(told(findings_of(fmt::format(fmt::runtime(shop_with_an_image), name))), "") << name;
  EXPECT_EQ(
      told(findings_of(fmt::format(fmt::runtime(shop_with_an_image), "trainer\n    base: foo bar"))),
      "bad-name at line 4: `foo bar` is not an image name: the name may hold lower-case letters, digits, and . _ - / "
      "between them\n");
}

TEST(RuleBadName, TakesImagesThatArePulledAsRegistriesDo) {
  const auto with = [](const char* image) {
    return told(findings_of(fmt::format(R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-31
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: "{}"
        cmd: echo training
)",
                                        image)));
  };
  for (const char* image : {"UPPER:1", "a b:1", "x:", "x@sha256:12", "rootfs:/etc", "oci:/etc"})
    EXPECT_EQ(with(image).find("bad-name at line 9"), 0U) << image << with(image);
  for (const char* image : {"busybox:1.36", "localhost:5000/team/x:1", "python:{{ version }}"})
    EXPECT_EQ(with(image).find("bad-name"), std::string::npos) << with(image);
}

TEST(RuleBadPythonVersion, TakesWhatPythonsImagesAreTaggedWith) {
  const auto with = [](const char* version) {
    return findings_of(
        fmt::format(fmt::runtime(shop_with_an_image), fmt::format("trainer\n    python_version: {}", version)));
  };
  for (const char* version : {"3", "'3.12'", "3.7", "3.10", "3.12.1", "3.14.0rc1", "3.15-rc"})
    EXPECT_EQ(told(with(version)), "") << version;
  for (const char* version : {"'>=3'", "2.7", "'3.'", "30", "latest", "3.12-slim", "'3.12 '", "''", "3.1.2.3", "3.1"}) {
    const auto findings = with(version);
    ASSERT_EQ(findings.size(), 1U) << version << told(findings);
    EXPECT_EQ(findings[0].rule, "bad-python-version");
  }
}

TEST(RuleBadDate, TellsATimeThatIsNotUsed) {
  const auto with = [](const char* date) {
    return findings_of(fmt::format(R"(name: shop
pipelines:
  - pipeline: daily
    start_date: {}
    timeout_minutes: 30
    tasks: [{{task: a, type: python, image: python:3, cmd: echo}}]
)",
                                   date));
  };
  EXPECT_EQ(told(with("2026-01-31")), "");
  EXPECT_EQ(told(with("2026-01-31 00:00:00")), "");
  EXPECT_EQ(told(with("2026-01-31T05:00:00+02:00")),
            "bad-date at line 4: `start_date` is a day in UTC: `05:00:00+02:00` of it is not used\n");
}

TEST(RuleBadCron, LeavesWhatIsNoTextToTheSchema) {
  const auto findings = findings_of(R"(name: shop
pipelines:
  - pipeline: daily
    schedule: 5
    start_date: 2026-01-31
    timeout_minutes: 30
    tasks: [{task: a, type: python, image: python:3, cmd: echo}]
)");
  ASSERT_EQ(findings.size(), 1U) << told(findings);
  EXPECT_EQ(findings[0].rule, "schema-type");
}

// What is above them would be dropped, and the default taken.
TEST(Limits, ArePartOfTheSchema) {
  const auto findings = findings_of(R"(name: shop
images:
  - image: server
    type: python_server
    source: src
    endpoints: [{endpoint: /predict, module: serving, function: predict}]
services:
  - service: predictor
    image: server
    replicas: 10001
pipelines:
  - pipeline: daily
    start_date: 0000-01-01
    timeout_minutes: 527041
    tasks:
      - task: train
        type: python
        image: server
        cmd: echo
        executors: 1001
        retries: 101
        retry_delay: 2592001
)");
  EXPECT_EQ(told(findings),
            "schema-value at line 10: `replicas` cannot be 10001\n"
            "bad-date at line 13: `0000-01-01` is not a date of the calendar\n"
            "schema-value at line 14: `timeout_minutes` cannot be 527041\n"
            "schema-value at line 20: `executors` cannot be 1001\n"
            "schema-value at line 21: `retries` cannot be 101\n"
            "schema-value at line 22: `retry_delay` cannot be 2592001\n");
}

std::vector<const rules::Rule*> rules_with_examples() {
  std::vector<const rules::Rule*> rules;
  const auto has_example = [](const rules::Rule* rule) { return !rule->bad.empty(); };
  std::copy_if(rules::all().begin(), rules::all().end(), std::back_inserter(rules), has_example);
  return rules;
}

INSTANTIATE_TEST_SUITE_P(All, RuleExamples, ::testing::ValuesIn(rules_with_examples()), [](const auto& tested) {
  std::string name(tested.param->id);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(RuleCatalogue, DocumentsEveryRule) {
  std::vector<std::string_view> without_example;
  for (const rules::Rule* rule : rules::all()) {
    EXPECT_FALSE(rule->summary.empty()) << rule->id;
    EXPECT_FALSE(rule->explanation.empty()) << rule->id;
    EXPECT_EQ(rule->bad.empty(), rule->good.empty()) << rule->id;
    if (rule->bad.empty()) without_example.push_back(rule->id);
  }
  // What no text of an example's size can show; tests of the layers that report them do.
  EXPECT_EQ(without_example, (std::vector<std::string_view>{"expansion-limit", "secret-in-source", "too-many-findings",
                                                            "unpinned-image", "unreadable-file"}));
}

TEST(RuleCatalogue, IsSortedAndUnique) {
  const auto rules = rules::all();
  EXPECT_TRUE(std::is_sorted(rules.begin(), rules.end(), [](const auto* a, const auto* b) { return a->id < b->id; }));
  EXPECT_EQ(std::adjacent_find(rules.begin(), rules.end(), [](const auto* a, const auto* b) { return a->id == b->id; }),
            rules.end());
  EXPECT_NE(rules::find("unknown-image"), nullptr);
  EXPECT_EQ(rules::find("no-such-rule"), nullptr);
}

}  // namespace
}  // namespace liminal
