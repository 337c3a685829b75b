#include "finding.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::rules {

std::string item_path(std::string_view list, std::string_view name) {
  return fmt::format("{}[{}]", list, name);
}

void for_each_pipeline(const model::System& system, const DiagnosticSink& findings,
                       const std::function<void(const PipelinePlace&)>& visit) {
  for (const model::Pipeline& pipeline : system.pipelines) {
    if (findings.full(system.file)) return;
    visit({system, pipeline, item_path("pipelines", pipeline.name)});
  }
}

void for_each_pipeline(const Subject& subject, const DiagnosticSink& findings,
                       const std::function<void(const PipelinePlace&)>& visit) {
  for (const model::System& system : subject.systems) for_each_pipeline(system, findings, visit);
}

void for_each_task(const Subject& subject, const DiagnosticSink& findings,
                   const std::function<void(const TaskPlace&)>& visit) {
  for (const model::System& system : subject.systems) for_each_task(system, findings, visit);
}

void for_each_task(const model::System& system, const DiagnosticSink& findings,
                   const std::function<void(const TaskPlace&)>& visit) {
  for_each_pipeline(system, findings, [&](const PipelinePlace& place) {
    for (const model::Task& task : place.pipeline.tasks) {
      if (findings.full(system.file)) return;
      visit({place.system, place.pipeline, task, fmt::format("{}.{}", place.path, item_path("tasks", task.name))});
    }
  });
}

Diagnostic finding(const Rule& rule, const model::System& system, document::Origin origin, std::string yaml_path,
                   std::string message) {
  Diagnostic result;
  result.rule = rule.id;
  result.severity = rule.severity;
  result.message = std::move(message);
  result.yaml_path = std::move(yaml_path);
  if (auto location = origin.location()) {
    result.location = std::move(*location);
    result.source = origin.source();
    // What stands in a layer may be right for one heir and wrong for another.
    if (const document::Value* name = system.resolved == nullptr ? nullptr : system.resolved->find("name");
        name != nullptr && result.location.file != system.file)
      document::add_related(result, name->origin, fmt::format("it is so in `{}`, which inherits this", system.name));
  } else {
    result.location.file = system.file;
    if (!system.documents.empty()) result.source = system.documents.front()->source();
  }
  return result;
}

Diagnostic finding_within(const Rule& rule, const model::System& system, const document::Value* scalar,
                          std::size_t begin, std::size_t end, std::string yaml_path, std::string message) {
  const document::Origin origin = scalar == nullptr ? document::Origin{} : scalar->origin;
  Diagnostic result = finding(rule, system, origin, std::move(yaml_path), std::move(message));
  const document::Node* node = origin.node;
  if (node != nullptr && node->kind == document::Kind::scalar && node->scalar == scalar->scalar &&
      end <= node->scalar.size()) {
    result.location.range = node->document->range_within(*node, begin, end);
  }
  return result;
}

bool lies_in_repository(const Subject& subject, const std::filesystem::path& path) {
  const std::filesystem::path& root = subject.project.root;
  return subject.world.files.resolve_beneath(root, path.lexically_relative(root)).has_value();
}

bool names_another_registry(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view first = image.substr(0, image.find('/'));
  const bool host =
      slash != std::string_view::npos && (first == "localhost" || first.find_first_of(".:") != first.npos);
  return host || image.find('@') != std::string_view::npos ||
         image.find(':', slash == std::string_view::npos ? 0 : slash) != std::string_view::npos;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string quoted_list(const std::vector<std::string_view>& names) {
  constexpr std::size_t most = 8;
  std::string text;
  const std::size_t shown = std::min(names.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += fmt::format("`{}`", names[i]);
  }
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

void suggest_name(Diagnostic& finding, std::string_view kind, std::string_view wrong,
                  const std::vector<std::string_view>& known, document::Origin origin) {
  constexpr std::size_t most_compared = 2000;
  finding.value = wrong;
  const auto likely = nearest(wrong, std::span(known).first(std::min(known.size(), most_compared)));
  if (likely) {
    finding.help = fmt::format("did you mean `{}`?", *likely);
    const bool plain =
        origin.node != nullptr && origin.node->style == document::Style::plain && origin.node->scalar == wrong;
    if (plain)
      finding.fix = Fix{fmt::format("replace `{}` by `{}`", wrong, *likely), finding.location.range, *likely, false};
  } else if (known.empty()) {
    finding.help = fmt::format("no {} is declared here or in a layer above: declare it", kind);
  } else {
    finding.help = fmt::format("declared here: {}", quoted_list(known));
  }
}

}  // namespace liminal::rules
