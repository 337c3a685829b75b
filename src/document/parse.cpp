#include <algorithm>
#include <cstddef>
#include <sstream>
#include <streambuf>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

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

void read(DocumentData& document, DiagnosticSink& findings, const Limits& limits) {
  TextBuffer buffer(*document.source());
  std::istream stream(&buffer);
  TreeBuilder builder(document, findings, limits);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return;
    DocumentStart second;
    if (parser.HandleNextDocument(second)) report_second_document(document, second.offset, findings);
  } catch (const StopReading&) {
    builder.close_open();
  } catch (const YAML::Exception& error) {
    findings.report(syntax_error(document, error.msg, static_cast<std::uint32_t>(std::max(error.mark.pos, 0))));
    builder.close_open();
  }
}

}  // namespace

std::unique_ptr<Document> parse(std::string file, std::string source, DiagnosticSink& findings, const Limits& limits) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  // Without the mark, so that the reader's offsets are those of the text that is kept.
  if (source.starts_with(byte_order_mark)) source.erase(0, byte_order_mark.size());
  auto document = std::make_unique<DocumentData>(std::move(file), std::move(source));
  const std::string& text = *document->source();
  if (text.size() > limits.bytes) {
    findings.report(
        reading_finding(*document, "yaml-syntax", 0, 0,
                        fmt::format("the file has {} bytes; at most {} are read", text.size(), limits.bytes),
                        "split it into several files"));
    return document;
  }
  if (const auto fault = find_encoding_fault(text)) {
    findings.report(
        reading_finding(*document, "yaml-syntax", fault->offset, fault->offset + 1, fault->message, fault->help));
    return document;
  }
  read(*document, findings, limits);
  return document;
}

}  // namespace liminal::document
