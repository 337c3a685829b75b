// JUnit XML in the form that the readers of GitLab, Jenkins and the GitHub actions all understand: one level of suites,
// one start tag a line, at most one of failure, error and skipped a case, with the same text as message and as body.
// There is no system-out: GitLab takes [[ATTACHMENT|path]] in it as a command.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <tinyxml2.h>

#include "finding_text.hpp"
#include "inert_text.hpp"
#include "repository_path.hpp"
#include "tally.hpp"
#include "writers.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t body_width = 120;
constexpr std::size_t name_bytes = 512;
constexpr std::size_t message_bytes = 2048;

enum class Verdict { passed, failure, error, skipped };

struct TestCase {
  std::string classname;
  std::string name;
  std::string file;  // path from the repository's root
  std::uint32_t line = 0;
  std::chrono::milliseconds took{0};
  Verdict verdict = Verdict::passed;
  std::string type;  // a rule id
  std::string message;
  std::string body;
};

struct Suite {
  std::string name;
  std::chrono::milliseconds took{0};
  std::vector<TestCase> cases;

  [[nodiscard]] std::size_t count(Verdict verdict) const {
    std::size_t count = 0;
    for (const TestCase& one : cases) count += one.verdict == verdict ? 1 : 0;
    return count;
  }
};

