#include "python_environment.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/sha256.hpp"

namespace liminal::airflow {

extern const std::string_view airflow_2_requirements;  // requirements/airflow-2.txt
extern const std::string_view airflow_3_requirements;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept_lines = 20;
constexpr std::string_view item = "local Airflow";

std::string_view requirements(unsigned major) {
  return major == 2 ? airflow_2_requirements : airflow_3_requirements;
}

fs::path mark_of(const fs::path& environment) {
  return environment / "liminal-complete";
}

// https://user:password@host, as an index may be named with.
std::string without_credentials(std::string_view line) {
  std::string text(line);
  for (std::size_t at = 0; (at = text.find("://", at)) != std::string::npos;) {
    at += 3;
    const auto host_end = std::min(text.find_first_of("/ \t'\"", at), text.size());
    const auto sign = text.rfind('@', host_end);
    if (sign != std::string::npos && sign >= at) text.replace(at, sign - at, "***");
  }
  return text;
}

// The Pythons that the pinned packages are for.
Result<std::string> find_python(const World& world, unsigned major) {
  constexpr std::array<const char*, 3> both{"python3.11", "python3.12", "python3.10"};
  for (const char* name : both) {
    if (auto found = world.processes.find(name)) return *found;
  }
  const std::string newest = major == 2 ? "12" : "13";
  if (const auto found = world.processes.find("python3")) {
    ProcessRequest ask;
    ask.arguments = {*found, "-I", "-c",
                     "import sys; sys.exit(0 if (3, 10) <= sys.version_info[:2] <= (3, " + newest + ") else 1)"};
    ask.environment = world.environment.all();
    ask.timeout = std::chrono::seconds{20};
    const auto outcome = world.processes.run(ask);
    if (outcome && outcome->exit_status == 0) return *found;
  }
  return fail(ErrorKind::unavailable, fmt::format("no Python for Airflow {} was found", major),
              fmt::format("install a Python of 3.10 to 3.{} (Debian: python3 and python3-venv)", newest));
}

Status run_step(const World& world, const std::string& doing, std::vector<std::string> arguments) {
  std::deque<std::string> last;
  const auto keep = [&](std::string_view line) {
    last.push_back(without_credentials(line));
    if (last.size() > kept_lines) last.pop_front();
  };
  world.progress.step(item, doing);
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.environment = world.environment.all();
  request.environment.erase("VIRTUAL_ENV");
  request.environment.erase("PYTHONHOME");
  request.on_output = keep;
  request.on_error_output = keep;
  request.timeout = std::chrono::minutes{30};
  request.cancellation = &world.cancellation;
  const auto outcome = world.processes.run(request);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->cancelled) return fail(ErrorKind::interrupted, "stopped while " + doing);
  if (outcome->exit_status == 0) return {};
  Error error{ErrorKind::unavailable,
              fmt::format("{} failed with status {}", doing, outcome->exit_status),
              "check that the package index can be reached, and that Python's venv is installed (Debian: python3-venv)",
              {},
              {last.begin(), last.end()},
              false};
  return tl::unexpected(std::move(error));
}

Status fill(const World& world, const fs::path& environment, const fs::path& list, const std::string& python,
            unsigned major) {
  const std::string own = (environment / "bin/python").string();
  const std::string installing = fmt::format("installing Apache Airflow {} into {}", major, environment.string());
  if (const auto uv = world.processes.find("uv")) {
    auto made = run_step(world, "making a virtual environment",
                         {*uv, "venv", "--quiet", "--no-project", "--python", python, environment.string()});
    if (!made) return made;
    return run_step(world, installing, {*uv, "pip", "install", "--quiet", "--python", own, "-r", list.string()});
  }
  auto made = run_step(world, "making a virtual environment", {python, "-m", "venv", environment.string()});
  if (!made) return made;
  return run_step(world, installing, {own, "-m", "pip", "install", "--quiet", "--no-input", "-r", list.string()});
}

}  // namespace

std::optional<fs::path> existing_environment(const FileSystem& files, const LocalPaths& paths, unsigned major) {
  const fs::path environment = paths.environment(major);
  const auto mark = files.read(mark_of(environment), 1024);
  if (!mark || *mark != sha256_hex(requirements(major))) return std::nullopt;
  const fs::path python = environment / "bin/python";
  // Its own Python may have gone with an upgrade of the machine.
  return files.info_following_links(python) ? std::optional(python) : std::nullopt;
}

Result<fs::path> make_environment(const World& world, const LocalPaths& paths, unsigned major) {
  const fs::path environment = paths.environment(major);
  auto lock = FileLock::acquire(environment.string() + ".lock", world.cancellation);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  if (auto there = existing_environment(world.files, paths, major)) return *there;
  auto python = find_python(world, major);
  if (!python) return tl::unexpected(std::move(python.error()));
  const fs::path list = paths.folder / fmt::format("requirements-{}.txt", major);
  if (auto removed = world.files.remove_all(environment); !removed) return tl::unexpected(removed.error());
  if (auto written = world.files.write(list, requirements(major)); !written) return tl::unexpected(written.error());
  if (auto filled = fill(world, environment, list, *python, major); !filled) return tl::unexpected(filled.error());
  // Only now: without it the next start begins again.
  if (auto marked = world.files.write(mark_of(environment), sha256_hex(requirements(major))); !marked)
    return tl::unexpected(marked.error());
  return environment / "bin/python";
}

}  // namespace liminal::airflow
