#include "pip_download.hpp"

#include <set>

#include <fmt/format.h>

#include "liminal/base/json.hpp"

#include "pip_configuration.hpp"
#include "pip_output.hpp"

namespace liminal::build {

extern const std::string_view pip_download_program;  // pip_download.py

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_log = 256ULL << 20U;

// Environment markers (PEP 508) as the image's Python has them.
std::string markers(const PythonEnvironment& python) {
  const Json values = {{"implementation_name", "cpython"},
                       {"implementation_version", python.version},
                       {"os_name", "posix"},
                       {"platform_machine", python.machine},
                       {"platform_python_implementation", "CPython"},
                       {"platform_release", ""},
                       {"platform_system", "Linux"},
                       {"platform_version", ""},
                       {"python_full_version", python.version},
                       {"python_version", fmt::format("3.{}", python.minor)},
                       {"sys_platform", "linux"}};
  return values.dump();
}

std::string abi_tag(const PythonEnvironment& python) {
  return fmt::format("cp3{}{}", python.minor, python.minor < 8 ? "m" : "");
}

// pip's settings pass, but for those that would choose for another Python, write elsewhere, or bring requirements that
// are not in the source.
std::map<std::string, std::string> environment(const World& world, const fs::path& pip_conf) {
  std::map<std::string, std::string> variables = world.environment.all();
  for (const char* name : {"PIP_PLATFORM",       "PIP_PYTHON_VERSION",
                           "PIP_IMPLEMENTATION", "PIP_ABI",
                           "PIP_ONLY_BINARY",    "PIP_NO_BINARY",
                           "PIP_DEST",           "PIP_DESTINATION_DIRECTORY",
                           "PIP_REQUIREMENT",    "PIP_CONSTRAINT",
                           "PIP_EDITABLE",       "PIP_SRC",
                           "PIP_NO_DEPS",        "PIP_LOG",
                           "PIP_CACHE_DIR",      "PIP_NO_CACHE_DIR",
                           "PIP_PYTHON",         "PIP_QUIET",
                           "PIP_VERBOSE",        "PIP_USER",
                           "PIP_TARGET",         "PIP_PREFIX",
                           "PIP_ROOT",           "PIP_HELP",
                           "PIP_VERSION"}) {
    variables.erase(name);
  }
  variables["PIP_REQUIRE_VIRTUALENV"] = "0";
  variables["PIP_NO_INPUT"] = "1";
  variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1";
  variables["PIP_NO_COLOR"] = "1";
  variables["PIP_PROGRESS_BAR"] = "off";
  variables["PYTHONUNBUFFERED"] = "1";
  variables["PYTHONIOENCODING"] = "utf-8";
  if (!pip_conf.empty()) variables["PIP_CONFIG_FILE"] = pip_conf.string();
  return variables;
}

// ${NAME} in an address stands for a variable, which may be a token; what is shorter is none.
std::set<std::string> expanded_values(const World& world, const std::vector<pip::RequirementLine>& lines) {
  constexpr std::size_t shortest_secret = 4;
  std::set<std::string> values;
  for (const pip::RequirementLine& line : lines) {
    for (std::size_t at = line.text.find("${"); at != std::string::npos; at = line.text.find("${", at + 2)) {
      const std::size_t end = line.text.find('}', at);
      if (end == std::string::npos) break;
      const auto value = world.environment.get(line.text.substr(at + 2, end - at - 2));
      if (value && value->size() >= shortest_secret) values.insert(*value);
    }
  }
  return values;
}

std::string text_of(const std::vector<pip::RequirementLine>& lines) {
  std::string text;
  for (const pip::RequirementLine& line : lines) text += line.text + "\n";
  return text;
}

std::vector<std::string> arguments(const PipDownload& download, const std::string& interpreter) {
  std::vector<std::string> words = {interpreter,
                                    "-c",
                                    std::string(pip_download_program),
                                    markers(download.python),
                                    "download",
                                    "--only-binary=:all:",
                                    "--implementation",
                                    "cp"};
  const auto add = [&words](std::string name, std::string value) {
    words.push_back(std::move(name));
    words.push_back(std::move(value));
  };
  add("--python-version", download.python.version);
  add("--abi", abi_tag(download.python));
  for (const std::string& tag : download.python.platform_tags) add("--platform", tag);
  add("--cache-dir", download.cache.string());
  add("--log", (download.folder / "log").string());
  add("--dest", (download.folder / "wheels").string());
  for (const std::string& folder : download.requirements.wheel_folders) {
    add("--find-links", (download.source_folder / folder).string());
  }
  add("--requirement", (download.folder / "requirements.txt").string());
  if (!download.requirements.constraints.empty()) {
    add("--constraint", (download.folder / "constraints.txt").string());
  }
  return words;
}

}  // namespace

Status pip_download(const World& world, const PipDownload& download,
                    const std::function<void(std::string_view)>& line) {
  const std::vector<std::string> interpreters = world.processes.find_all("python3");
  if (interpreters.empty()) {
    return fail(ErrorKind::unavailable, "there is no python3 on this machine; its pip finds and downloads requirements",
                "install it (Debian and Ubuntu: apt-get install python3-pip), or build with --builder docker");
  }
  const pip::RequirementSet& set = download.requirements;
  std::vector<pip::RequirementLine> lines = set.requirements;
  lines.insert(lines.end(), set.options.begin(), set.options.end());
  if (auto made = world.files.make_directories(download.folder / "wheels"); !made) return made;
  const fs::path file = download.folder / "requirements.txt";
  if (auto written = world.files.write(file, text_of(lines), 0600); !written) return written;
  if (auto written = world.files.write(download.folder / "constraints.txt", text_of(set.constraints), 0600); !written) {
    return written;
  }
  fs::path pip_conf;
  if (!download.pip_conf.empty()) {
    const auto text = read_pip_configuration(world, download.pip_conf);
    if (!text) return tl::unexpected(text.error());
    pip_conf = download.folder / "pip.conf";
    if (auto written = world.files.write(pip_conf, *text, 0600); !written) return written;
  }
  Status unfit;
  // A virtual environment may come first in PATH, and often has no pip.
  for (const std::string& interpreter : interpreters) {
    PipOutput output(file, lines, download.source_folder);
    output.hide(expanded_values(world, lines));
    ProcessRequest request;
    request.arguments = arguments(download, interpreter);
    request.environment = environment(world, pip_conf);
    request.on_output = request.on_error_output = [&](std::string_view text) {
      output.add(text);
      if (const std::string shown = output.shown(text); line && !shown.empty() && !output.in_traceback()) line(shown);
    };
    request.cancellation = &world.cancellation;
    const auto outcome = world.processes.run(request);
    if (!outcome) return tl::unexpected(outcome.error());
    if (outcome->cancelled) return fail(ErrorKind::interrupted, "the download of requirements was interrupted");
    if (outcome->exit_status == 0) return {};
    const auto log = world.files.read(download.folder / "log", largest_log);
    Status failed = tl::unexpected(output.failure(outcome->exit_status, log.value_or(std::string()), download.python));
    if (!PipOutput::is_unfit(outcome->exit_status)) return failed;
    unfit = std::move(failed);
  }
  return unfit;
}

}  // namespace liminal::build
