// Runs at build time: pack_schema SCHEMA.json OUTPUT writes the schema as MessagePack without what only people read:
// {root: BYTES, definitions: {NAME: BYTES}}, so that each definition can be unpacked by itself.
#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string_view>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> annotations{"description", "examples", "default", "$comment"};

void strip(json& schema);

// Their keys are names of the format's own, `description` among them, and their values are schemas.
void strip_values(json& schemas) {
  for (json& schema : schemas) strip(schema);
}

void strip(json& schema) {
  if (schema.is_array()) return strip_values(schema);
  if (!schema.is_object()) return;
  // What nothing reads is described to who wrote it.
  const bool told = schema.contains("deprecated");
  for (const char* annotation : annotations) {
    if (!told || annotation != std::string_view("description")) schema.erase(annotation);
  }
  for (auto& [key, value] : schema.items()) {
    if (key == "properties" || key == "definitions") {
      strip_values(value);
    } else if (value.is_structured()) {
      strip(value);
    }
  }
}

int pack(const char* from, const char* to) {
  std::ifstream input(from);
  json schema = json::parse(input);
  strip(schema);
  json definitions = json::object();
  for (const auto& [name, definition] : schema.at("definitions").items())
    definitions[name] = json::binary(json::to_msgpack(definition));
  schema.erase("definitions");
  const json whole = {{"root", json::binary(json::to_msgpack(schema))}, {"definitions", std::move(definitions)}};
  std::ofstream output(to, std::ios::binary);
  const std::vector<std::uint8_t> packed = json::to_msgpack(whole);
  output.write(reinterpret_cast<const char*>(packed.data()), static_cast<std::streamsize>(packed.size()));
  output.close();
  if (output) return 0;
  std::fprintf(stderr, "%s cannot be written\n", to);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  try {
    return pack(arguments[1], arguments[2]);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], problem.what());
    return 1;
  }
}
