// Runs in which every text that could come from outside is hostile.
#pragma once

#include <array>
#include <random>
#include <string>

#include "sample_run.hpp"

namespace liminal::testing {

// Random bytes, or something that means something to a reader of reports.
class HostileText {
 public:
  explicit HostileText(unsigned seed) : random_(seed) {}

  std::string operator()() {
    static constexpr std::array<std::string_view, 24> known{"\n::error::forged",
                                                            "\r\n ::add-mask::e",
                                                            "##[add-matcher]m.json",
                                                            "##vso[task.x]y",
                                                            "%0A::set-output name=a::b",
                                                            "]]>",
                                                            "</failure><testcase name='x'/>",
                                                            "&#27;",
                                                            "&amp;",
                                                            "<![CDATA[",
                                                            "<img src=x>",
                                                            "@team",
                                                            "![x](http://e)",
                                                            "[x](javascript:1)",
                                                            "| a | b |",
                                                            "```",
                                                            "</pre><script>",
                                                            "<!-- liminal:ci -->",
                                                            "\x1b[31m",
                                                            "\u202e",
                                                            "yaml",
                                                            "[[ATTACHMENT|/etc/passwd]]",
                                                            "\xed\xa0\x80",
                                                            "\ufffe"};
    std::string text;
    for (auto parts = random_() % 4; parts > 0; --parts) {
      if (random_() % 2 == 0) {
        text += known.at(random_() % known.size());
      } else {
        for (auto bytes = random_() % 8; bytes > 0; --bytes) text += static_cast<char>(random_() % 256);
      }
    }
    return text;
  }

  Position position() { return {static_cast<std::uint32_t>(random_() % 5), static_cast<std::uint32_t>(random_() % 9)}; }
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  std::mt19937 random_;
};

inline Diagnostic hostile_finding(HostileText& text) {
  Diagnostic finding;
  finding.rule = text();
  finding.severity = static_cast<Severity>(text.below(3));
  finding.message = text();
  finding.help = text();
  finding.location = {text(), {text.position(), text.position()}};
  finding.yaml_path = text();
  finding.value = text();
  finding.source = std::make_shared<const std::string>(text() + "\n" + text() + "\n" + text());
  finding.related.push_back({{text(), {text.position(), text.position()}}, text(), finding.source});
  if (text.below(2) == 0) finding.fix = Fix{text(), {text.position(), text.position()}, text(), false};
  return finding;
}

inline Json hostile_cluster(HostileText& text) {
  static constexpr std::array<const char*, 7> actions{"create", "update",    "replace", "delete",
                                                      "keep",   "unchanged", "x"};
  Json changes = Json::array();
  for (unsigned i = text.below(4); i > 0; --i) {
    Json field = {{"path", text()}, {"before", text()}, {"after", Json::array({text(), 1})}};
    field["conflicts"] = Json::array({{{"manager", text()}, {"time", text()}}});
    changes.push_back({{"action", actions.at(text.below(actions.size()))},
                       {"kind", text()},
                       {"name", text()},
                       {"note", text()},
                       {"file", text()},
                       {"losesData", text.below(2) == 0},
                       {"fields", Json::array({field, {{"path", text()}}})}});
  }
  return Json::array(
      {{{"system", text()}, {"namespace", text()}, {"notes", Json::array({text()})}, {"changes", std::move(changes)}}});
}

inline report::RunReport hostile_run(unsigned seed) {
  HostileText text(seed);
  report::RunReport run;
  run.command = text();
  for (unsigned i = text.below(4); i > 0; --i) run.findings.push_back(hostile_finding(text));
  for (unsigned i = text.below(3); i > 0; --i) {
    report::Stage stage{
        text.below(2) == 0 ? "validate" : text(), static_cast<report::Outcome>(text.below(4)), text(), {}, {}};
    for (unsigned j = text.below(3); j > 0; --j) {
      stage.cases.push_back({text(), text(), static_cast<report::Outcome>(text.below(4)), text(), text(), text(),
                             text.position(), std::chrono::milliseconds{text.below(5000)}});
    }
    run.stages.push_back(std::move(stage));
  }
  if (text.below(2) == 0) {
    run.errors.push_back({ErrorKind::failed, text(), text(), {text(), text()}, {text()}});
    run.errors.back().location = {text(), {text.position(), text.position()}};
    run.errors.back().source = std::make_shared<const std::string>(text() + "\n" + text());
  }
  run.data["mermaid"] = Json::array({text()});
  if (text.below(2) == 0) run.data["cluster"] = hostile_cluster(text);
  run.data["context"] = text();
  return run;
}

inline report::Context hostile_context(unsigned seed) {
  HostileText text(seed + 1'000'000);
  report::Context context;
  context.tool_version = "0.1.0";
  context.rules.push_back({text(), text(), text(), Severity::error});
  context.root = "/checkout";
  context.repository_prefix = text.below(2) == 0 ? "" : "sub folder/";
  return context;
}

}  // namespace liminal::testing
