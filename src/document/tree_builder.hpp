// Builds the tree from the YAML reader's events.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "document_data.hpp"

namespace liminal::document {

// Thrown to make the reader stop once a finding has been reported; never leaves this layer.
struct StopReading {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(DocumentData& document, DiagnosticSink& findings, const Limits& limits);

  // What was read until now, when the reader had to stop in the middle.
  void close_open();

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
  [[noreturn]] void stop(std::string_view rule, std::uint32_t begin, std::uint32_t end, std::string message,
                         std::string help);

  DocumentData& document_;
  DiagnosticSink& findings_;
  Limits limits_;
  std::string_view source_;
  std::vector<Open> open_;
  std::vector<const Node*> children_;  // of all open lists and maps, keys and values in turn
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace liminal::document
