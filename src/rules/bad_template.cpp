#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "liminal/jinja/expression.hpp"
#include "liminal/jinja/template_parts.hpp"
#include "liminal/model/airflow_names.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// Jinja's own filters and Airflow's; a DAG that is made of a liminal.yml has no others.
constexpr auto filters = std::to_array<std::string_view>({"abs",         "attr",       "batch",     "capitalize",
                                                          "center",      "count",      "d",         "default",
                                                          "dictsort",    "ds",         "ds_nodash", "e",
                                                          "escape",      "first",      "float",     "filesizeformat",
                                                          "forceescape", "format",     "groupby",   "indent",
                                                          "int",         "items",      "join",      "last",
                                                          "length",      "list",       "lower",     "map",
                                                          "max",         "min",        "pprint",    "random",
                                                          "reject",      "rejectattr", "replace",   "reverse",
                                                          "round",       "safe",       "select",    "selectattr",
                                                          "slice",       "sort",       "string",    "striptags",
                                                          "sum",         "title",      "tojson",    "trim",
                                                          "truncate",    "ts",         "ts_nodash", "ts_nodash_with_tz",
                                                          "unique",      "upper",      "urlencode", "urlize",
                                                          "wordcount",   "wordwrap",   "xmlattr"});

// Jinja's own; Airflow has none.
constexpr auto tests = std::to_array<std::string_view>(
    {"boolean",  "callable", "defined", "divisibleby", "eq",        "equalto", "escaped", "even",     "false",
     "filter",   "float",    "ge",      "greaterthan", "gt",        "in",      "integer", "iterable", "le",
     "lessthan", "lower",    "lt",      "mapping",     "ne",        "none",    "number",  "odd",      "sameas",
     "sequence", "string",   "test",    "true",        "undefined", "upper"});

// Each is mapped back to the file through all of its text, and the first ones tell what is wrong.
constexpr std::size_t most_mistakes_of_a_text = 10;

struct Mistake {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;
  std::string help;
  Severity severity = Severity::error;
};

// The name that an expression begins with, behind brackets and signs.
std::string_view first_name(std::string_view inside) {
  inside.remove_prefix(std::min(inside.find_first_not_of(" \t\r\n([{-+*"), inside.size()));
  const auto* end = std::find_if_not(inside.begin(), inside.end(), jinja::is_name_byte);
  return inside.substr(0, static_cast<std::size_t>(end - inside.begin()));
}

// The same when Airflow has it. Braces around anything else may belong to the task's own program, and are left alone.
std::string_view airflow_name(std::string_view inside) {
  const std::string_view name = first_name(inside);
  return model::is_airflow_name(name) ? name : std::string_view();
}

template <class Names>
std::optional<Mistake> unknown_name(const jinja::Expression& node, std::string_view kind, const Names& known) {
  if (std::find(known.begin(), known.end(), node.name) != known.end()) return std::nullopt;
  const auto likely = nearest(node.name, known);
  return Mistake{node.begin, node.begin + node.name.size(),
                 fmt::format("neither Jinja nor Airflow has a {} `{}`", kind, node.name),
                 likely ? fmt::format("did you mean `{}`?", *likely)
                        : fmt::format("see Airflow's templates reference for the {}s that there are", kind)};
}

// What is wrong with the inside of {{ }}.
std::optional<Mistake> mistake_of(std::string_view inside) {
  if (airflow_name(inside).empty()) return std::nullopt;
  auto parsed = jinja::parse(inside);
  if (!parsed) {
    const jinja::SyntaxMistake& mistake = parsed.error();
    if (mistake.foreign) return std::nullopt;
    return Mistake{mistake.begin, mistake.end,
                   fmt::format("the template `{{{{ {} }}}}` cannot be read: {}", inside, mistake.message),
                   "write it by Jinja's rules, as in `{{ ds }}` or `{{ macros.ds_add(ds, 7) }}`"};
  }
  std::optional<Mistake> found;
  jinja::for_each(**parsed, [&](const jinja::Expression& node) {
    if (found) return;
    if (node.kind == jinja::Expression::Kind::filter) found = unknown_name(node, "filter", filters);
    if (node.kind == jinja::Expression::Kind::test) found = unknown_name(node, "test", tests);
  });
  return found;
}

Mistake not_closed(std::size_t begin, std::string_view text, std::string_view name) {
  const auto end = static_cast<std::size_t>(name.data() + name.size() - text.data());
  return {begin, end, fmt::format("the template `{{{{ {}` is not closed by `}}}}`", name), "end it with `}}`"};
}

