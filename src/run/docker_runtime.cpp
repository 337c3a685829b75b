#include "docker_runtime.hpp"

#include <condition_variable>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "liminal/base/line_splitter.hpp"
#include "liminal/base/thread.hpp"
#include "liminal/build/docker_archive.hpp"
#include "liminal/build/image_layout.hpp"

namespace liminal::run {
namespace {

using std::chrono::milliseconds;

constexpr const char* runs_label = "liminal.runs";  // the folder
constexpr const char* run_label = "liminal.run";    // the run's id
constexpr milliseconds look_up_every{50};
constexpr milliseconds grace{5000};           // from SIGTERM to SIGKILL
constexpr milliseconds last_patience{20000};  // from SIGKILL until the engine is given up
constexpr int killed = 137;

// A container is removed however its run ends.
class Removal {
 public:
  Removal(const World& world, const docker::Client& engine, std::string id)
      : world_(world), engine_(engine), id_(std::move(id)) {}
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;
  ~Removal() {
    if (auto removed = engine_.remove_container(id_); !removed) {
      world_.progress.output("run", fmt::format("the container {} is still there: {}", id_, removed.error().message));
    }
  }

 private:
  const World& world_;
  const docker::Client& engine_;
  std::string id_;
};

// Reads what a container prints, in a thread of its own, until it has ended.
class Follower {
 public:
  Follower(const docker::Client& engine, const Container& container, const std::string& id)
      : engine_(engine), container_(container), id_(id), thread_(start_thread([this] { follow(); })) {
    if (thread_) return;
    ended_ =
        fail(ErrorKind::failed, "the system gives no more threads: the container cannot be followed",
             "raise the limit of processes (ulimit -u, or that of the container), or run fewer tasks at once (--jobs)");
  }

  // True when the container has ended.
  bool wait_for(milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return ended_.has_value(); });
  }
  // The container's exit status, once it has ended.
  [[nodiscard]] Result<int> status() const { return *ended_; }

 private:
  void follow() {
    LineSplitter out(container_.on_line);
    LineSplitter error(container_.on_line);
    auto read = engine_.container_logs(id_, true, [&](docker::LogStream stream, std::string_view piece) {
      (stream == docker::LogStream::out ? out : error).feed(piece);
    });
    out.finish();
    error.finish();
    if (!read) container_.on_line(fmt::format("what it prints cannot be shown any more: {}", read.error().message));
    auto status = engine_.wait_container(id_);
    const std::lock_guard lock(mutex_);
    ended_ = std::move(status);
    changed_.notify_all();
  }

  const docker::Client& engine_;
  const Container& container_;
  const std::string& id_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<int>> ended_;
  std::optional<std::jthread> thread_;  // last: it uses the others
};

}  // namespace

DockerRuntime::DockerRuntime(const World& world, Settings settings)
    : world_(world), settings_(std::move(settings)), patient_world_{world.files, world.processes,   world.http,
                                                                    world.clock, world.environment, world.progress,
                                                                    given_up_,   world.jobs} {}

Result<std::unique_ptr<Runtime>> DockerRuntime::connect(const World& world, Settings settings) {
  std::unique_ptr<DockerRuntime> runtime(new DockerRuntime(world, std::move(settings)));
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  auto patient = docker::Client::connect(runtime->patient_world_);
  if (!patient) return tl::unexpected(std::move(patient.error()));
  runtime->engine_.emplace(std::move(*engine));
  runtime->patient_.emplace(std::move(*patient));
  return runtime;
}

std::string DockerRuntime::description() const {
  return fmt::format("Docker Engine {} at {}", engine_->engine().version, engine_->engine().endpoint);
}

// What the engine knows the image by: its id, or where it was pushed to.
Result<std::optional<std::string>> DockerRuntime::find(const build::BuiltImage& image) const {
  std::vector<std::string> names{image.digest};
  if (image.plan.builder == build::Builder::docker) {
    model::ImageReference pushed = image.plan.name;
    pushed.tag.clear();
    pushed.digest = image.digest;
    names.push_back(pushed.text());
  } else {
    const build::ImageLayout layout(world_, settings_.layout);
    const auto manifest = layout.manifest(image.digest);
    if (!manifest) return tl::unexpected(manifest.error());
    names.push_back(manifest->config.digest);
  }
  for (const std::string& name : names) {
    auto there = engine_->inspect_image(name);
    if (!there) return tl::unexpected(std::move(there.error()));
    if (*there) return std::optional((*there)->id);
  }
  return std::nullopt;
}

