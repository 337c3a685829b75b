"""What the end-to-end tests share: the program under test, real servers and programs, and folders of their own.

A test file is a program: `tests/e2e/NAME_test.py [Class.test...]`, with the release build in build/liminal. Whatever a test
needs and a machine cannot give is a failure that names it, never a pass.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIMINAL = os.environ.get("LIMINAL_BINARY", str(SOURCE / "build/liminal"))
SERVERS = SOURCE / "tests/servers"
EXAMPLE = SOURCE / "examples/wine-quality"
CORPUS = SOURCE / "tests/corpus"

# Of the caller's environment these do not reach a test: they would change what the programs do.
FOREIGN = ("LIMINAL_", "GITHUB_", "GITLAB_", "RUNNER_", "CI_", "DOCKER_", "KUBECONFIG", "GIT_", "AIRFLOW_")


def environment(**changes):
    """That of an ordinary user's shell, and the development cache of this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN) and name != "CI"}
    if "LIMINAL_DEV_CACHE" in os.environ:
        kept["LIMINAL_DEV_CACHE"] = os.environ["LIMINAL_DEV_CACHE"]
    return {**kept, **{name: str(value) for name, value in changes.items()}}


def run(*command, cwd=None, status=0, timeout=300, env=None, stdin=None):
    """Runs a program to its end; `status` is what it has to exit with (None: anything)."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment() if env is None else env,
        input="" if stdin is None else stdin,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
    )
    if status is not None and done.returncode != status:
        called = " ".join(map(str, command))
        raise AssertionError(f"{called}\nexited with {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done


def programs(name, *arguments):
    """The folder that tests/servers/NAME prints, made when it is not there."""
    return pathlib.Path(run(SERVERS / name, *arguments, timeout=3000).stdout.strip())


def python_base():
    """The root file system of script/python-base, which stands in for python:3.11-slim."""
    return pathlib.Path(run(SOURCE / "script/python-base", timeout=600).stdout.strip())


def processes_of(folder):
    """Those that were started for this folder, by any of their traces; some write over their own environment."""
    trace = str(folder).encode()
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            seen = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            seen += os.readlink(process / "cwd").encode()
        except OSError:
            continue
        if trace in seen and int(process.name) != os.getpid():
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:100])
    return found


def put_mistake_in(folder):
    """The misspelling that Apache Liminal's own examples have, `env` for `env_vars`; returns its line."""
    file = folder / "liminal.yml"
    text = file.read_text()
    line = next(number for number, content in enumerate(text.splitlines(), 1) if content.strip() == "env_vars:")
    file.write_text(text.replace("env_vars:", "env:", 1))
    return line


class EndToEnd(unittest.TestCase):
    """A test with a folder of its own, `self.work`, that is gone when the test ends."""

    maxDiff = None

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="liminal-e2e-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)

    def start(self, server, *options):
        """Starts tests/servers/SERVER, stops it when the test ends, and returns what it says about itself."""
        folder = self.work / f"{server}-{len(list(self.work.iterdir()))}"
        self.addCleanup(run, SERVERS / server, "stop", folder, status=None)
        started = run(SERVERS / server, "start", folder, *options, timeout=3000)
        return dict(line.split("=", 1) for line in started.stdout.splitlines())

    def liminal(self, *arguments, cwd=None, status=0, timeout=300, **env):
        """Runs the program under test, in `self.work` unless `cwd` says otherwise; `env` is added to its environment."""
        return run(LIMINAL, *arguments, cwd=cwd or self.work, status=status, timeout=timeout, env=environment(**env))

    def example(self, name="wine-quality"):
        """A copy of the example without what a run may have left in it."""
        folder = self.work / name
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".liminal", "*.csv", "candidate", "production"))
        return folder

    def repository(self, folder):
        """Makes a folder a git repository with one commit; its remote is a bare repository beside it, which is returned."""
        bare = folder.parent / (folder.name + ".git")
        run("git", "init", "--quiet", "--bare", "--initial-branch=main", bare)
        self.git(folder, "init", "--quiet", "--initial-branch=main")
        self.git(folder, "remote", "add", "origin", bare)
        self.commit(folder, "Start")
        return bare

    def commit(self, folder, message):
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--message", message)

    def git(self, folder, *arguments, status=0, **env):
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
        return run("git", *identity, *arguments, cwd=folder, status=status, env=environment(**env))


def main():
    """Runs the tests of the calling file. A skipped test, or none at all, is a failure."""
    if not os.access(LIMINAL, os.X_OK):
        sys.exit(f"{LIMINAL} is not there: build it first (cmake --build --preset release)")
    result = unittest.main(verbosity=2, exit=False).result
    for test, why in result.skipped:
        print(f"NOT RUN: {test.id()}: {why}", file=sys.stderr)
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 and not result.skipped else 1)
