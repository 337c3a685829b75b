#include "type_declaration.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/model/airflow_names.hpp"

#include "from_value.hpp"
#include "key_check.hpp"
#include "placeholders.hpp"

namespace liminal::config {

namespace {

using document::Value;

constexpr std::array<std::string_view, 36> python_keywords{
    "__debug__", "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",
    "break",     "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",
    "for",       "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal",
    "not",       "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

constexpr std::array<std::string_view, 8> of_every_task{"task",      "type",       "description", "executor",
                                                        "variables", "depends_on", "retries",     "retry_delay"};
constexpr std::array<std::string_view, 6> of_every_container{"image",   "env_vars",  "mounts",
                                                             "secrets", "executors", "do_xcom_push"};
constexpr std::array<std::string_view, 9> of_every_image{"image", "type",      "source",         "pip_conf", "no_cache",
                                                         "base",  "build_cmd", "python_version", "endpoints"};
constexpr std::array<std::string_view, 2> of_every_executor{"executor", "type"};
// What a type makes of its keys; nobody writes them.
constexpr std::array<std::string_view, 2> made_for_container{"cmd", "command"};
constexpr std::array<std::string_view, 2> made_for_operator{"operator", "arguments"};
// What the DAG file says of each task, or leaves to the DAG.
constexpr std::array<std::string_view, 7> of_every_operator_call{"task_id", "dag",         "task_group", "trigger_rule",
                                                                 "retries", "retry_delay", "doc"};

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), inner) &&
         !has(python_keywords, text);
}

