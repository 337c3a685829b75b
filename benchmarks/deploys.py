"""`liminal deploy` and `liminal plan` of many objects on a real API server against kubectl with the same objects."""
import contextlib
import itertools
import json
import os
import re
import sys
import tempfile

import peers
from latency import relay
from measure import Side, compare, must

SERVICES = 60  # a Deployment and a Service each
PIPELINES = 80  # a ConfigMap each
OBJECTS = 2 * SERVICES + PIPELINES
HEAD = """\
name: fleet
images:
  - image: server
    type: python_server
    endpoints: [{endpoint: /hello, module: hello, function: hello}]
"""
SERVICE = """\
  - service: server-%d
    image: server
    port: 8080
    env_vars: {MODE: %s}
"""
PIPELINE = """\
  - pipeline: nightly-%d
    start_date: 2026-01-01
    schedule: 0 3 * * *
    timeout_minutes: 30
    tasks:
      - task: load
        type: python
        image: python:3.11-slim
        cmd: python -u load.py --mode %s
      - task: train
        type: python
        image: python:3.11-slim
        cmd: python -u train.py
"""
LATENCY = 0.02
LIMINAL, KUBECTL = "fleet-liminal", "fleet-kubectl"  # a namespace each


def system(value, values):
    """What `value` is in a service and a pipeline that `values` does not name."""
    services = (SERVICE % (number, values.get(number, value)) for number in range(SERVICES))
    pipelines = (PIPELINE % (number, value) for number in range(PIPELINES))
    return "".join([HEAD, "services:\n", *services, "pipelines:\n", *pipelines])


class Fleet:
    """One liminal.yml, and what it renders to for kubectl, in a temporary folder; each has its own copy on the server."""

    def __init__(self, folder, options, server):
        self.folder = folder
        self.binary = options.binary
        self.kubectl = [server["KUBECTL"], "--cache-dir", os.path.join(folder, "kinds")]
        self.kubeconfig = server["KUBECONFIG"]
        self.numbers = itertools.count(1)
        os.mkdir(os.path.join(folder, "system"))
        for namespace in (LIMINAL, KUBECTL):
            must([*self.kubectl, "--kubeconfig", self.kubeconfig, "create", "namespace", namespace])
        self.write("base", {})

    def write(self, value, values):
        with open(os.path.join(self.folder, "system", "liminal.yml"), "w") as file:
            file.write(system(value, values))
        rendered = os.path.join(self.folder, "rendered")
        must([self.binary, "deploy", "--no-check-files", "--render", rendered, "--namespace", KUBECTL],
             cwd=os.path.join(self.folder, "system"))
        self.objects = os.path.join(rendered, "fleet")
        count = sum(name.endswith(".yaml") for name in os.listdir(self.objects))
        if count != OBJECTS:
            sys.exit(f"benchmarks/run: {count} objects were rendered instead of {OBJECTS}")

    def unchanged(self):
        self.write("base", {})

    def one_changed(self):
        self.write("base", {7: f"v{next(self.numbers)}"})

    def all_changed(self):
        self.write(f"v{next(self.numbers)}", {})

    def ours(self, command, *options):
        return Side(f"liminal {command}",
                    [self.binary, command, "--no-check-files", "--kubeconfig", self.through, "--context", "@current",
                     "--namespace", LIMINAL, *options], os.path.join(self.folder, "system"))

    def theirs(self, version, name, options, expected=0):
        return Side(f"kubectl {version} {name}",
                    [*self.kubectl, "--kubeconfig", self.through, *options, "--server-side", "--filename", self.objects],
                    self.folder, expected)

    def deploy(self):
        """Both sides bring the same objects to the server."""
        self.through = self.kubeconfig
        for side in (self.ours("deploy", "--no-wait", "--no-check-images"), self.theirs("", "apply", ["apply"])):
            side.run()

    @contextlib.contextmanager
    def network(self, latency):
        """`through` is a kubeconfig of the server behind a network with this latency, there and back together."""
        if not latency:
            self.through = self.kubeconfig
            yield
            return
        with open(self.kubeconfig) as file:
            text = file.read()
        host, port = re.search(r"https://([0-9.]+):([0-9]+)", text).groups()
        with relay(host, int(port), latency / 2) as far:
            self.through = os.path.join(self.folder, "far-kubeconfig")
            with open(self.through, "w") as file:
                file.write(text.replace(f"{host}:{port}", f"127.0.0.1:{far}"))
            yield

    def on_server(self, namespace):
        """What a side brought there: names, and of Deployments what their containers are."""
        found = json.loads(must([*self.kubectl, "--kubeconfig", self.kubeconfig, "--namespace", namespace, "get",
                                 "deployments,services,configmaps", "--output", "json"]))["items"]
        return {f"{one['kind']}/{one['metadata']['name']}": one.get("spec", {}).get("template", {}).get("spec", {}).get("containers")
                for one in found if one["metadata"]["name"].startswith(("server-", "nightly-"))}

    def check(self):
        ours, theirs = self.on_server(LIMINAL), self.on_server(KUBECTL)
        if len(ours) != OBJECTS or ours != theirs:
            sys.exit(f"benchmarks/run: liminal left {len(ours)} objects on the server and kubectl {len(theirs)}, and they differ")


@contextlib.contextmanager
def fleet(options):
    with tempfile.TemporaryDirectory(prefix="liminal-bench-") as folder:
        with peers.kubernetes_api(os.path.join(folder, "server")) as server:
            yield server and Fleet(folder, options, server)


STATES = {"unchanged": Fleet.unchanged, "one changed": Fleet.one_changed, "all changed": Fleet.all_changed}


def each_state(options, sides_of):
    with fleet(options) as work:
        if work is None:
            return
        version = must([*work.kubectl, "version", "--client"]).split()[2].lstrip("v")
        for latency, (state, change) in itertools.product((0, LATENCY), STATES.items()):
            work.unchanged()
            work.deploy()
            with work.network(latency):
                sides = sides_of(work, version, state, change)
                far = f", {latency * 1000:.0f} ms away" if latency else ""
                compare(f"{sides[0].name} of {OBJECTS} objects, {state}{far}", sides, options)
            work.check()


def deploy(options):
    def sides(work, version, state, change):
        found = [work.ours("deploy", "--no-wait", "--no-check-images"), work.theirs(version, "apply", ["apply"])]
        # A change is one to both, which go one after the other.
        if state != "unchanged":
            found[0].prepare = lambda: change(work)
        return found

    each_state(options, sides)


def plan(options):
    def sides(work, version, state, change):
        change(work)
        status = 0 if state == "unchanged" else 1
        return [work.ours("plan"), work.theirs(version, "diff", ["diff"], status),
                work.theirs(version, "diff by 50", ["diff", "--concurrency", "50"], status)]

    each_state(options, sides)


COMPARISONS = {"deploy": deploy, "plan": plan}
