#!/usr/bin/env python3
"""`run PIPELINE` on a target: by Argo Workflows, Airflow 2 and Airflow 3, in pods of a real node, and resumed after a failure."""

import json
import os
import pathlib
import signal
import subprocess

from node import NodeTest
from support import LIMINAL, main, programs

# The second task fails until it is mended.
STEPS = """\
name: steps
images:
  - image: steps/app
    type: python
    source: app
    python_version: "3.11"
task_defaults:
  python:
    image: steps/app
pipelines:
  - pipeline: steps
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - {task: first, type: python, cmd: python -u first.py}
      - {task: second, type: python, cmd: "python -u second.py {{ ds }}"}
      - {task: third, type: python, cmd: python -u third.py}
"""
BROKEN = "import sys\nprint('second begins on', sys.argv[1])\nsys.exit(3)\n"
MENDED = "import sys\nprint('second is mended on', sys.argv[1])\n"


class RunOnTarget(NodeTest):
    def steps(self):
        system = self.work / "steps"
        (system / "app").mkdir(parents=True)
        (system / "liminal.yml").write_text(STEPS)
        (system / "app/first.py").write_text("print('this is first')\n")
        (system / "app/second.py").write_text(BROKEN)
        (system / "app/third.py").write_text("print('this is third')\n")
        return system

    def example_system(self):
        """Started by hand alone: a schedule that is switched on begins at once."""
        system = self.example()
        file = system / "liminal.yml"
        # A volume has no namespace: the tests' own are told apart by name.
        text = file.read_text().replace("wine-data", f"wine-data-{self.namespace}")
        self.assertIn("    schedule: 0 6 * * *\n", text)
        file.write_text(text.replace("    schedule: 0 6 * * *\n", ""))
        return system

    def expect_a_model(self, system):
        """The volume is a folder of this machine."""
        self.assertGreater((system / "data/production/model.joblib").stat().st_size, 10_000)
        self.assertGreater(json.loads((system / "data/production/metrics.json").read_text())["accuracy"], 0.8)

    def run_pipeline(self, system, pipeline, *options, status=0, **environment):
        done = self.liminal("run", pipeline, *options, cwd=system, status=status, timeout=900, **environment)
        return done.stdout + done.stderr

    def states(self, report):
        """By task; an Airflow has a start and an end, too."""
        tasks = json.loads(report.read_text())["run"]["tasks"]
        return {one["task"]: one["state"] for one in tasks if one["task"] not in ("start", "end")}

    def fail_mend_and_resume(self, deploy, *options, **environment):
        """A run that fails at its second task, is mended and resumed, and does not repeat the first."""
        system = self.steps()
        deploy(system)
        report = self.work / "run.json"
        said = self.run_pipeline(system, "steps", *options, "--date", "2026-01-31", "--report", f"json={report}", status=4, **environment)
        self.assertIn("first | this is first", said)
        self.assertIn("second | second begins on 2026-01-31", said)
        self.assertNotIn("this is third", said)
        self.assertIn("--resume ", said)
        self.assertEqual(self.states(report), {"first": "succeeded", "second": "failed", "third": "not run"})

        (system / "app/second.py").write_text(MENDED)
        deploy(system)
        said = self.run_pipeline(system, "steps", *options, "--resume", "latest", "--report", f"json={report}", **environment)
        self.assertNotIn("this is first", said)
        self.assertIn("second | second is mended on 2026-01-31", said)
        self.assertIn("third | this is third", said)
        self.assertEqual(self.states(report), {"first": "kept", "second": "succeeded", "third": "succeeded"})
        return system

    def on_argo(self):
        return ("--engine", "argo", "--context", "test", "--kubeconfig", self.node["KUBECONFIG"], "--namespace", self.namespace)

    def test_the_example_is_run_by_argo(self):
        system = self.example_system()
        self.deploy(system, "--engine", "argo")
        (template,) = json.loads(self.kubectl("get", "workflowtemplates", "-o", "json"))["items"]
        self.assertIn(f"{self.registry}/wine-quality@sha256:", json.dumps(template))
        said = self.run_pipeline(system, "wine_quality", *self.on_argo())
        self.assertIn("validation_model", said)
        self.expect_a_model(system)

    def test_argo_resumes_a_run_that_failed(self):
        system = self.fail_mend_and_resume(lambda system: self.deploy(system, "--engine", "argo"), *self.on_argo())
        known = json.loads(self.liminal("status", *self.on_argo(), "--format", "json", cwd=system).stdout)
        self.assertEqual([one["state"] for one in known["runs"]], ["succeeded", "failed"])
        self.assertEqual(known["status"][0]["deploy"]["revision"], 2)
        # One of its tasks alone.
        said = self.run_pipeline(system, "steps", *self.on_argo(), "--task", "third")
        self.assertIn("third | this is third", said)
        self.assertNotIn("this is first", said)
        self.assertNotIn("second is mended", said)

    def test_argo_says_what_is_not_there(self):
        system = self.steps()
        self.assertIn("is not deployed to Argo", self.run_pipeline(system, "steps", *self.on_argo(), status=2))
        self.deploy(system, "--engine", "argo")
        for options, said in (
            (("--resume", "latest"), "has no run"),
            (("--resume", "nothing"), "there is no run nothing"),
            (("--task", "thrid"), "did you mean `third`?"),
            (("--param", "a=b"), "takes no parameter a"),
        ):
            with self.subTest(options=options):
                self.assertIn(said, self.run_pipeline(system, "steps", *self.on_argo(), *options, status=2))
        self.assertIn("did you mean steps?", self.run_pipeline(system, "step", *self.on_argo(), status=2))

    def test_a_run_of_argo_goes_on_when_it_is_not_followed(self):
        system = self.steps()
        (system / "app/first.py").write_text("import time\nprint('slowly', flush=True)\ntime.sleep(20)\n")
        self.deploy(system, "--engine", "argo")
        command = [LIMINAL, "run", "steps", *self.on_argo()]
        with subprocess.Popen(command, cwd=system, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as client:
            self.addCleanup(client.kill)
            for line in client.stdout:
                if "slowly" in line:
                    break
            client.send_signal(signal.SIGINT)
            said = client.communicate(timeout=30)[0]
        self.assertEqual(client.returncode, 130, said)
        self.assertIn("goes on", said)
        (workflow,) = json.loads(self.kubectl("get", "workflows", "-o", "json"))["items"]
        self.assertEqual(workflow["status"]["phase"], "Running")
        self.assertIn(workflow["metadata"]["name"], said)

    def airflow(self, version):
        """A local Airflow that has been given this cluster by KUBECONFIG; returns the environment to speak to it."""
        path = f"{programs('airflow-environment', version) / 'bin'}:{os.environ['PATH']}"
        settings = {"LIMINAL_HOME": self.work / "home", "PATH": path, "KUBECONFIG": self.node["KUBECONFIG"]}
        self.addCleanup(self.liminal, "stop", status=None, **settings)
        self.liminal("start", "-d", "--airflow-by", "installed", timeout=900, **settings)
        return settings

    def by_airflow(self, version):
        settings = self.airflow(version)
        dags = pathlib.Path(settings["LIMINAL_HOME"]) / "dags"

        def deploy(system):
            self.deploy(system, "--dags", dags)

        system = self.example_system()
        deploy(system)
        off = self.run_pipeline(system, "wine_quality", status=2, **settings)
        self.assertIn("--unpause", off)
        said = self.run_pipeline(system, "wine_quality", "--unpause", **settings)
        self.assertIn("/dags/wine_quality", said)
        self.expect_a_model(system)

        refused = self.run_pipeline(system, "wine_quality", "--task", "load_data", status=2, **settings)
        self.assertIn("Airflow runs a DAG whole", refused)
        self.fail_mend_and_resume(deploy, "--unpause", **settings)

    def test_airflow_2(self):
        self.by_airflow("2")

    def test_airflow_3(self):
        self.by_airflow("3")


if __name__ == "__main__":
    main()
