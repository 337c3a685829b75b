#include "type_template.hpp"

#include <fmt/format.h>

#include "placeholders.hpp"
#include "type_declaration.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::Value;

constexpr std::size_t most_values = 500'000;
constexpr std::size_t most_bytes = 16U << 20U;

}  // namespace

bool TypeBudget::take(std::size_t values, std::size_t bytes) {
  values_ += values;
  bytes_ += bytes;
  exceeded_ = exceeded_ || values_ > most_values || bytes_ > most_bytes;
  return !exceeded_;
}

bool TypeBudget::take(const Value& value) {
  bool within = take(1, value.scalar.size());
  for (const Value& item : value.items) within = within && take(item);
  for (const Value::Member& member : value.members) within = within && take(0, member.key.size()) && take(member.value);
  return within;
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
  Diagnostic found = document::finding_at("schema-type", value.origin, path_ + "." + key.name, key.name,
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
    if (!budget_.take(0, replacement.size())) break;
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
  if (!budget_.take(1, form.scalar.size())) return std::nullopt;
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

Value TypeTemplate::words(const Value& forms) {
  Value command;
  command.kind = Kind::sequence;
  command.origin = forms.origin;
  const auto add = [&](std::string word, const document::Origin& origin) {
    if (!budget_.take(1, word.size())) return;
    command.items.push_back(Value::string(std::move(word)));
    command.items.back().origin = origin;
  };
  for (const Value& form : forms.items) {
    const DeclaredKey* key = alone(form);
    if (key == nullptr) {
      add(text(form), form.origin);
      continue;
    }
    const Value* value = value_of(key->name);
    if (value == nullptr) continue;
    if (value->is_sequence()) {
      for (const Value& item : value->items) add(text_of_key(*key, item), item.origin);
    } else {
      add(text_of_key(*key, *value), value->origin);
    }
  }
  return command;
}

}  // namespace liminal::config
