// What placeholders become, and what stays one where it must not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A setting that a placeholder stands for would otherwise be dropped in silence where it turns out wrong.
TEST(RenderedValues, AreCheckedAsWrittenOnes) {
  const auto retries = [](const std::string& value) {
    testing::TemporaryFolder folder;
    folder.write("liminal.yml",
                 "name: shop\nvariables: {" + value +
                     "}\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                     "    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n        cmd: echo\n"
                     "        retries: '{{ n }}'\n");
    return testing::findings_in(folder);
  };
  for (const char* value : {"n: 3", "n: '3'", "n: 0"}) EXPECT_THAT(retries(value), IsEmpty()) << value;
  for (const char* value : {"n: abc", "n: 100000", "n: 1.5", "n: ''", "n: ' 3x'"})
    EXPECT_THAT(retries(value), ElementsAre(HasSubstr("schema-value liminal.yml:12:18 `retries` cannot be what this "
                                                      "placeholder becomes")))
        << value;
  EXPECT_THAT(retries("m: 1"), ElementsAre(HasSubstr("`retries` is a placeholder that nothing gives a value")));
}

TEST(RenderedValues, AreCheckedWhereWordsAndBooleansStand) {
  testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\nvariables: {ro: yess, mode: ReadWriteTwice}\nvolumes:\n  - volume: v\n    local: {path: data}\n"
      "    access_mode: '{{ mode }}'\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
      "    timeout_minutes: 30\n    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n"
      "        cmd: echo\n        mounts: [{mount: m, volume: v, path: /v, read_only: '{{ ro }}'}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("`access_mode` cannot be what this placeholder becomes"),
                          HasSubstr("`read_only` cannot be what this placeholder becomes")));
}

// What to pull is asked before a run could give a value.
TEST(RenderedValues, OfAnImageAreToldWhereNoneIsGiven) {
  const auto of_image = [](const std::string& image, const std::string& root = "") {
    testing::TemporaryFolder folder;
    folder.write("liminal.yml", "name: shop\n" + root +
                                    "pipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
                                    "    timeout_minutes: 30\n    tasks: [{task: a, type: python, cmd: echo, image: '" +
                                    image + "'}]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(of_image("a:{{ tag }}"), ElementsAre(HasSubstr("nothing gives `tag` a value; set it in the root's")));
  EXPECT_THAT(of_image("a:{{ tag }}", "variables: {tag: '1'}\n"), IsEmpty());
  EXPECT_THAT(of_image("a:{{ var.value.tag }}"), IsEmpty());
}

TEST(RenderedValues, ThatAreATypeSayWhichKeysThereAre) {
  testing::TemporaryFolder folder;
  const auto with = [&](const std::string& key) {
    folder.write("liminal.yml",
                 "name: shop\nvariables: {ty: python}\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
                 "    timeout_minutes: 30\n    tasks:\n"
                 "      - {task: a, type: '{{ ty }}', image: 'busybox:1', cmd: echo, " +
                     key + ": 2}\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(with("executors"), IsEmpty());
  EXPECT_THAT(with("executers"), ElementsAre(HasSubstr("is not a key of a task of type `python`; did you mean")));
}

TEST(RenderedValues, AreNoNameTypeOrLayerAbove) {
  for (const char* key : {"name", "type", "super"}) {
    const testing::TemporaryFolder folder;
    folder.write("liminal.yml", std::string(key == std::string("name") ? "" : "name: shop\n") + key +
                                    ": '{{ t }}'\nvariables: {t: super}\npipelines: []\n");
    EXPECT_THAT(testing::findings_in(folder),
                ::testing::Contains(HasSubstr("of a file cannot be a placeholder; write it out")))
        << key;
  }
}

TEST(RenderedValues, OfVariablesAreSingle) {
  EXPECT_THAT(testing::findings_of_python_task("variables: {a: [1]}"),
              ElementsAre(HasSubstr("schema-type liminal.yml:11:24")));
  EXPECT_THAT(testing::findings_of_python_task("variables: {'a b': 1}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:11:21")));
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nvariables: {night: {a: [1], b: 2}}\npipelines:\n"
               "  - {pipeline: daily, start_date: 2026-01-01, timeout_minutes: 30, tasks: [\n"
               "      {task: a, type: python, image: 'busybox:1', cmd: echo, variables: night}]}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("unknown-variables liminal.yml:2:24 `a` of the "
                                    "variables `night`, which task `a` uses, is a list")));
}

TEST(RenderedValues, OfATasksVariablesNameTheNearest) {
  EXPECT_THAT(testing::findings_of_python_task("variables: nightly"),
              ElementsAre(HasSubstr("unknown-variables liminal.yml:11:20")));
  EXPECT_THAT(testing::findings_of_python_task("variables: {a: 3}"), IsEmpty());
}

}  // namespace
}  // namespace liminal
