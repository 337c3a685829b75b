#include "tree_builder.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "scalar_source.hpp"
#include "syntax_error.hpp"

namespace liminal::document {

namespace {

template <class T>
std::span<T> copy_to_arena(std::pmr::memory_resource& arena, std::span<const T> items) {
  if (items.empty()) return {};
  auto* memory = static_cast<T*>(arena.allocate(items.size_bytes(), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), memory);
  return {memory, items.size()};
}

std::string_view copy_to_arena(std::pmr::memory_resource& arena, std::string_view text) {
  if (text.empty()) return {};
  auto* memory = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(memory, text.data(), text.size());
  return {memory, text.size()};
}

constexpr std::string_view yaml_tag = "tag:yaml.org,2002:";

// The type an explicit tag gives; empty for one that is not of YAML's own.
std::optional<ScalarType> type_of_tag(std::string_view tag) {
  if (!tag.starts_with(yaml_tag)) return std::nullopt;
  const std::string_view name = tag.substr(yaml_tag.size());
  if (name == "str") return ScalarType::string;
  if (name == "int") return ScalarType::integer;
  if (name == "float") return ScalarType::floating;
  if (name == "bool") return ScalarType::boolean;
  if (name == "null") return ScalarType::null;
  if (name == "timestamp") return ScalarType::timestamp;
  return std::nullopt;
}

bool is_untagged(std::string_view tag) {
  return tag.empty() || tag == "?" || tag == "!";
}

bool is_merge_key(const Node& key) {
  return key.kind == Kind::scalar && key.style == Style::plain && key.scalar == "<<";
}

}  // namespace

TreeBuilder::TreeBuilder(DocumentData& document, DiagnosticSink& findings, const Limits& limits)
    : document_(document), findings_(findings), limits_(limits), source_(*document.source()) {}

std::uint32_t TreeBuilder::offset_of(const YAML::Mark& mark) const {
  return std::min(static_cast<std::uint32_t>(std::max(mark.pos, 0)), static_cast<std::uint32_t>(source_.size()));
}

// The reader marks a value with an anchor or a tag at these; the value's own text comes behind them.
std::uint32_t TreeBuilder::skip_properties(std::uint32_t offset) const {
  while (offset < source_.size() && (source_[offset] == '&' || source_[offset] == '!')) {
    const std::size_t end = std::min(source_.find_first_of(" \t\r\n,]}", offset), source_.size());
    offset = static_cast<std::uint32_t>(std::min(source_.find_first_not_of(" \t\r\n", end), source_.size()));
  }
  return offset;
}

void TreeBuilder::stop(std::string_view rule, std::uint32_t begin, std::uint32_t end, std::string message,
                       std::string help) {
  findings_.report(reading_finding(document_, rule, begin, end, std::move(message), std::move(help)));
  throw StopReading{};
}

void TreeBuilder::count_nodes(std::size_t nodes, std::uint32_t offset) {
  nodes_ += nodes;
  if (nodes_ > limits_.expanded_nodes) {
    stop("alias-bomb", offset, offset + 1,
         fmt::format("the file grows to more than {} values through its aliases", limits_.expanded_nodes),
         "write the values out, or use fewer aliases of aliases");
  }
}

Node* TreeBuilder::make_node(Kind kind, std::uint32_t begin) {
  Node* node = new (document_.arena().allocate(sizeof(Node), alignof(Node))) Node;
  node->kind = kind;
  node->document = &document_;
  node->begin = begin;
  node->end = begin;
  return node;
}

void TreeBuilder::add(const Node* node, YAML::anchor_t anchor, std::size_t nodes) {
  if (anchor != 0) anchors_[anchor] = {node, nodes};
  if (open_.empty()) {
    document_.set_root(node);
  } else {
    children_.push_back(node);
  }
}

void TreeBuilder::OnDocumentStart(const YAML::Mark&) {}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  // The reader's place is that of the next token, maybe lines below: a missing value stands behind its key.
  std::uint32_t begin = offset_of(mark);
  const bool is_value = !open_.empty() && open_.back().node->kind == Kind::mapping &&
                        (children_.size() - open_.back().first_child) % 2 == 1;
  if (is_value) begin = std::min(children_.back()->end + 1, static_cast<std::uint32_t>(source_.size()));
  count_nodes(1, begin);
  Node* node = make_node(Kind::scalar, begin);
  node->scalar_type = ScalarType::null;
  add(node, anchor, 1);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const std::uint32_t begin = offset_of(mark);
  const bool inside_itself =
      std::any_of(open_.begin(), open_.end(), [&](const Open& item) { return item.anchor == anchor; });
  const auto found = anchors_.find(anchor);
  if (inside_itself || found == anchors_.end()) {
    const std::size_t end = std::min(source_.find_first_of(" \t\r\n,]}", begin), source_.size());
    stop("yaml-syntax", begin, static_cast<std::uint32_t>(end), "this alias stands inside the value that it names",
         "write the value out");
  }
  count_nodes(found->second.nodes, begin);
  add(found->second.node, 0, found->second.nodes);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  const std::uint32_t begin = skip_properties(offset_of(mark));
  count_nodes(1, begin);
  Node* node = make_node(Kind::scalar, begin);
  node->style = style_at(source_, begin);
  node->scalar = copy_to_arena(document_.arena(), value);
  const auto end = end_of_scalar(source_, begin, node->style, value);
  if (!end)
    stop("yaml-syntax", begin, begin + 1, "this text has no closing quote",
         "close it with the quote that it begins with");
  node->end = *end;
  if (is_untagged(tag)) {
    const bool plain = node->style == Style::plain && tag != "!";
    node->scalar_type = plain ? classify_plain(value) : ScalarType::string;
  } else if (const auto type = type_of_tag(tag)) {
    node->scalar_type = *type;
  } else {
    stop("yaml-syntax", offset_of(mark), node->end, "this tag is not understood",
         "put the value in quotes if the `!` belongs to it");
  }
  add(node, anchor, 1);
}

