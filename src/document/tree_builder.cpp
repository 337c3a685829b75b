#include "tree_builder.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "characters.hpp"
#include "scalar_type.hpp"
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

// The type that an explicit tag asks for, if it is one of YAML's own and the text can be of it.
std::optional<ScalarType> type_of_tag(std::string_view tag, std::string_view text) {
  if (!tag.starts_with(yaml_tag)) return std::nullopt;
  const std::string_view name = tag.substr(yaml_tag.size());
  if (name == "str") return ScalarType::string;
  if (name == "null") return ScalarType::null;
  if (name == "int" && read_integer(text)) return ScalarType::integer;
  if (name == "float" && read_float(text)) return ScalarType::floating;
  if (name == "bool" && read_boolean(text)) return ScalarType::boolean;
  if (name == "timestamp" && classify_plain(text) == ScalarType::timestamp) return ScalarType::timestamp;
  return std::nullopt;
}

bool is_untagged(std::string_view tag) {
  return tag.empty() || tag == "?" || tag == "!";
}

Style style_at(char first) {
  switch (first) {
    case '"':
      return Style::double_quoted;
    case '\'':
      return Style::single_quoted;
    case '|':
      return Style::literal;
    case '>':
      return Style::folded;
    default:
      return Style::plain;
  }
}

bool is_merge_key(const Node& key) {
  return key.kind == Kind::scalar && key.style == Style::plain && key.scalar == "<<";
}

}  // namespace

TreeBuilder::TreeBuilder(DocumentData& document, std::string_view text, DiagnosticSink& findings, const Limits& limits)
    : document_(document), findings_(findings), limits_(limits), source_(text), original_(*document.source()) {}

std::uint32_t TreeBuilder::offset_of(const YAML::Mark& mark) const {
  return std::min(static_cast<std::uint32_t>(std::max(mark.pos, 0)), static_cast<std::uint32_t>(source_.size()));
}

// The reader marks a value with an anchor or a tag at these; the value's own text comes behind them.
std::uint32_t TreeBuilder::skip_properties(std::uint32_t offset) const {
  std::size_t i = offset;
  while (at(source_, i) == '&' || at(source_, i) == '!') {
    if (source_.substr(i, 2) == "!<") {
      i = std::min(source_.find('>', i), source_.size() - 1) + 1;
    } else {
      ++i;
      while (i < source_.size() && !is_blank_or_break(source_[i]) && !is_flow_indicator(source_[i])) ++i;
    }
    i = skip_to_content(source_, i);
  }
  return static_cast<std::uint32_t>(i);
}

bool TreeBuilder::expects_key() const {
  return !open_.empty() && open_.back().node->kind == Kind::mapping &&
         (children_.size() - open_.back().first_child) % 2 == 0;
}

int TreeBuilder::column_of(std::uint32_t offset) const {
  return static_cast<int>(offset - line_begin(source_, offset));
}

// Of the innermost block collection; -1 outside any.
int TreeBuilder::column_around() const {
  for (auto item = open_.rbegin(); item != open_.rend(); ++item) {
    if (item->node->style != Style::flow) return item->column;
  }
  return -1;
}

// A block mapping's column is that of its first key, with the key's own anchor or tag.
void TreeBuilder::note_column(std::uint32_t offset) {
  if (open_.empty() || open_.back().column_known) return;
  open_.back().column = std::min(open_.back().column, column_of(offset));
  open_.back().column_known = true;
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
    // A document without a value holds nothing.
    const bool nothing = node->kind == Kind::scalar && node->style == Style::plain && node->begin == node->end;
    document_.set_root(nothing ? nullptr : node);
  } else {
    children_.push_back(node);
  }
}

void TreeBuilder::OnDocumentStart(const YAML::Mark&) {}

