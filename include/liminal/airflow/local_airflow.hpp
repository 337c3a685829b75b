// An Airflow of this machine alone, for the DAG files of $LIMINAL_HOME/dags: started, looked at and stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "liminal/airflow/client.hpp"
#include "liminal/base/world.hpp"

namespace liminal::airflow {

// What runs it. `automatic`: an image that a Docker Engine has, else an installed Airflow, else a virtual environment
// that was made here before; a new one only when it is asked for.
enum class LocalSource { automatic, docker, installed, environment };
[[nodiscard]] std::string_view to_string(LocalSource source);  // as --airflow-by has it

struct LocalOptions {
  LocalSource source = LocalSource::automatic;
  std::optional<unsigned> major;      // 2 or 3; default: whichever is there, and 3 for a new environment
  std::optional<std::uint16_t> port;  // default: a free one
  std::string image;                  // of Docker; default: apache/airflow
};

struct LocalAirflow {
  std::string url;
  std::string username;
  std::filesystem::path password_file;  // for this user's eyes alone (mode 0600)
  std::filesystem::path dags;
  std::filesystem::path log;
  LocalSource source = LocalSource::installed;
  std::string version;  // empty: it has not answered yet
  bool ready = false;   // its page has answered
  bool running = false;
};

using OnLine = std::function<void(std::string_view)>;

struct LogView {
  std::size_t tail = 100;             // lines, the last
  bool follow = false;                // until it ends or the user stops it
  std::optional<std::uint64_t> from;  // bytes that were told before, instead of `tail`
};

// The Airflow of one folder. May be used by several processes at once: a start and a stop wait for each other.
class Local {
 public:
  // `home`: LIMINAL_HOME, absolute. Its state lies in home/airflow.
  Local(const World& world, std::filesystem::path home);

  struct Started {
    LocalAirflow airflow;
    bool already = false;        // it ran before
    std::uint64_t log_told = 0;  // bytes of its output that `on_line` got
  };
  // Returns once its page answers and its user can sign in. What it prints meanwhile goes to `on_line`. What was
  // begun is ended when it does not get there, or the user stops it. What an earlier start left half done is ended
  // first. Errors (unavailable): there is no Airflow to start, or another start is under way; (failed): it ended, or
  // did not answer in time.
  Result<Started> start(const LocalOptions& options, const OnLine& on_line);
  // Ends it and everything it started. How many processes and containers that were; none is no error.
  Result<std::size_t> stop();
  // Empty: none was started, or it was stopped. One that ended by itself is told as not running.
  [[nodiscard]] Result<std::optional<LocalAirflow>> find() const;
  // Its output, of the last start; its password is covered where it stands there. Errors (usage): there is none.
  Status show_log(const LogView& view, const OnLine& on_line) const;
  // How to sign in, for the client. Error (usage): none was started.
  [[nodiscard]] Result<Server> server() const;

 private:
  const World& world_;
  std::filesystem::path home_;
};

// $LIMINAL_HOME, by default ~/liminal_home. Error (usage): neither it nor HOME is set, or it is no absolute path.
[[nodiscard]] Result<std::filesystem::path> liminal_home(const Environment& environment);

}  // namespace liminal::airflow
