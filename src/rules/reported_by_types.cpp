// Rules that the config layer reports about declared types: their documentation and the examples that test them.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule bad_type_declaration{
    .id = "bad-type-declaration",
    .severity = Severity::error,
    .summary = "A declared type cannot become what it says.",
    .explanation =
        R"(A task type in `liminal.types.yml` is a `container` or an operator of `airflow`. An operator is `module:Class`, its arguments are identifiers of Python, and no
key has a name that every task has already. A key that stands inside a text has a `default` or is `required`.)",
    .bad = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: look
        type: notebook
        file: look.ipynb
# liminal.types.yml
tasks:
  - type: notebook
    keys: {properties: {file: {type: string}}}
    container:
      image: papermill:2
      command: [papermill, "books/{{ file }}", /dev/null]
)",
    .good = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: look
        type: notebook
        file: look.ipynb
# liminal.types.yml
tasks:
  - type: notebook
    keys: {properties: {file: {type: string}}, required: [file]}
    container:
      image: papermill:2
      command: [papermill, "books/{{ file }}", /dev/null]
)",
    .check = nullptr,
};

const Rule duplicate_type{
    .id = "duplicate-type",
    .severity = Severity::error,
    .summary = "Two declarations have one name, or one has the name of a built-in type.",
    .explanation =
        R"(A type is found by its name, so each needs its own among all `liminal.types.yml` files from the folder of a file up to the root of the repository. The
nearest counts.)",
    .bad = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: look
        type: notebook
        file: look.ipynb
# liminal.types.yml
tasks:
  - type: notebook
    container: {image: "papermill:1", command: [papermill]}
  - type: notebook
    keys: {properties: {file: {type: string}}, required: [file]}
    container:
      image: papermill:2
      command: [papermill, "{{ file }}", /dev/null]
)",
    .good = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: look
        type: notebook
        file: look.ipynb
# liminal.types.yml
tasks:
  - type: notebook
    keys: {properties: {file: {type: string}}, required: [file]}
    container:
      image: papermill:2
      command: [papermill, "{{ file }}", /dev/null]
)",
    .check = nullptr,
};

const Rule unknown_template_key{
    .id = "unknown-template-key",
    .severity = Severity::error,
    .summary = "`{{ name }}` in a declared type is no key of it.",
    .explanation =
        R"(In `liminal.types.yml`, `{{ name }}` stands for the key of that name, or is a macro of Airflow such as `{{ ds }}`. Braces around what is no name, such as `{{.Names}}`, are left to the task's program.)",
    .bad = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: look
        type: notebook
        file: look.ipynb
# liminal.types.yml
tasks:
  - type: notebook
    keys: {properties: {file: {type: string}}, required: [file]}
    container:
      image: papermill:2
      command: [papermill, "{{ fil }}", /dev/null]
)",
    .good = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: look
        type: notebook
        file: look.ipynb
# liminal.types.yml
tasks:
  - type: notebook
    keys: {properties: {file: {type: string}}, required: [file]}
    container:
      image: papermill:2
      command: [papermill, "{{ file }}", /dev/null]
)",
    .check = nullptr,
};

}  // namespace liminal::rules