Status DockerRuntime::prepare(const build::BuiltImage& image) {
  if (images_.contains(image.digest)) return {};
  auto id = find(image);
  if (!id) return tl::unexpected(std::move(id.error()));
  if (!*id && image.plan.builder == build::Builder::docker) {
    return fail(ErrorKind::failed, "the Docker Engine does not have it any more", "build it again");
  }
  if (!*id) {
    const std::string name = image.plan.name.text();
    auto loaded = build::load_into_docker(world_, *engine_, settings_.layout, image.digest, {name});
    if (!loaded) return loaded;
    id = find(image);
    if (!id) return tl::unexpected(std::move(id.error()));
    // An engine with the containerd store gives it an id of its own.
    if (!*id) *id = name;
  }
  images_.emplace(image.digest, **id);
  return {};
}

docker::ContainerSpec DockerRuntime::spec_of(const Container& container) const {
  docker::ContainerSpec spec;
  spec.image = images_.at(container.image->digest);
  spec.name = container.name;
  spec.entrypoint = container.command;  // whole: nothing of the image's own is left
  for (const auto& [name, value] : container.environment) spec.environment.push_back(fmt::format("{}={}", name, value));
  for (const Bind& bind : container.binds) {
    spec.mounts.push_back({bind.source.string(), bind.destination, bind.read_only});
  }
  spec.labels = {{runs_label, settings_.runs.string()}, {run_label, settings_.run_id}};
  spec.network_mode = settings_.network;
  spec.memory_bytes = container.limits.memory_bytes;
  spec.cpu_millis = container.limits.cpu_millis;
  spec.cpu_share = container.limits.cpu_share;
  return spec;
}

Result<Exit> DockerRuntime::run(const Container& container) {
  if (world_.cancellation.requested()) return Exit{130, false, true, "", false};
  auto id = patient_->create_container(spec_of(container));
  if (!id) return tl::unexpected(std::move(id.error()));
  const Removal removal(world_, *patient_, *id);
  if (auto started = patient_->start_container(*id); !started) return tl::unexpected(std::move(started.error()));
  return follow(container, *id);
}

void DockerRuntime::stop(const std::string& id, bool now) {
  if (auto told = patient_->kill_container(id, now ? "SIGKILL" : "SIGTERM"); !told) {
    world_.progress.output("run", told.error().message);
  }
}

Result<Exit> DockerRuntime::follow(const Container& container, const std::string& id) {
  const auto started = world_.clock.monotonic();
  std::optional<Clock::Monotonic> stopping;
  bool forced = false;
  Exit exit;
  Follower follower(*patient_, container, id);
  while (!follower.wait_for(look_up_every)) {
    const auto now = world_.clock.monotonic();
    if (!stopping) {
      exit.cancelled = world_.cancellation.requested();
      exit.timed_out = !exit.cancelled && container.timeout && now - started >= *container.timeout;
      if (!exit.cancelled && !exit.timed_out) continue;
      stopping = now;
      stop(id, false);
    } else if (!forced && (now - *stopping >= grace || world_.cancellation.insisted())) {
      forced = true;
      stop(id, true);
    } else if (now - *stopping >= grace + last_patience) {
      given_up_.request(SIGTERM);
    }
  }
  auto status = follower.status();
  if (!status) return tl::unexpected(std::move(status.error()).wrap("the container's end is not known"));
  exit.status = *status;
  if (exit.status == killed && !forced) {
    const auto state = patient_->inspect_container(id);
    exit.out_of_memory = state && state->out_of_memory;
  }
  return exit;
}

Status remove_docker_containers(const World& world, const std::filesystem::path& runs, const std::string& run_id) {
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  auto containers = engine->list_containers({{runs_label, runs.string()}, {run_label, run_id}});
  if (!containers) return tl::unexpected(std::move(containers.error()));
  for (const docker::ContainerSummary& container : *containers) {
    if (auto removed = engine->remove_container(container.id); !removed) return removed;
  }
  return {};
}

}  // namespace liminal::run
