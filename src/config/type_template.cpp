#include "type_template.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "placeholders.hpp"
#include "type_declaration.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::ScalarType;
using document::Value;

constexpr std::size_t most_values = 2'000'000;
constexpr std::size_t most_bytes = 64U << 20U;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("@%+=:,./-_").find(c) != std::string_view::npos;
}

// Up to the end of the braces that begin the text, where the quotes between them can be double ones.
std::size_t length_of_expression(std::string_view text) {
  if (!text.starts_with("{{")) return 0;
  const std::size_t end = text.find("}}");
  if (end == std::string_view::npos) return 0;
  const std::string_view inside = text.substr(0, end + 2);
  const bool mixed = inside.find_first_of("\"\\") != std::string_view::npos;
  return mixed || std::count(inside.begin(), inside.end(), '\'') % 2 != 0 ? 0 : end + 2;
}

}  // namespace

bool TypeBudget::take_bytes(std::size_t count) {
  bytes_ += count;
  exceeded_ = exceeded_ || bytes_ > most_bytes;
  return !exceeded_;
}

bool TypeBudget::take(const Value& value) {
  ++values_;
  exceeded_ = exceeded_ || values_ > most_values;
  bool within = take_bytes(value.scalar.size());
  for (const Value& item : value.items) within = within && take(item);
  for (const Value::Member& member : value.members)
    within = within && take_bytes(member.key.size()) && take(member.value);
  return within;
}

std::string shell_word(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  std::string quoted = "'";
  for (std::size_t at = 0; at < word.size();) {
    if (const std::size_t length = length_of_expression(word.substr(at)); length > 0) {
      for (const char c : word.substr(at, length)) quoted += c == '\'' ? '"' : c;
      at += length;
    } else if (word[at] == '\'') {
      quoted += "'\\''";
      ++at;
    } else {
      quoted += word[at++];
    }
  }
  return quoted + "'";
}

const Value* TypeTemplate::value_of(std::string_view key) const {
  const Value* value = object_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const DeclaredKey* TypeTemplate::alone(const Value& form) const {
  if (!form.is_string()) return nullptr;
  const auto found = next_placeholder(form.scalar, 0);
  const bool whole = found && found->begin == 0 && found->end == form.scalar.size();
  return whole ? type_.find_key(found->name) : nullptr;
}

void TypeTemplate::report_not_a_text(const DeclaredKey& key, const Value& value) {
  Diagnostic found = declaration_finding("schema-type", value.origin, key.name,
                                         fmt::format("`{}` is a {}, and type `{}` puts it into a text", key.name,
                                                     value.is_mapping() ? "map" : "list", type_.name),
                                         "give it a single value");
  document::add_related(found, key.origin, "the key is declared here");
  findings_.report(std::move(found));
}

std::string TypeTemplate::text_of_key(const DeclaredKey& key, const Value& value) {
  if (value.kind != Kind::scalar) {
    report_not_a_text(key, value);
    return {};
  }
  return value.text();
}

std::string TypeTemplate::text(const Value& form) {
  if (!form.is_string()) return form.text();
  std::string result;
  std::size_t copied = 0;
  std::size_t from = 0;
  while (const auto found = next_placeholder(form.scalar, from)) {
    from = found->end;
    const DeclaredKey* key = type_.find_key(found->name);
    if (key == nullptr) continue;
    const Value* value = value_of(key->name);
    const std::string replacement = value == nullptr ? std::string() : text_of_key(*key, *value);
    if (!budget_.take_bytes(replacement.size())) break;
    result.append(form.scalar, copied, found->begin - copied);
    result += replacement;
    copied = found->end;
  }
  return result.append(form.scalar, copied);
}

std::optional<Value> TypeTemplate::rendered(const Value& form) {
  if (const DeclaredKey* key = alone(form)) {
    const Value* value = value_of(key->name);
    if (value == nullptr || !budget_.take(*value)) return std::nullopt;
    return *value;
  }
  if (!budget_.take_bytes(form.scalar.size() + 1)) return std::nullopt;
  if (form.kind == Kind::scalar) {
    Value result = form;
    if (form.is_string()) result.scalar = text(form);
    return result;
  }
  Value result;
  result.kind = form.kind;
  result.origin = form.origin;
  for (const Value& item : form.items) {
    if (auto made = rendered(item)) result.items.push_back(std::move(*made));
  }
  for (const Value::Member& member : form.members) {
    if (auto made = rendered(member.value)) result.members.push_back({member.key, std::move(*made), member.key_origin});
  }
  return result;
}

std::string TypeTemplate::shell_command(const Value& words) {
  std::string command;
  const auto add = [&](std::string_view word) {
    if (!budget_.take_bytes(word.size() + 1)) return;
    command += (command.empty() ? "" : " ") + shell_word(word);
  };
  for (const Value& form : words.items) {
    const DeclaredKey* key = alone(form);
    const Value* value = key == nullptr ? nullptr : value_of(key->name);
    if (value == nullptr || !value->is_sequence()) {
      if (key == nullptr || value != nullptr) add(text(form));
      continue;
    }
    for (const Value& item : value->items) add(text_of_key(*key, item));
  }
  return command;
}

}  // namespace liminal::config
