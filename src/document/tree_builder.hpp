// Builds the tree from the YAML reader's events.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "document_data.hpp"
#include "scalar_text.hpp"

namespace liminal::document {

// Thrown to make the reader stop once a finding has been reported; never leaves this layer.
struct StopReading {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  // `text` is what is read: the document's source, or a mended copy of the same length. Values are views of the source.
  TreeBuilder(DocumentData& document, std::string_view text, DiagnosticSink& findings, const Limits& limits);

  // What was read until now, when the reader had to stop in the middle.
  void close_open();
  // Where the last thing that was read ends.
  [[nodiscard]] std::uint32_t cursor() const { return cursor_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // A list or map whose end has not come yet.
  struct Open {
    Node* node = nullptr;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    std::size_t first_child = 0;  // into children_
    // Of a block collection's entries, from 0: what the indentation of a block scalar in it counts from.
    int column = 0;
    bool column_known = true;
  };
  struct Anchored {
    const Node* node = nullptr;
    std::size_t nodes = 0;  // counted through aliases
  };

  Node* make_node(Kind kind, std::uint32_t begin);
  void open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style);
  void close();
  void add(const Node* node, YAML::anchor_t anchor, std::size_t nodes);
  void fill_mapping(Node& node, std::size_t first_child);
  void count_nodes(std::size_t nodes, std::uint32_t offset);
  [[nodiscard]] std::uint32_t offset_of(const YAML::Mark& mark) const;
  [[nodiscard]] std::uint32_t skip_properties(std::uint32_t offset) const;
  [[nodiscard]] bool expects_key() const;
  [[nodiscard]] bool is_written_null(std::uint32_t begin) const;
  [[nodiscard]] std::uint32_t place_of_missing_value() const;
  [[nodiscard]] int column_of(std::uint32_t offset) const;
  [[nodiscard]] int column_around() const;
  [[nodiscard]] std::uint32_t end_of(const Node& node) const;
  void note_column(std::uint32_t offset);
  void scan(Node& node, std::string_view value);
  // Reports an escape for the character that ends a text of C.
  void check_zero(const Node& scalar);
  void check_tag(const YAML::Mark& mark, std::string_view tag, std::string_view own);
  [[nodiscard]] bool is_placeholder(const Node& mapping, std::size_t first_child) const;
  void check_key(const Node& key, std::unordered_map<std::string_view, const Node*>& seen);
  void merge_members(const Node& value, std::vector<Member>& members,
                     std::unordered_map<std::string_view, const Node*>& seen);
  [[noreturn]] void stop(std::string_view rule, std::uint32_t begin, std::uint32_t end, std::string message,
                         std::string help);

  DocumentData& document_;
  DiagnosticSink& findings_;
  Limits limits_;
  std::string_view source_;    // as it is read
  std::string_view original_;  // as it stands in the file
  std::vector<Open> open_;
  std::vector<const Node*> children_;  // of all open lists and maps, keys and values in turn
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::uint32_t cursor_ = 0;  // where the last thing that was read ends
  ScalarText decoded_;
};

}  // namespace liminal::document
