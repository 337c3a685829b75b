#!/usr/bin/env python3
"""`run --engine argo` against a real API server: which Workflow is made, and of what. Argo's controller is played by kubectl."""

import json
import subprocess
import time

from deploys import Deploys
from support import LIMINAL, environment, main

TASK = "      - {{task: {0}, type: python, image: python:3.11-slim, cmd: echo {0}}}\n"


class RunByArgo(Deploys):
    def setUp(self):
        super().setUp()
        self.write("mine", "extract", "report")

    def write(self, system, *tasks):
        self.file.write_text(
            f"name: {system}\npipelines:\n  - pipeline: etl\n    start_date: 2026-01-01\n    timeout_minutes: 30\n    always_run: true\n    tasks:\n"
            + "".join(TASK.format(name) for name in tasks)
        )

    def deploy_to_argo(self):
        self.deploy("--engine", "argo")

    def run_command(self, *options, through_proxy=False):
        return self.command("run", "etl", "--engine", "argo", *options, through_proxy=through_proxy)

    def refused(self, *options):
        said = self.liminal(*self.run_command(*options), status=2).stderr
        self.assertEqual(self.workflows(), [])
        return said

    def workflows(self):
        return json.loads(self.kubectl("get", "workflows", "-o", "json"))["items"]

    def end(self, phase, **tasks):
        """The one Workflow that has not ended, with its tasks; returns it as it was made."""
        deadline = time.monotonic() + 60
        while not (begun := [one for one in self.workflows() if "status" not in one]):
            self.assertLess(time.monotonic(), deadline, "no Workflow was made")
            time.sleep(0.1)
        (made,) = begun
        nodes = {name: {"id": name, "name": name, "displayName": name, "type": "Pod", "phase": state} for name, state in tasks.items()}
        status = {"status": {"phase": phase, "nodes": nodes}}
        self.kubectl("patch", "workflow", made["metadata"]["name"], "--type", "merge", "-p", json.dumps(status))
        return made

    def go(self, *options, phase="Succeeded", through_proxy=False, **tasks):
        """A run whose tasks end so; returns its Workflow as it was made, what was said, and the exit status."""
        command = [LIMINAL, *self.run_command(*options, through_proxy=through_proxy)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=self.work, env=environment(), **pipes) as client:
            try:
                made = self.end(phase, **tasks)
                said = client.communicate(timeout=60)[0]
            finally:
                client.kill()  # left alone, it would follow for ever
        return made, said, client.returncode

    def tasks_of(self, workflow):
        return [one["name"] for one in workflow["spec"]["templates"][0]["dag"]["tasks"]]

    def test_a_run_whose_making_a_proxy_answers_with_504_is_followed_and_not_made_twice(self):
        self.deploy_to_argo()
        late = ("instead", 504, {"Content-Type": "text/html"}, b"<html>Gateway Time-out</html>")
        self.proxy.reset(lambda number, method, path: late if method == "POST" else None)
        made, said, status = self.go(through_proxy=True, extract="Succeeded", report="Succeeded")
        self.assertEqual(status, 0, said)
        self.assertIn(made["metadata"]["name"], said)
        self.assertEqual(len(self.workflows()), 1)

    def test_a_pipeline_of_another_system_is_refused(self):
        self.write("rsys", "extract")
        self.deploy_to_argo()
        self.write("mine", "extract")
        said = self.refused()
        self.assertIn("pipeline etl is not deployed to Argo by system mine", said)
        self.assertIn(f"belongs to the deploy of {self.namespace}/rsys", said)

    def test_what_was_rendered_for_gitops_is_run(self):
        self.liminal("deploy", "--engine", "argo", "--render", "rendered", "--namespace", self.namespace, "--no-check-files")
        (template,) = (self.work / "rendered").rglob("*.yaml")
        self.kubectl("apply", "--server-side", "-f", template)
        made, said, status = self.go(extract="Succeeded", report="Succeeded")
        self.assertEqual(status, 0, said)
        self.assertEqual(made["spec"], {"workflowTemplateRef": {"name": "etl"}})

    def test_a_task_alone_leaves_out_those_that_only_the_deploy_has(self):
        self.write("mine", "extract", "report", "old")
        self.deploy_to_argo()
        self.write("mine", "extract", "report", "new")
        self.assertIn("task new is not in pipeline etl as it is deployed", self.refused("--task", "new"))
        made, said, status = self.go("--task", "extract", extract="Succeeded")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.tasks_of(made), ["extract"])

    def test_a_resumed_run_repeats_what_rests_on_what_it_repeats(self):
        self.deploy_to_argo()
        _, said, status = self.go(phase="Failed", extract="Failed", report="Succeeded")
        self.assertEqual(status, 4, said)
        made, said, status = self.go("--resume", "latest", extract="Succeeded", report="Succeeded")
        self.assertEqual(status, 0, said)
        self.assertEqual(made["spec"], {"workflowTemplateRef": {"name": "etl"}})

    def test_a_resumed_run_with_nothing_left_to_do_is_reported_as_the_earlier_one(self):
        self.deploy_to_argo()
        made, said, status = self.go(extract="Succeeded", report="Succeeded")
        self.assertEqual(status, 0, said)
        done = self.liminal(*self.run_command("--resume", "latest", "--format", "json"))
        self.assertEqual(json.loads(done.stdout)["run"]["id"], made["metadata"]["name"])
        self.assertEqual(len(self.workflows()), 1)


if __name__ == "__main__":
    main()
