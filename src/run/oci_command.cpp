#include "oci_command.hpp"

#include <algorithm>

#include <unistd.h>

namespace liminal::run {
namespace {

constexpr const char* mixed_cgroups = "/sys/fs/cgroup/unified";

}  // namespace

std::vector<OciWay> oci_ways(const World& world, RuntimeChoice choice, bool root_user) {
  std::vector<OciWay> ways;
  if (root_user) ways = {{"crun", true, false}, {"runc", true, false}};
  ways.insert(ways.end(), {{"crun", false, false}, {"runc", false, false}});
  if (world.files.info(mixed_cgroups)) ways.push_back({"crun", false, true});
  std::erase_if(ways, [choice](const OciWay& way) {
    return (choice == RuntimeChoice::crun && way.program != "crun") ||
           (choice == RuntimeChoice::runc && way.program != "runc");
  });
  return ways;
}

ProcessRequest oci_request(const World& world, const OciWay& way, const std::filesystem::path& state,
                           std::vector<std::string> arguments, std::vector<PrivateMount> mounts) {
  ProcessRequest request;
  request.arguments = {way.program, "--root", state.string()};
  if (!way.limits) {
    request.arguments.emplace_back(way.program == "crun" ? "--cgroup-manager=disabled" : "--rootless=true");
  }
  std::move(arguments.begin(), arguments.end(), std::back_inserter(request.arguments));
  for (const char* name : {"PATH", "HOME", "XDG_RUNTIME_DIR"}) {
    if (const auto value = world.environment.get(name)) request.environment[name] = *value;
  }
  request.cancellation = &world.cancellation;
  Isolation& isolation = request.isolation.emplace();
  isolation.user_namespace = ::geteuid() != 0;
  isolation.mounts = std::move(mounts);
  if (way.hide_mixed_cgroups) isolation.mounts.push_back({"none", mixed_cgroups, "tmpfs", ""});
  return request;
}

std::string oci_version(const World& world, const std::string& program) {
  std::string version;
  ProcessRequest request;
  request.arguments = {program, "--version"};
  request.on_output = [&](std::string_view line) {
    if (version.empty()) version = line;
  };
  request.timeout = std::chrono::seconds(10);
  const auto outcome = world.processes.run(request);
  if (!outcome || !version.starts_with(program + " version ")) return program;
  return program + version.substr(program.size() + std::string_view(" version").size());
}

}  // namespace liminal::run
