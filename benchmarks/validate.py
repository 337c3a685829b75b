"""`liminal validate` against validators of YAML by JSON Schema."""
import json
import os
import shutil
import subprocess

import peers
from measure import Side, cache, compare

PIPELINE = """\
  - pipeline: {name}
    owner: data-science
    start_date: 2026-01-02
    timeout_minutes: 45
    schedule: 30 4 * * 1-5
    tasks:
      - task: load_data
        type: python
        description: fetch the measurements of the day before
        image: trainer
        cmd: python -u load.py --day {{{{yesterday_ds}}}} --into /data/raw
        env_vars:
          URL: https://example.com/measurements/{name}.csv
          RETRIES: "3"
        mounts:
          - mount: data
            volume: shared
            path: /data
      - task: train
        type: python
        description: train on everything that is there
        image: trainer
        cmd: python -u train.py --epochs 20 --data /data/raw --model /data/model
        mounts:
          - mount: data
            volume: shared
            path: /data
      - task: check
        type: python
        image: trainer
        cmd: python -u check.py --model /data/model --minimum 0.92
        mounts:
          - mount: data
            volume: shared
            path: /data
"""
SYSTEM = """\
name: {name}
volumes:
  - volume: shared
    local: {{path: data}}
images:
  - image: trainer
    type: python
    source: src
    python_version: "3.12"
variables:
  region: north
  stage: production
pipelines:
"""
# What kubeconform looks a schema up by.
KUBERNETES_HEAD = "apiVersion: liminal/v1\nkind: System\n"


def system(name, pipelines):
    return SYSTEM.format(name=name) + "".join(PIPELINE.format(name=f"{name}-{i}") for i in range(pipelines))


class Inputs:
    """The same files twice: as they are, and with the two keys that kubeconform needs."""

    def __init__(self, name, files):
        self.folder = os.path.join(cache, "inputs", name)
        shutil.rmtree(self.folder, ignore_errors=True)
        for path, text in files:
            for side, head in (("plain", ""), ("kubernetes", KUBERNETES_HEAD)):
                target = os.path.join(self.folder, side, path)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "w") as file:
                    file.write(head + text)

    def path(self, side):
        return os.path.join(self.folder, side)

    def schemas(self, binary):
        schema = json.loads(subprocess.run([binary, "schema"], check=True, stdout=subprocess.PIPE).stdout)
        self.write("liminal.schema.json", schema)
        schema["properties"].update({"apiVersion": {"type": "string"}, "kind": {"type": "string"}})
        self.write("system.json", schema)

    def write(self, name, schema):
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(schema, file)


def sides(inputs, options, files):
    # Scripts and folders are not looked at: no peer does.
    found = [Side("liminal validate", [options.binary, "validate", "--no-check-files", "."], inputs.path("plain"))]
    inputs.schemas(options.binary)
    schema = os.path.join(inputs.folder, "liminal.schema.json")
    if program := peers.check_jsonschema():
        # xargs, since ten thousand names are more than one command line takes on some systems.
        found.append(Side(f"check-jsonschema {peers.CHECK_JSONSCHEMA}",
                          ["sh", "-c", f"find . -name liminal.yml -print0 | xargs -0 {program} --schemafile {schema}"],
                          inputs.path("plain")))
    if program := peers.kubeconform():
        location = os.path.join(inputs.folder, "{{ .ResourceKind }}.json")
        found.append(Side(f"kubeconform {peers.KUBECONFORM}",
                          [program, "-n", str(os.cpu_count()), "-schema-location", location, "."],
                          inputs.path("kubernetes")))
    return found


def small(options):
    inputs = Inputs("small", [("liminal.yml", system("one", 1))])
    found = sides(inputs, options, 1)
    if program := peers.empty_program():
        found.append(Side("an empty static program", [program], inputs.path("plain")))
    size = os.path.getsize(os.path.join(inputs.path("plain"), "liminal.yml"))
    compare(f"one file of {size} bytes", found, options)


def many(options):
    count = 10_000
    inputs = Inputs("many", ((f"team{i // 100}/p{i}/liminal.yml", system(f"s{i}", 1)) for i in range(count)))
    compare(f"{count} files", sides(inputs, options, count), options)


def large(options):
    text = system("large", 4000)
    inputs = Inputs("large", [("liminal.yml", text)])
    compare(f"one file of {len(text) / 1e6:.1f} MB", sides(inputs, options, 1), options, memory=True)


COMPARISONS = {"small": small, "many": many, "large": large}
