#include "argo_executor.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "airflow_operators.hpp"
#include "container_text.hpp"
#include "executor_keys.hpp"
#include "findings.hpp"
#include "kubernetes_values.hpp"
#include "templates.hpp"

namespace liminal::engine {

namespace {

using document::Value;

enum class Place { pod, container, patch };

// Arguments of Airflow's that Kubernetes has a member for, and its type.
struct Translation {
  std::string_view key;
  Place place;
  std::string_view member;
  std::string_view type;
};
constexpr std::array<Translation, 23> translations{{
    {"active_deadline_seconds", Place::pod, "activeDeadlineSeconds", "int"},
    {"affinity", Place::pod, "affinity", "V1Affinity"},
    {"automount_service_account_token", Place::pod, "automountServiceAccountToken", "bool"},
    {"container_security_context", Place::container, "securityContext", "V1SecurityContext"},
    {"dns_config", Place::patch, "dnsConfig", "V1PodDNSConfig"},
    {"dnspolicy", Place::patch, "dnsPolicy", "str"},
    {"execution_timeout", Place::pod, "activeDeadlineSeconds", "int"},
    {"host_aliases", Place::pod, "hostAliases", "list[V1HostAlias]"},
    {"hostname", Place::patch, "hostname", "str"},
    {"hostnetwork", Place::patch, "hostNetwork", "bool"},
    {"image_pull_policy", Place::container, "imagePullPolicy", "str"},
    {"init_containers", Place::pod, "initContainers", "list[V1Container]"},
    {"node_selector", Place::pod, "nodeSelector", "dict[str, str]"},
    {"ports", Place::container, "ports", "list[V1ContainerPort]"},
    {"priority_class_name", Place::pod, "priorityClassName", "str"},
    {"runtime_class_name", Place::patch, "runtimeClassName", "str"},
    {"schedulername", Place::pod, "schedulerName", "str"},
    {"security_context", Place::pod, "securityContext", "V1PodSecurityContext"},
    {"service_account_name", Place::pod, "serviceAccountName", "str"},
    {"subdomain", Place::patch, "subdomain", "str"},
    {"termination_grace_period", Place::patch, "terminationGracePeriodSeconds", "int"},
    {"termination_message_policy", Place::container, "terminationMessagePolicy", "str"},
    {"tolerations", Place::pod, "tolerations", "list[V1Toleration]"},
}};

// Lists that the task, or another key, has items of too.
struct Addition {
  std::string_view key;
  Place place;
  std::string_view member;
  std::string_view type;
};
constexpr std::array<Addition, 4> additions{{{"env_from", Place::container, "envFrom", "list[V1EnvFromSource]"},
                                             {"volumes", Place::pod, "volumes", "list[V1Volume]"},
                                             {"volume_mounts", Place::container, "volumeMounts", "list[V1VolumeMount]"},
                                             {"pod_runtime_info_envs", Place::container, "env", "list[V1EnvVar]"}}};

// They change what runs: to leave one out silently, or with a warning, would be another program.
constexpr std::array<std::string_view, 4> refused{"full_pod_spec", "pod_template_file", "pod_template_dict",
                                                  "skip_on_exit_code"};
constexpr std::array<std::string_view, 6> of_tasks{"task_id", "name", "image", "cmds", "arguments", "trigger_rule"};

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append(Json& list, Json items) {
  if (!list.is_array()) list = Json::array();
  for (Json& item : items) list.push_back(std::move(item));
}

class Translator {
 public:
  Translator(const model::System& system, const model::Task& task, const model::Executor& executor,
             const Target& target)
      : system_(system), task_(task), executor_(executor), target_(target) {}

