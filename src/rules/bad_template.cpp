#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
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

// The first name of an expression when Airflow has it. Braces around anything else may belong to the task's own
// program, and are left alone.
std::string_view airflow_name(std::string_view inside) {
  const std::string_view name = jinja::first_name(inside);
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

std::size_t offset_in(std::string_view text, std::string_view part) {
  return static_cast<std::size_t>(part.data() - text.data());
}

class Texts {
 public:
  Texts(const model::System& system, DiagnosticSink& findings) : system_(system), findings_(findings) {
    const document::Value* variables = system.resolved == nullptr ? nullptr : system.resolved->find("variables");
    if (variables == nullptr) return;
    for (const auto& member : variables->members) variables_.insert(member.key);
  }

  void check(const model::Task& task, const document::Value* value, const std::string& path) {
    if (value == nullptr) return;
    for (const document::Value& item : value->items) check(task, &item, path);
    for (const auto& member : value->members) check(task, &member.value, path + "." + member.key);
    if (value->is_string() && document::holds_template(value->scalar)) check_text(task, *value, path);
  }

 private:
  void check_text(const model::Task& task, const document::Value& value, const std::string& path) {
    const std::string_view text = value.scalar;
    for (Mistake& mistake : mistakes(task, text)) {
      Diagnostic found =
          finding_within(bad_template, system_, &value, mistake.begin, mistake.end, path, std::move(mistake.message));
      found.value = text.substr(mistake.begin, mistake.end - mistake.begin);
      found.help = std::move(mistake.help);
      found.severity = mistake.severity;
      findings_.report(std::move(found));
    }
  }

  // In the order of the text.
  [[nodiscard]] std::vector<Mistake> mistakes(const model::Task& task, std::string_view text) const {
    std::vector<Mistake> found;
    for (const jinja::Part& part : jinja::parts(text)) {
      if (found.size() >= most_mistakes_of_a_text) break;
      if (part.kind == jinja::Part::Kind::text) add_not_closed(text, part.whole, found);
      if (part.kind != jinja::Part::Kind::expression) continue;
      auto mistake = mistake_of(part.text);
      if (!mistake) mistake = left_alone(task, part.text);
      if (!mistake) continue;
      mistake->begin += offset_in(text, part.text);
      mistake->end += offset_in(text, part.text);
      found.push_back(std::move(*mistake));
    }
    return found;
  }

  static void add_not_closed(std::string_view text, std::string_view plain, std::vector<Mistake>& found) {
    for (std::size_t at = plain.find("{{"); at != std::string_view::npos; at = plain.find("{{", at + 2)) {
      if (found.size() >= most_mistakes_of_a_text) return;
      const std::string_view name = airflow_name(plain.substr(at + 2));
      if (name.empty()) continue;
      found.push_back({offset_in(text, plain) + at, offset_in(text, name) + name.size(),
                       fmt::format("the template `{{{{ {}` is not closed by `}}}}`", name), "end it with `}}`"});
    }
  }

  // A variable of the file in an expression: only where it stands alone is it replaced. A task's own are Jinja's.
  [[nodiscard]] std::optional<Mistake> left_alone(const model::Task& task, std::string_view inside) const {
    const std::string_view name = jinja::first_name(inside);
    if (!variables_.contains(name) || model::is_airflow_name(name)) return std::nullopt;
    // `{{ a.b-c }}` is a name to be looked up when the task runs.
    if (jinja::is_placeholder(inside) || !jinja::parse(inside)) return std::nullopt;
    const auto own = [&](const auto& variable) { return variable.first == name; };
    if (std::any_of(task.variables.begin(), task.variables.end(), own)) return std::nullopt;
    return Mistake{
        0, inside.size(),
        fmt::format("`{{{{ {} }}}}` stays as it is: a variable of the file is replaced where it stands alone", inside),
        fmt::format("write `{{{{ {} }}}}`, or make `{}` one of the task's own `variables`", name, name),
        Severity::warning};
  }

  const model::System& system_;
  DiagnosticSink& findings_;
  std::unordered_set<std::string_view> variables_;
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    Texts texts(system, findings);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      if (place.task.value == nullptr) return;
      for (const char* key : {"cmd", "command", "arguments", "env_vars", "application_arguments"})
        texts.check(place.task, place.task.value->find(key), place.path + "." + key);
    });
  }
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
