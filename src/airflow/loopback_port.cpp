#include "loopback_port.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace liminal::airflow {

Result<std::uint16_t> free_loopback_port(std::optional<std::uint16_t> wanted) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // With it, only somebody who listens is in the way, and not a connection that has just ended.
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(wanted.value_or(0));
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool is_free =
      ::bind(socket, generic, size) == 0 && ::listen(socket, 1) == 0 && ::getsockname(socket, generic, &size) == 0;
  ::close(socket);
  if (is_free) return ntohs(address.sin_port);
  return fail(ErrorKind::unavailable,
              wanted ? fmt::format("port {} of this machine is taken", *wanted) : "no port of this machine is free",
              "choose another port, or leave --port out for a free one");
}

}  // namespace liminal::airflow
