// A YAML file as a tree in which every key and value knows where it stands in the source (YAML 1.1, as PyYAML reads
// it).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/diagnostic/diagnostic.hpp"

namespace liminal::document {

enum class Kind : std::uint8_t { scalar, sequence, mapping };
enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal, folded, block, flow };
// What a scalar is by the rules of YAML 1.1 as PyYAML's safe loader applies them.
enum class ScalarType : std::uint8_t { null, boolean, integer, floating, timestamp, string };

class Document;
struct Member;

// One value. Owned by its Document, which must outlive it.
struct Node {
  Kind kind = Kind::scalar;
  Style style = Style::plain;
  ScalarType scalar_type = ScalarType::null;
  const Document* document = nullptr;
  std::uint32_t begin = 0;  // bytes into the source: the value's own text, without anchor and tag
  std::uint32_t end = 0;
  std::string_view scalar;             // decoded text of a scalar
  std::span<const Node* const> items;  // of a sequence; an alias is the anchored node itself
  std::span<const Member> members;     // of a mapping, in the order of the source, merge keys (<<) already applied

  // The value of a key, or null. Of duplicate keys (an error of its own) the last, as PyYAML has it.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Member {
  const Node* key = nullptr;
  const Node* value = nullptr;
  bool merged = false;  // came through <<
};

// What a scalar means: numbers, booleans and so on as PyYAML would construct them.
[[nodiscard]] std::optional<bool> as_boolean(const Node& node);
[[nodiscard]] std::optional<std::int64_t> as_integer(const Node& node);
[[nodiscard]] std::optional<double> as_number(const Node& node);
// The type a plain scalar of this text has.
[[nodiscard]] ScalarType classify_plain(std::string_view text);
// The boolean, integer or float that a plain scalar of this text is (010 is 8, 1:30 is 90, 1_000 is 1000); else empty.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
[[nodiscard]] std::optional<double> parse_float(std::string_view text);

class Document {
 public:
  virtual ~Document() = default;
  [[nodiscard]] virtual const std::string& file() const = 0;  // as it is shown in findings
  [[nodiscard]] virtual const std::shared_ptr<const std::string>& source() const = 0;
  // Null when the file holds nothing, or nothing that could be read.
  [[nodiscard]] virtual const Node* root() const = 0;
  [[nodiscard]] virtual Position position(std::uint32_t offset) const = 0;

  [[nodiscard]] Range range(const Node& node) const { return {position(node.begin), position(node.end)}; }
  // The source range of bytes [from, to) of a scalar's decoded text, through escapes, folds and indentation.
  [[nodiscard]] virtual Range range_within(const Node& scalar, std::size_t from, std::size_t to) const = 0;
};

struct Limits {
  std::size_t bytes = 64U << 20;
  std::size_t depth = 200;
  std::size_t expanded_nodes = 1'000'000;  // counted through aliases: an alias bomb is an error
};

// Reads one document. What is wrong is reported (rules: yaml-syntax, duplicate-key, alias-bomb, encoding,
// several-documents) and what could still be read is returned; never null. `file` is the name shown in findings.
[[nodiscard]] std::unique_ptr<Document> parse(std::string file, std::string source, DiagnosticSink& findings,
                                              const Limits& limits = {});

}  // namespace liminal::document
