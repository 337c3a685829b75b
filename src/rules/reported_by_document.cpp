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

const Rule encoding{
    .id = "encoding",
    .severity = Severity::error,
    .summary = "The file is not text in UTF-8, or holds a control character.",
    .explanation =
        R"(A file is read as UTF-8, with lines that end by a line feed or by carriage return and line feed. Other control characters cannot stand in YAML; in double quotes they can be written as escapes, such as `\x07`, but for `\0`, which no
argument, variable or file name can hold.)",
    .bad =
        "name: shop\nowner: \x07me\n"
        R"(images:
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
    .good =
        "name: shop\nowner: me\n"
        R"(images:
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

const Rule alias_bomb{
    .id = "alias-bomb",
    .severity = Severity::error,
    .summary = "The aliases of a file stand for more values than are read.",
    .explanation =
        R"(Aliases of aliases multiply: a small file can stand for billions of values. A file with more than a million is refused.)",
    .bad = R"(name: shop
variables:
  a0: &a0 [x, x, x, x, x, x, x, x, x, x]
  a1: &a1 [*a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0]
  a2: &a2 [*a1, *a1, *a1, *a1, *a1, *a1, *a1, *a1, *a1, *a1]
  a3: &a3 [*a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2]
  a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
  a5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
  a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5]
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
    .good = R"(name: shop
variables:
  a0: &a0 [x, x, x, x, x, x, x, x, x, x]
  a1: [*a0, *a0]
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

const Rule unquoted_placeholder{
    .id = "unquoted-placeholder",
    .severity = Severity::error,
    .summary = "A value begins with an unquoted `{{`.",
    .explanation =
        R"(To YAML an unquoted `{` opens a map, so a value that begins with a placeholder has to stand in quotes: `cmd: '{{command}}'`.)",
    .bad = R"(name: shop
variables:
  command: python train.py
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
variables:
  command: python train.py
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
