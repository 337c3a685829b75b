#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// 3, 3.12, 3.12.1, 3.14.0rc1, 3.14-rc: the tags of Python's images that have a slim form.
bool is_version(std::string_view text) {
  if (!text.starts_with('3') || (text.size() > 1 && is_digit(text[1]))) return false;
  text.remove_prefix(1);
  for (int parts = 0; parts < 2 && text.starts_with('.'); ++parts) {
    text.remove_prefix(1);
    const auto digits = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    if (digits == 0 || digits > 3) return false;
    text.remove_prefix(digits);
  }
  for (const std::string_view stage : {"a", "b", "rc"}) {
    if (!text.starts_with(stage) || text.size() == stage.size()) continue;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(stage.size()), text.end(), is_digit);
  }
  return text.empty() || text == "-rc";
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) {
      const document::Value* value = image.value == nullptr ? nullptr : image.value->find("python_version");
      if (value == nullptr || value->kind != document::Kind::scalar || value->is_null()) continue;
      const bool shortened = value->scalar == "3.1";
      if (is_version(value->scalar) && !shortened) continue;
      Diagnostic found =
          finding(bad_python_version, system, value->origin, item_path("images", image.name) + ".python_version",
                  shortened ? std::string("Python 3.1 has no image")
                            : fmt::format("`{}` is not a version of Python 3", value->scalar));
      found.value = value->scalar;
      found.help = shortened ? "quote it where it is written, '3.10': unquoted, a variable's 3.10 is the number 3.1"
                             : "write one version, such as '3.12'; for another base image write `base:`";
      findings.report(std::move(found));
    }
  }
}

}  // namespace

const Rule bad_python_version{
    .id = "bad-python-version",
    .severity = Severity::error,
    .summary = "An image's `python_version` is not a version of Python 3.",
    .explanation =
        R"(`python_version` chooses the base image, `python:VERSION-slim`, and the wheels of the requirements. It is one version, such as `3.12` or `3.12.1`, and no
condition such as `>=3`. It is read as written, also unquoted; a variable is not: `{{ v }}` with an unquoted `v: 3.10` is 3.1.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
    python_version: '>=3.10'
pipelines: []
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
    python_version: '3.10'
pipelines: []
)",
    .check = check,
};

}  // namespace liminal::rules
