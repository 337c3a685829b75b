#include "liminal/airflow/local_airflow.hpp"

#include <deque>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/random.hpp"

#include "local_run.hpp"
#include "log_file.hpp"
#include "loopback_port.hpp"

namespace liminal::airflow {

extern const std::string_view local_airflow_program;  // local_airflow.py

namespace {

namespace fs = std::filesystem;

constexpr const char* user = "admin";
constexpr std::string_view item = "local Airflow";
constexpr std::size_t password_length = 20;
constexpr std::size_t excerpt_lines = 20;
constexpr std::chrono::milliseconds look_every{200};
constexpr std::chrono::minutes most_patience{6};  // a slow machine takes two, the first time

LocalAirflow describe(const LocalPaths& paths, const LocalState& state, bool running) {
  return {state.url(), user, paths.password, paths.dags, paths.log, state.source, state.version, state.ready, running};
}

Result<std::string> read_password(const FileSystem& files, const LocalPaths& paths) {
  auto text = files.read(paths.password, 4096);
  if (text) {
    while (text->ends_with('\n')) text->pop_back();
  }
  return text;
}

Status make_password(FileSystem& files, const LocalPaths& paths) {
  if (files.info(paths.password)) return {};
  return files.write(paths.password, random_text(password_length) + "\n", 0600);
}

tl::unexpected<Error> stopped_meanwhile() {
  return fail(ErrorKind::failed, "the local Airflow was stopped while it started", "start it again");
}

// One start, from the first look to the page that answers.
class Start {
 public:
  Start(const World& world, const LocalPaths& paths, const LocalOptions& options, const OnLine& on_line)
      : world_(world), paths_(paths), options_(options), on_line_(on_line) {}

  Result<Local::Started> run() {
    auto before = look();
    if (!before) return tl::unexpected(std::move(before.error()));
    if (*before) return Local::Started{describe(paths_, **before, true), true};
    world_.progress.started(item, "starting");
    const auto began = world_.clock.monotonic();
    auto chosen = choose_source(world_, paths_, options_);
    if (!chosen) return finish(began, tl::unexpected(std::move(chosen.error())));
    auto running = begin(*chosen);
    if (!running) return finish(began, tl::unexpected(std::move(running.error())));
    if (*running) return finish(began, Local::Started{describe(paths_, **running, true), true});
    auto ready = wait();
    if (!ready) return finish(began, give_up(std::move(ready.error())));
    return finish(began, Local::Started{describe(paths_, state_, true), false, told_});
  }

 private:
  // One that is ready already; what an earlier start left half done is ended. To be called with the lock.
  Result<std::optional<LocalState>> look_locked() {
    auto state = read_state(world_.files, paths_);
    if (!state || !*state) return state;
    const auto running = is_running(world_, **state);
    if (!running) return tl::unexpected(running.error());
    if (*running && (*state)->ready) return state;
    if (*running && world_.processes.is_running((*state)->starter)) {
      return fail(ErrorKind::unavailable,
                  fmt::format("another `liminal start` (process {}) is under way for {}", (*state)->starter.id,
                              paths_.folder.string()),
                  "wait for it, or end it with liminal stop");
    }
    const auto ended = end(world_, paths_, **state);
    if (!ended) return tl::unexpected(ended.error());
    if (auto removed = remove_state(world_.files, paths_, **state); !removed) return tl::unexpected(removed.error());
    return std::optional<LocalState>();
  }

  Result<std::optional<LocalState>> look() {
    const auto lock = FileLock::acquire(paths_.lock, world_.cancellation);
    if (!lock) return tl::unexpected(lock.error());
    return look_locked();
  }

