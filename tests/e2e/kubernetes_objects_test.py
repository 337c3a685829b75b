#!/usr/bin/env python3
"""The objects that liminal renders are accepted by a real API server that refuses unknown fields, Argo's included."""

import time

from support import EndToEnd, main, programs, run
from systems import every_system, render


def contents(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


class KubernetesObjects(EndToEnd):
    def setUp(self):
        super().setUp()
        self.systems = every_system(self.work)

    def rendered(self, engine, name, attempt="first"):
        into = self.work / "rendered" / attempt / engine / name
        render(self.systems[name], engine, into)
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
        for engine in ("airflow", "argo"):
            for name in self.systems:
                files = sorted(self.rendered(engine, name).rglob("*.yaml"))
                objects += len(files)
                for file in files:
                    with self.subTest(engine=engine, system=name, object=file.name):
                        apply(file)
        self.assertGreater(objects, 40)

        # It looks: a field that does not exist is refused.
        (file,) = self.rendered("argo", "wine-quality").rglob("workflowtemplate-*.yaml")
        file.write_text(file.read_text().replace("  entrypoint: pipeline\n", "  entrypoint: pipeline\n  entrypiont: x\n"))
        self.assertIn("entrypiont", apply(file, status=1).stderr)

    def test_rendering_again_writes_the_same_bytes(self):
        for engine in ("airflow", "argo"):
            for name in self.systems:
                first = contents(self.rendered(engine, name))
                self.assertEqual(contents(self.rendered(engine, name, "second")), first)
                self.assertIn(" 0 files written", render(self.systems[name], engine, self.work / "rendered/first" / engine / name))

    def test_no_secret_is_rendered(self):
        name = "every-kind"
        secret = (self.systems[name] / "store.txt").read_bytes().strip()
        for engine in ("airflow", "argo"):
            said = render(self.systems[name], engine, self.work / engine)
            self.assertNotIn(secret.decode(), said)
            self.assertIn("secret store", said)
            for path, content in contents(self.work / engine).items():
                self.assertNotIn(secret, content, path)


if __name__ == "__main__":
    main()
