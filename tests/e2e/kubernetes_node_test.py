#!/usr/bin/env python3
"""What liminal pushes and deploys runs on a real node: pods by digest, Services, and the example by Argo and by Airflow."""

import base64
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

from support import SERVERS, EndToEnd, main, programs, python_base, run

SYSTEM = """\
name: trial
images:
  - image: trial/app
    type: python
    source: app
    python_version: "3.11"
pipelines: []
"""
PAGE = "this is served by a pod"
MAIN = f"""\
import http.server, os, sys

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{PAGE}")

if sys.argv[1:] == ["serve"]:
    http.server.ThreadingHTTPServer(("", 8000), Page).serve_forever()
if sys.argv[1:2] == ["write"]:
    open(sys.argv[2], "w").write("written by a pod")
print("this ran in", os.getcwd(), *sys.argv[1:])
"""


SERVER = """\
name: shop
services:
  - service: web
    image: web-image
    port: 8080
images:
  - image: web-image
    type: python_server
    source: app
    python_version: "3.11"
    endpoints: [{endpoint: /hello, module: hello, function: hello}]
"""
# Asks again and again, each time by a connection of its own, until a file is there; prints how often it was answered what.
CLIENT = """\
import collections, json, pathlib, sys, time, urllib.request
seen = collections.Counter()
while not pathlib.Path(sys.argv[2]).exists():
    try:
        seen[urllib.request.urlopen(sys.argv[1], timeout=10).read().decode()] += 1
    except OSError as error:
        seen[repr(error)] += 1
    time.sleep(0.01)
print(json.dumps(seen))
"""


