#include "../../src/run/oci_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::run {
namespace {

using ::testing::Contains;
using ::testing::Not;

class OciConfigTest : public ::testing::Test {
 protected:
  OciConfigTest() {
    container.name = "liminal-1-train-0-1";
    container.command = {"/bin/sh", "-c", "true"};
    image.environment = {"PATH=/opt/bin", "LANG=C.UTF-8"};
    image.working_directory = "/app";
    input.container = &container;
    input.image = &image;
    input.root = "/state/bundle/root";
  }

  Container container;
  build::ImageConfig image;
  OciConfigInput input;
};

TEST_F(OciConfigTest, PutsTheTasksEnvironmentOverTheImages) {
  container.environment = {{"LANG", "de_DE.UTF-8"}};
  input.user.home = "/home/app";
  const Json environment = oci_config(input)["process"]["env"];
  EXPECT_THAT(environment, Contains("PATH=/opt/bin"));
  EXPECT_THAT(environment, Contains("LANG=de_DE.UTF-8"));
  EXPECT_THAT(environment, Contains("HOME=/home/app"));
  EXPECT_THAT(environment, Not(Contains("LANG=C.UTF-8")));
}

TEST_F(OciConfigTest, GivesNoNewPrivilegesAndFewCapabilities) {
  const Json process = oci_config(input)["process"];
  EXPECT_EQ(process["noNewPrivileges"], true);
  EXPECT_THAT(process["capabilities"]["bounding"], Not(Contains("CAP_SYS_ADMIN")));
}

TEST_F(OciConfigTest, KeepsLimitsWhereThereIsAControlGroup) {
  container.limits.memory_bytes = 64U << 20U;
  container.limits.cpu_millis = 500;
  container.limits.cpu_share = 100;
  EXPECT_FALSE(oci_config(input)["linux"].contains("resources"));
  input.cgroup = "/liminal-1/task";
  input.count_swap = true;
  const Json linux_part = oci_config(input)["linux"];
  EXPECT_EQ(linux_part["cgroupsPath"], "/liminal-1/task");
  EXPECT_EQ(linux_part["resources"]["memory"]["limit"], 64U << 20U);
  EXPECT_EQ(linux_part["resources"]["memory"]["swap"], 64U << 20U);
  EXPECT_EQ(linux_part["resources"]["cpu"]["quota"], 50'000);
  EXPECT_EQ(linux_part["resources"]["cpu"]["shares"], 102);
}

TEST_F(OciConfigTest, MountsSecretsReadOnly) {
  container.binds = {{"/project/token.txt", "/mnt/token", true}, {"/project/data", "/mnt/data", false}};
  const Json mounts = oci_config(input)["mounts"];
  const auto mount_at = [&](const char* destination) {
    for (const Json& mount : mounts) {
      if (mount["destination"] == destination) return mount;
    }
    return Json();
  };
  EXPECT_THAT(mount_at("/mnt/token")["options"], Contains("ro"));
  EXPECT_THAT(mount_at("/mnt/data")["options"], Contains("rw"));
}

}  // namespace
}  // namespace liminal::run
