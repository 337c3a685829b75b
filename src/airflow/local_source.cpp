#include "local_source.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "python_environment.hpp"

namespace liminal::airflow {

namespace {

namespace fs = std::filesystem;

constexpr unsigned newest_major = 3;

// The versions of requirements/, then whatever was pulled last.
std::vector<std::string> usual_images(const std::optional<unsigned>& major) {
  std::vector<std::string> images;
  if (major != 2U) images.insert(images.end(), {"apache/airflow:3.3.2", "apache/airflow:3"});
  if (major != 3U) images.insert(images.end(), {"apache/airflow:2.11.2", "apache/airflow:2"});
  images.emplace_back("apache/airflow:latest");
  return images;
}

Result<ChosenSource> in_docker(const World& world, const LocalOptions& options) {
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  const auto images = options.image.empty() ? usual_images(options.major) : std::vector{options.image};
  for (const std::string& image : images) {
    const auto info = engine->inspect_image(image);
    if (!info) return tl::unexpected(info.error());
    if (*info) return ChosenSource{LocalSource::docker, "", std::move(*engine), image};
  }
  return fail(ErrorKind::unavailable, fmt::format("the Docker Engine has no image {}", images.front()),
              fmt::format("get it: docker pull {}; or name another with --airflow-image", images.front()));
}

Result<ChosenSource> installed(const World& world) {
  if (auto python = python_of(world, "airflow"))
    return ChosenSource{LocalSource::installed, std::move(*python), std::nullopt, ""};
  return fail(ErrorKind::unavailable, "there is no `airflow` on PATH",
              "install Apache Airflow, or let it be put into an environment of its own: --airflow-by venv");
}

Result<ChosenSource> in_environment(const World& world, const LocalPaths& paths, const LocalOptions& options) {
  auto python = make_environment(world, paths, options.major.value_or(newest_major));
  if (!python) return tl::unexpected(std::move(python.error()));
  return ChosenSource{LocalSource::environment, python->string(), std::nullopt, ""};
}

std::optional<ChosenSource> earlier_environment(const World& world, const LocalPaths& paths,
                                                const std::optional<unsigned>& wanted) {
  for (const unsigned major : {3U, 2U}) {
    if (wanted && *wanted != major) continue;
    if (const auto python = existing_environment(world.files, paths, major))
      return ChosenSource{LocalSource::environment, python->string(), std::nullopt, ""};
  }
  return std::nullopt;
}

bool is_python(const fs::path& program) {
  return program.filename().string().starts_with("python");
}

bool is_file(const World& world, const fs::path& path) {
  const auto info = world.files.info_following_links(path);
  return info && info->kind == FileInfo::Kind::regular;
}

}  // namespace

std::optional<std::string> python_of(const World& world, const std::string& program) {
  const auto found = world.processes.find(program);
  if (!found) return std::nullopt;
  constexpr std::uint64_t limit = 64ULL << 10;  // a script that an installer wrote is small
  const auto text = world.files.read(*found, limit);
  std::string interpreter;
  std::string argument;
  if (text && text->starts_with("#!")) {
    std::istringstream first(text->substr(2, text->find('\n') - 2));
    first >> interpreter >> argument;
  }
  if (is_python(interpreter) && is_file(world, interpreter)) return interpreter;
  if (fs::path(interpreter).filename() == "env" && is_python(argument)) return world.processes.find(argument);
  // A script that runs the Python beside it, or a link to one.
  std::error_code code;
  const fs::path folder = fs::canonical(*found, code).parent_path();
  for (const char* name : {"python", "python3"}) {
    if (!code && is_file(world, folder / name)) return (folder / name).string();
  }
  return std::nullopt;
}

Result<ChosenSource> choose_source(const World& world, const LocalPaths& paths, const LocalOptions& options) {
  switch (options.source) {
    case LocalSource::docker:
      return in_docker(world, options);
    case LocalSource::installed:
      return installed(world);
    case LocalSource::environment:
      return in_environment(world, paths, options);
    case LocalSource::automatic:
      break;
  }
  auto docker = in_docker(world, options);
  if (docker || docker.error().kind == ErrorKind::interrupted || !options.image.empty()) return docker;
  auto there = installed(world);
  if (there) return there;
  if (auto earlier = earlier_environment(world, paths, options.major)) return std::move(*earlier);
  return tl::unexpected(Error{
      ErrorKind::unavailable,
      "there is no Airflow to start",
      "have one put into an environment of its own: liminal start --airflow-by venv",
      {docker.error().message, there.error().message, "no virtual environment was made in " + paths.folder.string()},
      {},
      false});
}

}  // namespace liminal::airflow
