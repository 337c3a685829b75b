// One file of the repository: what it is called, whether it may be read, and reading it.
#pragma once

#include "liminal/config/config.hpp"

namespace liminal::config {

// Relative to the folder the command was started in where it is below it.
[[nodiscard]] std::string shown_as(const std::string& path, const std::string& working_folder);

// Why it must not be read: no regular file, or a link out of the repository; else empty. `kind` is the path's own.
[[nodiscard]] std::string refusal_of(const World& world, const std::filesystem::path& path, FileInfo::Kind kind);

// Null when it could not be read, which is reported (unreadable-file), as is an empty file.
[[nodiscard]] std::shared_ptr<const document::Document> load_file(const World& world, const SourceFile& file,
                                                                  DiagnosticSink& findings);

}  // namespace liminal::config
