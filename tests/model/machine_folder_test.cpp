#include "liminal/model/machine_folder.hpp"

#include <gtest/gtest.h>

namespace liminal::model {
namespace {

TEST(MachineFolder, IsOneHoweverItIsWritten) {
  for (const char* folder : {"/", "//", "///", "/.", "/data/..", "/etc", "//etc", "///etc//", "/etc/.", "/data/../etc",
                             "/usr/", "/var", "/root"})
    EXPECT_TRUE(is_machine_folder(folder)) << folder;
}

TEST(MachineFolder, IsAllBelowWhereTheKernelAndTheDaemonsAre) {
  for (const char* folder : {"/proc/self", "/sys/fs/cgroup", "/dev/shm", "/run", "/run/docker.sock", "//run/dbus",
                             "/var/run", "/var/run/", "/var/run/docker.sock", "/var/lib/../run/docker.sock"})
    EXPECT_TRUE(is_machine_folder(folder)) << folder;
}

TEST(MachineFolder, IsOneWhoseFilesAreRunOrTrusted) {
  for (const char* folder : {"/etc/cron.d", "/etc/ssh", "/root/.ssh", "/usr/bin", "/usr/lib/python3", "/var/lib/docker",
                             "/var/lib/kubelet/pods", "/var/lib", "/home/ada/.ssh", "/home", "/bin", "/boot/grub"})
    EXPECT_TRUE(is_machine_folder(folder)) << folder;
}

TEST(MachineFolder, IsNotOneOfTheUser) {
  for (const char* folder :
       {"/data", "//data/wine", "/home/ada/wine", "/var/lib/wine", "/srv", "/etc/wine", "/runs", "/var/runs",
        "/tmp/wine", "/root/wine", "/usr/local/share/wine", "/etc/ssl/certs", "/usr/libx", "/root/.sshx"})
    EXPECT_FALSE(is_machine_folder(folder)) << folder;
}

}  // namespace
}  // namespace liminal::model
