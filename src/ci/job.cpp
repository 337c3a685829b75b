#include "liminal/ci/job.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace liminal::ci {

engine::Target target_of(const Request& request, const World& world) {
  engine::Target target;
  target.engine = request.engine;
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(world.clock.now())};
  target.today = model::Date{static_cast<int>(today.year()), static_cast<unsigned>(today.month()),
                             static_cast<unsigned>(today.day())};
  target.namespace_name = request.namespace_name;
  target.argo_version = request.argo_version.value_or(engine::ArgoVersion{});
  target.image_pull_secret = request.image_pull_secret;
  target.image_reference = [](const model::System& /*system*/, const model::Image& image) { return image.name; };
  return target;
}

Job::Job(const World& world, Request request, std::string command)
    : world_(world), request_(std::move(request)), started_(world.clock.monotonic()) {
  report_.command = std::move(command);
  report_.started = world.clock.now();
}

std::chrono::milliseconds Job::elapsed(Clock::Monotonic started) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(world_.clock.monotonic() - started);
}

const report::RunReport& Job::report() {
  report_.took = elapsed(started_);
  return report_;
}

bool Job::finish(report::Stage stage) {
  const bool passed = stage.outcome != report::Outcome::failed;
  failed_ = failed_ || !passed;
  report_.stages.push_back(std::move(stage));
  return passed;
}

bool Job::fail_stage(std::string_view stage, std::string summary) {
  report::Stage failed;
  failed.name = stage;
  failed.outcome = report::Outcome::failed;
  failed.summary = std::move(summary);
  return finish(std::move(failed));
}

bool Job::give_up(std::string_view stage, Error error) {
  report_.errors.push_back(error);
  return fail_stage(stage, std::move(error.message));
}

void Job::skip(std::string_view stage, std::string_view why) {
  report::Stage skipped;
  skipped.name = stage;
  skipped.outcome = report::Outcome::skipped;
  skipped.summary = why;
  report_.stages.push_back(std::move(skipped));
}

bool Job::at_threshold(const std::vector<Diagnostic>& findings) const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Diagnostic& finding) { return finding.severity >= request_.fail_on; });
}

bool Job::tell(const std::vector<Diagnostic>& findings) {
  std::copy(findings.begin(), findings.end(), std::back_inserter(report_.findings));
  sort_and_deduplicate(report_.findings);
  return !at_threshold(findings);
}

bool Job::validate() {
  if (!request_.deployed_systems.empty()) return true;
  const std::vector<std::filesystem::path> paths =
      request_.paths.empty() ? std::vector{request_.working_folder} : request_.paths;
  auto files = config::discover(world_, request_.working_folder, paths, request_.exclude);
  if (!files) return give_up("validate", std::move(files.error()));
  auto validation = validate::validate(world_, *files, request_.validation);
  if (!validation) return give_up("validate", std::move(validation.error()));
  validation_ = std::move(*validation);
  report_.findings = validation_.findings;
  report_.files_checked = validation_.stage.cases.size();
  report_.rules_applied = validation_.rules_applied;
  report::Stage stage = validation_.stage;
  stage.outcome = at_threshold(report_.findings) ? report::Outcome::failed : report::Outcome::passed;
  return finish(std::move(stage));
}

// By digest where a registry has, or will have, the image under it. A Docker Engine that has not pushed an image knows
// no digest that a registry would know.
std::string Job::reference_of(const model::System& system, const model::Image& image) const {
  const auto reference = [&](const build::ImagePlan& planned, const std::string& digest) {
    model::ImageReference name = planned.name;
    if (!digest.empty() && (pushed_ || planned.builder == build::Builder::oci)) {
      name.digest = digest;
      name.tag.clear();
    }
    return name.text();
  };
  for (const build::BuiltImage& built : built_) {
    if (built.plan.system == &system && built.plan.image == &image) return reference(built.plan, built.digest);
  }
  for (const build::ImagePlan& planned : plan_.images) {
    if (planned.system == &system && planned.image == &image) return reference(planned, planned.digest);
  }
  return image.name;
}

engine::Rendered Job::rendered() const {
  engine::Target target = target_of(request_, world_);
  target.image_reference = [this](const model::System& system, const model::Image& image) {
    return reference_of(system, image);
  };
  return engine::render(systems(), target);
}

bool Job::plan_images(std::string_view stage) {
  if (images_planned_) return true;
  auto images = build::plan(world_, systems(), request_.images);
  if (!images) return give_up(stage, std::move(images.error()));
  plan_.images = std::move(*images);
  images_planned_ = true;
  std::vector<Diagnostic> found;
  for (const build::ImagePlan& planned : plan_.images)
    found.insert(found.end(), planned.findings.begin(), planned.findings.end());
  return tell(found) || fail_stage(stage, "the images cannot be built as they are");
}

bool Job::plan() {
  const auto started = world_.clock.monotonic();
  if (!plan_images("plan")) return false;
  engine::Rendered objects = rendered();
  const bool expressible = tell(objects.findings);
  plan_ = plan::make_plan(systems(), std::move(plan_.images), std::move(objects), request_.engine,
                          std::chrono::floor<std::chrono::seconds>(world_.clock.now()));
  report::Stage stage = plan_.stage;
  stage.outcome = expressible ? report::Outcome::passed : report::Outcome::failed;
  stage.took = elapsed(started);
  report_.data["plan"] = plan::to_json(plan_);
  report_.data["mermaid"] = plan::to_mermaid(plan_);
  return finish(std::move(stage));
}

