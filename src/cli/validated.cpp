#include "validated.hpp"

#include <algorithm>

namespace liminal::cli {

Result<Validated> validate_repository(const Session& session, const ci::Request& request, std::string command) {
  const World& world = session.world();
  const auto started = world.clock.monotonic();
  const auto paths = request.paths.empty() ? std::vector{request.working_folder} : request.paths;
  const auto files = config::discover(world, request.working_folder, paths, request.exclude);
  if (!files) return tl::unexpected(files.error());
  Validated result;
  result.run.command = std::move(command);
  result.run.started = world.clock.now();
  auto validation = validate::validate(world, *files, request.validation);
  if (!validation) return tl::unexpected(validation.error());
  result.validation = std::move(*validation);
  result.run.findings = result.validation.findings;
  result.run.files_checked = result.validation.stage.cases.size();
  result.run.rules_applied = result.validation.rules_applied;
  report::Stage stage = result.validation.stage;
  const bool failed = std::any_of(result.run.findings.begin(), result.run.findings.end(),
                                  [&](const Diagnostic& finding) { return finding.severity >= request.fail_on; });
  stage.outcome = failed ? report::Outcome::failed : report::Outcome::passed;
  result.run.stages.push_back(std::move(stage));
  result.run.took = std::chrono::duration_cast<std::chrono::milliseconds>(world.clock.monotonic() - started);
  return result;
}

}  // namespace liminal::cli
