#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "liminal/pip/requirements_file.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view name = "requirements.txt";

// As findings show it, like the file of the system.
std::string shown(const model::System& system, const fs::path& path) {
  const fs::path relative = path.lexically_relative(system.folder);
  return (fs::path(system.file).parent_path() / relative).lexically_normal().generic_string();
}

// The text of one line, without the space around it.
Range range_of(std::string_view text, unsigned line) {
  for (unsigned skipped = 1; skipped < line; ++skipped) {
    text.remove_prefix(std::min(text.find_first_of("\r\n"), text.size()));
    text.remove_prefix(std::min<std::size_t>(text.starts_with("\r\n") ? 2 : 1, text.size()));
  }
  text = text.substr(0, text.find_first_of("\r\n"));
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::string_view trimmed = pip::trimmed(text);
  const auto length = std::count_if(trimmed.begin(), trimmed.end(),
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  const auto column = static_cast<std::uint32_t>(begin + 1);
  return {{line, column}, {line, column + static_cast<std::uint32_t>(length)}};
}

void check_image(const Subject& subject, const model::System& system, const model::Image& image,
                 DiagnosticSink& findings) {
  const auto mistakes = pip::check_requirements(subject.world, image.source_folder, std::string(name));
  if (!mistakes) {
    Diagnostic found = finding(bad_requirement, system, model::locate(image.value, "source"),
                               item_path("images", image.name) + ".source", mistakes.error().message);
    found.help = mistakes.error().advice.empty() ? "make the file readable" : mistakes.error().advice;
    return findings.report(std::move(found));
  }
  for (const pip::PlacedMistake& placed : *mistakes) {
    Diagnostic found;
    found.rule = bad_requirement.id;
    found.severity = placed.mistake.malformed ? Severity::error : Severity::warning;
    found.message = placed.mistake.what;
    found.help =
        placed.mistake.advice.empty() ? "see what pip takes: one requirement or option a line" : placed.mistake.advice;
    found.location.file = shown(system, image.source_folder / placed.file);
    found.location.range = {{placed.line, 1}, {placed.line, 1}};
    if (placed.source) found.location.range = range_of(*placed.source, placed.line);
    found.source = placed.source;
    found.yaml_path = item_path("images", image.name) + ".source";
    found.value = placed.mistake.what;
    document::add_related(found, model::locate(image.value, "source"), fmt::format("of the image `{}`", image.name));
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  if (!subject.check_files) return;
  std::set<fs::path> seen;  // images may share a folder, and files an image
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) {
      if (!image.source || image.type == model::ImageType::other) continue;
      if (!seen.insert(image.source_folder).second) continue;
      const auto info = subject.world.files.info(image.source_folder / name);
      if (!info || info->kind != FileInfo::Kind::regular) continue;
      // No file outside of the repository is read; missing-source tells.
      if (!lies_in_repository(subject, image.source_folder)) continue;
      check_image(subject, system, image, findings);
    }
  }
}

}  // namespace

const Rule bad_requirement{
    .id = "bad-requirement",
    .severity = Severity::error,
    .summary = "A line of an image's `requirements.txt` cannot be installed, or not the same way twice.",
    .explanation =
        R"(`requirements.txt` in an image's `source`, and the files that it includes. What pip would refuse, too, is an error. What is a warning cannot be built
by the builder `oci`, which installs wheels alone, so that the same source always makes the same image and nothing of it runs while it is built: packages
from version control or from a folder, options that ask for a build from source, addresses with a password in them. The builder `docker` gives the file to
pip as it is.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines: []
# src/requirements.txt
numpy=2.3
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines: []
# src/requirements.txt
numpy==2.3
)",
    .check = check,
};

}  // namespace liminal::rules