// In the order of the text.
std::vector<Mistake> mistakes(std::string_view text) {
  std::vector<Mistake> found;
  for (const jinja::Part& part : jinja::parts(text)) {
    if (part.kind == jinja::Part::Kind::expression) {
      auto mistake = mistake_of(part.text);
      if (!mistake) continue;
      const auto begin = static_cast<std::size_t>(part.text.data() - text.data());
      mistake->begin += begin;
      mistake->end += begin;
      found.push_back(std::move(*mistake));
    } else if (part.kind == jinja::Part::Kind::text) {
      for (std::size_t at = part.whole.find("{{"); at != std::string_view::npos; at = part.whole.find("{{", at + 2)) {
        const std::string_view name = airflow_name(part.whole.substr(at + 2));
        const auto begin = static_cast<std::size_t>(part.whole.data() - text.data()) + at;
        if (!name.empty()) found.push_back(not_closed(begin, text, name));
        if (found.size() >= most_mistakes_of_a_text) return found;
      }
    }
    if (found.size() >= most_mistakes_of_a_text) return found;
  }
  return found;
}

class Texts {
 public:
  Texts(const TaskPlace& place, DiagnosticSink& findings) : place_(place), findings_(findings) {
    if (place.system.resolved != nullptr) variables_ = place.system.resolved->find("variables");
  }

  void check(const document::Value* value, const std::string& path) {
    if (value == nullptr) return;
    for (const document::Value& item : value->items) check(&item, path);
    for (const auto& member : value->members) check(&member.value, path + "." + member.key);
    if (value->is_string()) check_text(*value, path);
  }

 private:
  void check_text(const document::Value& value, const std::string& path) {
    const std::string_view text = value.scalar;
    if (!is_template(text)) return;
    std::vector<Mistake> found_in_text = mistakes(text);
    for (const jinja::Part& part : jinja::parts(text)) {
      if (part.kind != jinja::Part::Kind::expression || found_in_text.size() >= most_mistakes_of_a_text) continue;
      if (auto mistake = left_alone(part.text, static_cast<std::size_t>(part.text.data() - text.data())))
        found_in_text.push_back(std::move(*mistake));
    }
    for (Mistake& mistake : found_in_text) {
      Diagnostic found = finding_within(bad_template, place_.system, &value, mistake.begin, mistake.end, path,
                                        std::move(mistake.message));
      found.value = text.substr(mistake.begin, mistake.end - mistake.begin);
      found.help = std::move(mistake.help);
      found.severity = mistake.severity;
      findings_.report(std::move(found));
    }
  }

  // A variable of the file in an expression: only where it stands alone is it replaced. A task's own are Jinja's.
  [[nodiscard]] std::optional<Mistake> left_alone(std::string_view inside, std::size_t begin) const {
    const std::string_view name = first_name(inside);
    const auto own = [&](const auto& variable) { return variable.first == name; };
    if (variables_ == nullptr || name.empty() || variables_->find(name) == nullptr || model::is_airflow_name(name) ||
        std::any_of(place_.task.variables.begin(), place_.task.variables.end(), own))
      return std::nullopt;
    // `{{ a.b-c }}` is a name to be looked up when the task runs.
    const bool one_name = std::all_of(inside.begin(), inside.end(),
                                      [](char c) { return jinja::is_name_byte(c) || c == '.' || c == '-'; });
    if (one_name || !jinja::parse(inside)) return std::nullopt;
    return Mistake{
        begin, begin + inside.size(),
        fmt::format("`{{{{ {} }}}}` stays as it is: a variable of the file is replaced where it stands alone", inside),
        fmt::format("write `{{{{ {} }}}}`, or make `{}` one of the task's own `variables`", name, name),
        Severity::warning};
  }

  const TaskPlace& place_;
  DiagnosticSink& findings_;
  const document::Value* variables_ = nullptr;
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    if (place.task.value == nullptr) return;
    for (const char* key : {"cmd", "command", "arguments", "env_vars", "application_arguments"})
      Texts(place, findings).check(place.task.value->find(key), place.path + "." + key);
  });
}

}  // namespace

const Rule bad_template{
    .id = "bad-template",
    .severity = Severity::error,
    .summary = "A template of a task cannot be read.",
    .explanation =
        R"(`{{ ds }}` and the rest of Airflow's family in `cmd`, `env_vars` and `application_arguments` are rendered when the task runs, and a slip would only show
then: braces that are not closed, an expression that Jinja cannot read, or a filter or test that neither Jinja nor Airflow has. Braces around what
Airflow does not know are left to the task's program; with a variable of the file in an expression, such as `{{ name | upper }}`, they are a warning.)",
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
      - task: train
        type: python
        image: trainer
        cmd: echo {{ ds }
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
      - task: train
        type: python
        image: trainer
        cmd: echo {{ ds }}
)",
    .check = check,
};

}  // namespace liminal::rules
