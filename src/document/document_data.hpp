// The tree of one file: the source, the arena its nodes live in, and the table of lines.
#pragma once

#include <memory_resource>
#include <mutex>
#include <string>
#include <vector>

#include "liminal/document/document.hpp"

namespace liminal::document {

class DocumentData final : public Document {
 public:
  DocumentData(std::string file, std::string source)
      : file_(std::move(file)), source_(std::make_shared<const std::string>(std::move(source))) {}

  [[nodiscard]] const std::string& file() const override { return file_; }
  [[nodiscard]] const std::shared_ptr<const std::string>& source() const override { return source_; }
  [[nodiscard]] const Node* root() const override { return root_; }
  [[nodiscard]] Position position(std::uint32_t offset) const override;
  [[nodiscard]] Range range_within(const Node& scalar, std::size_t from, std::size_t to) const override;

  void set_root(const Node* root) { root_ = root; }
  [[nodiscard]] std::pmr::memory_resource& arena() { return arena_; }

 private:
  std::string file_;
  std::shared_ptr<const std::string> source_;
  const Node* root_ = nullptr;
  std::pmr::monotonic_buffer_resource arena_;
  void make_line_table() const;

  // Made when the first finding asks for a place: a file without findings never does.
  mutable std::once_flag lines_made_;
  mutable std::vector<std::uint32_t> lines_;  // offset of each line's first byte
  // Column (from 1) of every column_step-th byte: a line may be the whole file.
  mutable std::vector<std::uint32_t> columns_;
};

}  // namespace liminal::document
