#!/usr/bin/env python3
"""The DAG files that liminal writes are imported by real Airflows, with the tasks and the order that the plan shows."""

import json
import pathlib
import shutil

from support import EndToEnd, environment, main, programs, run
from systems import every_system, planned, render, resolved

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
        for name, read in self.read(version).items():
            with self.subTest(system=name, airflow=version):
                self.assertEqual(read["errors"], {})
                expected = {one["pipeline"]: one for one in planned(self.systems[name])["pipelines"]}
                written = {one["pipeline"]: one for system in resolved(self.systems[name]) for one in system["pipelines"]}
                self.assertEqual(sorted(read["dags"]), sorted(expected))
                for pipeline, dag in read["dags"].items():
                    pipelines += 1
                    self.same_graph(expected[pipeline]["tasks"], dag["tasks"])
                    self.assertFalse(dag["catchup"])
                    self.assertEqual(dag["timeout_minutes"], written[pipeline]["timeout_minutes"])
                    self.assertEqual(dag["start_date"], written[pipeline]["start_date"])
        self.assertGreater(pipelines, 8)

    def same_graph(self, planned_tasks, tasks):
        self.assertEqual(list(tasks), [one["task"] for one in planned_tasks])
        for one in planned_tasks:
            task = tasks[one["task"]]
            self.assertEqual(task["upstream"], sorted(one["depends_on"]), one["task"])
            self.assertEqual(task["copies"], one["copies"], one["task"])
            in_pod = one["type"] in {"python", "spark"}
            self.assertEqual(task["operator"], "KubernetesPodOperator" if in_pod else "EmptyOperator", one["task"])

    def test_airflow_2(self):
        self.check("2")

    def test_airflow_3(self):
        self.check("3")


if __name__ == "__main__":
    main()
