"""`run --local` by every runtime: the Docker Engine, crun and runc as root, crun and runc as an ordinary user."""

import hashlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support import LIMINAL, SERVERS, environment, main, python_base, run

SECRET = "correct horse battery staple"
NOBODY = 65534  # the ordinary user: it needs no account of its own
LIMITS_NOT_KEPT = "limits of memory and processors are not kept here"

SYSTEM = """\
name: Trial
owner: Tests
volumes:
  - volume: data
    local:
      path: data
secrets:
  - secret: token
    local_path_file: token.txt
images:
  - image: team/trial
    type: python
    source: source
    python_version: "3.11"
executors:
  - executor: small
    type: kubernetes
    resources:
      limits: {memory: 64Mi, cpu: "1"}
task_defaults:
  python:
    image: team/trial
    mounts: [{mount: data, volume: data, path: /mnt/data}]
pipelines:
"""

# Each pipeline tries one thing: a name, keys of its own, and its tasks.
PIPELINES = {
    "whole": (
        "timeout_minutes: 60",
        {
            "write": "cmd: echo $GREETING; python3 main.py > /mnt/data/written; touch /app/mine; sha256sum /mnt/token/credentials\n"
            "        env_vars: {GREETING: hello from the task}\n"
            "        secrets: [{secret: token, remote_path: /mnt/token}]",
            "split": "cmd: test ! -e /app/mine && echo part $LIMINAL_SPLIT_ID of $LIMINAL_NUM_SPLITS\n        executors: 3",
        },
    ),
    "failing": (
        "timeout_minutes: 60",
        {
            "one": "cmd: echo once >> /mnt/data/counted",
            "two": "cmd: echo trying; test -e /mnt/data/mended || exit 3",
            "three": "cmd: echo done > /mnt/data/finished",
        },
    ),
    "retried": (
        "timeout_minutes: 60",
        {"twice": "cmd: test -e /mnt/data/tried || { touch /mnt/data/tried; exit 9; }\n        retries: 1\n        retry_delay: 0"},
    ),
    "hungry": ("timeout_minutes: 60", {"eat": "cmd: python3 -c 'print(len(bytearray(300 << 20)))'\n        executor: small"}),
    "slow": ("timeout_minutes: 60", {"wait": "cmd: echo waiting; sleep {seconds}", "after": "cmd: echo never"}),
    "stubborn": ("timeout_minutes: 60", {"wait": "cmd: trap '' TERM; echo waiting; sleep {seconds}"}),
    "endless": ("timeout_minutes: 1", {"wait": "cmd: trap '' TERM; while :; do sleep 0.1; done", "after": "cmd: echo never"}),
    "unknown": ("timeout_minutes: 60", {"start_it": "cmd: /no/such/program"}),
}


def write_system(folder, seconds):
    text = SYSTEM
    for name, (keys, tasks) in PIPELINES.items():
        text += f"  - pipeline: {name}\n    start_date: 1970-01-01\n    schedule: 0 0 1 * *\n    {keys}\n    tasks:\n"
        for task, rest in tasks.items():
            text += f"      - task: {task}\n        type: python\n        {rest.replace('{seconds}', seconds)}\n"
    folder.mkdir()
    (folder / "liminal.yml").write_text(text)
    (folder / "token.txt").write_text(SECRET)
    (folder / "source").mkdir()
    (folder / "source/main.py").write_text("print('written by main.py')\n")


