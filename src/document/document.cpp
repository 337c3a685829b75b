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

constexpr std::uint32_t column_step = 1024;

bool begins_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->key->kind == Kind::scalar && member->key->scalar == key) return member->value;
  }
  return nullptr;
}

void DocumentData::make_line_table() const {
  lines_.push_back(0);
  const std::string& text = *source_;
  std::uint32_t column = 1;
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    if (i % column_step == 0) columns_.push_back(column);
    if (begins_code_point(text[i])) ++column;
    const bool lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] != '\n' && !lone_return) continue;
    lines_.push_back(i + 1);
    column = 1;
  }
}

Position DocumentData::position(std::uint32_t offset) const {
  std::call_once(lines_made_, [this] { make_line_table(); });
  offset = std::min(offset, static_cast<std::uint32_t>(source_->size()));
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  Position position{static_cast<std::uint32_t>(next - lines_.begin()), 1};
  std::uint32_t from = *(next - 1);
  const std::uint32_t known = offset / column_step;
  if (known < columns_.size() && known * column_step > from) {
    from = known * column_step;
    position.column = columns_[known];
  }
  for (; from < offset; ++from) {
    if (begins_code_point((*source_)[from])) ++position.column;
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
