// Templates of tasks: what is told, where, and what is left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string found(const std::string& key) {
  std::string text;
  for (const std::string& line : testing::findings_of_task("type: python\n        image: busybox:1\n        " + key))
    text += line + "\n";
  return text;
}

TEST(Templates, AreToldAtTheirPlace) {
  EXPECT_THAT(found(R"(cmd: "echo \u00e9 {{ ds }")"),
              HasSubstr("bad-template liminal.yml:10:27 the template `{{ ds` is not closed"));
  EXPECT_THAT(found("cmd: echo {{ ds | uper }} {{ ts | nosuchthing }}"),
              HasSubstr("filter `uper`; did you mean `upper`"));
  EXPECT_THAT(found("cmd: echo {{ tomorrow_ds"),
              HasSubstr("liminal.yml:10:19 the template `{{ tomorrow_ds` is not closed"));
  EXPECT_THAT(found("cmd: echo {{ conf"), HasSubstr("liminal.yml:10:19 the template `{{ conf` is not closed"));
  EXPECT_THAT(found("cmd: echo {{ outlet_events | uper }}"), HasSubstr("did you mean `upper`?"));
  EXPECT_THAT(found("env_vars: {DAY: \"{{ params.day\"}"), HasSubstr("bad-template liminal.yml:10:26"));
}

TEST(Templates, OfOneTextAreToldUntilItIsPlain) {
  std::string command = "cmd: echo";
  for (int i = 0; i < 3000; ++i) command += " {{ ds";
  const std::string all = found(command);
  std::size_t count = 0;
  for (std::size_t at = all.find("bad-template"); at != std::string::npos; at = all.find("bad-template", at + 1))
    ++count;
  EXPECT_EQ(count, 10U);
}

TEST(Templates, OfTheFilesOwnVariablesAreReplacedAloneAndNotInExpressions) {
  testing::TemporaryFolder folder;
  const auto with = [&](const std::string& keys) {
    folder.write(
        "liminal.yml",
        "name: shop\nvariables: {v: x}\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
        "    timeout_minutes: 30\n    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n"
        "        " +
            keys + "\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(with("cmd: echo {{ v }} {{ v.w }} {{ w | upper }} {{ ds }}"), IsEmpty());
  EXPECT_THAT(
      with("cmd: echo {{ v | upper }} {{ v[:2] }}"),
      ::testing::ElementsAre(HasSubstr("warning bad-template liminal.yml:11:22 `{{ v | upper }}` stays as it is"),
                             HasSubstr("warning bad-template liminal.yml:11:38")));
  EXPECT_THAT(with("cmd: echo {{ v | upper }}\n        variables: {v: y}"), IsEmpty());
}

TEST(Templates, OfAirflowAndBracesOfOtherProgramsAreLeftAlone) {
  for (const char* command : {"echo {{ ds }} {{ ts|upper }} {{ macros.ds_add(ds, 1) | replace('|', '}}') }}",
                              "docker ps --format '{{.Names}}'", "vault {{ key | toJSON }}", "echo ${#name} {{ foo",
                              "awk '{{ print }'", "{{ templates_dict", "echo '{% raw %}{{ ds{% endraw %}'",
                              "{%- raw -%}{{ ds }{%- endraw -%}", "{%raw%}{{ ds }{%endraw%}"})
    EXPECT_THAT(found(std::string("cmd: |-\n          ") + command), IsEmpty()) << command;
}

// `root` and what stands below the task's `image`.
std::vector<std::string> with_variables(const std::string& root, const std::string& keys) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nvariables: {mount_path: /x, db: {host: h}}\n" + root +
                   "\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                   "    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n        " +
                   keys + "\n");
  return testing::findings_in(folder);
}

TEST(Placeholders, ThatAreNearlyAVariableAreTold) {
  EXPECT_THAT(with_variables("", "cmd: echo {{mount_pth}}"),
              ::testing::ElementsAre(HasSubstr("warning placeholder-without-value liminal.yml:12:21 nothing gives "
                                               "`{{ mount_pth }}` a value; did you mean `mount_path`?")));
  EXPECT_THAT(with_variables("", "cmd: echo {{ db.host }}"),
              ::testing::ElementsAre(HasSubstr("give it a variable of its own")));
  // A run's, an Airflow's, a task's own, and names that are like no other.
  for (const char* keys : {"cmd: echo {{ mode }}", "cmd: echo {{ ds }}", "cmd: echo {{ mount }}",
                           "cmd: '{% set mount_pth = 1 %}{{ mount_pth }}'",
                           "cmd: echo {{ mount_pat }}\n        variables: {mount_pat: 1}"})
    EXPECT_THAT(with_variables("", keys), IsEmpty()) << keys;
}

TEST(Placeholders, AreToldWhereNothingRendersThem) {
  EXPECT_THAT(with_variables("volumes: [{volume: v, local: {path: 'data/{{ tag }}'}}]", "cmd: echo"),
              ::testing::Contains(::testing::StartsWith("placeholder-without-value liminal.yml:3:")));
  EXPECT_THAT(with_variables("services: [{service: web, image: 'busybox:1', env_vars: {A: '{{ds}}'}}]", "cmd: echo"),
              ::testing::ElementsAre(HasSubstr("`{{ ds }}` is for tasks alone")));
}

}  // namespace
}  // namespace liminal
