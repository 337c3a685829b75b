// Rules that the config layer reports when it reads files: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule empty_file{
    .id = "empty-file",
    .severity = Severity::note,
    .summary = "A file holds nothing.",
    .explanation =
        R"(A file without a value, or with comments alone, is no system. Apache Liminal stopped with a stack trace at such a file when it built, and passed
over it when it deployed.)",
    .bad = R"(# nothing yet
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
    .check = nullptr,
};

const Rule unreadable_file{
    .id = "unreadable-file",
    .severity = Severity::error,
    .summary = "A file of the right name, or a folder, cannot be read.",
    .explanation =
        R"(It is a pipe, a device, a link that leads nowhere or out of the repository, larger than 64 MiB, or not permitted to be read. Nothing
outside of the repository is read, whatever a link in it says. A folder that cannot be read may hold files that would be checked: name the folders
to be checked, or let it be read. What the others hold is checked anyway.)",
    .bad = {},
    .good = {},
    .check = nullptr,
};

}  // namespace liminal::rules
