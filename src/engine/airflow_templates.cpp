// Jinja for Airflow 2 and 3: what is a template stays one, in a form that both have; all else is quoted.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "liminal/jinja/expression.hpp"
#include "liminal/jinja/template_parts.hpp"
#include "liminal/model/airflow_names.hpp"

#include "templates.hpp"

namespace liminal::engine {

namespace {

using Rename = std::pair<std::string_view, std::string_view>;

// Gone in Airflow 3, with a form that 2 and 3 have. Of what only one of them has, all else has none.
constexpr std::array<Rename, 9> forms{{{"yesterday_ds", "macros.ds_add(ds, -1)"},
                                       {"yesterday_ds_nodash", "macros.ds_add(ds, -1).replace('-', '')"},
                                       {"tomorrow_ds", "macros.ds_add(ds, 1)"},
                                       {"tomorrow_ds_nodash", "macros.ds_add(ds, 1).replace('-', '')"},
                                       {"execution_date", "logical_date"},
                                       {"next_execution_date", "data_interval_end"},
                                       {"next_ds", "data_interval_end.strftime('%Y-%m-%d')"},
                                       {"next_ds_nodash", "data_interval_end.strftime('%Y%m%d')"},
                                       {"prev_execution_date_success", "prev_data_interval_start_success"}}};

constexpr std::array<std::string_view, 15> words{"and",   "or",   "not",  "in",    "is",   "if",    "else", "true",
                                                 "false", "none", "True", "False", "None", "range", "dict"};

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view form_of(std::string_view name) {
  const auto* found = std::find_if(forms.begin(), forms.end(), [&](const Rename& form) { return form.first == name; });
  return found == forms.end() ? std::string_view() : found->second;
}

class Translation {
 public:
  Translation(const Variables& variables, std::vector<std::string>& inexpressible)
      : variables_(variables), inexpressible_(inexpressible) {}

  std::string text(std::string_view source) {
    const std::vector<jinja::Part> parts = jinja::parts(source);
    locals_ = jinja::local_names(parts);
    std::string result;
    for (const jinja::Part& part : parts) result += rendered(part);
    // Jinja takes one line end off the end of a template.
    if (result.ends_with('\n')) result.replace(result.size() - 1, 1, "{{ '\\n' }}");
    return result;
  }

  // The inside of {{ }}, or nothing when it is no expression over known names.
  std::optional<std::string> expression(std::string_view whole) {
    const std::string_view root = whole.substr(0, whole.find('.'));
    const bool airflows = model::is_airflow_name(root) || has(locals_, root);
    if (jinja::is_placeholder(whole) && (find_variable(variables_, whole) != nullptr || !airflows))
      return lookup(whole);
    // A form that stands alone needs no brackets.
    if (!form_of(whole).empty()) return std::string(form_of(whole));
    return translated(whole, false);
  }

 private:
  std::string rendered(const jinja::Part& part) {
    if (part.kind == jinja::Part::Kind::expression) {
      // What Jinja cannot read would fail the task.
      if (const auto inside = expression(part.text); inside && jinja::parse(*inside))
        return std::string(part.opening) + " " + *inside + " " + std::string(part.closing);
      return quoted_openings(part.whole);
    }
    if (part.kind == jinja::Part::Kind::statement) {
      // A dropped name may stand in a statement as well.
      const auto inside = part.opening.empty() ? std::nullopt : translated(part.text, true);
      if (!inside) return std::string(part.whole);
      return std::string(part.opening) + " " + *inside + " " + std::string(part.closing);
    }
    return quoted_openings(part.text);
  }

  static std::string quoted_openings(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
      const std::string_view pair = text.substr(at, 2);
      if (pair == "{{" || pair == "{%" || pair == "{#") {
        result += "{{ '" + std::string(pair) + "' }}";
        at += 2;
      } else {
        result += text[at++];
      }
    }
    return result;
  }

  // One name of the run's conf, else the file's own value, else Airflow's variable. That fails the task when it is
  // missing: get() would be an error in Airflow 2, and the text NOTSET in 3.
  std::string lookup(std::string_view name) {
    const std::string key = jinja::quoted(name);
    const std::string* value = find_variable(variables_, name);
    if (value != nullptr) return "(dag_run.conf or {}).get(" + key + ", " + value_of(*value) + ")";
    return "dag_run.conf[" + key + "] if " + key + " in (dag_run.conf or {}) else var.value[" + key + "]";
  }

