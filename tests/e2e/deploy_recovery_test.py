#!/usr/bin/env python3
"""Deploys that are disturbed: killed at every request, two at once, faults of the server, answers that are lost, rights that lack."""

import json
import os
import signal
import subprocess
import time

from api_proxy import CANARY
from deploys import Deploys
from support import LIMINAL, environment, main


class DeployRecovery(Deploys):
    def test_killed_at_every_request_the_next_run_finishes(self):
        """Before and after each request in turn."""
        self.file.write_text(self.many(30))
        boundary = 0
        deploys = 0
        while True:
            boundary += 1
            self.file.write_text(self.many(30, boundary))
            process = None
            when = "before" if boundary % 2 else "after"

            def kill():
                os.kill(process.pid, signal.SIGKILL)

            self.proxy.reset(lambda number, method, path: (when, kill) if number == boundary else None)
            process = subprocess.Popen([LIMINAL, *self.command("deploy", "--no-wait", through_proxy=True)], cwd=self.work,
                                       env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            process.wait(timeout=120)
            deploys += 1
            if process.returncode != -signal.SIGKILL:
                self.assertEqual(process.returncode, 0)
                break
            self.proxy.reset()
            self.deploy(through_proxy=True)
            values = {one["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]
                      for name, one in self.objects().items() if name.startswith("Deployment/")}
            self.assertEqual(values, {str(boundary)}, f"killed {when} request {boundary}")
            self.assertIn("30 unchanged", self.deploy(through_proxy=True))
        self.assertGreater(deploys, 40)

    def test_of_two_deploys_at_once_one_waits_and_names_the_other(self):
        self.proxy.delay = 0.3
        self.addCleanup(setattr, self.proxy, "delay", 0.0)
        first = subprocess.Popen([LIMINAL, *self.command("deploy", "--no-wait", through_proxy=True)], cwd=self.work,
                                 env=environment(USER="first"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while not any("leases" in path and method == "POST" for method, path in self.proxy.requests):
            time.sleep(0.05)
        time.sleep(0.4)
        refused = self.deploy("--timeout", "1", "--no-wait", status=4)
        self.assertIn("another deploy of", refused)
        self.assertIn("first@", refused)
        self.deploy("--timeout", "60", "--no-wait")
        self.assertEqual(first.wait(timeout=60), 0, first.stdout.read())

    def test_a_saved_plan_killed_at_every_request_is_finished_by_the_same_plan(self):
        self.file.write_text(self.many(4))
        boundary = 0
        while True:
            boundary += 1
            self.file.write_text(self.many(4, boundary))
            self.save(through_proxy=True)
            process = None

            def kill():
                os.kill(process.pid, signal.SIGKILL)

            self.proxy.reset(lambda number, method, path: ("before" if boundary % 2 else "after", kill) if number == boundary else None)
            process = subprocess.Popen([LIMINAL, "deploy", "--plan", "plan.json", "--no-wait", "--no-check-images", "--kubeconfig",
                                        self.proxy.kubeconfig],
                                       cwd=self.work, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            process.wait(timeout=120)
            if process.returncode != -signal.SIGKILL:
                self.assertEqual(process.returncode, 0)
                break
            self.proxy.reset()
            self.apply(through_proxy=True)
            values = {one["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]
                      for name, one in self.objects().items() if name.startswith("Deployment/")}
            self.assertEqual(values, {str(boundary)}, f"killed at request {boundary}")
        self.assertGreater(boundary, 20)

    def test_each_fault_has_its_own_message_and_status(self):
        self.deploy(through_proxy=True)

        def answer(status, reason, **more):
            body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status,
                    "message": f"said the server, {CANARY}", **more}
            return ("answer", status, {"Content-Type": "application/json"}, json.dumps(body).encode())

        cases = {
            "unauthorized": (answer(401, "Unauthorized"), 3, "does not know who asks"),
            "forbidden": (answer(403, "Forbidden"), 3, "forbids"),
            "gone": (answer(410, "Expired"), 4, ""),
            "too many": (answer(429, "TooManyRequests"), 3, ""),
            "internal": (answer(500, "InternalError"), 3, ""),
            "garbage": ("garbage", 3, ""),
            "endless": ("endless", 3, ""),
            "refuse": ("refuse", 3, ""),
            "cut": ("cut", 3, ""),
        }
        messages = {}
        for name, (fault, status, words) in cases.items():
            with self.subTest(fault=name):
                self.proxy.reset(lambda number, method, path, fault=fault: fault)
                done = self.liminal(*self.command("deploy", "--no-wait", through_proxy=True), status=None, timeout=300)
                said = done.stdout + done.stderr
                self.assertNotIn(CANARY, said)
                messages[name] = said
                self.assertEqual(done.returncode, status, said)
                self.assertIn(words, said)
                self.assertIn("help:", said)
        self.assertEqual(len(set(messages.values())), len(messages), messages)

    def killed(self, number_of, *arguments):
        """A deploy that is killed after the request that `number_of` picks from (number, method, path)."""
        process = None

        def kill():
            os.kill(process.pid, signal.SIGKILL)

        self.proxy.reset(lambda *request: ("after", kill) if number_of(*request) else None)
        process = subprocess.Popen([LIMINAL, *self.command("deploy", "--no-wait", *arguments, through_proxy=True)], cwd=self.work,
                                   env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(timeout=120)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.proxy.reset()

    def test_what_a_killed_deploy_made_is_removed_when_it_is_no_longer_wanted(self):
        """Killed with everything applied and nothing of it on record."""
        self.killed(lambda number, method, path: "/configmaps" in path and any(
            "/deployments/" in at and sent == "PATCH" and "dryRun" not in at for sent, at in self.proxy.requests), "--engine", "argo")
        self.assertIn("unchanged", self.deploy("--engine", "argo"))
        self.file.write_text(self.text[: self.text.index("services:")])
        self.deploy("--engine", "argo")
        self.assertFalse({name for name in self.objects() if name.split("/")[0] in ("Deployment", "Service")})
        self.deploy(name="delete")
        self.assertEqual({name.split("/")[0] for name in self.left()}, {"PersistentVolume", "PersistentVolumeClaim"})

    def left(self):
        """What is not on its way out: no garbage collector is here that lets go of what is deleted without its runs."""
        return {name for name, one in self.objects().items() if "deletionTimestamp" not in one["metadata"]}

    def test_an_answer_that_is_lost_is_no_other_deploy(self):
        """Each PUT in turn is carried out, and the connection breaks before its answer."""
        self.deploy()
        lost = 0
        while True:
            lost += 1
            puts = []

            def fault(number, method, path, lost=lost, puts=puts):
                if method == "PUT":
                    puts.append(path)
                    if len(puts) == lost:
                        return ("after", lambda: None)
                return None

            self.file.write_text(self.text.replace("MODE: one", f"MODE: try-{lost}"))
            self.proxy.reset(fault)
            self.assertIn("1 changed", self.deploy("--atomic", through_proxy=True), puts)
            if len(puts) < lost:
                break
        self.assertGreater(lost, 3)

    def test_a_kind_on_record_that_may_not_be_looked_at_is_no_kind_that_is_gone(self):
        self.deploy("--engine", "argo")
        blind = self.account([("get,list,create,update,patch,delete", self.KINDS.replace(",cronworkflows.argoproj.io", "")),
                              ("get,create,update", "leases.coordination.k8s.io")])
        done = self.liminal("delete", "--no-wait", "--kubeconfig", blind, "--context", "@current", "--namespace", self.namespace,
                            "--no-check-files", status=3)
        self.assertIn(f"cronworkflow/nightly in namespace {self.namespace} is on record and may not be looked at", done.stderr)
        self.assertIn("CronWorkflow/nightly", self.left())
        self.assertIn("WorkflowTemplate/nightly", self.left())

    def test_undoing_leaves_what_create_made(self):
        """No Deployment becomes ready here: nobody makes its pods."""
        self.deploy(name="create")
        made = self.versions()
        said = self.deploy("--atomic", "--timeout", "1", status=4)
        self.assertIn("it was undone: what was there before it is left", said)
        self.assertEqual(self.versions().keys(), made.keys())

    def test_undoing_brings_the_last_deploy_back(self):
        self.deploy()
        self.file.write_text(self.text.replace("MODE: one", "MODE: two"))
        self.assertIn("it was undone: deploy 1 is back", self.deploy("--atomic", "--timeout", "1", status=4))
        container = self.objects()["Deployment/web"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["env"], [{"name": "MODE", "value": "one"}])

    def test_what_is_being_deleted_is_not_there(self):
        self.deploy()
        claim = f"data-{self.namespace}-pvc"
        self.kubectl("patch", "pvc", claim, "-p", '{"metadata": {"finalizers": ["example.com/hold"]}}')
        self.kubectl("delete", "pvc", claim, "--wait=false")
        self.assertIn(f"persistentvolumeclaim/{claim} in namespace {self.namespace} is being deleted", self.deploy(status=4))
        self.kubectl("patch", "pvc", claim, "-p", '{"metadata": {"finalizers": null}}')
        self.assertIn("1 created", self.deploy())

    def test_a_schedule_goes_before_what_it_starts_and_its_runs_stay(self):
        self.deploy("--engine", "argo")
        self.proxy.reset()
        self.file.write_text(self.text.replace("    schedule: 0 3 * * *\n", ""))
        self.deploy("--engine", "argo", through_proxy=True)
        self.assertNotIn("CronWorkflow/nightly", self.left())
        (schedule,) = [one for one in json.loads(self.kubectl("get", "cronworkflows", "-o", "json"))["items"]]
        self.assertIn("orphan", schedule["metadata"]["finalizers"])


if __name__ == "__main__":
    main()
