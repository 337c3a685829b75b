#include "changes.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

#include "moved_since.hpp"
#include "place.hpp"
#include "readiness.hpp"
#include "value_text.hpp"

namespace liminal::deploy {

namespace {

// Fields that the API does not let change: the object has to be made anew.
struct Fixed {
  std::string_view kind;
  std::string_view path;
};
constexpr std::array<Fixed, 5> fixed_fields{{{"Deployment", ".spec.selector"},
                                             {"PersistentVolume", ".spec.local"},
                                             {"PersistentVolume", ".spec.nodeAffinity"},
                                             {"PersistentVolumeClaim", ".spec"},
                                             {"Secret", ".type"}}};
constexpr std::string_view replicas_path = ".spec.replicas";

// A claim's size among them: a volume that is a folder does not grow.
const kube::FieldChange* fixed_change(const kube::Reference& reference, const std::vector<kube::FieldChange>& changes,
                                      const Json& live) {
  const Json* immutable = find_member(live, {"immutable"});  // of a Secret or ConfigMap that somebody has locked
  for (const kube::FieldChange& change : changes) {
    if (immutable != nullptr && *immutable == true && change.path.starts_with(".data")) return &change;
    for (const Fixed& fixed : fixed_fields) {
      if (reference.type->kind == fixed.kind && change.path.starts_with(fixed.path)) return &change;
    }
  }
  return nullptr;
}

bool is_going(const Json& object) {
  return !text_at(object, {"metadata", "deletionTimestamp"}).empty();
}

class Planner {
 public:
  Planner(DesiredSet set, const LiveSet& live, const Options& options, const SetPlan* saved)
      : live_(live), options_(options), saved_(saved) {
    plan_.revision = live.inventory.revision;
    plan_.unrecorded = live.inventory.resource_version.empty() && !live.members.empty();
    plan_.set = std::move(set);
  }

  SetPlan plan() {
    check_origin();
    note_pending();
    for (std::size_t i = 0; i < plan_.set.objects.size(); ++i) desired(i);
    replace_pairs();
    if (!options_.volumes_and_secrets_alone) removals();
    if (saved_ != nullptr) hold_to_saved();
    return std::move(plan_);
  }

 private:
  void obstacle(std::string message, std::string advice) {
    plan_.obstacles.push_back({ErrorKind::failed, std::move(message), std::move(advice), {}, {}, false});
  }

  void obstacle(const DesiredObject& object, std::string message, std::string advice) {
    obstacle(std::move(message), std::move(advice));
    plan_.obstacles.back() = placed(std::move(plan_.obstacles.back()), object);
  }

  // What follows from a move is no news beside it.
  void hold_to_saved() {
    if (auto moved = moved_since(*saved_, plan_, live_, options_.saved_plan); !moved.empty())
      plan_.obstacles = std::move(moved);
    for (const ObjectChange& before : saved_->changes) {
      if (before.action != Action::unchanged || before.reference.type->kind != "Secret") continue;
      const auto same = [&](const ObjectChange& now) { return now.reference == before.reference; };
      const auto now = std::find_if(plan_.changes.begin(), plan_.changes.end(), same);
      if (now != plan_.changes.end() && now->action == Action::update)
        plan_.notes.push_back(before.reference.text() + " changes: its file holds another value than for the plan");
    }
  }

  void check_origin() {
    const std::string& theirs = live_.inventory.origin;
    const std::string& ours = plan_.set.origin;
    if (theirs.empty() || theirs == ours || options_.compare_only) return;
    if (options_.adopt.contains("system/" + plan_.set.system)) return;
    obstacle(
        fmt::format(
            "system {} of namespace {} was deployed from {}, and this is {}", plan_.set.system,
            plan_.set.namespace_name, theirs,
            ours.empty() ? "a folder that does not tell its repository (no .git with a remote `origin`)" : ours),
        fmt::format("give one of the two another `name`, or take it over with `--adopt system/{}`", plan_.set.system));
  }

  void note_pending() {
    plan_.unfinished = live_.inventory.pending.has_value();
    if (const auto& pending = live_.inventory.pending) {
      plan_.begun = pending->author + " at " + pending->started;
      plan_.notes.push_back(
          fmt::format("the deploy of {}, begun at {}, did not end; {}", pending->author, pending->started,
                      options_.volumes_and_secrets_alone ? "`deploy` finishes it" : "this one finishes it"));
    }
  }