void TreeBuilder::open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  const std::uint32_t begin = skip_properties(offset_of(mark));
  if (open_.size() >= limits_.depth) {
    stop("yaml-syntax", begin, begin + 1, fmt::format("lists and maps are nested more than {} deep", limits_.depth),
         "write the file flatter");
  }
  count_nodes(1, begin);
  Node* node = make_node(kind, begin);
  node->style = style == YAML::EmitterStyle::Flow ? Style::flow : Style::block;
  open_.push_back({node, anchor, nodes_ - 1, children_.size()});
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
  open(Kind::sequence, mark, anchor, style);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  open(Kind::mapping, mark, anchor, style);
}

void TreeBuilder::OnSequenceEnd() {
  close();
}
void TreeBuilder::OnMapEnd() {
  close();
}

void TreeBuilder::close() {
  const Open closing = open_.back();
  open_.pop_back();
  Node& node = *closing.node;
  const std::span<const Node* const> children{children_.data() + closing.first_child,
                                              children_.size() - closing.first_child};
  for (const Node* child : children) {
    if (child->begin >= node.begin) node.end = std::max(node.end, child->end);
  }
  if (node.style == Style::flow) {
    const char bracket = node.kind == Kind::sequence ? ']' : '}';
    const std::size_t end = source_.find(bracket, std::max(node.end, node.begin + 1));
    if (end != std::string_view::npos) node.end = static_cast<std::uint32_t>(end + 1);
  }
  if (node.kind == Kind::sequence) {
    node.items = copy_to_arena(document_.arena(), children);
  } else {
    fill_mapping(node, closing.first_child);
  }
  children_.resize(closing.first_child);
  add(&node, closing.anchor, nodes_ - closing.nodes_before);
}

void TreeBuilder::fill_mapping(Node& node, std::size_t first_child) {
  std::vector<Member> own;
  std::vector<const Node*> merged;
  std::unordered_map<std::string_view, const Node*> seen;
  for (std::size_t i = first_child; i + 1 < children_.size(); i += 2) {
    const Node* key = children_[i];
    const Node* value = children_[i + 1];
    if (key->kind != Kind::scalar) {
      if (node.style == Style::flow && source_.substr(node.begin).starts_with("{{")) {
        findings_.report(unquoted_placeholder(document_, node.begin));
      } else {
        findings_.report(reading_finding(document_, "yaml-syntax", key->begin, key->end,
                                         "a list or map cannot be a key here", "write a plain name"));
      }
      continue;
    }
    if (is_merge_key(*key)) {
      if (value->kind == Kind::mapping) merged.push_back(value);
      if (value->kind == Kind::sequence) merged.insert(merged.end(), value->items.begin(), value->items.end());
      continue;
    }
    const auto [first, fresh] = seen.emplace(key->scalar, key);
    if (!fresh) {
      Diagnostic found = reading_finding(document_, "duplicate-key", key->begin, key->end,
                                         fmt::format("the key `{}` stands twice in this map", key->scalar),
                                         "remove one of the two: readers differ in which one counts");
      found.value = key->scalar;
      found.related.push_back({{document_.file(), document_.range(*first->second)}, "the first is here", nullptr});
      findings_.report(std::move(found));
    }
    own.push_back({key, value, false});
  }
  // A key of the map itself wins over a merged one; of several merged maps, the first.
  std::vector<Member> members;
  for (const Node* map : merged) {
    if (map->kind != Kind::mapping) continue;
    for (const Member& member : map->members) {
      if (seen.emplace(member.key->scalar, member.key).second) members.push_back({member.key, member.value, true});
    }
  }
  members.insert(members.end(), own.begin(), own.end());
  node.members = copy_to_arena<Member>(document_.arena(), members);
}

void TreeBuilder::close_open() {
  while (!open_.empty()) close();
}

}  // namespace liminal::document
