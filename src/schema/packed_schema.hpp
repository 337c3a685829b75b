// A schema as pack/pack_schema wrote it at build time. A file needs few of the definitions, so each is unpacked when it
// is first asked for.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace liminal::schema {

class PackedSchema {
 public:
  // `packed` outlives this.
  explicit PackedSchema(std::string_view packed);

  [[nodiscard]] const nlohmann::json& root() const { return root_; }
  // What `{"$ref": "#/definitions/NAME"}` stands for, else the schema itself. From any thread.
  [[nodiscard]] const nlohmann::json& resolve(const nlohmann::json& schema) const;

 private:
  struct Definition {
    nlohmann::json::binary_t packed;
    nlohmann::json unpacked;
    std::once_flag once;
  };

  nlohmann::json root_;
  // Unpacked behind its `once`.
  mutable std::map<std::string, Definition, std::less<>> definitions_;
};

}  // namespace liminal::schema