  // Starts it, unless another start was faster. The state is written before and after: one that is cut off in between
  // leaves the mark by which its process is found.
  Result<std::optional<LocalState>> begin(ChosenSource& chosen) {
    const auto lock = FileLock::acquire(paths_.lock, world_.cancellation);
    if (!lock) return tl::unexpected(lock.error());
    auto before = look_locked();
    if (!before || *before) return before;
    const auto port = free_loopback_port(options_.port);
    if (!port) return tl::unexpected(port.error());
    state_.source = chosen.source;
    state_.port = *port;
    state_.mark = random_text(24);
    state_.starter = world_.processes.this_process();
    auto launched = lay_out();
    if (launched) launched = write_state(world_.files, paths_, state_);
    if (launched) launched = launch(world_, paths_, options_, chosen, state_);
    if (launched) launched = write_state(world_.files, paths_, state_);
    if (!launched) {
      static_cast<void>(end(world_, paths_, state_));
      static_cast<void>(remove_state(world_.files, paths_, state_));
      return tl::unexpected(launched.error());
    }
    return std::optional<LocalState>();
  }

  Status lay_out() {
    if (auto made = world_.files.make_directories(paths_.dags); !made) return made;
    if (auto written = world_.files.write(paths_.program, local_airflow_program); !written) return written;
    if (auto made = make_password(world_.files, paths_); !made) return made;
    if (world_.files.info(paths_.log)) {
      if (auto moved = world_.files.rename(paths_.log, paths_.earlier_log); !moved) return moved;
    }
    return world_.files.write(paths_.log, "", 0600);
  }

  Status wait() {
    world_.progress.step(item, fmt::format("waiting for its page, {}", state_.url()));
    const auto password = read_password(world_.files, paths_);
    if (!password) return tl::unexpected(password.error());
    LogFile log(paths_.log, *password, [this](std::string_view line) { take(line); });
    const Server server{state_.url(), {user, *password, ""}, {}, false};
    const auto end_of_patience = world_.clock.monotonic() + most_patience;
    for (unsigned looks = 0;; ++looks) {
      if (auto told = log.tell_new(); !told) return told;
      told_ = log.told();
      if (world_.cancellation.requested()) return fail(ErrorKind::interrupted, "stopped while Airflow was starting");
      if (looks % 5 == 4 && answers(server)) return became_ready();
      if (auto alive = still_there(log); !alive) return alive;
      if (world_.clock.monotonic() > end_of_patience)
        return failed(fmt::format("Airflow's page did not answer within {} min", most_patience.count()));
      world_.clock.sleep_for(look_every);
    }
  }

  void take(std::string_view line) {
    last_.emplace_back(line);
    if (last_.size() > excerpt_lines) last_.pop_front();
    if (on_line_) on_line_(line);
  }

  // Its page, and a call that only its user may make.
  bool answers(const Server& server) {
    const auto found = Client::detect(world_, server);
    if (!found) return false;
    state_.version = found->text;
    const auto client = Client::connect(world_, server);
    return client && client->find_dag("liminal");
  }

  Status still_there(LogFile& log) {
    const auto running = is_running(world_, state_);
    if (!running) return tl::unexpected(running.error());
    if (*running) return {};
    if (auto told = log.tell_new(); !told) return told;
    log.finish();
    const auto now = read_state(world_.files, paths_);
    if (now && (!*now || (*now)->mark != state_.mark)) return stopped_meanwhile();
    return failed("Airflow ended while it started");
  }

  [[nodiscard]] tl::unexpected<Error> failed(std::string message) const {
    return tl::unexpected(Error{ErrorKind::failed,
                                std::move(message),
                                "all of its output is in " + paths_.log.string(),
                                {},
                                {last_.begin(), last_.end()},
                                false});
  }

  Status became_ready() {
    const auto lock = FileLock::acquire(paths_.lock, world_.cancellation);
    if (!lock) return tl::unexpected(lock.error());
    const auto now = read_state(world_.files, paths_);
    if (!now) return tl::unexpected(now.error());
    if (!*now || (*now)->mark != state_.mark) return stopped_meanwhile();
    state_.ready = true;
    return write_state(world_.files, paths_, state_);
  }

  tl::unexpected<Error> give_up(Error error) {
    world_.progress.step(item, "ending what was started");
    const auto lock = FileLock::acquire(paths_.lock);
    const auto ended = end(world_, paths_, state_);
    if (ended && lock) static_cast<void>(remove_state(world_.files, paths_, state_));
    if (!ended) error.causes.push_back(ended.error().message);
    return tl::unexpected(std::move(error));
  }

