#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/kube/kubeconfig.hpp"

#include "credentials.hpp"

namespace liminal::kube {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t file_limit = 4U << 20U;

std::string trimmed(std::string text) {
  while (text.ends_with('\n') || text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

Result<std::optional<Connection>> in_cluster(const World& world) {
  const fs::path folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  const std::string host = world.environment.get("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = world.environment.get("KUBERNETES_SERVICE_PORT").value_or("");
  // A pod may have been given no account.
  if (host.empty() || port.empty() || !world.files.info_following_links(folder / "token")) {
    return std::optional<Connection>();
  }
  const auto unreadable = [](Error error) {
    error.kind = ErrorKind::unavailable;
    return tl::unexpected(std::move(error).wrap("the service account of this pod cannot be read"));
  };
  auto authority = world.files.read(folder / "ca.crt", file_limit);
  if (!authority) return unreadable(std::move(authority.error()));
  Connection connection;
  connection.cluster = "of this pod";
  const std::string address = host.find(':') == std::string::npos ? host : "[" + host + "]";
  connection.server = fmt::format("https://{}:{}", address, port);
  if (const auto url = HttpUrl::parse(connection.server); !url) {
    return fail(ErrorKind::usage, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address of a server",
                "correct them, or unset them");
  }
  connection.tls.ca_pem = std::move(*authority);
  connection.namespace_name = trimmed(world.files.read(folder / "namespace", file_limit).value_or("default"));
  connection.credentials = token_file_credentials(folder / "token", {});
  return std::optional(std::move(connection));
}

bool is_development_cluster(const Connection& connection) {
  constexpr std::array names{"minikube", "docker-desktop", "rancher-desktop", "colima", "orbstack", "microk8s"};
  const std::string& context = connection.context;
  const bool named = std::find(names.begin(), names.end(), context) != names.end() || context.starts_with("kind-") ||
                     context.starts_with("k3d-");
  const auto url = HttpUrl::parse(connection.server);
  // What a proxy reaches at such an address is not on this machine.
  if (!named || !url || !connection.proxy.empty()) return false;
  // The name that Docker Desktop writes into this machine's list of hosts, for loopback.
  if (context == "docker-desktop" && url->host == "kubernetes.docker.internal") return true;
  const HostKind kind = kind_of_host(url->host);
  return kind == HostKind::loopback || kind == HostKind::private_net;
}

}  // namespace liminal::kube