  // A variable's value, which may hold templates of its own, though no other variables of the file.
  std::string value_of(std::string_view value) {
    std::string result;
    const Variables none;
    Translation inner(none, inexpressible_);
    for (const jinja::Part& part : jinja::parts(value)) {
      const auto inside = part.kind == jinja::Part::Kind::expression ? inner.expression(part.text) : std::nullopt;
      result += result.empty() ? "" : " ~ ";
      result += inside ? "(" + *inside + ")" : jinja::quoted(part.whole);
    }
    return result.empty() ? "''" : result;
  }

  // Replaces the names of an expression; nothing when one is unknown (unless that is allowed) or it is no expression.
  std::optional<std::string> translated(std::string_view whole, bool any_name) {
    std::string result;
    char before = ' ';      // the last byte that is not white space
    std::string_view word;  // the name before, and the one before that: `is not none`
    std::string_view word_before;
    for (std::size_t at = 0; at < whole.size();) {
      const char c = whole[at];
      std::size_t end = at + 1;
      if (c == '\'' || c == '"') {
        while (end < whole.size() && whole[end] != c) end += whole[end] == '\\' ? 2U : 1U;
        if (end++ >= whole.size()) return std::nullopt;
        result += whole.substr(at, end - at);
      } else if (jinja::is_name_byte(c)) {
        while (end < whole.size() && jinja::is_name_byte(whole[end])) ++end;
        const std::string_view own = whole.substr(at, end - at);
        const bool test =
            jinja::is_name_byte(before) && own != "not" && (word == "is" || (word == "not" && word_before == "is"));
        const auto name = translated_name(own, !test && is_root(whole, at, end, before), any_name);
        if (!name) return std::nullopt;
        result += *name;
        word_before = std::exchange(word, own);
      } else {
        const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!space && (!jinja::is_symbol_byte(c) || (before == ' ' && c == '.'))) return std::nullopt;
        result += c;
        if (space) {
          at = end;
          continue;
        }
      }
      before = whole[end - 1];
      at = end;
    }
    return result.empty() ? std::nullopt : std::optional(result);
  }

  // Not an attribute, a filter or the name of an argument.
  static bool is_root(std::string_view whole, std::size_t begin, std::size_t end, char before) {
    while (end < whole.size() && whole[end] == ' ') ++end;
    const bool keyword = end < whole.size() && whole[end] == '=' && whole.substr(end, 2) != "==";
    return before != '.' && before != '|' && !keyword && std::isdigit(static_cast<unsigned char>(whole[begin])) == 0;
  }

  std::optional<std::string> translated_name(std::string_view name, bool root, bool any_name) {
    if (!root || has(words, name) || has(locals_, name)) return std::string(name);
    if (!form_of(name).empty()) return "(" + std::string(form_of(name)) + ")";
    if (model::is_airflow_name(name)) {
      if (!model::is_of_every_airflow(name)) inexpressible_.push_back("{{ " + std::string(name) + " }}");
      return std::string(name);
    }
    if (find_variable(variables_, name) != nullptr) return "(" + lookup(name) + ")";
    return any_name ? std::optional(std::string(name)) : std::nullopt;
  }

  const Variables& variables_;
  std::vector<std::string>& inexpressible_;
  std::vector<std::string_view> locals_;
};

}  // namespace

const std::string* find_variable(const Variables& variables, std::string_view name) {
  for (const auto& [key, value] : variables) {
    if (key == name) return &value;
  }
  return nullptr;
}

TemplateText airflow_template(std::string_view text, const Variables& variables) {
  TemplateText result;
  result.text = Translation(variables, result.inexpressible).text(text);
  return result;
}

bool is_airflow_expression(std::string_view inside, const Variables& variables) {
  std::vector<std::string> inexpressible;
  return Translation(variables, inexpressible).expression(jinja::trimmed(inside)).has_value();
}

}  // namespace liminal::engine
