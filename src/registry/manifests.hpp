// Manifests and indexes: looking, reading, writing, and the choice of a platform.
#pragma once

#include "session.hpp"

namespace liminal::registry {

Result<std::optional<Descriptor>> find_manifest(Session& session, const Repository& repository,
                                                const std::string& reference);
Result<Manifest> read_manifest(Session& session, const Repository& repository, const std::string& reference);
Result<std::string> write_manifest(Session& session, const Repository& repository, const std::string& reference,
                                   const Manifest& manifest);

[[nodiscard]] bool is_index(const Manifest& manifest);
// The digest of the manifest for this platform. Errors (usage): the index has none; says which it has.
[[nodiscard]] Result<std::string> choose_platform(const Manifest& index, const Platform& platform,
                                                  const std::string& name);

}  // namespace liminal::registry
