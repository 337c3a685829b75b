// Slips of keys and of places in a container, and what is said to be done about them.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/as_nobody.hpp"
#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> found(const std::string& keys) {
  return testing::findings_of_task("type: python\n        image: busybox:1\n        cmd: echo\n        " + keys);
}

TEST(Slips, OfAKeyThatIsThereTooNamesIt) {
  EXPECT_THAT(found("retries: 1\n        retrys: 2"),
              ElementsAre(HasSubstr("unknown-key liminal.yml:12:9 `retrys` is not a key of a task of type `python`; "
                                    "remove it, or put its value at `retries`, which is there too")));
  EXPECT_THAT(found("retrys: 2"), ElementsAre(HasSubstr("did you mean `retries`?")));
}

TEST(Slips, OfAMountHideNothingThatTheContainerNeeds) {
  testing::TemporaryFolder folder;
  const auto mounted_at = [&](const std::string& path) {
    folder.write(
        "liminal.yml",
        "name: shop\nvolumes: [{volume: data}]\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
        "    timeout_minutes: 30\n    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n"
        "        cmd: echo\n        mounts: [{mount: data, volume: data, path: " +
            path + "}]\n");
    return testing::findings_in(folder);
  };
  for (const char* path : {"/", "//", "/./", "/dev", "/dev/", "/proc", "/proc/self", "/sys/", "/mnt/../proc"})
    EXPECT_THAT(mounted_at(path), ::testing::Contains(HasSubstr("hides"))) << path;
  EXPECT_THAT(mounted_at("/dev/"), ElementsAre(HasSubstr("mount-path liminal.yml:12:52 a mount of task `a` at `/dev/` "
                                                         "hides the container's devices; mount it at")));
  EXPECT_THAT(mounted_at("/app"), ElementsAre(::testing::StartsWith("warning mount-path")));
  for (const char* path : {"/app/data", "/dev/shm", "/sys/fs", "/proc2", "/mnt"})
    EXPECT_THAT(mounted_at(path), IsEmpty()) << path;
}

TEST(Slips, OfDefaultsForATypeThatNoTaskHas) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\ntask_defaults:\n  pythn: {executors: 2}\n  ours: {cmd: x}\n  sql: {}\npipelines: []\n");
  EXPECT_THAT(
      testing::findings_in(folder),
      ElementsAre(HasSubstr("unknown-type liminal.yml:3:3 `task_defaults` has defaults for tasks of type `pythn`, "
                            "which does not exist; did you mean `python`?"),
                  ::testing::StartsWith("warning unknown-type liminal.yml:4:3")));
}

TEST(Slips, OfResourcesAreToldAtTheAmount) {
  const testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\nimages: [{image: web, type: python_server, source: src, endpoints: [{endpoint: /, module: m, "
      "function: f}]}]\nservices:\n  - service: web\n    image: web\n    resources:\n      requests: {cpu: 2, "
      "memory: 1GB}\n      limits: {cpu: 1500m, memory: 1Gi}\n");
  folder.write("src/m.py", "def f(body):\n    return body\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-quantity liminal.yml:7:23 2 of cpu are asked for, and 1500m is the most"),
                          HasSubstr("bad-quantity liminal.yml:7:34 `1GB` is not an amount of memory")));
}

TEST(Slips, OfASourceThatLeadsOutAreToldWhetherFilesAreLookedAtOrNot) {
  const testing::TemporaryFolder folder;
  const testing::TemporaryFolder elsewhere;
  std::filesystem::create_directories(folder.path() / ".git");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "link");
  validate::Options options;
  options.check_files = false;
  for (const std::string& source : {elsewhere.path().string(), std::string("../out"), std::string("link")}) {
    folder.write("liminal.yml",
                 "name: shop\nimages: [{image: i, type: python, source: " + source + "}]\npipelines: []\n");
    EXPECT_THAT(testing::findings_in(folder, options), ElementsAre(HasSubstr("leads out of the repository"))) << source;
  }
  folder.write("liminal.yml", "name: shop\nimages: [{image: i, type: python, source: absent}]\npipelines: []\n");
  EXPECT_THAT(testing::findings_in(folder, options), IsEmpty());
}

TEST(Slips, OfRightsToASourceAreToldThemselves) {
  namespace fs = std::filesystem;
  const testing::TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  folder.write("liminal.yml",
               "name: shop\nimages: [{image: i, type: python, source: src}]\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n    tasks:\n"
               "      - {task: a, type: python, image: i, cmd: python a.py}\n");
  folder.write("src/a.py", "");
  fs::permissions(folder.path() / "src", fs::perms::none);
  {
    const testing::AsNobody nobody;
    EXPECT_THAT(
        testing::findings_in(folder, {}, "liminal.yml"),
        ElementsAre(::testing::AllOf(HasSubstr("missing-source liminal.yml:2:43"), HasSubstr("Permission denied"))));
  }
  fs::permissions(folder.path() / "src", fs::perms::owner_all);  // for who is not root, to remove it
}

}  // namespace
}  // namespace liminal
