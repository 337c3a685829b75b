"""The machine that the article about Apache Liminal is typed on: a development cluster called minikube, and Airflow 3."""

import json
import os
import pathlib
import time
import urllib.request

import yaml

from support import EndToEnd, environment, programs, python_base, run


class ArticleMachine(EndToEnd):
    """What the article takes for granted is configured here, so that its commands are typed as they stand."""

    def setUp(self):
        super().setUp()
        registry = self.start("container-registry")["REGISTRY"]
        self.node = self.start("kubernetes-node", "--registry", registry)
        self.home = self.work / "liminal_home"
        self.system = self.example()
        self.variables = {
            "HOME": self.work,
            "KUBECONFIG": self.minikube(),
            "LIMINAL_CONFIG": self.configuration(registry),
            "LIMINAL_HOME": self.home,
            # pip's downloads may be shared.
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"),
            "PATH": f"{programs('airflow-environment', '3') / 'bin'}:{os.environ['PATH']}",
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        }
        self.addCleanup(self.type, "stop", status=None)

    def minikube(self):
        """The node's kubeconfig, under the name that a development cluster has."""
        config = yaml.safe_load(pathlib.Path(self.node["KUBECONFIG"]).read_text())
        for one in (config["contexts"][0], config["clusters"][0], config["users"][0]):
            one["name"] = "minikube"
        config["contexts"][0]["context"].update(cluster="minikube", user="minikube")
        config["current-context"] = "minikube"
        file = self.work / "kubeconfig"
        file.write_text(yaml.safe_dump(config))
        return file

    def configuration(self, registry):
        """The article's cluster runs the images of its machine's Docker Engine; this one pulls, so `build` also pushes."""
        file = self.work / "liminal.toml"
        base = json.dumps(f"python:3.11-slim=rootfs:{python_base()}")
        file.write_text(f'builder = "oci"\nregistry = "{registry}"\nbase = [{base}]\n\n[build]\npush = true\n')
        return file

    def type(self, *command, status=0):
        """`liminal` as it is typed in the system's folder; returns what it said."""
        done = self.liminal(*command, cwd=self.system, status=status, timeout=900, **self.variables)
        return done.stdout + done.stderr

    def kubectl(self, *arguments):
        return run(self.node["KUBECTL"], *arguments, env=environment(**self.variables)).stdout

    def items(self, kinds):
        return json.loads(self.kubectl("get", kinds, "--output", "json"))["items"]

    def ask_airflow(self, path, body=None, token=None):
        """Its answer to a request, in the name of its user unless the request is about a token."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.status()["url"] + path, None if body is None else json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def token(self):
        password = (self.home / "airflow/password").read_text().strip()
        return self.ask_airflow("/auth/token", {"username": "admin", "password": password})["access_token"]

    def finished_runs(self, seconds=300):
        """Of the DAG: switched on, its schedule has made one, too, which runs beside the other."""
        token = self.token()
        end = time.monotonic() + seconds
        while True:
            runs = self.ask_airflow("/api/v2/dags/wine_quality/dagRuns", token=token)["dag_runs"]
            if all(run["state"] in ("success", "failed") for run in runs):
                return runs
            if time.monotonic() > end:
                raise AssertionError(f"they do not end: {runs}")
            time.sleep(1)

    def status(self):
        return json.loads(self.liminal("status", "--format", "json", cwd=self.system, **self.variables).stdout)["local_airflow"]