// The reader tells one place for a null that is written and for one that is not.
bool TreeBuilder::is_written_null(std::uint32_t begin) const {
  if (begin < cursor_) return false;
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (source_.substr(begin, word.size()) != word) continue;
    const std::size_t after = begin + word.size();
    const char next = at(source_, after);
    if (after < source_.size() && !is_blank_or_break(next) && next != ':' && !is_flow_indicator(next)) return false;
    // A key that follows a missing value is not that value.
    return expects_key() || at(source_, skip_blanks(source_, after)) != ':';
  }
  return false;
}

// Behind the key or the dash that it belongs to.
std::uint32_t TreeBuilder::place_of_missing_value() const {
  if (open_.empty()) return cursor_;
  const auto next = static_cast<std::uint32_t>(skip_to_content(source_, cursor_));
  const char indicator = open_.back().node->kind == Kind::sequence ? '-' : expects_key() ? '?' : ':';
  return at(source_, next) == indicator ? next + 1 : cursor_;
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  note_column(offset_of(mark));
  std::uint32_t begin = skip_properties(offset_of(mark));
  const bool written = is_written_null(begin);
  if (!written) begin = place_of_missing_value();
  count_nodes(1, begin);
  Node* node = make_node(Kind::scalar, begin);
  if (written) node->end = begin + (source_[begin] == '~' ? 1 : 4);
  node->scalar = original_.substr(begin, node->end - begin);
  cursor_ = node->end;
  add(node, anchor, 1);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const std::uint32_t begin = offset_of(mark);
  note_column(begin);
  cursor_ = begin + 1;
  while (cursor_ < source_.size() && !is_blank_or_break(source_[cursor_]) && !is_flow_indicator(source_[cursor_]))
    ++cursor_;
  const bool inside_itself =
      std::any_of(open_.begin(), open_.end(), [&](const Open& item) { return item.anchor == anchor; });
  const auto found = anchors_.find(anchor);
  if (inside_itself || found == anchors_.end()) {
    stop("yaml-syntax", begin, cursor_, "this alias stands inside the value that it names", "write the value out");
  }
  count_nodes(found->second.nodes, begin);
  add(found->second.node, 0, found->second.nodes);
}

// Finds the scalar's end and its text: a view of the source wherever the text stands there as it is.
void TreeBuilder::scan(Node& node, std::string_view value) {
  if (node.style == Style::plain && source_.substr(node.begin, value.size()) == value) {
    node.end = node.begin + static_cast<std::uint32_t>(value.size());
    node.scalar = original_.substr(node.begin, value.size());
    return;
  }
  decoded_.clear();
  if (node.style == Style::plain) {
    // Should the two readings ever differ, the reader's text stands, at its first line.
    const auto end = scan_plain(source_, node.begin, value, decoded_);
    node.end = static_cast<std::uint32_t>(end.value_or(line_end(source_, node.begin)));
    node.scalar = copy_to_arena(document_.arena(), value);
    return;
  }
  const bool quoted = node.style == Style::single_quoted || node.style == Style::double_quoted;
  const ScannedScalar scanned =
      quoted ? scan_quoted(source_, node.begin, decoded_) : scan_block(source_, node.begin, column_around(), decoded_);
  if (scanned.fault) {
    findings_.report(scalar_error(document_, *scanned.fault));
    throw StopReading{};
  }
  node.end = static_cast<std::uint32_t>(scanned.end);
  node.scalar = quoted && decoded_.is_one_run() ? original_.substr(node.begin + 1, decoded_.text().size())
                                                : copy_to_arena(document_.arena(), decoded_.text());
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  note_column(offset_of(mark));
  std::uint32_t begin = skip_properties(offset_of(mark));
  const Style style = style_at(at(source_, begin));
  const bool missing = value.empty() && style == Style::plain;  // a tag and nothing behind it
  if (missing) begin = place_of_missing_value();
  count_nodes(1, begin);
  Node* node = make_node(Kind::scalar, begin);
  node->style = style;
  if (!missing) scan(*node, value);
  if (style == Style::double_quoted) check_zero(*node);
  cursor_ = node->end;
  if (is_untagged(tag)) {
    node->scalar_type = tag == "?" ? classify_plain(node->scalar) : ScalarType::string;
  } else if (const auto type = type_of_tag(tag, node->scalar)) {
    node->scalar_type = *type;
  } else {
    findings_.report(reading_finding(document_, "yaml-syntax", offset_of(mark), std::max(node->end, offset_of(mark)),
                                     "this tag is not understood, or does not fit the value",
                                     "write the value without a tag; put it in quotes if the `!` belongs to it"));
    node->scalar_type = ScalarType::string;
  }
  add(node, anchor, 1);
}

