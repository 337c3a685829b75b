// The Docker Engine as what runs a pipeline's tasks: images it built itself, and those of the OCI layout, which it
// loads.
#pragma once

#include <memory>
#include <mutex>

#include "liminal/docker/client.hpp"

#include "runtime.hpp"

namespace liminal::run {

class DockerRuntime final : public Runtime {
 public:
  struct Settings {
    std::filesystem::path layout;  // of images that the engine did not build
    std::filesystem::path runs;    // of all runs of this project; tells their containers from those of another
    std::string run_id;
    std::string network;  // none, host, a name; empty: the engine's default
  };

  // Error (unavailable): no engine answers.
  [[nodiscard]] static Result<std::unique_ptr<Runtime>> connect(const World& world, Settings settings);

  [[nodiscard]] std::string description() const override;
  Status prepare(const build::BuiltImage& image) override;
  Result<Exit> run(const Container& container) override;

 private:
  DockerRuntime(const World& world, Settings settings);

  [[nodiscard]] Result<std::optional<std::string>> find(const build::BuiltImage& image) const;
  [[nodiscard]] docker::ContainerSpec spec_of(const Container& container) const;
  Result<Exit> follow(const Container& container, const std::string& id);
  void stop(const std::string& id, bool now);

  const World& world_;
  Settings settings_;
  // Calls about a container that was started go on when the user asks to stop, since they are what stops it. Only an
  // engine that does not answer any more is given up.
  Cancellation given_up_;
  World patient_world_;
  std::optional<docker::Client> engine_;
  std::optional<docker::Client> patient_;
  std::map<std::string, std::string> images_;  // by digest: what the engine knows them by
};

// Removes the containers of a run that was killed.
Status remove_docker_containers(const World& world, const std::filesystem::path& runs, const std::string& run_id);

}  // namespace liminal::run