  void desired(std::size_t index) {
    const DesiredObject& wanted = plan_.set.objects[index];
    if (const auto stranger = live_.strangers.find(wanted.reference); stranger != live_.strangers.end()) {
      // Of ours, somebody has changed the labels.
      if (is_recorded(wanted.reference, stranger->second)) return update(index, stranger->second, "");
      if (options_.compare_only) return update(index, stranger->second, whose(stranger->second));
      if (!is_adopted(wanted)) return refuse_stranger(wanted, stranger->second);
      return update(index, stranger->second, "taken over");
    }
    const auto found = live_.members.find(wanted.reference);
    if (found != live_.members.end()) {
      note_readiness(index, found->second);
      if (is_made_here(wanted.reference, found->second)) return update(index, found->second, "");
      if (options_.compare_only) return update(index, found->second, not_made_here(found->second));
      if (!is_adopted(wanted) && !options_.adopt.contains("system/" + plan_.set.system))
        return refuse_unproven(wanted, found->second);
      return update(index, found->second, "taken over");
    }
    ObjectChange change;
    change.action = Action::create;
    change.reference = wanted.reference;
    change.desired = index;
    plan_.changes.push_back(std::move(change));
  }

  void note_readiness(std::size_t index, const Json& object) {
    if (plan_.set.objects[index].reference.type->kind == "Deployment" && !readiness_of(object, {}).ready)
      plan_.unready.push_back(index);
  }

  // Another system may have taken it over, with what is on record here.
  [[nodiscard]] bool names_another(const Json& object) const {
    const std::string set = label_of(object, part_of_label);
    const std::string name = annotation_of(object, set_annotation);
    return (!set.empty() && set != plan_.set.id()) || (!name.empty() && name != set_name(plan_.set));
  }

  [[nodiscard]] bool is_recorded(const kube::Reference& reference, const Json& object) const {
    if (names_another(object)) return false;
    const auto known = live_.inventory.uids.find(reference);
    return known != live_.inventory.uids.end() && known->second == text_at(object, {"metadata", "uid"}) &&
           kube::has_applied(object, kube::field_manager);
  }

  // Labels alone prove nothing: a copy has them too, and what a backup brought back.
  [[nodiscard]] bool is_made_here(const kube::Reference& reference, const Json& object) const {
    return kube::owns_label(object, kube::field_manager, part_of_label) || is_recorded(reference, object);
  }

  static std::string not_made_here(const Json& object) {
    const auto managers = kube::other_managers(object, kube::field_manager);
    return managers.empty() ? std::string("nothing tells that a deploy of it made what is there (managedFields)")
                            : fmt::format("was made by {}, and not by its deploys", managers.back().manager);
  }

  void refuse_unproven(const DesiredObject& wanted, const Json& object) {
    obstacle(wanted,
             fmt::format("{} carries this system's labels, and {}", wanted.reference.text(), not_made_here(object)),
             fmt::format("take it over with `--adopt {}`, or all that carry these labels with `--adopt system/{}`; or "
                         "delete it: the next deploy makes it anew",
                         option_name(wanted.reference), plan_.set.system));
  }

  void refuse_stranger(const DesiredObject& wanted, const Json& object) {
    obstacle(wanted, fmt::format("{} is there already and {}", wanted.reference.text(), whose(object)),
             fmt::format("give yours another name{}, or take it over with `--adopt {}`", in_file(wanted),
                         option_name(wanted.reference)));
  }

  void update(std::size_t index, const Json& object, std::string note) {
    const DesiredObject& wanted = plan_.set.objects[index];
    ObjectChange change;
    change.reference = wanted.reference;
    change.desired = index;
    change.uid = text_at(object, {"metadata", "uid"});
    change.note = std::move(note);
    change.forced = is_adopted(wanted) || !change.note.empty();
    Json applied = wanted.object;
    change.fields = kube::estimate_apply(applied, object, kube::field_manager);
    const bool anew = options_.clean || fixed_change(wanted.reference, change.fields, object) != nullptr;
    if (!anew && leave_replicas(wanted, change)) {
      change.leaves_replicas = true;
      applied = without_replicas(std::move(applied));
      change.fields = kube::estimate_apply(applied, object, kube::field_manager);
    }
    if (!change.fields.empty() || !change.note.empty()) change.action = Action::update;
    if (is_going(object)) {
      replace_going(wanted, object, change);
    } else if (const kube::FieldChange* fixed = fixed_change(wanted.reference, change.fields, object)) {
      replace(change, fixed->path);
    } else if (options_.clean && !holds_data(wanted.reference)) {
      change.action = Action::replace;
      change.note = "--clean makes it anew";
    } else if (change.note.empty()) {
      conflicts(wanted, change);
    }
    if (options_.note_seen) note_seen(applied, object, change);
    hide_values(change);
    plan_.changes.push_back(std::move(change));
  }

