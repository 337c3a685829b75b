// A World with a real HTTP client, a clock that does not wait, and credentials in a folder of the test's.
#pragma once

#include <string>

#include "liminal/base/base64.hpp"
#include "liminal/registry/client.hpp"

#include "support/fault_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::testing {

class RegistryWorld {
 public:
  // Stores a login, as docker login does.
  void log_in(const std::string& host, const std::string& user, const std::string& password) const {
    folder.write("docker/config.json",
                 R"({"auths":{")" + host + R"(":{"auth":")" + base64_encode(user + ":" + password) + R"("}}})");
  }

  TemporaryFolder folder;
  TestWorld parts{std::map<std::string, std::string>{{"DOCKER_CONFIG", (folder.path() / "docker").string()}}};
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files,    parts.processes,    *http, parts.clock, parts.environment,
              parts.progress, parts.cancellation, 1};
};

// A blob in memory.
inline registry::BlobSource source_of(std::string bytes) {
  return {[bytes = std::move(bytes)](std::uint64_t offset) -> Result<registry::BlobSource::Reader> {
    auto at = std::make_shared<std::size_t>(offset);
    return registry::BlobSource::Reader([bytes, at](char* buffer, std::size_t capacity) -> Result<std::size_t> {
      const std::size_t count = bytes.copy(buffer, capacity, *at);
      *at += count;
      return count;
    });
  }};
}

}  // namespace liminal::testing
