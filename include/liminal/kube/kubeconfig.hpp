// kubeconfig files, as kubectl reads and merges them, and the service account of a pod.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liminal/base/world.hpp"

namespace liminal::kube {

// Who speaks to a cluster. May be used from several threads at once.
class Credentials {
 public:
  virtual ~Credentials() = default;
  struct Proof {
    std::string authorization;    // value of the Authorization header; empty: none
    std::string certificate_pem;  // of the client; empty: none
    std::string key_pem;
  };
  // Runs an `exec` plug-in or reads a token file when what it has is not there or has expired. Errors (unavailable):
  // the plug-in is missing, failed or answered with nothing; (usage): it wants a person (interactiveMode) and there is
  // none.
  [[nodiscard]] virtual Result<Proof> prove(const World& world) = 0;
  // The server said 401: what was cached is not used again. False: asking again can bring nothing new.
  virtual bool forget() = 0;
};

// What a client needs to speak to one cluster as one user.
struct Connection {
  std::string context;         // empty in a pod
  std::string cluster;         // the cluster's name in the file
  std::string namespace_name;  // the context's; "default" where it names none
  std::string server;          // https://host:port, maybe with a path, no slash at its end
  TlsOptions tls;              // of the cluster; the client's certificate comes from the credentials
  std::string proxy;           // proxy-url
  std::vector<std::pair<std::string, std::string>> impersonation;  // headers of every request (as, as-groups, ...)
  std::shared_ptr<Credentials> credentials;
};

struct KubeconfigOptions {
  std::optional<std::filesystem::path> file;  // --kubeconfig: this one alone, wherever it lies
  std::filesystem::path checkout;  // absolute; files found by default inside it are refused (a repository must not
                                   // choose where its own deploy goes); empty: none is
  std::function<void(std::string_view)> on_warning;  // a line for the user, such as: TLS is not verified
};

class Kubeconfig {
 public:
  // The file named, or those of KUBECONFIG, or ~/.kube/config. The first file to set a value wins; relative paths are
  // relative to their file. A file of KUBECONFIG that is not there is passed over; no file at all is an empty
  // kubeconfig. Errors (usage): not readable, not YAML, a value of the wrong kind, with file, line and column.
  [[nodiscard]] static Result<Kubeconfig> load(const World& world, KubeconfigOptions options);

  [[nodiscard]] std::optional<std::string> current_context() const;
  [[nodiscard]] std::vector<std::string> contexts() const;  // in the files' order
  // Errors (usage): there is no such context (naming those there are, the nearest first), cluster or user; a file it
  // names cannot be read; an auth-provider, which kubectl itself gave up, with what to use instead.
  [[nodiscard]] Result<Connection> connect(std::string_view context) const;
  // Files it was read from, for messages.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const;

 private:
  struct Data;
  std::shared_ptr<const Data> data_;
};

// The cluster of the pod that this program runs in (KUBERNETES_SERVICE_HOST and the mounted service account); empty
// when it runs in none.
[[nodiscard]] Result<std::optional<Connection>> in_cluster(const World& world);

// A cluster for development on this machine, by its context's name (minikube, kind-*, k3d-*, docker-desktop,
// rancher-desktop, colima, orbstack, microk8s) and a loopback or private address.
[[nodiscard]] bool is_development_cluster(const Connection& connection);

}  // namespace liminal::kube
