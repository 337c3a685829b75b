#include "expand_types.hpp"

#include <fmt/format.h>

#include "from_value.hpp"
#include "key_check.hpp"
#include "layers.hpp"
#include "type_declaration.hpp"
#include "type_template.hpp"

namespace liminal::config {

namespace {

using document::Value;

class Expansion {
 public:
  Expansion(const Value& root, const TypeTable& types, DiagnosticSink& findings)
      : types_(types), findings_(findings), file_(root.origin) {
    const Value* defaults = root.find("task_defaults");
    container_executor_ = executor_in(defaults, "python");
    airflow_executor_ = executor_in(defaults, "job_start");
  }

  void expand_task(Value& task, const std::string& pipeline) {
    const DeclaredType* type = type_of(task, types_.tasks);
    if (type == nullptr) return;
    const std::string path = fmt::format("pipelines[{}].tasks[{}]", pipeline, text_of(task, "task"));
    complete(task, *type, path, "task");
    TypeTemplate with(*type, task, path, budget_, findings_);
    if (type->kind == DeclaredType::Kind::container) {
      Value command = with.words(type->command);
      if (command.items.empty() && !budget_.exceeded()) report_no_words(task, *type, path);
      if (lacks(task, "image") && !type->image.is_null()) {
        Value image = Value::string(with.text(type->image));
        image.origin = type->image.origin;
        task.set("image", std::move(image));
      }
      task.set("command", std::move(command));
      give_executor(task, container_executor_);
    } else {
      Value arguments = with.rendered(type->preset).value_or(Value{});
      Value imported = Value::string(type->operator_path);
      imported.origin = type->origin;
      task.set("operator", std::move(imported));
      task.set("arguments", std::move(arguments));
      give_executor(task, airflow_executor_);
    }
    report_limit();
  }

  // Of an image or executor: what the type presets, under what the object says, without the keys that went into it.
  void expand_like(Value& object, const TypeTable::ByName& types, std::string_view list, std::string_view what) {
    const DeclaredType* type = type_of(object, types);
    if (type == nullptr) return;
    const std::string path = fmt::format("{}[{}]", list, text_of(object, what));
    complete(object, *type, path, what);
    Value merged = TypeTemplate(*type, object, path, budget_, findings_).rendered(type->preset).value_or(Value{});
    for (const DeclaredKey& key : type->keys) object.erase(key.name);
    merge_into(merged, object);
    object = std::move(merged);
    report_limit();
  }

 private:
  static std::optional<Value> executor_in(const Value* defaults, std::string_view type) {
    const Value* of_type = defaults == nullptr ? nullptr : defaults->find(type);
    const Value* executor = of_type == nullptr ? nullptr : of_type->find("executor");
    return executor == nullptr ? std::nullopt : std::optional(*executor);
  }

  static const DeclaredType* type_of(const Value& object, const TypeTable::ByName& types) {
    const Value* type = object.find("type");
    return type == nullptr || type->is_null() ? nullptr : TypeTable::find(types, type->text());
  }

  static bool lacks(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value == nullptr || value->is_null();
  }

  static void give_executor(Value& task, const std::optional<Value>& executor) {
    if (executor && lacks(task, "executor")) task.set("executor", *executor);
  }

  // Checks what is written; then come the defaults of the declared keys, and those that are required have to be there.
  void complete(Value& object, const DeclaredType& type, const std::string& path, std::string_view what) {
    check_keys(object, type, path, findings_);
    for (const DeclaredKey& key : type.keys) {
      if (!lacks(object, key.name)) continue;
      if (key.otherwise) {
        if (budget_.take(*key.otherwise)) object.set(key.name, *key.otherwise, key.origin);
        continue;
      }
      if (!key.required) continue;
      Diagnostic found = document::finding_at(
          "missing-key", model::locate(&object, "type"), path, key.name,
          fmt::format("{} `{}` of type `{}` has no `{}`", what, text_of(object, what), type.name, key.name),
          fmt::format("add `{}:`", key.name));
      document::add_related(found, key.origin, "the key is declared here");
      findings_.report(std::move(found));
    }
  }

  void report_no_words(const Value& task, const DeclaredType& type, const std::string& path) {
    Diagnostic found = document::finding_at(
        "missing-key", model::locate(&task, "type"), path, type.name,
        fmt::format("the command of task `{}` has no word: type `{}` makes it of keys that are empty or not given",
                    text_of(task, "task"), type.name),
        "give the task the keys, or begin the type's `command` with a program");
    document::add_related(found, type.command.origin, "the command is declared here");
    findings_.report(std::move(found));
  }

  void report_limit() {
    if (!budget_.exceeded() || told_) return;
    told_ = true;
    Diagnostic found = document::finding_at("expansion-limit", file_, {}, {},
                                            "the declared types of this file make more than 16 MiB or 500,000 values",
                                            "use shorter values, or name them less often");
    found.location.range = {{1, 1}, {1, 1}};
    findings_.report(std::move(found));
  }

  const TypeTable& types_;
  DiagnosticSink& findings_;
  document::Origin file_;
  std::optional<Value> container_executor_;
  std::optional<Value> airflow_executor_;
  TypeBudget budget_;
  bool told_ = false;
};

template <class Change>
void for_each_in(Value& object, std::string_view list, const Change& change) {
  Value* found = object.find(list);
  if (found == nullptr) return;
  for (Value& item : found->items) {
    if (item.is_mapping()) change(item);
  }
}

}  // namespace

void expand_types(Value& root, const TypeTable& types, DiagnosticSink& findings) {
  Expansion expansion(root, types, findings);
  for_each_in(root, "images", [&](Value& image) { expansion.expand_like(image, types.images, "images", "image"); });
  for_each_in(root, "executors",
              [&](Value& executor) { expansion.expand_like(executor, types.executors, "executors", "executor"); });
  for_each_in(root, "pipelines", [&](Value& pipeline) {
    const std::string name = text_of(pipeline, "pipeline");
    for_each_in(pipeline, "tasks", [&](Value& task) { expansion.expand_task(task, name); });
  });
}

}  // namespace liminal::config
