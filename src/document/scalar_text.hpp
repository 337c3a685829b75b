// Where a scalar ends in the source and what it decodes to, by the rules of YAML 1.1 chapter 9. yaml-cpp tells only
// where a scalar begins; the ends, and the way from a decoded byte back to its source, are found here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/document/document.hpp"

namespace liminal::document {

// A run of decoded bytes and the source bytes it comes from. Verbatim: byte for byte; else the whole comes from the
// whole (an escape, a fold).
struct Piece {
  std::size_t decoded = 0;
  std::size_t decoded_size = 0;
  std::size_t source = 0;
  std::size_t source_size = 0;
  bool verbatim = false;
};

// Receives the decoded text as runs of the source and replacements.
class ScalarText {
 public:
  explicit ScalarText(bool with_pieces = false) : with_pieces_(with_pieces) {}
  void copy(std::string_view source, std::size_t from, std::size_t to);
  void replace(std::string_view decoded, std::size_t from, std::size_t to);
  // Nothing was dropped or replaced: the text stands in the source as it is.
  [[nodiscard]] bool is_one_run() const { return runs_ <= 1 && !replaced_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  void clear();

 private:
  void add_piece(std::size_t decoded_size, std::size_t from, std::size_t to, bool verbatim);

  std::string text_;
  std::vector<Piece> pieces_;
  bool with_pieces_;
  bool replaced_ = false;
  std::size_t runs_ = 0;
  std::size_t last_source_end_ = 0;
};

// What stopped a quoted scalar from being read.
struct ScalarFault {
  enum class Kind { unterminated, document_marker, unknown_escape, bad_escape_digits, bad_code_point };
  Kind kind = Kind::unterminated;
  std::size_t from = 0;  // source bytes of the fault
  std::size_t to = 0;
};

struct ScannedScalar {
  std::size_t end = 0;  // the byte after the scalar
  std::optional<ScalarFault> fault;
};

// `begin` is at the opening quote.
[[nodiscard]] ScannedScalar scan_quoted(std::string_view source, std::size_t begin, ScalarText& out);

// `begin` is at | or >; `parent_column` is the column (from 0) of the block collection around it, -1 for none. The end
// is that of the last line that is not empty, without its line break.
[[nodiscard]] ScannedScalar scan_block(std::string_view source, std::size_t begin, int parent_column, ScalarText& out);

// The end of a plain scalar whose decoded text is known. Empty if the source does not hold that text there.
[[nodiscard]] std::optional<std::size_t> scan_plain(std::string_view source, std::size_t begin,
                                                    std::string_view decoded, ScalarText& out);

// Maps a finished scalar's decoded bytes to its source bytes.
[[nodiscard]] std::vector<Piece> map_scalar(std::string_view source, const Node& scalar);

}  // namespace liminal::document
