// Rules that the engine layer reports when it renders: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule engine_cannot_express{
    .id = "engine-cannot-express",
    .severity = Severity::error,
    .summary = "The engine that the pipeline is rendered for has nothing that does this.",
    .explanation =
        R"(Airflow and Argo Workflows can do different things. `validate` does not know where a pipeline will run; the finding comes from the commands that
render (`plan`, `deploy`, `ci`), for the engine that `--engine` names. It is a warning where the pipeline runs all the same. The example
has the finding with `--engine argo`.)",
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
