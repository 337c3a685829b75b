// Lets valijson read our own tree: the adapter classes it asks for, each a pointer to a node.
#pragma once

#include <iterator>
#include <string>
#include <utility>

#include <valijson/internal/adapter.hpp>
#include <valijson/internal/basic_adapter.hpp>
#include <valijson/internal/frozen_value.hpp>
#include <valijson/internal/optional.hpp>

#include "liminal/document/document.hpp"

namespace liminal::schema {

using document::Kind;
using document::Member;
using document::Node;
using document::ScalarType;

class NodeAdapter;
using NodeMember = std::pair<std::string, NodeAdapter>;

template <class Pointer, class Result>
class NodeIterator {
 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using value_type = Result;
  using difference_type = std::ptrdiff_t;
  using pointer = Result*;
  using reference = Result&;

  explicit NodeIterator(Pointer at) : at_(at) {}
  Result operator*() const;
  valijson::adapters::DerefProxy<Result> operator->() const { return valijson::adapters::DerefProxy<Result>(**this); }
  bool operator==(const NodeIterator& other) const { return at_ == other.at_; }
  bool operator!=(const NodeIterator& other) const { return at_ != other.at_; }
  NodeIterator& operator++() {
    ++at_;
    return *this;
  }
  NodeIterator operator++(int) { return NodeIterator(at_++); }
  NodeIterator& operator--() {
    --at_;
    return *this;
  }
  void advance(std::ptrdiff_t count) { at_ += count; }

 private:
  Pointer at_;
};

using NodeItemIterator = NodeIterator<const Node* const*, NodeAdapter>;
using NodeMemberIterator = NodeIterator<const Member*, NodeMember>;

class NodeArray {
 public:
  using const_iterator = NodeItemIterator;
  using iterator = NodeItemIterator;

  NodeArray() = default;
  explicit NodeArray(const Node& node) : items_(node.items) {}
  [[nodiscard]] NodeItemIterator begin() const { return NodeItemIterator(items_.data()); }
  [[nodiscard]] NodeItemIterator end() const { return NodeItemIterator(items_.data() + items_.size()); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }

 private:
  std::span<const Node* const> items_;
};

class NodeObject {
 public:
  using const_iterator = NodeMemberIterator;
  using iterator = NodeMemberIterator;

  NodeObject() = default;
  explicit NodeObject(const Node& node) : members_(node.members) {}
  [[nodiscard]] NodeMemberIterator begin() const { return NodeMemberIterator(members_.data()); }
  [[nodiscard]] NodeMemberIterator end() const { return NodeMemberIterator(members_.data() + members_.size()); }
  [[nodiscard]] NodeMemberIterator find(const std::string& name) const;
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  std::span<const Member> members_;
};

class FrozenNode final : public valijson::adapters::FrozenValue {
 public:
  explicit FrozenNode(const Node* node) : node_(node) {}
  [[nodiscard]] FrozenValue* clone() const override { return new FrozenNode(node_); }
  [[nodiscard]] bool equalTo(const valijson::adapters::Adapter& other, bool strict) const override;

 private:
  const Node* node_;  // its document outlives the validation
};

class NodeValue {
 public:
  NodeValue() = default;
  explicit NodeValue(const Node& node) : node_(&node) {}

  [[nodiscard]] valijson::adapters::FrozenValue* freeze() const { return new FrozenNode(node_); }
  [[nodiscard]] opt::optional<NodeArray> getArrayOptional() const {
    return isArray() ? opt::make_optional(NodeArray(*node_)) : opt::optional<NodeArray>();
  }
  [[nodiscard]] opt::optional<NodeObject> getObjectOptional() const {
    return isObject() ? opt::make_optional(NodeObject(*node_)) : opt::optional<NodeObject>();
  }
  bool getArraySize(std::size_t& result) const { return isArray() && (result = node_->items.size(), true); }
  bool getObjectSize(std::size_t& result) const { return isObject() && (result = node_->members.size(), true); }
  bool getBool(bool& result) const { return assign(node_ == nullptr ? std::nullopt : as_boolean(*node_), result); }
  bool getInteger(std::int64_t& result) const {
    return assign(node_ == nullptr ? std::nullopt : as_integer(*node_), result);
  }
  bool getDouble(double& result) const { return isDouble() && assign(as_number(*node_), result); }
  bool getString(std::string& result) const { return isString() && (result = std::string(node_->scalar), true); }

  [[nodiscard]] static bool hasStrictTypes() { return true; }
  [[nodiscard]] bool isArray() const { return node_ != nullptr && node_->kind == Kind::sequence; }
  [[nodiscard]] bool isObject() const { return node_ == nullptr || node_->kind == Kind::mapping; }
  [[nodiscard]] bool isBool() const { return is(ScalarType::boolean); }
  [[nodiscard]] bool isInteger() const { return is(ScalarType::integer); }
  [[nodiscard]] bool isDouble() const { return is(ScalarType::floating); }
  [[nodiscard]] bool isNumber() const { return isInteger() || isDouble(); }
  [[nodiscard]] bool isNull() const { return is(ScalarType::null); }
  // A date is text to JSON.
  [[nodiscard]] bool isString() const { return is(ScalarType::string) || is(ScalarType::timestamp); }

 private:
  [[nodiscard]] bool is(ScalarType type) const {
    return node_ != nullptr && node_->kind == Kind::scalar && node_->scalar_type == type;
  }
  template <class T>
  static bool assign(const std::optional<T>& value, T& result) {
    if (value) result = *value;
    return value.has_value();
  }

  const Node* node_ = nullptr;  // null: an empty object
};

class NodeAdapter : public valijson::adapters::BasicAdapter<NodeAdapter, NodeArray, NodeMember, NodeObject, NodeValue> {
 public:
  NodeAdapter() = default;
  explicit NodeAdapter(const Node& node) : BasicAdapter(NodeValue(node)) {}
};

template <>
inline NodeAdapter NodeItemIterator::operator*() const {
  return NodeAdapter(**at_);
}

template <>
inline NodeMember NodeMemberIterator::operator*() const {
  return {std::string(at_->key->scalar), NodeAdapter(*at_->value)};
}

inline NodeMemberIterator NodeObject::find(const std::string& name) const {
  const Member* found = members_.data();
  const Member* last = members_.data() + members_.size();
  while (found != last && found->key->scalar != name) ++found;
  return NodeMemberIterator(found);
}

inline bool FrozenNode::equalTo(const valijson::adapters::Adapter& other, bool strict) const {
  return NodeAdapter(*node_).equalTo(other, strict);
}

}  // namespace liminal::schema

namespace valijson::adapters {

template <>
struct AdapterTraits<liminal::schema::NodeAdapter> {
  using DocumentType = liminal::document::Node;
  static std::string adapterName() { return "NodeAdapter"; }
};

}  // namespace valijson::adapters
