// A client of Apache Airflow's REST API: /api/v1 of Airflow 2, /api/v2 of Airflow 3.
// https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/base/world.hpp"

namespace liminal::airflow {

// How to sign in. Never printed.
struct Login {
  std::string username;
  std::string password;
  std::string token;  // instead of both: sent as a bearer token
};

struct Server {
  std::string url;  // of its page, such as http://127.0.0.1:8080 or https://host/airflow
  Login login;
  TlsOptions tls;
  bool insecure = false;  // plain HTTP to a host that is neither this machine nor of a private network was asked for
};

struct ServerVersion {
  unsigned major = 0;  // 2 or 3
  std::string text;    // 3.3.2
};

// A DAG file that Airflow could not import.
struct ImportError {
  std::string file;
  std::string trace;  // Python's, of several lines
};

struct Dag {
  std::string id;
  std::string file;  // as Airflow names it, on its machine
  bool paused = false;
  bool has_import_errors = false;
  std::vector<std::string> tags;
  std::string parsed;  // when its file was read last; RFC 3339
};

struct Run {
  std::string id;
  std::string dag;
  std::string state;  // queued, running, success, failed
  std::string logical_date;
  std::string started;  // RFC 3339, empty: not yet
  std::string ended;

  [[nodiscard]] bool finished() const { return state == "success" || state == "failed"; }
};

struct TaskInstance {
  std::string task;
  int map_index = -1;       // -1: not mapped
  std::string state;        // empty: nothing has happened to it yet
  unsigned try_number = 0;  // the newest attempt; 0: none was made
  std::string started;
  std::string ended;
  std::string operator_name;

  // No more comes of it unless somebody clears it.
  [[nodiscard]] bool finished() const;
};

struct RunRequest {
  std::string dag;
  std::string run_id;                                    // empty: one is made up
  std::optional<std::chrono::sys_seconds> logical_date;  // default: now. Without one, templates of Airflow 3 have no ds
  std::map<std::string, std::string> params;             // run conf
};

struct LogLine {
  std::string time;   // RFC 3339; empty: the line goes on with the one before, or has none
  std::string level;  // info, warning, error, ...; may be empty
  std::string text;
};

// How far the log of one attempt has been read.
struct LogPlace {
  std::size_t lines = 0;    // that were told
  std::string token;        // Airflow 3's: it sends what comes after; empty: it sends the whole
  std::uint64_t bytes = 0;  // of the log, as far as it was sent
};

// A task's log as far as it has come. Lines of an earlier answer leave out what was told then.
struct TaskLog {
  std::vector<LogLine> lines;  // new ones
  LogPlace next;               // to be given to the next call
  bool more = false;           // there are more than one call tells: ask on
  bool too_large = false;      // what is new is more than can be read
};

// May be used from several threads at once. What may be asked twice is tried again when the server is busy or the
// connection breaks; triggering too, since a run's id is chosen here and tells whether the first attempt arrived.
class Client {
 public:
  // Finds out the version and, of Airflow 3, gets a token. Errors (unavailable): nothing answers there, what answers is
  // no Airflow, or it does not know the user.
  [[nodiscard]] static Result<Client> connect(const World& world, const Server& server);
  // What answers there, without signing in.
  [[nodiscard]] static Result<ServerVersion> detect(const World& world, const Server& server);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  [[nodiscard]] const ServerVersion& version() const;

  [[nodiscard]] Result<std::vector<ImportError>> import_errors() const;
  // Those of files that are still there, in the order of their ids.
  [[nodiscard]] Result<std::vector<Dag>> dags() const;
  // Empty: there is none, or not yet. Airflow looks into its folder every few seconds or minutes.
  [[nodiscard]] Result<std::optional<Dag>> find_dag(const std::string& dag) const;
  Status set_paused(const std::string& dag, bool paused) const;

  // Errors (usage): no such DAG; (failed): Airflow refuses the run, as when there is one of this id or logical date.
  Result<Run> trigger(const RunRequest& request) const;
  [[nodiscard]] Result<Run> run(const std::string& dag, const std::string& run_id) const;
  // Newest first, at most `limit`.
  [[nodiscard]] Result<std::vector<Run>> runs(const std::string& dag, unsigned limit) const;
  [[nodiscard]] Result<std::vector<TaskInstance>> task_instances(const std::string& dag,
                                                                 const std::string& run_id) const;
  // Of one attempt. Empty while Airflow has none of it.
  [[nodiscard]] Result<TaskLog> task_log(const std::string& dag, const std::string& run_id, const TaskInstance& task,
                                         unsigned try_number, const LogPlace& from) const;
  // Runs again what failed and what comes after it, with the DAG file as it is now; what succeeded stays. Airflow 3.0
  // keeps to the version that the run began with, of a DAG bundle that has versions. The tasks that were cleared, each
  // once.
  Result<std::vector<std::string>> resume(const std::string& dag, const std::string& run_id) const;
  // Ends a run: its running tasks are stopped, and it counts as failed.
  Status stop_run(const std::string& dag, const std::string& run_id) const;

 private:
  class Connection;
  explicit Client(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace liminal::airflow
