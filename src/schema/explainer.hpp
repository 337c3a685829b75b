// Whether a file fits the schema, and why not. A validator of JSON Schema answers for the whole tree of alternatives;
// this walks the same schema beside the file, chooses among alternatives by `type`, and reports each fault once, at its
// own key or value. A test compares its verdict with valijson's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/document/document.hpp"
#include "liminal/schema/schema.hpp"

#include "packed_schema.hpp"

namespace liminal::schema {

class Explainer {
 public:
  Explainer(const PackedSchema& schema, const document::Document& document, DiagnosticSink& findings);

  // For a file whose {{ }} no variable stands for: they are no value that may turn out right.
  Explainer& without_placeholders();
  // What placeholders have become; outlives the explainer.
  Explainer& with_rendered(const Rendered& rendered);
  void explain();

 private:
  // Where the walk is. Made into words only when there is a fault to report: nearly every place has none.
  struct Place {
    const Place* above = nullptr;  // null: the file
    std::string_view key;          // of a map's member; empty for an item of a list
    const document::Node* item = nullptr;
    std::size_t index = 0;
    const nlohmann::json* titled = nullptr;  // the schema whose title the object is called by
    std::string_view type;                   // of the chosen alternative

    [[nodiscard]] std::string path() const;          // pipelines[wine].tasks[train]
    [[nodiscard]] std::string what() const;          // task of type `python`
    [[nodiscard]] std::string with_article() const;  // a task of type `python`, or `task_defaults.python`
    [[nodiscard]] std::string as_subject() const;    // the same with `this`
    [[nodiscard]] std::string name() const;          // the end of the path, which messages call the value by
  };
  // Of a map: the keys that the schema knows and the map lacks; looked for when the first unknown key asks.
  using LackingKeys = std::optional<std::vector<std::string_view>>;

  void check(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_mapping(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_member(const document::Node& map, const document::Member& member, const nlohmann::json& schema,
                    const Place& place, LackingKeys& lacking);
  void check_alternatives(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_type(const document::Node& node, const nlohmann::json& types, const Place& place);
  void check_number(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_rendered(const document::Node& node, const nlohmann::json& schema, const Place& place);
  void check_enum(const document::Node& node, const nlohmann::json& values, const Place& place);
  // Where any key is legal (`free`), only what is nearly a known key is reported: whether it was.
  bool report_unknown(const document::Node& map, const document::Member& member, const nlohmann::json& schema,
                      const Place& place, bool free, LackingKeys& lacking);
  void report_ignored(const document::Member& member, const Place& place, const nlohmann::json& schema);
  // At a value, or at a key.
  [[nodiscard]] Diagnostic finding(std::string_view rule, const document::Node& node, const Place& place,
                                   std::string value, std::string message) const;
  void report(std::string_view rule, const document::Node& node, const Place& place, std::string value,
              std::string message, std::string help);
  [[nodiscard]] const nlohmann::json& resolve(const nlohmann::json& schema) const { return schema_.resolve(schema); }

  const PackedSchema& schema_;
  const document::Document& document_;
  DiagnosticSink& findings_;
  const Rendered* rendered_ = nullptr;
  bool placeholders_ = true;
};

}  // namespace liminal::schema
