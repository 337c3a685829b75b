"""Images by both builders, pushed to real registries and run from there."""

import base64
import json
import urllib.request
import zipfile

from support import EndToEnd, main, python_base, run

LIMINAL_YML = """\
name: Trial
owner: Tests
images:
  - image: team/app
    type: python
    source: app
    python_version: "3.11"
  - image: team/other
    type: python
    source: other
    python_version: "3.11"
pipelines: []
"""


def base():
    return ("--base", f"python:3.11-slim=rootfs:{python_base()}")


class WithImages(EndToEnd):
    builder = None
    options = ()

    def setUp(self):
        super().setUp()
        self.system = self.work / "system"
        for image in ("app", "other"):
            (self.system / image).mkdir(parents=True)
            (self.system / image / "main.py").write_text(f"print('this is {image}')\n")
        (self.system / "liminal.yml").write_text(LIMINAL_YML)
        self.variables = {"HOME": self.work}
        self.engine = self.start("docker-engine")
        self.docker = (self.engine["DOCKER_CLIENT"], "--host", self.engine["DOCKER_HOST"])

    def push(self, registry, status=0):
        """Builds and pushes; returns the report's stage, each case by its name."""
        options = ("--builder", self.builder, "--registry", registry, *self.options, *base())
        done = self.liminal("build", "--push", "--format", "json", *options, cwd=self.system, status=status, **self.variables)
        self.said = done.stdout + done.stderr
        stages = {stage["name"]: stage for stage in json.loads(done.stdout)["stages"]}
        return stages.get("push")

    def manifest(self, registry, image, tag):
        accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
        request = urllib.request.Request(f"http://{registry}/v2/{image}/manifests/{tag}", headers={"Accept": accept})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def tags(self, registry, image):
        with urllib.request.urlopen(f"http://{registry}/v2/{image}/tags/list") as answer:
            return json.load(answer)["tags"]


