#include <algorithm>
#include <cstddef>
#include <istream>
#include <optional>
#include <streambuf>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "liminal/base/byte_size.hpp"

#include "characters.hpp"
#include "document_data.hpp"
#include "encoding.hpp"
#include "syntax_error.hpp"
#include "tree_builder.hpp"

namespace liminal::document {

namespace {

// Reads a text without copying it.
class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // the get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

// Takes note of where a document begins, and of nothing else.
class DocumentStart final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { offset = static_cast<std::uint32_t>(std::max(mark.pos, 0)); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  std::uint32_t offset = 0;
};

void report_second_document(const DocumentData& document, std::uint32_t offset, DiagnosticSink& findings) {
  const std::string& source = *document.source();
  const std::size_t dashes = source.rfind("\n---", offset);
  const auto begin = dashes == std::string::npos ? offset : static_cast<std::uint32_t>(dashes + 1);
  findings.report(reading_finding(document, "several-documents", begin, begin + 3,
                                  "a second YAML document begins here and would be ignored",
                                  "move it to a file of its own"));
}

// One reading of the text. What stopped it, if anything did, is for the caller to report.
std::optional<SyntaxError> read(DocumentData& document, std::string_view text, DiagnosticSink& findings,
                                const Limits& limits) {
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  TreeBuilder builder(document, text, findings, limits);
  std::optional<SyntaxError> error;
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return error;
    DocumentStart second;
    if (parser.HandleNextDocument(second)) report_second_document(document, second.offset, findings);
  } catch (const StopReading&) {
    builder.close_open();
  } catch (const YAML::Exception& exception) {
    const auto offset = static_cast<std::uint32_t>(std::max(exception.mark.pos, 0));
    error = syntax_error(document, text, exception.msg, offset, builder.cursor());
    builder.close_open();
  }
  return error;
}

// A value that only lacks its quotes, with what makes it no plain text replaced: then the rest can be read.
void mend(std::string& text, const SyntaxError& error) {
  const auto begin = text.begin() + error.value_begin;
  std::replace_if(
      begin, begin + error.value_size, [](char c) { return c == '{' || c == '}' || c == '*'; }, 'x');
}

// Reads the file, again after each value that only lacks its quotes, so that one such slip does not hide the rest.
void read_all(DocumentData& document, DiagnosticSink& findings, const Limits& limits) {
  constexpr int attempts = 10;
  constexpr std::size_t largest = 1U << 20;  // a larger file is read once
  std::string mended;
  std::string_view text = *document.source();
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    DiagnosticList found;
    document.set_root(nullptr);
    std::optional<SyntaxError> error = read(document, text, found, limits);
    const bool again = error && error->value_size > 0 && attempt < attempts && text.size() <= largest;
    if (!again) {
      for (Diagnostic& finding : found.items) findings.report(std::move(finding));
    } else {
      mended = text;
      mend(mended, *error);
      text = mended;
    }
    if (error) findings.report(std::move(error->finding));
    if (!again) return;
  }
}

// Of 1.2 the reader takes what 1.1 has, too; another version means something else by the same text.
bool is_version_read(std::string_view line) {
  std::string_view version = line.substr(std::string_view("%YAML").size());
  version.remove_prefix(std::min(version.find_first_not_of(" \t"), version.size()));
  version = version.substr(0, version.find_first_of(" \t\r"));
  return version == "1.0" || version == "1.1" || version == "1.2";
}

// yaml-cpp passes over a directive that it does not know. Whether the rest may be read.
bool check_directives(const DocumentData& document, DiagnosticSink& findings) {
  const std::string_view source = *document.source();
  bool readable = true;
  std::size_t at = skip_to_content(source, 0);
  while (at < source.size() && source[at] == '%' && (at == 0 || is_break(source[at - 1]))) {
    const std::size_t end = line_end(source, at);
    const std::string_view line = source.substr(at, end - at);
    if (!line.starts_with("%YAML ") && !line.starts_with("%TAG ")) {
      findings.report(reading_finding(document, "yaml-syntax", static_cast<std::uint32_t>(at),
                                      static_cast<std::uint32_t>(end), "this YAML directive does not exist",
                                      "remove the line, or put the value in quotes if the `%` belongs to it"));
    }
    if (line.starts_with("%YAML ") && !is_version_read(line)) {
      findings.report(reading_finding(document, "yaml-syntax", static_cast<std::uint32_t>(at),
                                      static_cast<std::uint32_t>(end), "this version of YAML is not read",
                                      "files are read as YAML 1.1: remove the line, or write `%YAML 1.1`"));
      readable = false;
    }
    at = skip_to_content(source, end);
  }
  return readable;
}

}  // namespace

std::unique_ptr<Document> parse(std::string file, std::string source, DiagnosticSink& findings, const Limits& limits) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  // Without the mark, so that the reader's offsets are those of the text that is kept.
  if (source.starts_with(byte_order_mark)) source.erase(0, byte_order_mark.size());
  auto document = std::make_unique<DocumentData>(std::move(file), std::move(source));
  const std::string& text = *document->source();
  if (text.size() > limits.bytes) {
    findings.report(reading_finding(
        *document, "yaml-syntax", 0, 0,
        fmt::format("the file has {}; at most {} are read", byte_size(text.size()), byte_size(limits.bytes)),
        "split it into several files"));
    return document;
  }
  if (const auto fault = find_encoding_fault(text)) {
    findings.report(
        reading_finding(*document, "encoding", fault->offset, fault->offset + 1, fault->message, fault->help));
    return document;
  }
  if (check_directives(*document, findings)) read_all(*document, findings, limits);
  return document;
}

}  // namespace liminal::document
