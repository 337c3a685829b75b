#!/usr/bin/env python3
"""script/demo ends with a trained and validated model; run again, it compares with that model and takes seconds."""

import json
import re

from support import SOURCE, EndToEnd, main, run


class Demo(EndToEnd):
    def setUp(self):
        super().setUp()
        # What is committed, and nothing that lies about beside it.
        self.clone = self.work / "clone"
        run("git", "clone", "--quiet", "--no-hardlinks", SOURCE, self.clone)
        self.demo = self.clone / "build/demo"

    def run_demo(self):
        done = run(self.clone / "script/demo", timeout=1500)
        return done.stdout + done.stderr

    def test_from_yaml_to_a_validated_model_twice(self):
        said = self.run_demo()
        data = self.demo / "wine-quality/data"
        model = data / "production/model.joblib"
        self.assertGreater(model.stat().st_size, 10_000)
        self.assertGreater(json.loads((data / "production/metrics.json").read_text())["accuracy"], 0.8)
        self.assertIn("no model in production yet: the candidate is the production model now", said)
        self.assertIn("did you mean `env_vars`?", said)

        for name in ("validate.junit.xml", "validate.sarif", "validate.json", "run.junit.xml", "run.sarif", "run.json"):
            self.assertGreater((self.demo / "reports" / name).stat().st_size, 100, name)
        self.assertEqual([one.name for one in (self.demo / "for-airflow").rglob("*.py")], ["wine_quality.py"])
        self.assertEqual(len(list((self.demo / "for-argo").rglob("workflowtemplate-*.yaml"))), 1)
        # Every place that it names is there.
        for place in re.findall(r"\bbuild/demo/[\w./-]*\w", said):
            self.assertTrue((self.clone / place).exists(), place)

        # What takes long is not done again.
        again = self.run_demo()
        self.assertRegex(again, r"candidate: accuracy [\d.]+; production: accuracy [\d.]+")
        self.assertIn("no work to do", again)
        self.assertIn("unchanged", again)
        self.assertTrue(model.exists())


if __name__ == "__main__":
    main()
