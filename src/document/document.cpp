#include <algorithm>

#include "document_data.hpp"
#include "scalar_source.hpp"

namespace liminal::document {

const Node* Node::find(std::string_view key) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->key->kind == Kind::scalar && member->key->scalar == key) return member->value;
  }
  return nullptr;
}

Position DocumentData::position(std::uint32_t offset) const {
  std::call_once(lines_made_, [this] {
    lines_.push_back(0);
    const std::string& text = *source_;
    for (std::uint32_t i = 0; i < text.size(); ++i) {
      const bool lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
      if (text[i] == '\n' || lone_return) lines_.push_back(i + 1);
    }
  });
  offset = std::min(offset, static_cast<std::uint32_t>(source_->size()));
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const std::uint32_t line_begin = *(next - 1);
  Position position{static_cast<std::uint32_t>(next - lines_.begin()), 1};
  for (std::uint32_t i = line_begin; i < offset; ++i) {
    const auto byte = static_cast<unsigned char>((*source_)[i]);
    if ((byte & 0xC0U) != 0x80U) ++position.column;  // continuation bytes begin no code point
  }
  return position;
}

Range DocumentData::range_within(const Node& scalar, std::size_t from, std::size_t to) const {
  if (scalar.kind != Kind::scalar || from > to || to > scalar.scalar.size()) return range(scalar);
  const auto offsets = source_offsets(*source_, scalar.begin, scalar.end, scalar.style, scalar.scalar);
  // The last byte's own end: the offset behind it may lie beyond a fold.
  const std::uint32_t begin = offsets[from];
  std::uint32_t end = to == from ? begin : offsets[to - 1] + 1;
  if (to > from && offsets[to] > end) {
    const std::string_view between = std::string_view(*source_).substr(end, offsets[to] - end);
    const bool only_white = between.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (!only_white) end = offsets[to];  // an escape of several characters
  }
  return {position(begin), position(end)};
}

}  // namespace liminal::document
