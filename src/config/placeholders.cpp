#include "placeholders.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace liminal::config {

namespace {

using document::Kind;
using document::ScalarType;
using document::Value;

struct Placeholder {
  std::size_t begin = 0;  // of the braces
  std::size_t end = 0;
  std::string name;
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

// The next {{ name }} at or behind `from`.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  while ((from = text.find("{{", from)) != std::string_view::npos) {
    std::size_t at = text.find_first_not_of(' ', from + 2);
    const std::size_t begin = at;
    while (at < text.size() && is_name_character(text[at])) ++at;
    const std::size_t end = at;
    at = std::min(text.find_first_not_of(' ', at), text.size());
    if (begin < end && text.substr(at).starts_with("}}"))
      return Placeholder{from, at + 2, std::string(text.substr(begin, end - begin))};
    ++from;
  }
  return std::nullopt;
}

class Renderer {
 public:
  Renderer(const Value& root, const std::map<std::string, std::string>& set, const Environment& environment,
           DiagnosticSink& findings)
      : variables_(root.find("variables")), set_(set), environment_(environment), findings_(findings) {}

  void render(Value& value) const {
    for (Value& item : value.items) render(item);
    for (Value::Member& member : value.members) render(member.value);
    if (value.kind != Kind::scalar || value.type != ScalarType::string) return;
    if (auto text = rendered(value, value.scalar, true)) value.scalar = std::move(*text);
  }

 private:
  // Empty when nothing changes. A variable's own value is rendered too, one level deep.
  [[nodiscard]] std::optional<std::string> rendered(const Value& place, const std::string& text,
                                                    bool variables_too) const {
    std::string result;
    std::size_t copied = 0;
    std::size_t from = 0;
    while (const auto placeholder = next_placeholder(text, from)) {
      from = placeholder->end;
      const auto value = lookup(place, placeholder->name, variables_too);
      if (!value) continue;
      result.append(text, copied, placeholder->begin - copied);
      result += *value;
      copied = placeholder->end;
    }
    if (copied == 0) return std::nullopt;
    result.append(text, copied);
    return result;
  }

  [[nodiscard]] std::optional<std::string> lookup(const Value& place, const std::string& name,
                                                  bool variables_too) const {
    if (const auto given = set_.find(name); given != set_.end()) return given->second;
    const Value* variable = variables_ == nullptr ? nullptr : variables_->find(name);
    if (variable == nullptr) return environment_.get(name);
    if (variable->kind != Kind::scalar) {
      report_not_a_scalar(place, name, *variable);
      return std::nullopt;
    }
    if (variables_too && variable->is_string()) {
      if (auto text = rendered(place, variable->scalar, false)) return text;
    }
    return variable->text();
  }

  void report_not_a_scalar(const Value& place, const std::string& name, const Value& variable) const {
    Diagnostic found;
    found.rule = "placeholder-not-a-scalar";
    found.message = fmt::format("the variable `{}` is a {} and cannot stand inside a text", name,
                                variable.is_sequence() ? "list" : "map");
    found.help = "give the variable a single value, or name another one";
    found.value = name;
    found.yaml_path = name;
    const document::Node* node = place.origin.node;
    if (const auto where = place.origin.location()) found.location = *where;
    if (node != nullptr && node->kind == Kind::scalar) {
      const std::size_t at = node->scalar.find(name);
      if (at != std::string_view::npos)
        found.location.range = node->document->range_within(*node, at, at + name.size());
    }
    found.source = place.origin.source();
    document::add_related(found, variable.origin, "its value is here");
    findings_.report(std::move(found));
  }

  const Value* variables_;
  const std::map<std::string, std::string>& set_;
  const Environment& environment_;
  DiagnosticSink& findings_;
};

}  // namespace

void render_placeholders(Value& root, const std::map<std::string, std::string>& set, const Environment& environment,
                         DiagnosticSink& findings) {
  const Renderer renderer(root, set, environment, findings);
  for (Value::Member& member : root.members) {
    if (member.key != "variables") renderer.render(member.value);
  }
}

}  // namespace liminal::config
