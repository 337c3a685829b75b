// Where a Docker Engine may be: DOCKER_HOST, the current docker context, and the usual sockets.
#pragma once

#include <string>
#include <vector>

#include "liminal/base/world.hpp"

namespace liminal::docker {

struct Endpoint {
  std::string description;  // for people: "unix:///var/run/docker.sock (the default socket)"
  std::string unix_socket;  // path; empty for TCP
  std::string base_url;     // http://localhost for a socket, http(s)://host:port for TCP
  TlsOptions tls;
};

// In the order in which they are tried. When DOCKER_HOST, DOCKER_CONTEXT or the current context names one, that one
// alone: another engine would be a surprise. Errors (usage): an address that cannot be understood, a context or
// certificate that is not there.
[[nodiscard]] Result<std::vector<Endpoint>> find_endpoints(const World& world);

}  // namespace liminal::docker
