#include "moved_since.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/report/counted.hpp"

#include "changes.hpp"
#include "value_text.hpp"

namespace liminal::deploy {

namespace {

constexpr std::size_t most_fields = 5;  // of one object, after the first
constexpr const char* advice = "look at what moved, and make a new plan: liminal plan --context NAME --out FILE";

const ObjectChange* find_change(const SetPlan& plan, const kube::Reference& reference) {
  const auto found = std::find_if(plan.changes.begin(), plan.changes.end(),
                                  [&](const ObjectChange& change) { return change.reference == reference; });
  return found == plan.changes.end() ? nullptr : &*found;
}

const Json* find_live(const LiveSet& live, const kube::Reference& reference) {
  for (const auto* objects : {&live.members, &live.strangers, &live.unlabelled}) {
    if (const auto found = objects->find(reference); found != objects->end()) return &found->second;
  }
  return nullptr;
}

bool is_secret(const kube::Reference& reference) {
  return reference.type->kind == "Secret";
}

// Of a secret there is no value to compare: whoever writes one leaves the time.
bool same_owner(const kube::FieldOwner& a, const kube::FieldOwner& b, bool with_time) {
  return a.manager == b.manager && a.operation == b.operation && (!with_time || a.time == b.time);
}

bool has_owner(const std::vector<kube::FieldOwner>& owners, const kube::FieldOwner& owner, bool with_time) {
  return std::any_of(owners.begin(), owners.end(),
                     [&](const kube::FieldOwner& one) { return same_owner(one, owner, with_time); });
}

bool has_all(const std::vector<kube::FieldOwner>& owners, const std::vector<kube::FieldOwner>& all, bool with_time) {
  return std::all_of(all.begin(), all.end(),
                     [&](const kube::FieldOwner& one) { return has_owner(owners, one, with_time); });
}

const kube::SeenField* find_field(const std::vector<kube::SeenField>& fields, const std::string& path) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const kube::SeenField& field) { return field.path == path; });
  return found == fields.end() ? nullptr : &*found;
}

bool is_long(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().starts_with(long_value_mark);
}

std::string shown(const Json& value) {
  if (value.is_null()) return "nothing";
  return is_long(value) ? "another text" : value_text(value);
}

class Comparison {
 public:
  Comparison(const SetPlan& saved, const SetPlan& now, const LiveSet& live, const std::string& digest)
      : saved_(saved), now_(now), live_(live) {
    const auto& pending = live.inventory.pending;
    if (pending && !digest.empty() && pending->plan == digest) resumed_ = &*pending;
    applied_ = !pending && !digest.empty() && live.inventory.plan == digest && now.revision == saved.revision + 1 &&
               !now.has_changes();
  }

  std::vector<Error> moved() {
    // It is done already, and nothing is left to do.
    if (applied_) return {};
    deploys();
    for (const ObjectChange& change : saved_.changes) {
      if (!is_touched(change.reference)) compare(change, find_change(now_, change.reference));
    }
    for (const ObjectChange& change : now_.changes) {
      if (!is_touched(change.reference) && find_change(saved_, change.reference) == nullptr) appeared(change.reference);
    }
    return std::move(moved_);
  }

 private:
  void tell(std::string message, std::vector<std::string> causes = {}) {
    moved_.push_back({ErrorKind::failed, std::move(message), advice, std::move(causes), {}, false});
  }

  // By this very plan's deploy, which was cut off.
  [[nodiscard]] bool is_touched(const kube::Reference& reference) const {
    return resumed_ != nullptr &&
           std::find(resumed_->objects.begin(), resumed_->objects.end(), reference) != resumed_->objects.end();
  }

  void deploys() {
    const std::string name = set_name(saved_.set);
    if (now_.revision != saved_.revision) {
      const std::string since =
          saved_.revision == 0 ? "before the first deploy" : fmt::format("after deploy {}", saved_.revision);
      tell(now_.revision == 0
               ? fmt::format("the plan of {} was made {}, and there is no record of any now", name, since)
               : fmt::format("the plan of {} was made {}, and by now there is deploy {}", name, since, now_.revision));
    } else if (now_.begun != saved_.begun && resumed_ == nullptr) {
      tell(now_.begun.empty() ? fmt::format("the deploy of {} that had begun when the plan was made has ended", name)
                              : fmt::format("a deploy of {} began since the plan was made and did not end: that of {}",
                                            name, now_.begun));
    }
  }

