// What an image was made of when it was built last, kept in the user's cache: only to say why it would be built again.
// Whether it is there is asked of the layout or the engine itself.
#pragma once

#include <optional>
#include <string>

#include "content.hpp"

namespace liminal::build {

struct BuildRecord {
  ContentKey key;
  SourceTree source;
};

// `name` is the image's, without a tag that is its content key.
[[nodiscard]] std::optional<BuildRecord> read_build_record(const World& world, const Options& options,
                                                           const std::string& name);
// A record that cannot be written is a reason that cannot be told; nothing else depends on it.
void write_build_record(const World& world, const Options& options, const std::string& name, const BuildRecord& record);

// Why an image of this content would be built: "never built here", "source changed: train.py", ...
[[nodiscard]] std::string reason_to_build(const std::optional<BuildRecord>& before, const ContentKey& key,
                                          const SourceTree& source);

}  // namespace liminal::build
