#include "dockerfile.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/json.hpp"

namespace liminal::build {

namespace {

constexpr const char* pip_options = "--disable-pip-version-check --no-cache-dir --no-compile";

// JSON is the exec form's own notation; bytes that are no UTF-8 cannot be said in it.
std::string quoted(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A value of ENV: in double quotes, where a backslash keeps quotes, dollars and itself from meaning anything.
std::string env_value(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result + "\"";
}

std::string copy(const std::string& from, const std::string& to) {
  return "COPY " + quoted(Json::array({from, to})) + "\n";
}

std::string with_slash(const std::string& folder) {
  return folder.ends_with('/') ? folder : folder + "/";
}

// A container has no packages to protect from pip, whatever its distribution says (PEP 668), and root is who it has.
// Bytecode of pip itself and of the standard library does not belong into the layer.
constexpr const char* pip_environment =
    "export PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1";

// Brings the requirements to where pip is run, and runs it.
std::string install(const StagedImage& staged, bool whole_source_first, std::string_view more_options) {
  const std::string folder = with_slash(staged.working_directory);
  const std::string source = std::string(context_app) + "/";
  const std::string command =
      fmt::format("{}; exec python3 -m pip install {} {}-r \"$0\"", pip_environment, pip_options, more_options);
  return (whole_source_first ? copy(source, folder)
                             : copy(source + staged.requirements, folder + staged.requirements)) +
         fmt::format("RUN {}\n", quoted(Json::array({"sh", "-c", command, staged.requirements})));
}

// A word of a requirements file that stands for a file or folder, or for an option that names one.
bool names_a_file(std::string_view word) {
  constexpr std::array options{"-r", "-c", "-e", "-f", "--requirement", "--constraint", "--editable", "--find-links"};
  constexpr std::array archives{".whl", ".zip", ".gz", ".bz2"};
  const auto begins = [&](std::string_view start) { return word.starts_with(start); };
  if (std::any_of(options.begin(), options.end(), begins)) return true;
  if (word.starts_with(".") || word.starts_with("file:")) return true;
  if (word.find("://") != std::string_view::npos) return false;
  return word.find('/') != std::string_view::npos ||
         std::any_of(archives.begin(), archives.end(), [&](std::string_view end) { return word.ends_with(end); });
}

}  // namespace

bool names_other_files(std::string_view requirements) {
  while (!requirements.empty()) {
    const auto end = std::min(requirements.find('\n'), requirements.size());
    std::string_view line = requirements.substr(0, end);
    requirements.remove_prefix(std::min(end + 1, requirements.size()));
    while (true) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
      if (line.empty() || line.front() == '#') break;
      const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
      if (names_a_file(word)) return true;
      line.remove_prefix(word.size());
    }
  }
  return false;
}

std::string generate_dockerfile(const StagedImage& staged, const std::string& base, bool whole_source_first) {
  const bool installs = !staged.requirements.empty();
  const bool secret = installs && !staged.pip_conf.empty();
  const std::string folder = with_slash(staged.working_directory);
  std::string text;
  if (secret) {
    // `--root` makes a tree of what pip adds, at the paths of this very Python.
    text += fmt::format("FROM {} AS packages\nUSER 0\nWORKDIR {}\n", base, staged.working_directory);
    text += copy(context_pip_conf, "/etc/pip.conf") +
            install(staged, whole_source_first, "--no-warn-script-location --root /packages ");
    text += "RUN [\"mkdir\", \"-p\", \"/packages\"]\n";
  }
  text += fmt::format("FROM {}\n", base);
  if (staged.as_root) text += "USER 0\n";
  text += fmt::format("WORKDIR {}\n", staged.working_directory);
  if (secret) {
    // The classic builder loses a layer to which nothing was copied, unless a container is run on it.
    text += "COPY --from=packages [\"/packages/\", \"/\"]\nRUN [\"sh\", \"-c\", \":\"]\n";
  } else if (installs) {
    text += install(staged, whole_source_first, "");
  }
  if (!staged.server.empty()) text += copy(std::string(context_server) + "/", "/opt/liminal/");
  if (secret || !installs || !whole_source_first) text += copy(std::string(context_app) + "/", folder);
  for (const std::string& variable : staged.environment) {
    const auto equals = variable.find('=');
    if (equals != std::string::npos)
      text += fmt::format("ENV {}={}\n", variable.substr(0, equals), env_value(variable.substr(equals + 1)));
  }
  // The base's own entry point would take the command as its arguments.
  if (!staged.command.empty()) text += fmt::format("ENTRYPOINT []\nCMD {}\n", quoted(Json(staged.command)));
  return text;
}

}  // namespace liminal::build
