#include "kubernetes_values.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/model/kubernetes_names.hpp"

namespace liminal::engine {

namespace {

using document::Value;
using Names = std::span<const std::string_view>;

constexpr auto toleration_operators = std::to_array<std::string_view>({"Exists", "Equal", "Lt", "Gt"});
constexpr auto taint_effects = std::to_array<std::string_view>({"NoSchedule", "PreferNoSchedule", "NoExecute"});
constexpr auto node_operators = std::to_array<std::string_view>({"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"});
constexpr auto label_operators = std::to_array<std::string_view>({"In", "NotIn", "Exists", "DoesNotExist"});
constexpr auto protocols = std::to_array<std::string_view>({"TCP", "UDP", "SCTP"});
constexpr auto pull_policies = std::to_array<std::string_view>({"Always", "IfNotPresent", "Never"});
constexpr auto message_policies = std::to_array<std::string_view>({"File", "FallbackToLogsOnError"});
constexpr auto dns_policies =
    std::to_array<std::string_view>({"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"});
constexpr auto restart_policies = std::to_array<std::string_view>({"Always", "OnFailure", "Never"});
constexpr auto preemption_policies = std::to_array<std::string_view>({"PreemptLowerPriority", "Never"});
constexpr auto host_path_types = std::to_array<std::string_view>(
    {"", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"});
constexpr auto propagations = std::to_array<std::string_view>({"None", "HostToContainer", "Bidirectional"});
constexpr auto profile_types = std::to_array<std::string_view>({"RuntimeDefault", "Unconfined", "Localhost"});
constexpr auto group_policies = std::to_array<std::string_view>({"OnRootMismatch", "Always"});
constexpr auto spread_actions = std::to_array<std::string_view>({"DoNotSchedule", "ScheduleAnyway"});

struct Choice {
  std::string_view type;
  std::string_view name;
  Names words;
};

constexpr std::array<Choice, 19> choices{{
    {pod_operator_type, "dnspolicy", dns_policies},
    {pod_operator_type, "image_pull_policy", pull_policies},
    {pod_operator_type, "termination_message_policy", message_policies},
    {"V1AppArmorProfile", "type", profile_types},
    {"V1Container", "imagePullPolicy", pull_policies},
    {"V1Container", "terminationMessagePolicy", message_policies},
    {"V1ContainerPort", "protocol", protocols},
    {"V1HostPathVolumeSource", "type", host_path_types},
    {"V1LabelSelectorRequirement", "operator", label_operators},
    {"V1NodeSelectorRequirement", "operator", node_operators},
    {"V1PodSecurityContext", "fsGroupChangePolicy", group_policies},
    {"V1PodSpec", "dnsPolicy", dns_policies},
    {"V1PodSpec", "preemptionPolicy", preemption_policies},
    {"V1PodSpec", "restartPolicy", restart_policies},
    {"V1SeccompProfile", "type", profile_types},
    {"V1Toleration", "effect", taint_effects},
    {"V1Toleration", "operator", toleration_operators},
    {"V1TopologySpreadConstraint", "whenUnsatisfiable", spread_actions},
    {"V1VolumeMount", "mountPropagation", propagations},
}};

constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();

struct Bounds {
  std::string_view type;
  std::string_view name;
  std::int64_t least;
  std::int64_t most;
};

constexpr std::array<Bounds, 20> bounds{{
    {pod_operator_type, "active_deadline_seconds", 1, largest},
    {pod_operator_type, "termination_grace_period", 0, largest},
    {"V1ContainerPort", "containerPort", 1, 65535},
    {"V1ContainerPort", "hostPort", 0, 65535},
    {"V1PodSecurityContext", "fsGroup", 0, largest},
    {"V1PodSecurityContext", "runAsGroup", 0, largest},
    {"V1PodSecurityContext", "runAsUser", 0, largest},
    {"V1PodSpec", "activeDeadlineSeconds", 1, largest},
    {"V1PodSpec", "terminationGracePeriodSeconds", 0, largest},
    {"V1PreferredSchedulingTerm", "weight", 1, 100},
    {"V1Probe", "failureThreshold", 0, largest},
    {"V1Probe", "initialDelaySeconds", 0, largest},
    {"V1Probe", "periodSeconds", 0, largest},
    {"V1Probe", "successThreshold", 0, largest},
    {"V1Probe", "timeoutSeconds", 0, largest},
    {"V1SecurityContext", "runAsGroup", 0, largest},
    {"V1SecurityContext", "runAsUser", 0, largest},
    {"V1TCPSocketAction", "port", 1, 65535},
    {"V1TopologySpreadConstraint", "maxSkew", 1, largest},
    {"V1WeightedPodAffinityTerm", "weight", 1, 100},
}};

struct Form {
  std::string_view type;
  std::string_view name;
  bool (*is_right)(std::string_view);
  std::string_view advice;
};

constexpr std::string_view plain_name = "use lower-case letters, digits and dashes, at most 63";
constexpr std::string_view label_name =
    "use letters, digits, `-`, `_` and `.`, at most 63, maybe behind a domain and `/`";
constexpr std::string_view object_name_advice = "use lower-case letters, digits, dashes and dots";

// A toleration of every key has none.
bool is_taint_key(std::string_view text) {
  return text.empty() || model::is_qualified_name(text);
}

constexpr std::array<Form, 12> forms{{
    {pod_operator_type, "hostname", model::is_dns_label, plain_name},
    {pod_operator_type, "priority_class_name", model::is_dns_subdomain, object_name_advice},
    {pod_operator_type, "runtime_class_name", model::is_dns_subdomain, object_name_advice},
    {pod_operator_type, "service_account_name", model::is_dns_subdomain, object_name_advice},
    {pod_operator_type, "subdomain", model::is_dns_label, plain_name},
    {"V1Container", "name", model::is_dns_label, plain_name},
    {"V1LabelSelectorRequirement", "key", model::is_qualified_name, label_name},
    {"V1NodeSelectorRequirement", "key", model::is_qualified_name, label_name},
    {"V1PodAffinityTerm", "topologyKey", model::is_qualified_name, label_name},
    {"V1Toleration", "key", is_taint_key, label_name},
    {"V1Volume", "name", model::is_dns_label, plain_name},
    {"V1VolumeMount", "name", model::is_dns_label, plain_name},
}};

template <class Table>
auto find_rule(const Table& table, std::string_view type, std::string_view name) {
  return std::find_if(table.begin(), table.end(),
                      [&](const auto& rule) { return rule.type == type && rule.name == name; });
}

bool holds_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

void check_choice(const Choice& choice, const Value& value, std::vector<ValueFault>& faults) {
  const Names words = choice.words;
  if (std::find(words.begin(), words.end(), value.scalar) != words.end()) return;
  const auto likely = nearest(value.scalar, {words.begin(), words.end()});
  faults.push_back({value.origin, value.scalar, fmt::format("`{}` cannot be `{}`", choice.name, value.scalar),
                    likely ? fmt::format("did you mean `{}`?", *likely)
                           : fmt::format("write one of `{}`", fmt::join(words, "`, `"))});
}

void check_bounds(const Bounds& allowed, const Value& value, std::vector<ValueFault>& faults) {
  const auto number = value.integer();
  if (!number || (*number >= allowed.least && *number <= allowed.most)) return;
  faults.push_back({value.origin, value.scalar, fmt::format("`{}` cannot be {}", allowed.name, *number),
                    allowed.most == largest ? fmt::format("the least is {}", allowed.least)
                                            : fmt::format("use {} to {}", allowed.least, allowed.most)});
}

void check_form(const Form& form, const Value& value, std::vector<ValueFault>& faults) {
  if (form.is_right(value.scalar)) return;
  faults.push_back({value.origin, value.scalar, fmt::format("`{}` cannot be `{}`", form.name, value.scalar),
                    std::string(form.advice)});
}

std::string text_of(const Json& json, std::string_view name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void check_toleration(const Value& value, const Json& json, std::vector<ValueFault>& faults) {
  const std::string kind = text_of(json, "operator");
  const auto fault = [&](std::string message, std::string help) {
    faults.push_back({value.origin, {}, std::move(message), std::move(help)});
  };
  if (kind == "Exists" && !text_of(json, "value").empty())
    fault("a toleration whose `operator` is `Exists` has no `value`", "leave `value` out, or write `operator: Equal`");
  if (kind != "Exists" && text_of(json, "key").empty())
    fault("a toleration without `key` has the `operator` `Exists`", "name the taint's `key`, or write that operator");
  if (json.contains("tolerationSeconds") && text_of(json, "effect") != "NoExecute")
    fault("`tolerationSeconds` goes with the `effect` `NoExecute` alone",
          "write that effect, or leave the seconds out");
}

// Of node and label selectors.
void check_requirement(const Value& value, const Json& json, std::vector<ValueFault>& faults) {
  const std::string kind = text_of(json, "operator");
  const auto found = json.find("values");
  const std::size_t count = found != json.end() && found->is_array() ? found->size() : 0;
  const auto fault = [&](std::string_view wanted, std::string help) {
    faults.push_back({value.origin, kind, fmt::format("the `operator` `{}` takes {}", kind, wanted), std::move(help)});
  };
  if ((kind == "In" || kind == "NotIn") && count == 0) fault("at least one of `values`", "add it");
  if ((kind == "Exists" || kind == "DoesNotExist") && count != 0) fault("no `values`", "leave them out");
  if ((kind == "Gt" || kind == "Lt") && count != 1) fault("one number in `values`", "write one");
}

void check_container(const Value& value, const Json& json, std::vector<ValueFault>& faults) {
  // The operator gives its own container, `base`, what it lacks.
  if (json.contains("image") || text_of(json, "name") == "base") return;
  faults.push_back({value.origin, text_of(json, "name"), "a container has to have an `image`", "add it"});
}

}  // namespace

void check_kubernetes_member(std::string_view type, std::string_view name, const Value& value,
                             std::vector<ValueFault>& faults) {
  if (value.kind != document::Kind::scalar || holds_template(value.scalar)) return;
  if (const auto* choice = find_rule(choices, type, name); choice != choices.end())
    check_choice(*choice, value, faults);
  if (const auto* allowed = find_rule(bounds, type, name); allowed != bounds.end())
    check_bounds(*allowed, value, faults);
  if (const auto* form = find_rule(forms, type, name); form != forms.end()) check_form(*form, value, faults);
}

void check_kubernetes_object(std::string_view type, const Value& value, const Json& json,
                             std::vector<ValueFault>& faults) {
  if (type == "V1Toleration") check_toleration(value, json, faults);
  if (type == "V1NodeSelectorRequirement" || type == "V1LabelSelectorRequirement")
    check_requirement(value, json, faults);
  if (type == "V1Container") check_container(value, json, faults);
}

}  // namespace liminal::engine
