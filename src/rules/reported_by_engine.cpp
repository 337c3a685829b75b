// Rules that the engine layer reports when it renders: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule engine_cannot_express{
    .id = "engine-cannot-express",
    .severity = Severity::error,
    .summary = "The engine that the pipeline is rendered for has nothing that does this.",
    .explanation =
        R"(Airflow and Argo Workflows can do different things, and neither takes every value of an executor's keys: a misspelt argument, the `operator` of a toleration
that Kubernetes does not know, a mount of no volume. The finding is for the engine that `--engine` names (default: Airflow; for good in `liminal.toml`),
and for a file that has no other errors. It is a warning where the pipeline runs all the same. The example has the finding with `--engine argo`.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: '@once'
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
    schedule: '@daily'
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = nullptr,
};

}  // namespace liminal::rules
