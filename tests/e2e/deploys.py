"""Deploys to a real API server, without controllers and nodes: what their tests share."""

import base64
import itertools
import json
import shutil
import time

from api_proxy import CANARY, Proxy
from support import EndToEnd, programs, run

NUMBERS = itertools.count(1)
SECRET = "canary-valu3-of-a-secret"
SYSTEM = """\
name: shop
volumes:
  - volume: data
    local: {path: .}
secrets:
  - secret: key
    local_path_file: key.txt
pipelines:
  - pipeline: nightly
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: 0 3 * * *
    tasks:
      - task: load
        type: python
        image: python:3.11-slim
        cmd: echo loading
        mounts: [{mount: data, volume: data, path: /data}]
        secrets: [{secret: key, remote_path: /key}]
services:
  - service: web
    image: web-image
    port: 8080
    env_vars: {MODE: one}
images:
  - image: web-image
    type: python_server
    endpoints: [{endpoint: /hello, module: hello, function: hello}]
"""


def encodings(text):
    """A secret as it might get into an output; of Base64 the part that is the same wherever the text begins in it."""
    raw = text.encode()
    base64_parts = [base64.b64encode(b"?" * begin + raw).decode()[4 if begin else 0:-4] for begin in range(3)]
    escaped = "".join(f"\\u{ord(c):04x}" for c in text)
    percent = "".join(f"%{byte:02X}" for byte in raw)
    return {text, text[::-1], raw.hex(), raw.hex().upper(), percent, percent.lower(), escaped, *base64_parts}


