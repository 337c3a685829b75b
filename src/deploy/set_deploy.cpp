#include "set_deploy.hpp"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "argo_schedules.hpp"
#include "history.hpp"
#include "place.hpp"

namespace liminal::deploy {

namespace {

constexpr unsigned lost_races = 3;  // of an apply with a controller's own write
constexpr std::chrono::milliseconds poll{300};
constexpr std::chrono::seconds seconds_untold{2};
constexpr std::size_t most_users = 5;

bool writes(const ObjectChange& change) {
  return change.action == Action::create || change.action == Action::update || change.action == Action::replace;
}

std::string_view verb_of(Action action) {
  constexpr std::array<std::string_view, 6> verbs{"created", "changed", "replaced", "removed", "kept", "unchanged"};
  return verbs.at(static_cast<std::size_t>(action));
}

}  // namespace

Status SetDeploy::run(DesiredSet set, const SetPlan* saved) {
  plan_.set.system = set.system;
  plan_.set.namespace_name = set.namespace_name;
  auto lease = Lease::take(world_, client_, set, author_, options_.timeout);
  if (!lease) return tl::unexpected(std::move(lease.error()));
  lease_ = std::move(*lease);
  auto done = under_lease(std::move(set), saved);
  if (!done && options_.atomic) {
    if (auto undone = undo(); !undone.empty()) done.error().causes.push_back(std::move(undone));
  }
  // Whatever became of it: who deploys next need not wait.
  if (!done || !options_.atomic) lease_.reset();
  return done;
}

Status SetDeploy::under_lease(DesiredSet set, const SetPlan* saved) {
  // What was seen before the lease was had may have been another deploy's half-way.
  auto live = read_live(client_, set);
  if (!live) return tl::unexpected(std::move(live.error()));
  live_ = std::move(*live);
  before_ = live_.inventory;
  if (options_.settle_schedules) settle_schedules(client_, set, live_);
  plan_ = plan_changes(std::move(set), live_, options_, saved);
  if (undone_ != nullptr) {
    std::erase_if(plan_.changes, [&](const ObjectChange& change) {
      return change.action == Action::remove && !undone_->made_.contains(change.reference);
    });
  }
  if (!plan_.obstacles.empty()) return stop(plan_.obstacles);
  if (plan_.has_changes()) {
    for (const auto step : {&SetDeploy::try_out, &SetDeploy::begin, &SetDeploy::carry_out}) {
      if (auto done = (this->*step)(); !done) return done;
    }
  }
  if (auto ready = wait(); !ready) return ready;
  // What is no longer wanted serves until what takes its place does.
  const auto removed = changes_to(Action::remove);
  if (auto done = remove(removed); !done) return done;
  if (auto gone = see_gone(removed); !gone) return gone;
  if (auto gone = see_gone_of_before(); !gone) return gone;
  return undone_ != nullptr ? finish_undo() : finish();
}

// Under the same lease: nobody has deployed between.
std::string SetDeploy::undo() {
  if (!wrote_) return {};
  constexpr std::string_view not_undone = "it could not be undone: ";
  if (world_.cancellation.requested())
    return fmt::format("it was not undone, since it was stopped: {}",
                       before_.revision > 0 ? "`rollback` brings the last deploy that ended back, and `deploy` goes on"
                                            : "`deploy` goes on, and `delete` takes away what is there");
  if (auto ours = lease_->renew(); !ours) return fmt::format("{}{}", not_undone, ours.error().message);
  auto earlier = before();
  if (!earlier) return fmt::format("{}{}", not_undone, earlier.error().message);
  const std::string changed = left_changed(*earlier);
  Options options = options_;
  options.saved_plan.clear();
  options.clean = false;
  options.wait = false;
  SetDeploy deploy(world_, client_, options, author_);
  deploy.lease_ = lease_;
  deploy.undone_ = this;
  if (const auto undone = deploy.under_lease(*std::move(earlier), nullptr); !undone)
    return fmt::format("{}{}", not_undone, undone.error().message);
  return fmt::format("it was undone: {}{}",
                     before_.revision > 0 ? fmt::format("deploy {} is back", before_.revision) : "what it made is gone",
                     changed);
}

// What the last deploy that ended wanted; before the first, nothing.
Result<DesiredSet> SetDeploy::before() const {
  const DesiredSet nothing{plan_.set.system, plan_.set.namespace_name, plan_.set.origin, {}};
  if (before_.revision == 0) return nothing;
  auto recorded = read_revision(client_, nothing, before_.revision);
  if (recorded) restore_secrets(*recorded);
  return recorded;
}

// A record has no values: those that were there when this deploy began come back.
void SetDeploy::restore_secrets(DesiredSet& recorded) const {
  for (const DesiredObject& secret : recorded.secrets_without_values) {
    const auto live = live_.members.find(secret.reference);
    const Json* value = live == live_.members.end() ? nullptr : find_member(live->second, {"data", "credentials"});
    if (value == nullptr) continue;
    recorded.objects.push_back(secret);
    recorded.objects.back().object["data"] = {{"credentials", *value}};
  }
}

// What this deploy changed, and no record knows as it was.
std::string SetDeploy::left_changed(const DesiredSet& recorded) const {
  std::vector<std::string> names;
  for (const ObjectChange& change : plan_.changes) {
    const auto same = [&](const DesiredObject& object) { return object.reference == change.reference; };
    const bool known = std::any_of(recorded.objects.begin(), recorded.objects.end(), same);
    if (writes(change) && change.action != Action::create && !known) names.push_back(change.reference.text());
  }
  if (names.empty()) return {};
  return fmt::format("; what was there before it stays, as it was written now: {}", fmt::join(names, ", "));
}

Status SetDeploy::stop(std::vector<Error> errors) {
  Error first = std::move(errors.front());
  std::move(errors.begin() + 1, errors.end(), std::back_inserter(further_));
  return tl::unexpected(std::move(first));
}

std::string SetDeploy::now_text() const {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(world_.clock.now()));
}

