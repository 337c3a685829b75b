// What is kept about the local Airflow between one command and the next, and where.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "liminal/airflow/local_airflow.hpp"
#include "liminal/base/background_process.hpp"
#include "liminal/base/file_system.hpp"

namespace liminal::airflow {

struct LocalPaths {
  explicit LocalPaths(const std::filesystem::path& home)
      : dags(home / "dags"),
        folder(home / "airflow"),
        state(folder / "state.json"),
        lock(folder / "lock"),
        password(folder / "password"),
        program(folder / "local_airflow.py"),
        log(folder / "log"),
        earlier_log(folder / "log.1") {}

  std::filesystem::path dags;
  std::filesystem::path folder;
  std::filesystem::path state;
  std::filesystem::path lock;  // held while the state is looked at and changed, never while something is waited for
  std::filesystem::path password;
  std::filesystem::path program;
  std::filesystem::path log;
  std::filesystem::path earlier_log;

  [[nodiscard]] std::filesystem::path environment(unsigned major) const {
    return folder / ("venv-" + std::to_string(major));
  }
};

struct LocalState {
  LocalSource source = LocalSource::installed;
  std::uint16_t port = 0;
  std::string version;
  bool ready = false;
  std::string mark;         // what it is found by when all else is lost; written before anything is started
  ProcessIdentity leader;   // of a process
  ProcessIdentity starter;  // the command that waits for it to become ready

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port); }
  [[nodiscard]] ProcessFamily family(const LocalPaths& paths) const {
    return {leader, std::string(mark_variable) + "=" + mark, paths.folder};
  }
  static constexpr const char* mark_variable = "LIMINAL_AIRFLOW_MARK";
  static constexpr const char* mark_label = "liminal.airflow";  // of a container
};

// Empty when there is none. Error (usage): the file is there and is none of ours.
[[nodiscard]] Result<std::optional<LocalState>> read_state(const FileSystem& files, const LocalPaths& paths);
Status write_state(FileSystem& files, const LocalPaths& paths, const LocalState& state);
// Unless it is another's by now.
Status remove_state(FileSystem& files, const LocalPaths& paths, const LocalState& state);

}  // namespace liminal::airflow