  void compare(const ObjectChange& before, const ObjectChange* now) {
    if (before.action == Action::create) {
      // An object of others is an obstacle, and no change.
      if (now == nullptr || now->action != Action::create) appeared(before.reference);
      return;
    }
    const std::string name = before.reference.text();
    const Json* live = find_live(live_, before.reference);
    if (live == nullptr) return tell(fmt::format("{} is gone since the plan was made", name));
    // Of one that is no longer taken for ours there is no change.
    if ((now == nullptr ? text_at(*live, {"metadata", "uid"}) : now->uid) != before.uid)
      return tell(fmt::format("{} was deleted and made anew since the plan was made, and {}", name, whose(*live)));
    if (now == nullptr && live_.members.contains(before.reference))
      return tell(fmt::format("nothing tells any more that a deploy of its system made {} (managedFields)", name));
    if (now == nullptr)
      return tell(fmt::format("{} lost the labels of its system since the plan was made, and {}", name, whose(*live)));
    if (compare_fields(before, *now, *live)) return;
    // A secret's file is read at the deploy: whether its value differs from the cluster's is told then.
    const bool by_value = is_secret(before.reference) && before.action != Action::keep && now->action != Action::keep;
    if (now->action != before.action && !by_value)
      tell(fmt::format("the plan for {} no longer holds: {}", name,
                       now->note.empty() ? "it would change in another way" : now->note));
  }

  void appeared(const kube::Reference& reference) {
    const Json* live = find_live(live_, reference);
    tell(fmt::format("{} is there, and was not when the plan was made; it {}", reference.text(),
                     live == nullptr ? "is not in the plan" : whose(*live)));
  }

  // Whether any has moved.
  bool compare_fields(const ObjectChange& before, const ObjectChange& now, const Json& live) {
    const bool secret = is_secret(before.reference);
    std::vector<std::string> texts;
    const auto look = [&](const std::string& path, const kube::SeenField* then, const kube::SeenField* here) {
      const bool same_value = then != nullptr && here != nullptr && then->value == here->value;
      const bool same_owners = then != nullptr && here != nullptr && has_all(then->owners, here->owners, secret) &&
                               has_all(here->owners, then->owners, secret);
      if (!same_value || !same_owners) texts.push_back(field_text(path, then, here, live, secret));
    };
    // Replicas that are left to another are not applied, and not among what is seen.
    std::vector<kube::SeenField> left;
    if (now.leaves_replicas) left = kube::seen_fields(now_.set.objects[now.desired].object, live, kube::field_manager);
    for (const kube::SeenField& then : before.seen) {
      const kube::SeenField* here = find_field(now.seen, then.path);
      look(then.path, &then, here == nullptr ? find_field(left, then.path) : here);
    }
    for (const kube::SeenField& here : now.seen) {
      if (find_field(before.seen, here.path) == nullptr) look(here.path, nullptr, &here);
    }
    if (texts.empty()) return false;
    const std::string first = std::move(texts.front());
    texts.erase(texts.begin());
    if (const std::size_t more = texts.size(); more > most_fields) {
      texts.resize(most_fields);
      texts.push_back(report::counted(more - most_fields, "more field"));
    }
    tell(fmt::format("{} has moved since the plan was made: {}", before.reference.text(), first), std::move(texts));
    return true;
  }

  static std::string field_text(const std::string& path, const kube::SeenField* then, const kube::SeenField* here,
                                const Json& live, bool secret) {
    const Json nothing;
    const Json& before = then == nullptr ? nothing : then->value;
    const Json& after = here == nullptr ? nothing : here->value;
    std::string text = path;
    if (!secret && before != after) text += fmt::format(" was {} and is {}", shown(before), shown(after));
    return text + fmt::format("{} set by {}", before == after ? " was" : ",", who(then, here, live, secret));
  }

  // Who came to the field; or else who has it; or else who last had a hand in the object.
  static std::string who(const kube::SeenField* then, const kube::SeenField* here, const Json& live, bool secret) {
    std::vector<kube::FieldOwner> owners;
    if (here != nullptr) {
      std::copy_if(
          here->owners.begin(), here->owners.end(), std::back_inserter(owners),
          [&](const kube::FieldOwner& owner) { return then == nullptr || !has_owner(then->owners, owner, secret); });
      if (owners.empty()) owners = here->owners;
    }
    if (owners.empty()) {
      owners = kube::other_managers(live, kube::field_manager);
      owners.resize(std::min<std::size_t>(owners.size(), 1));
    }
    return owners.empty() ? "others" : owners_text(owners);
  }

  const SetPlan& saved_;
  const SetPlan& now_;
  const LiveSet& live_;
  const Pending* resumed_ = nullptr;
  bool applied_ = false;
  std::vector<Error> moved_;
};

}  // namespace

std::vector<Error> moved_since(const SetPlan& saved, const SetPlan& now, const LiveSet& live,
                               const std::string& digest) {
  return Comparison(saved, now, live, digest).moved();
}

}  // namespace liminal::deploy