bool Job::build() {
  return build_images([](const build::ImagePlan&) { return true; });
}

bool Job::build_images(const std::function<bool(const build::ImagePlan&)>& wanted) {
  if (!plan_images("build")) return false;
  std::vector<build::ImagePlan> images;
  std::copy_if(plan_.images.begin(), plan_.images.end(), std::back_inserter(images), wanted);
  build::Built built = build::build(world_, images, request_.images);
  built_ = std::move(built.images);
  std::move(built.errors.begin(), built.errors.end(), std::back_inserter(report_.errors));
  Json data = Json::array();
  for (const build::BuiltImage& image : built_) {
    data.push_back({{"image", image.plan.image->name},
                    {"reference", image.plan.name.text()},
                    {"digest", image.digest},
                    {"built", image.built}});
  }
  report_.data["images"] = std::move(data);
  return finish(std::move(built.stage));
}

std::vector<std::string> Job::without_registry() const {
  std::vector<std::string> names;
  for (const build::ImagePlan& image : plan_.images) {
    if (image.name.registry.empty()) names.push_back(image.name.text());
  }
  return names;
}

bool Job::push() {
  build::Built pushed = build::push(world_, built_, request_.images);
  std::move(pushed.errors.begin(), pushed.errors.end(), std::back_inserter(report_.errors));
  if (!finish(std::move(pushed.stage))) return false;
  built_ = std::move(pushed.images);
  pushed_ = true;
  return true;
}

std::optional<engine::Rendered> Job::deployable(std::string_view stage) {
  if (!plan_images(stage)) return std::nullopt;
  engine::Rendered objects = rendered();
  for (const build::ImagePlan& planned : plan_.images) {
    const bool named = !planned.name.tag.empty() || !planned.name.digest.empty() || !planned.content_key.empty();
    const auto is_it = [&](const build::BuiltImage& built) { return built.plan.image == planned.image; };
    if (named || std::any_of(built_.begin(), built_.end(), is_it)) continue;
    Diagnostic finding =
        document::finding_at("unpinned-image", model::locate(planned.image->value, "image"),
                             "images[" + planned.image->name + "].image", planned.name.text(),
                             fmt::format("the image `{}` has neither tag nor digest in what is written: {}",
                                         planned.name.text(), planned.reason),
                             "build it first (`build --push`), or give it a tag");
    finding.severity = Severity::warning;
    objects.findings.push_back(std::move(finding));
  }
  const bool expressible = tell(objects.findings);
  if (expressible) return objects;
  fail_stage(stage, "the engine cannot express these pipelines");
  return std::nullopt;
}

bool Job::wrote(deploy::WrittenFiles files, const std::filesystem::path& folder, std::vector<std::string> notes,
                Clock::Monotonic started) {
  report::Stage stage = files.stage;
  stage.took = elapsed(started);
  report_.data["deploy"] = {
      {"folder", folder.string()}, {"notes", notes}, {"written", files.written}, {"removed", files.removed}};
  notes_ = std::move(notes);
  written_ = std::move(files);
  return finish(std::move(stage));
}

bool Job::render(const std::filesystem::path& folder) {
  const auto started = world_.clock.monotonic();
  const auto objects = deployable("deploy");
  if (!objects) return false;
  const deploy::Rendering rendering{deploy::remote_name(world_, request_.working_folder), project().root};
  auto written = deploy::render_to(world_, *objects, rendering, folder);
  if (!written) return give_up("deploy", std::move(written.error()));
  return wrote(std::move(*written), folder, objects->notes, started);
}

bool Job::deliver_dags(const std::filesystem::path& folder, bool clean) {
  const auto started = world_.clock.monotonic();
  const auto objects = deployable("deploy");
  if (!objects) return false;
  auto delivered = deploy::deliver_dags(world_, *objects, folder, delivery(clean));
  if (!delivered) return give_up("deploy", std::move(delivered.error()));
  std::vector<std::string> notes = objects->notes;
  notes.insert(notes.end(), delivered->notes.begin(), delivered->notes.end());
  return wrote(std::move(delivered->files), folder, std::move(notes), started);
}

bool Job::withdraw_dags(const std::filesystem::path& folder) {
  const auto started = world_.clock.monotonic();
  // Nothing was ever delivered into a folder that is not there, and none is made for that.
  if (!world_.files.info(folder)) return true;
  auto withdrawn = deploy::deliver_dags(world_, {}, folder, delivery(false));
  if (!withdrawn) return give_up("deploy", std::move(withdrawn.error()));
  return wrote(std::move(withdrawn->files), folder, {}, started);
}

deploy::Delivery Job::delivery(bool clean) const {
  deploy::Delivery delivery{deploy::repository_name(world_, request_.working_folder), clean, {}};
  for (const model::System& system : systems()) delivery.systems.push_back(system.name);
  return delivery;
}

}  // namespace liminal::ci
