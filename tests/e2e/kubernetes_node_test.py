#!/usr/bin/env python3
"""What liminal pushes and deploys runs on a real node: pods by digest, claims, Services, and new images of them."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

from node import NodeTest
from support import SERVERS, EndToEnd, main, run

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
    endpoints:
      - {endpoint: /hello, module: hello, function: hello}
      - {endpoint: /echo, module: echo, function: echo}
"""
# Asks again and again, each time by a connection of its own, until a file is there; prints how often it was answered what.
CLIENT = """\
import collections, http.client, json, pathlib, sys, threading, time, urllib.parse, urllib.request
seen = collections.Counter()
end = pathlib.Path(sys.argv[2])

def ask_anew():
    return urllib.request.urlopen(sys.argv[1], timeout=10).read().decode()

def keep_asking(connection, path):
    connection.request("GET", path)
    return connection.getresponse().read().decode()

def ask(one, *more):
    while not end.exists():
        try:
            seen[one(*more)] += 1
        except (OSError, http.client.HTTPException) as error:
            seen[repr(error)] += 1
        time.sleep(0.01)

address = urllib.parse.urlsplit(sys.argv[1])
kept = [(keep_asking, http.client.HTTPConnection(address.netloc, timeout=10), address.path) for _ in range(4)]
threads = [threading.Thread(target=ask, args=one) for one in [(ask_anew,), *kept]]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(seen))
"""


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


class KubernetesNode(NodeTest):
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
        (system / "app/echo.py").write_text("def echo(body):\n    return f'got {body}'\n")
        self.deploy(system)
        url = f"http://{self.get('service', 'web')['spec']['clusterIP']}:8080/hello"
        self.until("the Service answers", lambda: self.said_by(url) == "one", 10)
        return system, url

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
        posted = run(self.node["ENTER"], "curl", "-s", "--data", '{"grapes": 3}', url.replace("hello", "echo")).stdout
        self.assertIn("grapes", posted)
        self.assertEqual(self.said_by(url), "two")

    def test_status_tells_whether_a_service_is_ready_and_what_has_changed_since(self):
        system, _ = self.server()
        self.until("the service is ready", lambda: "service web  ready" in self.status(system))
        said = self.status(system)
        self.assertRegex(said, r"deploy 1  .*\n  as it was deployed")
        self.kubectl("set", "image", "deployment/web", "server=nowhere.invalid/nothing:1")
        self.until("the image is missed", lambda: "0 of 1 ready" in self.status(system))
        said = self.status(system)
        self.assertIn("has changed since", said)
        self.assertIn("nowhere.invalid/nothing:1", said)

    def status(self, system):
        where = ("--kubeconfig", self.node["KUBECONFIG"], "--context", "test", "--namespace", self.namespace)
        return self.liminal("status", *where, cwd=system).stdout

    def test_a_service_that_cannot_start_fails_the_deploy_with_its_last_lines(self):
        system, url = self.server()
        # What cannot be found without running it.
        (system / "app/hello.py").write_text("def hello(body):\n    return 'two'\n\nraise RuntimeError('no such luck')\n")
        before = self.get("deployment", "web")["spec"]["template"]
        begin = time.monotonic()
        said = self.deploy(system, "--atomic", status=4)
        self.assertIn("no such luck", said)
        self.assertRegex(said, r"liminal\.yml:\d+:\d+: error: deployment/web")
        self.assertRegex(said, r"\d+ \| +- service: web")
        self.assertIn("0 of 1 ready", said)
        self.assertIn("it was undone: deploy 1 is back", said)
        self.assertLess(time.monotonic() - begin, 120)
        self.assertEqual(self.said_by(url), "one")
        self.assertEqual(self.get("deployment", "web")["spec"]["template"], before)

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


if __name__ == "__main__":
    main()
