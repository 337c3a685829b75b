#include "inventory.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::deploy {

namespace {

Json to_json(const kube::Reference& reference) {
  return {
      {"kind", kube::group_kind(*reference.type)}, {"namespace", reference.namespace_name}, {"name", reference.name}};
}

std::optional<kube::Reference> reference_from(const Json& json) {
  kube::Reference reference;
  reference.type = kube::find_group_kind(text_at(json, {"kind"}));
  reference.namespace_name = text_at(json, {"namespace"});
  reference.name = text_at(json, {"name"});
  if (reference.type == nullptr || reference.name.empty()) return std::nullopt;
  return reference;
}

kube::Reference parent_reference(const DesiredSet& set) {
  return {kube::find_resource_type("v1", "ConfigMap"), set.namespace_name, set.parent_name()};
}

std::string joined(const std::set<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ","));
}

Json parent_object(const DesiredSet& set, const Inventory& inventory) {
  std::set<std::string> kinds;
  std::set<std::string> namespaces;
  const auto add = [&](const kube::Reference& reference) {
    kinds.insert(kube::group_kind(*reference.type));
    if (!reference.namespace_name.empty() && reference.namespace_name != set.namespace_name)
      namespaces.insert(reference.namespace_name);
  };
  Json objects = Json::array();
  for (const auto& [reference, uid] : inventory.uids) {
    add(reference);
    objects.push_back(to_json(reference));
    objects.back()["uid"] = uid;
  }
  Json state = {{"revision", inventory.revision}, {"objects", std::move(objects)}};
  if (inventory.pending) {
    Json touched = Json::array();
    for (const kube::Reference& reference : inventory.pending->objects) {
      add(reference);
      touched.push_back(to_json(reference));
    }
    state["pending"] = {{"author", inventory.pending->author},
                        {"started", inventory.pending->started},
                        {"objects", std::move(touched)}};
    if (!inventory.pending->plan.empty()) state["pending"]["plan"] = inventory.pending->plan;
  }
  if (!inventory.plan.empty()) state["plan"] = inventory.plan;
  Json annotations = {{std::string(tooling_annotation), fmt::format("liminal/v{}", LIMINAL_VERSION)},
                      {std::string(kinds_annotation), joined(kinds)},
                      {std::string(namespaces_annotation), joined(namespaces)},
                      {std::string(set_annotation), set_name(set)}};
  if (!inventory.origin.empty()) annotations[std::string(origin_annotation)] = inventory.origin;
  Json metadata = {{"name", set.parent_name()},
                   {"namespace", set.namespace_name},
                   {"labels",
                    {{"app.kubernetes.io/managed-by", "liminal"},
                     {"app.kubernetes.io/part-of", engine::kubernetes_name(set.system)},
                     {std::string(id_label), set.id()}}},
                   {"annotations", std::move(annotations)}};
  if (!inventory.resource_version.empty()) metadata["resourceVersion"] = inventory.resource_version;
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", std::move(metadata)},
          {"data", {{"state.json", state.dump(-1, ' ', true, Json::error_handler_t::replace)}}}};
}

}  // namespace

Result<Inventory> Inventory::read(const Json& parent, const DesiredSet& set) {
  const std::string name = parent_reference(set).text();
  if (annotation_of(parent, tooling_annotation).rfind("liminal/", 0) != 0 || label_of(parent, id_label) != set.id())
    return fail(ErrorKind::failed, name + " is there and is not the record of a deploy by liminal",
                "rename it, or give the system another name");
  Inventory inventory;
  inventory.resource_version = text_at(parent, {"metadata", "resourceVersion"});
  inventory.origin = annotation_of(parent, origin_annotation);
  const Json state = Json::parse(text_at(parent, {"data", "state.json"}), nullptr, false);
  const Json* objects = find_member(state, {"objects"});
  const Json* revision = find_member(state, {"revision"});
  if (objects == nullptr || !objects->is_array() || revision == nullptr || !revision->is_number_unsigned())
    return fail(ErrorKind::failed, name + ", the record of what was deployed, cannot be read: it was changed by hand",
                "restore it, or delete it: then nothing that is no longer wanted is removed by the next deploy");
  inventory.revision = revision->get<unsigned>();
  inventory.plan = text_at(state, {"plan"});
  for (const Json& object : *objects) {
    if (auto reference = reference_from(object)) inventory.uids[*reference] = text_at(object, {"uid"});
  }
  if (const Json* pending = find_member(state, {"pending"})) {
    Pending& found = inventory.pending.emplace();
    found.author = text_at(*pending, {"author"});
    found.started = text_at(*pending, {"started"});
    found.plan = text_at(*pending, {"plan"});
    if (const Json* touched = find_member(*pending, {"objects"}); touched != nullptr && touched->is_array()) {
      for (const Json& object : *touched) {
        if (auto reference = reference_from(object)) found.objects.push_back(*reference);
      }
    }
  }
  return inventory;
}

bool Inventory::knows(const kube::Reference& reference, const std::string& uid) const {
  const auto found = uids.find(reference);
  if (found != uids.end() && found->second == uid) return true;
  return pending && std::find(pending->objects.begin(), pending->objects.end(), reference) != pending->objects.end();
}

Result<Inventory> read_inventory(kube::Client& client, const DesiredSet& set) {
  kube::Call call;
  call.verb = kube::Verb::list;  // which readers of the history may do
  call.target = parent_reference(set);
  auto answer = client.call(call);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (!answer->ok()) return tl::unexpected(kube::refusal("list", call.target, *answer));
  const Json* items = find_member(answer->body, {"items"});
  if (items == nullptr || !items->is_array() || items->empty()) return Inventory();
  return Inventory::read(items->front(), set);
}

Status write_inventory(kube::Client& client, const DesiredSet& set, Inventory& inventory) {
  kube::Call call;
  call.verb = inventory.resource_version.empty() ? kube::Verb::create : kube::Verb::replace;
  call.target = parent_reference(set);
  call.query["fieldManager"] = kube::field_manager;
  call.body = parent_object(set, inventory);
  auto answer = client.call(call);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (answer->code == 409) {
    // Perhaps by this very call, whose answer did not come.
    kube::Call get;
    get.target = call.target;
    auto now = client.call(get);
    if (!now) return tl::unexpected(std::move(now.error()));
    if (now->ok() && text_at(now->body, {"data", "state.json"}) == text_at(call.body, {"data", "state.json"}))
      answer = std::move(now);
  }
  if (answer->code == 409)
    return fail(ErrorKind::failed, "another deploy of " + set_name(set) + " changed its record meanwhile",
                "run the command again");
  if (!answer->ok()) return tl::unexpected(kube::refusal("write", call.target, *answer));
  inventory.resource_version = text_at(answer->body, {"metadata", "resourceVersion"});
  return {};
}

Status remove_inventory(kube::Client& client, const DesiredSet& set, const Inventory& inventory) {
  if (inventory.resource_version.empty()) return {};
  kube::Call call;
  call.verb = kube::Verb::remove;
  call.target = parent_reference(set);
  call.body = {{"preconditions", {{"resourceVersion", inventory.resource_version}}}};
  auto answer = client.call(call);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (!answer->ok() && !answer->not_found()) return tl::unexpected(kube::refusal("delete", call.target, *answer));
  return {};
}

}  // namespace liminal::deploy