void TreeBuilder::check_zero(const Node& scalar) {
  const std::size_t at = scalar.scalar.find('\0');
  if (at == std::string_view::npos) return;
  const Range range = document_.range_within(scalar, at, at + 1);
  Diagnostic found =
      reading_finding(document_, "encoding", scalar.begin, scalar.end, "a text holds the character U+0000",
                      "remove the escape: no argument, variable or file name can hold it");
  found.location.range = range;
  findings_.report(std::move(found));
}

void TreeBuilder::check_tag(const YAML::Mark& mark, std::string_view tag, std::string_view own) {
  if (is_untagged(tag) || (tag.starts_with(yaml_tag) && tag.substr(yaml_tag.size()) == own)) return;
  const std::uint32_t begin = offset_of(mark);
  const std::size_t end = std::min(source_.find_first_of(" \t\r\n", begin), source_.size());
  findings_.report(reading_finding(document_, "yaml-syntax", begin, static_cast<std::uint32_t>(end),
                                   "this tag is not understood, or does not fit the value",
                                   "write the value without a tag"));
}

void TreeBuilder::open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  note_column(offset_of(mark));
  const std::uint32_t begin = skip_properties(offset_of(mark));
  if (open_.size() >= limits_.depth) {
    stop("yaml-syntax", begin, begin + 1, fmt::format("lists and maps are nested more than {} deep", limits_.depth),
         "write the file flatter");
  }
  count_nodes(1, begin);
  Node* node = make_node(kind, begin);
  node->style = style == YAML::EmitterStyle::Flow ? Style::flow : Style::block;
  const bool bracketed = node->style == Style::flow && is_flow_indicator(at(source_, begin));
  const bool column_known = node->style == Style::flow || kind == Kind::sequence || at(source_, begin) == '?';
  // In flow style no column matters, and a line may hold all of the file.
  const int column = node->style == Style::flow ? 0 : column_of(begin);
  open_.push_back({node, anchor, nodes_ - 1, children_.size(), column, column_known});
  cursor_ = std::max(cursor_, bracketed ? begin + 1 : begin);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
  check_tag(mark, tag, "seq");
  open(Kind::sequence, mark, anchor, style);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  check_tag(mark, tag, "map");
  open(Kind::mapping, mark, anchor, style);
}

void TreeBuilder::OnSequenceEnd() {
  close();
}
void TreeBuilder::OnMapEnd() {
  close();
}

// A block collection ends where its last entry does, a flow collection behind its bracket.
std::uint32_t TreeBuilder::end_of(const Node& node) const {
  const std::uint32_t last = std::max(cursor_, node.begin);
  const char opening = at(source_, node.begin);
  if (node.style != Style::flow || (opening != '[' && opening != '{')) return last;
  std::size_t i = skip_to_content(source_, cursor_);
  while (at(source_, i) == ',' || (at(source_, i) == ':' && node.kind == Kind::mapping))
    i = skip_to_content(source_, i + 1);
  return at(source_, i) == (opening == '[' ? ']' : '}') ? static_cast<std::uint32_t>(i + 1) : last;
}

