"""What the end-to-end tests share: the program under test, real servers and programs, and folders of their own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIMINAL = os.environ.get("LIMINAL_BINARY", str(SOURCE / "build/liminal"))
SERVERS = SOURCE / "tests/servers"
EXAMPLE = SOURCE / "examples/wine-quality"
CORPUS = SOURCE / "tests/corpus"


def environment(**changes):
    """That of an ordinary user's shell: no variable of the program or of a CI system leaks into a test."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIMINAL_", "GITHUB_", "CI_", "DOCKER_", "KUBECONFIG", "GIT_")) and name != "CI"
    }
    for name in ("LIMINAL_DEV_CACHE",):
        if name in os.environ:
            kept[name] = os.environ[name]
    return {**kept, **changes}


def run(*command, cwd=None, status=0, timeout=300, env=None, stdin=None):
    """Runs a program to its end; `status` is what it has to exit with (None: anything)."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env or environment(),
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
    )
    if status is not None and done.returncode != status:
        raise AssertionError(
            f"{' '.join(map(str, command))}\nexited with {done.returncode}, not {status}\n{done.stdout}{done.stderr}"
        )
    return done


def programs(name, *arguments):
    """The folder of programs that tests/servers/NAME makes and keeps."""
    return pathlib.Path(run(SERVERS / name, *arguments, timeout=3000).stdout.strip())


class EndToEnd(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="liminal-e2e-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)

    def start(self, server, *options):
        """Starts tests/servers/SERVER, stops it when the test ends, and returns what it said about itself."""
        folder = self.work / f"{server}-{len(list(self.work.iterdir()))}"
        self.addCleanup(run, SERVERS / server, "stop", folder, status=None)
        started = run(SERVERS / server, "start", folder, *options, timeout=3000)
        return dict(line.split("=", 1) for line in started.stdout.splitlines())

    def liminal(self, *arguments, cwd=None, status=0, timeout=300, **env):
        return run(LIMINAL, *arguments, cwd=cwd or self.work, status=status, timeout=timeout, env=environment(**env))

    def example(self, name="wine-quality"):
        """A copy of the example, without what a run may have left in it."""
        folder = self.work / name
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".liminal", "*.csv", "candidate", "production"))
        return folder

    def repository(self, folder):
        """Makes a folder a git repository with one commit, whose remote is a bare repository beside it."""
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


def put_mistake_in(folder):
    """The misspelling that Apache Liminal's own examples have: `env` where only `env_vars` is read."""
    file = folder / "liminal.yml"
    text = file.read_text()
    line = next(number for number, content in enumerate(text.splitlines(), 1) if content.strip() == "env_vars:")
    file.write_text(text.replace("env_vars:", "env:", 1))
    return line