  // Volume and claim go together: either name will do.
  [[nodiscard]] bool may_go(const kube::Reference& reference, const Json& object) const {
    return options_.delete_data.contains(reference.name) ||
           options_.delete_data.contains(text_at(object, {"spec", "volumeName"})) ||
           options_.delete_data.contains(text_at(object, {"spec", "claimRef", "name"}));
  }

  [[nodiscard]] bool is_adopted(const DesiredObject& wanted) const {
    return options_.adopt.contains(option_name(wanted.reference));
  }

  // Who scales a Deployment, an autoscaler above all, goes on to: setting the number back at each deploy would end pods
  // that are needed.
  bool leave_replicas(const DesiredObject& wanted, const ObjectChange& change) {
    if (wanted.reference.type->kind != "Deployment" || is_adopted(wanted)) return false;
    for (const kube::FieldChange& field : change.fields) {
      // Of a scale to zero the server keeps no owner, but that it is no longer ours.
      const bool to_zero = field.before == 0 && !field.own;
      if (field.path != replicas_path || (field.conflicts.empty() && !to_zero)) continue;
      plan_.notes.push_back(
          fmt::format("{} has {} {}, set by {} and left to it; `--adopt {}` sets {}, as{}", wanted.reference.text(),
                      value_text(field.before), field.before == 1 ? "replica" : "replicas",
                      field.conflicts.empty() ? "another" : owners_text(field.conflicts), option_name(wanted.reference),
                      value_text(field.after), wanted.place.file.empty() ? " on record" : in_file(wanted)));
      return true;
    }
    return false;
  }

  void replace(ObjectChange& change, const std::string& path) {
    change.action = Action::replace;
    change.fixed = true;
    change.note = path + " cannot change";
    change.loses_data = holds_data(change.reference);
    if (change.loses_data && !may_go(change.reference, plan_.set.objects[change.desired].object)) {
      obstacle(plan_.set.objects[change.desired],
               fmt::format("{} would have to be made anew, since its {} cannot change, and what is in it would be lost",
                           change.reference.text(), path),
               fmt::format("undo the change, give the volume another name, or let its data go with `--delete-data {}`",
                           change.reference.name));
    }
  }

  // Somebody deletes it: what is applied to it goes with it.
  void replace_going(const DesiredObject& wanted, const Json& object, ObjectChange& change) {
    change.action = Action::replace;
    change.fixed = true;
    change.note = "it is being deleted" + held_by(object);
    if (!holds_data(change.reference)) return;
    obstacle(wanted, change.reference.text() + " is being deleted, and what is in it goes too",
             "wait until it is gone, and end the pods that still use it (`kubectl describe` names them)");
  }

  // A volume is bound to one claim: neither goes before the other, and none that is made anew takes the old one of the
  // other. Which data goes has been named for one of the two.
  void replace_pairs() {
    for (ObjectChange& claim : plan_.changes) {
      if (claim.reference.type->kind != "PersistentVolumeClaim") continue;
      const std::string volume = text_at(plan_.set.objects[claim.desired].object, {"spec", "volumeName"});
      for (ObjectChange& other : plan_.changes) {
        if (other.reference.type->kind != "PersistentVolume" || other.reference.name != volume) continue;
        pair(claim, other);
      }
    }
  }

  static void pair(ObjectChange& claim, ObjectChange& volume) {
    const auto follows = [](ObjectChange& one, const ObjectChange& other) {
      if (other.action != Action::replace || one.action == Action::replace || one.action == Action::create) return;
      one.action = Action::replace;
      one.note = fmt::format("{} is made anew", other.reference.text());
      one.loses_data = true;
    };
    follows(claim, volume);
    follows(volume, claim);
  }

  void conflicts(const DesiredObject& wanted, const ObjectChange& change) {
    if (is_adopted(wanted)) return;
    for (const kube::FieldChange& field : change.fields) {
      if (field.conflicts.empty()) continue;
      obstacle(
          wanted,
          fmt::format("{} of {} was set by {}", field.path, change.reference.text(), owners_text(field.conflicts)),
          fmt::format("write that value{0}, let go of it there with that tool, or take the object's fields over with "
                      "`--adopt {1}`; nothing else is overwritten by force",
                      in_file(wanted), option_name(wanted.reference)));
    }
  }

