// Rules that the config layer reports about names and layers: their documentation and the examples that test them.
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

const Rule duplicate_name{
    .id = "duplicate-name",
    .severity = Severity::error,
    .summary = "Two files have one `name`.",
    .explanation =
        R"(A file is known by its `name`, so each needs its own. Apache Liminal silently let the later file replace the earlier one.)",
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
# returns/liminal.yml
name: shop
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
# returns/liminal.yml
name: returns
)",
    .check = nullptr,
};

const Rule super_cycle{
    .id = "super-cycle",
    .severity = Severity::error,
    .summary = "Files inherit from each other in a circle.",
    .explanation =
        R"(Each `super` names a layer further up, and the last layer names none: the built-in `base` is above it. Apache Liminal followed a circle until
it ran out of stack.)",
    .bad = R"(name: shop
super: team
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
# team/liminal.yml
name: team
type: super
super: company
# company/liminal.yml
name: company
type: super
super: team
)",
    .good = R"(name: shop
super: team
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
# team/liminal.yml
name: team
type: super
super: company
# company/liminal.yml
name: company
type: super
)",
    .check = nullptr,
};

}  // namespace liminal::rules
