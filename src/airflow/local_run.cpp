#include "local_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace liminal::airflow {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds grace{10'000};
constexpr std::chrono::milliseconds look_every{200};

// What the program that runs Airflow reads.
std::map<std::string, std::string> own_variables(const LocalPaths& paths, const LocalOptions& options,
                                                 const LocalState& state, const FileSystem& files) {
  std::map<std::string, std::string> variables{{"LIMINAL_AIRFLOW_HOME", paths.folder.string()},
                                               {"LIMINAL_AIRFLOW_DAGS", paths.dags.string()},
                                               {"LIMINAL_AIRFLOW_PORT", std::to_string(state.port)},
                                               {"LIMINAL_AIRFLOW_PASSWORD_FILE", paths.password.string()},
                                               {LocalState::mark_variable, state.mark}};
  // Tells it whether it has given the user this very password before.
  const auto password = files.info(paths.password);
  variables["LIMINAL_AIRFLOW_PASSWORD_ID"] = password ? std::to_string(password->modified_ns) : "";
  if (options.major) variables["LIMINAL_AIRFLOW_MAJOR"] = std::to_string(*options.major);
  return variables;
}

// The caller's, without what belongs to another Airflow, such as its database.
std::map<std::string, std::string> variables_for(const World& world, std::map<std::string, std::string> own) {
  for (const auto& [name, value] : world.environment.all()) {
    const bool foreign = name.starts_with("AIRFLOW__") || name == "AIRFLOW_HOME" || name == "AIRFLOW_CONFIG";
    if (!foreign) own.emplace(name, value);
  }
  return own;
}

docker::ContainerSpec container(const World& world, const LocalPaths& paths, const LocalOptions& options,
                                const ChosenSource& chosen, const LocalState& state) {
  docker::ContainerSpec spec;
  spec.image = chosen.image;
  spec.entrypoint = {"/bin/sh", "-c", "exec python \"$0\" >>\"$1\" 2>&1"};
  spec.command = {paths.program.string(), paths.log.string()};
  auto variables = own_variables(paths, options, state, world.files);
  variables["HOME"] = "/home/airflow";  // where the image has Airflow installed
  // The same paths inside as outside.
  spec.mounts.push_back({paths.folder.string(), paths.folder.string(), false});
  spec.mounts.push_back({paths.dags.string(), paths.dags.string(), true});
  const fs::path kube = fs::path(world.environment.get("HOME").value_or("/nonexistent")) / ".kube";
  if (world.files.info_following_links(kube)) {
    spec.mounts.push_back({kube.string(), kube.string(), true});
    variables["KUBECONFIG"] = (kube / "config").string();
  }
  for (const auto& [name, value] : variables) spec.environment.push_back(fmt::format("{}={}", name, value));
  // Loopback of this machine: its page is seen here alone, and a cluster here can be reached.
  spec.network_mode = "host";
  spec.user = fmt::format("{}:0", ::getuid());  // group 0 may write into the image's home
  spec.labels = {{LocalState::mark_label, state.mark}};
  spec.init = true;
  return spec;
}

Result<std::vector<docker::ContainerSummary>> containers(const docker::Client& engine, const LocalState& state) {
  return engine.list_containers({{LocalState::mark_label, state.mark}});
}

Status stop_container(const World& world, const docker::Client& engine, const std::string& id) {
  // It may have ended already: what matters is that it is gone afterwards.
  static_cast<void>(engine.kill_container(id, "SIGTERM"));
  for (std::chrono::milliseconds waited{0}; waited < grace; waited += look_every) {
    const auto now = engine.inspect_container(id);
    if (!now || !now->running) break;
    world.clock.sleep_for(look_every);
  }
  return engine.remove_container(id);
}

Result<std::size_t> end_containers(const World& world, const LocalState& state) {
  auto engine = docker::Client::connect(world);
  if (!engine)
    return tl::unexpected(std::move(engine.error()).wrap("the container of the local Airflow cannot be ended"));
  const auto found = containers(*engine, state);
  if (!found) return tl::unexpected(found.error());
  for (const auto& one : *found) {
    if (auto stopped = stop_container(world, *engine, one.id); !stopped) return tl::unexpected(stopped.error());
  }
  return found->size();
}

}  // namespace

Status launch(const World& world, const LocalPaths& paths, const LocalOptions& options, ChosenSource& chosen,
              LocalState& state) {
  if (chosen.source == LocalSource::docker) {
    auto id = chosen.engine->create_container(container(world, paths, options, chosen, state));
    if (!id) return tl::unexpected(std::move(id.error()));
    return chosen.engine->start_container(*id);
  }
  BackgroundRequest request;
  request.arguments = {chosen.python, paths.program.string()};
  request.environment = variables_for(world, own_variables(paths, options, state, world.files));
  request.directory = paths.folder.string();
  request.output = paths.log;
  auto leader = world.processes.start(request);
  if (!leader) return tl::unexpected(std::move(leader.error()));
  state.leader = std::move(*leader);
  return {};
}

Result<bool> is_running(const World& world, const LocalState& state) {
  if (state.source != LocalSource::docker) return world.processes.is_running(state.leader);
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  const auto found = containers(*engine, state);
  if (!found) return tl::unexpected(found.error());
  for (const auto& one : *found) {
    if (one.status == "running") return true;
  }
  return false;
}

Result<std::size_t> end(const World& world, const LocalPaths& paths, const LocalState& state) {
  // What was asked to stop has to be brought to its end.
  const Cancellation never;
  const World calm{world.files,       world.processes, world.http, world.clock,
                   world.environment, world.progress,  never,      world.jobs};
  if (state.source == LocalSource::docker) return end_containers(calm, state);
  return calm.processes.stop(state.family(paths), grace);
}

}  // namespace liminal::airflow