  Result<Local::Started> finish(Clock::Monotonic began, Result<Local::Started> result) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(world_.clock.monotonic() - began);
    world_.progress.finished(item, result ? Progress::Outcome::done : Progress::Outcome::failed,
                             result ? "started" : result.error().message, took);
    return result;
  }

  const World& world_;
  const LocalPaths& paths_;
  const LocalOptions& options_;
  const OnLine& on_line_;
  LocalState state_;
  std::uint64_t told_ = 0;  // bytes of its output
  std::deque<std::string> last_;
};

}  // namespace

Local::Local(const World& world, fs::path home) : world_(world), home_(std::move(home)) {}

Result<Local::Started> Local::start(const LocalOptions& options, const OnLine& on_line) {
  const LocalPaths paths(home_);
  return Start(world_, paths, options, on_line).run();
}

Result<std::size_t> Local::stop() {
  const LocalPaths paths(home_);
  if (!world_.files.info(paths.state)) return std::size_t{0};
  const auto lock = FileLock::acquire(paths.lock, world_.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  const auto state = read_state(world_.files, paths);
  if (!state) return tl::unexpected(state.error());
  if (!*state) return std::size_t{0};
  auto ended = end(world_, paths, **state);
  if (!ended) return ended;
  if (auto removed = remove_state(world_.files, paths, **state); !removed) return tl::unexpected(removed.error());
  return ended;
}

Result<std::optional<LocalAirflow>> Local::find() const {
  const LocalPaths paths(home_);
  const auto state = read_state(world_.files, paths);
  if (!state) return tl::unexpected(state.error());
  if (!*state) return std::optional<LocalAirflow>();
  const auto running = is_running(world_, **state);
  if (!running) return tl::unexpected(running.error());
  return std::optional(describe(paths, **state, *running));
}

Status Local::show_log(const LogView& view, const OnLine& on_line) const {
  const LocalPaths paths(home_);
  if (!world_.files.info(paths.log))
    return fail(ErrorKind::usage, fmt::format("there is no log: no Airflow was started in {}", home_.string()),
                "start one: liminal start -d");
  const auto password = read_password(world_.files, paths);
  LogFile log(paths.log, password.value_or(""), on_line);
  if (auto told = view.from ? log.tell_from(*view.from) : log.tell_last(view.tail); !told) return told;
  while (view.follow) {
    const auto now = find();
    if (!now) return tl::unexpected(now.error());
    if (auto told = log.tell_new(); !told) return told;
    if (!*now || !(*now)->running) break;
    if (world_.cancellation.requested()) return fail(ErrorKind::interrupted, "stopped following the log");
    world_.clock.sleep_for(look_every);
  }
  log.finish();
  return {};
}

Result<Server> Local::server() const {
  const LocalPaths paths(home_);
  const auto state = read_state(world_.files, paths);
  if (!state) return tl::unexpected(state.error());
  if (!*state)
    return fail(ErrorKind::usage, fmt::format("no Airflow was started in {}", home_.string()),
                "start one: liminal start -d");
  auto password = read_password(world_.files, paths);
  if (!password) return tl::unexpected(std::move(password.error()));
  return Server{(*state)->url(), {user, std::move(*password), ""}, {}, false};
}

Result<fs::path> liminal_home(const Environment& environment) {
  const auto chosen = environment.get("LIMINAL_HOME");
  const auto home = environment.get("HOME");
  const fs::path path = chosen && !chosen->empty() ? fs::path(*chosen)
                        : home && !home->empty()   ? fs::path(*home) / "liminal_home"
                                                   : fs::path();
  if (path.is_absolute()) return path.lexically_normal();
  return fail(ErrorKind::usage, "LIMINAL_HOME is no absolute path",
              "set LIMINAL_HOME to a folder, such as ~/liminal_home");
}

}  // namespace liminal::airflow
