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
            "unavailable": (answer(503, "ServiceUnavailable"), 3, ""),
            "changed meanwhile": (answer(409, "Conflict"), 4, ""),
            "owned by another": (answer(409, "Conflict", details={"causes": [
                {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl"', "field": ".spec.replicas"}]}), 4, "kubectl"),
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
                self.assert_hidden(said)
                messages[name] = said
                self.assertEqual(done.returncode, status, said)
                self.assertIn(words, said)
                self.assertIn("help:", said)
        self.assertEqual(len(set(messages.values())), len(messages), messages)
        self.proxy.reset(lambda *_: "slow")
        self.file.write_text(self.text.replace("MODE: one", "MODE: slow"))
        self.assertIn("1 changed", self.deploy(through_proxy=True))

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
        self.assertIn("it was undone: what it made is gone", said)
        self.assertEqual(self.versions().keys(), made.keys())

    def test_undoing_brings_the_last_deploy_back(self):
        self.deploy()
        self.file.write_text(self.text.replace("MODE: one", "MODE: two"))
        self.assertIn("it was undone: deploy 1 is back", self.deploy("--atomic", "--timeout", "1", status=4))
        container = self.objects()["Deployment/web"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["env"], [{"name": "MODE", "value": "one"}])

    def fails(self, *arguments):
        return self.deploy("--atomic", "--timeout", "1", *arguments, status=4)

    def test_undoing_leaves_what_others_made(self):
        self.kubectl("create", "secret", "generic", "key", "--from-literal=mine=precious")
        said = self.fails("--adopt", "secret/key")
        self.assertIn(f"it was undone: what it made is gone; what was there before it stays, as it was written now: secret/key in namespace "
                      f"{self.namespace}", said)
        self.assertIn("mine", json.loads(self.kubectl("get", "secret", "key", "-o", "json"))["data"])
        self.assertNotIn("Deployment/web", self.left())

    def test_undoing_brings_secrets_back_and_leaves_what_is_no_longer_wanted_in_place(self):
        self.deploy()
        before = self.secret()
        (self.work / "key.txt").write_text("another value")
        self.file.write_text(self.text.replace("MODE: one", "MODE: two"))
        self.assertIn("it was undone: deploy 1 is back", self.fails())
        self.assertEqual(self.secret(), before)
        # Without its secret and its pipeline.
        head, services = self.text.split("secrets:\n")[0], self.text[self.text.index("services:"):]
        self.file.write_text((head + services).replace("MODE: one", "MODE: three"))
        uids = {name: one["metadata"]["uid"] for name, one in self.objects().items()}
        self.assertIn("it was undone: deploy 1 is back", self.fails())
        self.assertEqual({name: one["metadata"]["uid"] for name, one in self.objects().items()}, uids)
        self.assertEqual(self.secret(), before)

    def secret(self):
        return json.loads(self.kubectl("get", "secret", "key", "-o", "json"))["data"]["credentials"]

    def test_a_deleted_record_is_gone_on_from(self):
        for mode in ("one", "two", "three"):
            self.file.write_text(self.text.replace("MODE: one", f"MODE: {mode}"))
            self.deploy()
        self.kubectl("delete", "configmap", "liminal-shop")
        self.file.write_text(self.text.replace("MODE: one", "MODE: four"))
        self.assertIn("it was undone: deploy 3 is back", self.fails())
        self.assertEqual(self.mode(), "three")
        self.deploy()
        self.assertIn("deploy 4", self.liminal(*self.target("status")).stdout)
        self.file.write_text(self.text.replace("MODE: one", "MODE: five"))
        self.deploy()
        self.deploy(name="rollback")
        self.assertEqual(self.mode(), "four")

    def target(self, name):
        return [name, "--kubeconfig", self.server["KUBECONFIG"], "--context", "@current", "--namespace", self.namespace]

    def mode(self):
        return self.objects()["Deployment/web"]["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]

    def test_history_tells_what_came_back_and_rollback_goes_past_what_was_undone(self):
        self.liminal_of("one", "--no-wait")
        self.liminal_of("two", "--no-wait")
        self.file.write_text(self.text.replace("MODE: one", "MODE: three"))
        self.fails()
        self.assertEqual(self.mode(), "two")
        self.deploy(name="rollback")
        self.assertEqual(self.mode(), "one")
        history = json.loads(self.liminal(*self.target("history"), "--format", "json").stdout)
        newest = history["history"][0]
        self.assertEqual((newest["revision"], newest["commit"], newest["what"].split(":")[0]), (3, "commit-one", "back to deploy 1"))

    def liminal_of(self, mode, *arguments):
        """A deploy of a commit of that name."""
        self.file.write_text(self.text.replace("MODE: one", f"MODE: {mode}"))
        return self.liminal(*self.command("deploy", *arguments), GITHUB_SHA=f"commit-{mode}")

    def test_create_does_not_end_a_deploy_that_did_not(self):
        self.deploy("--engine", "argo")
        schedule = self.text[self.text.index("  - pipeline: nightly"): self.text.index("services:")].replace("nightly", "extra")
        self.file.write_text(self.text.replace("MODE: one", "MODE: two").replace("services:", schedule + "services:"))
        self.deploy("--engine", "argo", "--timeout", "1", status=4)
        said = self.deploy("--engine", "argo", name="create")
        self.assertIn("did not end; `deploy` finishes it", said)
        self.assertIn("began and has not ended", self.liminal(*self.target("history")).stdout)
        self.file.write_text(self.text)
        self.deploy("--engine", "argo")
        self.assertFalse({name for name in self.left() if "extra" in name})

    def test_a_folder_that_does_not_tell_its_repository_is_no_other_repository(self):
        for command in (["init", "-q"], ["remote", "add", "origin", "https://example.com/team/shop.git"]):
            subprocess.run(["git", *command], cwd=self.work, check=True)
        self.liminal(*self.command("deploy", "--no-wait"), PATH="/nonexistent")
        (self.work / ".git").rename(self.work / "elsewhere")
        said = self.deploy(status=4)
        self.assertIn("was deployed from example.com/team/shop, and this is a folder that does not tell its repository", said)
        self.assertIn("unchanged", self.deploy("--adopt", "system/shop"))

    def test_of_several_systems_all_are_undone(self):
        self.file.unlink()
        for name in ("alpha", "beta"):
            (self.work / name).mkdir()
            (self.work / name / "key.txt").write_text("value")
            self.system(name, "one")
        self.deploy()
        ready = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
        self.kubectl("patch", "deployment", "web-alpha", "--subresource=status", "--type=merge", "-p", json.dumps({"status": ready}))
        self.system("alpha", "one", "echo changed")
        self.system("beta", "two")
        before = self.dag("alpha")
        self.assertIn(f"{self.namespace}/alpha: it was undone: deploy 1 is back", self.fails())
        self.assertEqual(self.dag("alpha"), before)
        # Where nothing fails, both change, and the leases are given back.
        self.system("beta", "one")
        self.deploy("--atomic", "--timeout", "1", status=4)
        ready["observedGeneration"] = self.objects()["Deployment/web-beta"]["metadata"]["generation"]
        self.kubectl("patch", "deployment", "web-beta", "--subresource=status", "--type=merge", "-p", json.dumps({"status": ready}))
        self.assertIn("1 changed", self.deploy("--atomic", "--timeout", "5"))
        self.assertNotEqual(self.dag("alpha"), before)

    def dag(self, name):
        (text,) = [one["data"] for title, one in self.objects().items() if title.startswith("ConfigMap/") and f"nightly-{name}" in title]
        return text

    def system(self, name, mode, command="echo loading"):
        text = self.text.replace("name: shop", f"name: {name}").replace("MODE: one", f"MODE: {mode}").replace("echo loading", command)
        for one in ("web", "key", "nightly", f"data-{self.namespace}"):
            text = text.replace(f"service: {one}", f"service: {one}-{name}").replace(f"secret: {one}", f"secret: {one}-{name}")
            text = text.replace(f"volume: {one}", f"volume: {one}-{name}").replace(f"pipeline: {one}", f"pipeline: {one}-{name}")
        (self.work / name / "liminal.yml").write_text(text)

    def test_slips_in_names_are_told(self):
        self.deploy()
        said = self.deploy("--adopt", "secret/kye", "--delete-data", "dtaa")
        self.assertIn("`--adopt secret/kye` names nothing that is deployed or wanted here", said)
        self.assertIn("`--delete-data dtaa` names nothing", said)
        self.assertNotIn("names nothing", self.deploy("--adopt", "secret/key"))
        done = self.liminal("delete", *self.target("delete")[1:-1], "no-such-namespace", "--no-check-files", status=3)
        self.assertIn("there is no namespace no-such-namespace", done.stderr)

    def test_a_broken_file_can_be_rolled_back(self):
        self.liminal_of("one", "--no-wait")
        self.liminal_of("two", "--no-wait")
        self.file.write_text("name: [\n")
        self.deploy(name="rollback", status=1)
        self.deploy("--system", "shop", name="rollback")
        self.assertEqual(self.mode(), "one")
        self.assertIn("back to deploy 1", self.liminal(*self.target("history"), "--system", "shop").stdout)

    def test_what_others_set_is_in_no_way_of_making_anew(self):
        self.deploy()
        self.kubectl("set", "env", "deployment/web", "MODE=theirs")
        self.deploy("--clean")
        self.assertEqual(self.mode(), "one")

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
