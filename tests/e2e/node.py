"""A node of Kubernetes with what runs pipelines on it, for the tests that need one."""

import json
import pathlib
import time

from support import EndToEnd, python_base, run


class NodeTest(EndToEnd):
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

    def said_by(self, url):
        return run(self.node["ENTER"], "curl", "-s", "--max-time", "2", url, status=None).stdout

    def deploy(self, system, *options, status=0):
        """Pushes the system's images and deploys it; returns what was said."""
        self.liminal("build", "--push", *self.base, cwd=system, timeout=900)
        where = ("--kubeconfig", self.node["KUBECONFIG"], "--context", "test", "--namespace", self.namespace)
        done = self.liminal("deploy", *where, *options, *self.base, cwd=system, status=status)
        return done.stdout + done.stderr
