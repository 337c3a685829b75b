// Hands the machine to the command line, and nothing else.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "liminal/cli/application.hpp"

namespace {

liminal::Cancellation cancellation;

// The first signal asks for an orderly end. The second ends the program as it would have without a handler, unless
// there is something to tidy up: then that is done at once, and the third ends the program.
extern "C" void on_signal(int signal) {
  if (cancellation.requested() && (cancellation.insisted() || !cancellation.held())) {
    constexpr std::string_view left =
        "\nliminal: ended before it had tidied up; the next `liminal run` here does that\n";
    if (cancellation.held()) static_cast<void>(!::write(STDERR_FILENO, left.data(), left.size()));
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  cancellation.request(signal);
}

std::size_t terminal_columns() {
  constexpr std::size_t otherwise = 100;
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : otherwise;
}

// A file that is opened where standard output should be would get what is printed.
void open_missing_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

}  // namespace

int main(int count, char** values) {
  open_missing_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  if (std::signal(SIGHUP, SIG_IGN) != SIG_IGN) std::signal(SIGHUP, on_signal);  // nohup asks to go on

  const liminal::Environment environment = liminal::Environment::of_this_process();
  liminal::NativeFileSystem files;
  liminal::NativeProcessRunner processes(environment.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin"));
  liminal::SystemClock clock;
  const auto http = liminal::make_http_client(std::string("liminal/") + liminal::cli::version, environment);
  std::error_code no_folder;
  liminal::cli::Machine machine{
      files, processes, *http, clock, environment, cancellation, std::filesystem::current_path(no_folder)};
  if (no_folder) machine.working_folder = "/";
  machine.processors = std::max(1U, std::thread::hardware_concurrency());
  machine.output_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  machine.error_is_terminal = ::isatty(STDERR_FILENO) == 1;
  machine.columns = terminal_columns();
  return liminal::cli::run({values + std::min(count, 1), values + count}, machine);
}
