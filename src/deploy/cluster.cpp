#include "liminal/deploy/cluster.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/deploy/saved_plan.hpp"
#include "liminal/report/counted.hpp"

#include "apply_set.hpp"
#include "argo_schedules.hpp"
#include "changes.hpp"
#include "history.hpp"
#include "preflight.hpp"
#include "set_deploy.hpp"

namespace liminal::deploy {

namespace {

// `create`: what pipelines need and no pipeline.
void keep_volumes_and_secrets(DesiredSet& set) {
  std::erase_if(set.objects, [](const DesiredObject& object) {
    return object.reference.type->kind != "Secret" && !holds_data(object.reference);
  });
}

std::string counts(const std::vector<SetPlan>& plans) {
  const auto total = [&](Action action) {
    std::size_t count = 0;
    for (const SetPlan& plan : plans) count += plan.count(action);
    return count;
  };
  return fmt::format("{} created, {} changed, {} replaced, {} removed, {} unchanged", total(Action::create),
                     total(Action::update), total(Action::replace), total(Action::remove),
                     total(Action::unchanged) + total(Action::keep));
}

void fail_stage(Deployed& deployed, Error error) {
  deployed.stage.outcome = report::Outcome::failed;
  deployed.stage.summary = error.message;
  deployed.errors.push_back(std::move(error));
}

// The saved plan of a set; null: there is none.
const SetPlan* find_saved(const std::vector<SetPlan>& saved, const DesiredSet& set) {
  const auto found = std::find_if(saved.begin(), saved.end(), [&](const SetPlan& plan) {
    return plan.set.system == set.system && plan.set.namespace_name == set.namespace_name;
  });
  return found == saved.end() ? nullptr : &*found;
}

Result<std::vector<SetPlan>> plan_all(kube::Client& client, std::vector<DesiredSet> sets, const Options& options,
                                      const std::vector<SetPlan>& saved) {
  std::vector<SetPlan> plans;
  for (DesiredSet& set : sets) {
    if (options.volumes_and_secrets_alone) keep_volumes_and_secrets(set);
    auto live = read_live(client, set);
    if (!live) return tl::unexpected(std::move(live.error()));
    if (options.settle_schedules) settle_schedules(client, set, *live);
    const SetPlan* before = find_saved(saved, set);
    plans.push_back(plan_changes(std::move(set), *live, options, before));
  }
  return plans;
}

void carry_out(const World& world, kube::Client& client, std::vector<SetPlan> plans, const Options& options,
               const Author& author, const std::vector<SetPlan>& saved, Deployed& deployed) {
  std::vector<std::unique_ptr<SetDeploy>> earlier;  // each with its lease, as long as it may have to be undone
  for (SetPlan& plan : plans) {
    const DesiredSet set{plan.set.system, plan.set.namespace_name, plan.set.origin, {}};
    SetDeploy& deploy = *earlier.emplace_back(std::make_unique<SetDeploy>(world, client, options, author));
    auto done = deploy.run(std::move(plan.set), find_saved(saved, set));
    std::move(deploy.cases().begin(), deploy.cases().end(), std::back_inserter(deployed.stage.cases));
    deployed.plans.push_back(deploy.plan());
    if (done) continue;
    if (options.atomic) {
      for (auto other = std::next(earlier.rbegin()); other != earlier.rend(); ++other) {
        if (const std::string undone = (*other)->undo(); !undone.empty())
          done.error().causes.push_back(fmt::format("{}: {}", set_name((*other)->plan().set), undone));
      }
    }
    fail_stage(deployed, std::move(done.error()));
    for (const Error& error : deploy.further()) deployed.errors.push_back(error);
    return;
  }
}

// `--delete-data` and `--adopt` name what is there or wanted; a slip would go unnoticed.
std::vector<std::string> notes_of_unknown_names(const std::vector<SetPlan>& plans, const Options& options) {
  std::set<std::string> known;
  for (const SetPlan& plan : plans) {
    known.insert("system/" + plan.set.system);
    for (const ObjectChange& change : plan.changes) {
      known.insert(option_name(change.reference));
      known.insert(change.reference.name);
    }
    for (const DesiredObject& object : plan.set.objects) known.insert(option_name(object.reference));
  }
  std::vector<std::string> notes;
  const auto tell = [&](std::string_view option, const std::set<std::string>& names) {
    for (const std::string& name : names) {
      if (!known.contains(name))
        notes.push_back(fmt::format("`{} {}` names nothing that is deployed or wanted here", option, name));
    }
  };
  tell("--adopt", options.adopt);
  tell("--delete-data", options.delete_data);
  return notes;
}

// A set in which nothing changes, and whose last deploy ended, is left alone.
bool is_to_do(const SetPlan& plan, const Options& options) {
  return plan.has_changes() || ((plan.unfinished || plan.unrecorded) && !options.volumes_and_secrets_alone) ||
         (options.wait && !plan.unready.empty());
}

// Nothing there and nothing to do may be a slip in the namespace's name.
bool is_empty(const std::vector<SetPlan>& plans) {
  return std::all_of(plans.begin(), plans.end(), [](const SetPlan& plan) { return plan.changes.empty(); });
}

Deployed deploy_all(const World& world, kube::Client& client, std::vector<DesiredSet> sets, const Options& options,
                    const Author& author, const std::vector<SetPlan>& saved) {
  Deployed deployed;
  deployed.stage.name = "deploy";
  auto plans = plan_all(client, std::move(sets), options, saved);
  if (!plans) {
    fail_stage(deployed, std::move(plans.error()));
    return deployed;
  }
  for (SetPlan& plan : *plans) {
    for (const Error& obstacle : plan.obstacles) fail_stage(deployed, obstacle);
  }
  if (!deployed.errors.empty()) {
    // What else is in the way is told with it.
    if (auto found = preflight(world, client, *plans, options)) {
      for (Error& error : found->missing) fail_stage(deployed, std::move(error));
    }
    deployed.plans = std::move(*plans);
    return deployed;
  }
  std::vector<std::string> notes = notes_of_unknown_names(*plans, options);
  std::vector<SetPlan> to_do;
  for (SetPlan& plan : *plans) {
    if (is_to_do(plan, options)) {
      to_do.push_back(std::move(plan));
      continue;
    }
    for (const ObjectChange& change : plan.changes) {
      report::Case unchanged;
      unchanged.group = plan.set.namespace_name + "/" + plan.set.system;
      unchanged.name = change.reference.text();
      unchanged.outcome = report::Outcome::unchanged;
      if (change.action == Action::unchanged) {
        unchanged.file = plan.set.objects[change.desired].place.file;
        unchanged.position = plan.set.objects[change.desired].place.range.begin;
      }
      unchanged.summary = change.action == Action::keep ? "kept: " + change.note : "unchanged";
      deployed.stage.cases.push_back(std::move(unchanged));
    }
    deployed.plans.push_back(std::move(plan));
  }
  if (!to_do.empty() || is_empty(deployed.plans)) {
    auto found = preflight(world, client, to_do.empty() ? deployed.plans : to_do, options);
    if (!found) {
      fail_stage(deployed, std::move(found.error()));
      return deployed;
    }
    for (Error& error : found->missing) fail_stage(deployed, std::move(error));
    std::move(found->notes.begin(), found->notes.end(), std::back_inserter(notes));
    if (!deployed.errors.empty()) return deployed;
  }
  const std::size_t told_on = to_do.empty() ? 0 : deployed.plans.size();
  carry_out(world, client, std::move(to_do), options, author, saved, deployed);
  if (told_on < deployed.plans.size()) {
    SetPlan& first = deployed.plans[told_on];
    std::move(notes.begin(), notes.end(), std::back_inserter(first.notes));
  }
  if (deployed.errors.empty()) deployed.stage.summary = counts(deployed.plans);
  return deployed;
}

}  // namespace

Result<std::vector<SetPlan>> plan_sets(const World& world, kube::Client& client, std::vector<DesiredSet> sets,
                                       const Options& options) {
  auto plans = plan_all(client, std::move(sets), options, {});
  if (!plans || plans->empty()) return plans;
  SetPlan& first = plans->front();
  for (std::string& note : notes_of_unknown_names(*plans, options)) first.notes.push_back(std::move(note));
  const bool any = std::any_of(plans->begin(), plans->end(),
                               [&](const SetPlan& plan) { return is_to_do(plan, options) || !plan.obstacles.empty(); });
  if (!any && !is_empty(*plans)) return plans;
  // The rights and images of who deploys are found out by who deploys.
  Options reading = options;
  reading.registries.reset();
  auto found = preflight(world, client, *plans, reading, Rights::not_asked);
  if (!found) return tl::unexpected(std::move(found.error()));
  std::move(found->missing.begin(), found->missing.end(), std::back_inserter(first.obstacles));
  std::move(found->notes.begin(), found->notes.end(), std::back_inserter(first.notes));
  return plans;
}

Deployed deploy_sets(const World& world, kube::Client& client, std::vector<DesiredSet> sets, const Options& options,
                     const Author& author) {
  return deploy_all(world, client, std::move(sets), options, author, {});
}

Deployed deploy_saved(const World& world, kube::Client& client, const SavedPlan& plan, const Author& author) {
  std::vector<DesiredSet> sets;
  for (const SetPlan& saved : plan.sets) sets.push_back(saved.set);
  Options options = plan.options;
  options.note_seen = true;
  options.saved_plan = plan.digest;
  return deploy_all(world, client, std::move(sets), options, author, plan.sets);
}

Deployed delete_sets(const World& world, kube::Client& client, std::vector<DesiredSet> sets, const Options& options,
                     const Author& author) {
  for (DesiredSet& set : sets) set.objects.clear();
  return deploy_sets(world, client, std::move(sets), options, author);
}

}  // namespace liminal::deploy
