// Mounts of volumes and secrets, and what they hide.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file of one volume, one secret and one task with these `mounts` and `secrets`, which are lines 13 and 14.
std::vector<std::string> mounted(const std::string& mounts, const std::string& secrets = "") {
  const testing::TemporaryFolder folder;
  folder.write("token.txt", "hidden");
  folder.write("liminal.yml",
               "name: shop\nvolumes: [{volume: v}]\nsecrets: [{secret: s, local_path_file: token.txt}]\npipelines:\n"
               "  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n    tasks:\n"
               "      - task: t\n        type: python\n        image: busybox:1\n        cmd: echo\n        mounts: [" +
                   mounts + "]\n        secrets: [" + secrets + "]\n");
  return testing::findings_in(folder);
}

TEST(Mounts, HideNothingThatTheContainerNeeds) {
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

TEST(Mounts, AtPathsThatKubernetesRefusesAreTold) {
  EXPECT_THAT(mounted("{volume: v, path: rel}"),
              ElementsAre("mount-path liminal.yml:13:36 `path` of a mount of task `t` is no whole path: `rel`; write "
                          "`/rel`"));
  EXPECT_THAT(mounted("{volume: v, path: '/a:b'}"), ElementsAre(HasSubstr("mount-path liminal.yml:13:36 `path` of a "
                                                                          "mount of task `t` holds a `:`")));
  for (const char* path : {"''", "'  '"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"),
                ElementsAre(HasSubstr("mount-path liminal.yml:13:36 a mount of task `t` has an empty `path`")));
  EXPECT_THAT(mounted("", "{secret: s, remote_path: rel}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:14:44 `remote_path` of a mount of task `t` is no whole")));
  EXPECT_THAT(mounted("{volume: v, path: /a, sub_path: /x}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:13:50 `sub_path` of a mount of task `t` begins with `/`")));
  EXPECT_THAT(mounted("{volume: v, path: /a, sub_path: a/../..}"), ElementsAre(HasSubstr("climbs by `..`")));
  // What is missing, or no text, is its schema's.
  EXPECT_THAT(mounted("{volume: v}"), ElementsAre(::testing::StartsWith("schema-required")));
  EXPECT_THAT(mounted("{volume: v, path: 5}"), ElementsAre(::testing::StartsWith("schema-type")));
  // Neither an engine nor a run here renders them.
  EXPECT_THAT(mounted("{volume: v, path: '/a/{{ ds }}'}"), ElementsAre(HasSubstr("mount-path liminal.yml:13:36")));
  EXPECT_THAT(
      mounted("{volume: v, path: /a, sub_path: 'x/{{ ds }}'}"),
      ElementsAre(HasSubstr("mount-path liminal.yml:13:50 `sub_path` of a mount of task `t` holds a template")));
  EXPECT_THAT(
      mounted("", "{secret: s, remote_path: '/r/{{ ds }}'}"),
      ElementsAre(HasSubstr("mount-path liminal.yml:14:44 `remote_path` of a mount of task `t` holds a templ")));
}

TEST(Mounts, AtOnePlaceAreTold) {
  EXPECT_THAT(mounted("{volume: v, path: /a}, {volume: v, path: /a/, sub_path: x}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:13:59 a mount of task `t` is at `/a/`, where another is "
                                    "already; give each a place of its own")));
  EXPECT_THAT(mounted("{volume: v, path: /a}", "{secret: s, remote_path: //a}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:14:44")));
  EXPECT_THAT(mounted("{volume: v, path: /a}, {volume: v, path: /a/b}"), IsEmpty());
}

TEST(Mounts, ThatHideTheProgramsAreTold) {
  for (const char* path : {"/usr", "/bin/", "/lib", "/lib64", "/usr/bin", "/usr/lib"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"),
                ElementsAre(AllOf(::testing::StartsWith("mount-path"), HasSubstr("hides the image's programs"))))
        << path;
  for (const char* path : {"/etc", "/sbin", "/usr/local", "/usr/sbin"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"),
                ElementsAre(AllOf(::testing::StartsWith("warning mount-path"), HasSubstr("hides"))))
        << path;
  for (const char* path : {"/usr/share/data", "/etc/shop", "/usr/local/data", "/library"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"), IsEmpty()) << path;
}

TEST(Mounts, OfVolumesWithOneClaimAreTold) {
  testing::TemporaryFolder folder;
  const auto volumes = [&](const std::string& list) {
    folder.write("liminal.yml", "name: shop\nvolumes: [" + list + "]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(volumes("{volume: a, claim_name: c, local: {path: a}}, {volume: b, claim_name: c, local: {path: b}}"),
              ElementsAre(HasSubstr("duplicate-object liminal.yml:2:81 volumes `a` and `b` make one claim `c`")));
  EXPECT_THAT(volumes("{volume: a, claim_name: c}, {volume: b, claim_name: c}"), IsEmpty());
}

TEST(Mounts, OfASecretsPartAreTold) {
  EXPECT_THAT(mounted("", "{secret: s, remote_path: /s, sub_path: token}"),
              ElementsAre(HasSubstr("warning mount-path liminal.yml:14:58")));
  EXPECT_THAT(mounted("", "{secret: s, remote_path: /s, sub_path: credentials}"), IsEmpty());
}

}  // namespace
}  // namespace liminal
