#include <algorithm>

#include "document_data.hpp"
#include "scalar_text.hpp"

namespace liminal::document {

namespace {

// The source bytes of one decoded byte.
std::pair<std::size_t, std::size_t> source_of(const std::vector<Piece>& pieces, std::size_t decoded) {
  const auto after = std::upper_bound(pieces.begin(), pieces.end(), decoded,
                                      [](std::size_t offset, const Piece& piece) { return offset < piece.decoded; });
  const Piece& piece = *std::prev(after);
  if (!piece.verbatim) return {piece.source, piece.source + piece.source_size};
  const std::size_t at = piece.source + (decoded - piece.decoded);
  return {at, at + 1};
}

}  // namespace

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
  const std::size_t size = scalar.scalar.size();
  if (scalar.kind != Kind::scalar || from > to || to > size) return range(scalar);
  const std::vector<Piece> pieces = map_scalar(*source_, scalar);
  if (pieces.empty()) return range(scalar);
  const std::size_t begin = from < size ? source_of(pieces, from).first : source_of(pieces, from - 1).second;
  const std::size_t end = to == from ? begin : source_of(pieces, to - 1).second;
  return {position(static_cast<std::uint32_t>(begin)), position(static_cast<std::uint32_t>(end))};
}

}  // namespace liminal::document