def ask(url, body=None, authorization=None, method=None):
    """What a server answers, as JSON."""
    headers = {"Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


def answers(url, authorization):
    try:
        return ask(url, authorization=authorization)
    except urllib.error.HTTPError:
        return None


def left_of(folder, namespaces):
    """What there is on this machine of the node in the folder: control groups, mounts, and processes by either trace."""
    group = "liminal-test-" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    found = [str(one) for one in pathlib.Path("/sys/fs/cgroup").glob(f"**/{group}")]
    found += [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            inside = {os.readlink(process / "ns" / kind) for kind in ("mnt", "net", "pid")}
        except OSError:
            continue
        if str(folder) in command or inside & namespaces:
            found.append(command)
    return found


class Node(EndToEnd):
    """One node, with a registry and Argo's controller, for all tests; each has a namespace of its own."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = EndToEnd("start")
        cls.cluster.setUp()
        cls.addClassCleanup(cls.cluster.doCleanups)
        cls.registry = cls.cluster.start("container-registry")["REGISTRY"]
        cls.node = cls.cluster.start("kubernetes-node", "--registry", cls.registry)
        cls.argo = cls.cluster.start("argo-controller", pathlib.Path(cls.node["KUBECONFIG"]).parent)["ARGO"]
        cls.base = ("--builder", "oci", "--base", f"python:3.11-slim=rootfs:{python_base()}", "--registry", cls.registry)
        cls.namespaces = 0

    def setUp(self):
        super().setUp()
        type(self).namespaces += 1
        self.namespace = f"test-{self.namespaces}"
        self.kubectl("create", "namespace", self.namespace)
        # A pod takes it, and is refused before it is there.
        self.until("the namespace's account", lambda: self.kubectl("get", "serviceaccount", "default", status=None))

    def kubectl(self, *arguments, status=0, stdin=None):
        where = ("--kubeconfig", self.node["KUBECONFIG"], "--cache-dir", self.cluster.work / "kinds", "--namespace", self.namespace)
        return run(self.node["KUBECTL"], *where, *arguments, status=status, stdin=stdin).stdout

    def get(self, kind, name):
        return json.loads(self.kubectl("get", kind, name, "-o", "json"))

    def apply(self, kind, name, spec, version="v1", **more):
        """The labels and whatever else stands beside the specification is in `more`."""
        metadata = {"name": name, **more}
        self.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}))

    def until(self, what, condition, seconds=60):
        """The first true answer of the condition."""
        end = time.monotonic() + seconds
        while not (answer := condition()):
            if time.monotonic() > end:
                self.fail(f"not within {seconds} s: {what}\n{self.state()}")
            time.sleep(0.2)
        return answer

    def state(self):
        return self.kubectl("get", "pods,workflows,events", status=None)

    def ends(self, kind, name, seconds=120):
        """Waits until a pod or workflow has ended; returns it."""
        def ended():
            found = self.get(kind, name)
            return found if found.get("status", {}).get("phase") in ("Succeeded", "Failed", "Error") else None

        return self.until(f"{kind} {name} ends", ended, seconds)

    def image(self):
        """Pushes an image of one program; returns its name by digest."""
        system = self.work / "system"
        (system / "app").mkdir(parents=True)
        (system / "app/main.py").write_text(MAIN)
        (system / "liminal.yml").write_text(SYSTEM)
        self.liminal("build", "--push", *self.base, cwd=system)
        with urllib.request.urlopen(f"http://{self.registry}/v2/trial/app/tags/list") as answer:
            (tag,) = json.load(answer)["tags"]
        accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
        request = urllib.request.Request(f"http://{self.registry}/v2/trial/app/manifests/{tag}", headers=accept, method="HEAD")
        with urllib.request.urlopen(request) as answer:
            return f"{self.registry}/trial/app@{answer.headers['Docker-Content-Digest']}"

    def container(self, image, *arguments):
        return {"name": "main", "image": image, "command": ["python3", "-u", "main.py", *arguments]}

    def test_a_pod_by_digest_runs_to_its_end(self):
        self.apply("Pod", "once", {"restartPolicy": "Never", "containers": [self.container(self.image(), "once")]})
        pod = self.ends("pod", "once")
        self.assertEqual(pod["status"]["phase"], "Succeeded", self.state())
        self.assertEqual(self.kubectl("logs", "once"), "this ran in /app once\n")

    def test_a_claim_gets_a_volume_that_outlives_a_pod(self):
        self.apply("PersistentVolumeClaim", "data", {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Mi"}}})
        image = self.image()
        read = {"name": "main", "image": image, "command": ["cat", "/data/file"]}
        for name, container in (("writer", self.container(image, "write", "/data/file")), ("reader", read)):
            container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
            volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
            self.apply("Pod", name, {"restartPolicy": "Never", "containers": [container], "volumes": [volume]})
            self.assertEqual(self.ends("pod", name)["status"]["phase"], "Succeeded", self.state())
        self.assertEqual(self.kubectl("logs", "reader"), "written by a pod")

    def test_a_service_answers_by_its_address_and_by_its_name(self):
        image = self.image()
        container = {**self.container(image, "serve"), "readinessProbe": {"httpGet": {"path": "/", "port": 8000}, "periodSeconds": 1}}
        spec = {"terminationGracePeriodSeconds": 0, "containers": [container]}
        self.apply("Pod", "web", spec, labels={"app": "web"})
        self.apply("Service", "web", {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8000}]})
        address = self.get("service", "web")["spec"]["clusterIP"]
        # Its rules come a moment after it.
        self.assertEqual(self.until("the Service answers", lambda: self.said_by(f"http://{address}/")), PAGE)
        name = f"http://web.{self.namespace}.svc.cluster.local/"
        script = f"import urllib.request; print(urllib.request.urlopen('{name}', timeout=10).read().decode())"
        self.apply("Pod", "client", {"restartPolicy": "Never", "containers": [
            {"name": "main", "image": image, "command": ["python3", "-c", script]}]})
        self.assertEqual(self.ends("pod", "client")["status"]["phase"], "Succeeded", self.state())
        self.assertEqual(self.kubectl("logs", "client").strip(), PAGE)

    def test_a_second_node_runs_beside_and_stopped_leaves_nothing(self):
        second = EndToEnd("start")
        second.setUp()
        self.addCleanup(second.doCleanups)
        node = second.start("kubernetes-node", "--registry", self.registry, "--audit")
        kubectl = (node["KUBECTL"], "--kubeconfig", node["KUBECONFIG"])
        run(*kubectl, "run", "stays", f"--image={self.image()}", "--command", "--", "python3", "main.py", "serve")
        run(*kubectl, "wait", "--for=condition=Ready", "pod/stays", "--timeout=60s")
        self.assertIn('"verb":"create"', pathlib.Path(node["AUDIT_LOG"]).read_text())

        folder = pathlib.Path(node["KUBECONFIG"]).parent
        namespaces = {run(node["ENTER"], "readlink", f"/proc/1/ns/{kind}").stdout.strip() for kind in ("mnt", "net", "pid")}
        self.assertGreater(len(left_of(folder, namespaces)), 20)
        run(SERVERS / "kubernetes-node", "stop", folder)
        self.assertEqual(left_of(folder, namespaces), [])

    def server(self):
        """A system whose one service says `one`, deployed; returns its folder, and the address."""
        system = self.work / "server"
        (system / "app").mkdir(parents=True)
        (system / "liminal.yml").write_text(SERVER)
        (system / "app/hello.py").write_text("def hello(body):\n    return 'one'\n")
        self.deploy(system)
        url = f"http://{self.get('service', 'web')['spec']['clusterIP']}:8080/hello"
        self.until("the Service answers", lambda: self.said_by(url) == "one", 10)
        return system, url

    def said_by(self, url):
        return run(self.node["ENTER"], "curl", "-s", "--max-time", "2", url, status=None).stdout

    def test_a_new_image_is_rolled_out_without_a_refused_request(self):
        system, url = self.server()
        end = self.work / "end"
        command = [self.node["ENTER"], sys.executable, "-c", CLIENT, url, end]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
            self.addCleanup(client.kill)
            (system / "app/hello.py").write_text("def hello(body):\n    return 'two'\n")
            self.deploy(system)
            self.until("the old pod is gone", lambda: len(json.loads(self.kubectl("get", "pods", "-o", "json"))["items"]) == 1)
            end.touch()
            seen = json.loads(client.communicate(timeout=30)[0])
        self.assertEqual(sorted(seen), ["one", "two"], seen)
        self.assertEqual(self.said_by(url), "two")

    def test_a_service_that_cannot_start_fails_the_deploy_with_its_last_lines(self):
        system, url = self.server()
        # What cannot be found without running it.
        (system / "app/hello.py").write_text("def hello(body):\n    return 'two'\n\nraise RuntimeError('no such luck')\n")
        begin = time.monotonic()
        said = self.deploy(system, status=4)
        self.assertIn("no such luck", said)
        self.assertLess(time.monotonic() - begin, 120)
        self.assertEqual(self.said_by(url), "one")

    def test_argo_runs_the_tasks_of_a_workflow_in_their_order(self):
        image = self.image()
        tasks = [{"name": "first", "template": "first"}, {"name": "second", "template": "second", "depends": "first"}]
        templates = [{"name": name, "container": self.container(image, name)} for name in ("first", "second")]
        self.apply("Workflow", "two", {"entrypoint": "all", "templates": [{"name": "all", "dag": {"tasks": tasks}}, *templates]},
                   version="argoproj.io/v1alpha1")
        workflow = self.ends("workflow", "two")
        self.assertEqual(workflow["status"]["phase"], "Succeeded", self.state())
        nodes = {node["displayName"]: node for node in workflow["status"]["nodes"].values()}
        self.assertLessEqual(nodes["first"]["finishedAt"], nodes["second"]["startedAt"])
        logs = self.kubectl("logs", "-l", "workflows.argoproj.io/workflow=two", "-c", "main")
        for name in ("first", "second"):
            self.assertIn(f"this ran in /app {name}\n", logs)

    def deploy(self, system, *options, status=0):
        """Pushes the system's images and deploys it; returns what was said."""
        self.liminal("build", "--push", *self.base, cwd=system, timeout=900)
        where = ("--kubeconfig", self.node["KUBECONFIG"], "--context", "test", "--namespace", self.namespace)
        done = self.liminal("deploy", *where, *options, *self.base, cwd=system, status=status)
        return done.stdout + done.stderr

    def deploy_the_example(self, *options):
        system = self.example()
        # A volume has no namespace: the tests' own are told apart by name.
        file = system / "liminal.yml"
        file.write_text(file.read_text().replace("wine-data", f"wine-data-{self.namespace}"))
        self.deploy(system, *options)
        return system

    def expect_a_model(self, system):
        """The volume is a folder of this machine."""
        self.assertGreater((system / "data/production/model.joblib").stat().st_size, 10_000)
        self.assertGreater(json.loads((system / "data/production/metrics.json").read_text())["accuracy"], 0.8)

    def test_the_example_is_run_by_argo(self):
        system = self.deploy_the_example("--engine", "argo")
        (template,) = json.loads(self.kubectl("get", "workflowtemplates", "-o", "json"))["items"]
        self.assertIn(f"{self.registry}/wine-quality@sha256:", json.dumps(template))
        run_of_it = {"workflowTemplateRef": {"name": template["metadata"]["name"]}}
        self.apply("Workflow", "run", run_of_it, version="argoproj.io/v1alpha1")
        self.assertEqual(self.ends("workflow", "run", 600)["status"]["phase"], "Succeeded", self.state())
        self.expect_a_model(system)

    def test_the_example_is_run_by_airflow_2(self):
        self.by_airflow("2", "/api/v1", "basic")

    def test_the_example_is_run_by_airflow_3(self):
        self.by_airflow("3", "/api/v2", "token")

    def by_airflow(self, version, api, authorization):
        """A local Airflow that has been given this cluster by KUBECONFIG. What is switched on runs its last interval at once."""
        home = self.work / "home"
        path = f"{programs('airflow-environment', version) / 'bin'}:{os.environ['PATH']}"
        settings = {"LIMINAL_HOME": home, "PATH": path, "KUBECONFIG": self.node["KUBECONFIG"]}
        self.addCleanup(self.liminal, "stop", status=None, **settings)
        self.liminal("start", "-d", "--airflow-by", "installed", timeout=900, **settings)
        url = json.loads(self.liminal("status", "--format", "json", **settings).stdout)["local_airflow"]["url"]
        password = (home / "airflow/password").read_text().strip()
        if authorization == "basic":
            header = "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()
        else:
            header = "Bearer " + ask(f"{url}/auth/token", {"username": "admin", "password": password})["access_token"]

        system = self.deploy_the_example("--dags", home / "dags")
        dag = f"{url}{api}/dags/wine_quality"
        self.until("the DAG is known", lambda: answers(dag, header), 120)
        ask(dag, {"is_paused": False}, header, method="PATCH")

        def ended():
            runs = ask(f"{dag}/dagRuns", authorization=header)["dag_runs"]
            return [one["state"] for one in runs if one["state"] in ("success", "failed")]

        self.assertEqual(self.until("the run ends", ended, 600)[0], "success", self.state())
        self.expect_a_model(system)


if __name__ == "__main__":
    main()
