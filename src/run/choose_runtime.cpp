#include "choose_runtime.hpp"

#include <algorithm>

#include "docker_runtime.hpp"
#include "oci_runtime.hpp"

namespace liminal::run {
namespace {

using Made = Result<std::unique_ptr<Runtime>>;

class Chooser {
 public:
  Chooser(const Job& job, const build::Options& build_options, const Options& options, RunMark& mark)
      : job_(job), build_options_(build_options), options_(options), mark_(mark) {}

  Made choose() {
    const std::string built_by_docker = image_of_docker();
    switch (options_.runtime) {
      case RuntimeChoice::docker:
        return docker();
      case RuntimeChoice::crun:
      case RuntimeChoice::runc:
        if (built_by_docker.empty()) return oci();
        return fail(
            ErrorKind::usage,
            "the image `" + built_by_docker + "` was built by the Docker Engine, and crun and runc need an OCI layout",
            "build it with --builder oci, or run it with --runtime docker");
      case RuntimeChoice::automatic:
        break;
    }
    if (!built_by_docker.empty()) return docker();
    auto first = oci();
    if (first || first.error().kind != ErrorKind::unavailable) return first;
    auto second = docker();
    if (second || second.error().kind != ErrorKind::unavailable) return second;
    Error error = std::move(first.error());
    error.causes.push_back("Docker: " + second.error().message);
    std::move(second.error().causes.begin(), second.error().causes.end(), std::back_inserter(error.causes));
    return tl::unexpected(std::move(error));
  }

 private:
  [[nodiscard]] std::string image_of_docker() const {
    const auto found = std::find_if(job_.images->begin(), job_.images->end(), [](const auto& image) {
      return image.second.plan.builder == build::Builder::docker;
    });
    return found == job_.images->end() ? "" : found->first;
  }

  Made docker() {
    auto runtime =
        DockerRuntime::connect(*job_.world, {build_options_.output, job_.folder.parent_path(),
                                             job_.folder.filename().string(), build_options_.docker_network});
    if (!runtime) return runtime;
    return ready(std::move(*runtime), RunMark::Runtime::docker);
  }

  Made oci() {
    return ready(std::make_unique<OciRuntime>(
                     *job_.world, OciRuntime::Settings{options_.runtime, build_options_.output,
                                                       options_.state / "bundles", job_.folder, needs_limits()}),
                 RunMark::Runtime::oci);
  }

  [[nodiscard]] bool needs_limits() const {
    return std::any_of(job_.pipeline->tasks.begin(), job_.pipeline->tasks.end(), [this](const model::Task& task) {
      const model::Executor* executor = job_.system->find_executor(task.executor);
      if (executor == nullptr) return false;
      const auto limits = limits_of(*executor);
      return limits && limits->any();
    });
  }

  // Says whom to ask to tidy up before there is anything to tidy.
  Made ready(std::unique_ptr<Runtime> runtime, RunMark::Runtime kind) {
    if (auto named = mark_.name_runtime(kind); !named) return tl::unexpected(std::move(named.error()));
    for (const auto& [name, image] : *job_.images) {
      if (auto done = runtime->prepare(image); !done) {
        return tl::unexpected(std::move(done.error()).wrap("the image `" + name + "` cannot be run"));
      }
    }
    return runtime;
  }

  const Job& job_;
  const build::Options& build_options_;
  const Options& options_;
  RunMark& mark_;
};

}  // namespace

Made choose_runtime(const Job& job, const build::Options& build_options, const Options& options, RunMark& mark) {
  return Chooser(job, build_options, options, mark).choose();
}

}  // namespace liminal::run
