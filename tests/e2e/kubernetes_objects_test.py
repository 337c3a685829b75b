#!/usr/bin/env python3
"""The objects that liminal renders are accepted by a real API server that refuses unknown fields, Argo's included."""

import json
import time

from support import EndToEnd, main, programs, run
from systems import every_system, render

ENGINES = ("airflow", "argo")


def contents(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


class KubernetesObjects(EndToEnd):
    def setUp(self):
        super().setUp()
        self.systems = {engine: every_system(self.work / "sources" / engine, engine) for engine in ENGINES}

    def rendered(self, engine, name, attempt="first", *options):
        into = self.work / "rendered" / attempt / engine / name
        render(self.systems[engine][name], engine, into, *options)
        return into

    def api_server(self):
        """Starts a server that knows Argo's definitions; returns what applies a file to it, checked but not kept."""
        server = self.start("kubernetes-api")
        kubectl = (server["KUBECTL"], "--kubeconfig", server["KUBECONFIG"])
        run(*kubectl, "apply", "--server-side", "-f", programs("argo-definitions"))
        deadline = time.monotonic() + 60
        while "cronworkflows" not in run(*kubectl, "get", "--raw", "/apis/argoproj.io/v1alpha1", status=None).stdout:
            self.assertLess(time.monotonic(), deadline, "the server does not serve Argo's definitions")
            time.sleep(0.2)
        apply = (*kubectl, "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f")
        return lambda file, status=0: run(*apply, file, status=status)

    def test_the_api_server_accepts_each_object(self):
        apply = self.api_server()
        objects = 0
        for engine in ENGINES:
            for name in self.systems[engine]:
                files = sorted(self.rendered(engine, name).rglob("*.yaml"))
                objects += len(files)
                for file in files:
                    with self.subTest(engine=engine, system=name, object=file.name):
                        apply(file)
        self.assertGreater(objects, 60)
        self.every_argument_is_there()

        # It looks: a field that does not exist is refused.
        (file,) = self.rendered("argo", "wine-quality").rglob("workflowtemplate-*.yaml")
        file.write_text(file.read_text().replace("  entrypoint: pipeline\n", "  entrypoint: pipeline\n  entrypiont: x\n"))
        self.assertIn("entrypiont", apply(file, status=1).stderr)

    def every_argument_is_there(self):
        """What the executor says stands in the objects that the server took."""
        (file,) = self.rendered("argo", "every-argument").rglob("workflowtemplate-*.yaml")
        text = file.read_text()
        for wanted in ("nvidia.com/gpu", "tolerationSeconds: 60", "serviceAccountName: runner", "fsGroup: 1000", "topologyKey", "sizeLimit", "podGC"):
            self.assertIn(wanted, text)
        # A template has no member for these; the patch of the pod has to be JSON.
        (patch,) = [json.loads(json.loads(line.split(": ", 1)[1])) for line in text.splitlines() if "podSpecPatch:" in line]
        self.assertEqual(patch["hostname"], "worker")
        self.assertEqual(patch["imagePullSecrets"], [{"name": "first"}, {"name": "second"}])
        (file,) = self.rendered("airflow", "every-argument").rglob("deployment-*.yaml")
        for wanted in ("maxUnavailable: 0", "readinessProbe", "preStop", 'memory: "256Mi"'):
            self.assertIn(wanted, file.read_text())

    def test_rendering_again_writes_the_same_bytes(self):
        for engine in ENGINES:
            for name in self.systems[engine]:
                first = contents(self.rendered(engine, name))
                self.assertEqual(contents(self.rendered(engine, name, "second")), first)
                self.assertIn(" 0 files written", render(self.systems[engine][name], engine, self.work / "rendered/first" / engine / name))

    def test_no_secret_is_rendered(self):
        name = "every-kind"
        for engine in ENGINES:
            secret = (self.systems[engine][name] / "store.txt").read_bytes().strip()
            said = render(self.systems[engine][name], engine, self.work / engine)
            self.assertNotIn(secret.decode(), said)
            self.assertIn("secret store", said)
            for path, content in contents(self.work / engine).items():
                self.assertNotIn(secret, content, path)


if __name__ == "__main__":
    main()
