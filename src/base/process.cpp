#include "liminal/base/process.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "liminal/base/line_splitter.hpp"

#include "descriptor.hpp"
#include "process_isolation.hpp"

namespace liminal {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_up_every{50};
// How long output is still read after the program has ended while something it left behind holds the pipe open.
constexpr milliseconds drain_after_end{300};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::failed, std::string("no pipe could be made: ") + std::strerror(errno),
                "close other programs, or raise the limit of open files");
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

void set_non_blocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// A program that closes its standard input early must not end this one.
class BrokenPipesIgnored {
 public:
  BrokenPipesIgnored() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BrokenPipesIgnored() {
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec at_once{};
      while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BrokenPipesIgnored(const BrokenPipesIgnored&) = delete;
  BrokenPipesIgnored& operator=(const BrokenPipesIgnored&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

struct Child {
  pid_t id = -1;
  Descriptor input;
  Descriptor output;
  Descriptor error_output;
};

class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// A group of its own, no blocked or ignored signals, and no descriptor but the three standard ones.
void configure(SpawnSettings& settings, const ProcessRequest& request, int input, int output, int error_output) {
  if (input >= 0) {
    posix_spawn_file_actions_adddup2(&settings.actions, input, 0);
  } else {
    posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&settings.actions, output, 1);
  posix_spawn_file_actions_adddup2(&settings.actions, error_output, 2);
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, 3);
  if (!request.directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&settings.actions, request.directory.c_str());
  }
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// Descriptors 0 to 2 may be closed in this process; a pipe end there would be overwritten in the child.
Descriptor above_standard(Descriptor descriptor) {
  if (descriptor.get() > 2) return descriptor;
  return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 3));
}

Child with_pipes(Child child, Pipe input, Pipe output, Pipe error_output) {
  child.input = std::move(input.write);
  child.output = std::move(output.read);
  child.error_output = std::move(error_output.read);
  return child;
}

Result<Child> spawn(const std::string& program, const ProcessRequest& request) {
  Pipe input;
  if (!request.input.empty()) {
    auto made = make_pipe();
    if (!made) return tl::unexpected(std::move(made.error()));
    input = std::move(*made);
    input.read = above_standard(std::move(input.read));
  }
  auto output = make_pipe();
  if (!output) return tl::unexpected(std::move(output.error()));
  auto error_output = make_pipe();
  if (!error_output) return tl::unexpected(std::move(error_output.error()));
  output->write = above_standard(std::move(output->write));
  error_output->write = above_standard(std::move(error_output->write));

  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> environment;
  for (const auto& [name, value] : request.environment) environment.push_back(fmt::format("{}={}", name, value));
  Child child;
  if (request.isolation) {
    auto id = spawn_isolated({program, pointers(arguments), pointers(environment), request.directory, input.read.get(),
                              output->write.get(), error_output->write.get()},
                             *request.isolation);
    if (!id) return tl::unexpected(std::move(id.error()));
    child.id = *id;
    return with_pipes(std::move(child), std::move(input), std::move(*output), std::move(*error_output));
  }
  SpawnSettings settings;
  configure(settings, request, input.read.get(), output->write.get(), error_output->write.get());
  const int problem = posix_spawn(&child.id, program.c_str(), &settings.actions, &settings.attributes,
                                  pointers(arguments).data(), pointers(environment).data());
  if (problem != 0) {
    Error error{ErrorKind::unavailable, "`" + request.arguments.front() + "` could not be started", "", {}, {}, false};
    error.causes.emplace_back(std::strerror(problem));
    if (!request.directory.empty()) error.causes.push_back("its working folder: " + request.directory);
    return tl::unexpected(std::move(error));
  }
  return with_pipes(std::move(child), std::move(input), std::move(*output), std::move(*error_output));
}

// Follows one running program to its end.
class Watch {
 public:
  Watch(Child child, const ProcessRequest& request)
      : child_(std::move(child)),
        request_(request),
        output_lines_(request.on_output),
        error_lines_(request.on_error_output),
        end_(static_cast<int>(::syscall(SYS_pidfd_open, child_.id, 0))),
        started_(SteadyClock::now()) {
    set_non_blocking(child_.output);
    set_non_blocking(child_.error_output);
    if (child_.input.valid()) set_non_blocking(child_.input);
  }

  ProcessOutcome follow() {
    while (true) {
      wait_for_something();
      if (child_.input.valid()) feed();
      read_all(child_.output, output_lines_);
      read_all(child_.error_output, error_lines_);
      reap();
      if (ended_ && (all_read() || SteadyClock::now() - *ended_ > drain_after_end)) break;
      if (!ended_) stop_when_asked();
    }
    output_lines_.finish();
    error_lines_.finish();
    // Nothing that was told to stop may live on in the group.
    if (stopping_) ::kill(-child_.id, SIGKILL);
    return outcome_;
  }

