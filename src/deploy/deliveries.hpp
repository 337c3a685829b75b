// Which DAG files of a folder were delivered by whom: a list beside them, which Airflow does not read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>

#include "liminal/base/file_system.hpp"

namespace liminal::deploy {

struct Owner {
  std::string repository;
  std::string system;

  friend bool operator==(const Owner&, const Owner&) = default;
  friend bool operator<(const Owner& a, const Owner& b) {
    return std::tie(a.repository, a.system) < std::tie(b.repository, b.system);
  }
};

struct DeliveredFile {
  Owner owner;
  std::string dag;     // its name in Airflow
  std::string digest;  // of what was written, sha256
};

using Deliveries = std::map<std::string, DeliveredFile>;  // by path below the folder

inline constexpr std::string_view deliveries_name = ".liminal-deliveries.json";

// Empty when nothing was delivered. A list that cannot be read is an error: guessing could delete others' files.
[[nodiscard]] Result<Deliveries> read_deliveries(const FileSystem& files, const std::filesystem::path& folder);
// Nothing is written when nothing changed.
Status write_deliveries(FileSystem& files, const std::filesystem::path& folder, const Deliveries& deliveries);

}  // namespace liminal::deploy