def running(argument):
    """Ids of the processes that have this argument, in whatever container."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and argument in (entry / "cmdline").read_text().split("\0"):
                found.append(entry.name)
        except (OSError, UnicodeDecodeError):
            pass  # it has ended
    return found


class LocalRun:
    """The tests; each class below runs them by one runtime."""

    said_as = None  # what the run calls its runtime
    options = ()
    prefix = ()
    limits_kept = True

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="liminal-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.system = cls.work / "system"
        # A time that no other process sleeps for.
        cls.seconds = f"{3000 + os.getpid() % 1000}.{time.monotonic_ns() % 1_000_000_007}"
        write_system(cls.system, cls.seconds)
        cls.program = cls.work / "liminal"
        shutil.copy(LIMINAL, cls.program)
        cls.environment = environment(HOME=cls.work)
        cls.base = ("--base", f"python:3.11-slim=rootfs:{python_base()}")
        cls.set_up_runtime()

    @classmethod
    def set_up_runtime(cls):
        pass

    def command(self, *arguments):
        return [*map(str, self.prefix), str(self.program), *map(str, arguments), *map(str, self.options), *self.base]

    def go(self, pipeline, *options, status=0):
        done = run(*self.command("run", pipeline, "--local", *options), cwd=self.system, status=status, env=self.environment)
        return done.stdout + done.stderr

    def start(self, pipeline):
        """A run under way, whose task has begun to wait."""
        process = subprocess.Popen(
            self.command("run", pipeline, "--local"),
            cwd=self.system,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 60
        while not running(self.seconds):
            self.assertLess(time.monotonic(), deadline, "the task did not begin")
            self.assertIsNone(process.poll(), "the run ended before its time")
            time.sleep(0.05)
        return process

    def last_run(self):
        folder = max((self.system / ".liminal/runs").iterdir())
        return folder, json.loads((folder / "run.json").read_text())

    def states(self):
        return {name: task["state"] for name, task in self.last_run()[1]["tasks"].items() if name not in ("start", "end")}

    def assert_nothing_left(self):
        deadline = time.monotonic() + 10
        while running(self.seconds) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(running(self.seconds), [])
        for folder in (self.system / ".liminal/runs").iterdir():
            self.assertEqual([one.name for one in folder.iterdir() if one.suffix not in (".log", ".json")], [], folder)
        self.assertNotIn(str(self.system), pathlib.Path("/proc/self/mounts").read_text())
        self.assertEqual(list(pathlib.Path("/sys/fs/cgroup").glob(f"**/liminal-{self.last_run()[0].name}*")), [])

    def test_mounts_environment_secrets_and_copies(self):
        said = self.go("whole")
        self.assertIn(self.said_as, said)
        self.assertIn("write | hello from the task", said)
        self.assertIn(hashlib.sha256(SECRET.encode()).hexdigest(), said)
        for part in range(3):
            self.assertIn(f"split | part {part} of 3", said)
        self.assertEqual((self.system / "data/written").read_text(), "written by main.py\n")
        folder, record = self.last_run()
        self.assertEqual(record["state"], "succeeded")
        self.assertIn("hello from the task", (folder / "write.log").read_text())
        kept = "".join(file.read_text() for file in folder.iterdir() if file.is_file())
        self.assertNotIn(SECRET, said + kept)
        self.assert_nothing_left()

    def test_a_failure_stops_what_follows_and_the_printed_command_resumes(self):
        for name in ("counted", "mended", "finished"):
            (self.system / "data" / name).unlink(missing_ok=True)
        said = self.go("failing", status=4)
        self.assertIn("exit status 3", said)
        self.assertEqual(self.states(), {"one": "succeeded", "two": "failed", "three": "not run"})
        command = said.split("go on from there: ", 1)[1].splitlines()[0]
        words = shlex.split(command)
        self.assertEqual(words[0], "liminal")
        (self.system / "data/mended").touch()
        run(*self.prefix, self.program, *words[1:], cwd=self.system, env=self.environment)
        self.assertEqual(self.states(), {"one": "kept", "two": "succeeded", "three": "succeeded"})
        self.assertEqual((self.system / "data/counted").read_text(), "once\n")
        self.assert_nothing_left()

    def test_a_task_is_tried_again(self):
        (self.system / "data/tried").unlink(missing_ok=True)
        self.go("retried")
        self.assertEqual(self.last_run()[1]["tasks"]["twice"]["attempts"], 2)

    def test_a_program_that_is_not_there_is_a_failed_task(self):
        said = self.go("unknown", status=4)
        self.assertIn("not found", said)
        self.assertEqual(self.states(), {"start_it": "failed"})

    def test_a_limit_of_memory_is_kept_and_told_or_said_not_to_be(self):
        if not self.limits_kept:
            self.assertIn(LIMITS_NOT_KEPT, self.go("hungry"))
            return
        said = self.go("hungry", status=4)
        self.assertIn("killed: out of memory, limit 64Mi", said)
        self.assertNotIn(LIMITS_NOT_KEPT, said)
        self.assert_nothing_left()

    def test_a_signal_stops_and_removes_containers(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            process = self.start("slow")
            process.send_signal(number)
            said, _ = process.communicate(timeout=60)
            self.assertEqual(process.returncode, status, said)
            self.assertIn("wait | waiting", said)
            self.assertEqual(self.last_run()[1]["state"], "interrupted")
            self.assert_nothing_left()

    def test_a_run_that_goes_on_is_not_resumed(self):
        process = self.start("slow")
        name = self.last_run()[0].name
        for named in ("latest", name):
            said = self.go("slow", "--resume", named, status=2)
            self.assertIn(f"the run `{name}` still goes on", said)
            self.assertEqual(self.last_run()[0].name, name)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assert_nothing_left()

    def test_a_second_signal_kills_at_once_and_still_tidies_up(self):
        process = self.start("stubborn")
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        self.assertLess(time.monotonic() - begin, 4, said)
        self.assertIn("wait: interrupted", said)
        self.assertEqual(self.states(), {"wait": "interrupted"})
        self.assert_nothing_left()

    def test_names_are_checked_before_anything_is_built(self):
        for options, expected in (
            (("--task", "tow"), "did you mean `two`? its tasks: "),
            (("--resume", "../../x"), "is no run id"),
            (("--resume", "20200101-000000-1"), "there is no run"),
            (("--param", "x"), "write --param x=VALUE"),
        ):
            said = self.go("failing", "--no-cache", *options, status=2)
            self.assertIn(expected, said)
            self.assertNotIn("image team/trial", said)

    def test_a_secret_of_the_conf_is_kept_in_the_record_alone(self):
        (self.system / "data/mended").unlink(missing_ok=True)
        said = self.go("failing", "--param", "pw=open sesame", "--param=user=ann", status=4)
        self.assertNotIn("sesame", said)
        folder, record = self.last_run()
        self.assertEqual(record["params"], {"pw": "open sesame", "user": "ann"})
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        self.assertEqual({file.stat().st_mode & 0o777 for file in folder.iterdir()}, {0o600})
        (self.system / "data/mended").touch()
        command = said.split("go on from there: ", 1)[1].splitlines()[0]
        run(*self.prefix, self.program, *shlex.split(command)[1:], cwd=self.system, env=self.environment)
        self.assertEqual(self.last_run()[1]["params"], record["params"])

    def test_the_next_run_removes_what_a_killed_one_left(self):
        process = self.start("slow")
        process.kill()
        process.communicate(timeout=60)
        self.assertNotEqual(running(self.seconds), [])
        killed = self.last_run()[0]
        said = self.go("retried")
        self.assertIn(f"removed what the run {killed.name} left behind", said)
        self.assertEqual(json.loads((killed / "run.json").read_text())["state"], "interrupted")
        self.assert_nothing_left()


class TimeLimit:
    """A minute each: for one runtime of a kind."""

    def test_the_time_limit_ends_even_what_ignores_being_asked(self):
        begin = time.monotonic()
        said = self.go("endless", status=4)
        self.assertLess(time.monotonic() - begin, 90)
        self.assertIn("time limit of 1 min", said)
        self.assertEqual(self.states(), {"wait": "timed out", "after": "not run"})
        self.assert_nothing_left()


class ByDocker(LocalRun, TimeLimit, unittest.TestCase):
    said_as = "Docker Engine"
    options = ("--builder", "docker", "--docker-network", "none")

    @classmethod
    def set_up_runtime(cls):
        folder = cls.work / "engine"
        cls.addClassCleanup(run, SERVERS / "docker-engine", "stop", folder, status=None)
        started = run(SERVERS / "docker-engine", "start", folder, timeout=3000)
        server = dict(line.split("=", 1) for line in started.stdout.splitlines())
        cls.environment["DOCKER_HOST"] = server["DOCKER_HOST"]
        cls.docker = (server["DOCKER_CLIENT"], "--host", server["DOCKER_HOST"])

    def assert_nothing_left(self):
        super().assert_nothing_left()
        self.assertEqual(run(*self.docker, "ps", "--all", "--quiet").stdout, "")

    def test_an_image_of_the_layout_is_loaded_into_the_engine(self):
        options = ("--local", "--builder", "oci", "--runtime", "docker", *self.base)
        said = run(self.program, "run", "whole", *options, cwd=self.system, env=self.environment)
        self.assertIn("Docker Engine", said.stdout + said.stderr)

    def test_a_secret_is_a_mount_and_nothing_that_the_engine_shows(self):
        process = self.start("slow")
        container = run(*self.docker, "ps", "--quiet").stdout.split()
        shown = run(*self.docker, "inspect", *container).stdout
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertNotIn(SECRET, shown)
        self.assertIn("liminal.run", shown)


class ByRunc(LocalRun, TimeLimit, unittest.TestCase):
    said_as = "runc 1."
    options = ("--builder", "oci", "--runtime", "runc")

    def test_a_signal_while_the_image_is_unpacked_ends_it_soon_and_leaves_no_run(self):
        self.go("retried")
        runs = self.system / ".liminal/runs"
        before = sorted(runs.iterdir())
        shutil.rmtree(self.system / ".liminal/bundles")
        command = self.command("run", "retried", "--local")
        pipe = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=self.system, env=self.environment, **pipe) as process:
            for line in process.stderr:
                if line.startswith("image team/trial") and line.rstrip().endswith(": unpacks"):
                    break
            begin = time.monotonic()
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
        self.assertEqual(process.returncode, 130, said)
        self.assertLess(time.monotonic() - begin, 5, said)
        self.assertIn("interrupted", said)
        self.assertEqual(sorted(runs.iterdir()), before)
        self.assertEqual([one.name for one in (self.system / ".liminal/bundles").iterdir() if one.is_dir()], [])


class ByCrun(LocalRun, unittest.TestCase):
    said_as = "crun 1."
    options = ("--builder", "oci", "--runtime", "crun")
    # crun refuses machines that have both versions of control groups; there it runs without.
    limits_kept = not pathlib.Path("/sys/fs/cgroup/unified").exists()


class AsOrdinaryUser(LocalRun):
    limits_kept = False
    prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")

    @classmethod
    def set_up_runtime(cls):
        root = cls.work / "base"
        run("cp", "-a", python_base(), root)
        cls.base = ("--base", f"python:3.11-slim=rootfs:{root}")
        cls.work.chmod(0o755)
        run("chown", "-hR", f"{NOBODY}:{NOBODY}", cls.work)

    def test_what_a_task_writes_is_the_users_own(self):
        self.go("whole")
        self.assertEqual((self.system / "data/written").stat().st_uid, NOBODY)


class ByRuncAsUser(AsOrdinaryUser, unittest.TestCase):
    said_as = "as an ordinary user"
    options = ("--builder", "oci", "--runtime", "runc")


class ByCrunAsUser(AsOrdinaryUser, unittest.TestCase):
    said_as = "as an ordinary user"
    options = ("--builder", "oci", "--runtime", "crun")


class Choice(unittest.TestCase):
    def test_without_any_runtime_each_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            system = pathlib.Path(folder) / "system"
            write_system(system, "1")
            env = environment(HOME=folder, PATH=folder, DOCKER_HOST=f"unix://{folder}/none.sock")
            base = f"python:3.11-slim=rootfs:{python_base()}"
            said = run(LIMINAL, "run", "retried", "--local", "--builder", "oci", "--base", base, cwd=system, env=env, status=3)
            for name in ("crun: not installed", "runc: not installed", "Docker: "):
                self.assertIn(name, said.stderr)

    def test_where_the_file_system_takes_no_overlay_the_image_is_copied(self):
        # An overlay of the kernel's cannot keep its changes on another one.
        with tempfile.TemporaryDirectory() as folder:
            below = pathlib.Path(folder)
            write_system(below / "lower", "1")
            for name in ("upper", "work", "merged"):
                (below / name).mkdir()
            mount = "mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work merged && cd merged && exec \"$@\""
            base = f"python:3.11-slim=rootfs:{python_base()}"
            command = (LIMINAL, "run", "retried", "--local", "--builder", "oci", "--base", base)
            said = run("unshare", "--mount", "sh", "-c", mount, "sh", *command, cwd=folder, env=environment(HOME=folder))
            self.assertIn("copying the image for each container", said.stdout)
            (run_folder,) = (below / "upper/.liminal/runs").iterdir()
            self.assertEqual(sorted(file.name for file in run_folder.iterdir()), ["run.json", "twice.log"])


if __name__ == "__main__":
    main()
