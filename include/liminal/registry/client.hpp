// A client of image registries: the OCI Distribution Specification 1.1 and Docker's token authentication.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/world.hpp"

namespace liminal::registry {

inline constexpr std::string_view oci_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view docker_manifest_list = "application/vnd.docker.distribution.manifest.list.v2+json";

// A repository as an image's name has it: host[:port] and a name. An empty host or docker.io is Docker Hub, where a
// name of one part means library/NAME.
struct Repository {
  std::string host;
  std::string name;

  [[nodiscard]] std::string text() const { return host.empty() ? name : host + "/" + name; }
  friend auto operator<=>(const Repository&, const Repository&) = default;
};

struct Descriptor {
  std::string media_type;
  std::string digest;  // sha256:...
  std::uint64_t size = 0;
};

struct Manifest {
  std::string media_type;
  std::string digest;
  std::string bytes;
};

struct Platform {
  std::string os = "linux";
  std::string architecture = "amd64";
  std::string variant;  // v8, v7; empty: any
};

// The bytes of a blob, from the offset given on. The function fills the buffer and returns the count, 0 at the end.
struct BlobSource {
  using Reader = std::function<Result<std::size_t>(char* buffer, std::size_t capacity)>;
  std::function<Result<Reader>(std::uint64_t offset)> open;
};

enum class BlobOutcome { there, mounted, uploaded };

struct Options {
  std::vector<std::string> insecure;       // host[:port]: plain HTTP, and TLS without verification, are allowed
  std::vector<std::string> token_servers;  // hosts that may get a registry's password besides those of its own domain
  std::filesystem::path checkout;          // see CredentialStore
  unsigned attempts = 6;                   // of a request that may pass
  std::chrono::milliseconds connect_timeout{10'000};
  std::function<void(std::string_view)> on_warning;  // a line for the user: an insecure registry is used
};

// May be used from several threads at once: at most four blobs of a registry are under way at a time, and a blob that
// two callers send to the same repository is sent once. What is read is checked against its digest. What may pass is
// tried again, as the registry asks (Retry-After) or with growing, random pauses.
class Client {
 public:
  Client(const World& world, Options options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // What `reference`, a tag or a digest, stands for; empty when the registry has none. Costs no pull at Docker Hub.
  [[nodiscard]] Result<std::optional<Descriptor>> find_manifest(const Repository& repository,
                                                                const std::string& reference);
  // A manifest or an index. Error (unavailable): there is none.
  [[nodiscard]] Result<Manifest> read_manifest(const Repository& repository, const std::string& reference);
  // The same, but of an index the manifest for this platform.
  [[nodiscard]] Result<Manifest> read_manifest(const Repository& repository, const std::string& reference,
                                               const Platform& platform);
  // Returns the digest. A refusal because the tag is immutable is success when it holds this very manifest.
  Result<std::string> write_manifest(const Repository& repository, const std::string& reference,
                                     const Manifest& manifest);

  // A small blob, such as an image's configuration. Error: larger than `limit`.
  [[nodiscard]] Result<std::string> read_blob(const Repository& repository, const Descriptor& blob,
                                              std::uint64_t limit = 8ULL << 20);
  // In pieces, each byte once even when the connection breaks. Until this returns without an error, nothing that came
  // is to be trusted: the digest is known at the end.
  Status read_blob(const Repository& repository, const Descriptor& blob,
                   const std::function<Status(std::string_view)>& on_piece);
  [[nodiscard]] Result<bool> has_blob(const Repository& repository, const std::string& digest);
  // Sends a blob unless it is there, or can be mounted from `mount_from`, a repository of the same registry.
  // `on_progress` is told how many bytes were sent so far.
  Result<BlobOutcome> write_blob(const Repository& repository, const Descriptor& blob, const BlobSource& source,
                                 const std::optional<std::string>& mount_from = {},
                                 const std::function<void(std::uint64_t)>& on_progress = {});

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace liminal::registry
