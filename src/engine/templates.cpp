#include "templates.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace liminal::engine {

namespace {

using Renames = std::pair<std::string_view, std::string_view>;

// Gone in Airflow 3, with a form that 2 and 3 have.
constexpr std::array<Renames, 9> airflow_forms{{{"yesterday_ds", "macros.ds_add(ds, -1)"},
                                                {"yesterday_ds_nodash", "macros.ds_add(ds, -1).replace('-', '')"},
                                                {"tomorrow_ds", "macros.ds_add(ds, 1)"},
                                                {"tomorrow_ds_nodash", "macros.ds_add(ds, 1).replace('-', '')"},
                                                {"execution_date", "logical_date"},
                                                {"next_execution_date", "data_interval_end"},
                                                {"next_ds", "data_interval_end.strftime('%Y-%m-%d')"},
                                                {"next_ds_nodash", "data_interval_end.strftime('%Y%m%d')"},
                                                {"prev_execution_date_success", "prev_data_interval_start_success"}}};

// Gone in Airflow 3, with no form there.
constexpr std::array<std::string_view, 5> gone{"prev_ds", "prev_ds_nodash", "prev_execution_date", "conf", "test_mode"};

constexpr std::array<std::string_view, 29> airflow_names{"ds",
                                                         "ds_nodash",
                                                         "ts",
                                                         "ts_nodash",
                                                         "ts_nodash_with_tz",
                                                         "logical_date",
                                                         "data_interval_start",
                                                         "data_interval_end",
                                                         "prev_data_interval_start_success",
                                                         "prev_data_interval_end_success",
                                                         "prev_start_date_success",
                                                         "prev_end_date_success",
                                                         "dag",
                                                         "dag_run",
                                                         "run_id",
                                                         "task",
                                                         "task_instance",
                                                         "ti",
                                                         "task_instance_key_str",
                                                         "params",
                                                         "var",
                                                         "conn",
                                                         "macros",
                                                         "inlets",
                                                         "outlets",
                                                         "inlet_events",
                                                         "outlet_events",
                                                         "expanded_ti_count",
                                                         "templates_dict"};

constexpr std::array<std::string_view, 12> words{"and",  "or",   "not",   "in",   "is",    "if",
                                                 "else", "true", "false", "none", "range", "dict"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_name_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && (std::isalnum(byte) != 0 || c == '_');
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

// The names that {{ }} of these files may hold: letters, digits, dot, dash, underscore.
bool is_placeholder(std::string_view name) {
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) && is_name_byte(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_name_byte(c) || c == '.' || c == '-'; });
}

std::string jinja_string(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else {
      result += c;
    }
  }
  return result + "'";
}

const std::string* variable(const Variables& variables, std::string_view name) {
  for (const auto& [key, value] : variables) {
    if (key == name) return &value;
  }
  return nullptr;
}

// One name of the run's conf, else the file's own value, else Airflow's variable, which fails the task when missing.
std::string lookup(std::string_view name, const Variables& variables) {
  const std::string key = jinja_string(name);
  const std::string* value = variable(variables, name);
  if (value != nullptr) return "(dag_run.conf or {}).get(" + key + ", " + jinja_string(*value) + ")";
  return "dag_run.conf[" + key + "] if " + key + " in (dag_run.conf or {}) else var.value.get(" + key + ")";
}

// The inside of {{ }} for Airflow 2 and 3, or nothing when it is no expression over known names.
std::optional<std::string> airflow_expression(std::string_view inside, const Variables& variables,
                                              std::vector<std::string>& inexpressible) {
  const std::string_view whole = trimmed(inside);
  const std::string_view root = whole.substr(0, whole.find('.'));
  if (is_placeholder(whole) && (variable(variables, whole) != nullptr ||
                                (!has(airflow_names, root) && !has(gone, root) &&
                                 std::none_of(airflow_forms.begin(), airflow_forms.end(),
                                              [&](const Renames& form) { return form.first == root; }))))
    return lookup(whole, variables);
  std::string result;
  char before = ' ';  // the last byte that is not white space
  for (std::size_t at = 0; at < whole.size();) {
    const char c = whole[at];
    if (c == '\'' || c == '"') {
      std::size_t end = at + 1;
      while (end < whole.size() && whole[end] != c) end += whole[end] == '\\' ? 2U : 1U;
      if (end >= whole.size()) return std::nullopt;
      result += whole.substr(at, end + 1 - at);
      before = c;
      at = end + 1;
    } else if (is_name_byte(c)) {
      std::size_t end = at;
      while (end < whole.size() && is_name_byte(whole[end])) ++end;
      const std::string_view name = whole.substr(at, end - at);
      std::size_t next = end;
      while (next < whole.size() && whole[next] == ' ') ++next;
      const bool keyword = next < whole.size() && whole[next] == '=' && whole.substr(next, 2) != "==";
      const bool is_root =
          before != '.' && before != '|' && !keyword && std::isdigit(static_cast<unsigned char>(c)) == 0;
      const auto* form = std::find_if(airflow_forms.begin(), airflow_forms.end(),
                                      [&](const Renames& candidate) { return candidate.first == name; });
      if (!is_root || has(words, name) || has(airflow_names, name) || name == "True" || name == "False" ||
          name == "None") {
        result += name;
      } else if (form != airflow_forms.end()) {
        result += "(" + std::string(form->second) + ")";
      } else if (has(gone, name)) {
        inexpressible.push_back("{{ " + std::string(name) + " }}");
        result += name;
      } else if (variable(variables, name) != nullptr) {
        result += "(" + lookup(name, variables) + ")";
      } else {
        return std::nullopt;
      }
      before = whole[end - 1];
      at = end;
    } else {
      if (std::isspace(static_cast<unsigned char>(c)) == 0) {
        if (std::string_view(".|()[]{},:+-*/%~<>=!").find(c) == std::string_view::npos || (before == ' ' && c == '.'))
          return std::nullopt;
        before = c;
      }
      result += c;
      ++at;
    }
  }
  if (result.empty()) return std::nullopt;
  // A form that stands alone needs no brackets.
  for (const Renames& form : airflow_forms) {
    if (form.first == whole) return std::string(form.second);
  }
  return result;
}