std::string seconds(std::chrono::milliseconds took) {
  const auto ms = std::max<std::chrono::milliseconds::rep>(took.count(), 0);
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

// Jenkins groups by the last dot of a class name, so a dot in a name is shown as another sign.
std::string class_part(std::string_view text) {
  std::string part = visible_line(text);
  std::replace(part.begin(), part.end(), '.', '_');
  return part;
}

// Builds the suites: the stages' cases, with each file's findings in that file's case.
class SuiteBuilder {
 public:
  SuiteBuilder(const RunReport& run, const Context& context) : run_(run), context_(context) {}

  std::vector<Suite> build() && {
    for (std::size_t i = 0; i < run_.findings.size(); ++i) by_file_[run_.findings[i].location.file].push_back(i);
    fingerprints_ = liminal::fingerprints(run_.findings);
    suites_.push_back(command_suite());
    for (const Stage& stage : run_.stages) add_stage(stage);
    add_files_without_case();
    for (Suite& suite : suites_) make_names_unique(suite);
    return std::move(suites_);
  }

 private:
  // A case that is always there: failures of the world are its error, and no report is ever without a case.
  Suite command_suite() const {
    TestCase one;
    one.classname = "liminal." + class_part(run_.command);
    one.name = "runs to its end";
    one.took = run_.took;
    if (!run_.errors.empty()) {
      one.verdict = Verdict::error;
      one.type = "error";
      one.message = run_.errors.front().message;
      const Location& location = run_.errors.front().location;
      if (!location.file.empty()) one.file = repository_path(location.file, run_, context_);
      one.line = location.range.begin.line;
      for (Error error : run_.errors) {
        if (!error.location.file.empty()) error.location.file = repository_path(error.location.file, run_, context_);
        one.body += plain_text(error_lines(error, body_width));
      }
    }
    return {"liminal " + run_.command, run_.took, {std::move(one)}};
  }

  void add_stage(const Stage& stage) {
    Suite suite{stage.name, stage.took, {}};
    for (const Case& one : stage.cases) suite.cases.push_back(case_of(stage, one));
    // A suite without a case vanishes in Jenkins: the stage itself is the case.
    if (suite.cases.empty()) {
      suite.cases.push_back(case_of(stage, {{}, stage.name, stage.outcome, stage.summary, {}, {}, {}, stage.took}));
    }
    suites_.push_back(std::move(suite));
  }

  TestCase case_of(const Stage& stage, const Case& one) {
    TestCase result;
    result.classname = "liminal." + class_part(stage.name);
    if (!one.group.empty()) result.classname += "." + class_part(one.group);
    result.name = one.name;
    result.took = one.took;
    if (!one.file.empty()) result.file = repository_path(one.file, run_, context_);
    result.line = one.position.line;
    const bool checks_file = stage.name == "validate" && !one.file.empty();
    const std::vector<std::size_t> findings = checks_file ? take_findings(one.file) : std::vector<std::size_t>{};
    if (one.outcome == Outcome::skipped) {
      result.verdict = Verdict::skipped;
      result.message = one.summary.empty() ? "skipped" : one.summary;
    } else if (has_error(findings) || (one.outcome == Outcome::failed && !findings.empty())) {
      fail_with(result, findings);
    } else if (one.outcome == Outcome::failed) {
      result.verdict = Verdict::failure;
      result.type = stage.name;
      result.message = one.summary.empty() ? "failed" : one.summary;
      result.body = place_before(one) + result.message + "\n" + one.output;
    }
    return result;
  }

  std::string place_before(const Case& one) const {
    if (one.file.empty()) return {};
    return place_text({repository_path(one.file, run_, context_), {one.position, one.position}}) + ": ";
  }

  void add_files_without_case() {
    Suite suite{"findings", std::chrono::milliseconds{0}, {}};
    for (const auto& [file, findings] : by_file_) {
      TestCase one;
      one.classname = "liminal.findings";
      one.name = file.empty() ? "configuration" : file;
      one.file = repository_path(file, run_, context_);
      if (has_error(findings)) fail_with(one, findings);
      suite.cases.push_back(std::move(one));
    }
    if (!suite.cases.empty()) suites_.push_back(std::move(suite));
  }

  std::vector<std::size_t> take_findings(const std::string& file) {
    const auto found = by_file_.find(file);
    if (found == by_file_.end()) return {};
    std::vector<std::size_t> findings = std::move(found->second);
    by_file_.erase(found);
    return findings;
  }

  [[nodiscard]] bool has_error(const std::vector<std::size_t>& findings) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](std::size_t i) { return run_.findings[i].severity == Severity::error; });
  }

  void fail_with(TestCase& one, std::vector<std::size_t> findings) const {
    std::stable_sort(findings.begin(), findings.end(), [&](std::size_t a, std::size_t b) {
      return run_.findings[a].severity > run_.findings[b].severity;
    });
    const Diagnostic& worst = run_.findings[findings.front()];
    one.verdict = Verdict::failure;
    one.type = worst.rule;
    one.line = worst.location.range.begin.line;
    for (const std::size_t index : findings) {
      one.body += plain_text(finding_lines(with_repository_paths(run_.findings[index]), body_width));
      one.body += fmt::format("   = fingerprint: {}\n\n", fingerprints_[index]);
    }
    one.message = one.body.substr(0, one.body.find('\n'));
    if (findings.size() > 1) one.message += fmt::format(" (and {} more)", findings.size() - 1);
  }

  // Jenkins finds the place by the first `path:line` in the text.
  [[nodiscard]] Diagnostic with_repository_paths(Diagnostic finding) const {
    finding.location.file = repository_path(finding.location.file, run_, context_);
    for (RelatedPlace& place : finding.related) {
      place.location.file = repository_path(place.location.file, run_, context_);
    }
    return finding;
  }

  // GitLab keeps the first of two cases of one name.
  void make_names_unique(Suite& suite) {
    for (TestCase& one : suite.cases) {
      one.name = shortened(visible_line(one.name.empty() ? "case" : one.name), name_bytes);
      one.classname = shortened(one.classname, name_bytes);
      const std::string name = one.name;
      for (unsigned n = 2; !used_names_.insert(one.classname + '\n' + one.name).second; ++n) {
        one.name = fmt::format("{} #{}", name, n);
      }
    }
  }

  const RunReport& run_;
  const Context& context_;
  std::map<std::string, std::vector<std::size_t>> by_file_;
  std::vector<std::string> fingerprints_;
  std::set<std::string> used_names_;
  std::vector<Suite> suites_;
};

