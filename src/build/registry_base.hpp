// Base images in registries, kept on this machine once they were fetched.
#pragma once

#include <filesystem>
#include <string>

#include "liminal/build/build.hpp"

namespace liminal::build {

struct FetchedBase {
  std::string digest;            // of the manifest for this machine's platform
  std::filesystem::path layout;  // where its blobs are
};

// The digest of the manifest. A reference that was fetched before stands for what it stood for then, as with Docker;
// `no_cache` asks the registry anew.
[[nodiscard]] Result<std::string> registry_base_digest(const World& world, const std::string& reference,
                                                       const Options& options);

// Fetches what of the image is not on this machine yet: of the manifest with the digest `planned`, unless that is
// empty, since a tag may have moved. Errors: unavailable.
[[nodiscard]] Result<FetchedBase> fetch_base(const World& world, const std::string& reference,
                                             const std::string& planned, const Options& options);

}  // namespace liminal::build
