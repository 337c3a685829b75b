// Rules that the config layer reports when it renders placeholders and copies defaults: their documentation and the
// examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

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

const Rule placeholder_of_a_secret{
    .id = "placeholder-of-a-secret",
    .severity = Severity::error,
    .summary = "A placeholder asks for a variable of the environment that looks like a secret.",
    .explanation =
        R"(What a placeholder stands for is shown by `resolve` and written into plans, reports and cluster objects. So a variable of the environment whose
name says that it is a secret (`CI_JOB_TOKEN`, `AWS_SECRET_ACCESS_KEY`), or whose value does (an address with a password, a token, a private key), is not taken. Declare
the value under `secrets`, which a task mounts, or, where it is no secret, give it under `variables` or by `--set`. The example has the finding where the
environment holds `SHOP_API_TOKEN`.)",
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
        cmd: python train.py --token {{SHOP_API_TOKEN}}
)",
    .good = R"(name: shop
secrets:
  - secret: shop-api
    local_path_file: warehouse.txt
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
        cmd: python train.py --token-file /secrets/shop-api
        secrets:
          - secret: shop-api
            remote_path: /secrets
)",
    .check = nullptr,
};

const Rule expansion_limit{
    .id = "expansion-limit",
    .severity = Severity::error,
    .summary = "Defaults or placeholders make far more out of a file than it holds.",
    .explanation =
        R"(Defaults are copied into every task, pipeline and service, and a placeholder into every place that names it, so a short file can ask for more than
any machine can hold. More than 2 million copied values, or 64 MiB of rendered text, are refused for one file.)",
    .bad = {},
    .good = {},
    .check = nullptr,
};

}  // namespace liminal::rules