constexpr std::array<std::string_view, 12> statements{"if",  "elif",   "else",   "endif",     "for", "endfor",
                                                      "set", "endset", "filter", "endfilter", "raw", "endraw"};

bool is_statement(std::string_view inside) {
  inside = trimmed(inside);
  if (!inside.empty() && (inside.front() == '-' || inside.front() == '+')) inside = trimmed(inside.substr(1));
  const std::size_t end = inside.find_first_of(" \t\n(-");
  return has(statements, inside.substr(0, end));
}

}  // namespace

TemplateText airflow_template(std::string_view text, const Variables& variables) {
  TemplateText result;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view pair = text.substr(at, 2);
    if (pair != "{{" && pair != "{%" && pair != "{#") {
      result.text += text[at++];
      continue;
    }
    const std::size_t end = text.find(pair == "{{" ? "}}" : pair == "{%" ? "%}" : "#}", at + 2);
    const std::string_view inside =
        end == std::string_view::npos ? std::string_view() : text.substr(at + 2, end - at - 2);
    if (pair == "{{" && end != std::string_view::npos) {
      if (const auto expression = airflow_expression(inside, variables, result.inexpressible)) {
        result.text += "{{ " + *expression + " }}";
        at = end + 2;
        continue;
      }
    } else if (pair == "{%" && end != std::string_view::npos && is_statement(inside)) {
      result.text += text.substr(at, end + 2 - at);
      at = end + 2;
      continue;
    }
    result.text += "{{ '" + std::string(pair) + "' }}";
    at += 2;
  }
  // Jinja takes one line end off the end of a template.
  if (result.text.ends_with('\n')) result.text.replace(result.text.size() - 1, 1, "{{ '\\n' }}");
  return result;
}

namespace {

constexpr std::array<Renames, 9> argo_forms{{{"ds", "scheduled.Format('2006-01-02')"},
                                             {"ds_nodash", "scheduled.Format('20060102')"},
                                             {"ts", "scheduled.Format('2006-01-02T15:04:05+00:00')"},
                                             {"ts_nodash", "scheduled.Format('20060102T150405')"},
                                             {"yesterday_ds", "scheduled.AddDate(0, 0, -1).Format('2006-01-02')"},
                                             {"tomorrow_ds", "scheduled.AddDate(0, 0, 1).Format('2006-01-02')"},
                                             {"yesterday_ds_nodash", "scheduled.AddDate(0, 0, -1).Format('20060102')"},
                                             {"tomorrow_ds_nodash", "scheduled.AddDate(0, 0, 1).Format('20060102')"},
                                             {"run_id", "workflow.name"}}};

std::optional<std::string> argo_expression(std::string_view inside, const Variables& variables) {
  const std::string_view name = trimmed(inside);
  // A variable becomes a parameter of the workflow, which a run may set.
  if (variable(variables, name) != nullptr) return "{{workflow.parameters." + std::string(name) + "}}";
  for (const Renames& form : argo_forms) {
    if (form.first != name) continue;
    std::string expression(form.second);
    constexpr std::string_view scheduled = "scheduled";
    if (expression.starts_with(scheduled))
      expression.replace(0, scheduled.size(),
                         "sprig.toDate('2006-01-02T15:04:05Z07:00', workflow.scheduledTime).UTC()");
    return "{{=" + expression + "}}";
  }
  return std::nullopt;
}

}  // namespace

TemplateText argo_template(std::string_view text, const Variables& variables) {
  TemplateText result;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at, 2) != "{{") {
      result.text += text[at++];
      continue;
    }
    const std::size_t end = text.find("}}", at + 2);
    const std::string_view inside =
        end == std::string_view::npos ? std::string_view() : text.substr(at + 2, end - at - 2);
    if (const auto expression = argo_expression(inside, variables)) {
      result.text += *expression;
      at = end + 2;
      continue;
    }
    std::vector<std::string> ignored;
    if (end != std::string_view::npos && airflow_expression(inside, variables, ignored))
      result.inexpressible.push_back("{{" + std::string(inside) + "}}");
    // Argo reads any two opening braces; this expression makes them from two single ones.
    result.text += "{{='{' + '{'}}";
    at += 2;
  }
  return result;
}

}  // namespace liminal::engine
