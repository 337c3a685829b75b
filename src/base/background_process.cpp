#include "liminal/base/background_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "liminal/base/checkout.hpp"
#include "liminal/base/process.hpp"
#include "liminal/base/process_table.hpp"

namespace liminal {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_every{50};
constexpr milliseconds after_kill{5000};  // for the kernel to end what was told to

tl::unexpected<Error> not_started(const std::string& program, std::string cause) {
  return tl::unexpected(
      Error{ErrorKind::unavailable, "`" + program + "` could not be started", "", {std::move(cause)}, {}, false});
}

// The processes of one family: once seen, a member stays one, whatever session or parent it takes.
class Members {
 public:
  explicit Members(const ProcessFamily& family) : family_(family), same_boot_(family.leader.boot == boot_id()) {}

  // Those that run now.
  std::vector<ListedProcess> look() {
    const std::vector<ListedProcess> all = running_processes();
    std::set<int> ids;
    for (const ListedProcess& process : all) {
      if (process.id != ::getpid() && belongs(process)) ids.insert(process.id);
    }
    add_children(all, ids);
    std::vector<ListedProcess> members;
    for (const ListedProcess& process : all) {
      if (!ids.contains(process.id)) continue;
      seen_.insert_or_assign(process.id, process.started);
      members.push_back(process);
    }
    return members;
  }

  [[nodiscard]] std::size_t count() const { return seen_.size(); }

 private:
  [[nodiscard]] bool belongs(const ListedProcess& process) {
    const auto known = seen_.find(process.id);
    if (known != seen_.end() && known->second == process.started) return true;
    if (same_boot_ && family_.leader.id != 0) {
      if (process.id == family_.leader.id) return process.started == family_.leader.started;
      if (process.session == family_.leader.id && in_our_session(process)) return true;
    }
    return has_in_environment(process.id, family_.mark);
  }

  // A session keeps its leader's id while a member lives. When all have gone the id may come back with another session,
  // whose leader may have gone as well: then the mark or the folder has to prove it.
  [[nodiscard]] bool in_our_session(const ListedProcess& process) const {
    if (const auto leader = running_process(family_.leader.id)) return leader->started == family_.leader.started;
    if (process.started < family_.leader.started) return false;
    return has_in_environment(process.id, family_.mark) || lies_in_folder(process.id);
  }

  [[nodiscard]] bool lies_in_folder(int id) const {
    const auto folder = working_folder_of(id);
    return !family_.directory.empty() && !folder.empty() && lies_beneath(family_.directory, folder);
  }

  static void add_children(const std::vector<ListedProcess>& all, std::set<int>& ids) {
    for (bool grown = true; grown;) {
      grown = false;
      for (const ListedProcess& process : all) {
        if (ids.contains(process.parent) && process.id != ::getpid()) grown |= ids.insert(process.id).second;
      }
    }
  }

  const ProcessFamily& family_;
  bool same_boot_;
  std::map<int, std::uint64_t> seen_;  // id to start
};

// By a descriptor of the process, looked at again once it is open: the id cannot have become another's in between.
void signal_process(const ListedProcess& process, int signal) {
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, process.id, 0));
  const auto now = running_process(process.id);
  if (now && now->started == process.started) {
    if (descriptor < 0 || ::syscall(SYS_pidfd_send_signal, descriptor, signal, nullptr, 0) != 0)
      ::kill(process.id, signal);
  }
  if (descriptor >= 0) ::close(descriptor);
}

struct Spawn {
  Spawn() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~Spawn() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

void configure(Spawn& spawn, const BackgroundRequest& request) {
  posix_spawn_file_actions_addopen(&spawn.actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&spawn.actions, 1, request.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&spawn.actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&spawn.actions, 3);
  if (!request.directory.empty()) posix_spawn_file_actions_addchdir_np(&spawn.actions, request.directory.c_str());
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&spawn.attributes, &none);
  posix_spawnattr_setsigdefault(&spawn.attributes, &all);
  posix_spawnattr_setflags(&spawn.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Result<ProcessIdentity> ProcessRunner::start(const BackgroundRequest& request) {
  return not_started(request.arguments.front(), "nothing can be left in the background here");
}

ProcessIdentity ProcessRunner::this_process() const {
  return {};
}

bool ProcessRunner::is_running(const ProcessIdentity&) const {
  return false;
}

Result<std::size_t> ProcessRunner::stop(const ProcessFamily&, milliseconds) {
  return std::size_t{0};
}

Result<ProcessIdentity> NativeProcessRunner::start(const BackgroundRequest& request) {
  const auto program = find(request.arguments.front());
  if (!program) {
    return fail(ErrorKind::unavailable, "`" + request.arguments.front() + "` was not found",
                "install it, or add its folder to PATH");
  }
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> environment;
  environment.reserve(request.environment.size());
  for (const auto& [name, value] : request.environment) environment.push_back(fmt::format("{}={}", name, value));
  Spawn spawn;
  configure(spawn, request);
  ProcessIdentity identity;
  const int problem = posix_spawn(&identity.id, program->c_str(), &spawn.actions, &spawn.attributes,
                                  pointers(arguments).data(), pointers(environment).data());
  if (problem != 0) return not_started(request.arguments.front(), std::strerror(problem));
  identity.boot = boot_id();
  // One that has ended already has no start any more, and is not running.
  if (const auto process = running_process(identity.id)) identity.started = process->started;
  return identity;
}

ProcessIdentity NativeProcessRunner::this_process() const {
  const auto process = running_process(::getpid());
  return {::getpid(), process ? process->started : 0, boot_id()};
}

bool NativeProcessRunner::is_running(const ProcessIdentity& process) const {
  if (process.id == 0 || process.boot != boot_id()) return false;
  const auto now = running_process(process.id);
  return now && now->started == process.started;
}

Result<std::size_t> NativeProcessRunner::stop(const ProcessFamily& family, milliseconds grace) {
  Members members(family);
  std::set<int> told;
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    const std::vector<ListedProcess> left = members.look();
    if (left.empty()) return members.count();
    const auto took = std::chrono::steady_clock::now() - began;
    if (took > grace + after_kill) {
      std::vector<int> ids;
      ids.reserve(left.size());
      for (const ListedProcess& process : left) ids.push_back(process.id);
      return fail(ErrorKind::failed, fmt::format("{} processes did not end: {}", ids.size(), fmt::join(ids, ", ")),
                  "they may belong to another user, or wait for a disk: end them with kill -9");
    }
    for (const ListedProcess& process : left) {
      if (took > grace) {
        signal_process(process, SIGKILL);
      } else if (told.insert(process.id).second) {
        signal_process(process, SIGTERM);
      }
    }
    std::this_thread::sleep_for(look_every);
  }
}

}  // namespace liminal