class Pushes:
    """The tests; each class below runs them with one builder."""

    def test_only_what_is_not_there_is_sent_and_the_image_runs(self):
        registry = self.start("container-registry")["REGISTRY"]
        first = self.push(registry)
        self.assertEqual(first["outcome"], "passed", self.said)
        (tag,) = self.tags(registry, "team/app")
        layers = [layer["digest"] for layer in self.manifest(registry, "team/app", tag)["layers"]]

        again = self.push(registry)
        self.assertEqual(again["outcome"], "unchanged", self.said)
        self.assertEqual(self.tags(registry, "team/app"), [tag])

        (self.system / "app/main.py").write_text("print('this is new')\n")
        changed = {case["name"]: case for case in self.push(registry)["cases"]}
        self.assertEqual(changed["team/other"]["outcome"], "unchanged")
        self.assertEqual(changed["team/app"]["outcome"], "passed")
        self.assertIn(self.sent_for_a_changed_source, changed["team/app"]["summary"])
        (new_tag,) = set(self.tags(registry, "team/app")) - {tag}
        new_layers = [layer["digest"] for layer in self.manifest(registry, "team/app", new_tag)["layers"]]
        self.assertEqual(new_layers[:-1], layers[:-1])
        self.assertNotEqual(new_layers[-1], layers[-1])

        # As anyone would who has the registry alone.
        run(*self.docker, "image", "prune", "--all", "--force")
        for version, text in ((tag, "this is app"), (new_tag, "this is new")):
            image = f"{registry}/team/app:{version}"
            said = run(*self.docker, "run", "--rm", "--network", "none", image, "python3", "main.py", env=self.client()).stdout
            self.assertEqual(said.strip(), text)

    def client(self):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.work)}

    def log_in(self, registry, password="secret"):
        folder = self.work / ".docker"
        folder.mkdir(exist_ok=True)
        login = base64.b64encode(f"user:{password}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {registry: {"auth": login}}}))

    def test_a_registry_with_a_password_takes_the_stored_login_alone(self):
        for way in ("htpasswd", "token"):
            with self.subTest(way=way):
                registry = self.start("container-registry", "--auth", way)["REGISTRY"]
                (self.work / ".docker/config.json").unlink(missing_ok=True)
                self.push(registry, status=3)
                self.log_in(registry, "wrong-password")
                self.push(registry, status=3)
                self.assertNotIn("wrong-password", self.said)
                self.log_in(registry)
                self.assertEqual(self.push(registry)["outcome"], "passed", self.said)

    def test_a_registry_that_is_not_there_is_status_3(self):
        # One image: an engine tries for long.
        text = (self.system / "liminal.yml").read_text()
        (self.system / "liminal.yml").write_text(text[: text.index("  - image: team/other")] + "pipelines: []\n")
        self.push("127.0.0.1:1", status=3)


class ByTheOciBuilder(Pushes, WithImages):
    builder = "oci"
    sent_for_a_changed_source = "2 blobs sent"  # the layer and the configuration


class ByTheDockerEngine(Pushes, WithImages):
    builder = "docker"
    options = ("--docker-network", "none")
    sent_for_a_changed_source = "1 blob sent"  # an engine counts layers alone

    def setUp(self):
        super().setUp()
        self.variables["DOCKER_HOST"] = self.engine["DOCKER_HOST"]


class DockerBuilder(WithImages):
    builder = "docker"
    options = ("--docker-network", "none")

    def setUp(self):
        super().setUp()
        self.variables["DOCKER_HOST"] = self.engine["DOCKER_HOST"]

    def build(self, status=0):
        options = ("--builder", "docker", "--docker-network", "none", *base())
        return self.liminal("build", *options, cwd=self.system, status=status, **self.variables)

    def wheel(self, folder, name="onlyhere"):
        """A package that no index has."""
        folder.mkdir(exist_ok=True)
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.py", "value = 42\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")

    def image(self):
        names = run(*self.docker, "images", "--format", "{{.Repository}}:{{.Tag}}").stdout.splitlines()
        (name,) = (name for name in names if name.startswith("team/app:"))
        return name

    def in_the_image(self, script):
        """What the script prints that Python runs in the image."""
        return run(*self.docker, "run", "--rm", "--network", "none", self.image(), "python3", "-c", script).stdout.strip()

    def test_requirements_are_installed_from_wheels_of_the_source(self):
        self.wheel(self.system / "app/wheels")
        (self.system / "app/requirements.txt").write_text("--no-index --find-links wheels\nonlyhere\n")
        self.build()
        self.assertEqual(self.in_the_image("import onlyhere; print(onlyhere.value)"), "42")
        self.assertIn("unchanged", self.build().stderr)

    def test_a_pip_conf_is_used_and_in_no_layer(self):
        secret = "pip-conf-secret-value"
        self.wheel(self.system / "app/wheels")
        (self.system / "app/requirements.txt").write_text("onlyhere\n")
        (self.system / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = wheels\n# {secret}\n")
        text = (self.system / "liminal.yml").read_text()
        (self.system / "liminal.yml").write_text(text.replace("    source: app\n", "    source: app\n    pip_conf: pip.conf\n"))
        # pip is given the whole source by a line that names a file of it.
        (self.system / "app/requirements.txt").write_text("--find-links wheels\nonlyhere\n")
        said = self.build()
        self.assertNotIn(secret, said.stdout + said.stderr)
        script = "import onlyhere, os; print(onlyhere.value, os.path.exists('/etc/pip.conf'))"
        self.assertEqual(self.in_the_image(script), "42 False")
        archive = self.work / "image.tar"
        run(*self.docker, "save", "--output", archive, self.image())
        self.assertNotIn(secret.encode(), archive.read_bytes())

    def test_a_failed_step_is_status_4_with_its_last_lines(self):
        (self.system / "app/requirements.txt").write_text("--no-index\nno-such-package\n")
        said = self.build(status=4)
        self.assertIn("the packages of requirements.txt could not be installed", said.stderr)
        self.assertIn("No matching distribution found for no-such-package", said.stderr)

    def test_without_an_engine_is_status_3(self):
        self.variables["DOCKER_HOST"] = f"unix://{self.work}/none.sock"
        self.assertIn("none.sock", self.build(status=3).stderr)


if __name__ == "__main__":
    main()
