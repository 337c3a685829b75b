#include "host.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"

namespace liminal::registry {

bool is_docker_hub(const std::string& host) {
  return host.empty() || host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io" ||
         host == "registry.hub.docker.com";
}

std::string api_host(const std::string& host) {
  return is_docker_hub(host) ? "registry-1.docker.io" : host;
}

std::string api_name(const Repository& repository) {
  const bool one_part = repository.name.find('/') == std::string::npos;
  return is_docker_hub(repository.host) && one_part ? "library/" + repository.name : repository.name;
}

Result<Address> AddressBook::find(const std::string& host) {
  // Held while asking: two threads need not both ask.
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(host); found != known_.end()) return found->second;
  auto address = probe(host);
  if (address) known_.emplace(host, *address);
  return address;
}

Result<HttpResponse> AddressBook::ping(const std::string& url, bool verify) const {
  HttpRequest request;
  request.url = url + "/v2/";
  request.tls.verify = verify;
  request.body_limit = 64U << 10U;
  request.cancellation = &world_.cancellation;
  return world_.http.send(request);
}

Result<Address> AddressBook::probe(const std::string& host) {
  const Address secure{"https://" + api_host(host), true};
  const auto url = HttpUrl::parse(secure.base_url);
  if (!url) return tl::unexpected(Error(url.error()).wrap(fmt::format("{} is no name of a registry", host)));
  const auto& list = options_.insecure;
  const bool insecure = std::find(list.begin(), list.end(), host) != list.end();
  const bool loopback = kind_of_host(url->host) == HostKind::loopback;
  if (!insecure && !loopback) return secure;

  const Address plain{"http://" + api_host(host), true};
  if (!insecure) {
    const auto answer = ping(plain.base_url, true);
    if (answer) return answer->status == 400 ? secure : plain;  // 400: plain HTTP to a server of TLS
    if (answer.error().kind == ErrorKind::interrupted) return tl::unexpected(answer.error());
    return ping(secure.base_url, true) ? secure : plain;
  }
  const Address unverified{secure.base_url, false};
  const auto answer = ping(unverified.base_url, false);
  if (!answer && answer.error().kind == ErrorKind::interrupted) return tl::unexpected(answer.error());
  if (options_.on_warning) {
    options_.on_warning(
        fmt::format("{} is used {}, as the configuration says: what it sends and gets can be read and "
                    "changed on the way",
                    host, answer ? "without checking its certificate" : "over plain HTTP"));
  }
  return answer ? unverified : plain;
}

}  // namespace liminal::registry
