#include "liminal/report/text.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "captured_terminal.hpp"
#include "sample_run.hpp"

namespace liminal::report {
namespace {

using testing::CapturedTerminal;
using ::testing::HasSubstr;
using ::testing::Not;

Diagnostic finding_in(std::string source, Range range) {
  Diagnostic finding;
  finding.rule = "unknown-key";
  finding.message = "unknown key `env`";
  finding.location = {"liminal.yml", range};
  finding.source = std::make_shared<const std::string>(std::move(source));
  return finding;
}

std::string shown(const Diagnostic& finding, std::size_t width = 100) {
  CapturedTerminal terminal(false, false, width);
  print_finding(terminal.get(), finding);
  return terminal.text();
}

TEST(Finding, ShowsPlaceSourceCaretHelpAndFix) {
  Diagnostic finding = finding_in("name: a\ntasks:\n  - env:\n      A: 1\n", {{3, 5}, {3, 8}});
  finding.help = "did you mean `env_vars`?";
  finding.fix = Fix{"replace `env` by `env_vars`", {{3, 5}, {3, 8}}, "env_vars", true};
  EXPECT_EQ(shown(finding),
            "liminal.yml:3:5: error: unknown key `env` [unknown-key]\n"
            "   |\n"
            " 3 |   - env:\n"
            "   |     ^^^\n"
            "   = help: did you mean `env_vars`?\n"
            "   = fix: replace `env` by `env_vars`\n"
            " 3 -   - env:\n"
            " 3 +   - env_vars:\n");
}

TEST(Finding, WithoutPlaceIsItsMessage) {
  Diagnostic finding;
  finding.rule = "no-file";
  finding.message = "nothing here";
  EXPECT_EQ(shown(finding), "error: nothing here [no-file]\n");
  finding.location.file = "a.yml";
  EXPECT_EQ(shown(finding), "a.yml: error: nothing here [no-file]\n");
}

TEST(Finding, UnderlinesTheTokenBehindTabsAndWideCharacters) {
  EXPECT_THAT(shown(finding_in("\t漢字: x\n", {{1, 6}, {1, 7}})), HasSubstr(" 1 |     漢字: x\n"
                                                                            "   |           ^\n"));
}

TEST(Finding, UnderlinesTheTokenBehindEscapedCharacters) {
  EXPECT_THAT(shown(finding_in("a\u202e##[b: x\n", {{1, 6}, {1, 7}})), HasSubstr(" 1 | a\\u{202e}#\\x23[b: x\n"
                                                                                 "   |                ^\n"));
}

TEST(Finding, CutsALongLineAroundTheToken) {
  const std::string text =
      shown(finding_in(std::string(500, 'a') + "TOKEN" + std::string(500, 'b'), {{1, 501}, {1, 506}}), 60);
  EXPECT_THAT(text, HasSubstr("TOKEN"));
  EXPECT_THAT(text, HasSubstr("…aaaa"));
  EXPECT_THAT(text, HasSubstr("bbb…\n"));
  const std::size_t source_line = text.find(" 1 | ");
  const std::string line = text.substr(source_line, text.find('\n', source_line) - source_line);
  const std::string next = text.substr(source_line + line.size() + 1);
  EXPECT_LE(display_width(line), 60U);
  EXPECT_EQ(display_width(line.substr(0, line.find("TOKEN"))), next.find('^'));
  EXPECT_EQ(next.substr(next.find('^'), 6), "^^^^^\n");
}

TEST(Finding, ShowsARangeOfSeveralLinesWithABar) {
  EXPECT_THAT(shown(finding_in("a:\n  b: 1\n  c: 2\n\nd: 3\n", {{2, 3}, {5, 1}})), HasSubstr(" 2 | /   b: 1\n"
                                                                                             " 3 | |   c: 2\n"
                                                                                             "   | |______^\n"));
}

TEST(Finding, LeavesOutTheMiddleOfALongRange) {
  std::string source;
  for (int i = 1; i <= 40; ++i) source += "line" + std::to_string(i) + "\n";
  const std::string text = shown(finding_in(source, {{1, 1}, {40, 7}}));
  EXPECT_THAT(text, HasSubstr("  4 | | line4\n    | | ...\n 40 | | line40\n"));
  EXPECT_THAT(text, Not(HasSubstr("line5\n")));
}

TEST(Finding, ShowsAPlaceAtTheEndOfTheFile) {
  EXPECT_THAT(shown(finding_in("a: 1\n", {{2, 1}, {2, 1}})), HasSubstr(" 2 | \n   | ^\n"));
  EXPECT_THAT(shown(finding_in("a: [", {{1, 5}, {1, 5}})), HasSubstr(" 1 | a: [\n   |     ^\n"));
}

TEST(Finding, SurvivesAPlaceThatTheSourceDoesNotHave) {
  EXPECT_EQ(shown(finding_in("a: 1\n", {{90, 7}, {91, 8}})),
            "liminal.yml:90:7: error: unknown key `env` [unknown-key]\n");
  EXPECT_THAT(shown(finding_in("a: 1\n", {{1, 900}, {1, 4}})), HasSubstr(" 1 | a: 1\n   |     ^\n"));
}

TEST(Finding, ShowsRelatedPlacesWithTheirOwnExcerpt) {
  Diagnostic finding = finding_in("name: x\nname: y\n", {{2, 1}, {2, 5}});
  finding.related.push_back({{"liminal.yml", {{1, 1}, {1, 5}}}, "first defined here", nullptr});
  finding.related.push_back({{"base.yml", {{12, 3}, {12, 4}}},
                             "and here",
                             std::make_shared<const std::string>(std::string(11, '\n') + "  z: 1")});
  EXPECT_THAT(shown(finding), HasSubstr("    = note: liminal.yml:1:1: first defined here\n"
                                        "    |\n"
                                        "  1 | name: x\n"
                                        "    | ^^^^\n"
                                        "    = note: base.yml:12:3: and here\n"
                                        "    |\n"
                                        " 12 |   z: 1\n"
                                        "    |   ^\n"));
}

TEST(Finding, CutsALongLineAroundItsFix) {
  for (const std::size_t before : {0U, 90U, 150U, 500U, 5000U}) {
    Diagnostic finding = finding_in(std::string(before, 'a') + "TOKEN" + std::string(500, 'b'),
                                    {{1, static_cast<std::uint32_t>(before + 1)}, {1, 0}});
    finding.location.range.end = {1, finding.location.range.begin.column + 5};
    finding.fix = Fix{"replace it", finding.location.range, "OTHER", true};
    const std::string text = shown(finding, 60);
    EXPECT_THAT(text, HasSubstr("TOKENbbb")) << before;
    EXPECT_THAT(text, HasSubstr("OTHERbbb")) << before;
    const std::string added = text.substr(text.find(" 1 + "));
    EXPECT_LE(display_width(added.substr(0, added.find('\n'))), 60U) << before;
  }
}

TEST(Finding, ShowsAFixThatTakesALineAway) {
  Diagnostic finding = finding_in("a: 1\nb: 2\n", {{2, 1}, {2, 2}});
  finding.fix = Fix{"remove `b`", {{2, 1}, {3, 1}}, "", false};
  EXPECT_THAT(shown(finding), HasSubstr("   = fix: remove `b`\n 2 - b: 2\n"));
}

TEST(Summary, CountsFindingsAndSaysHowMuchWasChecked) {
  RunReport run;
  run.files_checked = 14;
  run.rules_applied = 23;
  CapturedTerminal clean;
  print_summary(clean.get(), run);
  EXPECT_EQ(clean.text(), "nothing wrong in 14 files (23 rules)\n");

  run.findings.push_back(finding_in("a", {{1, 1}, {1, 2}}));
  run.findings.push_back(run.findings.back());
  run.findings.back().severity = Severity::warning;
  CapturedTerminal wrong;
  print_summary(wrong.get(), run);
  EXPECT_EQ(wrong.text(), "1 error, 1 warning in 1 of 14 files (23 rules)\n");
}

TEST(Summary, DoesNotCallNothingCheckedAPass) {
  CapturedTerminal terminal;
  print_summary(terminal.get(), RunReport{});
  EXPECT_EQ(terminal.text(), "no file was checked\n");
}

TEST(ErrorText, ShowsCausesExcerptAndAdvice) {
  CapturedTerminal terminal;
  print_error(terminal.get(), Error{ErrorKind::failed,
                                    "cannot build x",
                                    "look at the requirements",
                                    {"pip ended with 1"},
                                    {"No matching distribution"}});
  EXPECT_EQ(terminal.text(),
            "error: cannot build x\n"
            "  because: pip ended with 1\n"
            "  | No matching distribution\n"
            "  = help: look at the requirements\n");
}

TEST(ErrorText, ShowsTheLineThatItIsAbout) {
  CapturedTerminal terminal;
  print_error(terminal.get(), testing::sample_error());
  EXPECT_EQ(terminal.text(),
            "liminal.yml:2:5: error: cannot apply x\n"
            "   |\n"
            " 2 |   - env: x\n"
            "   |     ^^^\n"
            "  because: not allowed\n"
            "  = help: correct what the server names\n");
}

TEST(StageText, ShowsOutcomeAndWhatFailed) {
  Stage stage{"build", Outcome::failed, "1 of 2 images built", std::chrono::milliseconds(61'500), {}};
  stage.cases.push_back({"wine", "image a", Outcome::passed, {}, {}, {}, {}, {}});
  stage.cases.push_back({"wine", "image b", Outcome::failed, "pip failed", "one\n::error::two\n", {}, {}, {}});
  CapturedTerminal terminal;
  print_stage(terminal.get(), stage);
  EXPECT_EQ(terminal.text(),
            "build      failed     1 of 2 images built  1 min 1 s\n"
            "  failed image b (wine): pip failed\n"
            "    | one\n"
            "    | ::error::two\n");
}

TEST(TerminalProgress, PrintsPlainLinesWhereNothingCanBeRedrawn) {
  CapturedTerminal terminal;
  const auto progress = make_terminal_progress(terminal.get(), false);
  progress->started("image wine", "resolving");
  progress->output("image wine", "a\x1b[2Jb\n::error::c");
  progress->finished("image wine", Progress::Outcome::done, "sha256:ab", std::chrono::milliseconds(1234));
  EXPECT_EQ(terminal.text(),
            "image wine: resolving\n"
            "image wine | a\\x1b[2Jb\n"
            "image wine | ::error::c\n"
            "image wine: done  sha256:ab  1.2 s\n");
}

TEST(TerminalProgress, SaysOnlyFailuresWhenQuiet) {
  CapturedTerminal terminal;
  const auto progress = make_terminal_progress(terminal.get(), true);
  progress->started("a", "x");
  progress->output("a", "y");
  progress->finished("a", Progress::Outcome::done, "", {});
  progress->finished("b", Progress::Outcome::failed, "why", {});
  EXPECT_EQ(terminal.text(), "b: failed  why\n");
}

TEST(TerminalProgress, RedrawsALinePerRunningItem) {
  CapturedTerminal terminal(false, true);
  {
    const auto progress = make_terminal_progress(terminal.get(), false);
    progress->started("a", "one");
    progress->step("a", "two");
    progress->finished("a", Progress::Outcome::unchanged, "", {});
  }
  EXPECT_EQ(terminal.text(),
            "a: one\n\x1b[1A\x1b[Ja: two\n\x1b[1A\x1b[J"
            "a: unchanged\n");
}

TEST(TerminalProgress, KeepsLinesWholeWhenThreadsPrintAtOnce) {
  CapturedTerminal terminal(false, true);
  {
    const auto progress = make_terminal_progress(terminal.get(), false);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        const std::string item = "task" + std::to_string(i);
        progress->started(item, "runs");
        for (int line = 0; line < 50; ++line) progress->output(item, "line " + std::to_string(line));
        progress->finished(item, Progress::Outcome::done, "", {});
      });
    }
  }
  for (int i = 0; i < 4; ++i) {
    for (int line = 0; line < 50; ++line) {
      EXPECT_THAT(terminal.text(), HasSubstr("task" + std::to_string(i) + " | line " + std::to_string(line) + "\n"));
    }
  }
}

}  // namespace
}  // namespace liminal::report
