// Rules that the config layer reports while it reads: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule missing_name{
    .id = "missing-name",
    .severity = Severity::error,
    .summary = "A file has no `name`.",
    .explanation =
        R"(The root `name` is the system's name, by which other files inherit from it. Apache Liminal dropped such a file with a stack trace.)",
    .bad = R"(owner: us
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

const Rule unknown_super{
    .id = "unknown-super",
    .severity = Severity::error,
    .summary = "`super` names a layer that no file has.",
    .explanation =
        R"(`super` names the `name` of a file with `type: super` in the same repository. Without the key, the built-in layer `base` is above.)",
    .bad = R"(name: shop
super: comon
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
super: base
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

const Rule placeholder_not_a_scalar{
    .id = "placeholder-not-a-scalar",
    .severity = Severity::error,
    .summary = "A placeholder stands for a map or a list.",
    .explanation =
        R"(A map or list cannot be put into the middle of a text. Name a single value, or use the variable where the whole value is wanted.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
variables:
  modes: [fast, slow]
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo {{modes}}
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
variables:
  modes: fast
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo {{modes}}
)",
    .check = nullptr,
};

}  // namespace liminal::rules
