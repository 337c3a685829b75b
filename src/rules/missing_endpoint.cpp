#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// The file a dotted module name stands for: a.b is a/b.py or a/b/__init__.py.
std::optional<std::filesystem::path> module_file(const Subject& subject, const std::filesystem::path& folder,
                                                 std::string module) {
  std::replace(module.begin(), module.end(), '.', '/');
  for (const std::filesystem::path& file : {folder / (module + ".py"), folder / module / "__init__.py"}) {
    if (subject.world.files.info_following_links(file)) return file;
  }
  return std::nullopt;
}

struct TopLevelNames {
  std::vector<std::string> functions;
  bool may_hold_others = false;  // from x import y, assignments: names that reading lines does not find
};

// Names defined at the top level of a Python file, by its lines: def, async def and class; imports and assignments by
// name.
TopLevelNames top_level_names(std::string_view source) {
  TopLevelNames names;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    std::string_view line = source.substr(0, end);
    source.remove_prefix(std::min(end + 1, source.size()));
    if (line.starts_with("async def ")) line.remove_prefix(6);
    for (const std::string_view keyword : {"def ", "class "}) {
      if (!line.starts_with(keyword)) continue;
      line.remove_prefix(keyword.size());
      names.functions.emplace_back(line.substr(0, line.find_first_of("(: \t[")));
    }
    if (line.starts_with("from ") || line.starts_with("import ") || line.starts_with("if ") ||
        line.starts_with("try") || line.starts_with("exec") || line.starts_with("globals")) {
      names.may_hold_others = true;
    }
    const std::size_t word_end =
        line.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (word_end > 0 && word_end != std::string_view::npos && line.substr(word_end).starts_with(" =")) {
      names.functions.emplace_back(line.substr(0, word_end));
    }
  }
  return names;
}

void check_endpoint(const Subject& subject, const model::System& system, const model::Image& image,
                    const model::Endpoint& endpoint, DiagnosticSink& findings) {
  if (endpoint.module.empty() || endpoint.function.empty() || findings.full(system.file)) return;
  const std::string path = fmt::format("{}.{}", item_path("images", image.name), item_path("endpoints", endpoint.path));
  const auto file = module_file(subject, image.source_folder, endpoint.module);
  if (!file) {
    Diagnostic found = finding(missing_endpoint, system, model::locate(endpoint.value, "module"), path + ".module",
                               fmt::format("endpoint `{}` of image `{}` needs the module `{}`, which is not in `{}`",
                                           endpoint.path, image.name, endpoint.module, *image.source));
    found.value = endpoint.module;
    std::string expected = endpoint.module;
    std::replace(expected.begin(), expected.end(), '.', '/');
    found.help = fmt::format("it would be the file `{}/{}.py`", *image.source, expected);
    findings.report(std::move(found));
    return;
  }
  constexpr std::uint64_t limit = 4U << 20U;
  const auto source = subject.world.files.read(*file, limit);
  if (!source) return;
  const TopLevelNames names = top_level_names(*source);
  if (names.may_hold_others && std::string_view(*source).find(endpoint.function) != std::string_view::npos) return;
  if (std::find(names.functions.begin(), names.functions.end(), endpoint.function) != names.functions.end()) return;
  const document::Origin origin = model::locate(endpoint.value, "function");
  Diagnostic found = finding(missing_endpoint, system, origin, path + ".function",
                             fmt::format("endpoint `{}` of image `{}` calls `{}`, which module `{}` does not define",
                                         endpoint.path, image.name, endpoint.function, endpoint.module));
  suggest_name(found, "function", endpoint.function, {names.functions.begin(), names.functions.end()}, origin);
  findings.report(std::move(found));
}

// Of an image that is not built here nothing is asked.
void check_any(const model::System& system, const model::Image& image, DiagnosticSink& findings) {
  if (!image.source || image.type != model::ImageType::python_server || !image.endpoints.empty()) return;
  Diagnostic found =
      finding(missing_endpoint, system, model::locate(image.value, "type"), item_path("images", image.name),
              fmt::format("image `{}` has no `endpoints`: its server answers nothing", image.name));
  found.severity = Severity::warning;
  found.value = "endpoints";
  found.help = "add `endpoints`, each with `endpoint`, `module` and `function`";
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) {
      if (!findings.full(system.file)) check_any(system, image, findings);
      if (!subject.check_files || !image.source || !subject.world.files.info_following_links(image.source_folder))
        continue;
      for (const model::Endpoint& endpoint : image.endpoints)
        check_endpoint(subject, system, image, endpoint, findings);
    }
  }
}

}  // namespace

const Rule missing_endpoint{
    .id = "missing-endpoint",
    .severity = Severity::error,
    .summary = "An endpoint's module or function is not in the image's source.",
    .explanation =
        R"(A `python_server` image answers each endpoint by calling `function` of `module`, a dotted name below the image's `source`. The file has to be
there and has to define the function at its top level. A server with no endpoints at all, neither of the image nor of a service that uses it, is a warning.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
  - image: server
    type: python_server
    source: src
    endpoints:
      - endpoint: /predict
        module: serving
        function: predcit
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
  - image: server
    type: python_server
    source: src
    endpoints:
      - endpoint: /predict
        module: serving
        function: predict
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
