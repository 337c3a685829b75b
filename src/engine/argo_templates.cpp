// Argo's variables in place of Airflow's: what the scheduled time gives, and parameters of the workflow.
#include <algorithm>
#include <array>
#include <optional>

#include "liminal/jinja/template_parts.hpp"

#include "templates.hpp"

namespace liminal::engine {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> argo_forms{
    {{"ds", "scheduled.Format('2006-01-02')"},
     {"ds_nodash", "scheduled.Format('20060102')"},
     {"ts", "scheduled.Format('2006-01-02T15:04:05+00:00')"},
     {"ts_nodash", "scheduled.Format('20060102T150405')"},
     {"yesterday_ds", "scheduled.AddDate(0, 0, -1).Format('2006-01-02')"},
     {"tomorrow_ds", "scheduled.AddDate(0, 0, 1).Format('2006-01-02')"},
     {"yesterday_ds_nodash", "scheduled.AddDate(0, 0, -1).Format('20060102')"},
     {"tomorrow_ds_nodash", "scheduled.AddDate(0, 0, 1).Format('20060102')"},
     {"run_id", "workflow.name"}}};

std::optional<std::string> argo_expression(std::string_view inside, const Variables& variables) {
  const std::string_view name = jinja::trimmed(inside);
  // A variable becomes a parameter of the workflow, which a run may set.
  if (find_variable(variables, name) != nullptr) return "{{workflow.parameters." + std::string(name) + "}}";
  for (const auto& [from, to] : argo_forms) {
    if (from != name) continue;
    std::string expression(to);
    constexpr std::string_view scheduled = "scheduled";
    if (expression.starts_with(scheduled))
      expression.replace(0, scheduled.size(),
                         "sprig.toDate('2006-01-02T15:04:05Z07:00', workflow.scheduledTime).UTC()");
    return "{{=" + expression + "}}";
  }
  return std::nullopt;
}

// Argo reads any two opening braces; this expression makes them from two single ones.
constexpr std::string_view two_braces = "{{='{' + '{'}}";

}  // namespace

std::string argo_text(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const bool braces = text.substr(at, 2) == "{{";
    result += braces ? two_braces : text.substr(at, 1);
    at += braces ? 2 : 1;
  }
  return result;
}

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
    if (end != std::string_view::npos && is_airflow_expression(inside, variables))
      result.inexpressible.push_back("{{" + std::string(inside) + "}}");
    result.text += two_braces;
    at += 2;
  }
  return result;
}

}  // namespace liminal::engine
