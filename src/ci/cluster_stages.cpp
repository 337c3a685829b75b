// The stages of a job that speak to a cluster.
#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/ci/job.hpp"
#include "liminal/deploy/changes_text.hpp"
#include "liminal/kube/cluster_identity.hpp"

namespace liminal::ci {

namespace {

constexpr std::size_t shown_runs = 3;  // of a pipeline

Json to_json(const deploy::Revision& revision) {
  return {{"revision", revision.number},
          {"time", revision.time},
          {"who", revision.author.who},
          {"host", revision.author.host},
          {"commit", revision.author.commit},
          {"run", revision.author.run},
          {"what", revision.what}};
}

using NotesBySystem = std::map<std::string, std::vector<std::string>>;

void add_notes(std::vector<deploy::SetPlan>& plans, const NotesBySystem& notes) {
  for (deploy::SetPlan& plan : plans) {
    const auto found = notes.find(plan.set.system);
    if (found != notes.end()) plan.notes.insert(plan.notes.end(), found->second.begin(), found->second.end());
  }
}

}  // namespace

std::optional<std::vector<deploy::DesiredSet>> Job::desired(std::string_view stage) {
  const auto objects = deployable(stage);
  if (!objects) return std::nullopt;
  auto sets = deploy::desired_sets(world_, systems(), *objects, request_.namespace_name, origin());
  if (!sets) {
    give_up(stage, std::move(sets.error()));
    return std::nullopt;
  }
  return std::move(*sets);
}

deploy::Options Job::completed(deploy::Options options) const {
  options.settle_schedules = !request_.argo_version;
  if (!request_.check_images) return options;
  registry::Options registries;
  registries.insecure = request_.images.insecure_registries;
  registries.token_servers = request_.images.token_servers;
  registries.checkout = checkout();
  registries.on_warning = [this](std::string_view text) { world_.progress.output("registry", text); };
  options.registries = std::move(registries);
  return options;
}

// A folder is another on the next machine: only a repository's address tells whose a system is.
std::string Job::origin() const {
  std::string name = deploy::repository_name(world_, request_.working_folder);
  return name.starts_with('/') ? std::string() : name;
}

bool Job::compare(kube::Client& client, const deploy::Options& options) {
  const auto started = world_.clock.monotonic();
  auto sets = desired("cluster");
  if (!sets) return false;
  auto plans = deploy::plan_sets(world_, client, *std::move(sets), completed(options));
  if (!plans) return give_up("cluster", std::move(plans.error()));
  if (const std::string& context = client.connection().context; !context.empty()) report_.data["context"] = context;
  return end_compare(std::move(*plans), started);
}

bool Job::end_compare(std::vector<deploy::SetPlan> plans, Clock::Monotonic started) {
  cluster_ = std::move(plans);
  report_.data["cluster"] = deploy::to_json(cluster_);
  report::Stage stage;
  stage.name = "cluster";
  stage.summary = deploy::summary(cluster_);
  stage.took = elapsed(started);
  for (const deploy::SetPlan& plan : cluster_) {
    if (plan.obstacles.empty()) continue;
    stage.outcome = report::Outcome::failed;
    std::copy(plan.obstacles.begin(), plan.obstacles.end(), std::back_inserter(report_.errors));
  }
  return finish(std::move(stage));
}

bool Job::end_deploy(deploy::Deployed deployed, Clock::Monotonic started) {
  cluster_ = std::move(deployed.plans);
  report_.data["cluster"] = deploy::to_json(cluster_);
  std::move(deployed.errors.begin(), deployed.errors.end(), std::back_inserter(report_.errors));
  deployed.stage.took = elapsed(started);
  return finish(std::move(deployed.stage));
}

bool Job::deploy(kube::Client& client, const deploy::Options& options) {
  const auto started = world_.clock.monotonic();
  auto sets = desired("deploy");
  if (!sets) return false;
  const deploy::Author author = deploy::find_author(world_, request_.working_folder);
  return end_deploy(deploy::deploy_sets(world_, client, *std::move(sets), completed(options), author), started);
}

bool Job::save_plan(kube::Client& client, const std::string& context, const deploy::Options& options,
                    const std::filesystem::path& file) {
  auto cluster = kube::cluster_uid(client);
  if (!cluster)
    return give_up(
        "save",
        std::move(cluster.error()).wrap("a saved plan names its cluster, and which one this is cannot be found out"));
  deploy::SavedPlan plan;
  plan.context = context;
  plan.server = client.connection().server;
  plan.cluster = std::move(*cluster);
  plan.made = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(world_.clock.now()));
  plan.commit = deploy::find_author(world_, request_.working_folder).commit;
  plan.options = options;
  plan.sets = cluster_;
  auto digest = deploy::write_saved_plan(world_, plan, checkout(), file);
  if (!digest) return give_up("save", std::move(digest.error()));
  report_.data["savedPlan"] = {{"file", file.string()}, {"sha256", *digest}};
  report::Stage stage;
  stage.name = "save";
  stage.summary = file.string();
  return finish(std::move(stage));
}

std::filesystem::path Job::checkout() const {
  return find_checkout(world_.files, request_.working_folder).value_or(request_.working_folder);
}

