// Blobs: reading them with resumption, and sending them.
#pragma once

#include "session.hpp"

namespace liminal::registry {

Status read_blob(Session& session, const Repository& repository, const Descriptor& blob,
                 const std::function<Status(std::string_view)>& on_piece);
Result<bool> has_blob(Session& session, const Purpose& purpose, const std::string& digest);
Result<BlobOutcome> write_blob(Session& session, const Repository& repository, const Descriptor& blob,
                               const BlobSource& source, const std::optional<std::string>& mount_from,
                               const std::function<void(std::uint64_t)>& on_progress);

}  // namespace liminal::registry
