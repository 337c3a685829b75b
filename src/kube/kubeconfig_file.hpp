// One kubeconfig file, whose values know where they stand. Nothing that a file says is repeated in an error but names:
// any value may be a secret, or a part of one that was put in the wrong place.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/file_system.hpp"
#include "liminal/document/document.hpp"

namespace liminal::kube {

class KubeconfigFile {
 public:
  // Errors (usage): not readable, not YAML, with its place.
  [[nodiscard]] static Result<std::shared_ptr<const KubeconfigFile>> read(const FileSystem& files,
                                                                          const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const document::Node* root() const { return document_->root(); }
  // FILE:LINE:COLUMN of a value.
  [[nodiscard]] std::string place(const document::Node& node) const;
  // Where the file lies: what its relative paths are relative to.
  [[nodiscard]] std::filesystem::path resolve(const std::string& relative) const;

 private:
  std::filesystem::path path_;
  std::unique_ptr<document::Document> document_;
};

// Members of a mapping of such a file, read as what they have to be. A value of another kind reads as absent, and the
// first of them is the `mistake` that whoever reads has to look at in the end.
class Fields {
 public:
  Fields(const KubeconfigFile& file, const document::Node* node, std::optional<Error>& mistake);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;  // empty: absent
  [[nodiscard]] bool flag(std::string_view key) const;         // false: absent
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] Fields mapping(std::string_view key) const;
  [[nodiscard]] std::vector<Fields> mappings(std::string_view key) const;  // of a list
  // What a member is, as JSON; null: absent.
  [[nodiscard]] const document::Node* node(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;

  // Of the member, or of the whole where it is absent.
  [[nodiscard]] std::string place(std::string_view key = {}) const;
  void refuse(std::string_view key, const std::string& message, std::string advice) const;
  [[nodiscard]] const KubeconfigFile& file() const { return *file_; }

 private:
  [[nodiscard]] std::optional<std::string> read_text(const document::Node& value, std::string_view key) const;

  const KubeconfigFile* file_;
  const document::Node* node_;  // null: nothing is there
  std::optional<Error>* mistake_;
};

}  // namespace liminal::kube
