// Rules that the schema layer reports while it reads: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule unknown_key{
    .id = "unknown-key",
    .severity = Severity::error,
    .summary = "A key that the format does not know.",
    .explanation =
        R"(Apache Liminal ignored what it did not know, so a slip such as `env` for `env_vars` lost the setting without a word. Where any key is legal (pipelines, `kubernetes` executors) a likely slip is a warning.)",
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
        env:
          MODE: fast
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
        env_vars:
          MODE: fast
)",
    .check = nullptr,
};

const Rule schema_type{
    .id = "schema-type",
    .severity = Severity::error,
    .summary = "A value is of the wrong kind.",
    .explanation =
        R"(Each key takes a text, a number, a boolean, a list or a map; `liminal schema` prints all of them.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks: {}
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

const Rule ignored_key{
    .id = "ignored-key",
    .severity = Severity::warning,
    .summary = "A key that nothing reads.",
    .explanation =
        R"(Any key is legal in a pipeline and in a service, as it was for Apache Liminal, and an argument of Airflow's operators (`pool`, `email_on_failure`, `execution_timeout`) is passed on. Others have no effect: arguments of Airflow's DAG, such as `catchup`, and those that only some operators take. Write what only pods take, such as `image_pull_policy`, into the executor.)",
    .bad = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    catchup: true
    tasks:
      - task: train
        type: python
        image: python:3.12
        cmd: echo training
)",
    .good = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: python:3.12
        cmd: echo training
)",
    .check = nullptr,
};

const Rule schema_required{
    .id = "schema-required",
    .severity = Severity::error,
    .summary = "A required key is missing.",
    .explanation =
        R"(An object has to carry the key that names it: `image` in images, `volume` in volumes, and so on.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - local:
      path: data
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
volumes:
  - volume: data
    local:
      path: data
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

const Rule schema_value{
    .id = "schema-value",
    .severity = Severity::error,
    .summary = "A value is not one of those allowed.",
    .explanation = R"(The finding lists what may stand there.)",
    .bad = R"(name: shop
type: supper
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
type: sub
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
