#!/usr/bin/env python3
"""Deploying to a real API server: what is made, changed, removed and left alone."""

import base64
import hashlib
import json
import time
import urllib.request

from deploys import SECRET, Deploys
from support import main


class Deploy(Deploys):
    def test_a_second_deploy_reads_each_kind_once_and_writes_nothing(self):
        self.deploy()
        made = self.versions()
        volume = f"data-{self.namespace}"
        self.assertEqual(set(made), {"Secret/key", f"PersistentVolume/{volume}", f"PersistentVolumeClaim/{volume}-pvc",
                                     "Service/web", "Deployment/web", "ConfigMap/nightly-dag"})
        self.audit()
        self.assertIn("6 unchanged", self.deploy())
        asked = self.audit()
        self.assertEqual(self.versions(), made)
        self.assertEqual({verb for verb, _ in asked}, {"list"})
        self.assertEqual(len(asked), len(set(asked)), asked)

    def test_exactly_what_is_no_longer_wanted_goes(self):
        self.deploy()
        stranger = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
            "name": "stranger", "labels": self.objects()["ConfigMap/nightly-dag"]["metadata"]["labels"]}}
        self.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(stranger))
        before = set(self.objects())
        self.file.write_text(self.text[: self.text.index("services:")] .replace("nightly", "weekly"))
        said = self.deploy()
        self.assertEqual(set(self.objects()), before - {"Service/web", "Deployment/web", "ConfigMap/nightly-dag"} | {"ConfigMap/weekly-dag"})
        self.assertIn("was not made by its deploys", said)

    def test_data_stays_until_it_is_named(self):
        self.deploy()
        volume = f"data-{self.namespace}"
        self.file.write_text("name: shop\n")
        self.assertIn("--delete-data", self.deploy())
        self.assertEqual(set(self.objects()), {f"PersistentVolume/{volume}", f"PersistentVolumeClaim/{volume}-pvc"})
        self.deploy("--delete-data", volume, "--delete-data", f"{volume}-pvc")
        self.assertEqual([one for one in self.objects().values() if "deletionTimestamp" not in one["metadata"]], [])

    def test_what_others_made_is_not_taken(self):
        self.kubectl("create", "secret", "generic", "key", "--from-literal=credentials=theirs")
        said = self.deploy(status=4)
        self.assertIn("secret/key", said)
        self.assertIn("was made by kubectl-create", said)
        self.assertEqual(self.objects(), {})
        self.deploy("--adopt", "secret/key")
        self.assertEqual(base64.b64decode(self.objects()["Secret/key"]["data"]["credentials"]).decode(), SECRET)

    def test_another_namespace_with_the_same_volume_is_refused(self):
        self.deploy()
        other = self.namespace + "-2"
        self.kubectl_of("create", "namespace", other)
        done = self.liminal("deploy", "--no-wait", "--kubeconfig", self.server["KUBECONFIG"], "--context", "@current",
                            "--namespace", other, "--no-check-files", "--no-check-images", status=4)
        self.assertIn(f"belongs to the deploy of {self.namespace}/shop", done.stderr)

    def test_a_field_set_by_another_is_named_and_not_overwritten(self):
        self.deploy()
        grace = ".spec.template.spec.terminationGracePeriodSeconds"
        self.grace(40)
        said = self.deploy(status=4)
        self.assertIn(f"{self.place('service: web')}: error: {grace}", said)
        self.assertIn("was set by ops since", said)
        self.assertEqual(self.objects()["Deployment/web"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], 40)
        self.assertIn("`--adopt deployment/web`", said)
        self.deploy("--adopt", "deployment/web")
        self.assertEqual(self.objects()["Deployment/web"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], 35)
        self.assertIn("6 unchanged", self.deploy())

    def grace(self, seconds):
        """Another manager sets a field of ours."""
        spec = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": seconds}}}}
        self.kubectl("patch", "deployment/web", "--field-manager=ops", "-p", json.dumps(spec))

    def scale(self, replicas):
        """As an autoscaler does."""
        self.kubectl("patch", "deployment/web", "--subresource=scale", "--type=merge", "--field-manager=autoscaler", "-p",
                     json.dumps({"spec": {"replicas": replicas}}))

    def test_replicas_that_another_scales_are_left_to_it(self):
        self.deploy()
        self.scale(5)
        planned = self.deploy(name="plan")
        self.assertIn(f"note: deployment/web in namespace {self.namespace} has 5 replicas, set by autoscaler and left to it; "
                      "`--adopt deployment/web` sets 1, as in liminal.yml", planned)
        self.assertIn("6 unchanged", self.deploy())
        self.file.write_text(self.text.replace("MODE: one", "MODE: two"))
        self.save()
        # It goes on scaling, which voids no plan.
        self.scale(7)
        said = self.apply()
        self.assertIn("1 changed", said)
        self.assertIn("has 7 replicas, set by autoscaler", said)
        spec = self.objects()["Deployment/web"]["spec"]
        self.assertEqual((spec["replicas"], spec["template"]["spec"]["containers"][0]["env"][0]["value"]), (7, "two"))
        # An earlier deploy is no reason to take them either.
        self.deploy(name="rollback")
        self.assertEqual(self.objects()["Deployment/web"]["spec"]["replicas"], 7)
        self.deploy("--adopt", "deployment/web")
        self.assertEqual(self.objects()["Deployment/web"]["spec"]["replicas"], 1)
        self.assertNotIn("left to it", self.deploy())
        self.scale(2)
        self.assertIn("left to it", self.deploy())

    def test_a_scale_to_zero_is_left(self):
        """Nobody owns the zero: the server keeps no owner of it."""
        self.deploy()
        self.kubectl("scale", "deployment/web", "--replicas=0")
        self.assertIn("has 0 replicas, set by another and left to it", self.deploy(name="plan"))
        self.deploy()
        self.assertEqual(self.objects()["Deployment/web"]["spec"]["replicas"], 0)
        self.deploy("--adopt", "deployment/web")
        self.assertEqual(self.objects()["Deployment/web"]["spec"]["replicas"], 1)

    def test_a_selector_is_one_value(self):
        self.deploy()
        self.kubectl("patch", "service/web", "--type=merge", "--field-manager=ops", "-p", '{"spec": {"selector": {"extra": "x"}}}')
        for name in ("plan", "deploy"):
            self.assertIn(".spec.selector of service/web in namespace " + self.namespace + " was set by ops",
                          self.deploy(name=name, status=4))
        self.deploy("--adopt", "service/web")
        self.assertNotIn("extra", self.objects()["Service/web"]["spec"]["selector"])
        self.assertIn("6 unchanged", self.deploy())

    def test_a_copy_with_our_labels_is_not_ours(self):
        self.deploy()
        web = self.objects()["Deployment/web"]
        web["metadata"] = {name: web["metadata"][name] for name in ("name", "labels", "annotations")}
        for part in (web["spec"]["selector"]["matchLabels"], web["spec"]["template"]["metadata"]["labels"]):
            part["copy"] = "yes"
        self.kubectl("delete", "deployment/web")
        self.kubectl("create", "-f", "-", stdin=json.dumps(web))
        uid = self.objects()["Deployment/web"]["metadata"]["uid"]
        for arguments in ((), ("--clean",)):
            self.assertIn("carries this system's labels, and was made by kubectl-create", self.deploy(*arguments, status=4))
        self.assertEqual(self.objects()["Deployment/web"]["metadata"]["uid"], uid)
        self.assertIn(" 1 replaced", self.deploy("--adopt", "deployment/web"))
        self.assertIn("6 unchanged", self.deploy())

    def test_what_another_system_took_over_is_not_taken_back(self):
        self.file.write_text("name: mine\nsecrets:\n  - secret: key\n    local_path_file: key.txt\n")
        self.deploy()
        mine = self.file.read_text()
        self.file.write_text(mine.replace("mine", "yours"))
        self.assertIn("belongs to the deploy of", self.deploy(status=4))
        self.deploy("--adopt", "secret/key")
        self.file.write_text(mine)
        self.assertIn(f"belongs to the deploy of {self.namespace}/yours", self.deploy(status=4))
        self.file.write_text("name: mine\n")
        self.deploy()
        self.assertIn("Secret/key", self.objects())

    def test_what_has_lost_its_labels_goes_too(self):
        self.deploy()
        self.kubectl("patch", "deployment/web", "--type=json", "-p", '[{"op": "remove", "path": "/metadata/labels"}]')
        self.file.write_text(self.text[: self.text.index("services:")] + self.text[self.text.index("images:"):])
        self.assertIn("2 removed", self.deploy())
        self.kubectl("get", "deployment/web", status=1)

    def test_a_deploy_writes_the_record_that_somebody_deleted(self):
        self.deploy()
        self.kubectl("delete", "configmap/liminal-shop")
        self.assertIn("6 unchanged", self.deploy())
        self.kubectl("get", "configmap/liminal-shop")
        self.deploy(name="delete")
        self.assertEqual({name.split("/")[0] for name in self.objects()}, {"PersistentVolume", "PersistentVolumeClaim"})

    def test_what_has_lost_its_owners_is_taken_over_when_that_is_said(self):
        """As a backup brings objects back."""
        self.deploy()
        self.kubectl("patch", "configmap/nightly-dag", "--type=merge", "-p", '{"metadata": {"managedFields": [{}]}}')
        self.assertIn("nothing tells that a deploy of it made what is there", self.deploy(status=4))
        self.deploy("--adopt", "system/shop")
        self.assertIn("6 unchanged", self.deploy())
        self.file.write_text(self.text[: self.text.index("pipelines:")] + self.text[self.text.index("services:"):])
        self.deploy()
        self.assertNotIn("ConfigMap/nightly-dag", self.objects())

    def test_a_claim_has_the_size_that_it_was_made_with(self):
        self.deploy()
        self.file.write_text(self.text.replace("local: {path: .}", "local: {path: .}\n    capacity: 999Gi"))
        for name in ("plan", "deploy"):
            self.assertIn(".spec.resources.requests.storage cannot change", self.deploy(name=name, status=4))
        self.deploy("--delete-data", f"data-{self.namespace}", name="plan")

    def test_a_locked_secret_is_made_anew(self):
        self.deploy()
        self.kubectl("patch", "secret/key", "--type=merge", "-p", '{"immutable": true}')
        self.assertIn("6 unchanged", self.deploy())
        (self.work / "key.txt").write_text("another-" + SECRET)
        self.assertIn(" 1 replaced", self.deploy())

    def test_what_finalizers_hold_is_told_until_it_is_gone(self):
        self.deploy()
        self.kubectl("patch", "service/web", "--type=merge", "-p", '{"metadata": {"finalizers": ["example.org/stuck"]}}')
        self.file.write_text(self.text[: self.text.index("services:")] + self.text[self.text.index("images:"):])
        said = self.deploy("--timeout", "2", status=4)
        stuck = f"service/web in namespace {self.namespace} was deleted and does not go away, held by the finalizer example.org/stuck"
        self.assertIn(stuck, said)
        self.assertIn(stuck, self.deploy("--timeout", "2", status=4))
        for name in ("plan", "status"):
            self.assertIn("is being deleted, held by the finalizer example.org/stuck", self.told(name))
        self.kubectl("patch", "service/web", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
        self.deploy()
        self.assertNotIn("service/web", self.told("status"))

    def told(self, name):
        done = self.liminal(*self.command(name))
        return done.stdout + done.stderr

    def test_status_tells_what_became_of_secrets(self):
        self.deploy()
        self.assertIn("as it was deployed", self.told("status"))
        self.kubectl("patch", "secret/key", "--type=merge", "--field-manager=ops", "-p", '{"data": {"credentials": "b3Vycw=="}}')
        self.assertIn("was written by ops", self.told("status"))
        self.kubectl("delete", "secret/key")
        self.assertIn("is gone", self.told("status"))
        self.kubectl("create", "secret", "generic", "key")
        self.kubectl("delete", "service/web")
        self.kubectl("create", "service", "clusterip", "web", "--tcp=80")
        self.assertEqual(self.told("status").count("was made by kubectl-create"), 2)

    def test_the_lines_of_a_dag_that_change_are_shown(self):
        self.deploy()
        self.file.write_text(self.text.replace("echo loading", "echo changed"))
        for kind in ("text", "markdown"):
            said = self.deploy("--format", kind, name="plan")
            self.assertIn("echo loading", said)
            self.assertIn("echo changed", said)
        self.deploy("--engine", "argo")
        self.file.write_text(self.text.replace("echo loading", "echo more"))
        self.assertIn('.spec.templates[name="task-load"].container.args', self.deploy("--engine", "argo", name="plan"))

    def test_what_is_mistyped_is_told_when_something_is_written_too(self):
        said = self.deploy("--adopt", "deployment/nope", "--delete-data", "zzz")
        self.assertIn("`--adopt deployment/nope` names nothing that is deployed or wanted here", said)
        self.assertIn("`--delete-data zzz` names nothing", said)
        self.deploy("--adopt", "web", status=2)

    def test_all_that_is_in_the_way_is_told_at_once(self):
        self.kubectl("create", "deployment", "web", "--image=theirs")
        said = self.deploy("--image-pull-secret", "nope", status=4)
        self.assertIn("was made by kubectl-create", said)
        self.assertIn("there is no secret/nope", said)

    def test_a_plan_tells_of_a_namespace_that_is_not_there_or_ends(self):
        namespace, self.namespace = self.namespace, "nowhere"
        self.assertIn("there is no namespace nowhere", self.save(status=3))
        self.assertFalse((self.work / "plan.json").exists())
        self.namespace = namespace
        self.kubectl_of("delete", "namespace", namespace, "--wait=false")  # and no controller that does
        self.assertIn(f"namespace {namespace} is being deleted", self.deploy(name="plan", status=3))

    def test_what_the_server_refuses_is_told_at_the_line_it_comes_from(self):
        """Each object that it refuses, and nothing is written."""
        # No domain has a line in it.
        broken = "    resources: {limits: {a_b/gpu: 1}}\n"
        self.file.write_text(self.text.replace("    image: web-image\n", "    image: web-image\n" + broken, 1).replace(
            "images:\n", f"  - service: other\n    image: web-image\n{broken}images:\n", 1))
        report = self.work / "report"
        said = self.deploy("--report", f"junit={report}.xml", "--report", f"sarif={report}.sarif", "--report", f"github={report}.txt",
                           status=4)
        for name in ("web", "other"):
            place = self.place(f"service: {name}")
            self.assertIn(f"{place}: error: cannot apply deployment/{name} in namespace {self.namespace}: the cluster finds it invalid", said)
            line = int(place.split(":")[1])
            self.assertIn(f" {line} |   - service: {name}\n", said)
            self.assertIn(f"file=liminal.yml,line={line}", (self.work / "report.txt").read_text())
            self.assertIn(f'line="{line}"', (self.work / "report.xml").read_text())
        notes = json.loads((self.work / "report.sarif").read_text())["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        lines = [note["locations"][0]["physicalLocation"]["region"]["startLine"] for note in notes]
        self.assertEqual(sorted(lines), sorted(int(self.place(f"service: {name}").split(":")[1]) for name in ("web", "other")))
        self.assertEqual(self.objects(), {})

    def test_the_plan_tells_what_a_dry_run_would(self):
        self.deploy()
        self.file.write_text(self.text.replace("8080", "9090").replace("echo loading", "echo more").replace("MODE: one", "MODE: two"))
        (self.work / "key.txt").write_text("another-" + SECRET)
        before = self.versions()
        self.audit()
        plan = json.loads(self.liminal(*self.command("plan", "--format", "json", "--exit-code"), status=5).stdout)
        self.assertEqual({verb for verb, _ in self.audit()}, {"get", "list"})
        changes = {f"{one['kind']}/{one['name']}": one for one in plan["cluster"][0]["changes"]}
        self.assertEqual({name for name, one in changes.items() if one["action"] == "update"},
                         {"Secret/key", "Service/web", "Deployment/web", "ConfigMap/nightly-dag"})
        self.assertEqual(changes["Secret/key"]["fields"], [{"path": ".data.credentials", "kind": "change"}])
        self.assertEqual(self.versions(), before)
        self.deploy()
        self.assertEqual({name for name, version in self.versions().items() if version != before[name]},
                         {"Secret/key", "Service/web", "Deployment/web", "ConfigMap/nightly-dag"})

    def test_argo_objects_are_deployed_and_a_change_of_engine_removes_the_others(self):
        self.deploy()
        self.deploy("--engine", "argo")
        names = set(self.objects())
        self.assertLessEqual({"WorkflowTemplate/nightly", "CronWorkflow/nightly"}, names)
        self.assertNotIn("ConfigMap/nightly-dag", names)
        self.assertIn("8 unchanged" if "8 unchanged" in (said := self.deploy("--engine", "argo")) else "unchanged", said)

    def definition(self, patch):
        """Changes the server's definition of CronWorkflows, and waits until it tells so."""
        self.kubectl_of("patch", "customresourcedefinition", "cronworkflows.argoproj.io", "--type=json", "-p", json.dumps(patch))
        wanted = patch[0]["op"] == "add"
        deadline = time.monotonic() + 60
        while ('"schedules"' in self.kubectl_of("get", "--raw", "/openapi/v3/apis/argoproj.io/v1alpha1")) != wanted:
            if time.monotonic() > deadline:
                raise AssertionError("the server does not tell the changed definition")
            time.sleep(0.2)

    def test_a_schedule_has_the_form_that_the_server_reads(self):
        """Before 3.6, CronWorkflows had no list of schedules."""
        path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/schedules"
        listed = json.loads(self.kubectl_of("get", "customresourcedefinition", "cronworkflows.argoproj.io", "-o", "json"))
        for part in path.split("/")[1:]:
            listed = listed[int(part) if part.isdigit() else part]
        self.definition([{"op": "remove", "path": path}])
        restore = [{"op": "add", "path": path, "value": listed}]
        self.addCleanup(lambda: self.definition(restore) if restore else None)
        self.deploy("--engine", "argo")
        schedule = self.objects()["CronWorkflow/nightly"]["spec"]
        self.assertEqual((schedule.get("schedule"), schedule.get("schedules")), ("0 3 * * *", None))
        self.assertIn("7 unchanged", self.deploy("--engine", "argo"))
        # A newer server takes both: what is there stays, unless a version is named.
        self.definition(restore)
        restore.clear()
        self.assertIn("7 unchanged", self.deploy("--engine", "argo"))
        self.deploy("--engine", "argo", "--argo-version", "4.0")
        schedule = self.objects()["CronWorkflow/nightly"]["spec"]
        self.assertEqual((schedule.get("schedule"), schedule.get("schedules")), (None, ["0 3 * * *"]))
        self.assertIn("7 unchanged", self.deploy("--engine", "argo"))
        for version, form in (("3.5", 'schedule: "0 3 * * *"'), ("v3.7.1", "schedules:\n")):
            self.liminal("deploy", "--render", "out", "--engine", "argo", "--argo-version", version, "--no-check-files")
            self.assertIn(form, (self.work / "out/shop/cronworkflow-nightly.yaml").read_text())
        self.assertIn("it takes a version such as 3.5", self.deploy("--engine", "argo", "--argo-version", "new", status=2))

    def test_create_makes_volumes_and_secrets_alone_and_delete_removes_all_but_data(self):
        self.deploy(name="create")
        volume = f"data-{self.namespace}"
        data = {f"PersistentVolume/{volume}", f"PersistentVolumeClaim/{volume}-pvc"}
        self.assertEqual(set(self.objects()), data | {"Secret/key"})
        self.deploy()
        self.deploy(name="delete")
        self.assertEqual(set(self.objects()), data)

    def test_history_tells_who_deployed_what_and_rollback_brings_it_back(self):
        self.deploy()
        first = {name: one.get("data", one.get("spec")) for name, one in self.objects().items()}
        self.file.write_text(self.text[: self.text.index("services:")].replace("echo loading", "echo more"))
        (self.work / "key.txt").write_text("another")
        self.deploy()
        told = json.loads(self.liminal(*self.command("history", "--format", "json"), USER="ada").stdout)["history"]
        self.assertEqual([one["revision"] for one in told], [2, 1])
        self.assertEqual(told[0]["what"], "0 created, 2 changed, 0 replaced, 2 removed")
        self.assertIn("deployment/web", self.deploy("--dry-run", name="rollback"))
        self.assertNotIn("Deployment/web", self.objects())
        self.deploy(name="rollback")
        back = {name: one.get("data", one.get("spec")) for name, one in self.objects().items()}
        self.assertEqual(base64.b64decode(back.pop("Secret/key")["credentials"]), b"another")
        del first["Secret/key"]
        self.assertEqual(back.keys(), first.keys())
        self.assertEqual(back["ConfigMap/nightly-dag"], first["ConfigMap/nightly-dag"])
        self.assertIn("no record of deploy 9", self.deploy("--to", "9", name="rollback", status=2))

    def test_read_rights_are_enough_to_plan_and_what_is_missing_to_deploy_is_named_first(self):
        reader = self.account([("get,list", self.KINDS)])
        arguments = ["--kubeconfig", reader, "--context", "@current", "--namespace", self.namespace, "--no-check-files"]
        planned = json.loads(self.liminal("plan", "--format", "json", *arguments).stdout)
        self.assertEqual({one["action"] for one in planned["cluster"][0]["changes"]}, {"create"})
        done = self.liminal("deploy", "--no-wait", *arguments, status=3)
        for missing in ("patch secrets in namespace", "create deployments.apps in namespace", "create persistentvolumes in the cluster",
                        "update leases.coordination.k8s.io in namespace"):
            self.assertIn(f"may not {missing}", done.stderr)
        self.assertEqual(self.objects(), {})

    def test_the_documented_rights_are_enough_to_deploy(self):
        deployer = self.account([("get,list,create,update,patch,delete", self.KINDS),
                                 ("get,create,update", "leases.coordination.k8s.io")])
        arguments = ["--kubeconfig", deployer, "--context", "@current", "--namespace", self.namespace, "--no-check-files", "--no-check-images",
                     "--no-wait"]
        self.liminal("deploy", *arguments)
        self.file.write_text(self.text[: self.text.index("services:")])
        self.liminal("deploy", *arguments)
        self.assertNotIn("Deployment/web", self.objects())

    def test_a_namespace_that_is_not_there_is_told_before_the_first_write(self):
        done = self.liminal("deploy", "--no-wait", "--kubeconfig", self.server["KUBECONFIG"], "--context", "@current",
                            "--namespace", "nowhere", "--no-check-files", "--no-check-images", status=3)
        self.assertIn("there is no namespace nowhere", done.stderr)

    def uid(self):
        return self.kubectl_of("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")

    def test_the_right_name_at_another_cluster_is_refused_before_anything_else_is_asked(self):
        self.assertIn("6 to create", self.deploy("--cluster-uid", self.uid(), name="plan"))
        for name in ("plan", "deploy", "create", "delete", "history", "rollback"):
            with self.subTest(command=name):
                self.proxy.reset()
                done = self.liminal(*self.command(name, through_proxy=True), LIMINAL_CLUSTER_UID="0f-another", status=2)
                self.assertIn(f"its UID is {self.uid()}, and not 0f-another", done.stderr)
                self.assertIn("kubectl --context NAME get namespace kube-system", done.stderr)
                self.assertEqual(self.proxy.requests, [("GET", "/api/v1/namespaces/kube-system")])
        (self.work / "liminal.toml").write_text('cluster-uid = "0f-another"\n')
        self.assertIn("and not 0f-another", self.deploy(status=2))
        self.assertEqual(self.objects(), {})

    def test_a_pin_that_cannot_be_checked_is_an_error(self):
        reader = self.account([("get,list", self.KINDS)])
        done = self.liminal("plan", "--kubeconfig", reader, "--context", "@current", "--namespace", self.namespace, "--no-check-files",
                            "--cluster-uid", self.uid(), status=3)
        self.assertIn("--cluster-uid names a cluster, and which one this is cannot be found out", done.stderr)
        self.assertIn("this user may not get namespace/kube-system", done.stderr)
        done = self.liminal("plan", "--kubeconfig", reader, "--context", "@current", "--namespace", self.namespace, "--no-check-files",
                            "--out", "plan.json", status=3)
        self.assertIn("a saved plan names its cluster, and which one this is cannot be found out", done.stderr)
        self.assertFalse((self.work / "plan.json").exists())
        self.save()
        self.assertIn("the plan names a cluster, and which one this is cannot be found out",
                      self.apply("--kubeconfig", str(reader), "--context", "@current", status=3, config=False))

    def test_a_pull_request_gets_the_plan_for_the_cluster_as_markdown(self):
        self.deploy()
        self.grace(40)
        self.file.write_text(self.text.replace("MODE: one", "MODE: '@team <b> | x'").replace("8080", "9090"))
        (self.work / "key.txt").write_text("another-" + SECRET)
        for command in ("plan", "ci"):
            report = self.work / f"{command}.md"
            self.deploy("--report", f"markdown={report}", *(["--dry-run"] if command == "ci" else []), name=command, status=4)
            text = report.read_text()
            for form in (SECRET, base64.b64encode(SECRET.encode()).decode(), "<b>", "@team", "| x"):
                self.assertNotIn(form, text)
            self.assertIn("**0 create, 3 change, 0 delete, 3 unchanged** in <code>", text)
            self.assertIn("- **set by others:** <code>.spec.template.spec.terminationGracePeriodSeconds</code> of <code>Deployment&#47;web</code>, by <code>ops</code> since ", text)
            self.assertIn("| <code>Secret&#47;key</code> | <code>.data.credentials</code> | not shown | not shown |", text)
            self.assertIn(".value</code> | <code>one</code> | <code>&#64;team &#60;b&#62; &#124; x</code> |", text)
            self.assertLess(len(text), 65000)
            self.assertLess(text.index("### Cluster"), text.index("| Stage |"))

    def test_a_saved_plan_is_applied_as_it_is(self):
        self.save()
        plan = self.work / "plan.json"
        self.assertEqual(plan.stat().st_mode & 0o777, 0o600)
        for form in (SECRET, base64.b64encode(SECRET.encode()).decode(), SECRET.encode().hex(), hashlib.sha256(SECRET.encode()).hexdigest()):
            self.assertNotIn(form, plan.read_text())
        saved = json.loads(plan.read_text())["plan"]
        self.assertEqual(saved["cluster"], self.uid())
        self.assertEqual(self.objects(), {})
        self.file.write_text(self.text.replace("MODE: one", "MODE: two"))
        self.assertIn("6 created", self.apply())
        made = self.objects()
        self.assertEqual(made["Deployment/web"]["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"], "one")
        self.assertEqual(base64.b64decode(made["Secret/key"]["data"]["credentials"]).decode(), SECRET)
        # Done already: another attempt of the same job changes nothing, and says so.
        self.assertIn("6 unchanged", self.apply())
        self.save("--exit-code", status=5)
        self.assertIn("1 changed", self.apply())
        self.assertIn("6 unchanged", self.apply())

    def test_a_plan_of_no_change_stays_good_and_what_others_do_with_their_own_fields_voids_none(self):
        self.deploy()
        self.save()
        self.kubectl("annotate", "deployment/web", "team=blue")
        self.kubectl("label", "secret/key", "team=blue")
        self.kubectl("patch", "deployment/web", "--subresource=status", "--type=merge", "-p", '{"status": {"replicas": 1, "observedGeneration": 1}}')
        self.assertIn("6 unchanged", self.apply())

    def moved(self, *words):
        before = self.versions()
        said = self.apply(status=4)
        for word in (*words, "make a new plan"):
            self.assertIn(word, said)
        self.assertEqual(self.versions(), before)
        return said

    def test_what_moved_since_is_named_and_nothing_is_written(self):
        self.deploy()
        self.file.write_text(self.text.replace("8080", "9090"))
        self.save()
        self.kubectl("set", "env", "deployment/web", "MODE=three")
        self.moved("deployment/web", '.env[name="MODE"].value was one and is three', "set by kubectl-set since 20")
        self.kubectl("set", "env", "deployment/web", "MODE=one")
        self.moved("deployment/web", '.env[name="MODE"].value was set by kubectl-set')

    def test_an_object_that_went_came_or_was_made_anew_voids_a_plan(self):
        self.deploy()
        self.save()
        web = self.objects()["Deployment/web"]
        self.kubectl("delete", "deployment/web")
        self.moved("deployment/web", "is gone since the plan was made")
        web["metadata"] = {name: web["metadata"][name] for name in ("name", "labels", "annotations")}
        self.kubectl("create", "-f", "-", stdin=json.dumps(web))
        self.moved("deployment/web", "was deleted and made anew")
        self.kubectl("delete", "deployment/web")
        self.save()
        self.kubectl("create", "deployment", "web", "--image=theirs")
        self.moved("deployment/web", "was not when the plan was made", "was made by kubectl-create")

    def test_a_secret_that_another_wrote_voids_a_plan_and_a_new_value_of_its_file_does_not(self):
        self.deploy()
        self.save()
        (self.work / "key.txt").write_text("another-" + SECRET)
        self.assertIn("its file holds another value than for the plan", said := self.apply())
        self.assertNotIn(SECRET, said)
        self.save()
        self.kubectl("patch", "secret/key", "--type=merge", "-p", json.dumps({"data": {"credentials": "dGhlaXJz"}}))
        self.moved("secret/key", ".data.credentials was set by kubectl-patch")
        (self.work / "key.txt").unlink()
        (self.work / "elsewhere/key.txt").unlink()
        self.assertIn("the file of secret key, key.txt, cannot be read", said := self.apply(status=2))
        self.assertIn("a saved plan holds no values of secrets", said)

    def test_another_deploy_since_voids_a_plan(self):
        self.deploy()
        self.file.write_text(self.text.replace("MODE: one", "MODE: two"))
        self.save()
        self.file.write_text(self.text.replace("echo loading", "echo more"))
        self.deploy()
        self.moved(f"the plan of {self.namespace}/shop was made after deploy 1, and by now there is deploy 2")

    def test_a_plan_that_a_deploy_would_refuse_is_not_saved(self):
        self.kubectl("create", "secret", "generic", "key", "--from-literal=credentials=theirs")
        self.assertIn("a deploy would refuse this plan", self.save(status=4))
        self.assertFalse((self.work / "plan.json").exists())
        self.save("--adopt", "secret/key")
        self.apply()
        self.assertIn("Secret/key", self.objects())

    def test_a_plan_is_for_one_cluster(self):
        self.save()
        text = (self.work / "plan.json").read_text()
        body = text[text.index('"plan":') + 7: -2].replace(self.uid(), "0f-another")
        digest = hashlib.sha256(body.encode()).hexdigest()
        (self.work / "plan.json").write_text('{"liminalPlan":1,"sha256":"%s","plan":%s}\n' % (digest, body))
        self.proxy.reset()
        said = self.apply(through_proxy=True, status=2)
        self.assertIn("is another cluster than the plan names", said)
        self.assertEqual(self.proxy.requests, [("GET", "/api/v1/namespaces/kube-system")])
        self.assertIn("the plan is for context", self.apply("--context", "other", status=2))

    def test_what_is_no_whole_plan_is_refused(self):
        self.save()
        plan = self.work / "plan.json"
        text = plan.read_text()
        for content, words in ((text.replace("MODE", "NODE"), "was changed after it was written"), (text[:-10], "its end is missing"),
                               (text[:40], "its end is missing"), ("{}", "is no plan of liminal"), ("", "is no plan of liminal"),
                               (json.dumps(json.loads(text)), "was written anew by another program"),
                               (text.replace('Plan":1', 'Plan":2'), "is a plan of version 2")):
            with self.subTest(words=words):
                plan.write_text(content)
                self.assertIn(words, self.apply(status=2))
        plan.write_text(text)
        for option in (["--engine", "argo"], ["--namespace", "x"], ["--clean"], ["--render", "x"], ["--dags=x"], ["."], ["--delete-data", "x"]):
            with self.subTest(option=option):
                self.assertIn("--plan applies what was planned", self.apply(*option, status=2))
        self.assertEqual(self.objects(), {})
        self.liminal("plan", "--out", "x", status=2)
        self.assertFalse((self.work / "x").exists())

    def test_a_pull_secret_that_is_not_there_is_told_before_the_first_write(self):
        said = self.deploy("--image-pull-secret", "registry", status=3)
        self.assertIn(f"there is no secret/registry in namespace {self.namespace}, which deployment/web", said)
        self.assertEqual(self.objects(), {})
        self.kubectl("create", "secret", "docker-registry", "registry", "--docker-server=r", "--docker-username=u", "--docker-password=p")
        self.deploy("--image-pull-secret", "registry")
        self.kubectl("delete", "secret", "registry")
        self.assertIn("6 unchanged", self.deploy("--image-pull-secret", "registry"))

    def test_a_pull_secret_that_only_a_dag_names_is_told_before_the_first_write(self):
        pipeline = self.text[: self.text.index("services:")]
        self.file.write_text(pipeline + "executors:\n  - executor: own\n    type: kubernetes\n    image_pull_secrets: ours\n")
        said = self.deploy("--image-pull-secret", "registry", status=3)
        self.assertIn(f"there is no secret/registry in namespace {self.namespace}, which configmap/", said)
        self.assertNotIn("secret/ours", said)
        self.file.write_text(self.file.read_text().replace("type: python\n", "type: python\n        executor: own\n"))
        said = self.deploy("--image-pull-secret", "registry", status=3)
        self.assertIn(f"there is no secret/ours in namespace {self.namespace}", said)
        self.assertNotIn("secret/registry", said)
        self.assertIn("there is no secret/ours", self.save(status=3))
        self.kubectl("create", "secret", "docker-registry", "ours", "--docker-server=r", "--docker-username=u", "--docker-password=p")
        self.save()
        self.kubectl("delete", "secret", "ours")
        self.assertIn("there is no secret/ours", self.apply(status=3))
        self.assertEqual(self.objects(), {})
        self.kubectl("create", "secret", "docker-registry", "ours", "--docker-server=r", "--docker-username=u", "--docker-password=p")
        self.deploy()

    def quota(self, used=None, **hard):
        """A quota as the cluster's controller would have it: this server has none."""
        hard = {name.replace("_", "."): amount for name, amount in hard.items()}
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"},
                                                           "spec": {"hard": hard}}))
        status = {"status": {"hard": hard, "used": {name: "0" for name in hard} | (used or {})}}
        self.kubectl("patch", "resourcequota", "small", "--subresource=status", "--type=merge", "-p", json.dumps(status))

    def test_what_a_quota_does_not_leave_is_told_before_the_first_write(self):
        self.quota(requests_storage="120Gi", configmaps="2", pods="5", used={"requests.storage": "50Gi", "pods": "5"})
        said = self.deploy(status=3)
        volume = f"data-{self.namespace}"
        self.assertIn(f"{self.place(f'volume: {volume}')}: error: resourcequota/small of namespace {self.namespace} leaves 70Gi of 120Gi "
                      f"requests.storage, and the deploy needs 100Gi: persistentvolumeclaim/{volume}-pvc", said)
        # One by one they would fit: a dry run does not tell.
        self.assertIn("leaves 2 of 2 configmaps, and the deploy needs 3: ", said)
        self.assertEqual(self.objects(), {})
        self.quota(requests_storage="150Gi", configmaps="3", pods="5", used={"requests.storage": "50Gi", "pods": "5"})
        said = self.deploy()
        self.assertIn("note: resourcequota/small", said)
        self.assertIn("leaves 0 of 5 pods, and the pods need 1: deployment/web", said)
        self.assertIn("6 unchanged", self.deploy())

    def push(self, registry, name):
        """An image without layers."""
        config = b"{}"
        digest = "sha256:" + hashlib.sha256(config).hexdigest()
        begin = urllib.request.Request(f"http://{registry}/v2/{name}/blobs/uploads/", method="POST")
        with urllib.request.urlopen(begin) as answer:
            place = answer.headers["Location"]
        blob = urllib.request.Request(f"{place}{'&' if '?' in place else '?'}digest={digest}", data=config, method="PUT",
                                      headers={"Content-Type": "application/octet-stream"})
        urllib.request.urlopen(blob).close()
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "layers": [],
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(config)}}
        there = urllib.request.Request(f"http://{registry}/v2/{name}/manifests/1", data=json.dumps(manifest).encode(), method="PUT",
                                       headers={"Content-Type": kind})
        urllib.request.urlopen(there).close()

    def with_images(self, *images):
        """The system with a service and a second task that run these, from elsewhere."""
        service, task = images
        more = f"      - {{task: more, type: python, image: {task}, cmd: x}}\n      - {{task: again, type: python, image: {task}, cmd: x}}\nservices:\n"
        self.file.write_text(self.text.replace("image: python:3.11-slim", f"image: {task}").replace("services:\n", more).replace(
            "    image: web-image\n", f"    image: {service}\n", 1))

    def looks(self, registry):
        """The images that the registry was asked for by liminal, since the last call."""
        lines = [line for log in self.work.glob("container-registry-*/log/*") for line in log.read_text(errors="replace").splitlines()]
        asked = [line.split('"HEAD ', 1)[1].split(" ")[0] for line in lines if '"HEAD /v2/' in line and "liminal/" in line]
        begin, self.looked = getattr(self, "looked", 0), len(asked)
        return sorted(asked[begin:])

    def test_an_image_that_is_not_there_is_told_at_its_line_before_the_first_write(self):
        registry = self.start("container-registry")["REGISTRY"]
        self.push(registry, "team/there")
        self.with_images(f"{registry}/team/there:1", f"{registry}/team/gone:1")
        said = self.deploy("--images", status=3)
        place = self.place(f"image: {registry}/team/gone:1")
        self.assertIn(f"{place}: error: there is no image {registry}/team/gone:1, which configmap/nightly-dag", said)
        self.assertIn("--no-check-images", said)
        self.assertNotIn("no image " + registry + "/team/there", said)
        self.assertEqual(self.looks(registry), ["/v2/team/gone/manifests/1", "/v2/team/there/manifests/1"])
        self.assertEqual(self.objects(), {})
        self.save()
        self.assertIn(f"{place}: error: there is no image", self.apply("--images", status=3))
        self.push(registry, "team/gone")
        self.apply("--images")
        self.looks(registry)
        # Of what does not change, no registry is asked.
        self.deploy("--images")
        self.assertEqual(self.looks(registry), [])

    def test_a_registry_that_cannot_be_reached_from_here_is_a_note(self):
        self.with_images("127.0.0.1:1/team/a:1", "127.0.0.1:1/team/b:1")
        said = self.deploy("--images")
        self.assertIn("note: whether 2 images are at 127.0.0.1:1 was not found out: ", said)
        self.assertIn("the cluster's nodes may reach it all the same", said)
        self.assertNotIn("was not found out", self.deploy("--images"))



if __name__ == "__main__":
    main()
