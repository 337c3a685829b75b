#!/usr/bin/env python3
"""A local Airflow as the article types it: started, used by the client, looked at and stopped, with nothing left behind."""

import json
import os
import pathlib
import signal
import subprocess
import time

from support import LIMINAL, EndToEnd, environment, main, processes_of, programs, run

CLIENT = os.environ.get("LIMINAL_AIRFLOW_CLIENT", str(pathlib.Path(LIMINAL).parent / "tests/e2e/airflow_client_e2e"))


class LocalAirflow(EndToEnd):
    def setUp(self):
        super().setUp()
        self.home = self.work / "liminal home"
        self.settings = {"LIMINAL_HOME": str(self.home)}
        self.addCleanup(self.here, "stop", status=None)

    def here(self, *arguments, status=0):
        return self.liminal(*arguments, status=status, timeout=900, **self.settings)

    def status(self):
        return json.loads(self.here("status", "--format", "json").stdout)["local_airflow"]

    def use(self):
        """The client's own tests against the Airflow that runs."""
        run(CLIENT, timeout=900, env=environment(**self.settings))

    def password(self):
        file = self.home / "airflow/password"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        return file.read_text().strip()

    def expect_no_password_in(self, *texts):
        for text in (*texts, *[file.read_text(errors="replace") for file in (self.home / "airflow").glob("log*")]):
            self.assertNotIn(self.password(), text)

    def expect_nothing_left(self):
        self.assertEqual(processes_of(self.home), [])
        self.assertEqual(self.status(), {"state": "stopped"})

    def kill_a_start_half_way(self):
        start = subprocess.Popen([LIMINAL, "start", "-d"], env=environment(**self.settings), stdout=subprocess.DEVNULL)
        state = self.home / "airflow/state.json"
        while not state.exists() or json.loads(state.read_text())["leader"]["id"] == 0:
            self.assertIsNone(start.poll(), "it ended before it could be killed")
            time.sleep(0.02)
        time.sleep(1)
        start.kill()
        start.wait()
        self.assertEqual(self.status()["state"], "starting")
        return json.loads(state.read_text())["leader"]["id"]

    def test_as_the_article_types_it(self):
        """Airflow 3, installed."""
        self.settings["PATH"] = f"{programs('airflow-environment', '3') / 'bin'}:{os.environ['PATH']}"
        self.settings["DOCKER_HOST"] = "unix:///nonexistent/docker.sock"
        self.assertIn("no Airflow", self.here("stop").stdout)
        half = self.kill_a_start_half_way()

        started = self.here("start", "-d")
        self.assertIn("Airflow 3.", started.stdout)
        self.assertFalse(pathlib.Path(f"/proc/{half}").exists(), "what was started half-way still runs")
        now = self.status()
        self.assertEqual((now["state"], now["by"]), ("running", "installed"))
        self.assertIn(now["url"], started.stdout)
        self.assertTrue(now["url"].startswith("http://127.0.0.1:"))
        self.assertIn("200 OK", run("curl", "-si", now["url"] + "/").stdout)
        again = self.here("start", "-d")
        self.assertIn("runs already", again.stdout)
        self.assertIn(now["url"], again.stdout)

        self.liminal("deploy", cwd=self.example(), **self.settings)
        self.assertTrue(list((self.home / "dags").glob("*/*.py")))
        self.use()
        log = self.here("logs", "--tail=10")
        self.assertEqual(len(log.stdout.splitlines()), 10)
        self.expect_no_password_in(started.stdout, again.stdout, log.stdout)

        self.assertIn("stopped", self.here("stop").stdout)
        self.expect_nothing_left()
        self.assertIn("no Airflow", self.here("stop").stdout)
        self.assertIn("no Airflow", self.here("logs", "--tail", "1").stderr)

    def test_in_the_foreground(self):
        """Airflow 2, in a virtual environment that is made for it."""
        self.settings["PATH"] = f"{programs('python-programs')}:{os.environ['PATH']}"
        command = [LIMINAL, "start", "--airflow-by", "venv", "--airflow-version", "2"]
        output = self.work / "output"
        with open(output, "w") as file:
            start = subprocess.Popen(command, env=environment(**self.settings), stdout=file, stderr=subprocess.STDOUT)
        self.addCleanup(start.kill)
        end = time.monotonic() + 600
        while "Ctrl-C ends it" not in output.read_text():
            self.assertIsNone(start.poll(), output.read_text())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.5)
        self.assertIn("Airflow 2.", output.read_text())
        self.assertEqual(self.status()["by"], "venv")
        self.use()
        start.send_signal(signal.SIGINT)
        self.assertEqual(start.wait(60), 130)
        self.expect_nothing_left()
        self.expect_no_password_in(output.read_text())

    def test_says_how_to_get_one(self):
        self.settings.update(PATH="/usr/bin:/bin", DOCKER_HOST="unix:///nonexistent/docker.sock")
        refused = self.here("start", "-d", status=3)
        self.assertIn("--airflow-by venv", refused.stderr)
        self.assertEqual(self.status(), {"state": "stopped"})


if __name__ == "__main__":
    main()
