"""The builder inside the program: equal digests, layers that stay, killed and simultaneous builds, what other tools read."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tarfile
import threading
import time
import zipfile

import support

PIPELINE = """\
name: greeting
images:
  - image: greeter
    type: python
    python_version: "3.11"
    source: source
  - image: greeting-server
    type: python_server
    python_version: "3.11"
    source: source
    endpoints:
      - endpoint: /greet
        module: server
        function: greet
pipelines:
  - pipeline: greet
    start_date: 2026-01-01
    timeout_minutes: 5
    tasks:
      - task: greet
        type: python
        image: greeter
        cmd: python -u greet.py
"""


def wheel(folder, name, version, files, requires=()):
    """A wheel of pure Python."""
    info = f"{name}-{version}.dist-info"
    files = dict(files)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files[f"{info}/METADATA"] = metadata + "".join(f"Requires-Dist: {other}\n" for other in requires)
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = ""
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content.encode())}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)


class OciBuilder(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.base = support.python_base()

    def project(self, name="project"):
        """Two images of one source folder with requirements of its own; no network is needed."""
        folder = self.work / name
        source = folder / "source"
        wheel(source / "wheels", "politeness", "1.0", {"politeness/__init__.py": "def polite(who):\n    return 'Dear ' + who\n"})
        wheel(source / "wheels", "salutation", "2.1",
              {"salutation.py": "from politeness import polite\n\ndef main():\n    print(polite('World'))\n",
               "salutation-2.1.dist-info/entry_points.txt": "[console_scripts]\nsalute = salutation:main\n"},
              ["politeness>=1; python_version >= '3.9'", "absent; python_version < '3.9'"])
        (folder / "liminal.yml").write_text(PIPELINE)
        (source / "requirements.txt").write_text("--no-index\n--find-links wheels\nsalutation==2.1\n")
        (source / "greet.py").write_text("import salutation\nsalutation.main()\n")
        (source / "server.py").write_text("def greet(body):\n    return 'Dear ' + body.decode()\n")
        (source / "run.sh").write_text("#!/bin/sh\necho run\n")
        (source / "run.sh").chmod(0o755)
        (source / ".dockerignore").write_text("wheels\n")
        return folder

    def build(self, folder, *options, status=0, cache="cache", **more):
        return self.liminal(*options, "build", "--builder", "oci", "--base", f"python:3.11-slim=rootfs:{self.base}",
                            cwd=folder, status=status, XDG_CACHE_HOME=self.work / cache, **more)

    def images(self, folder):
        """Manifest digests by image name, without tags."""
        index = json.loads((folder / ".liminal/images/index.json").read_text())
        names = "org.opencontainers.image.ref.name"
        return {entry["annotations"][names].partition(":")[0]: entry["digest"] for entry in index["manifests"]}

    def reference(self, folder, image):
        index = json.loads((folder / ".liminal/images/index.json").read_text())
        names = [entry["annotations"]["org.opencontainers.image.ref.name"] for entry in index["manifests"]]
        return next(name for name in names if name.startswith(image + ":"))

    def blob(self, folder, digest):
        return folder / ".liminal/images/blobs/sha256" / digest.partition(":")[2]

    def layers(self, folder, image):
        manifest = json.loads(self.blob(folder, self.images(folder)[image]).read_text())
        return [layer["digest"] for layer in manifest["layers"]]

    def check_blobs(self, folder):
        """Every blob of the layout has the content that its name says, and no manifest names one that is not there."""
        for blob in (folder / ".liminal/images/blobs/sha256").iterdir():
            if not blob.name.startswith("."):
                self.assertEqual(hashlib.sha256(blob.read_bytes()).hexdigest(), blob.name)
        for digest in self.images(folder).values():
            manifest = json.loads(self.blob(folder, digest).read_text())
            for part in [manifest["config"], *manifest["layers"]]:
                self.assertEqual(self.blob(folder, part["digest"]).stat().st_size, part["size"])

    def test_the_same_source_is_the_same_image_wherever_and_however_it_is_built(self):
        first = self.project("first")
        self.build(first, "--jobs", "1", cache="cache-one")
        second = self.work / "elsewhere/and deeper"
        shutil.copytree(first, second, ignore=shutil.ignore_patterns(".liminal"))
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        for path in second.rglob("*"):
            os.utime(path, (1_000_000_000, 1_000_000_000))
            path.chmod(0o700 if path.is_dir() or path.stat().st_mode & 0o111 else 0o600)
        self.build(second, "--jobs", "8", cache="cache-two", TZ="Asia/Tokyo", LC_ALL="C")
        self.assertEqual(self.images(first), self.images(second))
        self.check_blobs(second)

    def test_skopeo_and_umoci_read_the_layout_and_the_image_runs(self):
        folder = self.project()
        self.build(folder)
        layout = folder / ".liminal/images"
        name = self.reference(folder, "greeter")
        seen = json.loads(support.run("skopeo", "inspect", f"oci:{layout}:{name}").stdout)
        self.assertEqual(seen["Digest"], self.images(folder)["greeter"])
        self.assertEqual((seen["Os"], seen["Created"]), ("linux", "1980-01-02T00:00:00Z"))
        copied = self.work / "copied"
        support.run("skopeo", "copy", f"oci:{layout}:{name}", f"dir:{copied}")
        bundle = self.work / "bundle"
        support.run("umoci", "unpack", "--image", f"{layout}:{name}", bundle)
        root = bundle / "rootfs"
        self.assertEqual(support.run("chroot", root, "/bin/sh", "-c", "cd /app && python3 greet.py && ./run.sh && salute").stdout,
                         "Dear World\nrun\nDear World\n")
        installed = "import importlib.metadata as m; print(m.version('politeness'), len(m.files('salutation')))"
        self.assertEqual(support.run("chroot", root, "python3", "-c", installed).stdout, "1.0 7\n")
        self.assertFalse((root / "app/wheels").exists())
        self.assertEqual(json.loads((bundle / "config.json").read_text())["process"]["cwd"], "/app")

    def test_a_server_image_answers(self):
        folder = self.project()
        self.build(folder)
        bundle = self.work / "bundle"
        support.run("umoci", "unpack", "--image", f"{folder}/.liminal/images:{self.reference(folder, 'greeting-server')}", bundle)
        command = json.loads((bundle / "config.json").read_text())["process"]["args"]
        script = "cd /app && exec " + " ".join(command) + " --address 127.0.0.1 --port 0"
        server = subprocess.Popen(["chroot", bundle / "rootfs", "/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = next(int(found[1]) for line in server.stdout if (found := re.search(r"listening on .* port (\d+)", line)))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/greet", body="Reader")
        self.assertEqual(connection.getresponse().read(), b"Dear Reader")
        connection.request("GET", "/nowhere")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (404, b"Page not found."))
        connection.close()
        stopped = time.monotonic()
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(timeout=5), 0)
        self.assertLess(time.monotonic() - stopped, 2)
        server.stdout.close()

    def test_a_changed_source_file_makes_the_source_layer_alone(self):
        folder = self.project()
        self.build(folder)
        before = self.layers(folder, "greeter")
        (folder / "source/greet.py").write_text("print('changed')\n")
        again = self.build(folder)
        self.assertIn("greet.py", again.stderr)
        after = self.layers(folder, "greeter")
        self.assertEqual(before[:-1], after[:-1])
        self.assertNotEqual(before[-1], after[-1])
        with tarfile.open(self.blob(folder, after[-1])) as layer:
            self.assertEqual(layer.getnames(), ["app", "app/.dockerignore", "app/greet.py", "app/requirements.txt", "app/run.sh", "app/server.py"])
            self.assertEqual({(entry.uid, entry.gid, entry.uname, entry.mtime) for entry in layer}, {(0, 0, "", 315619200)})

    def test_a_change_of_the_source_says_nothing_of_requirements(self):
        folder = self.project("said")
        first = self.build(folder, cache="said-cache").stderr
        # The two images share requirements and source: the one that comes first packs a layer for both.
        self.assertRegex(first, r"image (greeter|greeting-server): requirements\n")
        (folder / "source/greet.py").write_text("import salutation\nsalutation.main()\n# better\n")
        second = self.build(folder, cache="said-cache").stderr
        self.assertIn("image greeter: source changed: greet.py", second)
        self.assertRegex(second, r"image (greeter|greeting-server): source\n")
        self.assertNotIn("requirements", second)

    def test_a_damaged_layer_is_made_again(self):
        folder = self.project("damaged")
        self.build(folder, cache="damaged-cache")
        for layer in self.layers(folder, "greeter"):
            os.truncate(self.blob(folder, layer), 100)
        said = self.build(folder, cache="damaged-cache").stderr
        self.assertIn("image greeter: the image is damaged", said)
        self.check_blobs(folder)

    def test_a_damaged_base_is_made_again_where_all_is_built_anew(self):
        folder = self.project("damaged-base")
        self.build(folder, cache="damaged-base-cache")
        base = self.blob(folder, self.layers(folder, "greeter")[0])
        with open(base, "r+b") as blob:  # the cache has the same file
            blob.seek(1000)
            blob.write(b"XXXXXXXX")
        self.liminal("build", "--builder", "oci", "--no-cache", "--base", f"python:3.11-slim=rootfs:{self.base}", cwd=folder,
                     XDG_CACHE_HOME=self.work / "damaged-base-cache")
        self.check_blobs(folder)

    def test_changed_requirements_leave_the_base_alone(self):
        folder = self.project()
        self.build(folder)
        before = self.layers(folder, "greeter")
        (folder / "source/requirements.txt").write_text("--no-index\n--find-links wheels\npoliteness\n")
        self.build(folder)
        after = self.layers(folder, "greeter")
        self.assertEqual(before[0], after[0])
        self.assertNotEqual(before[1], after[1])

    def test_a_second_build_does_nothing(self):
        folder = self.project()
        self.build(folder)
        layout = folder / ".liminal/images"
        before = {path: path.stat().st_mtime_ns for path in layout.rglob("*") if path.is_file() and path.name != ".lock"}
        again = self.build(folder)
        self.assertIn("0 built, 2 there already", again.stderr)
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in before})

    def test_a_killed_build_is_finished_by_the_next(self):
        reference = self.project("reference")
        self.build(reference, cache="cache-of-reference")
        folder = self.project()
        command = [support.LIMINAL, "build", "--builder", "oci", "--base", f"python:3.11-slim=rootfs:{self.base}"]
        killed = 0
        for step in range(12):
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=support.environment(XDG_CACHE_HOME=self.work / "cache"), start_new_session=True)
            time.sleep(0.15 * step)
            killed += process.poll() is None
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
            process.wait()
        self.assertGreater(killed, 2)
        self.build(folder)
        self.assertEqual(self.images(folder), self.images(reference))
        self.check_blobs(folder)
        leftovers = [path for path in (self.work / "cache/liminal/wheels/downloads").iterdir()]
        self.assertEqual(leftovers, [])

    def test_several_builds_at_once_make_one_image(self):
        folder = self.project()
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.build(folder, status=None))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([result.returncode for result in results], [0, 0, 0], results)
        self.assertEqual(len(self.images(folder)), 2)
        self.check_blobs(folder)

    def test_a_password_for_an_index_is_in_no_layer_and_no_line(self):
        folder = self.project()
        pip_conf = folder / "pip.conf"
        pip_conf.write_text("[global]\nextra-index-url = https://joe:hunter2@127.0.0.1:1/simple\n")
        pipeline = PIPELINE.replace("    source: source\n", "    source: source\n    pip_conf: pip.conf\n", 1)
        (folder / "liminal.yml").write_text(pipeline)
        built = self.build(folder)
        self.assertNotIn("hunter2", built.stdout + built.stderr)
        for path in [*(folder / ".liminal").rglob("*"), *(self.work / "cache").rglob("*")]:
            if path.is_file():
                opened = subprocess.run(["gzip", "-dcf", path], capture_output=True, check=False).stdout
                self.assertNotIn(b"hunter2", opened, path)

    def test_a_package_without_a_wheel_is_named(self):
        folder = self.project()
        wheels = folder / "source/wheels"
        (wheels / "from_source-1.0.tar.gz").write_bytes(b"")
        (folder / "source/requirements.txt").write_text("--no-index\n--find-links wheels\n\nfrom-source==1.0\n")
        failed = self.build(folder, status=4)
        self.assertIn("requirements.txt:4: from-source==1.0 has no wheel for Python 3.11", failed.stderr)
        self.assertIn("--builder docker", failed.stderr)

    def test_requirements_that_are_refused_are_named_before_anything_is_built(self):
        folder = self.project()
        (folder / "source/requirements.txt").write_text("salutation\n-e ../elsewhere\n")
        failed = self.build(folder, status=2)
        self.assertIn("requirements.txt:2: an editable requirement", failed.stderr)
        self.assertFalse((folder / ".liminal").exists())


if __name__ == "__main__":
    support.main()