bool Job::deploy_saved(kube::Client& client, const deploy::SavedPlan& plan) {
  const auto started = world_.clock.monotonic();
  report::Stage read;
  read.name = "plan";
  read.summary = fmt::format("made at {}{}", plan.made, plan.commit.empty() ? "" : " from commit " + plan.commit);
  finish(std::move(read));
  deploy::Author author = deploy::find_author(world_, request_.working_folder);
  // The objects come from there, whatever is checked out here.
  author.commit = plan.commit;
  deploy::SavedPlan checked = plan;
  checked.options = completed(std::move(checked.options));
  // It was settled when the plan was made.
  checked.options.settle_schedules = false;
  return end_deploy(deploy::deploy_saved(world_, client, checked, author), started);
}

std::vector<deploy::DesiredSet> Job::empty_sets() const {
  std::vector<std::string> names = request_.deployed_systems;
  if (names.empty()) {
    for (const model::System& system : systems()) names.push_back(system.name);
  }
  std::vector<deploy::DesiredSet> sets;
  sets.reserve(names.size());
  const auto from = origin();
  for (std::string& name : names) sets.push_back({std::move(name), request_.namespace_name, from, {}});
  return sets;
}

bool Job::remove(kube::Client& client, const deploy::Options& options) {
  const auto started = world_.clock.monotonic();
  const deploy::Author author = deploy::find_author(world_, request_.working_folder);
  return end_deploy(deploy::delete_sets(world_, client, empty_sets(), options, author), started);
}

bool Job::history(kube::Client& client) {
  Json data = Json::array();
  Json begun = Json::array();
  for (deploy::DesiredSet& set : empty_sets()) {
    auto revisions = deploy::read_history(client, set);
    if (!revisions) return give_up("history", std::move(revisions.error()));
    auto unfinished = deploy::read_unfinished(client, set);
    if (!unfinished) return give_up("history", std::move(unfinished.error()));
    if (!unfinished->empty()) begun.push_back({{"system", set.system}, {"begun", *unfinished}});
    for (const deploy::Revision& revision : *revisions) {
      Json one = to_json(revision);
      one["system"] = set.system;
      data.push_back(std::move(one));
    }
    deploys_.push_back({std::move(set), std::move(*revisions), std::move(*unfinished)});
  }
  const bool none =
      std::all_of(deploys_.begin(), deploys_.end(), [](const auto& one) { return one.revisions.empty(); });
  if (none) {
    if (auto there = deploy::check_namespace(client, request_.namespace_name); !there)
      return give_up("history", std::move(there.error()));
  }
  report_.data["history"] = std::move(data);
  report_.data["unfinished"] = std::move(begun);
  report::Stage stage;
  stage.name = "history";
  return finish(std::move(stage));
}

bool Job::status(kube::Client& client, const airflow::Client* airflow) {
  auto read = deploy::read_status(client, empty_sets());
  if (!read) return give_up("status", std::move(read.error()));
  status_ = std::move(*read);
  const bool none = std::all_of(status_.begin(), status_.end(), [](const auto& one) { return !one.last; });
  if (none) {
    if (auto there = deploy::check_namespace(client, request_.namespace_name); !there)
      return give_up("status", std::move(there.error()));
  }
  auto runs = request_.engine == engine::Engine::argo
                  ? run::runs_of_argo(client, systems(), request_.namespace_name, shown_runs)
              : airflow != nullptr ? run::runs_of_airflow(*airflow, systems(), shown_runs)
                                   : std::vector<run::KnownRun>();
  if (!runs) return give_up("status", std::move(runs.error()));
  runs_ = std::move(*runs);
  Json data = Json::array();
  for (const deploy::SetStatus& status : status_) {
    Json services = Json::array();
    for (const deploy::ServiceStatus& service : status.services)
      services.push_back({{"service", service.name}, {"ready", service.ready}, {"text", service.text}});
    data.push_back({{"system", status.drift.set.system},
                    {"namespace", status.drift.set.namespace_name},
                    {"deploy", status.last ? to_json(*status.last) : Json()},
                    {"unfinished", status.drift.unfinished},
                    {"drift", deploy::to_json({status.drift})},
                    {"services", std::move(services)}});
  }
  report_.data["status"] = std::move(data);
  Json known = Json::array();
  for (const run::KnownRun& one : runs_) {
    known.push_back({{"pipeline", one.pipeline},
                     {"run", one.id},
                     {"state", one.state},
                     {"started", one.started},
                     {"ended", one.ended}});
  }
  report_.data["runs"] = std::move(known);
  report::Stage stage;
  stage.name = "status";
  return finish(std::move(stage));
}

bool Job::roll_back(kube::Client& client, unsigned number, deploy::Options options, bool dry_run) {
  const auto started = world_.clock.monotonic();
  options.keep_secrets = true;
  std::vector<deploy::DesiredSet> sets;
  NotesBySystem lost;
  for (const deploy::DesiredSet& set : empty_sets()) {
    auto recorded = deploy::read_revision(client, set, number);
    if (!recorded) {
      auto there = deploy::check_namespace(client, set.namespace_name);
      return give_up("deploy", std::move(there ? recorded.error() : there.error()));
    }
    lost[set.system] = deploy::lost_secrets(client, *recorded);
    sets.push_back(std::move(*recorded));
  }
  if (dry_run) {
    auto plans = deploy::plan_sets(world_, client, std::move(sets), options);
    if (!plans) return give_up("cluster", std::move(plans.error()));
    add_notes(*plans, lost);
    return end_compare(std::move(*plans), started);
  }
  const deploy::Author author = deploy::find_author(world_, request_.working_folder);
  deploy::Deployed deployed =
      deploy::deploy_sets(world_, client, std::move(sets), completed(std::move(options)), author);
  add_notes(deployed.plans, lost);
  return end_deploy(std::move(deployed), started);
}

}  // namespace liminal::ci
