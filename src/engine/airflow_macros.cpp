#include "liminal/engine/airflow_macros.hpp"

#include <algorithm>

#include "airflow_macros_evaluator.hpp"
#include "airflow_macros_parser.hpp"

namespace liminal::engine {
namespace {

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// Walks a template: text, {{ expression }}, {# comment #} and {% raw %}.
class Renderer {
 public:
  Renderer(std::string_view text, const MacroContext& context) : rest_(text), context_(context) {}

  Result<std::string> render() {
    while (true) {
      const std::size_t begin = next_tag();
      result_.append(rest_.substr(0, begin));
      if (begin == std::string_view::npos) return std::move(result_);
      rest_.remove_prefix(begin);
      const char kind = rest_[1];
      const Status done = kind == '{' ? expression() : kind == '#' ? comment() : statement();
      if (!done) return tl::unexpected(done.error());
    }
  }

 private:
  [[nodiscard]] std::size_t next_tag() const {
    for (std::size_t at = rest_.find('{'); at != std::string_view::npos; at = rest_.find('{', at + 1)) {
      if (at + 1 < rest_.size() && std::string_view("{#%").find(rest_[at + 1]) != std::string_view::npos) return at;
    }
    return std::string_view::npos;
  }

  // Takes the tag's inside of `length` bytes and its end off the rest, and obeys the dashes that eat white space.
  std::string_view take(std::size_t length) {
    std::string_view inside = rest_.substr(2, length);
    rest_.remove_prefix(2 + length + 2);
    if (inside.starts_with('-')) {
      result_.erase(result_.find_last_not_of(blank) + 1);
      inside.remove_prefix(1);
    }
    if (inside.ends_with('-')) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(blank), rest_.size()));
      inside.remove_suffix(1);
    }
    return trimmed(inside);
  }

  Status expression() {
    const std::size_t length = macros::length_up_to_close(rest_.substr(2));
    if (length == std::string_view::npos) return fail(ErrorKind::usage, "`{{` is not closed by `}}`");
    const std::string inside(take(length));
    // The file's own variables may have dots and dashes in their names, which Jinja would read as operators.
    if (const auto own = context_.variables.find(inside); own != context_.variables.end()) {
      result_ += own->second;
      return {};
    }
    auto text = macros::parse(inside).and_then(
        [&](const std::unique_ptr<macros::Expression>& parsed) { return macros::evaluate(*parsed, context_); });
    if (!text) return tl::unexpected(std::move(text.error()).wrap("`{{ " + inside + " }}` cannot be rendered"));
    result_ += *text;
    return {};
  }

  Status comment() {
    const std::size_t end = rest_.find("#}", 2);
    if (end == std::string_view::npos) {
      return fail(ErrorKind::usage, "`{#` begins a comment that is not closed by `#}`",
                  "write `{% raw %}{#{% endraw %}` where the two characters are meant, as in the shell's ${#name}");
    }
    take(end - 2);
    return {};
  }

  Status statement() {
    const std::size_t end = rest_.find("%}", 2);
    if (end == std::string_view::npos) return fail(ErrorKind::usage, "`{%` is not closed by `%}`");
    const std::string inside(take(end - 2));
    if (inside != "raw") {
      return fail(ErrorKind::usage, "`{% " + inside + " %}` needs Airflow itself",
                  "only {{ }}, {# #} and {% raw %} are rendered here");
    }
    return raw();
  }

  Status raw() {
    for (std::size_t at = rest_.find("{%"); at != std::string_view::npos; at = rest_.find("{%", at + 2)) {
      const std::size_t end = rest_.find("%}", at);
      if (end == std::string_view::npos) break;
      std::string_view inside = rest_.substr(at + 2, end - at - 2);
      if (inside.starts_with('-')) inside.remove_prefix(1);
      if (inside.ends_with('-')) inside.remove_suffix(1);
      if (trimmed(inside) != "endraw") continue;
      result_.append(rest_.substr(0, at));
      rest_.remove_prefix(at);
      take(end - at - 2);
      return {};
    }
    return fail(ErrorKind::usage, "`{% raw %}` is not closed by `{% endraw %}`");
  }

  std::string_view rest_;
  const MacroContext& context_;
  std::string result_;
};

}  // namespace

Result<std::string> render_macros(std::string_view text, const MacroContext& context) {
  return Renderer(text, context).render();
}

}  // namespace liminal::engine
