#!/usr/bin/env python3
"""Makes a container image of a few files without any engine: one layer, in the form of `docker save`.

image-archive.py NAME ARCHIVE [--entrypoint COMMAND] [--user ID] FILE:PATH...
"""

import argparse
import hashlib
import io
import json
import pathlib
import platform
import tarfile

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# What programs expect of a root file system.
FOLDERS = {"bin": 0o755, "dev": 0o755, "etc": 0o755, "proc": 0o755, "run": 0o755, "sys": 0o755, "tmp": 0o1777, "var": 0o755}
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
}


def add(archive, name, content=None, mode=0o644):
    member = tarfile.TarInfo(name)
    member.mode = mode
    if content is None:
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    else:
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


def layer_of(programs):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, mode in FOLDERS.items():
            add(archive, name, mode=mode)
        for name, text in FILES.items():
            add(archive, name, text.encode())
        for program in programs:
            source, path = program.split(":")
            add(archive, path.lstrip("/"), pathlib.Path(source).read_bytes(), 0o755)
    return buffer.getvalue()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("archive")
    parser.add_argument("--entrypoint")
    parser.add_argument("--user", default="")
    parser.add_argument("programs", nargs="+", metavar="FILE:PATH")
    arguments = parser.parse_args()

    layer = layer_of(arguments.programs)
    digest = hashlib.sha256(layer).hexdigest()
    settings = {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "WorkingDir": "/", "User": arguments.user}
    if arguments.entrypoint:
        settings["Entrypoint"] = arguments.entrypoint.split()
    configuration = json.dumps({
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }).encode()
    named = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = [{"Config": named, "RepoTags": [arguments.name], "Layers": [f"{digest}/layer.tar"]}]
    with tarfile.open(arguments.archive, "w", format=tarfile.GNU_FORMAT) as archive:
        add(archive, named, configuration)
        add(archive, f"{digest}/layer.tar", layer)
        add(archive, "manifest.json", json.dumps(manifest).encode())


if __name__ == "__main__":
    main()
