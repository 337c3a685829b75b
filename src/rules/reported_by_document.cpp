// Rules that the document layer reports while it reads: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule yaml_syntax{
    .id = "yaml-syntax",
    .severity = Severity::error,
    .summary = "The file is not YAML.",
    .explanation =
        R"(The finding says where reading stopped and what was expected there. What stands before it is still checked.)",
    .bad = R"(name: shop
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
        cmd: 'echo training
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
        cmd: 'echo training'
)",
    .check = nullptr,
};

const Rule unquoted_placeholder{
    .id = "unquoted-placeholder",
    .severity = Severity::error,
    .summary = "A value begins with an unquoted `{{`.",
    .explanation =
        R"(To YAML an unquoted `{` opens a map, so a value that begins with a placeholder has to stand in quotes: `cmd: '{{command}}'`.)",
    .bad = R"(name: shop
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
        cmd: {{command}}
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
        cmd: '{{command}}'
)",
    .check = nullptr,
};

const Rule unquoted_cron{
    .id = "unquoted-cron",
    .severity = Severity::error,
    .summary = "A schedule begins with an unquoted `*`.",
    .explanation =
        R"(To YAML an unquoted `*` is an alias, so a schedule that begins with one has to stand in quotes: `schedule: '* * * * *'`.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: */5 * * * *
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
    schedule: '*/5 * * * *'
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = nullptr,
};

const Rule duplicate_key{
    .id = "duplicate-key",
    .severity = Severity::error,
    .summary = "A map holds one key twice.",
    .explanation = R"(Readers of YAML differ in which of the two counts; Apache Liminal silently took the later one.)",
    .bad = R"(name: shop
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
        cmd: echo again
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

const Rule several_documents{
    .id = "several-documents",
    .severity = Severity::error,
    .summary = "A file holds more than one YAML document.",
    .explanation =
        R"(One file is one system. What stands behind a second `---` would be ignored, so it has to move to a file of its own.)",
    .bad = R"(name: shop
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
---
name: other
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

}  // namespace liminal::rules
