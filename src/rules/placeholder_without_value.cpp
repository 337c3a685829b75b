#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "liminal/jinja/template_parts.hpp"
#include "liminal/model/airflow_names.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// Who renders what is left when the variables of the file are in.
enum class Renderer { engine, nobody };

struct List {
  std::string_view key;
  Renderer renderer = Renderer::engine;
  Severity severity = Severity::warning;
};
// A system's objects. Without a value in a volume, nothing can be made; a service's program may mean the braces.
constexpr std::array lists{List{"volumes", Renderer::nobody, Severity::error},
                           List{"secrets", Renderer::nobody, Severity::error},
                           List{"services", Renderer::nobody},
                           List{"images"},
                           List{"executors"},
                           List{"pipelines"}};

using Names = std::vector<std::string_view>;

void add_names(const document::Value* map, Names& names) {
  if (map == nullptr || !map->is_mapping()) return;
  for (const auto& member : map->members) names.push_back(member.key);
}

class Walk {
 public:
  Walk(const model::System& system, DiagnosticSink& findings)
      : system_(system), findings_(findings), variables_(system.resolved->find("variables")) {
    add_names(variables_, names_);
  }

  void check(const List& list) {
    const document::Value* objects = system_.resolved->find(list.key);
    if (objects == nullptr) return;
    list_ = &list;
    walk(*objects, std::string(list.key), false);
  }

 private:
  // The variables of a task, its own or those of a map that it names, are known within it.
  void walk(const document::Value& value, const std::string& path, bool told_elsewhere) {
    const std::size_t outside = names_.size();
    if (const document::Value* own = value.find("variables"); own != nullptr && value.is_mapping()) {
      const bool named = own->is_string() && variables_ != nullptr;
      add_names(named ? variables_->find(own->scalar) : own, names_);
    }
    for (const document::Value& item : value.items) {
      const bool has_name = item.is_mapping() && !item.members.empty();
      walk(item, item_path(path, has_name ? item.members.front().value.text() : std::string()), told_elsewhere);
    }
    for (const auto& member : value.members) {
      // These have rules of their own.
      const bool known = member.key == "image" || member.key == "resources";
      walk(member.value, fmt::format("{}.{}", path, member.key), told_elsewhere || known);
    }
    if (value.is_string() && document::holds_template(value.scalar) && !told_elsewhere && !findings_.full(system_.file))
      check_text(value, path);
    names_.resize(outside);
  }

  void check_text(const document::Value& value, const std::string& path) {
    const std::vector<jinja::Part> parts = jinja::parts(value.scalar);
    const std::vector<std::string_view> bound = jinja::local_names(parts);
    for (const jinja::Part& part : parts) {
      if (std::find(bound.begin(), bound.end(), jinja::first_name(part.text)) != bound.end()) continue;
      if (part.kind != jinja::Part::Kind::expression || !jinja::is_placeholder(part.text)) continue;
      const bool airflows = model::is_airflow_name(jinja::first_name(part.text));
      if (list_->renderer == Renderer::engine && airflows) continue;
      const Guess guess = airflows ? Guess{} : guessed(part.text);
      if (list_->renderer == Renderer::nobody || !guess.meant.empty() || guess.member)
        report(value, part.text, airflows, guess, path);
    }
  }

  // What a name without a value was to be.
  struct Guess {
    std::string_view meant;  // a variable with nearly this name
    bool member = false;     // one of a map among the variables
  };
  [[nodiscard]] Guess guessed(std::string_view name) const { return {likely(name), is_member(name)}; }

  // One of a map among the variables, which has a name of its own nowhere.
  [[nodiscard]] bool is_member(std::string_view name) const {
    const std::size_t dot = name.find('.');
    const document::Value* map =
        dot == std::string_view::npos || variables_ == nullptr ? nullptr : variables_->find(name.substr(0, dot));
    return map != nullptr && map->is_mapping() && map->find(name.substr(dot + 1)) != nullptr;
  }

  // A variable that is one or two slips away. More would ask for what a run, or an Airflow, is to give.
  std::string_view likely(std::string_view name) const {
    constexpr std::size_t shortest = 4;
    constexpr std::size_t most_slips = 2;
    constexpr std::size_t most_compared = 2000;
    if (name.size() < shortest) return {};
    std::string_view best;
    std::size_t slips = name.size() < 2 * shortest ? most_slips : most_slips + 1;
    for (std::size_t i = 0; i < names_.size() && i < most_compared; ++i) {
      if (names_[i] == name) return {};  // of a task, which the engine renders
      const std::size_t longer = std::max(names_[i].size(), name.size());
      if (longer - std::min(names_[i].size(), name.size()) > most_slips) continue;
      if (const std::size_t distance = edit_distance(name, names_[i]); distance < slips) {
        slips = distance;
        best = names_[i];
      }
    }
    return best;
  }

  void report(const document::Value& value, std::string_view name, bool airflows, const Guess& guess,
              const std::string& path) {
    const auto begin = static_cast<std::size_t>(name.data() - value.scalar.data());
    Diagnostic found =
        finding_within(placeholder_without_value, system_, &value, begin, begin + name.size(), path,
                       airflows ? fmt::format("`{{{{ {} }}}}` is for tasks alone, and stays as it is", name)
                                : fmt::format("nothing gives `{{{{ {} }}}}` a value", name));
    found.severity = list_->severity;
    found.value = name;
    found.help = !guess.meant.empty() ? fmt::format("did you mean `{}`?", guess.meant)
                 : airflows           ? std::string("write the value itself")
                 : guess.member       ? std::string("a member of a map cannot be named: give it a variable of its own")
                                      : fmt::format("set it in the root's `variables`, or by `--set {}=VALUE`", name);
    const document::Node* node = value.origin.node;
    if (!guess.meant.empty() && node != nullptr && node->scalar == value.scalar)
      found.fix = Fix{fmt::format("replace `{}` by `{}`", name, guess.meant), found.location.range,
                      std::string(guess.meant), false};
    findings_.report(std::move(found));
  }

  const model::System& system_;
  DiagnosticSink& findings_;
  const document::Value* variables_;
  Names names_;
  const List* list_ = nullptr;
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    if (system.resolved == nullptr) continue;
    Walk walk(system, findings);
    for (const List& list : lists) walk.check(list);
  }
}

}  // namespace

const Rule placeholder_without_value{
    .id = "placeholder-without-value",
    .severity = Severity::warning,
    .summary = "A placeholder whose name nothing gives a value.",
    .explanation =
        R"(`{{name}}` is replaced by the file's `variables`, by `--set` and by the environment. In a task, what is left is looked up when it runs, in the run's
configuration and among Airflow's variables; there only a name that is nearly one of the variables is told. Nothing renders what is left in a service;
in a volume or secret it is an error.)",
    .bad = R"(name: shop
variables:
  data_folder: /data
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: python train.py {{data_foldr}}
)",
    .good = R"(name: shop
variables:
  data_folder: /data
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: python train.py {{data_folder}}
)",
    .check = check,
};

}  // namespace liminal::rules
