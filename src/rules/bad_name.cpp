#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "liminal/jinja/template_parts.hpp"
#include "liminal/model/image_reference.hpp"
#include "liminal/model/kubernetes_names.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

constexpr std::size_t longest_id = 250;  // of a DAG or task in Airflow

bool is_id_character(char c, bool dots) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || (dots && c == '.');
}

void check_id(const model::System& system, const document::Value* object, std::string_view key, const std::string& name,
              bool dots, const std::string& path, std::string_view kind, DiagnosticSink& findings) {
  const document::Value* value = object == nullptr ? nullptr : object->find(key);
  if (value == nullptr) return;
  const auto bad = std::find_if_not(name.begin(), name.end(), [&](char c) { return is_id_character(c, dots); });
  if (!name.empty() && bad == name.end() && name.size() <= longest_id) return;
  std::string message;
  if (name.empty())
    message = fmt::format("a {} has an empty name", kind);
  else if (bad != name.end())
    message = fmt::format("the name of {} `{}` holds a character that is not allowed", kind, name);
  else
    message = fmt::format("the name of {} `{}` has {} characters; at most {} are allowed", kind, name, name.size(),
                          longest_id);
  const std::size_t at = static_cast<std::size_t>(bad - name.begin());
  Diagnostic found = bad == name.end() ? finding(bad_name, system, value->origin, path, message)
                                       : finding_within(bad_name, system, value, at, at + 1, path, message);
  found.value = name;
  found.help =
      dots ? "use letters, digits, dashes, underscores and dots" : "use letters, digits, dashes and underscores";
  findings.report(std::move(found));
}

// What a shell, a container runtime and every Kubernetes take; a newer one takes more.
bool is_variable_name(std::string_view name) {
  const auto allowed = [](char c) { return is_id_character(c, true); };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), allowed);
}

void check_variables(const model::System& system, const document::Value* object, const std::string& path,
                     DiagnosticSink& findings) {
  const document::Value* variables = object == nullptr ? nullptr : object->find("env_vars");
  if (variables == nullptr) return;
  const auto check_one = [&](const std::string& name, const document::Origin& origin) {
    if (is_variable_name(name) || findings.full(system.file)) return;
    Diagnostic found = finding(bad_name, system, origin, fmt::format("{}.env_vars.{}", path, name),
                               fmt::format("`{}` is not a name that a variable of the environment can have", name));
    found.value = name;
    found.help = "use letters, digits, underscores, dashes and dots, with no digit first";
    findings.report(std::move(found));
  };
  for (const document::Value::Member& member : variables->members) check_one(member.key, member.key_origin);
  // An executor's may be a list, as Kubernetes has them.
  for (const document::Value& item : variables->items) {
    const document::Value* name = item.find("name");
    if (name != nullptr && name->is_string()) check_one(name->scalar, name->origin);
  }
}

// A key whose value is passed on to Kubernetes as it is.
struct PassedOn {
  std::string_view key;
  bool (*is_right)(std::string_view);
  std::string_view what;
  std::string_view help;
};

constexpr PassedOn passed_namespace{"namespace", model::is_dns_label, "a namespace",
                                    "use lower-case letters, digits and dashes, at most 63"};
constexpr PassedOn passed_storage_class{"storage_class", model::is_dns_subdomain, "a storage class",
                                        "use lower-case letters, digits, dashes and dots, as the cluster names it"};
constexpr PassedOn passed_claim{"claim_name", model::is_dns_subdomain, "a claim",
                                "use lower-case letters, digits, dashes and dots, as the cluster names it"};
constexpr PassedOn passed_node{"node", model::is_label_value, "a node",
                               "use letters, digits, dashes, underscores and dots, at most 63"};

