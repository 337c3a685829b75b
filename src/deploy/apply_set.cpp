#include "apply_set.hpp"

#include <algorithm>

#include "liminal/base/base64.hpp"
#include "liminal/base/sha256.hpp"

namespace liminal::deploy {

namespace {

std::string sha256_bytes(std::string_view text) {
  const std::string hex = sha256_hex(text);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

}  // namespace

std::string DesiredSet::parent_name() const {
  return engine::kubernetes_name("liminal-" + system);
}

std::string DesiredSet::id() const {
  std::string digest = base64url_encode(sha256_bytes(parent_name() + "." + namespace_name + ".ConfigMap."));
  while (digest.ends_with('=')) digest.pop_back();
  return "applyset-" + digest + "-v1";
}

bool SetPlan::has_changes() const {
  return std::any_of(changes.begin(), changes.end(), [](const ObjectChange& change) {
    return change.action != Action::unchanged && change.action != Action::keep;
  });
}

std::size_t SetPlan::count(Action action) const {
  return static_cast<std::size_t>(std::count_if(changes.begin(), changes.end(),
                                                [&](const ObjectChange& change) { return change.action == action; }));
}

std::string set_selector(const DesiredSet& set) {
  return "app.kubernetes.io/managed-by=liminal,app.kubernetes.io/part-of=" + engine::kubernetes_name(set.system);
}

std::string set_name(const DesiredSet& set) {
  return set.namespace_name + "/" + set.system;
}

const Json* find_member(const Json& object, std::initializer_list<std::string_view> path) {
  const Json* at = &object;
  for (const std::string_view name : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(std::string(name));
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string text_at(const Json& object, std::initializer_list<std::string_view> path) {
  const Json* value = find_member(object, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string label_of(const Json& object, std::string_view name) {
  return text_at(object, {"metadata", "labels", name});
}

std::string annotation_of(const Json& object, std::string_view name) {
  return text_at(object, {"metadata", "annotations", name});
}

std::string option_name(const kube::Reference& reference) {
  std::string kind;
  for (const char c : reference.type->kind) kind += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return kind + "/" + reference.name;
}

bool holds_data(const kube::Reference& reference) {
  return reference.type != nullptr &&
         (reference.type->kind == "PersistentVolume" || reference.type->kind == "PersistentVolumeClaim");
}

}  // namespace liminal::deploy
