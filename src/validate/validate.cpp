#include "liminal/validate/validate.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "liminal/base/thread_pool.hpp"
#include "liminal/report/counted.hpp"
#include "liminal/schema/schema.hpp"

#include "same_place.hpp"
#include "too_many.hpp"

namespace liminal::validate {

namespace {

std::vector<Diagnostic> joined(std::vector<DiagnosticList> lists) {
  std::vector<Diagnostic> findings;
  for (DiagnosticList& list : lists) std::move(list.items.begin(), list.items.end(), std::back_inserter(findings));
  return findings;
}

using Rules = std::span<const std::string_view>;

// Leaves out what rules of `echoes` tell about files of which rules of `causes` do, and about those of `heirs`.
void drop_echoes(std::vector<Diagnostic>& findings, Rules causes, Rules echoes,
                 std::span<const model::System> heirs = {}) {
  const auto one_of = [](Rules rules, const Diagnostic& finding) {
    return std::find(rules.begin(), rules.end(), finding.rule) != rules.end();
  };
  std::set<std::string> broken;
  for (const Diagnostic& finding : findings) {
    if (one_of(causes, finding)) broken.insert(finding.location.file);
  }
  for (const model::System& system : heirs) {
    if (std::any_of(system.documents.begin(), system.documents.end(),
                    [&](const auto& document) { return broken.contains(document->file()); }))
      broken.insert(system.file);
  }
  std::erase_if(findings, [&](const Diagnostic& finding) {
    return one_of(echoes, finding) && broken.contains(finding.location.file);
  });
}

// Of a file that could not be read to its end, what is missing from it, and what the broken place looks like, says
// nothing; nor does what a file lacks whose `super` is not there.
void drop_echoes(std::vector<Diagnostic>& findings, const std::vector<model::System>& systems) {
  constexpr std::array<std::string_view, 6> syntax{"yaml-syntax",   "encoding",   "unquoted-placeholder",
                                                   "unquoted-cron", "alias-bomb", "unreadable-file"};
  constexpr std::array<std::string_view, 4> of_syntax{"missing-name", "missing-key", "schema-required", "schema-type"};
  drop_echoes(findings, syntax, of_syntax);
  constexpr std::array<std::string_view, 1> super{"unknown-super"};
  constexpr std::array<std::string_view, 7> of_super{
      "missing-key",    "placeholder-without-value", "unknown-executor", "unknown-image",
      "unknown-secret", "unknown-variables",         "unknown-volume"};
  drop_echoes(findings, super, of_super, systems);
}

void add_rendered(const document::Value& value, schema::Rendered& rendered) {
  for (const document::Value& item : value.items) add_rendered(item, rendered);
  for (const document::Value::Member& member : value.members) add_rendered(member.value, rendered);
  const document::Node* node = value.origin.node;
  const bool placeholder = node != nullptr && value.kind == document::Kind::scalar &&
                           node->kind == document::Kind::scalar && document::holds_template(node->scalar);
  if (placeholder) rendered.emplace(node, value.scalar);
}

// Each file against the schema, on all threads; findings in the order of the files whatever the threads did.
std::vector<Diagnostic> check_schema(const World& world, const config::Project& project,
                                     const std::vector<model::System>& systems) {
  schema::Rendered rendered;
  for (const model::System& system : systems) {
    if (system.resolved != nullptr) add_rendered(*system.resolved, rendered);
  }
  std::vector<DiagnosticList> by_file(project.documents.size());
  parallel_for(world.jobs, project.documents.size(), [&](std::size_t i) {
    if (project.documents[i] != nullptr && !world.cancellation.requested())
      schema::validate(*project.documents[i], by_file[i], rendered);
  });
  by_file.emplace_back();
  for (const auto& document : project.types.documents) {
    if (document != nullptr) schema::validate_types(*document, by_file.back());
  }
  return joined(std::move(by_file));
}

// Below this, starting a thread takes longer than what it would take over.
constexpr std::size_t worth_a_thread = 64U << 10;

std::size_t size_of(const config::Project& project) {
  std::size_t size = 0;
  for (const auto& document : project.documents) size += document == nullptr ? 0 : document->source()->size();
  return size;
}

// Each rule over everything, on all threads; findings in the order of the rules.
std::vector<Diagnostic> check_rules(const World& world, const rules::Subject& subject) {
  std::vector<const rules::Rule*> active;
  for (const rules::Rule* rule : rules::all()) {
    if (rule->check != nullptr) active.push_back(rule);
  }
  std::vector<DiagnosticList> by_rule(active.size());
  const unsigned threads = size_of(subject.project) < worth_a_thread ? 1 : world.jobs;
  parallel_for(threads, active.size(), [&](std::size_t i) {
    if (!world.cancellation.requested()) active[i]->check(subject, by_rule[i]);
  });
  return joined(std::move(by_rule));
}

// Whether one of the files that a system is made of has an error: what is rendered of it would only follow from that.
class Sound {
 public:
  explicit Sound(const std::vector<Diagnostic>& findings) {
    for (const Diagnostic& finding : findings) {
      if (finding.severity == Severity::error) broken_.insert(finding.location.file);
    }
  }

  [[nodiscard]] bool operator()(const model::System& system) const {
    return std::none_of(system.documents.begin(), system.documents.end(),
                        [&](const auto& document) { return broken_.contains(document->file()); });
  }

