#!/usr/bin/env python3
"""The article that made Apache Liminal known, typed as it stands: from `build` to a model, and to nothing left."""

import json

from article import ArticleMachine
from support import main, processes_of

TASKS = ("load_data", "training_model", "validation_model")
KINDS = "configmaps,secrets,services,deployments,persistentvolumeclaims,persistentvolumes"


class Article(ArticleMachine):
    def objects(self):
        """Whatever there is in the cluster of the system's set."""
        return sorted(f"{one['kind']}/{one['metadata']['name']}" for one in self.items(KINDS)
                      if "applyset.kubernetes.io/part-of" in one["metadata"].get("labels", {}))

    def pods_started_on(self, node):
        """The pods themselves are gone once their task has ended."""
        return [one["involvedObject"]["name"] for one in self.items("events")
                if one["reason"] == "Scheduled" and one["message"].endswith(f" to {node}")]

    def test_as_it_is_typed(self):
        said = self.type("build")
        self.assertIn("wine-quality", said)
        said = self.type("deploy", "--clean")
        self.assertIn("minikube", said)
        self.assertIn("wine_quality.py", said)
        made = self.objects()
        self.assertTrue(any(one.startswith("PersistentVolumeClaim/") for one in made), made)
        self.assertTrue(any(one.startswith("ConfigMap/") for one in made), made)

        self.assertIn("Airflow 3.", self.type("start", "-d"))
        self.assertEqual(self.status()["state"], "running")
        self.assertGreater(len(processes_of(self.home)), 3)

        said = self.type("run", "wine_quality", "--unpause")
        for line in ("load_data | 178 wines with 13 features, from scikit-learn", "training_model | trained on 125 wines",
                     "validation_model | candidate: accuracy"):
            self.assertIn(line, said)
        self.assertIn(self.status()["url"] + "/dags/wine_quality", said)
        runs = self.finished_runs()
        self.assertEqual({run["state"] for run in runs}, {"success"}, runs)
        self.assertEqual(sorted(run["run_type"] for run in runs), ["manual", "scheduled"])
        pods = self.pods_started_on("node1")
        for task in TASKS:
            self.assertTrue(any(one.startswith(task.replace("_", "-")) for one in pods), pods)
        # The volume is a folder of this machine.
        metrics = json.loads((self.system / "data/production/metrics.json").read_text())
        self.assertGreater(metrics["accuracy"], 0.8)

        self.assertIn("stopped", self.type("stop"))
        self.assertEqual(processes_of(self.home), [])
        self.assertEqual(self.status(), {"state": "stopped"})

        self.type("delete", "--clean")
        left = [one for one in self.objects() if not one.startswith("PersistentVolume")]
        # What the record and the lease are kept in is not of the set.
        self.assertEqual(left, [])
        self.assertEqual(list((self.home / "dags").rglob("*.py")), [])
        # Data go when they are named.
        self.assertTrue((self.system / "data/production/model.joblib").exists())


if __name__ == "__main__":
    main()