  // A long value is known by its digest.
  static void note_seen(const Json& wanted, const Json& object, ObjectChange& change) {
    constexpr std::size_t longest = 256;
    change.seen = kube::seen_fields(wanted, object, kube::field_manager);
    for (kube::SeenField& field : change.seen) {
      const std::string text = field.value.dump(-1, ' ', true, Json::error_handler_t::replace);
      if (text.size() > longest) field.value = long_value_mark + sha256_hex(text);
    }
  }

  // A secret's values never leave; that they change is told.
  static void hide_values(ObjectChange& change) {
    if (change.reference.type->kind != "Secret") return;
    for (kube::FieldChange& field : change.fields) {
      field.before = nullptr;
      field.after = nullptr;
    }
    for (kube::SeenField& field : change.seen) field.value = nullptr;
  }

  // In reverse: what refers to others goes first.
  void removals() {
    std::vector<ObjectChange> removals;
    for (const auto* objects : {&live_.members, &live_.unlabelled}) {
      for (const auto& [reference, object] : *objects) {
        const auto same = [&name = reference](const DesiredObject& wanted) { return wanted.reference == name; };
        if (std::any_of(plan_.set.objects.begin(), plan_.set.objects.end(), same)) continue;
        if (options_.keep_secrets && reference.type->kind == "Secret") continue;
        if (objects == &live_.members || is_recorded(reference, object)) removals.push_back(removal(reference, object));
      }
    }
    std::stable_sort(removals.begin(), removals.end(), [](const ObjectChange& a, const ObjectChange& b) {
      return removal_order(a.reference) < removal_order(b.reference);
    });
    std::move(removals.begin(), removals.end(), std::back_inserter(plan_.changes));
  }

  [[nodiscard]] ObjectChange removal(const kube::Reference& reference, const Json& object) const {
    ObjectChange change;
    change.action = Action::remove;
    change.reference = reference;
    change.uid = text_at(object, {"metadata", "uid"});
    if (is_going(object)) {
      change.action = Action::keep;
      change.note = "is being deleted" + held_by(object);
      change.going = live_.inventory.pending && live_.inventory.knows(reference, change.uid);
      return change;
    }
    change.loses_data = holds_data(reference);
    const bool applied = kube::owns_label(object, kube::field_manager, part_of_label);
    const bool adopted =
        options_.adopt.contains(option_name(reference)) || options_.adopt.contains("system/" + plan_.set.system);
    if (!applied && !is_recorded(reference, object)) {
      change.action = Action::keep;
      change.note = "carries this system's labels, and was not made by its deploys";
    } else if (!live_.inventory.knows(reference, change.uid) && !adopted) {
      change.action = Action::keep;
      change.note = fmt::format("is not on the system's record; `--adopt {}` lets it go", option_name(reference));
    } else if (change.loses_data && !may_go(reference, object)) {
      change.action = Action::keep;
      change.note = fmt::format("no longer wanted; its data stays until `--delete-data {}`", reference.name);
    }
    return change;
  }

  const LiveSet& live_;
  const Options& options_;
  const SetPlan* saved_;
  SetPlan plan_;
};

}  // namespace

SetPlan plan_changes(DesiredSet set, const LiveSet& live, const Options& options, const SetPlan* saved) {
  return Planner(std::move(set), live, options, saved).plan();
}

unsigned removal_order(const kube::Reference& reference) {
  constexpr std::array<std::string_view, 8> order{
      "CronWorkflow", "Deployment", "WorkflowTemplate",      "Service",
      "ConfigMap",    "Secret",     "PersistentVolumeClaim", "PersistentVolume"};
  return static_cast<unsigned>(std::find(order.begin(), order.end(), reference.type->kind) - order.begin());
}

std::string held_by(const Json& object) {
  std::vector<std::string> names;
  if (const Json* finalizers = find_member(object, {"metadata", "finalizers"}); finalizers != nullptr) {
    for (const Json& one : *finalizers) {
      if (one.is_string()) names.push_back(one.get<std::string>());
    }
  }
  if (names.empty()) return {};
  return fmt::format(", held by the {} {}", names.size() == 1 ? "finalizer" : "finalizers", fmt::join(names, ", "));
}

Json without_replicas(Json deployment) {
  deployment["spec"].erase("replicas");
  return deployment;
}

std::string owners_text(const std::vector<kube::FieldOwner>& owners) {
  std::vector<std::string> texts;
  texts.reserve(owners.size());
  for (const kube::FieldOwner& owner : owners)
    texts.push_back(owner.time.empty() ? owner.manager : owner.manager + " since " + owner.time);
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace liminal::deploy
