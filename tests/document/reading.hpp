// Reads a text and keeps what was found.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "liminal/document/document.hpp"
#include "liminal/document/value.hpp"

namespace liminal::document {

struct Reading {
  std::unique_ptr<Document> document;
  std::vector<Diagnostic> findings;

  [[nodiscard]] const Node& root() const { return *document->root(); }
  [[nodiscard]] std::string json() const { return Value::of(root()).json().dump(); }
  // The source text of a node.
  [[nodiscard]] std::string text_of(const Node& node) const {
    return document->source()->substr(node.begin, node.end - node.begin);
  }
  // rule@line:column of each finding, separated by blanks.
  [[nodiscard]] std::string found() const {
    std::string all;
    for (const Diagnostic& finding : findings) {
      const Position& begin = finding.location.range.begin;
      if (!all.empty()) all += ' ';
      all += finding.rule + '@' + std::to_string(begin.line) + ':' + std::to_string(begin.column);
    }
    return all;
  }
};

inline Reading read(std::string text, const Limits& limits = {}) {
  DiagnosticList findings;
  Reading reading;
  reading.document = parse("liminal.yml", std::move(text), findings, limits);
  reading.findings = std::move(findings.items);
  return reading;
}

}  // namespace liminal::document
