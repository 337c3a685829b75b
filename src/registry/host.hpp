// How a registry is reached: Docker Hub's names, and which registries may be spoken to without TLS.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "liminal/base/world.hpp"
#include "liminal/registry/client.hpp"

namespace liminal::registry {

// host[:port] that requests for an image's registry go to: registry-1.docker.io for Docker Hub.
[[nodiscard]] std::string api_host(const std::string& host);
[[nodiscard]] bool is_docker_hub(const std::string& host);
// library/python for python at Docker Hub.
[[nodiscard]] std::string api_name(const Repository& repository);

struct Address {
  std::string base_url;  // https://host:port
  bool verify = true;
};

// Finds out once for each registry whether it speaks TLS. Only one on loopback, or one that the user named as
// insecure, may do without.
class AddressBook {
 public:
  AddressBook(const World& world, const Options& options) : world_(world), options_(options) {}

  Result<Address> find(const std::string& host);

 private:
  Result<Address> probe(const std::string& host);
  [[nodiscard]] Result<HttpResponse> ping(const std::string& url, bool verify) const;

  const World& world_;
  const Options& options_;
  std::mutex mutex_;
  std::map<std::string, Address> known_;
};

}  // namespace liminal::registry