// `__future__` is the compiler's.
bool is_module(std::string_view text) {
  if (text == "__future__") return false;
  for (;;) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (!is_identifier(text.substr(0, dot))) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

// A key's name as {{ }} holds it; {{.Names}} belongs to a program.
bool may_name_key(std::string_view text) {
  return is_identifier(text.substr(0, 1));
}

class Check {
 public:
  Check(const DeclaredType& type, const Value& declaration, DiagnosticSink& findings)
      : type_(type), declaration_(declaration), findings_(findings) {}

  bool passes() {
    check_kind();
    check_keys();
    // What it becomes is not known; the schema or check_kind told.
    if (!type_.usable) return false;
    if (type_.kind == DeclaredType::Kind::airflow) check_operator();
    if (type_.kind == DeclaredType::Kind::executor) check_preset_names(of_every_executor, "executor");
    check_command();
    check_template(type_.image, Place::text);
    check_template(type_.preset, Place::argument);
    return good_;
  }

 private:
  // A key that stands alone and is not given: no word and no argument is made of it, but a text needs it.
  enum class Place { text, word, argument };

  void refuse(const document::Origin& origin, std::string_view value, std::string message, std::string help) {
    good_ = false;
    findings_.report(document::finding_at("bad-type-declaration", origin, path_of(type_), std::string(value),
                                          std::move(message), std::move(help)));
  }

  void check_kind() {
    if (type_.kind != DeclaredType::Kind::container && type_.kind != DeclaredType::Kind::airflow) return;
    const bool container = declaration_.find("container") != nullptr;
    const bool airflow = declaration_.find("airflow") != nullptr;
    if (container != airflow) return;
    refuse(
        model::locate(&declaration_, container ? "airflow" : "type"), type_.name,
        fmt::format("the task type `{}` is {}", type_.name,
                    container ? "both a `container` and an operator of `airflow`"
                              : "neither a `container` nor an operator of `airflow`"),
        container ? "leave one of them out" : "give it `container` with a `command`, or `airflow` with an `operator`");
  }

  [[nodiscard]] bool is_reserved(std::string_view key) const {
    if (type_.kind == DeclaredType::Kind::container && has(made_for_container, key)) return true;
    if (type_.kind == DeclaredType::Kind::airflow && has(made_for_operator, key)) return true;
    return type_.kind == DeclaredType::Kind::executor ? has(of_every_executor, key) : may_be_written(type_.kind, key);
  }

  void check_keys() {
    for (const DeclaredKey& key : type_.keys) {
      if (is_reserved(key.name))
        refuse(key.origin, key.name,
               fmt::format(
                   "{} of type `{}` cannot have a key `{}` of their own: {}", plural(), type_.name, key.name,
                   may_be_written(type_.kind, key.name) ? "each has it already" : "the type makes what has its name"),
               "give the declared key another name");
      if (key.otherwise) check_value(key, *key.otherwise, path_of(type_) + ".keys." + key.name, findings_);
    }
    const Value* keys = declaration_.find("keys");
    const Value* required = keys == nullptr ? nullptr : keys->find("required");
    if (required == nullptr) return;
    std::vector<std::string_view> names;
    for (const DeclaredKey& key : type_.keys) names.push_back(key.name);
    for (const Value& item : required->items) {
      if (type_.find_key(item.text()) != nullptr) continue;
      const auto likely = nearest(item.text(), names);
      refuse(item.origin, item.text(), fmt::format("`{}` is required and not among the `properties`", item.text()),
             likely ? fmt::format("did you mean `{}`?", *likely) : "declare it under `properties`");
    }
  }

  [[nodiscard]] std::string plural() const { return fmt::format("{}s", spoken(type_.kind)); }

  void check_command() {
    if (type_.kind == DeclaredType::Kind::container && type_.command.items.empty())
      refuse(type_.command.origin, type_.name, fmt::format("the command of type `{}` has no word", type_.name),
             "begin it with the program that the container runs");
    check_template(type_.command, Place::word);
  }

  void check_operator() {
    if (!import_path_of(type_.operator_path))
      refuse(model::locate(declaration_.find("airflow"), "operator"), type_.operator_path,
             fmt::format("the operator of type `{}` is no import path", type_.name),
             "write `module:Class`, such as `airflow.providers.common.sql.operators.sql:SQLExecuteQueryOperator`");
    check_preset_names(of_every_operator_call, "operator");
    for (const Value::Member& member : type_.preset.members) {
      if (!is_identifier(member.key))
        refuse(member.key_origin, member.key, "the name of an argument is no identifier of Python's",
               "write letters, digits and underscores alone");
    }
  }

  void check_preset_names(std::span<const std::string_view> own, std::string_view what) {
    for (const Value::Member& member : type_.preset.members) {
      if (has(own, member.key))
        refuse(
            member.key_origin, member.key, fmt::format("`{}` is what each {} is given by itself", member.key, what),
            fmt::format("leave it out, and write it where the {} is used", what == "operator" ? "type" : "executor"));
    }
  }

  void check_template(const Value& form, Place place) {
    for (const Value& item : form.items) check_template(item, place);
    for (const Value::Member& member : form.members) check_template(member.value, place);
    if (form.is_string()) check_text(form, place);
  }

  void check_text(const Value& form, Place place) {
    std::size_t from = 0;
    while (const auto found = next_placeholder(form.scalar, from)) {
      from = found->end;
      const DeclaredKey* key = type_.find_key(found->name);
      if (key == nullptr) {
        check_macro(form, *found);
        continue;
      }
      const bool alone = found->begin == 0 && found->end == form.scalar.size();
      if (key->required || key->otherwise || (alone && place != Place::text)) continue;
      report("bad-type-declaration", form, *found,
             fmt::format("`{}` may be missing, and a text cannot be made without it", found->name),
             "give it a `default`, or put it under `required`");
    }
  }

  void check_macro(const Value& form, const Placeholder& found) {
    const std::string_view root = std::string_view(found.name).substr(0, found.name.find('.'));
    if (!may_name_key(root) || model::is_airflow_name(root)) return;
    std::vector<std::string_view> names;
    for (const DeclaredKey& key : type_.keys) names.push_back(key.name);
    const auto likely = nearest(found.name, names);
    report("unknown-template-key", form, found,
           fmt::format("`{}` is no key of type `{}` and no macro of Airflow's", found.name, type_.name),
           likely ? fmt::format("did you mean `{}`?", *likely) : "declare it under `keys`");
  }

  // At the braces themselves.
  void report(std::string rule, const Value& form, const Placeholder& found, std::string message, std::string help) {
    good_ = false;
    Diagnostic finding = document::finding_at(std::move(rule), form.origin, path_of(type_), found.name,
                                              std::move(message), std::move(help));
    if (const document::Node* node = form.origin.node)
      finding.location.range = node->document->range_within(*node, found.begin, found.end);
    findings_.report(std::move(finding));
  }

  const DeclaredType& type_;
  const Value& declaration_;
  DiagnosticSink& findings_;
  bool good_ = true;
};

}  // namespace

std::string_view spoken(DeclaredType::Kind kind) {
  if (kind == DeclaredType::Kind::image) return "image";
  return kind == DeclaredType::Kind::executor ? "executor" : "task";
}

std::string path_of(const DeclaredType& type) {
  return fmt::format("{}s[{}]", spoken(type.kind), type.name);
}

bool may_be_written(DeclaredType::Kind kind, std::string_view key) {
  switch (kind) {
    case DeclaredType::Kind::container:
      return has(of_every_task, key) || has(of_every_container, key);
    case DeclaredType::Kind::airflow:
      return has(of_every_task, key);
    case DeclaredType::Kind::image:
      return has(of_every_image, key);
    case DeclaredType::Kind::executor:
      break;
  }
  return true;  // what an executor may have, its engine knows
}

bool check_declaration(const DeclaredType& type, const Value& declaration, DiagnosticSink& findings) {
  return Check(type, declaration, findings).passes();
}

std::optional<ImportPath> import_path_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  ImportPath path{text.substr(0, colon), text.substr(colon + 1)};
  return is_module(path.module) && is_identifier(path.name) ? std::optional(path) : std::nullopt;
}

}  // namespace liminal::config