std::vector<const ObjectChange*> SetDeploy::changes_of(Wave wave) const {
  std::vector<const ObjectChange*> result;
  for (const ObjectChange& change : plan_.changes) {
    if (writes(change) && plan_.set.objects[change.desired].wave == wave) result.push_back(&change);
  }
  return result;
}

std::vector<const ObjectChange*> SetDeploy::changes_to(Action action) const {
  std::vector<const ObjectChange*> result;
  for (const ObjectChange& change : plan_.changes) {
    if (change.action == action) result.push_back(&change);
  }
  return result;
}

kube::Call SetDeploy::write_call(kube::Verb verb, const kube::Reference& target) const {
  kube::Call call;
  call.verb = verb;
  call.target = target;
  call.allowed = [this] { return lease_->check(); };
  return call;
}

kube::Call SetDeploy::apply_call(const ObjectChange& change) const {
  kube::Call call = write_call(kube::Verb::apply, change.reference);
  call.body = plan_.set.objects[change.desired].object;
  call.query["fieldManager"] = kube::field_manager;
  call.query["fieldValidation"] = "Strict";
  if (change.leaves_replicas) call.body = without_replicas(std::move(call.body));
  // Only what the user named is taken from its maker.
  if (change.forced) call.query["force"] = "true";
  return call;
}

Error SetDeploy::refusal(const ObjectChange& change, const kube::Answer& answer) const {
  Error error = kube::refusal("apply", change.reference, answer);
  if (answer.field_conflict())
    error.advice = fmt::format("let the others give those fields up, or take them over with `--adopt {}`",
                               option_name(change.reference));
  return placed(std::move(error), plan_.set.objects[change.desired]);
}

// A real dry run of everything before the first write: admission, immutable fields, conflicts, rights.
Status SetDeploy::try_out() {
  std::vector<kube::Call> calls;
  std::vector<const ObjectChange*> tried;
  for (const ObjectChange& change : plan_.changes) {
    // What is there cannot take a field that is fixed in it, or is going.
    if (!writes(change) || (change.action == Action::replace && change.fixed)) continue;
    calls.push_back(apply_call(change));
    calls.back().query["dryRun"] = "All";
    // Nobody's fields are in the way of what is made anew.
    if (change.action == Action::replace) calls.back().query["force"] = "true";
    tried.push_back(&change);
  }
  const auto answers = client_.call_all(calls);
  std::vector<Error> refused;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!answers[i]) return tl::unexpected(answers[i].error());
    if (answers[i]->ok()) continue;
    refused.push_back(refusal(*tried[i], *answers[i]));
    tell(*tried[i], report::Outcome::failed, refused.back().message);
  }
  return refused.empty() ? Status() : stop(std::move(refused));
}