class Deploys(EndToEnd):
    @classmethod
    def setUpClass(cls):
        """One server for all tests; each has a namespace of its own."""
        cls.cluster = EndToEnd("start")
        cls.cluster.setUp()
        cls.server = cls.cluster.start("kubernetes-api", "--audit")
        cls.addClassCleanup(cls.cluster.doCleanups)
        cls.proxy = Proxy(cls.server["KUBECONFIG"], cls.cluster.work)
        cls.addClassCleanup(cls.proxy.stop)
        cls.kubectl_of("apply", "--server-side", "-f", programs("argo-definitions"))
        # Served, and in the list of all kinds that kubectl goes by, which comes later.
        deadline = time.monotonic() + 120
        while run(cls.server["KUBECTL"], "--kubeconfig", cls.server["KUBECONFIG"], "--cache-dir", cls.cluster.work / "kinds", "get",
                  "workflowtemplates,cronworkflows", status=None).returncode != 0:
            if time.monotonic() > deadline:
                raise AssertionError("the server does not serve Argo's definitions")
            time.sleep(0.2)
            shutil.rmtree(cls.cluster.work / "kinds", ignore_errors=True)

    @classmethod
    def kubectl_of(cls, *arguments, status=0, stdin=None):
        return run(cls.server["KUBECTL"], "--kubeconfig", cls.server["KUBECONFIG"], "--cache-dir", cls.cluster.work / "kinds", *arguments,
                   status=status, stdin=stdin).stdout

    def setUp(self):
        super().setUp()
        self.namespace = f"test-{next(NUMBERS)}"
        self.kubectl_of("create", "namespace", self.namespace)
        self.proxy.reset()
        self.file = self.work / "liminal.yml"
        # A volume has no namespace: the tests' own are told apart by name.
        self.text = SYSTEM.replace("volume: data", f"volume: data-{self.namespace}")
        self.file.write_text(self.text)
        (self.work / "key.txt").write_text(SECRET)

    def command(self, name, *arguments, through_proxy=False):
        config = self.proxy.kubeconfig if through_proxy else self.server["KUBECONFIG"]
        # Only the tests about images have a registry.
        images = ["--no-check-images"] if name in ("deploy", "rollback", "ci") and "--images" not in arguments else []
        arguments = [argument for argument in arguments if argument != "--images"]
        return [name, "--kubeconfig", config, "--context", "@current", "--namespace", self.namespace, "--no-check-files", *images, *arguments]

    def deploy(self, *arguments, status=0, through_proxy=False, name="deploy"):
        wait = [] if name == "plan" or "--timeout" in arguments else ["--no-wait"]
        done = self.liminal(*self.command(name, *wait, *arguments, through_proxy=through_proxy), status=status)
        said = done.stdout + done.stderr
        self.assert_hidden(said)
        return said

    def assert_hidden(self, said):
        for canary in (SECRET, CANARY):
            for form in encodings(canary):
                self.assertNotIn(form, said)

    def kubectl(self, *arguments, status=0, stdin=None):
        return self.kubectl_of("--namespace", self.namespace, *arguments, status=status, stdin=stdin)

    def place(self, words):
        """file:line:column of what follows the colon of these words in the file, as messages have it."""
        for number, line in enumerate(self.file.read_text().splitlines(), 1):
            if words in line:
                return f"liminal.yml:{number}:{line.index(words) + words.index(':') + 3}"
        raise AssertionError(f"{words} is not in the file")

    def objects(self):
        """Every object that carries the system's labels, by kind and name."""
        kinds = "configmaps,secrets,persistentvolumeclaims,services,deployments,workflowtemplates,cronworkflows"
        found = json.loads(self.kubectl("get", kinds, "-l", "applyset.kubernetes.io/part-of", "-o", "json"))["items"]
        volumes = json.loads(self.kubectl("get", "persistentvolumes", "-l", "applyset.kubernetes.io/part-of", "-o", "json"))["items"]
        found += [one for one in volumes if one["spec"]["claimRef"]["namespace"] == self.namespace]
        return {f"{one['kind']}/{one['metadata']['name']}": one for one in found}

    def versions(self):
        return {name: one["metadata"]["resourceVersion"] for name, one in self.objects().items()}

    def audit(self):
        """What liminal asked of the server in this namespace or outside any, since the last call."""
        time.sleep(0.3)
        lines = [json.loads(line) for line in open(self.server["AUDIT_LOG"])]
        begin, self.seen = getattr(self, "seen", 0), len(lines)
        return [(line["verb"], line["objectRef"]["resource"]) for line in lines[begin:]
                if line["userAgent"].startswith("liminal/") and "objectRef" in line]

    def account(self, rules):
        """A kubeconfig of a service account that may do just this in the namespace (rules: kubectl's --verb and --resource)."""
        self.kubectl("create", "serviceaccount", "account")
        for number, (verbs, resources) in enumerate(rules):
            name = f"{self.namespace}-{number}"
            self.kubectl_of("create", "clusterrole", name, "--verb", verbs, "--resource", resources)
            self.kubectl_of("create", "clusterrolebinding", name, f"--clusterrole={name}", f"--serviceaccount={self.namespace}:account")
        token = self.kubectl("create", "token", "account", "--duration=1h").strip()
        config = json.loads(self.kubectl("config", "view", "--raw", "-o", "json"))
        config["users"][0]["user"] = {"token": token}
        file = self.work / "account-kubeconfig"
        file.write_text(json.dumps(config))
        return file

    KINDS = ("configmaps,secrets,persistentvolumes,persistentvolumeclaims,services,deployments.apps,"
             "workflowtemplates.argoproj.io,cronworkflows.argoproj.io")

    def save(self, *arguments, status=0, **more):
        return self.deploy("--out", "plan.json", *arguments, name="plan", status=status, **more)

    def apply(self, *arguments, status=0, through_proxy=False, config=True):
        """Elsewhere than where the plan was made: without liminal.yml, with the plan and the secret's file alone."""
        other = self.work / "elsewhere"
        other.mkdir(exist_ok=True)
        for name in ("plan.json", "key.txt"):
            if (self.work / name).exists():
                shutil.copy(self.work / name, other / name)
        named = ["--kubeconfig", self.proxy.kubeconfig if through_proxy else self.server["KUBECONFIG"]] if config else []
        arguments = [argument for argument in arguments if argument != "--images"] if "--images" in arguments else ["--no-check-images", *arguments]
        done = self.liminal("deploy", "--plan", "plan.json", *named, "--no-wait", *arguments, cwd=other, status=status)
        return done.stdout + done.stderr

    def many(self, count, value="1"):
        """A system of `count` objects, half of which hold the value."""
        return "name: shop\nimages:\n  - image: web-image\n    type: python_server\nservices:\n" + "".join(
            f"  - service: web-{number}\n    image: web-image\n    env_vars: {{TRY: '{value}'}}\n" for number in range(count // 2))
