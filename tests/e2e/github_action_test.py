#!/usr/bin/env python3
"""action.yml, run by act as a runner runs it: a mistake fails the job and is in its reports, without it the job passes."""

import json
import pathlib
import re
import shutil
import xml.etree.ElementTree

from support import LIMINAL, SOURCE, EndToEnd, environment, main, programs, put_mistake_in, python_base, run

# docs/ci.md has the form for users; here the action lies in the repository itself, as no other can be fetched.
WORKFLOW = """\
name: pipeline
on: push
permissions: {}
jobs:
  liminal:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - id: liminal
        uses: ./.action
        with:
          binary: BINARY
          report-folder: REPORTS
          builder: oci
          base: |
            python:3.11-slim=rootfs:BASE
          dry-run: DRY_RUN
          render: RENDER
      - if: always()
        env:
          OUTPUTS: ${{ toJSON(steps.liminal.outputs) }}
        run: printf '%s' "$OUTPUTS" >OUTPUT_FILE
"""


class GitHubAction(EndToEnd):
    def checkout(self, name, dry_run):
        """A repository with the example, the action and a workflow that uses it."""
        folder = self.example(name)
        shutil.copytree(SOURCE / "ci-templates", folder / ".action/ci-templates")
        shutil.copy(SOURCE / "action.yml", folder / ".action")
        places = {"BINARY": LIMINAL, "REPORTS": self.work / "reports", "BASE": python_base(), "OUTPUT_FILE": self.work / "outputs"}
        text = WORKFLOW.replace("DRY_RUN", "true" if dry_run else "false").replace("RENDER", "" if dry_run else "rendered")
        for word, place in places.items():
            text = text.replace(word, str(place))
        workflow = folder / ".github/workflows/pipeline.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(text)
        return folder

    def act(self, folder, status):
        self.repository(folder)
        home = self.work / "home"
        (home / ".config/act").mkdir(parents=True, exist_ok=True)
        (home / ".config/act/actrc").write_text("-P ubuntu-latest=-self-hosted\n--pull=false\n")
        settings = environment(HOME=home, XDG_CONFIG_HOME=home / ".config", XDG_CACHE_HOME=home / ".cache")
        done = run(programs("go-programs") / "act", "push", cwd=folder, env=settings, status=None, timeout=600)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, status, said)
        return said

    def outputs(self):
        return json.loads((self.work / "outputs").read_text())

    def test_a_mistake_fails_the_job_and_is_in_the_reports(self):
        folder = self.checkout("faulty", dry_run=True)
        line = put_mistake_in(folder)
        said = self.act(folder, status=1)
        self.assertIn(f"::error file=liminal.yml,line={line},", said)  # act prints the commands that it carries out
        outputs = self.outputs()
        self.assertEqual(outputs["findings"], "1")
        (result,) = json.loads(pathlib.Path(outputs["sarif-file"]).read_text())["runs"][0]["results"]
        self.assertEqual(result["ruleId"], "unknown-key")
        self.assertEqual(result["locations"][0]["physicalLocation"]["region"]["startLine"], line)
        (failure,) = xml.etree.ElementTree.parse(outputs["junit-file"]).getroot().iter("failure")
        self.assertIn(f"liminal.yml:{line}:", failure.text)

    def test_a_pull_request_without_a_mistake_passes_and_changes_nothing(self):
        self.act(self.checkout("good", dry_run=True), status=0)
        outputs = self.outputs()
        self.assertEqual((outputs["findings"], outputs["changed"]), ("0", "false"))

    def test_a_push_builds_and_renders(self):
        self.act(self.checkout("pushed", dry_run=False), status=0)
        outputs = self.outputs()
        self.assertEqual((outputs["findings"], outputs["changed"]), ("0", "true"))
        cases = xml.etree.ElementTree.parse(outputs["junit-file"]).getroot().iter("testcase")
        self.assertTrue(any("build" in case.get("classname") for case in cases))

    def test_actionlint_finds_nothing_wrong_and_knows_the_inputs(self):
        folder = self.checkout("linted", dry_run=True)
        self.repository(folder)
        actionlint = programs("go-programs") / "actionlint"
        run(actionlint, cwd=folder)
        workflow = folder / ".github/workflows/pipeline.yml"
        workflow.write_text(workflow.read_text().replace("dry-run:", "dry-runn:"))
        self.assertIn("dry-runn", run(actionlint, cwd=folder, status=1).stdout)

    def test_the_action_fits_githubs_schema(self):
        check = programs("python-programs") / "check-jsonschema"
        run(check, "--builtin-schema", "vendor.github-actions", SOURCE / "action.yml")

    def test_each_input_is_an_option_of_the_command(self):
        text = (SOURCE / "action.yml").read_text()
        options = text[text.index("\n  # options of liminal ci\n") : text.index("\noutputs:")]
        inputs = set(re.findall(r"^  ([a-z-]+):$", options, re.MULTILINE)) - {"path"}
        known = self.liminal("--help").stdout + self.liminal("ci", "--help").stdout
        self.assertGreater(len(inputs), 10)
        self.assertEqual({one for one in inputs if not re.search(rf"--{one}\b", known)}, set())


if __name__ == "__main__":
    main()