// The record names what will be touched before it is: a run that is killed leaves nothing unexplained.
Status SetDeploy::begin() {
  Pending pending;
  pending.author = author_.who + "@" + author_.host;
  pending.started = now_text();
  pending.plan = options_.saved_plan;
  if (before_.pending) {
    pending.objects = before_.pending->objects;
    // A deploy that did not end is not ended by a part of it.
    if (options_.volumes_and_secrets_alone) pending = *before_.pending;
  }
  for (const ObjectChange& change : plan_.changes) {
    const auto same = std::find(pending.objects.begin(), pending.objects.end(), change.reference);
    if (same == pending.objects.end() && (writes(change) || change.action == Action::remove))
      pending.objects.push_back(change.reference);
  }
  live_.inventory.pending = std::move(pending);
  wrote_ = true;
  if (!plan_.set.origin.empty()) live_.inventory.origin = plan_.set.origin;
  return write_inventory(client_, plan_.set, live_.inventory);
}

Status SetDeploy::carry_out() {
  std::vector<const ObjectChange*> replaced = changes_to(Action::replace);
  std::stable_sort(replaced.begin(), replaced.end(), [](const ObjectChange* one, const ObjectChange* other) {
    return removal_order(one->reference) < removal_order(other->reference);
  });
  if (auto done = make_way(replaced); !done) return done;
  for (unsigned wave = 0; wave < waves; ++wave) {
    const auto changes = changes_of(static_cast<Wave>(wave));
    if (changes.empty()) continue;
    if (auto ours = lease_->renew(); !ours) return ours;
    if (auto done = apply(changes); !done) return done;
  }
  return {};
}

// Deletes what has to be made anew, and waits until it is gone: a schedule before what it starts, a claim before its
// volume, which does not go without it.
Status SetDeploy::make_way(const std::vector<const ObjectChange*>& replaced) {
  if (auto removed = remove(replaced); !removed) return removed;
  return wait_until_gone(replaced);
}

// Pods that mount a claim, ended ones too: those of workflows that have run keep it.
std::vector<std::string> SetDeploy::users_of(const ObjectChange& change) const {
  std::vector<std::string> users;
  if (change.reference.type->kind != "PersistentVolumeClaim") return users;
  kube::Call list;
  list.verb = kube::Verb::list;
  list.target = {kube::find_resource_type("v1", "Pod"), change.reference.namespace_name, ""};
  const auto answer = client_.call(list);
  const Json* pods = answer && answer->ok() ? find_member(answer->body, {"items"}) : nullptr;
  if (pods == nullptr || !pods->is_array()) return users;
  for (const Json& pod : *pods) {
    const Json* volumes = find_member(pod, {"spec", "volumes"});
    if (volumes == nullptr || !volumes->is_array()) continue;
    const bool uses = std::any_of(volumes->begin(), volumes->end(), [&](const Json& volume) {
      return text_at(volume, {"persistentVolumeClaim", "claimName"}) == change.reference.name;
    });
    if (uses && users.size() < most_users)
      users.push_back(
          fmt::format("pod {} ({}) uses it", text_at(pod, {"metadata", "name"}), text_at(pod, {"status", "phase"})));
  }
  return users;
}

Status SetDeploy::wait_until_gone(const std::vector<const ObjectChange*>& changes) {
  const auto started = world_.clock.monotonic();
  for (const ObjectChange* change : changes) {
    for (bool told = false;;) {
      kube::Call get;
      get.target = change->reference;
      get.metadata_only = true;
      auto answer = client_.call(get);
      if (!answer) return tl::unexpected(std::move(answer.error()));
      if (answer->not_found() || (answer->ok() && text_at(answer->body, {"metadata", "uid"}) != change->uid)) break;
      if (world_.clock.monotonic() - started > options_.timeout) {
        const std::string message =
            fmt::format("{} was deleted and does not go away{}", change->reference.text(), held_by(answer->body));
        if (change->action != Action::replace) tell(*change, report::Outcome::failed, message);
        Error stuck{ErrorKind::failed,
                    message,
                    "end the pods that still use it, or look after what should take its finalizers away; then run the "
                    "command again",
                    users_of(*change),
                    {},
                    false};
        return tl::unexpected(std::move(stuck));
      }
      if (world_.cancellation.requested())
        return fail(ErrorKind::interrupted, "stopped while waiting until what was deleted is gone");
      // Most are gone at once.
      if (!told && world_.clock.monotonic() - started > seconds_untold) {
        told = true;
        world_.progress.step(change->reference.text(), "waits until it is gone" + held_by(answer->body));
      }
      world_.clock.sleep_for(poll);
    }
  }
  return {};
}

