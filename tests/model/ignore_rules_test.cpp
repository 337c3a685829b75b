#include "liminal/model/ignore_rules.hpp"

#include <gtest/gtest.h>

namespace liminal::model {
namespace {

TEST(IgnoreRules, LeavingsOfToolsStayOut) {
  const IgnoreRules rules;
  for (const char* path : {".git", "a/.git", "__pycache__", "a/b/__pycache__", "a/x.pyc", ".venv", "node_modules",
                           ".liminal", ".ipynb_checkpoints", ".DS_Store"}) {
    EXPECT_TRUE(rules.ignores(path)) << path;
  }
  for (const char* path : {"git", ".gitignore", "a/pycache", "x.py", "liminal", "requirements.txt"}) {
    EXPECT_FALSE(rules.ignores(path)) << path;
  }
}

TEST(IgnoreRules, NoPatternTakesBackWhatIsInAFolderOfATools) {
  const IgnoreRules rules("*.md\n!README.md\n!.git/config\n!**\n");
  for (const char* path : {".git/config", ".venv/lib/x.py", "deep/.git/config", "node_modules/a/b.js"})
    EXPECT_TRUE(rules.ignores(path)) << path;
  EXPECT_FALSE(rules.ignores("README.md"));
  EXPECT_FALSE(rules.ignores(".github/x.yml"));
}

TEST(IgnoreRules, PatternsMatchFromTheFoldersRoot) {
  const IgnoreRules rules("# a comment\n\n*.csv\n/data\nmodels/*/old\r\n**/temp\n./notes.md\ntrailing/\n");
  EXPECT_TRUE(rules.only_excludes());
  for (const char* path : {"a.csv", "data", "data/x/y", "models/a/old", "models/a/old/x", "temp", "a/b/temp",
                           "a/temp/x", "notes.md", "trailing", "trailing/x"}) {
    EXPECT_TRUE(rules.ignores(path)) << path;
  }
  for (const char* path : {"a/b.csv", "a/data", "models/a/b/old", "models/old", "temporary", "a/notes.md"}) {
    EXPECT_FALSE(rules.ignores(path)) << path;
  }
}

TEST(IgnoreRules, LaterPatternsWinAndMayTakeBack) {
  const IgnoreRules rules("*\n!src\n!src/**\nsrc/secret\n!src/secret/public\n");
  EXPECT_FALSE(rules.only_excludes());
  EXPECT_TRUE(rules.ignores("other"));
  EXPECT_FALSE(rules.ignores("src"));
  EXPECT_FALSE(rules.ignores("src/a/b.py"));
  EXPECT_TRUE(rules.ignores("src/secret/key"));
  EXPECT_FALSE(rules.ignores("src/secret/public/x"));
  EXPECT_TRUE(IgnoreRules("!*.pyc\n").ignores("a.pyc"));
}

}  // namespace
}  // namespace liminal::model
