// The names by which CI systems know files.
#pragma once

#include <string>
#include <string_view>

#include "liminal/report/writer.hpp"

namespace liminal::report {

// The path from the repository's root, without a leading ./; for a finding without a file, that of the run's first
// configuration file, since readers refuse a finding without a place.
[[nodiscard]] std::string repository_path(const std::string& file, const RunReport& run, const Context& context);

// RFC 3986: bytes that are not unreserved are percent-encoded; / is kept. An absolute path becomes a file: URI.
[[nodiscard]] std::string path_to_uri(std::string_view path);

}  // namespace liminal::report
