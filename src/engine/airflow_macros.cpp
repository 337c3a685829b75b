#include "liminal/engine/airflow_macros.hpp"

#include <algorithm>

#include "liminal/jinja/expression.hpp"
#include "liminal/jinja/template_parts.hpp"

#include "airflow_macros_evaluator.hpp"
#include "templates.hpp"

namespace liminal::engine {
namespace {

using jinja::Part;

constexpr std::string_view blank = " \t\r\n";

bool is_raw(const Part& part) {
  return part.text == "raw" || part.text == "endraw";
}

// Goes through a template's parts. What a DAG file would quote is no template here either.
class Renderer {
 public:
  Renderer(std::string_view text, const MacroContext& context)
      : context_(context), variables_(context.variables.begin(), context.variables.end()), parts_(jinja::parts(text)) {}

  Result<std::string> render() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      if (is_tag(part)) {
        if (const Status done = tag(part); !done) return tl::unexpected(done.error());
      } else {
        result_ += between_tags(i);
      }
    }
    return std::move(result_);
  }

 private:
  // Something of Jinja's; the rest, the inside of {% raw %} as well, goes through as it is.
  [[nodiscard]] bool is_tag(const Part& part) const {
    if (part.kind == Part::Kind::expression) return is_airflow_expression(part.text, variables_);
    return part.kind == Part::Kind::statement && !part.opening.empty();
  }

  // Without the white space that the dashes of {{- and -}} on its sides eat.
  [[nodiscard]] std::string_view between_tags(std::size_t index) const {
    std::string_view text = parts_[index].whole;
    if (index > 0 && is_tag(parts_[index - 1]) && parts_[index - 1].closing.starts_with('-'))
      text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    if (index + 1 < parts_.size() && is_tag(parts_[index + 1]) && parts_[index + 1].opening.ends_with('-'))
      text = text.substr(0, text.find_last_not_of(blank) + 1);
    return text;
  }

  Status tag(const Part& part) {
    const std::string inside(part.text);
    if (part.kind == Part::Kind::statement) {
      if (is_raw(part)) return {};
      return fail(ErrorKind::usage, "`{% " + inside + " %}` needs Airflow itself",
                  "only {{ }} and {% raw %} are rendered here");
    }
    // The file's own variables may have dots and dashes in their names, which Jinja would read as operators.
    if (const auto own = context_.variables.find(inside); own != context_.variables.end()) {
      result_ += own->second;
      return {};
    }
    const auto parsed = jinja::parse(inside);
    Result<std::string> text = parsed ? macros::evaluate(**parsed, context_)
                                      : Result<std::string>(fail(ErrorKind::usage, parsed.error().message));
    if (!text) return tl::unexpected(std::move(text.error()).wrap("`{{ " + inside + " }}` cannot be rendered"));
    result_ += *text;
    return {};
  }

  const MacroContext& context_;
  const Variables variables_;
  const std::vector<Part> parts_;
  std::string result_;
};

}  // namespace

Result<std::string> render_macros(std::string_view text, const MacroContext& context) {
  return Renderer(text, context).render();
}

}  // namespace liminal::engine
