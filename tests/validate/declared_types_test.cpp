// Declared types through all of validation: what is told, where, and that it is told once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> found(const std::string& types, const std::string& task) {
  return testing::findings_of_task(task, types);
}

constexpr const char* one_type =
    "tasks:\n  - type: t\n    keys: {properties: {file: {type: string}}, required: [file]}\n"
    "    container: {image: busybox:1, command: [cat, \"{{ file }}\"]}\n";

TEST(DeclaredTypes, AreTypesLikeOthers) {
  EXPECT_THAT(found(one_type, "type: t\n        file: x"), IsEmpty());
  EXPECT_THAT(found(one_type, "type: t\n        file: x\n        executors: 2"), IsEmpty());
  EXPECT_THAT(found(one_type, "type: tt\n        file: x"),
              ElementsAre(HasSubstr(
                  "unknown-type liminal.yml:8:15 task `a` is of type `tt`, which does not exist; did you mean `t`?")));
}

TEST(DeclaredTypes, WordsThatAreReadAsSomethingElseAreTold) {
  EXPECT_THAT(found("tasks:\n  - type: t\n    keys: {properties: {v: {default: 3.10}}}\n"
                    "    container: {image: busybox:1, command: [echo, 010, 3.10, true, \"010\", \"{{ v }}\"]}\n",
                    "type: t"),
              ElementsAre(HasSubstr("ambiguous-scalar liminal.types.yml:3:38 `3.10` is read as `3.1`"),
                          HasSubstr("ambiguous-scalar liminal.types.yml:4:51 `010` is read as `8`"),
                          HasSubstr("ambiguous-scalar liminal.types.yml:4:56 `3.10` is read as `3.1`")));
}

TEST(DeclaredTypes, BooleansOfATaskAreBooleans) {
  EXPECT_THAT(found("tasks:\n  - type: t\n    keys: {properties: {b: {type: boolean}}}\n"
                    "    container: {image: busybox:1, command: [echo, \"{{ b }}\"]}\n",
                    "type: t\n        b: yes"),
              IsEmpty());
}

TEST(DeclaredTypes, MistakesOfATaskAreToldOnce) {
  EXPECT_THAT(found(one_type, "type: t"),
              ElementsAre("missing-key liminal.yml:8:15 task `a` of type `t` has no `file`; add `file:`"));
  EXPECT_THAT(found(one_type, "type: t\n        fiel: x\n        file: 1"),
              ElementsAre("unknown-key liminal.yml:9:9 `fiel` is not a key of type `t`; did you mean `file`?",
                          "schema-type liminal.yml:10:15 `file` must be a text; put it in quotes"));
  EXPECT_THAT(found(one_type, "type: t\n        file: x\n        executor: none"),
              ElementsAre(HasSubstr("unknown-executor liminal.yml:10:19")));
  EXPECT_THAT(found(one_type, "type: t\n        file: echo {{ ds | uper }}"),
              ElementsAre(HasSubstr("bad-template liminal.yml:9:28")));
}

TEST(DeclaredTypes, MistakesOfADeclarationAreToldOnceAndItsTasksAreNot) {
  const auto declared = [](const std::string& rest) {
    return found("tasks:\n  - type: t\n" + rest, "type: t\n        file: x");
  };
  EXPECT_THAT(declared("    container: {image: i, comand: [x]}\n"),
              ElementsAre(HasSubstr("schema-required liminal.types.yml:3:17"),
                          HasSubstr("unknown-key liminal.types.yml:3:27 `comand` is not a key of")));
  EXPECT_THAT(declared("    container: {command: x}\n"), ElementsAre(HasSubstr("schema-type liminal.types.yml:3:26")));
  EXPECT_THAT(declared("    container: {command: \"{{ x }}\"}\n"),
              ElementsAre(HasSubstr("schema-type liminal.types.yml:3:26")));
  EXPECT_THAT(declared("    keys: {properties: {file: {}}}\n    container: {image: \"i:1\", command: [[x]]}\n"),
              ElementsAre(HasSubstr("schema-type liminal.types.yml:4:41")));
  EXPECT_THAT(declared("    airflow: {}\n"), ElementsAre(HasSubstr("schema-required liminal.types.yml:3:14")));
  EXPECT_THAT(declared("    keys: {properties: {file: {}}}\n    airflow: {operator: a:C, arguments: [x]}\n"),
              ElementsAre(HasSubstr("schema-type liminal.types.yml:4:41")));
  EXPECT_THAT(declared("    kinds: 1\n"), ElementsAre(HasSubstr("bad-type-declaration liminal.types.yml:2:11"),
                                                      HasSubstr("unknown-key liminal.types.yml:3:5")));
  EXPECT_THAT(declared("    container: {image: \"i:1\", command: [x]}\n    keys: {properties: {file: {type: text}}}\n"),
              ElementsAre(HasSubstr("schema-value liminal.types.yml:4:38 `type` cannot be `text`")));
}

TEST(DeclaredTypes, LikeIsABuiltInTypeAlone) {
  for (const char* like : {"b", "\"{{ x }}\"", "[kubernetes]"})
    EXPECT_THAT(found("executors:\n  - {type: g, like: " + std::string(like) + "}\n  - {type: b, like: kubernetes}\n",
                      "type: python\n        image: busybox:1\n        cmd: x"),
                ElementsAre(HasSubstr(" liminal.types.yml:2:21 `like` ")))
        << like;
}

TEST(DeclaredTypes, FileNamedOutrightIsCheckedWithoutAnySystem) {
  const testing::TemporaryFolder folder;
  testing::TestWorld world;
  const auto file = folder.write("liminal.types.yml", "tasks: [{type: t}]\n");
  const World given = world.world();
  const auto files = config::discover(given, folder.path(), {file});
  ASSERT_TRUE(files.has_value());
  const auto validation = validate::validate(given, *files, {});
  ASSERT_EQ(validation.value().findings.size(), 1U);
  EXPECT_EQ(validation.value().findings.front().rule, "bad-type-declaration");
  EXPECT_EQ(validation.value().stage.summary, "1 of 1 file with errors");
}

}  // namespace
}  // namespace liminal
