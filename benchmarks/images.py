"""`liminal build` by its oci builder against Docker's two builders and tools that pack layers."""
import contextlib
import itertools
import os
import random
import shutil
import string
import sys
import tempfile

import peers
from measure import Side, compare, must, root

BASE = "python:3.11-slim"
IMAGE = "bench"
SYSTEM = f"""\
name: bench
images:
  - image: {IMAGE}
    type: python
    python_version: "3.11"
    source: source
"""
# What our own builder for Docker would have the engine do with such an image.
DOCKERFILE = f"""\
FROM {BASE}
WORKDIR /app
COPY . /app/
"""
FILES = 8700


def write_source(folder, megabytes):
    """Files like those of Python packages: most are small, a few large; compressed they are about a third."""
    chance = random.Random(1)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 11))) for _ in range(3000)]
    lines = ["    " * chance.randint(0, 3) + " ".join(chance.choices(words, k=chance.randint(1, 11))) + "\n"
             for _ in range(20_000)]
    average = megabytes * 1e6 / FILES / (sum(map(len, lines)) / len(lines))
    for i in range(FILES):
        path = os.path.join(folder, f"package{i // 400}", f"part{i // 13}", f"module{i}.py")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.writelines(chance.choices(lines, k=int(chance.expovariate(1 / average)) + 1))


def folder_size(folder):
    return sum(os.path.getsize(os.path.join(parent, name)) for parent, _, names in os.walk(folder) for name in names)


class Project:
    """One source folder for all sides, and whatever they make of it, in one temporary folder."""

    def __init__(self, folder, options):
        self.folder = folder
        self.binary = options.binary
        self.source = os.path.join(folder, "project", "source")
        self.root = must([os.path.join(root, "script", "python-base")]).strip()
        self.changes = itertools.count()
        self.write("project/liminal.yml", SYSTEM)
        self.write("Dockerfile", DOCKERFILE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def fill(self, megabytes):
        write_source(self.source, megabytes)
        return f"{FILES} files of {folder_size(self.source) / 1e6:.0f} MB together"

    def change(self):
        """Changes one source file, and leaves no write of an earlier side for the next to wait for."""
        self.write("project/source/package8/part250/module3250.py", f"VERSION = {next(self.changes)}\n")
        os.sync()

    def liminal(self):
        """Our side, on an image layout as its base: the counterpart of an image that an engine has."""
        base = self.path("base")
        environment = {"XDG_CACHE_HOME": self.path("cache")}
        build = [self.binary, "build", "--builder", "oci", "--base"]
        os.makedirs(self.path("empty/source"))
        shutil.copy(self.path("project/liminal.yml"), self.path("empty/liminal.yml"))
        must([*build, f"{BASE}=rootfs:{self.root}", "--output", base], cwd=self.path("empty"),
             env={**os.environ, **environment})
        return Side("liminal build", [*build, f"{BASE}=oci:{base}"], self.path("project"), environment=environment)

    @contextlib.contextmanager
    def docker(self):
        """Both builders of a Docker Engine that has the base; none when there is no such engine."""
        with peers.docker_engine(self.path("engine")) as engine:
            if engine is None:
                yield []
                return
            client = engine["DOCKER_CLIENT"]
            environment = {"DOCKER_HOST": engine["DOCKER_HOST"], "DOCKER_CONFIG": self.path("client")}
            must(["sh", "-c", f"tar -C {self.root} --numeric-owner --owner=0 --group=0 -c . | {client} import - {BASE}"],
                 env={**os.environ, **environment})
            version = must([client, "--version"]).split()[2].split("+")[0]
            yield [Side(f"docker {version}, {builder}",
                        [client, "build", "--network", "none", "--file", self.path("Dockerfile"), "--tag",
                         f"{IMAGE}:{builder.lower()}", "."],
                        self.source, environment={**environment, "DOCKER_BUILDKIT": buildkit})
                   for builder, buildkit in (("BuildKit", "1"), ("classic", "0"))]

    def made(self, sides):
        """What the image of each side is by now: our layout's index, the engine's image identifiers."""
        with open(self.path("project/.liminal/images/index.json")) as index:
            found = [index.read()]
        for side in sides:
            if "--tag" in side.command:
                tag = side.command[side.command.index("--tag") + 1]
                found.append(must([side.command[0], "images", "--quiet", "--no-trunc", tag],
                                  env={**os.environ, **side.environment}))
        return found

    def packers(self):
        """Tools that make a compressed layer of a folder, and no more; all of them gzip, at level 1 like ours."""
        tar = f"tar -C {self.source} --numeric-owner --owner=0 --group=0 -c ."
        found = [Side("tar | gzip -1", ["sh", "-c", f"{tar} | gzip -1 >layer.tar.gz"], self.folder)]
        if program := peers.crane():
            found.append(Side(f"tar, crane {peers.CRANE} append",
                              ["sh", "-c", f"{tar} >layer.tar && {program} append --new_layer layer.tar"
                                           f" --new_tag {IMAGE} --output image.tar"], self.folder))
        return found


@contextlib.contextmanager
def project(options):
    with tempfile.TemporaryDirectory(prefix="liminal-bench-") as folder:
        yield Project(folder, options)


def no_op_build(options):
    with project(options) as work, work.docker() as docker:
        size = work.fill(217)
        sides = [work.liminal(), *docker]
        for side in sides:
            side.run_uncounted()  # makes the image
        before = work.made(sides)
        compare(f"a build that finds its image there, {size}", sides, options, memory=True)
        if work.made(sides) != before:
            sys.exit("benchmarks/run: a build that had nothing to do made an image")


def pack(options):
    with project(options) as work, work.docker() as docker:
        size = work.fill(43)
        sides = [work.liminal(), *docker, *work.packers()]
        for side in sides:
            side.prepare = work.change
            side.run_uncounted()  # so that each has an earlier image, and what else it keeps
        before = work.made(sides)
        compare(f"the source layer after a change of one file, {size}", sides, options, memory=True)
        if any(one == other for one, other in zip(work.made(sides), before)):
            sys.exit("benchmarks/run: a build did not see that a file had changed")


COMPARISONS = {"no-op-build": no_op_build, "pack": pack}
