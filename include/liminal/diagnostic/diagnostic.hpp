// A finding about the user's files, as plain data. Every reporter renders the same one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "liminal/base/location.hpp"

namespace liminal {

enum class Severity { note, warning, error };
[[nodiscard]] std::string_view to_string(Severity severity);

// Another place that explains the finding, such as where the name was first defined.
struct RelatedPlace {
  Location location;
  std::string message;
  std::shared_ptr<const std::string> source;  // of its file; null: the finding's, where both are in one file
};

// One suggested change of the finding's own file.
struct Fix {
  std::string title;  // what it does: replace `env` by `env_vars`
  Range range;
  std::string replacement;
  bool safe = false;  // the meaning is certainly what the author wanted
};

struct Diagnostic {
  std::string rule;  // id of the rule, such as unknown-key
  Severity severity = Severity::error;
  std::string message;  // what is wrong, one sentence without full stop; names from the file in back quotes
  std::string help;     // what to write instead; may be empty
  Location location;
  std::vector<RelatedPlace> related;
  std::optional<Fix> fix;
  // The place by meaning instead of by line: the path of keys, list items by their names
  // (pipelines[wine].tasks[train].image). With `value` it makes the finding's identity.
  std::string yaml_path;
  std::string value;
  // The text of the file, for the excerpt; shared by all findings of a file. Null where there is none.
  std::shared_ptr<const std::string> source;
};

// The finding's identity: rule, file, YAML path and value, hashed; never a line number. 32 hexadecimal digits.
// Equal findings are told apart by `occurrence`, counted from 0.
[[nodiscard]] std::string fingerprint(const Diagnostic& diagnostic, unsigned occurrence = 0);

// The fingerprints of all findings, in their order; equal ones are numbered.
[[nodiscard]] std::vector<std::string> fingerprints(const std::vector<Diagnostic>& diagnostics);

// What makes findings one mistake, which many heirs and tasks meet in a layer, in defaults or behind an anchor: rule,
// severity, place, value, and the message without the names in back quotes. Empty: a finding about a file as a whole,
// or about no value in particular, is a mistake of its own.
[[nodiscard]] std::string mistake_of(const Diagnostic& diagnostic);

// Adds what another finding of the same mistake is related to and this one is not.
void add_related_of(Diagnostic& diagnostic, Diagnostic other);

// By file, place, severity (worst first) and rule; equal findings at one place are kept once, with what each is related
// to.
void sort_and_deduplicate(std::vector<Diagnostic>& diagnostics);

// Where findings go.
class DiagnosticSink {
 public:
  virtual ~DiagnosticSink() = default;
  virtual void report(Diagnostic diagnostic) = 0;
  // Whether further findings about the file would be dropped: there is no use in looking for them.
  [[nodiscard]] virtual bool full(std::string_view /*file*/) const { return false; }
};

// What nobody reads to the end: a file has no more mistakes than this, and a mistake no more findings.
inline constexpr std::size_t most_mistakes_of_a_file = 1000;
inline constexpr std::size_t most_findings_of_a_mistake = 50;

// Keeps the first mistakes of each file and the first findings of each mistake, up to those bounds.
class DiagnosticList final : public DiagnosticSink {
 public:
  void report(Diagnostic diagnostic) override;
  [[nodiscard]] bool full(std::string_view file) const override;
  std::vector<Diagnostic> items;

 private:
  struct Findings {
    std::set<std::string, std::less<>> messages;
    std::size_t repetitions = 0;  // of those, kept for what they are related to
  };
  // Whether another finding of a mistake that was met before is wanted.
  static bool take(Findings& known, const std::string& message);

  std::map<std::string, std::size_t, std::less<>> mistakes_of_;  // by file
  std::unordered_map<std::string, Findings> findings_of_;        // by mistake_of()
};

}  // namespace liminal
