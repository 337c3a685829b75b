#!/usr/bin/env python3
"""The command line under a hostile hand: where output goes, what a repository's own configuration may do."""

import json
import os
import re
import subprocess

from support import LIMINAL, EndToEnd, environment, main, run

SYSTEM = "name: small\npipelines: []\n"
PIPELINE = """\
name: small
pipelines:
  - pipeline: nightly
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: 0 3 * * *
    tasks: [{task: load, type: python, image: python:3.11-slim, cmd: echo}]
"""
HOSTILE = 'name: "small"\npipelines:\n  - pipeline: "a\\n::error file=x::pwned\\n##[error]pwned\\n##vso[task]pwned"\n    tsks: []\n'


class CommandLine(EndToEnd):
    def setUp(self):
        super().setUp()
        (self.work / "liminal.yml").write_text(SYSTEM)
        self.configuration = self.work / "liminal.toml"

    def test_a_report_into_a_device_or_a_pipe_does_not_replace_it(self):
        run("mknod", "-m", "666", self.work / "full", "c", "1", "7")
        self.assertIn("No space left", self.liminal("validate", "--report", "junit=full", status=4).stderr)
        self.assertTrue((self.work / "full").is_char_device())
        self.assertIn("<testsuites", self.liminal("validate", "--report", "junit=/dev/stdout").stdout)
        os.mkfifo(self.work / "pipe")
        reader = subprocess.Popen(["cat", self.work / "pipe"], stdout=subprocess.PIPE)
        self.liminal("validate", "--report", "json=pipe")
        self.assertIn(b'"schema"', reader.communicate(timeout=30)[0])

    def test_a_report_that_cannot_be_written_keeps_no_other_back(self):
        reports = ("--report", "sarif=/dev/full", "--report", f"junit={self.work}/liminal.yml/x.xml", "--report", "json=whole.json")
        said = self.liminal("validate", *reports, status=4).stderr
        self.assertIn("the sarif report was not written", said)
        self.assertIn("the junit report was not written", said)
        self.assertIn("stages", json.loads((self.work / "whole.json").read_text()))

    def test_what_could_not_begin_is_reported(self):
        done = self.liminal("validate", "nothere", "--format", "json", "--report", "junit=x.xml", status=2)
        self.assertEqual(json.loads(done.stdout)["errors"][0]["message"], "there is no nothere")
        self.assertIn("there is no nothere", (self.work / "x.xml").read_text())

    def test_a_delete_that_reaches_no_cluster_says_which(self):
        settings = {"HOME": self.work / "home", "KUBECONFIG": "", "LIMINAL_HOME": self.work / "home"}
        dags = self.work / "home/dags"
        said = self.liminal("delete", status=2, **settings).stderr
        self.assertIn("no cluster is named, and the kubeconfig has no current context", said)
        self.assertIn("help: give --context NAME", said)
        config = self.work / "kubeconfig"
        config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "kind-gone",
            "clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "me", "user": {"token": "canary-of-a-token"}}],
            "contexts": [{"name": "kind-gone", "context": {"cluster": "gone", "user": "me"}}]}))
        (self.work / "liminal.yml").write_text(PIPELINE)
        for named in (("--context", "kind-gone"), ()):
            with self.subTest(named=named):
                self.liminal("deploy", "--dags", dags, "--no-check-files", **settings)
                done = self.liminal("delete", "--kubeconfig", config, *named, "--no-check-files", status=3, **settings)
                self.assertIn("error: cannot speak to the cluster gone (https://127.0.0.1:1)\n  because: 127.0.0.1:1 refuses", done.stderr)
                self.assertIn("help: check the address, and that the server runs", done.stderr)
                self.assertNotIn("canary-of-a-token", done.stdout + done.stderr)
                # Where nothing is named, what schedules goes first, whatever becomes of the rest.
                self.assertEqual((dags / "small/nightly.py").exists(), bool(named))

    def test_a_report_does_not_replace_what_is_read(self):
        for name in ("liminal.yml", "sub/liminal.toml"):
            self.assertIn("would replace", self.liminal("validate", "--report", f"json={name}", status=2).stderr)
        self.assertEqual((self.work / "liminal.yml").read_text(), SYSTEM)

    def test_an_empty_value_is_refused_and_does_not_stand_for_none(self):
        for command in (("ci", "--context", ""), ("deploy", "--context", ""), ("delete", "--context="), ("plan", "--context=", "--exit-code"),
                        ("ci", "--registry", ""), ("run", "x", "--date", "")):
            with self.subTest(command=command):
                said = self.liminal(*command, status=2).stderr
                self.assertRegex(said, "its value is empty|has no value")

    def test_no_name_begins_a_line_of_its_own(self):
        (self.work / "liminal.yml").write_text('name: s\npipelines:\n  - pipeline: "p\\n\\nnothing wrong in 1 file\\n"\n    tsks: []\n')
        said = self.liminal("validate", status=1).stderr
        self.assertIn("nothing wrong", said)
        self.assertFalse([line for line in said.splitlines() if line.startswith("nothing wrong")], said)

    def test_output_that_is_lost_is_no_success(self):
        for command in (["validate", "--format", "sarif"], ["schema"], ["--help"], ["--version"], ["explain"]):
            with self.subTest(command=command), open("/dev/full", "w") as full:
                done = subprocess.run([LIMINAL, *command], cwd=self.work, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True)
                self.assertEqual(done.returncode, 4)
                self.assertIn("No space left", done.stderr)
        closed = run("sh", "-c", '"$0" schema >&-', LIMINAL, cwd=self.work, status=4)
        self.assertIn("standard output", closed.stderr)
        # A reader that is gone before the first byte: with `| head` that would be a race.
        gone, end = os.pipe()
        os.close(gone)
        enough = subprocess.run([LIMINAL, "schema"], cwd=self.work, env=environment(), stdout=end, stderr=subprocess.PIPE, text=True)
        os.close(end)
        self.assertEqual((enough.returncode, enough.stderr), (141, ""))

    def test_a_repository_does_not_write_outside_of_itself(self):
        elsewhere = self.work.parent / f"{self.work.name}-elsewhere"
        for line in (f'report = ["junit={elsewhere}"]', 'report = ["sarif=../x"]', 'output = "/tmp/x"', 'render = "../x"'):
            with self.subTest(line=line):
                self.configuration.write_text(line + "\n")
                said = self.liminal("validate" if "report" in line else "deploy" if "render" in line else "build", status=2).stderr
                self.assertIn("leads out of the repository", said)
                self.assertIn("liminal.toml", said)
        self.assertFalse(elsewhere.exists())
        self.configuration.write_text('kubeconfig = "mine"\n')
        self.assertIn("is not taken from a file that was found", self.liminal("delete", status=2).stderr)
        # A link inside leads out as well.
        (self.work / "out").symlink_to(self.work.parent)
        self.configuration.write_text('report = ["junit=out/x.xml"]\n')
        self.liminal("validate", status=2)
        self.configuration.write_text('report = ["junit=reports/x.xml", "json=x.json"]\n')
        self.liminal("validate")
        self.assertTrue((self.work / "reports/x.xml").exists() and (self.work / "x.json").exists())
        # Who names the file trusts it.
        self.configuration.write_text(f'report = ["junit={self.work.parent}/{self.work.name}-named.xml"]\n')
        self.addCleanup(os.unlink, f"{self.work.parent}/{self.work.name}-named.xml")
        self.liminal("validate", "--config", "liminal.toml")

    def test_a_configuration_that_is_a_link_or_a_pipe_is_refused(self):
        self.configuration.symlink_to("/etc/passwd")
        said = self.liminal("validate", status=2)
        self.assertNotIn("root:", said.stdout + said.stderr)
        self.configuration.unlink()
        os.mkfifo(self.configuration)
        self.assertIn("no regular file", self.liminal("validate", status=2, timeout=30).stderr)

    def test_a_path_after_a_repeatable_option_is_a_path(self):
        (self.work / "below").mkdir()
        (self.work / "liminal.yml").rename(self.work / "below/liminal.yml")
        self.assertIn("1 file", self.liminal("validate", "--report", "junit=x.xml", "below").stderr)
        self.assertIn("1 file", self.liminal("validate", "--set", "a=1", "below").stderr)

    def test_a_namespace_that_no_cluster_takes_is_refused(self):
        for name in ("Bad", "a_b", "-a", "a" * 64, ""):
            with self.subTest(name=name):
                self.liminal("deploy", "--render", "out", "--namespace", name, status=2)

    def test_no_report_on_standard_output_holds_a_workflow_command(self):
        (self.work / "liminal.yml").write_text(HOSTILE)
        for kind in ("junit", "markdown", "sarif", "json", "gitlab", "text"):
            with self.subTest(kind=kind):
                done = self.liminal("validate", "--format", kind, status=1)
                for line in (done.stdout + done.stderr).splitlines():
                    self.assertNotRegex(line, re.compile(r"^\s*::\w|##\[|##vso\["))


if __name__ == "__main__":
    main()
