// A client of the Docker Engine API (dockerd 20.10 and later; podman's service answers it too).
// https://docs.docker.com/reference/api/engine/
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/base/world.hpp"
#include "liminal/docker/endpoint.hpp"

namespace liminal::docker {

struct EngineInfo {
  std::string endpoint;      // where it answered, for people
  std::string version;       // of the engine: 20.10.24
  std::string api_version;   // agreed on: the newest that both sides know
  std::string os;            // linux
  std::string architecture;  // amd64, as Docker names it
};

struct ImageInfo {
  std::string id;  // sha256:... of its configuration (classic store) or manifest (containerd store)
  std::vector<std::string> repo_digests;  // repository@sha256:..., of every push and pull
  std::map<std::string, std::string> labels;
  std::uint64_t size = 0;  // bytes of its layers, unpacked
};

// Name and password for one registry, or an identity token. Never printed.
struct RegistryLogin {
  std::string server;  // host[:port]; https://index.docker.io/v1/ for Docker Hub
  std::string username;
  std::string password;
  std::string identity_token;
};

struct BuildRequest {
  std::vector<std::string> tags;
  std::map<std::string, std::string> labels;
  HttpBodySource context;                 // a tar
  std::string dockerfile = "Dockerfile";  // its path in the context
  std::map<std::string, std::string> build_args;
  std::string network_mode;  // of RUN steps; empty: the engine's default
  std::string platform;      // linux/amd64; empty: the engine's own
  bool no_cache = false;
  bool pull = false;                  // ask the registry for a newer base
  std::vector<RegistryLogin> logins;  // for bases of private registries
};

struct BindMount {
  std::string host_path;  // absolute, must exist
  std::string container_path;
  bool read_only = false;
};

struct ContainerSpec {
  std::string image;                                   // reference or id
  std::string name;                                    // empty: the engine chooses
  std::optional<std::vector<std::string>> entrypoint;  // unset: the image's own
  std::vector<std::string> command;                    // empty: the image's own
  std::vector<std::string> environment;                // NAME=VALUE
  std::vector<BindMount> mounts;
  std::map<std::string, std::string> labels;
  std::string network_mode;                   // none, host, ...; empty: the engine's default
  std::string working_directory;              // empty: the image's own
  std::string user;                           // uid[:gid]; empty: the image's own
  std::vector<std::string> extra_hosts;       // NAME:ADDRESS
  std::optional<std::uint64_t> memory_bytes;  // limit, swap included
  std::optional<std::uint64_t> cpu_millis;    // limit, in thousandths of a processor
  std::optional<std::uint64_t> cpu_share;     // weight where processors are short; 1000 stands for one of them
  bool init = false;                          // a small init as process 1 that reaps and passes signals on
};

struct ContainerState {
  std::string id;
  std::string status;  // created, running, exited, ...
  bool running = false;
  int exit_status = 0;
  bool out_of_memory = false;
  std::string error;  // why it could not be started, if it could not
};

struct ContainerSummary {
  std::string id;
  std::vector<std::string> names;
  std::string status;
  std::map<std::string, std::string> labels;
};

enum class LogStream { out, error };

// May be used from several threads at once. What a call cannot reach or is refused is `unavailable`; what the engine
// tried and could not do is `failed`.
class Client {
 public:
  // Looks where the Docker client would (see find_endpoints), and takes the first engine that answers. Error
  // (unavailable): none does; says what was tried and what each said.
  [[nodiscard]] static Result<Client> connect(const World& world);
  [[nodiscard]] static Result<Client> connect(const World& world, const Endpoint& endpoint);

  [[nodiscard]] const EngineInfo& engine() const { return engine_; }

  // Builds with the classic builder and returns the image's id. `on_line` gets what the build prints, line by line.
  // Error (failed): a step failed; `excerpt` holds the last lines of what it printed.
  Result<std::string> build(const BuildRequest& request, const std::function<void(std::string_view)>& on_line) const;

  // Empty when the engine has no such image.
  [[nodiscard]] Result<std::optional<ImageInfo>> inspect_image(const std::string& reference) const;
  Status tag_image(const std::string& source, const std::string& repository, const std::string& tag) const;
  // A docker archive; engines with the containerd store (and newer classic ones) read an OCI layout's tar too.
  // Returns what the engine said it loaded, one reference or id a line.
  Result<std::vector<std::string>> load(HttpBodySource archive) const;
  Status pull(const std::string& reference, const std::optional<RegistryLogin>& login,
              const std::function<void(std::string_view)>& on_line) const;
  // Returns the digest of the manifest that the registry holds now.
  Result<std::string> push(const std::string& repository, const std::string& tag,
                           const std::optional<RegistryLogin>& login,
                           const std::function<void(std::string_view)>& on_line) const;

  // The container's id.
  Result<std::string> create_container(const ContainerSpec& spec) const;
  Status start_container(const std::string& id) const;
  // Until it has stopped; at once when it is not running. Its exit status.
  Result<int> wait_container(const std::string& id) const;
  // What it prints, in pieces as they come and from its beginning; with `follow` until it has stopped.
  Status container_logs(const std::string& id, bool follow,
                        const std::function<void(LogStream, std::string_view)>& on_piece) const;
  [[nodiscard]] Result<ContainerState> inspect_container(const std::string& id) const;
  Status kill_container(const std::string& id, const std::string& signal) const;  // SIGTERM, SIGKILL
  // Stopped or running, with its anonymous volumes. One that is not there is no error.
  Status remove_container(const std::string& id) const;
  // Containers in any state that carry every one of these labels.
  [[nodiscard]] Result<std::vector<ContainerSummary>> list_containers(
      const std::map<std::string, std::string>& labels) const;

 private:
  Client(const World& world, Endpoint endpoint) : world_(&world), endpoint_(std::move(endpoint)) {}

  [[nodiscard]] HttpRequest request(std::string method, const std::string& target) const;
  Status negotiate();

  const World* world_;
  Endpoint endpoint_;
  EngineInfo engine_;
};

}  // namespace liminal::docker