  void add(const std::string& key, const Value& value) {
    key_ = key;
    if (airflow_operator(pod_operator_type)->find(key) == nullptr) return unknown();
    if (has(of_tasks, key))
      return report(fmt::format("`{}` of executor `{}` is what each task says for itself", key, executor_.name),
                    "put it into the task");
    if (value.is_null()) return;
    check(value);
    if (has(refused, key))
      return report(fmt::format("Argo has nothing for `{}` of executor `{}`", key, executor_.name),
                    "deploy with `--engine airflow`, or leave it out");
    for (const Translation& one : translations) {
      if (one.key == key) return put(one, value);
    }
    for (const Addition& one : additions) {
      if (one.key == key)
        return append(of(one.place)[std::string(one.member)],
                      read(without_taken(value, key, task_, system_), one.type));
    }
    if (!special(value)) no_effect();
  }

  ArgoExecutor result;

 private:
  Json& of(Place place) {
    return place == Place::pod ? result.pod : place == Place::container ? result.container : result.patch;
  }

  void check(const Value& value) {
    std::vector<ValueFault> faults;
    check_kubernetes_member(pod_operator_type, key_, value, faults);
    if (key_ == "volume_mounts") check_volume_mounts(value, executor_, task_, system_, faults);
    if (key_ == "labels") check_labels(value, faults);
    constexpr std::array<std::string_view, 3> containers{"init", "main", "wait"};
    if (key_ == "init_containers") check_init_containers(value, containers, executor_, task_, system_, faults);
    report_all(faults);
  }

  void put(const Translation& one, const Value& value) {
    Json json = read(value, one.type);
    if (!json.is_null()) of(one.place)[std::string(one.member)] = std::move(json);
  }

  Json read(const Value& value, std::string_view type) {
    std::vector<ValueFault> faults;
    Json json = kubernetes_json(value, type, faults);
    report_all(faults);
    return written(std::move(json), value.origin);
  }

  // Argo takes any two braces for a variable of its own.
  Json written(Json json, const document::Origin& origin) {
    if (json.is_string()) {
      TemplateText text = argo_template(json.get<std::string>(), {});
      for (const std::string& missing : text.inexpressible)
        add_finding(origin, missing, fmt::format("Argo cannot render `{}`", missing),
                    "Airflow renders it: deploy with `--engine airflow`");
      return text.text;
    }
    if (json.is_array() || json.is_object()) {
      for (Json& item : json) item = written(std::move(item), origin);
    }
    return json;
  }

  // Keys that become something of another shape. False: there is nothing for it.
  bool special(const Value& value) {
    std::vector<ValueFault> faults;
    if (key_ == "labels" || key_ == "annotations") {
      result.pod["metadata"][key_] = read(value, "dict[str, str]");
    } else if (key_ == "resources" || key_ == "container_resources") {
      result.container["resources"] = written(executor_resources(value, faults), value.origin);
    } else if (key_ == "image_pull_secrets") {
      result.patch["imagePullSecrets"] = executor_pull_secrets(value, faults);
    } else if (key_ == "env_vars") {
      append(result.container["env"], written(executor_environment(value, task_, faults), value.origin));
    } else if (key_ == "configmaps") {
      for (const Json& name : kubernetes_json(value, "list[str]", faults)) {
        if (name.is_string()) append(result.container["envFrom"], Json::array({{{"configMapRef", {{"name", name}}}}}));
      }
    } else if (key_ == "secrets") {
      for (const Value& secret : value.items) add_secret(secret);
    } else if (key_ == "namespace") {
      same_namespace(value);
    } else if (key_ == "is_delete_operator_pod") {
      result.pod_collection = value.boolean().value_or(true) ? "OnPodCompletion" : keep_pods;
    } else if (key_ == "on_finish_action") {
      if (says(executor_, "is_delete_operator_pod")) return true;  // which wins in Airflow, whatever their order
      const std::string action = value.text();
      result.pod_collection = action == "delete_pod"             ? "OnPodCompletion"
                              : action == "delete_succeeded_pod" ? "OnPodSuccess"
                                                                 : keep_pods;
    } else if (key_ == "retries") {
      result.retries = value.integer();
    } else if (key_ == "retry_delay") {
      result.retry_delay = value.integer();
    } else {
      return false;
    }
    report_all(faults);
    return true;
  }

