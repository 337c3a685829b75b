// Files that a source folder has, and its .dockerignore keeps out of the image.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> with_script(const std::string& dockerignore, const std::string& command) {
  const testing::TemporaryFolder folder;
  folder.write("src/train.py", "");
  folder.write("src/tools/eval.py", "");
  folder.write("src/.dockerignore", dockerignore);
  folder.write("liminal.yml",
               "name: shop\nimages: [{image: trainer, type: python, source: src}]\npipelines:\n"
               "  - {pipeline: daily, start_date: 2026-01-01, timeout_minutes: 30, tasks: [\n"
               "      {task: a, type: python, image: trainer, cmd: " +
                   command + "}]}\n");
  return testing::findings_in(folder);
}

TEST(LeftOut, AScriptIsToldAtItsPlaceInTheCommand) {
  EXPECT_THAT(with_script("*.py\n", "python -u train.py --fast"),
              ElementsAre(AllOf(HasSubstr("missing-script liminal.yml:5:62 task `a` runs `train.py`, which `src` has "
                                          "and image `trainer` will not"),
                                HasSubstr("take it back there by `!train.py`"))));
  EXPECT_THAT(with_script("tools\n", "python ./tools/eval.py"), ElementsAre(HasSubstr("missing-script")));
}

TEST(LeftOut, WhatIsTakenBackIsThere) {
  EXPECT_THAT(with_script("*\n!train.py\n", "python train.py"), IsEmpty());
  EXPECT_THAT(with_script("tools\n", "python train.py"), IsEmpty());
}

TEST(LeftOut, AModuleOfAServerIsTold) {
  const testing::TemporaryFolder folder;
  folder.write("src/serving/__init__.py", "def predict(body): pass\n");
  folder.write("src/.dockerignore", "serving\n");
  folder.write("liminal.yml",
               "name: shop\nimages:\n  - image: web\n    type: python_server\n    source: src\n"
               "    endpoints: [{endpoint: /p, module: serving, function: predict}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(AllOf(HasSubstr("missing-endpoint liminal.yml:6:40"), HasSubstr("`src` has and the image"),
                                HasSubstr("by `!serving/__init__.py`"))));
}

}  // namespace
}  // namespace liminal