 private:
  std::set<std::string, std::less<>> broken_;
};

// Of an executor that one heir of a layer uses and another does not, the error is enough.
void drop_weaker(std::vector<Diagnostic>& findings) {
  const auto key = [](const Diagnostic& one) {
    return std::make_tuple(std::string_view(one.location.file), one.location.range.begin,
                           std::string_view(one.message));
  };
  std::set<decltype(key(findings.front()))> errors;
  for (const Diagnostic& one : findings) {
    if (one.severity == Severity::error) errors.insert(key(one));
  }
  std::vector<Diagnostic> kept;
  for (const Diagnostic& one : findings) {
    if (one.severity == Severity::error || !errors.contains(key(one))) kept.push_back(one);
  }
  findings = std::move(kept);
}

// What the engine cannot express of each system by itself; objects of one name are a rule's.
std::vector<Diagnostic> check_engine(const World& world, const Validation& so_far, engine::Target target) {
  target.only_findings = true;
  const Sound sound(so_far.findings);
  const std::span<const model::System> systems = so_far.systems;
  std::vector<DiagnosticList> by_system(systems.size());
  const unsigned threads = size_of(so_far.project) < worth_a_thread ? 1 : world.jobs;
  parallel_for(threads, systems.size(), [&](std::size_t i) {
    if (world.cancellation.requested() || !sound(systems[i])) return;
    for (Diagnostic& finding : engine::render(systems.subspan(i, 1), target).findings)
      by_system[i].report(std::move(finding));
  });
  std::vector<Diagnostic> findings = joined(std::move(by_system));
  drop_weaker(findings);
  return findings;
}

report::Case case_of(const std::string& file, const std::vector<const Diagnostic*>& findings) {
  report::Case result;
  result.group = "files";
  result.name = file;
  result.file = file;
  if (findings.empty()) {
    result.summary = "nothing wrong";
    return result;
  }
  const Diagnostic& worst = **std::max_element(findings.begin(), findings.end(),
                                               [](const auto* a, const auto* b) { return a->severity < b->severity; });
  result.outcome = worst.severity == Severity::error ? report::Outcome::failed : report::Outcome::passed;
  result.position = worst.location.range.begin;
  result.summary =
      findings.size() == 1 ? worst.message : fmt::format("{} (and {} more)", worst.message, findings.size() - 1);
  for (const Diagnostic* finding : findings) {
    const Position at = finding->location.range.begin;
    result.output += fmt::format("{}:{}:{}: {}: {} [{}]\n", file, at.line, at.column, to_string(finding->severity),
                                 finding->message, finding->rule);
  }
  return result;
}

// One case a file: one with nothing wrong is told too, since that shows it was checked.
report::Stage stage_of(const config::Project& project, const std::vector<Diagnostic>& findings) {
  std::map<std::string_view, std::vector<const Diagnostic*>> by_file;
  for (const Diagnostic& finding : findings) by_file[finding.location.file].push_back(&finding);
  report::Stage stage;
  stage.name = "validate";
  std::size_t bad_files = 0;
  const auto add = [&](const std::string& file, const std::vector<const Diagnostic*>& found) {
    stage.cases.push_back(case_of(file, found));
    if (stage.cases.back().outcome == report::Outcome::failed) ++bad_files;
  };
  for (const auto* files : {&project.files, &project.types.files}) {
    for (const config::SourceFile& file : *files) {
      const auto found = by_file.extract(file.shown);
      add(file.shown, found.empty() ? std::vector<const Diagnostic*>() : found.mapped());
    }
  }
  // Other files are told of only where something is wrong in them: a requirements.txt.
  for (const auto& [file, found] : by_file) {
    if (!file.empty()) add(std::string(file), found);
  }
  stage.outcome = has_errors(findings) ? report::Outcome::failed : report::Outcome::passed;
  const std::size_t files = stage.cases.size();
  stage.summary = bad_files == 0 ? fmt::format("{} checked", report::counted(files, "file"))
                                 : fmt::format("{} of {} with errors", bad_files, report::counted(files, "file"));
  return stage;
}

}  // namespace

bool has_errors(const std::vector<Diagnostic>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Diagnostic& finding) { return finding.severity == Severity::error; });
}

Result<Validation> validate(const World& world, const std::vector<config::SourceFile>& files, const Options& options) {
  const auto started = world.clock.monotonic();
  Validation result;
  DiagnosticList reading;
  result.project = config::load(world, files, reading);
  result.systems = config::resolve(world, result.project, options.config, reading);
  result.findings = std::move(reading.items);
  const rules::Subject subject{world, result.project, result.systems, options.check_files};
  for (std::vector<Diagnostic> more :
       std::array{check_schema(world, result.project, result.systems), check_rules(world, subject)}) {
    std::move(more.begin(), more.end(), std::back_inserter(result.findings));
  }
  if (options.target) {
    auto more = check_engine(world, result, *options.target);
    std::move(more.begin(), more.end(), std::back_inserter(result.findings));
  }
  if (world.cancellation.requested()) return fail(ErrorKind::interrupted, "stopped while validating");
  drop_echoes(result.findings, result.systems);
  sort_and_deduplicate(result.findings);
  join_at_same_place(result.findings);
  drop_too_many(result.findings);
  result.rules_applied = rules::all().size();
  result.stage = stage_of(result.project, result.findings);
  result.stage.took = std::chrono::duration_cast<std::chrono::milliseconds>(world.clock.monotonic() - started);
  return result;
}

}  // namespace liminal::validate
