"""The programs compared with, from their package registries, kept in the development cache."""
import os
import shutil
import subprocess
import sys

from measure import cache

CHECK_JSONSCHEMA = "0.33.0"
KUBECONFORM = "v0.6.7"


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


def kubeconform():
    program = os.path.join(cache, f"kubeconform-{KUBECONFORM}", "kubeconform")
    if not os.path.exists(program):
        go = shutil.which("go")
        if go is None:
            say("skipped: everything against kubeconform, since there is no go to build it with")
            return None
        say(f"building kubeconform {KUBECONFORM}")
        environment = {**os.environ, "GOBIN": os.path.dirname(program), "GOFLAGS": ""}
        if not attempt([go, "install", f"github.com/yannh/kubeconform/cmd/kubeconform@{KUBECONFORM}"], env=environment):
            say("skipped: everything against kubeconform")
            return None
    return program


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