 private:
  [[nodiscard]] bool all_read() const { return !child_.output.valid() && !child_.error_output.valid(); }

  void wait_for_something() {
    std::vector<pollfd> watched;
    if (child_.output.valid()) watched.push_back({child_.output.get(), POLLIN, 0});
    if (child_.error_output.valid()) watched.push_back({child_.error_output.get(), POLLIN, 0});
    if (child_.input.valid()) watched.push_back({child_.input.get(), POLLOUT, 0});
    if (end_.valid() && !ended_) watched.push_back({end_.get(), POLLIN, 0});
    ::poll(watched.data(), watched.size(), static_cast<int>(next_look().count()));
  }

  [[nodiscard]] milliseconds next_look() const {
    if (!end_.valid() && all_read()) return milliseconds(2);  // a kernel without pidfd: look at the program often
    milliseconds next = look_up_every;
    if (request_.timeout && !stopping_) {
      const auto left = std::chrono::ceil<milliseconds>(started_ + *request_.timeout - SteadyClock::now());
      next = std::clamp(left, milliseconds(0), next);
    }
    return next;
  }

  void feed() {
    const std::string_view rest = std::string_view(request_.input).substr(fed_);
    const ssize_t wrote = ::write(child_.input.get(), rest.data(), rest.size());
    if (wrote > 0) fed_ += static_cast<std::size_t>(wrote);
    const bool refused = wrote < 0 && errno != EAGAIN && errno != EINTR;
    if (refused || fed_ == request_.input.size()) child_.input.close();
  }

  static void read_all(Descriptor& from, LineSplitter& lines) {
    std::array<char, 64U << 10U> buffer;
    // A bounded number of reads, so that a program that never stops printing can still be stopped.
    for (int reads = 0; from.valid() && reads < 16; ++reads) {
      const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
      if (got > 0) {
        lines.feed({buffer.data(), static_cast<std::size_t>(got)});
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        from.close();
      } else {
        return;
      }
    }
  }

  void reap() {
    int status = 0;
    if (ended_ || ::waitpid(child_.id, &status, WNOHANG) != child_.id) return;
    ended_ = SteadyClock::now();
    outcome_.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    child_.input.close();
  }

  void stop_when_asked() {
    const auto now = SteadyClock::now();
    if (!stopping_) {
      outcome_.cancelled = request_.cancellation != nullptr && request_.cancellation->requested();
      outcome_.timed_out = !outcome_.cancelled && request_.timeout && now - started_ >= *request_.timeout;
      if (!outcome_.cancelled && !outcome_.timed_out) return;
      stopping_ = now;
      ::kill(-child_.id, SIGTERM);
    } else if (now - *stopping_ >= request_.grace ||
               (request_.cancellation != nullptr && request_.cancellation->insisted())) {
      ::kill(-child_.id, SIGKILL);
    }
  }

  Child child_;
  const ProcessRequest& request_;
  LineSplitter output_lines_;
  LineSplitter error_lines_;
  Descriptor end_;
  SteadyClock::time_point started_;
  std::optional<SteadyClock::time_point> stopping_;
  std::optional<SteadyClock::time_point> ended_;
  std::size_t fed_ = 0;
  ProcessOutcome outcome_;
};

bool is_program(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::vector<std::string> ProcessRunner::find_all(const std::string& program) const {
  const auto first = find(program);
  return first ? std::vector{*first} : std::vector<std::string>();
}

std::optional<std::string> NativeProcessRunner::find(const std::string& program) const {
  std::vector<std::string> found = find_all(program);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<std::string> NativeProcessRunner::find_all(const std::string& program) const {
  std::vector<std::string> found;
  if (program.find('/') != std::string::npos) {
    if (program.front() == '/' && is_program(program)) found.push_back(program);
    return found;
  }
  std::string_view rest = path_;
  while (!program.empty()) {
    const std::size_t end = rest.find(':');
    const std::string_view folder = rest.substr(0, end);
    // An empty or relative entry means the current folder, which may be a hostile checkout.
    if (folder.starts_with('/')) {
      std::string candidate = std::string(folder) + "/" + program;
      if (is_program(candidate)) found.push_back(std::move(candidate));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return found;
}

Result<ProcessOutcome> NativeProcessRunner::run(const ProcessRequest& request) {
  assert(!request.arguments.empty());
  const auto program = find(request.arguments.front());
  if (!program) {
    return fail(ErrorKind::unavailable, "`" + request.arguments.front() + "` was not found",
                "install it, or add its folder to PATH");
  }
  const BrokenPipesIgnored guard;
  auto child = spawn(*program, request);
  if (!child) return tl::unexpected(std::move(child.error()));
  return Watch(std::move(*child), request).follow();
}

}  // namespace liminal
