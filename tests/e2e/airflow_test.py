#!/usr/bin/env python3
"""The DAG files that liminal writes are imported by real Airflows, with the tasks and the order that the plan shows."""

import http.server
import json
import pathlib
import shutil
import threading

from support import SOURCE, EndToEnd, environment, main, programs, run
from systems import every_system, planned, render, resolved

# A task of ours that is several of Airflow's: what leads to it, and what leads on from it.
FIRST = {"emr": "{}_add_step", "create_cloudformation_stack": "{}_check", "delete_cloudformation_stack": "{}_check"}
LAST = {"emr": "{}_watch_step"}
OPERATORS = {
    "python": "KubernetesPodOperator",
    "spark": "KubernetesPodOperator",
    "emr": "EmrStepSensor",
    "create_cloudformation_stack": "EmptyOperator",
    "delete_cloudformation_stack": "EmptyOperator",
    # Of examples/own-types.
    "report": "KubernetesPodOperator",
    "query": "SQLExecuteQueryOperator",
}
MARKS = """name: marks
pipelines:
  - pipeline: marks
    start_date: 2026-01-02
    schedule: 0 1 * * *
    timeout_minutes: 5
    metrics: {namespace: Shop, backends: [cloudwatch]}
    tasks: []
"""
READER = pathlib.Path(__file__).with_name("read_dags.py")


