#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// Why the folder cannot be listed; empty if it can. Most folders say by their mode that anybody may.
std::optional<std::string> refusal(const FileSystem& files, const std::filesystem::path& folder, const FileInfo& info) {
  constexpr std::uint32_t for_all = 0555;
  if ((info.mode & for_all) == for_all) return std::nullopt;
  const auto entries = files.list(folder);
  return entries ? std::nullopt : std::optional(entries.error().message);
}

void check_source(const Subject& subject, const model::System& system, const model::Image& image,
                  DiagnosticSink& findings) {
  if (!image.source) return;
  const document::Origin origin = model::locate(image.value, "source");
  const std::string path = item_path("images", image.name) + ".source";
  const auto report = [&](std::string message, std::string help) {
    Diagnostic found = finding(missing_source, system, origin, path, std::move(message));
    found.value = *image.source;
    found.help = std::move(help);
    findings.report(std::move(found));
  };
  // Whether files are looked at or not: what is packed may be pushed.
  if (!lies_in_repository(subject, image.source_folder)) {
    return report(fmt::format("image `{}` packs `{}`, which leads out of the repository", image.name, *image.source),
                  "move the source into the repository");
  }
  if (!subject.check_files) return;
  const auto info = subject.world.files.info_following_links(image.source_folder);
  if (!info) {
    report(fmt::format("image `{}` packs the folder `{}`, which is not there", image.name, *image.source),
           fmt::format("the path is relative to the folder of {}", system.file));
  } else if (info->kind != FileInfo::Kind::directory) {
    report(fmt::format("image `{}` packs `{}`, which is not a folder", image.name, *image.source),
           "name the folder that holds the source files");
  } else if (const auto problem = refusal(subject.world.files, image.source_folder, *info)) {
    report(fmt::format("the source of image `{}` cannot be read: {}", image.name, *problem),
           "give whoever builds the right to read it");
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) check_source(subject, system, image, findings);
  }
}

}  // namespace

const Rule missing_source{
    .id = "missing-source",
    .severity = Severity::error,
    .summary = "An image's source folder is not there.",
    .explanation =
        R"(`source` is the folder that is packed into the image, relative to the file, or to the one that inherits it. It has to be inside the repository: nothing outside
of it is packed.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: scr
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
