// Containers: making, starting, following and removing them.
#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/docker/client.hpp"

#include "exchange.hpp"
#include "json_stream.hpp"
#include "log_frames.hpp"

namespace liminal::docker {

namespace {

constexpr std::chrono::milliseconds no_limit{0};
constexpr std::uint64_t cpu_period = 100'000;  // microseconds
constexpr std::uint64_t least_cpu_quota = 1000;

Json host_config(const ContainerSpec& spec) {
  Json host = Json::object();
  // Mounts rather than Binds: a path may hold a colon, and a source that is missing is an error and not a new folder.
  for (const BindMount& mount : spec.mounts) {
    host["Mounts"].push_back({{"Type", "bind"},
                              {"Source", mount.host_path},
                              {"Target", mount.container_path},
                              {"ReadOnly", mount.read_only}});
  }
  if (!spec.network_mode.empty()) host["NetworkMode"] = spec.network_mode;
  if (!spec.extra_hosts.empty()) host["ExtraHosts"] = spec.extra_hosts;
  if (spec.memory_bytes) {
    host["Memory"] = *spec.memory_bytes;
    host["MemorySwap"] = *spec.memory_bytes;
  }
  // A quota rather than NanoCpus: those may not be more than the machine has.
  if (spec.cpu_millis) {
    host["CpuPeriod"] = cpu_period;
    host["CpuQuota"] = std::max<std::uint64_t>(*spec.cpu_millis * cpu_period / 1000, least_cpu_quota);
  }
  if (spec.cpu_share) host["CpuShares"] = std::max<std::uint64_t>(*spec.cpu_share * 1024 / 1000, 2);
  if (spec.init) host["Init"] = true;
  return host;
}

std::string creation_body(const ContainerSpec& spec) {
  Json body = Json::object();
  body["Image"] = spec.image;
  if (spec.entrypoint) body["Entrypoint"] = *spec.entrypoint;
  if (!spec.command.empty()) body["Cmd"] = spec.command;
  body["Env"] = spec.environment;
  body["Labels"] = to_json(spec.labels);
  if (!spec.working_directory.empty()) body["WorkingDir"] = spec.working_directory;
  if (!spec.user.empty()) body["User"] = spec.user;
  body["HostConfig"] = host_config(spec);
  return dump(body);
}

std::string container_path(const std::string& id, std::string_view rest) {
  return fmt::format("/containers/{}{}", percent_encode(id), rest);
}

}  // namespace

Result<std::string> Client::create_container(const ContainerSpec& spec) const {
  const std::string name = spec.name.empty() ? "" : "?name=" + percent_encode(spec.name);
  HttpRequest post = request("POST", "/containers/create" + name);
  post.headers.add("Content-Type", "application/json");
  post.body = creation_body(spec);
  auto body = ask(world_->http, post, fmt::format("make a container of {}", spec.image));
  if (!body) return tl::unexpected(std::move(body.error()));
  std::string id = text_at(*body, "Id");
  if (id.empty()) return fail(ErrorKind::failed, "the Docker Engine did not tell the id of the container it made");
  return id;
}

Status Client::start_container(const std::string& id) const {
  return tell(world_->http, request("POST", container_path(id, "/start")), "start the container");
}

Result<int> Client::wait_container(const std::string& id) const {
  HttpRequest post = request("POST", container_path(id, "/wait"));
  post.idle_timeout = no_limit;
  auto body = ask(world_->http, post, "wait for the container");
  if (!body) return tl::unexpected(std::move(body.error()));
  const auto status = body->is_object() ? body->find("StatusCode") : body->end();
  if (status == body->end() || !status->is_number_integer()) {
    return fail(ErrorKind::failed, "the Docker Engine did not tell the exit status of the container");
  }
  return status->get<int>();
}

Status Client::container_logs(const std::string& id, bool follow,
                              const std::function<void(LogStream, std::string_view)>& on_piece) const {
  LogFrames frames(on_piece);
  HttpRequest get =
      request("GET", container_path(id, fmt::format("/logs?stdout=1&stderr=1&follow={}", follow ? 1 : 0)));
  get.idle_timeout = no_limit;
  get.on_body = [&](std::string_view piece) { return frames.feed(piece); };
  return tell(world_->http, get, "read what the container prints");
}

Result<ContainerState> Client::inspect_container(const std::string& id) const {
  auto body = ask(world_->http, request("GET", container_path(id, "/json")), "look at the container");
  if (!body) return tl::unexpected(std::move(body.error()));
  ContainerState state;
  state.id = text_at(*body, "Id");
  const auto told = body->is_object() ? body->find("State") : body->end();
  if (told == body->end() || !told->is_object()) {
    return fail(ErrorKind::failed, "the Docker Engine did not tell the state of the container");
  }
  const auto flag = [&](const char* name) {
    const auto found = told->find(name);
    return found != told->end() && found->is_boolean() && found->get<bool>();
  };
  state.status = text_at(*told, "Status");
  state.running = flag("Running");
  state.out_of_memory = flag("OOMKilled");
  state.error = one_line(text_at(*told, "Error"));
  if (const auto code = told->find("ExitCode"); code != told->end() && code->is_number_integer())
    state.exit_status = *code;
  return state;
}

Status Client::kill_container(const std::string& id, const std::string& signal) const {
  HttpRequest post = request("POST", container_path(id, "/kill?signal=" + percent_encode(signal)));
  post.cancellation = nullptr;  // what was started is stopped even when the user has asked to stop
  auto response = world_->http.send(post);
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap("the Docker Engine could not stop the container"));
  // 404: it is gone; 409: it does not run.
  const bool stopped = response->status == 204 || response->status == 404 || response->status == 409;
  if (!stopped) return tl::unexpected(refusal("stop the container", *response));
  return {};
}

Status Client::remove_container(const std::string& id) const {
  HttpRequest remove = request("DELETE", container_path(id, "?force=1&v=1"));
  remove.cancellation = nullptr;
  auto response = world_->http.send(remove);
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap("the Docker Engine could not remove the container"));
  // 404: it is gone; 409: someone else is removing it.
  const bool gone = response->status == 204 || response->status == 404 || response->status == 409;
  if (!gone) return tl::unexpected(refusal("remove the container", *response));
  return {};
}

Result<std::vector<ContainerSummary>> Client::list_containers(const std::map<std::string, std::string>& labels) const {
  Json filters = Json::object();
  filters["label"] = Json::array();
  for (const auto& [name, value] : labels) filters["label"].push_back(fmt::format("{}={}", name, value));
  auto body = ask(world_->http, request("GET", "/containers/json?all=1&filters=" + percent_encode(dump(filters))),
                  "list containers");
  if (!body) return tl::unexpected(std::move(body.error()));
  std::vector<ContainerSummary> containers;
  for (const Json& item : body->is_array() ? *body : Json::array()) {
    ContainerSummary summary;
    summary.id = text_at(item, "Id");
    summary.status = text_at(item, "State");
    if (const auto names = item.find("Names"); names != item.end() && names->is_array()) {
      for (const Json& name : *names) {
        if (name.is_string()) summary.names.push_back(name.get<std::string>());
      }
    }
    if (const auto found = item.find("Labels"); found != item.end()) summary.labels = to_map(*found);
    containers.push_back(std::move(summary));
  }
  return containers;
}

}  // namespace liminal::docker
