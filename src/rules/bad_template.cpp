#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <fmt/format.h>

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

// Each is mapped back to the file through all of its text, and the first ones tell what is wrong.
constexpr std::size_t most_mistakes_of_a_text = 10;

struct Mistake {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;
  std::string help;
};

bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The end of the name that begins at `at`, behind blanks; `at` moves to its beginning.
std::size_t name_end(std::string_view text, std::size_t& at) {
  at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  std::size_t end = at;
  while (end < text.size() && is_name_byte(text[end])) ++end;
  return end;
}

// Where {% raw %} begins, in any of its spellings.
std::size_t raw_mark(std::string_view text) {
  for (std::size_t at = text.find("{%"); at != std::string_view::npos; at = text.find("{%", at + 2)) {
    std::size_t name = at + 2;
    if (name < text.size() && (text[name] == '-' || text[name] == '+')) ++name;
    const std::size_t end = name_end(text, name);
    if (text.substr(name, end - name) == "raw") return at;
  }
  return std::string_view::npos;
}

// What is wrong with the expression whose braces open at `open`; `next` is where to go on.
std::optional<Mistake> mistake_at(std::string_view text, std::size_t open, std::size_t& next) {
  std::size_t at = open + 2;
  next = at;
  if (text.substr(at).starts_with('-')) ++at;
  std::size_t end = name_end(text, at);
  // Braces around anything else may belong to the task's own program, and are left alone.
  if (!model::is_airflow_name(text.substr(at, end - at))) return std::nullopt;
  const std::size_t name = at;
  char quote = '\0';
  std::optional<Mistake> found;
  for (at = end; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\') ++at;
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (text.substr(at).starts_with("}}")) {
      next = at + 2;
      return found;
    } else if (text.substr(at).starts_with("{{")) {
      break;
    } else if (c == '|' && !found) {
      std::size_t filter = at + 1;
      const std::size_t filter_end = name_end(text, filter);
      const std::string_view word = text.substr(filter, filter_end - filter);
      if (word.empty() || std::find(filters.begin(), filters.end(), word) != filters.end()) continue;
      const auto likely = nearest(word, filters);
      found = Mistake{filter, filter_end, fmt::format("neither Jinja nor Airflow has a filter `{}`", word),
                      likely ? fmt::format("did you mean `{}`?", *likely)
                             : "see Airflow's templates reference for the filters that there are"};
    }
  }
  return Mistake{open, end,
                 fmt::format("the template `{{{{ {}` is not closed by `}}}}`", text.substr(name, end - name)),
                 "end it with `}}`"};
}

class Texts {
 public:
  Texts(const TaskPlace& place, DiagnosticSink& findings) : place_(place), findings_(findings) {}

  void check(const document::Value* value, const std::string& path) {
    if (value == nullptr) return;
    for (const document::Value& item : value->items) check(&item, path);
    for (const auto& member : value->members) check(&member.value, path + "." + member.key);
    if (value->is_string()) check_text(*value, path);
  }

 private:
  void check_text(const document::Value& value, const std::string& path) {
    // Behind the mark nothing is looked at: it may not be a template.
    const std::string_view text = std::string_view(value.scalar).substr(0, raw_mark(value.scalar));
    std::size_t told = 0;
    for (std::size_t at = text.find("{{"); at != std::string_view::npos && told < most_mistakes_of_a_text;) {
      std::size_t next = at;
      if (auto mistake = mistake_at(text, at, next)) {
        Diagnostic found = finding_within(bad_template, place_.system, &value, mistake->begin, mistake->end, path,
                                          std::move(mistake->message));
        found.value = text.substr(mistake->begin, mistake->end - mistake->begin);
        found.help = std::move(mistake->help);
        findings_.report(std::move(found));
        ++told;
      }
      at = text.find("{{", next);
    }
  }

  const TaskPlace& place_;
  DiagnosticSink& findings_;
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
then: braces that are not closed, or a filter that neither Jinja nor Airflow has. Braces around what Airflow does not know are left to the task's program.)",
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