void TreeBuilder::close() {
  const Open closing = open_.back();
  open_.pop_back();
  Node& node = *closing.node;
  const std::span<const Node* const> children{children_.data() + closing.first_child,
                                              children_.size() - closing.first_child};
  node.end = end_of(node);
  cursor_ = node.end;
  if (node.kind == Kind::sequence) {
    node.items = copy_to_arena(document_.arena(), children);
  } else {
    fill_mapping(node, closing.first_child);
  }
  children_.resize(closing.first_child);
  add(&node, closing.anchor, nodes_ - closing.nodes_before);
}

// `{{name}}` without quotes, which YAML reads as a mapping in a mapping.
bool TreeBuilder::is_placeholder(const Node& mapping, std::size_t first_child) const {
  if (mapping.style != Style::flow || !source_.substr(mapping.begin).starts_with("{{")) return false;
  if (children_.size() - first_child != 2) return false;
  const Node& key = *children_[first_child];
  const Node& value = *children_[first_child + 1];
  const std::string_view written = source_.substr(mapping.begin, mapping.end - mapping.begin);
  return key.kind == Kind::mapping && value.begin == value.end && written.find('\n') == std::string_view::npos;
}

void TreeBuilder::check_key(const Node& key, std::unordered_map<std::string_view, const Node*>& seen) {
  const auto [first, fresh] = seen.emplace(key.scalar, &key);
  if (fresh) return;
  Diagnostic found = reading_finding(document_, "duplicate-key", key.begin, key.end,
                                     fmt::format("the key `{}` stands twice in this map", key.scalar),
                                     key.scalar == "<<" ? "write one with a list of both: <<: [*first, *second]"
                                                        : "remove one of the two: readers differ in which one counts");
  found.value = key.scalar;
  found.related.push_back({{document_.file(), document_.range(*first->second)}, "the first is here", nullptr});
  findings_.report(std::move(found));
}

// What << brings: the members of a map, or of a list of maps, that are not there yet.
void TreeBuilder::merge_members(const Node& value, std::vector<Member>& members,
                                std::unordered_map<std::string_view, const Node*>& seen) {
  if (value.kind != Kind::mapping) {
    findings_.report(reading_finding(document_, "yaml-syntax", value.begin, value.end,
                                     "`<<` takes a map or a list of maps", "name an anchored map: <<: *name"));
    return;
  }
  for (const Member& member : value.members) {
    if (seen.emplace(member.key->scalar, member.key).second) members.push_back({member.key, member.value, true});
  }
}

void TreeBuilder::fill_mapping(Node& node, std::size_t first_child) {
  if (is_placeholder(node, first_child)) {
    findings_.report(unquoted_placeholder(document_, node.begin));
    // Read on as what was meant.
    node.kind = Kind::scalar;
    node.style = Style::plain;
    node.scalar_type = ScalarType::string;
    node.scalar = original_.substr(node.begin, node.end - node.begin);
    return;
  }
  std::vector<Member> own;
  std::vector<const Node*> merged;
  std::unordered_map<std::string_view, const Node*> seen;
  std::unordered_map<std::string_view, const Node*> seen_merges;
  for (std::size_t i = first_child; i + 1 < children_.size(); i += 2) {
    const Node* key = children_[i];
    const Node* value = children_[i + 1];
    if (key->kind != Kind::scalar) {
      findings_.report(reading_finding(document_, "yaml-syntax", key->begin, key->end,
                                       "a list or map cannot be a key here", "write a plain name"));
    } else if (is_merge_key(*key)) {
      check_key(*key, seen_merges);
      merged.push_back(value);
    } else {
      check_key(*key, seen);
      own.push_back({key, value, false});
    }
  }
  // A key of the map itself wins over a merged one; of several merged maps, the first.
  std::vector<Member> members;
  for (const Node* value : merged) {
    if (value->kind != Kind::sequence) {
      merge_members(*value, members, seen);
      continue;
    }
    for (const Node* item : value->items) merge_members(*item, members, seen);
  }
  members.insert(members.end(), own.begin(), own.end());
  node.members = copy_to_arena<Member>(document_.arena(), members);
}

void TreeBuilder::close_open() {
  while (!open_.empty()) close();
}

}  // namespace liminal::document
