"""The programs compared with, from their package registries, kept in the development cache."""
import contextlib
import os
import shutil
import subprocess
import sys

from measure import cache, root

CHECK_JSONSCHEMA = "0.33.0"
KUBECONFORM = "v0.6.7"
CRANE = "v0.20.2"


def say(text):
    print(f"benchmarks/run: {text}", file=sys.stderr)


def attempt(command, **options):
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)
        return True
    except (OSError, subprocess.CalledProcessError) as problem:
        last = (getattr(problem, "stderr", None) or str(problem)).strip().splitlines()[-1:]
        say(f"{' '.join(command)} failed: {''.join(last)}")
        return False


def check_jsonschema():
    """The program, or None with a word on standard error."""
    folder = os.path.join(cache, f"check-jsonschema-{CHECK_JSONSCHEMA}")
    program = os.path.join(folder, "bin", "check-jsonschema")
    if not os.path.exists(program):
        say(f"installing check-jsonschema {CHECK_JSONSCHEMA}")
        if not (attempt([sys.executable, "-m", "venv", folder])
                and attempt([os.path.join(folder, "bin", "pip"), "install", "--quiet",
                             f"check-jsonschema=={CHECK_JSONSCHEMA}"])):
            shutil.rmtree(folder, ignore_errors=True)
            say("skipped: everything against check-jsonschema")
            return None
    return program


def go_program(name, version, package):
    """The program, or None with a word on standard error."""
    program = os.path.join(cache, f"{name}-{version}", name)
    if not os.path.exists(program):
        go = shutil.which("go")
        if go is None:
            say(f"skipped: everything against {name}, since there is no go to build it with")
            return None
        say(f"building {name} {version}")
        environment = {**os.environ, "GOBIN": os.path.dirname(program), "GOFLAGS": ""}
        if not attempt([go, "install", f"{package}@{version}"], env=environment):
            say(f"skipped: everything against {name}")
            return None
    return program


def kubeconform():
    return go_program("kubeconform", KUBECONFORM, "github.com/yannh/kubeconform/cmd/kubeconform")


def crane():
    return go_program("crane", CRANE, "github.com/google/go-containerregistry/cmd/crane")


@contextlib.contextmanager
def server(name, folder, otherwise):
    """What a client needs to know of a server of its own in `folder`; or None, with `otherwise` said on standard error."""
    script = os.path.join(root, "tests", "servers", name)
    try:
        started = subprocess.run([script, "start", folder], stdout=subprocess.PIPE, text=True)
        if started.returncode != 0:
            say(otherwise)
            yield None
        else:
            yield dict(line.split("=", 1) for line in started.stdout.splitlines())
    finally:
        subprocess.run([script, "stop", folder], check=True)


def kubernetes_api(folder):
    return server("kubernetes-api", folder, "skipped: everything on a cluster, since its API server did not start")


def docker_engine(folder):
    return server("docker-engine", folder, "skipped: everything against Docker, whose engine did not start (it takes root)")


def empty_program():
    """What it costs to start a static program that does nothing."""
    program = os.path.join(cache, "empty")
    if not os.path.exists(program):
        compiler = shutil.which("cc") or shutil.which("gcc")
        os.makedirs(cache, exist_ok=True)
        if compiler is None or not attempt([compiler, "-O2", "-static", "-x", "c", "-", "-o", program],
                                           input="int main(void) { return 0; }\n"):
            say("skipped: the comparison with an empty program")
            return None
    return program
