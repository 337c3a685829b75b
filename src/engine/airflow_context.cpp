#include "airflow_context.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "findings.hpp"

namespace liminal::engine::airflow {

namespace {

using document::Value;
using python::literal;

// Without two underscores on end: those stand between a task's name and that of a part of it.
std::string identifier(std::string_view name) {
  std::string result = "task_";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && std::isalnum(byte) != 0;
    if (plain || !result.ends_with('_')) result += plain ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return result;
}

// Text inside a value, wherever it stands.
template <class Change>
void change_texts(Json& value, const Change& change) {
  if (value.is_string()) {
    value = change(value.template get<std::string>());
  } else if (value.is_array() || value.is_object()) {
    for (Json& item : value) change_texts(item, change);
  }
}

std::string secret_python(const Value& value) {
  python::Arguments arguments;
  for (const std::string_view key : {"deploy_type", "deploy_target", "secret", "key"}) {
    const Value* member = value.find(key);
    arguments.emplace_back(key, member == nullptr || member->is_null() ? "None" : literal(member->text()));
  }
  return python::call("Secret", arguments);
}

bool holds_template(const Json& value) {
  if (value.is_string()) return document::holds_template(value.get_ref<const std::string&>());
  return value.is_structured() && std::any_of(value.begin(), value.end(), holds_template);
}

bool is_secret(const Value& value) {
  const Value* type = value.is_mapping() ? value.find("deploy_type") : nullptr;
  return type != nullptr && (type->text() == "env" || type->text() == "volume") && value.find("secret") != nullptr;
}

}  // namespace

Context::Context(const model::System& the_system, const model::Pipeline& the_pipeline, const Target& the_target,
                 std::vector<Diagnostic>& findings)
    : system(the_system), pipeline(the_pipeline), target(the_target), findings_(findings) {
  std::set<std::string> taken;
  for (const model::Task& task : pipeline.tasks) {
    const std::string wanted = identifier(task.name);
    std::string name = wanted;
    for (int number = 2; !taken.insert(name).second; ++number) name = fmt::format("{}_{}", wanted, number);
    variables_[&task] = name;
  }
}

void Context::import_operator(std::string_view name) {
  if (const Operator* known = airflow_operator(name))
    imports.insert(fmt::format("from {} import {}\n", known->import_path, name));
}

void Context::import_standard(std::string_view module, std::string_view name) {
  imports.insert(
      fmt::format("try:\n    from airflow.providers.standard.operators.{} import {}\n"
                  "except ImportError:  # Airflow 2\n    from airflow.operators.{} import {}\n",
                  module, name, module, name));
}

Json Context::rendered(Json value, const Variables& variables, const document::Origin& origin) {
  change_texts(value, [&](const std::string& text) {
    TemplateText result = airflow_template(text, variables);
    for (const std::string& missing : result.inexpressible)
      report(origin, fmt::format("pipelines[{}]", pipeline.name), missing,
             fmt::format("`{}` has no form that Airflow 2 and 3 both have", missing),
             "use {{ macros.ds_add(ds, -1) }} or another date made from {{ ds }}");
    return result.text;
  });
  return value;
}

std::string Context::rendered(const model::Task& task, std::string_view text, const document::Origin& origin) {
  return literal(rendered(Json(text), task.variables, origin).get<std::string>());
}

std::string Context::argument(const Value& value, std::string_view key, const OperatorArgument& takes,
                              const std::string& path) {
  const auto refuse = [&](const document::Origin& origin, const std::string& text, const std::string& message,
                          const std::string& help) {
    report(origin, path, text, fmt::format("`{}`: {}", key, message), help);
    return std::string("None");
  };
  const auto seconds = [](std::int64_t count) { return fmt::format("timedelta(seconds={})", count); };
  if (value.is_null()) return "None";
  if (takes.type == "code")
    return refuse(value.origin, std::string(key), "Airflow wants a Python object here, which YAML cannot hold",
                  "leave it out");
  if (takes.type == "timedelta") {
    const auto count = value.integer();
    return count ? seconds(*count) : refuse(value.origin, value.scalar, "this has to be a number of seconds", {});
  }
  if (takes.type == "datetime") {
    const std::string text = value.text();
    imports.insert("import pendulum\n");
    return fmt::format("pendulum.parse({})", literal(text));
  }
  if (takes.type == "list[Secret]") {
    imports.insert("from airflow.providers.cncf.kubernetes.secret import Secret\n");
    std::vector<std::string> items;
    for (const Value& item : value.items) {
      if (!is_secret(item))
        return refuse(item.origin, {}, "a secret has `deploy_type` (env or volume), `deploy_target`, `secret`, `key`",
                      {});
      items.push_back(secret_python(item));
    }
    return python::list(items);
  }
  // These take one thing as well as several of it.
  if ((takes.type == "list[str]" || takes.type == "list[int]" || key == "email" || key == "params" ||
       key == "retry_exponential_backoff") &&
      (value.kind == document::Kind::scalar || key == "email" || key == "params"))
    return python::json_literal(value.json());
  // Airflow asks for any map and passes it on; Kubernetes takes nothing but texts here.
  const bool of_texts = key == "labels" || key == "annotations" || key == "node_selector";
  const std::string_view type = of_texts ? std::string_view("dict[str, str]") : std::string_view(takes.type);
  std::vector<ValueFault> faults;
  Json json = kubernetes_json(value, type, faults);
  for (const ValueFault& fault : faults) refuse(fault.origin, fault.value, fault.message, fault.help);
  // Documentation may show braces, and this one Airflow renders for each instance of a mapped task.
  const bool may_have_braces = key.starts_with("doc") || key == "map_index_template";
  if (!takes.templated && !may_have_braces && holds_template(json))
    return refuse(value.origin, {}, "Airflow does not render templates here", "write the value itself");
  if (takes.templated && takes.type.find("V1") == std::string::npos) json = rendered(std::move(json), {}, value.origin);
  if (takes.type.find("V1") != std::string::npos) imports.insert("from kubernetes.client import models as k8s\n");
  return kubernetes_python(json, type);
}

std::string Context::variable(const model::Task& task, std::string_view part) const {
  const auto found = variables_.find(&task);
  return found->second + (part.empty() ? "" : "__" + std::string(part));
}

std::string Context::id(const model::Task& task, std::string_view part) {
  std::string name = fmt::format("{}_{}", task.name, part);
  if (const model::Task* other = pipeline.find_task(name))
    report(model::locate(other->value, "task"), path_of(*other), name,
           fmt::format("task `{}` has the name of a part of task `{}` in Airflow", name, task.name),
           "give it another name");
  return name;
}

std::string Context::trigger_rule(const model::Task& task) const {
  return literal(pipeline.always_run && task.type != model::TaskType::job_end ? "all_done" : "all_success");
}

void Context::add_common(python::Arguments& arguments, const model::Task& task) const {
  if (task.retries) arguments.emplace_back("retries", std::to_string(*task.retries));
  if (task.retry_delay)
    arguments.emplace_back("retry_delay", fmt::format("timedelta(seconds={})", task.retry_delay->count()));
  if (!task.description.empty()) arguments.emplace_back("doc", literal(task.description));
}

std::string Context::statement(const std::string& variable, const std::string& expression) const {
  return python::indented(variable + " = " + expression) + "\n";
}

std::string Context::path_of(const model::Task& task) const {
  return fmt::format("pipelines[{}].tasks[{}]", pipeline.name, task.name);
}

void Context::report(const document::Origin& origin, std::string path, std::string value, std::string message,
                     std::string help, Severity severity) {
  findings_.push_back(
      cannot_express(origin, std::move(path), std::move(value), std::move(message), std::move(help), severity));
}

}  // namespace liminal::engine::airflow
