#include "secret_files.hpp"

#include <gtest/gtest.h>

namespace liminal::build {
namespace {

SourceTree tree_of(const std::vector<std::string>& paths) {
  SourceTree tree;
  for (const std::string& path : paths) {
    SourceFile file;
    file.path = path;
    tree.files.push_back(file);
  }
  return tree;
}

TEST(SecretFiles, AreKnownByTheirNames) {
  for (const char* path : {".env", "app/.env", ".env.production", ".netrc", "home/.aws/credentials",
                           ".docker/config.json", "keys/id_ed25519", "store.p12", "credentials.json"})
    EXPECT_TRUE(usually_holds_secrets(path)) << path;
  for (const char* path : {"env", ".env.example", ".env.sample", "app.env.py", "id_rsa.pub", "credentials.py",
                           "my.aws/credentials.md", "x.docker/config.json", "config.json", "train.py", ".envrc/x"})
    EXPECT_FALSE(usually_holds_secrets(path)) << path;
}

TEST(SecretFiles, AreOneFindingWithThoseOfTheSystem) {
  model::System system;
  model::Image image;
  image.name = "trainer";
  image.source = "src";
  image.source_folder = "/repo/src";
  EXPECT_TRUE(secrets_packed(system, image, tree_of({"train.py", "warehouse.txt"})).empty());
  system.secrets.push_back({"warehouse", "src/warehouse.txt", "/repo/src/warehouse.txt", nullptr});
  const auto one = secrets_packed(system, image, tree_of({"train.py", "warehouse.txt"}));
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].rule, "secret-in-source");
  EXPECT_EQ(one[0].severity, Severity::warning);
  EXPECT_EQ(one[0].message, "the image `trainer` would carry `warehouse.txt`, which holds secrets as a rule");
  EXPECT_EQ(one[0].help, "write `warehouse.txt` into `src/.dockerignore`, or move it out of the source");
  const auto many = secrets_packed(system, image, tree_of({".env", ".netrc", "a/.env", "b/.env", "warehouse.txt"}));
  ASSERT_EQ(many.size(), 1U);
  EXPECT_EQ(many[0].message,
            "the image `trainer` would carry `.env`, `.netrc`, `a/.env` and 2 more, which hold secrets as a rule");
}

}  // namespace
}  // namespace liminal::build
