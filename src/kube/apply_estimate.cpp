#include "liminal/kube/apply_estimate.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "liminal/kube/quantity.hpp"

namespace liminal::kube {

namespace {

// A node of a fieldsV1 tree, null where the manager owns nothing. Members: "f:NAME" a field, "k:{...}" an item of a
// list by its key fields, "v:VALUE" an item of a set, "." the thing itself. No members: the whole value, whatever is in
// it.
using Fields = const Json*;

const Json* member(const Json& object, const std::string& name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Fields below(Fields fields, const std::string& name) {
  return fields == nullptr ? nullptr : member(*fields, name);
}

bool is_whole(Fields fields) {
  return fields != nullptr && fields->empty();
}

// What the server's types leave out when they write themselves.
bool is_zero(const Json& value) {
  if (value.is_structured()) return value.empty();
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || value == false || value == 0;
}

bool holds_quantities(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"requests", "limits", "capacity", "hard", "sizeLimit"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct DefinedDefault {
  std::string_view name;
  std::string_view value;
};

// What the full definitions of Argo's resources fill in, where they repeat Kubernetes' own types.
bool is_defined_default(std::string_view name, const Json& live) {
  constexpr std::array<DefinedDefault, 12> defaults{{{"protocol", "TCP"},
                                                     {"name", ""},
                                                     {"service", ""},
                                                     {"fsType", "ext4"},
                                                     {"fsType", "xfs"},
                                                     {"cachingMode", "ReadWrite"},
                                                     {"kind", "Shared"},
                                                     {"iscsiInterface", "default"},
                                                     {"keyring", "/etc/ceph/keyring"},
                                                     {"pool", "rbd"},
                                                     {"user", "admin"},
                                                     {"storageMode", "ThinProvisioned"}}};
  if (name == "readOnly") return live == false;
  return live.is_string() && std::any_of(defaults.begin(), defaults.end(), [&](const DefinedDefault& one) {
           return one.name == name && one.value == live.get_ref<const std::string&>();
         });
}

// How a value that is owned as a whole is compared.
enum class Extent {
  filled_in,  // `live` may hold more: what the server's own types filled in, and left out
  exact,      // a map that is one value to the server, such as a selector
  verbatim,   // a custom resource is kept as it was sent, but for the defaults of its definition
};

Extent extent_of(const Json& object) {
  const std::string version = text_at(object, "apiVersion");
  const std::string group = version.substr(0, version.find('/'));
  const bool built_in = group.size() == version.size() || group.find('.') == std::string::npos;
  return built_in || group.ends_with(".k8s.io") ? Extent::filled_in : Extent::verbatim;
}

bool same(const Json& desired, const Json& live, bool quantities, Extent extent) {
  const bool verbatim = extent == Extent::verbatim;
  if (desired.is_object() && live.is_object()) {
    const auto members = desired.items();
    const bool all_there = std::all_of(members.begin(), members.end(), [&](const auto& item) {
      const Json* other = member(live, item.key());
      if (other == nullptr) return verbatim ? item.value().is_null() : is_zero(item.value());
      return same(item.value(), *other, quantities || holds_quantities(item.key()), extent);
    });
    if (!all_there || extent == Extent::filled_in) return all_there;
    const auto kept = live.items();
    return std::all_of(kept.begin(), kept.end(), [&](const auto& item) {
      return member(desired, item.key()) != nullptr || (verbatim && is_defined_default(item.key(), item.value()));
    });
  }
  if (desired.is_array() && live.is_array()) {
    return std::equal(desired.begin(), desired.end(), live.begin(), live.end(),
                      [&](const Json& a, const Json& b) { return same(a, b, quantities, extent); });
  }
  return desired == live || (quantities && same_quantity(desired, live)) ||
         (!verbatim && is_zero(desired) && is_zero(live));
}

// The key fields of a list's item, as fieldsV1 spells them after "k:"; empty when the member is none.
std::optional<Json> key_of(const std::string& name) {
  if (!name.starts_with("k:")) return std::nullopt;
  Json key = Json::parse(name.substr(2), nullptr, false);
  if (!key.is_object()) return std::nullopt;
  return key;
}

bool has_key(const Json& item, const Json& key) {
  const auto parts = key.items();
  return std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
    const Json* value = member(item, part.key());
    // A key field that is left out has its default, such as protocol TCP.
    return value == nullptr || *value == part.value();
  });
}

std::string printed(const Json& value) {
  return value.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string key_text(const Json& key) {
  std::string text;
  for (const auto& [name, value] : key.items()) text += (text.empty() ? "[" : ",") + name + "=" + printed(value);
  return text + "]";
}

struct Manager {
  FieldOwner owner;
  Fields fields = nullptr;
};

// One place in the objects: its path, and who owns what there.
struct Place {
  std::string path;
  Fields ours = nullptr;
  std::vector<Manager> others;
  FieldOwner self;  // who `ours` belongs to

  [[nodiscard]] Place child(const std::string& name, const std::string& shown) const {
    // Who owns a map or list without its members, as one that set it to nothing, owns none of them.
    Place place{path + shown, below(ours, name), {}, self};
    for (const Manager& other : others) {
      const Fields fields = below(other.fields, name);
      if (fields != nullptr) place.others.push_back({other.owner, fields});
    }
    return place;
  }

  // Whether a map that is there is one value to the server: somebody owns it, and nobody a member of it.
  [[nodiscard]] bool is_one_value(const Json& live) const {
    std::vector<Fields> all{ours};
    for (const Manager& other : others) all.push_back(other.fields);
    std::erase(all, nullptr);
    return !live.empty() && !all.empty() && std::all_of(all.begin(), all.end(), is_whole);
  }

  [[nodiscard]] std::vector<FieldOwner> owners() const {
    std::vector<FieldOwner> result;
    for (const Manager& other : others) result.push_back(other.owner);
    return result;
  }

  // The first name of a fieldsV1 member, ours before others', that `wanted` takes.
  template <class Wanted>
  [[nodiscard]] std::optional<std::string> find_member(const Wanted& wanted) const {
    std::vector<Fields> all{ours};
    for (const Manager& other : others) all.push_back(other.fields);
    for (const Fields fields : all) {
      if (fields == nullptr || !fields->is_object()) continue;
      for (const auto& [name, unused] : fields->items()) {
        if (wanted(name)) return name;
      }
    }
    return std::nullopt;
  }
};

class Estimate {
 public:
  std::vector<FieldChange> changes;
  std::vector<SeenField> seen;

  explicit Estimate(Extent extent) : extent_(extent) {}

  void compare_members(const Json& desired, const Json& live, const Place& place, bool quantities) {
    for (const auto& [name, value] : desired.items()) {
      const Place there = place.child("f:" + name, "." + name);
      const Json* other = member(live, name);
      if (other != nullptr) {
        compare(value, *other, there, quantities || holds_quantities(name));
      } else {
        see(nullptr, there);
        if (!is_zero(value)) add(there.path, value);
      }
    }
    if (place.ours == nullptr) return;
    for (const auto& [owned, unused] : place.ours->items()) {
      if (!owned.starts_with("f:")) continue;
      const std::string name = owned.substr(2);
      const Json* other = member(live, name);
      if (other != nullptr && member(desired, name) == nullptr) remove(*other, place.child(owned, "." + name));
    }
  }

 private:
  void add(const std::string& path, const Json& value) {
    changes.push_back({FieldChange::Kind::add, path, nullptr, value, {}});
  }

  void see(const Json& live, const Place& place) {
    seen.push_back({place.path, live, place.owners()});
    if (place.ours != nullptr) seen.back().owners.push_back(place.self);
  }

  // A field that is no longer set goes, unless another wants it too.
  void remove(const Json& live, const Place& place) {
    see(live, place);
    if (place.others.empty()) changes.push_back({FieldChange::Kind::remove, place.path, live, nullptr, {}});
  }

  void compare(const Json& desired, const Json& live, const Place& place, bool quantities) {
    const bool maps = desired.is_object() && live.is_object();
    if (maps && !place.is_one_value(live)) return compare_members(desired, live, place, quantities);
    if (desired.is_array() && live.is_array()) {
      if (const auto sample = place.find_member([](const std::string& name) { return key_of(name).has_value(); }))
        return compare_keyed(desired, live, place, *key_of(*sample), quantities);
      if (place.find_member([](const std::string& name) { return name.starts_with("v:"); }))
        return compare_set(desired, live, place);
    }
    see(live, place);
    if (same(desired, live, quantities, maps && extent_ == Extent::filled_in ? Extent::exact : extent_)) return;
    changes.push_back({FieldChange::Kind::change, place.path, live, desired, place.owners(), place.ours != nullptr});
  }

  void compare_keyed(const Json& desired, const Json& live, const Place& place, const Json& sample, bool quantities) {
    const auto key_from = [&](const Json& item) {
      Json key = Json::object();
      for (const auto& [name, unused] : sample.items()) {
        if (const Json* value = member(item, name)) key[name] = *value;
      }
      return key;
    };
    for (const Json& item : desired) {
      const Json wanted = key_from(item);
      const auto found =
          std::find_if(live.begin(), live.end(), [&](const Json& other) { return has_key(other, wanted); });
      if (found == live.end()) {
        see(nullptr, place.child("", key_text(wanted)));
        add(place.path + key_text(wanted), item);
        continue;
      }
      const Json key = key_from(*found);
      const auto name = place.find_member([&](const std::string& spelled) { return key_of(spelled) == key; });
      compare(item, *found, place.child(name.value_or(""), key_text(key)), quantities);
    }
    if (place.ours == nullptr) return;
    for (const auto& [name, unused] : place.ours->items()) {
      const std::optional<Json> key = key_of(name);
      if (!key) continue;
      const auto wanted = [&](const Json& item) { return has_key(item, *key); };
      if (std::any_of(desired.begin(), desired.end(), wanted)) continue;
      const auto found = std::find_if(live.begin(), live.end(), wanted);
      if (found != live.end()) remove(*found, place.child(name, key_text(*key)));
    }
  }

  void compare_set(const Json& desired, const Json& live, const Place& place) {
    const auto has = [](const Json& list, const Json& value) {
      return std::find(list.begin(), list.end(), value) != list.end();
    };
    for (const Json& value : desired) {
      const Place there = place.child("v:" + printed(value), "[" + printed(value) + "]");
      see(has(live, value) ? value : Json(), there);
      if (!has(live, value)) add(there.path, value);
    }
    if (place.ours == nullptr) return;
    for (const auto& [name, unused] : place.ours->items()) {
      if (!name.starts_with("v:")) continue;
      const Json value = Json::parse(name.substr(2), nullptr, false);
      if (!has(desired, value) && has(live, value)) remove(value, place.child(name, "[" + printed(value) + "]"));
    }
  }

  Extent extent_;
};

Place owners_of(const Json& live, std::string_view manager) {
  Place place;
  const Json* metadata = member(live, "metadata");
  const Json* entries = metadata == nullptr ? nullptr : member(*metadata, "managedFields");
  if (entries == nullptr || !entries->is_array()) return place;
  for (const Json& entry : *entries) {
    const Json* fields = member(entry, "fieldsV1");
    const std::string subresource = text_at(entry, "subresource");
    // What status holds is nobody's to apply.
    if (fields == nullptr || subresource == "status") continue;
    const FieldOwner owner{text_at(entry, "manager"), text_at(entry, "operation"), text_at(entry, "time")};
    if (owner.manager == manager && owner.operation == "Apply" && subresource.empty()) {
      place.ours = fields;
      place.self = owner;
    } else {
      place.others.push_back({owner, fields});
    }
  }
  return place;
}

Estimate estimate(const Json& desired, const Json& live, std::string_view manager) {
  Json wanted = desired;
  for (const char* identity : {"apiVersion", "kind"}) wanted.erase(identity);
  if (const auto metadata = wanted.find("metadata"); metadata != wanted.end()) {
    for (const char* identity : {"name", "namespace"}) metadata->erase(identity);
  }
  Estimate estimate(extent_of(desired));
  estimate.compare_members(wanted, live, owners_of(live, manager), false);
  return estimate;
}

}  // namespace

std::vector<FieldChange> estimate_apply(const Json& desired, const Json& live, std::string_view manager) {
  return estimate(desired, live, manager).changes;
}

std::vector<SeenField> seen_fields(const Json& desired, const Json& live, std::string_view manager) {
  return estimate(desired, live, manager).seen;
}

bool owns_label(const Json& live, std::string_view manager, std::string_view label) {
  const Place place = owners_of(live, manager);
  return below(below(below(place.ours, "f:metadata"), "f:labels"), "f:" + std::string(label)) != nullptr;
}

bool has_applied(const Json& live, std::string_view manager) {
  return owners_of(live, manager).ours != nullptr;
}

std::vector<FieldOwner> other_managers(const Json& live, std::string_view manager) {
  std::vector<FieldOwner> result;
  for (const FieldOwner& owner : owners_of(live, manager).owners()) {
    if (owner.manager != manager && std::find(result.begin(), result.end(), owner) == result.end())
      result.push_back(owner);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const FieldOwner& a, const FieldOwner& b) { return a.time > b.time; });
  return result;
}

}  // namespace liminal::kube
