#include "python_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::engine::python {

namespace {

std::string enclosed(std::string_view open, const std::vector<std::string>& items, std::string_view close) {
  std::string result(open);
  if (!items.empty()) {
    result += '\n';
    for (const std::string& item : items) result += indented(item) + ",\n";
  }
  result += close;
  return result;
}

bool needs_no_escape(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace

std::string indented(std::string_view text) {
  constexpr std::string_view indentation = "    ";
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  std::string result;
  result.reserve(text.size() + lines * indentation.size());
  while (true) {
    result += indentation;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return result += text;
    result += text.substr(0, end + 1);
    text.remove_prefix(end + 1);
  }
}

std::string literal(std::string_view text) {
  if (needs_no_escape(text)) return '"' + std::string(text) + '"';
  // JSON's escapes are Python's, but for characters beyond 16 bits, which JSON writes as two halves.
  const std::string json = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string result;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const auto unit = [&](std::size_t from) { return std::stoul(json.substr(from + 2, 4), nullptr, 16); };
    if (json[at] == '\x7f') {
      result += "\\x7f";
    } else if (json[at] != '\\') {
      result += json[at];
    } else if (json[at + 1] == 'u' && unit(at) >= 0xD800 && unit(at) < 0xDC00) {
      const unsigned long code = 0x10000 + ((unit(at) - 0xD800) << 10) + (unit(at + 6) - 0xDC00);
      constexpr std::string_view digits = "0123456789abcdef";
      result += "\\U";
      for (int shift = 28; shift >= 0; shift -= 4) result += digits[(code >> shift) & 0xF];
      at += 11;
    } else {
      result += json[at];
      result += json[++at];
    }
  }
  return result;
}

std::string json_literal(const Json& value) {
  if (value.is_string()) return literal(std::string_view(value.get_ref<const std::string&>()));
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const Json& item : value) items.push_back(json_literal(item));
    return list(items);
  }
  if (value.is_object()) {
    Arguments members;
    for (const auto& [key, member] : value.items())
      members.emplace_back(literal(std::string_view(key)), json_literal(member));
    return dictionary(members);
  }
  return value.dump();
}

std::string call(std::string_view function, const Arguments& arguments) {
  std::vector<std::string> items;
  for (const auto& [name, value] : arguments) items.push_back(name.empty() ? value : fmt::format("{}={}", name, value));
  return enclosed(std::string(function) + "(", items, ")");
}

std::string list(const std::vector<std::string>& items) {
  return enclosed("[", items, "]");
}

std::string dictionary(const Arguments& members) {
  std::vector<std::string> items;
  for (const auto& [name, value] : members) items.push_back(fmt::format("{}: {}", name, value));
  return enclosed("{", items, "}");
}

}  // namespace liminal::engine::python