// What a deploy that did not end has deleted, and still waits for.
Status SetDeploy::see_gone_of_before() {
  for (const ObjectChange& change : plan_.changes) {
    if (!change.going || !options_.wait) continue;
    if (auto gone = wait_until_gone({&change}); !gone) return gone;
  }
  return {};
}

// What finalizers hold is deleted and still there.
Status SetDeploy::see_gone(const std::vector<const ObjectChange*>& removed) {
  for (const ObjectChange* change : removed) {
    const bool going = going_.contains(change->reference);
    if (going && options_.wait) {
      if (auto gone = wait_until_gone({change}); !gone) return gone;
    }
    tell(*change, report::Outcome::passed, going && !options_.wait ? "is being deleted" : "removed");
  }
  return {};
}

Status SetDeploy::apply(const std::vector<const ObjectChange*>& changes) {
  std::vector<const ObjectChange*> left = changes;
  std::optional<Error> first;
  for (unsigned attempt = 0; attempt < lost_races && !left.empty(); ++attempt) {
    std::vector<kube::Call> calls(left.size());
    std::transform(left.begin(), left.end(), calls.begin(),
                   [&](const ObjectChange* change) { return apply_call(*change); });
    auto answers = client_.call_all(calls);
    std::vector<const ObjectChange*> again;
    for (std::size_t i = 0; i < left.size(); ++i) {
      auto& answer = answers[i];
      if (answer && answer->ok()) {
        live_.inventory.uids[left[i]->reference] = text_at(answer->body, {"metadata", "uid"});
        if (left[i]->action == Action::create) made_.insert(left[i]->reference);
        tell(*left[i], report::Outcome::passed, std::string(verb_of(left[i]->action)));
        continue;
      }
      if (answer && answer->code == 409 && !answer->field_conflict() && attempt + 1 < lost_races) {
        again.push_back(left[i]);
        continue;
      }
      Error error = answer ? refusal(*left[i], *answer) : std::move(answer.error());
      // Of a server that is gone and of Ctrl-C, once is enough.
      if (answer || !first) tell(*left[i], report::Outcome::failed, error.message);
      if (!first) first = std::move(error);
    }
    left = std::move(again);
  }
  if (first) return tl::unexpected(std::move(*first));
  return {};
}

// Kinds in their order: what refers to others goes first. The UID keeps one that was made anew meanwhile.
Status SetDeploy::remove(const std::vector<const ObjectChange*>& changes) {
  if (changes.empty()) return {};
  if (auto ours = lease_->renew(); !ours) return ours;
  std::size_t begin = 0;
  while (begin < changes.size()) {
    std::size_t end = begin;
    while (end < changes.size() && changes[end]->reference.type == changes[begin]->reference.type) ++end;
    std::vector<kube::Call> calls;
    for (std::size_t i = begin; i < end; ++i) {
      kube::Call call = write_call(kube::Verb::remove, changes[i]->reference);
      // The runs that a schedule started are no part of it: one under way goes on, and the others are history.
      const bool schedule = changes[i]->reference.type->kind == "CronWorkflow";
      call.body = {{"preconditions", {{"uid", changes[i]->uid}}},
                   {"propagationPolicy", schedule ? "Orphan" : "Background"}};
      calls.push_back(std::move(call));
    }
    auto answers = client_.call_all(calls);
    for (std::size_t i = begin; i < end; ++i) {
      auto& answer = answers[i - begin];
      if (!answer) return tl::unexpected(std::move(answer.error()));
      // Gone already, or another by now.
      const bool done = answer->ok() || answer->not_found() || answer->code == 409;
      if (!done) {
        Error error = kube::refusal("delete", changes[i]->reference, *answer);
        tell(*changes[i], report::Outcome::failed, error.message);
        return tl::unexpected(std::move(error));
      }
      live_.inventory.uids.erase(changes[i]->reference);
      if (!text_at(answer->body, {"metadata", "deletionTimestamp"}).empty()) going_.insert(changes[i]->reference);
    }
    begin = end;
  }
  return {};
}

