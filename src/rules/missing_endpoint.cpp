#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"
#include "left_out.hpp"

namespace liminal::rules {

namespace {

// What a dotted module name stands for, without the ending: a.b is a/b.
std::filesystem::path module_place(const std::filesystem::path& folder, std::string module) {
  std::replace(module.begin(), module.end(), '.', '/');
  return folder / module;
}

// a/b.py or a/b/__init__.py.
std::optional<std::filesystem::path> module_file(const Subject& subject, const std::filesystem::path& folder,
                                                 const std::string& module) {
  const std::filesystem::path place = module_place(folder, module);
  for (const std::filesystem::path& file : {std::filesystem::path(place) += ".py", place / "__init__.py"}) {
    if (subject.world.files.info_following_links(file)) return file;
  }
  return std::nullopt;
}

// Compiled, a module says nothing that could be read here: serving.cpython-312-x86_64-linux-gnu.so.
bool is_compiled(const Subject& subject, const std::filesystem::path& folder, const std::string& module) {
  const std::filesystem::path file = module_place(folder, module);
  const auto entries = subject.world.files.list(file.parent_path());
  const std::string stem = file.filename().string() + ".";
  return entries && std::any_of(entries->begin(), entries->end(), [&](const DirectoryEntry& entry) {
           return entry.name.starts_with(stem) && entry.name.ends_with(".so");
         });
}

bool is_name_byte(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Functions and classes of the top level of a Python file.
std::vector<std::string> definitions(std::string_view source) {
  std::vector<std::string> names;
  if (source.starts_with("\xef\xbb\xbf")) source.remove_prefix(3);
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    std::string_view line = source.substr(0, end);
    source.remove_prefix(std::min(end + 1, source.size()));
    if (line.starts_with("async def ")) line.remove_prefix(6);
    for (const std::string_view keyword : {"def ", "class "}) {
      if (!line.starts_with(keyword)) continue;
      line.remove_prefix(std::min(line.find_first_not_of(' ', keyword.size()), line.size()));
      const auto* name_end = std::find_if_not(line.begin(), line.end(), is_name_byte);
      if (name_end != line.begin()) names.emplace_back(line.begin(), name_end);
    }
  }
  return names;
}

// Whether a text ends with the word and blanks behind it, a line's continuation among them.
bool follows_word(std::string_view text, std::string_view word) {
  const std::size_t last = text.find_last_not_of(" \t\\\r\n");
  return last != std::string_view::npos && last + 1 < text.size() && text.substr(0, last + 1).ends_with(word);
}

// from handlers import *
bool imports_all(std::string_view source) {
  for (std::size_t at = source.find('*'); at != std::string_view::npos; at = source.find('*', at + 1)) {
    if (follows_word(source.substr(0, at), "import")) return true;
  }
  return false;
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

// Whether the place behind `before` is a comment, or inside of a class or of a function's body: a name there is none of
// the module's.
bool is_inside(std::string_view before) {
  const std::size_t begin = before.rfind('\n') + 1;
  const std::string_view line = before.substr(begin);
  const std::size_t hash = line.find('#');
  if (hash != std::string_view::npos && line.find_first_of("\"'") > hash) return true;
  std::size_t depth = indentation(line);
  std::string_view above = before.substr(0, begin);
  while (depth > 0 && !above.empty()) {
    above.remove_suffix(1);
    const std::size_t start = above.rfind('\n') + 1;
    std::string_view outer = above.substr(start);
    above = above.substr(0, start);
    const std::size_t outer_depth = indentation(outer);
    if (outer_depth >= depth || outer_depth == outer.size()) continue;
    depth = outer_depth;
    outer.remove_prefix(outer_depth);
    if (outer.starts_with("class ") || outer.starts_with("def ") || outer.starts_with("async def ")) return true;
  }
  return false;
}

// Whether the line says that what is assigned in a function is the module's: global a, b
bool is_global(std::string_view before) {
  std::size_t begin = before.rfind('\n');
  while (begin != std::string_view::npos && begin > 0 && before[begin - 1] == '\\')
    begin = before.rfind('\n', begin - 1);
  const std::string_view line = before.substr(begin == std::string_view::npos ? 0 : begin + 1);
  const std::size_t word = line.rfind("global");
  return word != std::string_view::npos && (word == 0 || !is_name_byte(line[word - 1])) &&
         line.find_first_of("=#(", word) == std::string_view::npos;
}

// Whether lines alone cannot tell that the name is not there: it may come by an import of everything, be assigned, be
// imported, or be defined under a condition.
bool may_be_bound(std::string_view source, std::string_view name) {
  if (imports_all(source)) return true;
  for (const std::string_view open : {"__getattr__", "exec(", "globals(", "sys.modules"}) {
    if (source.find(open) != std::string_view::npos) return true;
  }
  for (std::size_t at = source.find(name); at != std::string_view::npos; at = source.find(name, at + 1)) {
    const std::string_view before = source.substr(0, at);
    const std::string_view after = source.substr(at + name.size());
    if (!before.empty() && (is_name_byte(before.back()) || before.back() == '.')) continue;
    if (!after.empty() && is_name_byte(after.front())) continue;
    if (is_global(before)) return true;
    if (is_inside(before)) continue;
    const std::size_t next = after.find_first_not_of(" \t");
    const char follows = next == std::string_view::npos ? '\n' : after[next];
    const bool defined = follows_word(before, "def") || follows_word(before, "class");
    // A call or an attribute of it gives it no value.
    if (defined || (follows != '(' && follows != '.')) return true;
  }
  return false;
}

void check_endpoint(const Subject& subject, const model::System& system, const model::Image& image,
                    const model::Endpoint& endpoint, LeftOut& out, DiagnosticSink& findings) {
  if (endpoint.module.empty() || endpoint.function.empty() || findings.full(system.file)) return;
  const std::string path = fmt::format("{}.{}", item_path("images", image.name), item_path("endpoints", endpoint.path));
  const auto file = module_file(subject, image.source_folder, endpoint.module);
  if (!file && is_compiled(subject, image.source_folder, endpoint.module)) return;
  if (!file || out.contains(image, file->lexically_relative(image.source_folder))) {
    const auto expected = (file ? *file : module_place(image.source_folder, endpoint.module) += ".py")
                              .lexically_relative(image.source_folder);
    Diagnostic found = finding(missing_endpoint, system, model::locate(endpoint.value, "module"), path + ".module",
                               fmt::format("endpoint `{}` of image `{}` needs the module `{}`, which {}", endpoint.path,
                                           image.name, endpoint.module,
                                           file ? fmt::format("`{}` has and the image will not", *image.source)
                                                : fmt::format("is not in `{}`", *image.source)));
    found.value = endpoint.module;
    found.help =
        file ? fmt::format("the folder's `.dockerignore` leaves it out: take it back there by `!{}`", expected.string())
             : fmt::format("it would be the file `{}/{}`", *image.source, expected.string());
    findings.report(std::move(found));
    return;
  }
  constexpr std::uint64_t limit = 4U << 20U;
  const auto source = subject.world.files.read(*file, limit);
  if (!source) return;
  const std::vector<std::string> defined = definitions(*source);
  if (std::find(defined.begin(), defined.end(), endpoint.function) != defined.end()) return;
  if (may_be_bound(*source, endpoint.function)) return;
  const document::Origin origin = model::locate(endpoint.value, "function");
  Diagnostic found = finding(missing_endpoint, system, origin, path + ".function",
                             fmt::format("endpoint `{}` of image `{}` calls `{}`, which module `{}` does not define",
                                         endpoint.path, image.name, endpoint.function, endpoint.module));
  const std::vector<std::string_view> known(defined.begin(), defined.end());
  suggest_name(found, "function", endpoint.function, known, origin);
  if (known.empty()) {
    found.help = "the module defines nothing at its top level";
  } else if (!found.help.starts_with("did you mean")) {
    found.help = "the module defines " + quoted_list(known);
  }
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
  LeftOut out(subject.world.files);
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) {
      if (!findings.full(system.file)) check_any(system, image, findings);
      if (!subject.check_files || !image.source || !subject.world.files.info_following_links(image.source_folder))
        continue;
      for (const model::Endpoint& endpoint : image.endpoints)
        check_endpoint(subject, system, image, endpoint, out, findings);
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