void check_passed_on(const model::System& system, const document::Value* object, const PassedOn& passed,
                     const std::string& path, DiagnosticSink& findings) {
  const document::Value* value = object == nullptr ? nullptr : object->find(passed.key);
  if (value == nullptr || !value->is_string() || value->scalar.empty() || document::holds_template(value->scalar))
    return;
  if (passed.is_right(value->scalar) || findings.full(system.file)) return;
  Diagnostic found = finding(bad_name, system, value->origin, fmt::format("{}.{}", path, passed.key),
                             fmt::format("`{}` is not a name that {} can have", value->scalar, passed.what));
  found.value = value->scalar;
  found.help = passed.help;
  findings.report(std::move(found));
}

// `labels`, `node_selector` and `annotations` of an executor.
class Metadata {
 public:
  Metadata(const model::System& system, const model::Executor& executor, DiagnosticSink& findings)
      : system_(system), executor_(executor), findings_(findings) {}

  void check(std::string_view key, std::string_view kind) {
    const document::Value* map = executor_.value->find(key);
    if (map == nullptr) return;
    for (const document::Value::Member& member : map->members) {
      if (findings_.full(system_.file)) return;
      const std::string path = fmt::format("{}.{}.{}", item_path("executors", executor_.name), key, member.key);
      if (!model::is_qualified_name(member.key))
        report(member.key_origin, path, member.key,
               fmt::format("`{}` is not a name that {} can have", member.key, kind),
               "use letters, digits, `-`, `_` and `.`, at most 63, maybe behind a domain and `/`");
      const std::string text = member.value.text();
      // An annotation's value is any text.
      if (key == "annotations" || model::is_label_value(text) || document::holds_template(text)) continue;
      report(member.value.origin, path, text, fmt::format("`{}` is not a value that a label can have", text),
             key == "labels" ? "use letters, digits, `-`, `_` and `.`, at most 63, or put it into `annotations`"
                             : "use letters, digits, `-`, `_` and `.`, at most 63");
    }
  }

 private:
  void report(const document::Origin& origin, const std::string& path, const std::string& value, std::string message,
              std::string help) {
    Diagnostic found = finding(bad_name, system_, origin, path, std::move(message));
    found.value = value;
    found.help = std::move(help);
    findings_.report(std::move(found));
  }

  const model::System& system_;
  const model::Executor& executor_;
  DiagnosticSink& findings_;
};

void check_executor(const model::System& system, const model::Executor& executor, DiagnosticSink& findings) {
  if (executor.type != model::ExecutorType::kubernetes) return;
  const std::string path = item_path("executors", executor.name);
  check_passed_on(system, executor.value, passed_namespace, path, findings);
  check_variables(system, executor.value, path, findings);
  Metadata metadata(system, executor, findings);
  metadata.check("labels", "a label");
  metadata.check("node_selector", "a label");
  metadata.check("annotations", "an annotation");
}

void check_volume(const model::System& system, const model::Volume& volume, DiagnosticSink& findings) {
  for (const PassedOn& passed : {passed_claim, passed_namespace, passed_storage_class, passed_node})
    check_passed_on(system, volume.value, passed, item_path("volumes", volume.name), findings);
}

// A task's own variables: `{{ name }}` has to find them, in every engine.
void check_own_variables(const TaskPlace& place, DiagnosticSink& findings) {
  const document::Value* variables = place.task.value == nullptr ? nullptr : place.task.value->find("variables");
  if (variables == nullptr) return;
  for (const document::Value::Member& member : variables->members) {
    if (jinja::is_placeholder(member.key) || findings.full(place.system.file)) continue;
    Diagnostic found =
        finding(bad_name, place.system, member.key_origin, place.path + ".variables",
                fmt::format("`{{{{ {} }}}}` would not be replaced: no variable can have that name", member.key));
    found.value = member.key;
    found.help = "use letters, digits, underscores, dashes and dots, and no digit first";
    findings.report(std::move(found));
  }
}