  // A secret of the cluster's in the environment or in a folder, as Airflow's Secret has it.
  void add_secret(const Value& value) {
    const auto text = [&](std::string_view key) {
      const Value* found = value.is_mapping() ? value.find(key) : nullptr;
      return found == nullptr ? std::string() : found->text();
    };
    const std::string name = text("secret");
    const std::string where = text("deploy_target");
    if (text("deploy_type") == "volume") {
      const std::string volume = kubernetes_name("secret-" + name + "-" + where);
      append(result.pod["volumes"], Json::array({{{"name", volume}, {"secret", {{"secretName", name}}}}}));
      append(result.container["volumeMounts"],
             Json::array({{{"name", volume}, {"mountPath", where}, {"readOnly", true}}}));
    } else if (text("deploy_type") == "env" && where.empty()) {
      append(result.container["envFrom"], Json::array({{{"secretRef", {{"name", name}}}}}));
    } else if (text("deploy_type") == "env") {
      std::string variable = where;  // Airflow writes it in capitals
      std::transform(variable.begin(), variable.end(), variable.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      const Json source = {{"secretKeyRef", {{"name", name}, {"key", text("key")}}}};
      append(result.container["env"], Json::array({{{"name", variable}, {"valueFrom", source}}}));
    } else {
      add_finding(value.origin, {}, "a secret has `deploy_type` (env or volume), `deploy_target`, `secret`, `key`", {});
    }
  }

  void same_namespace(const Value& value) {
    if (value.text() == target_.namespace_name) return;
    report(fmt::format("Argo runs a workflow's pods in the workflow's namespace, `{}`, and not in `{}` (executor `{}`)",
                       target_.namespace_name, value.text(), executor_.name),
           "deploy with `--namespace`, or with `--engine airflow`");
  }

  void no_effect() {
    report(fmt::format("`{}` of executor `{}` is an argument of Airflow's and has no effect in Argo", key_,
                       executor_.name),
           "deploy with `--engine airflow`, or leave it out", Severity::warning);
  }

  void unknown() {
    const auto likely = nearest(key_, airflow_operator(pod_operator_type)->argument_names());
    report(fmt::format("`{}` of executor `{}` means nothing to an engine", key_, executor_.name),
           likely ? fmt::format("did you mean `{}`?", *likely) : "docs/engines/argo.md lists what it takes");
  }

  void report(std::string message, std::string help, Severity severity = Severity::error) {
    add_finding(model::locate_key(executor_.value, key_), key_, std::move(message), std::move(help), severity);
  }

  void report_all(const std::vector<ValueFault>& faults) {
    for (const ValueFault& fault : faults)
      add_finding(fault.origin, fault.value,
                  fmt::format("`{}` of executor `{}`: {}", key_, executor_.name, fault.message), fault.help);
  }

  void add_finding(const document::Origin& origin, std::string value, std::string message, std::string help,
                   Severity severity = Severity::error) {
    result.findings.push_back(cannot_express(origin, fmt::format("executors[{}].{}", executor_.name, key_),
                                             std::move(value), std::move(message), std::move(help), severity));
  }

  const model::System& system_;
  const model::Task& task_;
  const model::Executor& executor_;
  const Target& target_;
  std::string key_;
};

// What is there stays, maps are joined, lists get more items.
void join(Json& into, const Json& more, bool theirs_win) {
  for (const auto& [key, value] : more.items()) {
    Json& there = into[key];
    if (there.is_object() && value.is_object()) {
      join(there, value, theirs_win);
    } else if (there.is_array() && value.is_array()) {
      append(there, value);
    } else if (there.is_null() || theirs_win) {
      there = value;
    }
  }
}

}  // namespace

void ArgoExecutor::apply(Json& pod_template) const {
  join(pod_template, pod, true);
  join(pod_template["container"], container, true);
  if (!patch.empty()) pod_template["podSpecPatch"] = patch.dump();
}

ArgoExecutor argo_executor(const model::System& system, const model::Task& task, const model::Executor& executor,
                           const Target& target) {
  Translator translator(system, task, executor, target);
  for (const auto& [key, value] : executor.arguments) translator.add(key, *value);
  return std::move(translator.result);
}

}  // namespace liminal::engine