class Airflow(EndToEnd):
    def setUp(self):
        super().setUp()
        self.systems = every_system(self.work)
        self.rendered = {name: self.work / "rendered" / name for name in self.systems}
        for name, folder in self.systems.items():
            render(folder, "airflow", self.rendered[name])

    def read(self, version):
        """What Airflow `version` makes of each system's DAG files, by the system's name."""
        python = programs("airflow-environment", version) / "bin/python"
        reader = shutil.copy(READER, self.work)
        home = self.work / f"airflow-{version}"
        settings = environment(AIRFLOW_HOME=home, AIRFLOW__CORE__LOAD_EXAMPLES="False", PYTHONDONTWRITEBYTECODE="1")
        run(python, reader, *self.rendered.values(), cwd=self.work, env=settings, timeout=600)
        read = json.loads(pathlib.Path(f"{reader}.json").read_text())
        return {name: read[str(folder)] for name, folder in self.rendered.items()}

    def check(self, version):
        pipelines = 0
        everything = self.read(version)
        for name, read in everything.items():
            with self.subTest(system=name, airflow=version):
                self.assertEqual(read["errors"], {})
                expected = {one["pipeline"]: one for one in planned(self.systems[name])["pipelines"]}
                written = {one["pipeline"]: one for system in resolved(self.systems[name]) for one in system["pipelines"]}
                self.assertEqual(sorted(read["dags"]), sorted(expected))
                for pipeline, dag in read["dags"].items():
                    pipelines += 1
                    self.same_graph(expected[pipeline]["tasks"], dag["tasks"], name == "aws")
                    self.assertEqual(dag["unknown_names"], [])
                    self.assertFalse(dag["catchup"])
                    self.assertEqual(dag["timeout_minutes"], written[pipeline]["timeout_minutes"])
                    self.assertEqual(dag["start_date"], written[pipeline]["start_date"])
        self.assertGreater(pipelines, 8)
        self.texts_are_rendered(everything)
        self.pods_are_complete(everything)
        self.metrics_are_sent(everything)
        self.declared_types_are_made(everything["own-types"]["dags"])

    def declared_types_are_made(self, dags):
        """The operator has the arguments of its type; the pod runs the type's words, on what the executor's asks for."""
        tidy, count = (dags["warehouse"]["tasks"][name] for name in ("tidy", "count"))
        self.assertEqual(tidy["rendered"]["conn_id"], "warehouse")
        self.assertEqual(tidy["rendered"]["sql"], "DELETE FROM sales WHERE day < '2025-12-04'")
        self.assertEqual(tidy["retries"], 2)
        self.assertEqual(count["rendered"]["sql"][0], "DELETE FROM counts WHERE day = '2026-03-04'")
        long = dags["reports"]["tasks"]["long"]
        (container,) = long["pod"]["spec"]["containers"]
        self.assertEqual(container["command"], ["python"])
        self.assertEqual(container["resources"]["limits"], {"cpu": "2", "memory": "128Mi"})
        words = ["-u", "report.py", "long.txt", "It's the page of 2026-03-04", "region", "the sum"]
        self.assertEqual(long["rendered"]["arguments"], words)

    def same_graph(self, planned_tasks, read, judged):
        """The tasks of the plan, with the same order between them."""
        kinds = {one["task"]: "emr" if f"{one['task']}_add_step" in read else one["type"] for one in planned_tasks}
        first = {name: FIRST.get(kind, "{}").format(name) for name, kind in kinds.items()}
        last = {name: LAST.get(kind, "{}").format(name) for name, kind in kinds.items()}
        self.assertEqual([name for name in read if name in last.values()], list(last.values()))
        for one in planned_tasks:
            name = one["task"]
            with self.subTest(task=name):
                before = one["depends_on"] if not judged or kinds[name] != "job_end" else [other for other in kinds if other != name]
                self.assertEqual(read[first[name]]["upstream"], sorted(last[other] for other in before))
                self.assertEqual(read[last[name]]["copies"], one["copies"])
                marker = "PythonOperator" if judged else "EmptyOperator"
                self.assertEqual(read[last[name]]["operator"], OPERATORS.get(kinds[name], marker))

    def texts_are_rendered(self, read):
        """What Jinja makes of it is what was written, with the day in it."""
        (dag,) = read["every-argument"]["dags"].values()
        full = dag["tasks"]["full"]
        command = """echo "${#x}" $$$ $$(date) {% stray {# braces {{.Name}} day 2026-03-04 before 2026-03-03 it's"""
        self.assertEqual(full["rendered"]["arguments"], [command])
        variables = {one["name"]: one for one in full["pod"]["spec"]["containers"][0]["env"]}
        self.assertEqual(full["rendered"]["annotations"], {"day": "2026-03-04", "note": "plain"})
        self.assertIn("fieldRef", variables["NODE"]["valueFrom"])
        rendered = {one["name"]: one["value"] for one in full["rendered"]["env_vars"] if "value" in one}
        self.assertEqual(rendered, {"GREETING": "it's $$$", "SHARED": "own", "env": "default"})
        # The run's conf goes over the file.
        self.assertIn("of the run", full["rendered_by_conf"]["arguments"][0])
        (aws,) = read["aws"]["dags"].values()
        (step,) = aws["tasks"]["count_add_step"]["rendered"]["steps"]
        self.assertEqual(step["ActionOnFailure"], "CANCEL_AND_WAIT")
        self.assertEqual(step["HadoopJarStep"]["Args"][-5:], ["s3://shop/count.py", "--day", "2026-03-04", "--rules", "s3://shop/rules.json"])
        stack = aws["tasks"]["make_stack_create"]["rendered"]
        self.assertEqual(stack["stack_name"], "shop-20260304")
        self.assertIn({"ParameterKey": "Day", "ParameterValue": "2026-03-04"}, stack["cloudformation_parameters"]["Parameters"])

    def pods_are_complete(self, read):
        """The pods that Airflow makes of the operators hold all that the executor says."""
        (dag,) = read["every-argument"]["dags"].values()
        pod = dag["tasks"]["full"]["pod"]
        spec = pod["spec"]
        container = spec["containers"][0]
        self.assertEqual(pod["metadata"]["labels"]["team"], "wine")
        self.assertEqual(pod["metadata"]["labels"]["app.kubernetes.io/managed-by"], "liminal")
        self.assertEqual(container["resources"]["limits"], {"memory": "1Gi", "nvidia.com/gpu": "1"})
        self.assertEqual(container["securityContext"], {"capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True})
        self.assertEqual([one["mountPath"] for one in container["volumeMounts"]], ["/data", "/scratch", "/keys"])
        self.assertEqual(spec["tolerations"][1]["tolerationSeconds"], 60)
        self.assertEqual(spec["imagePullSecrets"], [{"name": "first"}, {"name": "second"}])
        self.assertEqual(spec["dnsPolicy"], "None")
        self.assertEqual(spec["securityContext"], {"fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}})
        terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        self.assertEqual(terms[0]["matchExpressions"], [{"key": "disk", "operator": "In", "values": ["ssd"]}])
        for key in ("hostAliases", "hostname", "initContainers", "nodeSelector", "priorityClassName", "runtimeClassName", "serviceAccountName", "subdomain"):
            self.assertIn(key, spec)
        older = dag["tasks"]["older"]["pod"]["spec"]["containers"][0]
        self.assertEqual(older["resources"], {"limits": {"cpu": "2"}, "requests": {"memory": "64Mi"}})

    def metrics_are_sent(self, read):
        """By the functions in the file, to CloudWatch's own interface; and a run with a failed task fails."""
        called = read["aws"]["functions"]
        start, end = called["metrics"]
        self.assertEqual(start["Namespace"], "Shop")
        self.assertEqual(start["MetricData"][0]["MetricName"], "JobStarted")
        self.assertEqual(start["MetricData"][0]["Dimensions"], [{"Name": "ApplicationName", "Value": "nightly"}])
        self.assertEqual([one["MetricName"] for one in end["MetricData"]], ["JobResult", "JobDuration"])
        self.assertEqual(end["MetricData"][0]["Value"], 0)
        self.assertIn("count_add_step", called["failure"])
        self.assertEqual(called["creation"], ["make_stack_create", "make_stack"])
        self.assertEqual(called["deletion"], ["drop_stack_delete", "drop_stack"])

    def executed(self, version):
        """Runs a pipeline of metrics alone in a real Airflow, whose Amazon provider sends them to a server of ours."""
        received = []

        class CloudWatch(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                received.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CloudWatch)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        folder = self.work / "marks"
        folder.mkdir()
        folder.joinpath("liminal.yml").write_text(MARKS)
        render(folder, "airflow", self.work / "marks-rendered")
        settings = environment(
            AIRFLOW_HOME=self.work / f"home-{version}",
            AIRFLOW__CORE__LOAD_EXAMPLES="False",
            AIRFLOW__CORE__DAGS_FOLDER=self.work / "marks-rendered/marks/dags",
            AWS_ACCESS_KEY_ID="nobody",
            AWS_SECRET_ACCESS_KEY="nothing",
            AWS_DEFAULT_REGION="eu-west-1",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_port}",
        )
        airflow = (programs("airflow-environment", version) / "bin/python", "-m", "airflow")
        run(*airflow, "db", "migrate", env=settings, timeout=600)
        said = run(*airflow, "dags", "test", "marks", "2026-02-03", env=settings, timeout=600)
        self.assertIn("DagRun Finished", said.stdout + said.stderr)
        sent = b"".join(received)
        for wanted in (b"Shop", b"JobStarted", b"JobResult", b"JobDuration", b"ApplicationName", b"marks"):
            self.assertIn(wanted, sent)

    def test_the_tables_are_those_of_these_airflows(self):
        run(SOURCE / "script/airflow-tables", "--check", timeout=600)

    def test_metrics_are_sent_by_airflow_2(self):
        self.executed("2")

    def test_metrics_are_sent_by_airflow_3(self):
        self.executed("3")

    def test_airflow_2(self):
        self.check("2")

    def test_airflow_3(self):
        self.check("3")


if __name__ == "__main__":
    main()
