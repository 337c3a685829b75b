#!/usr/bin/env python3
"""examples/own-types: types of a repository's own, from validation to a run, by every engine that can."""

import json
import shutil

from support import SOURCE, EndToEnd, main, python_base


class DeclaredTypes(EndToEnd):
    def setUp(self):
        super().setUp()
        self.folder = self.work / "own-types"
        shutil.copytree(SOURCE / "examples/own-types", self.folder, ignore=shutil.ignore_patterns(".liminal"))
        self.file = self.folder / "liminal.yml"

    def go(self, *arguments, status=0):
        done = self.liminal(*arguments, cwd=self.folder, status=status)
        return done.stdout + done.stderr

    def line_of(self, text):
        return next(number for number, line in enumerate(self.file.read_text().splitlines(), 1) if text in line)

    def without_operators(self):
        text = self.file.read_text()
        self.file.write_text(text[: text.index("  - pipeline: warehouse")])

    def test_it_is_valid_and_so_is_each_file_alone(self):
        self.assertIn("nothing wrong in 2 files", self.go("validate"))
        self.assertIn("nothing wrong in 1 file", self.go("validate", "liminal.types.yml"))

    def test_the_plan_names_the_types(self):
        said = self.liminal("plan", "--format", "json", cwd=self.folder).stdout
        pipelines = {one["pipeline"]: one["tasks"] for one in json.loads(said)["plan"]["pipelines"]}
        types = [one["type"] for tasks in pipelines.values() for one in tasks if one["task"] not in ("start", "end")]
        self.assertEqual(types, ["report", "report", "query", "query"])

    def test_containers_run_here(self):
        said = self.go("run", "reports", "--local", "--builder", "oci", "--base", f"python:3.11-slim=rootfs:{python_base()}")
        self.assertRegex(said, r"short \| # Sales of 20\d\d-\d\d-\d\d\n")
        self.assertRegex(said, r"long *\| # It's the page of 20\d\d-\d\d-\d\d\n")
        self.assertRegex(said, r"long *\| Columns: region \| the sum\n")

    def test_an_operator_is_airflows_alone(self):
        at = f"liminal.yml:{self.line_of('- task: tidy')}:"
        said = self.go("run", "warehouse", "--local", status=2)
        self.assertIn(f"{at}15: task `tidy`: its type `query` is an operator of Airflow's", said)
        at = f"liminal.yml:{self.line_of('- task: tidy') + 1}:"
        said = self.go("deploy", "--engine", "argo", "--render", "out", status=1)
        self.assertIn(f"{at}15: error: Argo cannot run task `tidy`: type `query` is an operator of Airflow's", said)

    def test_argo_runs_the_words_of_the_command(self):
        self.without_operators()
        self.go("deploy", "--engine", "argo", "--render", "out")
        (written,) = (one for one in (self.folder / "out").rglob("*.yaml") if "kind: WorkflowTemplate" in one.read_text())
        text = written.read_text()
        for part in ("report.py", "It's the page of", "the sum", 'memory: "128Mi"'):
            self.assertIn(part, text)
        self.assertNotIn("/bin/sh", text)

    def test_the_schema_of_the_types_is_printed(self):
        schema = json.loads(self.go("schema", "types"))
        self.assertEqual(schema, json.loads((SOURCE / "schema/liminal.types.schema.json").read_text()))


if __name__ == "__main__":
    main()
