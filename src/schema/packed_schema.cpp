#include "packed_schema.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace liminal::schema {

namespace {

using nlohmann::json;

template <class Bytes>
json unpack(const Bytes& packed) {
  json schema;
  // What from_msgpack() does, but for its copy of the whole.
  nlohmann::detail::json_sax_dom_parser<json> builder(schema);
  json::sax_parse(packed, &builder, json::input_format_t::msgpack);
  return schema;
}

}  // namespace

PackedSchema::PackedSchema(std::string_view packed) {
  json whole = unpack(packed);
  root_ = unpack(whole.at("root").get_binary());
  for (auto& [name, bytes] : whole.at("definitions").items()) definitions_[name].packed = std::move(bytes.get_binary());
}

const json& PackedSchema::resolve(const json& schema) const {
  constexpr std::string_view prefix = "#/definitions/";
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return schema;
  const std::string_view path = std::string_view(reference->get_ref<const std::string&>()).substr(prefix.size());
  const std::size_t end = std::min(path.find('/'), path.size());
  Definition& definition = definitions_.find(path.substr(0, end))->second;
  std::call_once(definition.once, [&] { definition.unpacked = unpack(definition.packed); });
  // What stands within a definition is named by a JSON Pointer (RFC 6901).
  if (end == path.size()) return definition.unpacked;
  return definition.unpacked.at(json::json_pointer(std::string(path.substr(end))));
}

}  // namespace liminal::schema
