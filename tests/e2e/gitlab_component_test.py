#!/usr/bin/env python3
"""The GitLab component, run by gitlab-ci-local: a mistake fails the job and is in its reports, without it the job passes."""

import json
import shutil
import xml.etree.ElementTree

from support import LIMINAL, SOURCE, EndToEnd, environment, main, programs, put_mistake_in, python_base, run

PIPELINE = """\
include:
  - local: /.gitlab/component.yml
    inputs:
      binary: {binary}
      builder: oci
      dry-run: {dry_run}
"""


class GitLabComponent(EndToEnd):
    def checkout(self, name, dry_run=True):
        folder = self.example(name)
        (folder / ".gitlab").mkdir()
        shutil.copy(SOURCE / "ci-templates/gitlab/templates/liminal.yml", folder / ".gitlab/component.yml")
        pipeline = PIPELINE.format(binary=LIMINAL, dry_run=str(dry_run).lower())
        (folder / ".gitlab-ci.yml").write_text(pipeline)
        (folder / "liminal.toml").write_text(f'base = ["python:3.11-slim=rootfs:{python_base()}"]\n')
        return folder

    def run_job(self, folder, status):
        self.repository(folder)
        self.git(folder, "remote", "set-url", "origin", "https://gitlab.example.org/group/project.git")
        program = programs("node-programs") / "gitlab-ci-local"
        settings = environment(HOME=self.work)
        done = run(program, "--force-shell-executor", "liminal", cwd=folder, env=settings, status=None, timeout=600)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, status, said)
        return said

    def test_a_mistake_fails_the_job_and_is_in_the_reports(self):
        folder = self.checkout("faulty")
        line = put_mistake_in(folder)
        self.run_job(folder, status=1)
        reports = folder / "liminal-reports"
        (failure,) = xml.etree.ElementTree.parse(reports / "junit.xml").getroot().iter("failure")
        self.assertIn(f"liminal.yml:{line}:", failure.text)
        (finding,) = json.loads((reports / "code-quality.json").read_text())
        self.assertEqual(finding["location"]["path"], "liminal.yml")
        self.assertEqual(finding["location"]["lines"]["begin"], line)
        (result,) = json.loads((reports / "liminal.sarif").read_text())["runs"][0]["results"]
        self.assertEqual(result["ruleId"], "unknown-key")

    def test_without_a_mistake_the_job_passes(self):
        folder = self.checkout("good")
        self.run_job(folder, status=0)
        self.assertEqual(json.loads((folder / "liminal-reports/code-quality.json").read_text()), [])

    def test_a_branch_builds_and_renders(self):
        folder = self.checkout("pushed", dry_run=False)
        self.run_job(folder, status=0)
        self.assertEqual([one.name for one in (folder / "liminal-rendered").rglob("*.py")], ["wine_quality.py"])

    def test_what_no_input_says_is_left_to_the_repositorys_configuration(self):
        folder = self.checkout("configured", dry_run=False)
        with (folder / "liminal.toml").open("a") as configuration:
            configuration.write('engine = "argo"\nnamespace = "research"\n')
        self.run_job(folder, status=0)
        (workflow,) = (folder / "liminal-rendered").rglob("workflowtemplate-*.yaml")
        self.assertIn("namespace: research", workflow.read_text())

    def test_a_program_of_the_repository_is_found_from_any_folder(self):
        folder = self.checkout("nested")
        pipeline = (folder / ".gitlab-ci.yml").read_text()
        shutil.copy(LIMINAL, folder / "liminal-program")
        pipeline = pipeline.replace(f"binary: {LIMINAL}", "binary: ./liminal-program\n      working-directory: inner")
        (folder / ".gitlab-ci.yml").write_text(pipeline)
        (folder / "inner").mkdir()
        for name in ("liminal.yml", "liminal.toml", "pythonscript"):
            shutil.move(folder / name, folder / "inner" / name)
        self.run_job(folder, status=0)
        self.assertEqual(json.loads((folder / "liminal-reports/code-quality.json").read_text()), [])


if __name__ == "__main__":
    main()
