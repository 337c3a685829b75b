#include <filesystem>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_secret(const Subject& subject, const model::System& system, const model::Secret& secret,
                  DiagnosticSink& findings) {
  if (lies_in_repository(subject, secret.file)) return;
  Diagnostic found = finding(
      secret_outside, system, model::locate(secret.value, "local_path_file"),
      item_path("secrets", secret.name) + ".local_path_file",
      fmt::format("secret `{}` is read from `{}`, outside of the repository", secret.name, secret.local_path_file));
  // A whole path is the author's choice, and shown to whoever reads the change; a path that climbs is a slip or a
  // trick.
  if (std::filesystem::path(secret.local_path_file).is_absolute()) found.severity = Severity::warning;
  found.value = secret.local_path_file;
  found.help = "keep the file beside liminal.yml, out of version control";
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Secret& secret : system.secrets) {
      if (findings.full(system.file)) break;
      check_secret(subject, system, secret, findings);
    }
  }
}

}  // namespace

const Rule secret_outside{
    .id = "secret-outside",
    .severity = Severity::error,
    .summary = "A secret's file is outside of the repository.",
    .explanation =
        R"(Whoever may change a `liminal.yml` could have any file of the machine mounted into a task or sent to a cluster by `create`. A relative
`local_path_file` stays inside the repository, whatever links there are; a whole path is a warning.)",
    .bad = R"(name: shop
secrets:
  - secret: token
    local_path_file: ../../../etc/shadow
pipelines: []
)",
    .good = R"(name: shop
secrets:
  - secret: token
    local_path_file: token.txt
pipelines: []
)",
    .check = check,
};

}  // namespace liminal::rules
