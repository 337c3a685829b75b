#include "kubernetes_values.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/base/file_system.hpp"
#include "liminal/base/letter_case.hpp"
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
    {"DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"});
constexpr auto propagations = std::to_array<std::string_view>({"None", "HostToContainer", "Bidirectional"});
constexpr auto profile_types = std::to_array<std::string_view>({"RuntimeDefault", "Unconfined", "Localhost"});
constexpr auto group_policies = std::to_array<std::string_view>({"OnRootMismatch", "Always"});
constexpr auto spread_actions = std::to_array<std::string_view>({"DoNotSchedule", "ScheduleAnyway"});

struct Choice {
  std::string_view type;
  std::string_view name;
  Names words;
};

constexpr auto choices = std::to_array<Choice>({
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
});

constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();

struct Bounds {
  std::string_view type;
  std::string_view name;
  std::int64_t least;
  std::int64_t most;
};

constexpr auto bounds = std::to_array<Bounds>({
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
});

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

// IANA's form of a service's name.
bool is_port_name(std::string_view text) {
  constexpr std::size_t longest = 15;
  return model::is_dns_label(text) && text.size() <= longest && text.find("--") == std::string_view::npos &&
         text.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos;
}

bool is_path_below(std::string_view text) {
  return !text.starts_with('/') && !climbs(text);
}

