// How the objects of a set are marked, and told from others'.
#pragma once

#include <string>
#include <string_view>

#include "liminal/deploy/cluster.hpp"
#include "liminal/kube/ownership.hpp"

namespace liminal::deploy {

using kube::part_of_label;
using kube::set_annotation;

inline constexpr std::string_view id_label = "applyset.kubernetes.io/id";
inline constexpr std::string_view tooling_annotation = "applyset.kubernetes.io/tooling";
inline constexpr std::string_view kinds_annotation = "applyset.kubernetes.io/contains-group-kinds";
inline constexpr std::string_view namespaces_annotation = "applyset.kubernetes.io/additional-namespaces";
inline constexpr std::string_view origin_annotation = "liminal/origin";  // the repository, on the parent

// Of the objects that may belong to a set, its parent among them.
[[nodiscard]] std::string set_selector(const DesiredSet& set);
[[nodiscard]] std::string set_name(const DesiredSet& set);  // NAMESPACE/SYSTEM

[[nodiscard]] const Json* find_member(const Json& object, std::initializer_list<std::string_view> path);
[[nodiscard]] std::string text_at(const Json& object, std::initializer_list<std::string_view> path);
[[nodiscard]] std::string label_of(const Json& object, std::string_view name);
[[nodiscard]] std::string annotation_of(const Json& object, std::string_view name);

// As an option of the command line names an object: deployment/web.
[[nodiscard]] std::string option_name(const kube::Reference& reference);

// Holds data that is gone with it.
[[nodiscard]] bool holds_data(const kube::Reference& reference);

}  // namespace liminal::deploy
