#include "oci_config.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::run {
namespace {

constexpr std::uint64_t cpu_period = 100'000;  // microseconds

Json mount(const std::string& destination, const std::string& type, const std::string& source, Json options) {
  return {{"destination", destination}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

Json mounts(const OciConfigInput& input) {
  Json result = Json::array();
  result.push_back(mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
  result.push_back(mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  result.push_back(
      mount("/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}));
  result.push_back(mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=256m"}));
  result.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
  if (input.root_user) {
    result.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
  } else {
    // The kernel lets only the owner of the network namespace mount a new sysfs.
    result.push_back(mount("/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}));
  }
  for (const Bind& bind : input.container->binds) {
    Json options = {"rbind", "nosuid", "nodev"};
    options.push_back(bind.read_only ? "ro" : "rw");
    result.push_back(mount(bind.destination, "bind", bind.source.string(), std::move(options)));
  }
  return result;
}

Json process(const OciConfigInput& input) {
  std::map<std::string, std::string> environment = {
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", input.user.home}};
  for (const std::string& line : input.image->environment) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) environment[line.substr(0, equals)] = line.substr(equals + 1);
  }
  for (const auto& [name, value] : input.container->environment) environment[name] = value;
  Json lines = Json::array();
  for (const auto& [name, value] : environment) lines.push_back(fmt::format("{}={}", name, value));

  // What a root user inside the image needs to install and own files, and no more.
  const Json capabilities = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
                             "CAP_KILL",  "CAP_SETGID",       "CAP_SETUID", "CAP_NET_BIND_SERVICE"};
  const std::string& folder = input.image->working_directory;
  return {{"terminal", false},
          {"user", {{"uid", input.user.user}, {"gid", input.user.group}}},
          {"args", input.container->command},
          {"env", std::move(lines)},
          {"cwd", folder.starts_with('/') ? folder : "/"},
          {"capabilities", {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
          {"noNewPrivileges", true}};
}

Json resources(const OciConfigInput& input) {
  const Limits& limits = input.container->limits;
  Json result = Json::object();
  if (limits.memory_bytes) {
    result["memory"]["limit"] = *limits.memory_bytes;
    if (input.count_swap) result["memory"]["swap"] = *limits.memory_bytes;
  }
  if (limits.cpu_millis) {
    result["cpu"]["period"] = cpu_period;
    result["cpu"]["quota"] = *limits.cpu_millis * cpu_period / 1000;
  }
  if (limits.cpu_share) result["cpu"]["shares"] = std::max<std::uint64_t>(*limits.cpu_share * 1024 / 1000, 2);
  return result;
}

Json linux_part(const OciConfigInput& input) {
  Json namespaces = Json::array();
  for (const char* type : {"pid", "ipc", "uts", "mount"}) namespaces.push_back({{"type", type}});
  Json result = Json::object();
  if (!input.cgroup.empty()) {
    result["cgroupsPath"] = input.cgroup;
    if (const Json limits = resources(input); !limits.empty()) result["resources"] = limits;
  }
  result["namespaces"] = std::move(namespaces);
  result["maskedPaths"] = {"/proc/acpi",       "/proc/kcore",       "/proc/keys", "/proc/latency_stats",
                           "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"};
  result["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return result;
}

}  // namespace

Json oci_config(const OciConfigInput& input) {
  return {{"ociVersion", "1.0.2"},
          {"process", process(input)},
          {"root", {{"path", input.root.string()}, {"readonly", input.root_read_only}}},
          {"hostname", input.container->name.substr(0, 63)},
          {"mounts", mounts(input)},
          {"linux", linux_part(input)}};
}

}  // namespace liminal::run