bool is_ip_address(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string terminated(text);
  return ::inet_pton(AF_INET, terminated.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
}

constexpr auto forms = std::to_array<Form>({
    {pod_operator_type, "hostname", model::is_dns_label, plain_name},
    {pod_operator_type, "priority_class_name", model::is_dns_subdomain, object_name_advice},
    {pod_operator_type, "runtime_class_name", model::is_dns_subdomain, object_name_advice},
    {pod_operator_type, "service_account_name", model::is_dns_subdomain, object_name_advice},
    {pod_operator_type, "subdomain", model::is_dns_label, plain_name},
    {"V1ConfigMapEnvSource", "name", model::is_dns_subdomain, object_name_advice},
    {"V1ConfigMapKeySelector", "name", model::is_dns_subdomain, object_name_advice},
    {"V1ConfigMapProjection", "name", model::is_dns_subdomain, object_name_advice},
    {"V1ConfigMapVolumeSource", "name", model::is_dns_subdomain, object_name_advice},
    {"V1Container", "name", model::is_dns_label, plain_name},
    {"V1ContainerPort", "name", is_port_name, "use lower-case letters, digits and dashes, at most 15"},
    {"V1HostAlias", "ip", is_ip_address, "write an address of IPv4 or IPv6"},
    {"V1LabelSelectorRequirement", "key", model::is_qualified_name, label_name},
    {"V1LocalObjectReference", "name", model::is_dns_subdomain, object_name_advice},
    {"V1NodeSelectorRequirement", "key", model::is_qualified_name, label_name},
    {"V1PersistentVolumeClaimVolumeSource", "claimName", model::is_dns_subdomain, object_name_advice},
    {"V1PodAffinityTerm", "topologyKey", model::is_qualified_name, label_name},
    {"V1SecretEnvSource", "name", model::is_dns_subdomain, object_name_advice},
    {"V1SecretKeySelector", "name", model::is_dns_subdomain, object_name_advice},
    {"V1SecretVolumeSource", "secretName", model::is_dns_subdomain, object_name_advice},
    {"V1Toleration", "key", model::is_qualified_name, label_name},
    {"V1Toleration", "value", model::is_label_value, "use letters, digits, `-`, `_` and `.`, at most 63"},
    {"V1Volume", "name", model::is_dns_label, plain_name},
    {"V1VolumeMount", "name", model::is_dns_label, plain_name},
    {"V1VolumeMount", "subPath", is_path_below, "name a folder below the volume"},
});

template <class Table>
auto find_rule(const Table& table, std::string_view type, std::string_view name) {
  return std::find_if(table.begin(), table.end(),
                      [&](const auto& rule) { return rule.type == type && rule.name == name; });
}

// Of an executor's key, which the finding names, and of a member.
std::string cannot_be(std::string_view type, std::string_view name, std::string_view value) {
  return type == pod_operator_type ? fmt::format("it cannot be `{}`", value)
                                   : fmt::format("`{}` cannot be `{}`", name, value);
}

void check_choice(const Choice& choice, const Value& value, std::vector<ValueFault>& faults) {
  const Names words = choice.words;
  if (std::find(words.begin(), words.end(), value.scalar) != words.end()) return;
  const auto same = std::find_if(words.begin(), words.end(),
                                 [&](std::string_view word) { return to_lower(word) == to_lower(value.scalar); });
  const auto likely = same != words.end() ? std::optional<std::string>(*same) : nearest(value.scalar, words);
  faults.push_back({value.origin, value.scalar, cannot_be(choice.type, choice.name, value.scalar),
                    likely ? fmt::format("did you mean `{}`?", *likely)
                           : fmt::format("write one of `{}`", fmt::join(words, "`, `"))});
}

void check_bounds(const Bounds& allowed, const Value& value, std::vector<ValueFault>& faults) {
  const auto number = value.integer();
  if (!number || (*number >= allowed.least && *number <= allowed.most)) return;
  faults.push_back({value.origin, value.scalar, cannot_be(allowed.type, allowed.name, value.scalar),
                    *number < allowed.least && allowed.most == largest
                        ? fmt::format("the least is {}", allowed.least)
                        : fmt::format("use {} to {}", allowed.least, allowed.most)});
}

void check_form(const Form& form, const Value& value, std::vector<ValueFault>& faults) {
  if (form.is_right(value.scalar)) return;
  faults.push_back(
      {value.origin, value.scalar, cannot_be(form.type, form.name, value.scalar), std::string(form.advice)});
}

std::string text_of(const Json& json, std::string_view name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool has(const Json& json, std::string_view name) {
  const auto found = json.find(name);
  return found != json.end() && !found->is_null();
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
  if (has(json, "tolerationSeconds") && text_of(json, "effect") != "NoExecute")
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

void check_security_context(const Value& value, const Json& json, std::vector<ValueFault>& faults) {
  const auto flag = [&](std::string_view name, bool wanted) {
    const auto found = json.find(name);
    return found != json.end() && found->is_boolean() && found->get<bool>() == wanted;
  };
  if (flag("privileged", true) && flag("allowPrivilegeEscalation", false))
    faults.push_back({value.origin,
                      {},
                      "a `privileged` container cannot have `allowPrivilegeEscalation: false`",
                      "leave one of them out"});
}

void check_node_selector(const Value& value, const Json& json, std::vector<ValueFault>& faults) {
  const auto terms = json.find("nodeSelectorTerms");
  if (terms != json.end() && terms->is_array() && terms->empty())
    faults.push_back({value.origin, {}, "`nodeSelectorTerms` has to have at least one term", "add one"});
}

void check_volume(const Value& value, const Json& json, std::vector<ValueFault>& faults) {
  // Its name, and one kind; without any it is an empty folder.
  const auto given = std::count_if(json.begin(), json.end(), [](const Json& member) { return !member.is_null(); });
  if (given <= 2) return;
  faults.push_back({value.origin, text_of(json, "name"), "a volume is of one kind", "leave all kinds but one out"});
}

}  // namespace

void check_kubernetes_member(std::string_view type, std::string_view name, const Value& value,
                             std::vector<ValueFault>& faults) {
  // What is empty is not set.
  if (value.kind != document::Kind::scalar || value.is_null() || value.scalar.empty() ||
      document::holds_template(value.scalar))
    return;
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
  if (type == "V1SecurityContext") check_security_context(value, json, faults);
  if (type == "V1NodeSelector") check_node_selector(value, json, faults);
  if (type == "V1Volume") check_volume(value, json, faults);
}

void check_kubernetes_list(std::string_view type, const Value& value, const Json& json,
                           std::vector<ValueFault>& faults) {
  constexpr auto named = std::to_array<std::string_view>({"V1Container", "V1ContainerPort", "V1Volume"});
  const bool has_name = std::find(named.begin(), named.end(), type) != named.end();
  if (!has_name && type != "V1VolumeMount") return;
  const std::string_view key = has_name ? "name" : "mountPath";
  std::set<std::string> taken;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string name = json[i].is_object() ? text_of(json[i], key) : std::string();
    if (name.empty() || document::holds_template(name) || taken.insert(name).second) continue;
    faults.push_back({value.items[i].origin, name, fmt::format("another of the list has the `{}` `{}`", key, name),
                      "give each its own"});
  }
}

}  // namespace liminal::engine
