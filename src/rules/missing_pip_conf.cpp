#include <filesystem>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_image(const Subject& subject, const model::System& system, const model::Image& image,
                 DiagnosticSink& findings) {
  if (!image.pip_conf) return;
  const auto report = [&](std::string message, std::string help, Severity severity) {
    Diagnostic found = finding(missing_pip_conf, system, model::locate(image.value, "pip_conf"),
                               item_path("images", image.name) + ".pip_conf", std::move(message));
    found.severity = severity;
    found.value = *image.pip_conf;
    found.help = std::move(help);
    findings.report(std::move(found));
  };
  if (!lies_in_repository(subject, image.pip_conf_file)) {
    // As for secrets: a whole path is the author's choice; one that climbs, or a link out, is a slip or a trick.
    const bool whole = std::filesystem::path(*image.pip_conf).is_absolute();
    return report(fmt::format("image `{}` takes `{}` from outside of the repository", image.name, *image.pip_conf),
                  "keep the file beside liminal.yml, out of version control; or leave it out, and set PIP_CONFIG_FILE",
                  whole ? Severity::warning : Severity::error);
  }
  if (!subject.check_files) return;
  const auto info = subject.world.files.info_following_links(image.pip_conf_file);
  if (!info) {
    report(
        fmt::format("image `{}` takes pip's configuration from `{}`, which is not there", image.name, *image.pip_conf),
        fmt::format("the path is relative to the folder of {}", system.file), Severity::error);
  } else if (info->kind != FileInfo::Kind::regular) {
    report(fmt::format("image `{}` takes pip's configuration from `{}`, which is no file", image.name, *image.pip_conf),
           "name the file itself", Severity::error);
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) check_image(subject, system, image, findings);
  }
}

}  // namespace

const Rule missing_pip_conf{
    .id = "missing-pip-conf",
    .severity = Severity::error,
    .summary = "An image's `pip_conf` is not there, or is outside of the repository.",
    .explanation =
        R"(`pip_conf` is a pip.conf that is used while requirements are installed, relative to the file, or to the one that inherits the image. Whoever may change a
`liminal.yml` could otherwise have pip read any file of the machine that builds: a relative path stays inside the repository, whatever links there are; a whole path
is a warning.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
    pip_conf: ../../../etc/passwd
pipelines: []
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
    pip_conf: pip.conf
pipelines: []
)",
    .check = check,
};

}  // namespace liminal::rules
