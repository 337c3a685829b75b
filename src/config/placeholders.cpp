#include "placeholders.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "secret_name.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::ScalarType;
using document::Value;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

// Variables by name, as they are before anything is rendered.
using Variables = std::unordered_map<std::string, Value>;

Variables variables_of(const Value& root) {
  Variables variables;
  if (const Value* map = root.find("variables")) {
    for (const Value::Member& member : map->members) variables.emplace(member.key, member.value);
  }
  return variables;
}

class Renderer {
 public:
  Renderer(Variables variables, const Environment& environment, DiagnosticSink& findings)
      : variables_(std::move(variables)), environment_(environment), findings_(findings) {}

  // `depth` is how often a variable's own value is looked into: once, and not at all within `variables`.
  void render(Value& value, unsigned depth) {
    for (Value& item : value.items) render(item, depth);
    for (Value::Member& member : value.members) render(member.value, depth);
    if (!value.is_string()) return;
    if (auto text = rendered(value, value.scalar, depth)) value.scalar = std::move(*text);
  }

 private:
  // A scalar that holds a placeholder, and where it stands in the scalar's own text if it does.
  struct Place {
    const Value& value;
    std::optional<Placeholder> own;
    std::string_view name;
  };

  // Empty when nothing changes.
  std::optional<std::string> rendered(const Value& value, const std::string& text, unsigned depth) {
    std::string result;
    std::size_t copied = 0;
    std::size_t from = 0;
    const bool own_text = &text == &value.scalar;
    while (const auto placeholder = next_placeholder(text, from)) {
      from = placeholder->end;
      const Place place{value, own_text ? placeholder : std::nullopt, placeholder->name};
      const auto replacement = lookup(place, depth);
      if (!replacement || !within_bounds(place, *replacement)) continue;
      result.append(text, copied, placeholder->begin - copied);
      result += *replacement;
      copied = placeholder->end;
    }
    if (copied == 0) return std::nullopt;
    result.append(text, copied);
    return result;
  }

  std::optional<std::string> lookup(const Place& place, unsigned depth) {
    const auto found = variables_.find(std::string(place.name));
    if (found == variables_.end()) return from_environment(place);
    const Value& variable = found->second;
    if (variable.kind != Kind::scalar) {
      report_not_a_scalar(place, variable);
      return std::nullopt;
    }
    if (depth > 0 && variable.is_string()) {
      if (auto text = rendered(place.value, variable.scalar, depth - 1)) return text;
    }
    return variable.text();
  }

  std::optional<std::string> from_environment(const Place& place) {
    const std::string name(place.name);
    auto value = environment_.get(name);
    if (!value || !looks_like_a_secret(name, *value)) return value;
    Diagnostic found = finding_at(place, "placeholder-of-a-secret");
    found.message =
        fmt::format("the environment's `{}` looks like a secret and is not put into the configuration", name);
    found.help =
        "what is rendered is shown and stored: declare it under `secrets` instead; if it is none, give it with "
        "--set or under `variables`";
    findings_.report(std::move(found));
    return std::nullopt;
  }

  // A short text can ask for a huge one: a long variable, named a thousand times.
  bool within_bounds(const Place& place, const std::string& replacement) {
    constexpr std::size_t most_bytes = 64U << 20U;
    const bool was_within = rendered_bytes_ <= most_bytes;
    rendered_bytes_ += replacement.size();
    if (rendered_bytes_ <= most_bytes) return true;
    if (was_within) {
      Diagnostic found = finding_at(place, "expansion-limit");
      found.message = "the placeholders of this file make more than 64 MiB of text";
      found.help = "use shorter variables, or name them less often";
      findings_.report(std::move(found));
    }
    return false;
  }

  void report_not_a_scalar(const Place& place, const Value& variable) {
    Diagnostic found = finding_at(place, "placeholder-not-a-scalar");
    found.message = fmt::format("the variable `{}` is a {} and cannot stand inside a text", place.name,
                                variable.is_sequence() ? "list" : "map");
    found.help = "give the variable a single value, or name another one";
    document::add_related(found, variable.origin, "its value is here");
    findings_.report(std::move(found));
  }

  static Diagnostic finding_at(const Place& place, std::string rule) {
    Diagnostic found;
    found.rule = std::move(rule);
    found.value = place.name;
    found.yaml_path = place.name;
    const document::Origin& origin = place.value.origin;
    if (const auto where = origin.location()) found.location = *where;
    const document::Node* node = origin.node;
    if (place.own && node != nullptr && node->kind == Kind::scalar && node->scalar == place.value.scalar)
      found.location.range = node->document->range_within(*node, place.own->begin, place.own->end);
    found.source = origin.source();
    return found;
  }

  Variables variables_;
  const Environment& environment_;
  DiagnosticSink& findings_;
  std::size_t rendered_bytes_ = 0;
};

void put_given(Value& root, const std::map<std::string, std::string>& set) {
  if (set.empty()) return;
  Value* variables = root.find("variables");
  if (variables == nullptr || !variables->is_mapping()) {
    variables = &root.set("variables", {});
    variables->kind = Kind::mapping;
  }
  for (const auto& [name, text] : set) variables->set(name, Value::string(text));
}

}  // namespace

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

void render_placeholders(Value& root, const std::map<std::string, std::string>& set, const Environment& environment,
                         DiagnosticSink& findings) {
  put_given(root, set);
  Renderer renderer(variables_of(root), environment, findings);
  for (Value::Member& member : root.members) renderer.render(member.value, member.key == "variables" ? 0 : 1);
}

}  // namespace liminal::config
