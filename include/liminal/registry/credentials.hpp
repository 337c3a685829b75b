// Who we are to a registry: what docker login, podman login and credential helpers have stored.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "liminal/base/world.hpp"

namespace liminal::registry {

// Never printed but for `username` and `source`.
struct Credentials {
  std::string username;
  std::string password;
  std::string identity_token;  // instead of a password: exchanged for tokens
  std::string registry_token;  // instead of both: sent as it is
  std::string source;          // for people: "/root/.docker/config.json (credHelpers: ecr-login)"
};

// Looks in, and takes the first that knows the registry: config.json of DOCKER_CONFIG or ~/.docker (credHelpers, then
// credsStore, then auths), the file that REGISTRY_AUTH_FILE names, and containers/auth.json below XDG_RUNTIME_DIR and
// below ~/.config. Each registry is looked up once. May be used from several threads.
//
// A file inside the checked-out repository could come from a pull request, and name programs to run: it is refused
// unless DOCKER_CONFIG or REGISTRY_AUTH_FILE names it.
class CredentialStore {
 public:
  // `checkout` is the repository; empty: the one that the current folder belongs to, if any.
  explicit CredentialStore(const World& world, std::filesystem::path checkout = {});

  // `host` as in an image's name; empty or docker.io is Docker Hub. Empty: nothing is known, so we are anonymous.
  // Errors (usage): a file that cannot be understood or is refused. Errors (unavailable): a helper that failed.
  [[nodiscard]] Result<std::optional<Credentials>> find(const std::string& host);

 private:
  struct File {
    std::filesystem::path path;
    bool named = false;  // by a variable
  };
  [[nodiscard]] std::vector<File> files() const;
  [[nodiscard]] Result<std::optional<Credentials>> look_up(const std::string& host) const;
  [[nodiscard]] Result<std::optional<Credentials>> look_in(const File& file, const std::string& host) const;
  [[nodiscard]] Result<std::optional<Credentials>> ask_helper(const std::string& helper, const std::string& key,
                                                              const std::string& source) const;

  const World* world_;
  std::filesystem::path checkout_;
  std::mutex mutex_;
  std::map<std::string, Result<std::optional<Credentials>>> known_;
};

// The key that Docker stores a registry's login under: its host, or https://index.docker.io/v1/ for Docker Hub.
[[nodiscard]] std::string credential_key(const std::string& host);

}  // namespace liminal::registry