// Also for what an earlier deploy changed and did not see become ready.
Status SetDeploy::wait() {
  if (!options_.wait) return {};
  std::vector<const DesiredObject*> deployments;
  for (const ObjectChange& change : plan_.changes) {
    if (writes(change) && change.reference.type->kind == "Deployment")
      deployments.push_back(&plan_.set.objects[change.desired]);
  }
  for (const std::size_t index : plan_.unready) {
    const DesiredObject* object = &plan_.set.objects[index];
    if (std::find(deployments.begin(), deployments.end(), object) == deployments.end()) deployments.push_back(object);
  }
  auto failed = wait_until_ready(world_, client_, deployments, options_.timeout, [this] { return lease_->check(); });
  if (!failed) return {};
  tell_not_ready(*failed);
  return tl::unexpected(std::move(failed->error));
}

// It was applied, and is what failed: the reports have it once.
void SetDeploy::tell_not_ready(const NotReady& failed) {
  const std::string name = failed.object->reference.text();
  std::erase_if(cases_, [&](const report::Case& one) { return one.name == name; });
  for (const ObjectChange& change : plan_.changes) {
    if (change.reference == failed.object->reference) tell(change, report::Outcome::failed, failed.error.message);
  }
}

Status SetDeploy::finish() {
  for (const ObjectChange& change : plan_.changes) {
    if (change.action == Action::unchanged) tell(change, report::Outcome::unchanged, "unchanged");
    if (change.action == Action::keep) tell(change, report::Outcome::unchanged, "kept: " + change.note);
  }
  if (!live_.inventory.pending && !plan_.has_changes() && !plan_.unrecorded) return {};
  // An earlier deploy that did not end may have made them.
  for (const ObjectChange* change : changes_to(Action::unchanged))
    live_.inventory.uids[change->reference] = change->uid;
  if (auto ours = lease_->renew(); !ours) return ours;
  // A part of what the set wants is no deploy to come back to, and ends none.
  if (options_.volumes_and_secrets_alone) {
    live_.inventory.pending = before_.pending;
    return write_inventory(client_, plan_.set, live_.inventory);
  }
  live_.inventory.pending.reset();
  live_.inventory.plan = options_.saved_plan;
  Revision revision;
  revision.number = live_.inventory.revision + 1;
  revision.time = now_text();
  revision.author = author_;
  std::string before;
  if (const auto& restored = plan_.set.restored) {
    revision.restores = restored->revision;
    revision.author.commit = restored->commit;
    before = fmt::format("back to deploy {}: ", restored->revision);
  }
  revision.what =
      before + fmt::format("{} created, {} changed, {} replaced, {} removed", plan_.count(Action::create),
                           plan_.count(Action::update), plan_.count(Action::replace), plan_.count(Action::remove));
  for (const DesiredObject& object : plan_.set.objects) revision.objects.push_back(object.object);
  if (auto written = write_revision(client_, plan_.set, revision); !written) return written;
  live_.inventory.revision = revision.number;
  plan_.revision = revision.number;
  return write_inventory(client_, plan_.set, live_.inventory);
}

// The record becomes what it was: what was undone is no deploy to come back to.
Status SetDeploy::finish_undo() {
  if (auto ours = lease_->renew(); !ours) return ours;
  live_.inventory.pending = undone_->before_.pending;
  live_.inventory.plan = undone_->before_.plan;
  live_.inventory.origin = undone_->before_.origin;
  live_.inventory.revision = undone_->before_.revision;
  return write_inventory(client_, plan_.set, live_.inventory);
}

void SetDeploy::tell(const ObjectChange& change, report::Outcome outcome, const std::string& summary) {
  report::Case told;
  told.group = set_name(plan_.set);
  told.name = change.reference.text();
  told.outcome = outcome;
  told.summary = summary;
  if (writes(change) || change.action == Action::unchanged) {
    told.file = plan_.set.objects[change.desired].place.file;
    told.position = plan_.set.objects[change.desired].place.range.begin;
  }
  if (outcome == report::Outcome::passed || outcome == report::Outcome::failed) {
    world_.progress.finished(told.name,
                             outcome == report::Outcome::passed ? Progress::Outcome::done : Progress::Outcome::failed,
                             summary, std::chrono::milliseconds{0});
  }
  cases_.push_back(std::move(told));
}

}  // namespace liminal::deploy
