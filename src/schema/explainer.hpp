// Why a file does not fit the schema. A validator of JSON Schema answers for the whole tree of alternatives; this walks
// the same schema beside the file, chooses among alternatives by `type`, and reports each fault once, at its own key or
// value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/document/document.hpp"

namespace liminal::schema {

class Explainer {
 public:
  Explainer(const nlohmann::json& schema, const document::Document& document, DiagnosticSink& findings);

  // The number of faults reported.
  std::size_t explain();

 private:
  struct Place {
    std::string path;  // YAML path
    std::string what;  // what the object is called: task of type `python`
  };

  void check(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_mapping(const document::Node& node, const nlohmann::json& schema, const Place& place);
  // Of a map: the keys that the schema knows and the map lacks; looked for when the first unknown key asks.
  using LackingKeys = std::optional<std::vector<std::string_view>>;

  void check_member(const document::Node& map, const document::Member& member, const nlohmann::json& schema,
                    const Place& place, LackingKeys& lacking);
  void check_alternatives(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_type(const document::Node& node, const nlohmann::json& types, const Place& place, std::string_view key);
  void check_number(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_enum(const document::Node& node, const nlohmann::json& values, const Place& place);
  void unknown_key(const document::Node& map, const document::Member& member, const nlohmann::json& schema,
                   const Place& place, bool free, LackingKeys& lacking);
  void report(std::string_view rule, Severity severity, const document::Node& node, const Place& place,
              std::string value, std::string message, std::string help);
  [[nodiscard]] const nlohmann::json& resolve(const nlohmann::json& schema) const;

  const nlohmann::json& schema_;
  const document::Document& document_;
  DiagnosticSink& findings_;
  std::size_t reported_ = 0;
};

}  // namespace liminal::schema
