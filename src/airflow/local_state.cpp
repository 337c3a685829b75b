#include "local_state.hpp"

#include <array>

#include "liminal/base/json.hpp"

namespace liminal::airflow {

namespace {

constexpr std::uint64_t limit = 64ULL << 10;

Json to_json(const ProcessIdentity& process) {
  return {{"id", process.id}, {"started", process.started}, {"boot", process.boot}};
}

ProcessIdentity to_process(const Json& object) {
  return {object.at("id").get<int>(), object.at("started").get<std::uint64_t>(), object.at("boot").get<std::string>()};
}

std::optional<LocalSource> to_source(const std::string& text) {
  for (const LocalSource source : {LocalSource::docker, LocalSource::installed, LocalSource::environment}) {
    if (text == to_string(source)) return source;
  }
  return std::nullopt;
}

std::optional<LocalState> to_state(const std::string& text) {
  try {
    const Json object = Json::parse(text);
    LocalState state;
    const auto source = to_source(object.at("by").get<std::string>());
    if (!source) return std::nullopt;
    state.source = *source;
    state.port = object.at("port").get<std::uint16_t>();
    state.version = object.at("version").get<std::string>();
    state.ready = object.at("ready").get<bool>();
    state.mark = object.at("mark").get<std::string>();
    state.leader = to_process(object.at("leader"));
    state.starter = to_process(object.at("starter"));
    if (state.mark.empty()) return std::nullopt;
    return state;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string_view to_string(LocalSource source) {
  switch (source) {
    case LocalSource::automatic:
      return "auto";
    case LocalSource::docker:
      return "docker";
    case LocalSource::installed:
      return "installed";
    case LocalSource::environment:
      return "venv";
  }
  return "auto";
}

Result<std::optional<LocalState>> read_state(const FileSystem& files, const LocalPaths& paths) {
  if (!files.info(paths.state)) return std::optional<LocalState>();
  const auto text = files.read(paths.state, limit);
  if (!text) return tl::unexpected(text.error());
  auto state = to_state(*text);
  if (!state)
    return fail(ErrorKind::usage, paths.state.string() + " does not say which Airflow was started",
                "end that Airflow by hand if it still runs, and remove the file");
  return state;
}

Status write_state(FileSystem& files, const LocalPaths& paths, const LocalState& state) {
  const Json object = {{"schema", 1},
                       {"by", to_string(state.source)},
                       {"port", state.port},
                       {"version", state.version},
                       {"ready", state.ready},
                       {"mark", state.mark},
                       {"leader", to_json(state.leader)},
                       {"starter", to_json(state.starter)}};
  return files.write(paths.state, object.dump(2, ' ', true, Json::error_handler_t::replace) + "\n", 0600);
}

Status remove_state(FileSystem& files, const LocalPaths& paths, const LocalState& state) {
  const auto now = read_state(files, paths);
  if (now && *now && (*now)->mark != state.mark) return {};
  return files.remove_all(paths.state);
}

}  // namespace liminal::airflow
