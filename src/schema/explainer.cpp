#include "explainer.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/document/value.hpp"

namespace liminal::schema {

namespace {

using document::Kind;
using document::Member;
using document::Node;
using document::ScalarType;
using nlohmann::json;

// The keys that name an object: what its item in a list is called by.
constexpr std::array<std::string_view, 9> naming_keys{"task",     "pipeline", "image", "volume",  "secret",
                                                      "executor", "service",  "mount", "endpoint"};

// What is a key of something else: it is no slip of the key here that looks like it.
struct Elsewhere {
  std::string_view title;  // of the object that does not have it
  std::string_view key;
  std::string_view help;
};
constexpr std::string_view of_executors =
    "it is the executor's: put it there as `container_resources`, and name the executor by `executor`";
constexpr std::array<Elsewhere, 4> elsewhere{{{"Task", "resources", of_executors},
                                              {"Task", "container_resources", of_executors},
                                              {"Defaults of a task type", "resources", of_executors},
                                              {"Defaults of a task type", "container_resources", of_executors}}};

std::string_view help_elsewhere(const json* object, std::string_view key) {
  if (object == nullptr) return {};
  const std::string title = object->value("title", "");
  const auto found = std::find_if(elsewhere.begin(), elsewhere.end(),
                                  [&](const Elsewhere& one) { return one.title == title && one.key == key; });
  return found == elsewhere.end() ? std::string_view() : found->help;
}

std::string_view type_of(const Node& node) {
  if (node.kind == Kind::sequence) return "array";
  if (node.kind == Kind::mapping) return "object";
  switch (node.scalar_type) {
    case ScalarType::null:
      return "null";
    case ScalarType::boolean:
      return "boolean";
    case ScalarType::integer:
      return "integer";
    case ScalarType::floating:
      return "number";
    default:
      return "string";
  }
}

std::string_view spoken(std::string_view type) {
  if (type == "array") return "a list";
  if (type == "object") return "a map";
  if (type == "null") return "empty";
  if (type == "boolean") return "a boolean";
  if (type == "integer") return "a whole number";
  return type == "number" ? "a number" : "a text";
}

bool is_type(std::string_view actual, const json& type) {
  const auto& name = type.get_ref<const std::string&>();
  return name == actual || (name == "number" && actual == "integer");
}

// `types` is the name of one, or a list of names.
bool fits(const Node& node, const json& types) {
  const std::string_view actual = type_of(node);
  if (types.is_string()) return is_type(actual, types);
  return std::any_of(types.begin(), types.end(), [&](const json& type) { return is_type(actual, type); });
}

bool is_placeholder(const Node& node) {
  return node.kind == Kind::scalar && document::holds_template(node.scalar);
}

bool holds(const json& values, std::string_view word) {
  return std::any_of(values.begin(), values.end(), [&](const json& value) {
    return value.is_string() && value.get_ref<const std::string&>() == word;
  });
}

std::string quoted(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", word);
  return text;
}

// The name that stands for an item of a list in a path: pipelines[wine] rather than pipelines[0].
std::optional<std::string_view> name_of(const Node& item) {
  // In a service or task, `image` only refers: its own name comes first in the object.
  if (item.kind != Kind::mapping || item.members.empty()) return std::nullopt;
  const Member& first = item.members.front();
  const bool names = std::find(naming_keys.begin(), naming_keys.end(), first.key->scalar) != naming_keys.end();
  return names && !first.value->scalar.empty() ? std::optional(first.value->scalar) : std::nullopt;
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// JSON Schema's word (2019-09) for what may be written and should not be. Here: nothing reads it.
bool is_deprecated(const json& schema) {
  return schema.is_object() && schema.value("deprecated", false);
}

// A sentence as helps are written: neither capital nor full stop.
std::string as_help(std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  return in_lower_case(sentence.substr(0, 1)) + sentence.substr(std::min<std::size_t>(1, sentence.size()));
}

// Those that are worth writing.
std::vector<std::string_view> keys_of(const json& schema) {
  std::vector<std::string_view> keys;
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    for (const auto& [key, property] : properties->items()) {
      if (!is_deprecated(property)) keys.push_back(key);
    }
  }
  return keys;
}

// The key of `map` that another is a slip of, as where a line was copied to be changed.
const Node* near_key(const Node& map, std::string_view slip, const json& schema) {
  const auto likely = nearest(slip, keys_of(schema));
  const auto found = std::find_if(map.members.begin(), map.members.end(),
                                  [&](const Member& member) { return likely && member.key->scalar == *likely; });
  return found == map.members.end() ? nullptr : found->key;
}

}  // namespace

std::string Explainer::Place::path() const {
  if (above == nullptr) return {};
  std::string text = above->path();
  if (item == nullptr) return text.empty() ? std::string(key) : fmt::format("{}.{}", text, key);
  const auto name = name_of(*item);
  return name ? fmt::format("{}[{}]", text, *name) : fmt::format("{}[{}]", text, index);
}

std::string Explainer::Place::what() const {
  if (above == nullptr) return "file";
  if (titled == nullptr) return std::string(key);
  const std::string text = in_lower_case(titled->value("title", std::string(key)));
  return type.empty() ? text : fmt::format("{} of type `{}`", text, type);
}

std::string Explainer::Place::with_article() const {
  // Only an item of a list is one of several; what stands under a key of its own is called by where it is.
  if (item == nullptr) return fmt::format("`{}`", path());
  const std::string text = what();
  const bool vowel = std::string_view("aeiou").find(text.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", text);
}

std::string Explainer::Place::as_subject() const {
  return above == nullptr || item != nullptr ? fmt::format("this {}", what()) : fmt::format("`{}`", path());
}

std::string Explainer::Place::name() const {
  const std::string whole = path();
  const std::size_t dot = whole.rfind('.');
  return dot == std::string::npos ? whole : whole.substr(dot + 1);
}

Explainer::Explainer(const PackedSchema& schema, const document::Document& document, DiagnosticSink& findings)
    : schema_(schema), document_(document), findings_(findings) {}

Explainer& Explainer::without_placeholders() {
  placeholders_ = false;
  return *this;
}

Explainer& Explainer::with_rendered(const Rendered& rendered) {
  rendered_ = &rendered;
  return *this;
}

void Explainer::explain() {
  if (document_.root() != nullptr) check(*document_.root(), schema_.root(), {});
}

Diagnostic Explainer::finding(std::string_view rule, const Node& node, const Place& place, std::string value,
                              std::string message) const {
  Diagnostic found;
  found.rule = rule;
  found.message = std::move(message);
  found.location = {document_.file(), document_.range(node)};
  found.yaml_path = place.path();
  found.value = std::move(value);
  found.source = document_.source();
  return found;
}

void Explainer::report(std::string_view rule, const Node& node, const Place& place, std::string value,
                       std::string message, std::string help) {
  Diagnostic found = finding(rule, node, place, std::move(value), std::move(message));
  found.help = std::move(help);
  findings_.report(std::move(found));
}

void Explainer::check(const Node& node, const json& unresolved, const Place& place) {
  const json& schema = resolve(unresolved);
  if (schema.contains("oneOf")) return check_alternatives(node, schema, place);
  if (const auto any = schema.find("anyOf"); any != schema.end()) {
    return is_placeholder(node) ? check_rendered(node, any->front(), place) : check(node, any->front(), place);
  }
  if (const auto types = schema.find("type"); types != schema.end() && !fits(node, *types))
    return check_type(node, *types, place);
  if (const auto values = schema.find("enum"); values != schema.end()) {
    if (placeholders_ && is_placeholder(node)) return check_rendered(node, schema, place);
    check_enum(node, *values, place);
  }
  if (schema.contains("minimum") || schema.contains("maximum")) check_number(node, schema, place);
  if (node.kind == Kind::mapping) check_mapping(node, schema, place);
  if (const auto items = schema.find("items"); items != schema.end() && node.kind == Kind::sequence) {
    for (std::size_t i = 0; i < node.items.size() && !findings_.full(document_.file()); ++i)
      check(*node.items[i], *items, {&place, place.key, node.items[i], i, place.titled, {}});
  }
}

// The value itself is not told: it may come from anywhere.
void Explainer::check_rendered(const Node& node, const json& schema, const Place& place) {
  if (rendered_ == nullptr) return;
  const auto [begin, end] = rendered_->equal_range(&node);
  for (auto each = begin; each != end; ++each) {
    const std::string& text = each->second;
    if (document::holds_template(text))
      return report("schema-value", node, place, std::string(node.scalar),
                    fmt::format("`{}` is a placeholder that nothing gives a value", place.name()),
                    "set it in `variables`, or by `--set NAME=VALUE`");
    Node now = node;
    now.scalar = text;
    now.style = document::Style::plain;
    now.scalar_type = text.empty() ? document::ScalarType::string : document::classify_plain(text);
    DiagnosticList found;
    Explainer(schema_, document_, found).check(now, schema, place);
    if (!found.items.empty())
      return report("schema-value", node, place, std::string(node.scalar),
                    fmt::format("`{}` cannot be what this placeholder becomes", place.name()),
                    std::move(found.items.front().help));
  }
}

void Explainer::check_type(const Node& node, const json& types, const Place& place) {
  std::string list;
  for (const json& type : types.is_array() ? types : json::array({types})) {
    const auto& name = type.get_ref<const std::string&>();
    if (name != "null") list += fmt::format("{}{}", list.empty() ? "" : " or ", spoken(name));
  }
  const std::string_view actual = type_of(node);
  const std::string name = place.name();
  const std::string subject = name.empty() ? std::string("the file") : fmt::format("`{}`", name);
  if (actual == "null") {
    report("schema-type", node, place, "null", fmt::format("{} has no value", subject),
           name.empty() ? std::string("write the file's keys, `name` first; `liminal init DIR` makes an example")
                        : fmt::format("give it {}, or remove the key", list));
    return;
  }
  report("schema-type", node, place, std::string(node.scalar.substr(0, 100)),
         fmt::format("{} must be {}, and this is {}", subject, list, spoken(actual)), fmt::format("write {}", list));
}

void Explainer::check_number(const Node& node, const json& schema, const Place& place) {
  const auto number = document::as_number(node);
  if (!number) return;
  const auto least = schema.find("minimum");
  const auto most = schema.find("maximum");
  const bool low = least != schema.end() && *number < least->get<double>();
  const bool high = most != schema.end() && *number > most->get<double>();
  if (!low && !high) return;
  report("schema-value", node, place, std::string(node.scalar),
         fmt::format("`{}` cannot be {}", place.name(), node.scalar),
         low ? fmt::format("the least is {}", least->dump()) : fmt::format("the most is {}", most->dump()));
}

void Explainer::check_enum(const Node& node, const json& values, const Place& place) {
  if (holds(values, node.scalar)) return;
  std::vector<std::string_view> words;
  for (const json& value : values) {
    if (value.is_string()) words.push_back(value.get_ref<const std::string&>());
  }
  const auto likely = nearest(node.scalar, words);
  report("schema-value", node, place, std::string(node.scalar),
         fmt::format("`{}` cannot be `{}`", place.name(), node.scalar),
         likely ? fmt::format("did you mean `{}`?", *likely) : fmt::format("write one of {}", quoted(words)));
}

// The alternative whose `type` is the object's. What has no type, or one that nobody knows, is the plug-in's: the last
// one.
void Explainer::check_alternatives(const Node& node, const json& schema, const Place& place) {
  if (node.kind != Kind::mapping) return check_type(node, "object", place);
  const Node* type = node.find("type");
  std::string_view type_name = type == nullptr ? std::string_view() : type->scalar;
  if (type != nullptr && rendered_ != nullptr) {
    if (const auto found = rendered_->find(type); found != rendered_->end()) type_name = found->second;
  }
  const json& alternatives = schema.at("oneOf");
  const auto chosen = std::find_if(alternatives.begin(), std::prev(alternatives.end()), [&](const json& alternative) {
    const json& names = resolve(alternative).at("properties").at("type");
    return type != nullptr && names.contains("enum") && holds(names.at("enum"), type_name);
  });
  check(node, resolve(*chosen), {place.above, place.key, place.item, place.index, &schema, type_name});
}

void Explainer::check_mapping(const Node& node, const json& schema, const Place& place) {
  if (const auto required = schema.find("required"); required != schema.end()) {
    for (const json& entry : *required) {
      const auto& key = entry.get_ref<const std::string&>();
      if (node.find(key) != nullptr) continue;
      // The first key stands for the object: underlining all of it would hide where it is.
      const Node& shown = node.members.empty() ? node : *node.members.front().key;
      report("schema-required", shown, place, key, fmt::format("{} has no `{}`", place.as_subject(), key),
             fmt::format("add `{}:`", key));
    }
  }
  LackingKeys lacking;
  for (const Member& member : node.members) {
    if (findings_.full(document_.file())) return;
    check_member(node, member, schema, place, lacking);
  }
}

void Explainer::check_member(const Node& map, const Member& member, const json& schema, const Place& place,
                             LackingKeys& lacking) {
  const std::string_view key = member.key->scalar;
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    if (const auto property = properties->find(key); property != properties->end()) {
      const json& resolved = resolve(*property);
      if (is_deprecated(resolved)) return report_ignored(member, place, resolved);
      const auto items = resolved.find("items");
      const json* titled = items == resolved.end() ? &resolved : &resolve(*items);
      return check(*member.value, resolved, {&place, key, nullptr, 0, titled, {}});
    }
  }
  const auto further = schema.find("additionalProperties");
  if (further == schema.end()) return;
  if (is_deprecated(*further)) {
    if (!report_unknown(map, member, schema, place, true, lacking)) report_ignored(member, place, *further);
  } else if (further->is_object()) {
    check(*member.value, *further, {&place, key, nullptr, 0, nullptr, {}});
  } else {
    report_unknown(map, member, schema, place, further->get<bool>(), lacking);
  }
}

void Explainer::report_ignored(const Member& member, const Place& place, const json& schema) {
  const std::string key(member.key->scalar);
  Diagnostic found = finding("ignored-key", *member.key, {&place, key, nullptr, 0, nullptr, {}}, key,
                             fmt::format("`{}` has no effect", key));
  found.severity = Severity::warning;
  found.help = as_help(schema.value("description", ""));
  findings_.report(std::move(found));
}

bool Explainer::report_unknown(const Node& map, const Member& member, const json& schema, const Place& place, bool free,
                               LackingKeys& lacking) {
  const std::string key(member.key->scalar);
  if (!lacking) {
    lacking = keys_of(schema);
    std::erase_if(*lacking, [&](std::string_view known) { return map.find(known) != nullptr; });
  }
  const std::string_view other = help_elsewhere(place.titled, key);
  const auto likely = other.empty() ? nearest(key, *lacking) : std::nullopt;
  const Node* meant = likely || !other.empty() ? nullptr : near_key(map, key, schema);
  // Where any key is legal, only what is nearly a known key is worth a word.
  constexpr std::size_t shortest_slip = 4;
  const std::string_view near = meant != nullptr ? meant->scalar : likely ? std::string_view(*likely) : "";
  if (free && (near.empty() || key.size() < shortest_slip || edit_distance(key, near) > 2)) return false;
  Diagnostic found =
      finding("unknown-key", *member.key, {&place, key, nullptr, 0, nullptr, {}}, key,
              fmt::format("`{}` is not a key of {}", key, place.above == nullptr ? "the file" : place.with_article()));
  found.severity = free ? Severity::warning : Severity::error;
  if (!other.empty()) {
    found.help = other;
  } else if (likely) {
    found.help = fmt::format("did you mean `{}`?", *likely);
    found.fix = Fix{fmt::format("replace `{}` by `{}`", key, *likely), found.location.range, *likely, false};
  } else if (meant != nullptr) {
    found.help = fmt::format("remove it, or put its value at `{}`, which is there too", meant->scalar);
    found.related.push_back(
        {{document_.file(), document_.range(*meant)}, fmt::format("`{}` is here", meant->scalar), nullptr});
  } else {
    found.help = fmt::format("its keys are {}", quoted(keys_of(schema)));
  }
  findings_.report(std::move(found));
  return true;
}

}  // namespace liminal::schema
