#include "process_isolation.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace liminal {
namespace {

constexpr int report_descriptor = 3;
constexpr int highest_descriptor = 1 << 16;

enum class Step : int { descriptors, namespaces, identities, mount, directory, program };

struct Report {
  Step step = Step::descriptors;
  std::size_t mount = 0;  // which one
  int problem = 0;        // errno
};

// Everything the child needs, made before the fork: there it may neither allocate nor take a lock.
struct Plan {
  const IsolatedProgram* program;
  const Isolation* isolation;
  std::string user_map;
  std::string group_map;
  int report = -1;
};

bool write_file(const char* path, const std::string& text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int problem = errno;
  ::close(file);
  errno = problem;
  return whole;
}

class Child {
 public:
  explicit Child(const Plan& plan) : plan_(plan) {}

  [[noreturn]] void run() {
    ::setpgid(0, 0);
    const bool ready =
        take_descriptors() && enter_namespaces() && take_identities() && mount_all() && change_directory();
    if (ready) {
      reset_signals();
      report_.step = Step::program;
      ::execve(plan_.program->path.c_str(), plan_.program->arguments.data(), plan_.program->environment.data());
    }
    report_.problem = errno;
    static_cast<void>(!::write(report_descriptor, &report_, sizeof report_));
    ::_exit(127);
  }

 private:
  [[nodiscard]] bool take_descriptors() const {
    const IsolatedProgram& program = *plan_.program;
    const int input = program.input >= 0 ? program.input : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    // The report's end moves out of the way of none: the others are duplicated below it first.
    if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(program.output, 1) < 0 || ::dup2(program.error_output, 2) < 0)
      return false;
    if (plan_.report != report_descriptor && ::dup3(plan_.report, report_descriptor, O_CLOEXEC) < 0) return false;
    if (::syscall(SYS_close_range, report_descriptor + 1, ~0U, 0) == 0) return true;
    for (int other = report_descriptor + 1; other < highest_descriptor; ++other) ::close(other);
    return true;
  }

  bool enter_namespaces() {
    report_.step = Step::namespaces;
    const int user = plan_.isolation->user_namespace ? CLONE_NEWUSER : 0;
    return ::unshare(CLONE_NEWNS | user) == 0;
  }

  bool take_identities() {
    report_.step = Step::identities;
    if (!plan_.isolation->user_namespace) return true;
    return write_file("/proc/self/setgroups", deny_) && write_file("/proc/self/uid_map", plan_.user_map) &&
           write_file("/proc/self/gid_map", plan_.group_map);
  }

  bool mount_all() {
    report_.step = Step::mount;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
    for (const PrivateMount& mount : plan_.isolation->mounts) {
      if (::mount(mount.source.c_str(), mount.target.c_str(), mount.type.c_str(), MS_NOSUID | MS_NODEV,
                  mount.options.c_str()) != 0)
        return false;
      ++report_.mount;
    }
    return true;
  }

  bool change_directory() {
    report_.step = Step::directory;
    return plan_.program->directory.empty() || ::chdir(plan_.program->directory.c_str()) == 0;
  }

  static void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  const Plan& plan_;
  const std::string deny_ = "deny";
  Report report_;
};

std::string refused(const Report& report, const Plan& plan) {
  switch (report.step) {
    case Step::namespaces:
      return plan.isolation->user_namespace ? "this system lets no ordinary user make a user namespace"
                                            : "a mount namespace could not be made";
    case Step::identities:
      return "this system lets no ordinary user be root in a namespace of its own";
    case Step::mount:
      if (report.mount < plan.isolation->mounts.size()) {
        const PrivateMount& mount = plan.isolation->mounts[report.mount];
        return "`" + mount.type + "` could not be mounted at " + mount.target;
      }
      break;
    case Step::directory:
      return "the working folder " + plan.program->directory + " cannot be entered";
    case Step::descriptors:
    case Step::program:
      break;
  }
  return "`" + plan.program->path + "` could not be started";
}

}  // namespace

Result<pid_t> spawn_isolated(const IsolatedProgram& program, const Isolation& isolation) {
  std::array<int, 2> report{};
  if (::pipe2(report.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::failed, std::string("no pipe could be made: ") + std::strerror(errno),
                "close other programs, or raise the limit of open files");
  }
  // Not below 4: the child puts other descriptors there before it takes this one.
  const int write_end = ::fcntl(report[1], F_DUPFD_CLOEXEC, report_descriptor + 1);
  ::close(report[1]);
  Plan plan{&program, &isolation, "0 " + std::to_string(::geteuid()) + " 1\n",
            "0 " + std::to_string(::getegid()) + " 1\n", write_end};
  Child child(plan);
  // A signal for this process is not the child's: its handlers must not run there.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t id = ::fork();
  if (id == 0) child.run();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const int problem = errno;
  ::close(write_end);
  Report told;
  ssize_t got = 0;
  if (id > 0) {
    do got = ::read(report[0], &told, sizeof told);
    while (got < 0 && errno == EINTR);
  }
  ::close(report[0]);
  if (id > 0 && got <= 0) return id;
  Error error{ErrorKind::unavailable, id < 0 ? "no process could be started" : refused(told, plan), "", {}, {}, false};
  error.causes.emplace_back(std::strerror(id < 0 ? problem : told.problem));
  if (id > 0) {
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
  }
  return tl::unexpected(std::move(error));
}

}  // namespace liminal
