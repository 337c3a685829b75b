#include "object_size.hpp"

#include <array>

#include <fmt/format.h>

namespace liminal::engine {

namespace {

std::size_t size_of(const Json* members) {
  std::size_t size = 0;
  if (members == nullptr || !members->is_object()) return size;
  for (const auto& [key, value] : members->items())
    size += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : value.dump().size());
  return size;
}

// As JSON at the most, each byte an escape.
std::size_t largest_size(const Json& json) {
  constexpr std::size_t longest_escape = 6;
  constexpr std::size_t longest_number = 32;
  constexpr std::size_t punctuation = 4;
  std::size_t size = punctuation;
  if (json.is_string()) return size + json.get_ref<const std::string&>().size() * longest_escape;
  if (!json.is_structured()) return size + longest_number;
  if (json.is_array()) {
    for (const Json& item : json) size += largest_size(item);
    return size;
  }
  for (const auto& [key, value] : json.items()) size += punctuation + key.size() * longest_escape + largest_size(value);
  return size;
}

std::size_t json_size(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace).size();
}

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::optional<SizeWarning> size_warning(const Json& object) {
  struct Part {
    std::string_view what;
    std::size_t size;
    std::size_t limit;
  };
  const std::string kind = object.value("kind", "");
  const Json* meta = member(object, "metadata");
  const std::size_t data = kind == "ConfigMap" || kind == "Secret" ? size_of(member(object, "data")) : 0;
  const std::size_t annotations = meta == nullptr ? 0 : size_of(member(*meta, "annotations"));
  const std::string name = meta == nullptr ? "" : meta->value("name", "");
  constexpr std::size_t limit_of_all = 3U << 19;
  const std::size_t most = largest_size(object);
  const std::array<Part, 3> parts{{{"the data", data, 1U << 20},
                                   {"the annotations", annotations, 256U << 10},
                                   {"all", most * 4 < limit_of_all * 3 ? most : json_size(object), limit_of_all}}};
  for (const Part& part : parts) {
    if (part.size * 4 < part.limit * 3) continue;
    return SizeWarning{part.size > part.limit,
                       fmt::format("{} of the {} `{}` has {} KiB, and a cluster takes {} KiB at most", part.what, kind,
                                   name, part.size >> 10, part.limit >> 10)};
  }
  return std::nullopt;
}

}  // namespace liminal::engine