class JunitWriter {
 public:
  std::string write(const std::vector<Suite>& suites, const RunReport& run) && {
    std::size_t tests = 0;
    for (const Suite& suite : suites) tests += suite.cases.size();
    printer_.PushDeclaration("xml version=\"1.0\" encoding=\"UTF-8\"");
    printer_.OpenElement("testsuites");
    attribute("name", "liminal " + run.command);
    attribute("time", seconds(run.took));
    attribute("tests", tests);
    attribute("failures", sum(suites, Verdict::failure));
    attribute("errors", sum(suites, Verdict::error));
    attribute("skipped", sum(suites, Verdict::skipped));
    const std::string timestamp =
        fmt::format("{:%Y-%m-%dT%H:%M:%S}", std::chrono::floor<std::chrono::seconds>(run.started));
    for (const Suite& suite : suites) write(suite, timestamp);
    printer_.CloseElement();
    return without_commands(printer_.CStr());
  }

 private:
  // A runner whose log shows the report takes `::name::` and `##[name]` for commands; XML has other ways to write both.
  // There is neither in markup, nor a reference by number, so each is text or an attribute's value.
  static std::string without_commands(std::string_view xml) {
    std::string out;
    out.reserve(xml.size());
    for (std::size_t i = 0; i < xml.size(); ++i) {
      if (xml[i] == '#') {
        out += "&#35;";
      } else if (xml[i] == ':' && i + 1 < xml.size() && colon_may_begin_command(xml[i + 1])) {
        out += "&#58;";
      } else {
        out += xml[i];
      }
    }
    return out;
  }

  static std::size_t sum(const std::vector<Suite>& suites, Verdict verdict) {
    std::size_t count = 0;
    for (const Suite& suite : suites) count += suite.count(verdict);
    return count;
  }

  void attribute(const char* name, const std::string& value) {
    printer_.PushAttribute(name, visible_line(value).c_str());
  }
  void attribute(const char* name, std::size_t value) { attribute(name, std::to_string(value)); }

  void write(const Suite& suite, const std::string& timestamp) {
    printer_.OpenElement("testsuite");
    attribute("name", suite.name);
    attribute("time", seconds(suite.took));
    attribute("timestamp", timestamp);
    attribute("tests", suite.cases.size());
    attribute("failures", suite.count(Verdict::failure));
    attribute("errors", suite.count(Verdict::error));
    attribute("skipped", suite.count(Verdict::skipped));
    for (const TestCase& one : suite.cases) write(one);
    printer_.CloseElement();
  }

  void write(const TestCase& one) {
    printer_.OpenElement("testcase");
    attribute("classname", one.classname);
    attribute("name", one.name);
    if (!one.file.empty()) {
      attribute("file", one.file);
      attribute("line", std::max<std::size_t>(one.line, 1));
    }
    attribute("time", seconds(one.took));
    write_verdict(one);
    printer_.CloseElement();
  }

  void write_verdict(const TestCase& one) {
    if (one.verdict == Verdict::passed) return;
    const char* element = "skipped";
    if (one.verdict == Verdict::failure) element = "failure";
    if (one.verdict == Verdict::error) element = "error";
    printer_.OpenElement(element);
    attribute("message", shortened(visible_line(one.message), message_bytes));
    // Rails casts the text by this attribute (`integer`, `yaml`, ...), so it is never one of its words.
    if (!one.type.empty()) attribute("type", "liminal." + one.type);
    printer_.PushText(body_of(one).c_str());
    printer_.CloseElement();
  }

  std::string body_of(const TestCase& one) {
    const std::size_t room = std::min(limits::junit_body_bytes, limits::junit_bodies_bytes - used_);
    const std::string text = visible(one.body.empty() ? one.message : one.body);
    std::string body = shortened(text, std::max<std::size_t>(room, 256));
    if (body.size() < text.size())
      body += "\nthe rest is left out here; the log and the other reports have all of it\n";
    used_ = std::min(used_ + body.size(), limits::junit_bodies_bytes);
    return body;
  }

  tinyxml2::XMLPrinter printer_;
  std::size_t used_ = 0;
};

}  // namespace

std::string to_junit(const RunReport& run, const Context& context) {
  return JunitWriter{}.write(SuiteBuilder(run, context).build(), run);
}

}  // namespace liminal::report
