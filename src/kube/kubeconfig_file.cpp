#include "kubeconfig_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/diagnostic/diagnostic.hpp"

namespace liminal::kube {

namespace {

namespace fs = std::filesystem;
using document::Kind;
using document::Node;
using document::ScalarType;

constexpr std::uint64_t file_limit = 16U << 20U;

// In words of this layer's own: those of the finding quote the file.
std::string_view what_is_wrong(std::string_view rule) {
  if (rule == "duplicate-key") return "this key stands twice in one mapping";
  if (rule == "several-documents") return "a second document begins here, and a kubeconfig is one";
  if (rule == "encoding") return "this is not UTF-8 text";
  if (rule == "alias-bomb") return "its aliases unfold to more than any kubeconfig holds";
  return "this is not YAML";
}

bool is_absent(const Node* node) {
  return node == nullptr || (node->kind == Kind::scalar && node->scalar_type == ScalarType::null);
}

std::string_view kind_name(const Node& node) {
  if (node.kind == Kind::mapping) return "a mapping";
  if (node.kind == Kind::sequence) return "a list";
  switch (node.scalar_type) {
    case ScalarType::boolean:
      return "true or false";
    case ScalarType::integer:
    case ScalarType::floating:
      return "a number";
    default:
      return "text";
  }
}

}  // namespace

Result<std::shared_ptr<const KubeconfigFile>> KubeconfigFile::read(const FileSystem& files, const fs::path& path) {
  auto text = files.read(path, file_limit);
  if (!text) {
    Error error = std::move(text.error());
    error.kind = ErrorKind::usage;
    if (error.advice.empty()) error.advice = "check the file that --kubeconfig or KUBECONFIG names";
    return tl::unexpected(std::move(error).wrap(fmt::format("the kubeconfig {} cannot be read", path.string())));
  }
  auto file = std::make_shared<KubeconfigFile>();
  file->path_ = path;
  DiagnosticList findings;
  file->document_ = document::parse(path.string(), std::move(*text), findings);
  for (const Diagnostic& finding : findings.items) {
    if (finding.severity != Severity::error) continue;
    const Position at = finding.location.range.begin;
    return fail(ErrorKind::usage,
                fmt::format("{}:{}:{}: {}", path.string(), at.line, at.column, what_is_wrong(finding.rule)),
                "correct the file, or have the tool that made it make it again");
  }
  const Node* root = file->root();
  if (!is_absent(root) && root->kind != Kind::mapping) {
    return fail(ErrorKind::usage,
                fmt::format("{}: a kubeconfig is a mapping, and this is {}", file->place(*root), kind_name(*root)),
                "name another file in --kubeconfig or KUBECONFIG");
  }
  return std::shared_ptr<const KubeconfigFile>(std::move(file));
}

std::string KubeconfigFile::place(const Node& node) const {
  const Position at = document_->position(node.begin);
  return fmt::format("{}:{}:{}", path_.string(), at.line, at.column);
}

fs::path KubeconfigFile::resolve(const std::string& relative) const {
  return relative.empty() ? fs::path() : fs::absolute(path_.parent_path() / relative).lexically_normal();
}

Fields::Fields(const KubeconfigFile& file, const Node* node, std::optional<Error>& mistake)
    : file_(&file), node_(is_absent(node) ? nullptr : node), mistake_(&mistake) {
  if (node_ == nullptr || node_->kind == Kind::mapping) return;
  if (!mistake) {
    mistake =
        Error{ErrorKind::usage,
              fmt::format("{}: a mapping has to stand here, and this is {}", file.place(*node_), kind_name(*node_)),
              "correct the file, or have the tool that made it make it again",
              {},
              {},
              false};
  }
  node_ = nullptr;
}

const Node* Fields::node(std::string_view key) const {
  const Node* found = node_ == nullptr ? nullptr : node_->find(key);
  return is_absent(found) ? nullptr : found;
}

bool Fields::has(std::string_view key) const {
  return node(key) != nullptr;
}

std::vector<std::string> Fields::keys() const {
  std::vector<std::string> keys;
  if (node_ == nullptr) return keys;
  for (const document::Member& member : node_->members) keys.emplace_back(member.key->scalar);
  return keys;
}

std::string Fields::place(std::string_view key) const {
  const Node* found = key.empty() ? nullptr : node(key);
  if (found == nullptr) found = node_;
  return found == nullptr ? file_->path().string() : file_->place(*found);
}

void Fields::refuse(std::string_view key, const std::string& message, std::string advice) const {
  if (*mistake_) return;
  *mistake_ = Error{ErrorKind::usage, fmt::format("{}: {}", place(key), message), std::move(advice), {}, {}, false};
}

std::optional<std::string> Fields::read_text(const Node& value, std::string_view key) const {
  const bool text = value.kind == Kind::scalar &&
                    (value.scalar_type == ScalarType::string || value.scalar_type == ScalarType::timestamp);
  if (text) return std::string(value.scalar);
  if (!*mistake_) {
    *mistake_ =
        Error{ErrorKind::usage,
              fmt::format("{}: `{}` has to be text, and this is {}", file_->place(value), key, kind_name(value)),
              value.kind == Kind::scalar ? "put it in quotes" : "write one line of text",
              {},
              {},
              false};
  }
  return std::nullopt;
}

std::string Fields::text(std::string_view key) const {
  const Node* found = node(key);
  return found == nullptr ? std::string() : read_text(*found, key).value_or("");
}

bool Fields::flag(std::string_view key) const {
  const Node* found = node(key);
  if (found == nullptr) return false;
  const auto value = document::as_boolean(*found);
  if (!value)
    refuse(key, fmt::format("`{}` has to be true or false, and this is {}", key, kind_name(*found)),
           "write true or false, without quotes");
  return value.value_or(false);
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  std::vector<std::string> values;
  const Node* found = node(key);
  if (found == nullptr) return values;
  if (found->kind != Kind::sequence) {
    refuse(key, fmt::format("`{}` has to be a list, and this is {}", key, kind_name(*found)),
           "write it as [first, second]");
    return values;
  }
  for (const Node* item : found->items) {
    if (auto text = read_text(*item, key)) values.push_back(std::move(*text));
  }
  return values;
}

Fields Fields::mapping(std::string_view key) const {
  return {*file_, node(key), *mistake_};
}

std::vector<Fields> Fields::mappings(std::string_view key) const {
  std::vector<Fields> entries;
  const Node* found = node(key);
  if (found == nullptr) return entries;
  if (found->kind != Kind::sequence) {
    refuse(key, fmt::format("`{}` has to be a list, and this is {}", key, kind_name(*found)),
           "correct the file, or have the tool that made it make it again");
    return entries;
  }
  for (const Node* item : found->items) entries.emplace_back(*file_, item, *mistake_);
  return entries;
}

}  // namespace liminal::kube