// On the cluster a service is called by its letters and digits (engine::kubernetes_name), and Kubernetes takes no
// Service that begins with a digit; a newer one does.
void check_service(const model::System& system, const model::Service& service, DiagnosticSink& findings) {
  const document::Value* value = service.value->find("service");
  if (value == nullptr || !value->is_string() || findings.full(system.file)) return;
  const auto first = std::find_if(service.name.begin(), service.name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && std::isalnum(byte) != 0;
  });
  const bool digit = first != service.name.end() && std::isdigit(static_cast<unsigned char>(*first)) != 0;
  if (!service.name.empty() && !digit) return;
  Diagnostic found = finding(bad_name, system, value->origin, item_path("services", service.name),
                             digit ? fmt::format("the name of service `{}` begins with a digit, which Kubernetes "
                                                 "refuses",
                                                 service.name)
                                   : std::string("a service has an empty name"));
  found.value = service.name;
  found.help = "begin it with a letter";
  findings.report(std::move(found));
}

void check_reference(const model::System& system, const document::Value* object, std::string_view key,
                     const std::string& text, const std::string& path, DiagnosticSink& findings) {
  const document::Value* value = object == nullptr ? nullptr : object->find(key);
  if (value == nullptr || !value->is_string() || findings.full(system.file)) return;
  const auto reference = model::ImageReference::parse(text);
  if (reference) return;
  Diagnostic found = finding(bad_name, system, value->origin, path, reference.error().message);
  found.value = text;
  found.help = reference.error().advice;
  findings.report(std::move(found));
}

// The image itself, and what it is built on.
void check_image(const model::System& system, const model::Image& image, DiagnosticSink& findings) {
  const std::string path = item_path("images", image.name);
  check_reference(system, image.value, "image", image.name, path, findings);
  if (image.base) check_reference(system, image.value, "base", *image.base, path, findings);
}

// An image that is pulled; one without tag, host or digest is told of by unknown-image.
bool is_pulled(const ByName<model::Image>& declared, const std::string& image) {
  return names_another_registry(image) && !document::holds_template(image) && declared.find(image) == nullptr;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    check_id(place.system, place.pipeline.value, "pipeline", place.pipeline.name, true, place.path, "pipeline",
             findings);
  });
  for (const model::System& system : subject.systems) {
    const ByName<model::Image> declared(system.images);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      check_id(system, place.task.value, "task", place.task.name, false, place.path, "task", findings);
      check_variables(system, place.task.value, place.path, findings);
      check_own_variables(place, findings);
      if (model::runs_in_container(place.task.type) && is_pulled(declared, place.task.image))
        check_reference(system, place.task.value, "image", place.task.image, place.path + ".image", findings);
    });
    for (const model::Service& service : system.services) {
      check_service(system, service, findings);
      check_variables(system, service.value, item_path("services", service.name), findings);
    }
    for (const model::Executor& executor : system.executors) check_executor(system, executor, findings);
    for (const model::Volume& volume : system.volumes) check_volume(system, volume, findings);
    for (const model::Image& image : system.images) check_image(system, image, findings);
  }
}

}  // namespace

const Rule bad_name{
    .id = "bad-name",
    .severity = Severity::error,
    .summary = "A name holds characters that the engines do not take.",
    .explanation =
        R"(The names of tasks and pipelines become ids of Airflow and names of cluster objects: letters, digits, dashes, underscores, and for pipelines
dots, at most 250 of them. An image's name is a Docker reference: lower case, parts divided by `/`, maybe a registry before and a tag behind. A
variable of `env_vars` is of letters, digits, underscores, dashes and dots, with no digit first. A service's name begins with a letter.

What a volume has as `claim_name`, `namespace`, `storage_class` and `node`, and an executor as `namespace`, `labels`, `node_selector` and `annotations`, is passed
on as it is, so it has to be what Kubernetes takes: lower-case letters, digits and dashes (in a claim and a storage class dots, too); for nodes, labels and their values also capitals, underscores
and dots.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train it
        type: python
        image: trainer
        cmd: echo training
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train_it
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
