"""Runs an Airflow on this machine until it is told to stop: prepares its database and its user, then keeps the components.

Called by the Python that has Airflow installed, as the leader of a session. What it needs stands in LIMINAL_AIRFLOW_HOME,
_DAGS, _PORT, _PASSWORD_FILE and, where it matters, _MAJOR.
"""

import ctypes
import importlib.metadata
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

HOST = "127.0.0.1"
USER = "admin"
AIRFLOW = [sys.executable, "-m", "airflow"]


def say(text):
    print(f"liminal       | {text}", flush=True)


def give_up(text):
    say(text)
    sys.exit(1)


def installed_version():
    try:
        return importlib.metadata.version("apache-airflow")
    except importlib.metadata.PackageNotFoundError:
        give_up(f"{sys.executable} has no apache-airflow: install it there, or choose another --airflow-by")


def settings(major, home, dags, port):
    """What makes it an Airflow of this machine alone; everything else stands in its own airflow.cfg."""
    url = f"http://{HOST}:{port}"
    chosen = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": dags,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "8",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }
    if major == 2:
        chosen.update(
            AIRFLOW__CORE__EXECUTOR="SequentialExecutor",
            AIRFLOW__WEBSERVER__WEB_SERVER_HOST=HOST,
            AIRFLOW__WEBSERVER__WEB_SERVER_PORT=str(port),
            AIRFLOW__WEBSERVER__BASE_URL=url,
            AIRFLOW__WEBSERVER__WORKERS="1",
            # A busy machine takes longer than two minutes, after which the web server gives itself up.
            AIRFLOW__WEBSERVER__WEB_SERVER_MASTER_TIMEOUT="600",
            AIRFLOW__WEBSERVER__WEB_SERVER_WORKER_TIMEOUT="600",
            AIRFLOW__API__AUTH_BACKENDS="airflow.api.auth.backend.basic_auth,airflow.api.auth.backend.session",
            AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL="10",
            AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL="10",
        )
    else:
        chosen.update(
            AIRFLOW__CORE__EXECUTOR="LocalExecutor",
            AIRFLOW__CORE__AUTH_MANAGER="airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=f"{USER}:admin",
            AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=str(home / "passwords.json"),
            AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"{url}/execution/",
            # A busy machine takes its time to answer: with 5 seconds, tasks fail there before they begin.
            AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT="60",
            AIRFLOW__API__HOST=HOST,
            AIRFLOW__API__PORT=str(port),
            AIRFLOW__API__BASE_URL=url,
            AIRFLOW__API__WORKERS="1",
            AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL="10",
            AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL="10",
        )
    return chosen


def components(major):
    """Each with its arguments; none serves its log files to the network, the page reads them from the disk."""
    if major == 2:
        return {
            "webserver": ["webserver"],
            "scheduler": ["scheduler", "--skip-serve-logs"],
            "triggerer": ["triggerer", "--skip-serve-logs"],
        }
    return {
        "api-server": ["api-server"],
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
        "triggerer": ["triggerer", "--skip-serve-logs"],
    }


def step(doing, arguments, typed=""):
    """One command of Airflow to its end; its output is shown when it fails."""
    say(doing)
    done = subprocess.run(AIRFLOW + arguments, input=typed, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        for line in (done.stdout + done.stderr).splitlines()[-40:]:
            say(line)
        give_up(f"`airflow {arguments[0]} {arguments[1]}` failed with status {done.returncode}")
    return done.stdout + done.stderr


def write_privately(path, text):
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def prepare(major, version, home, password):
    """The database of this version, and the one user. What was done once is remembered."""
    if major == 3:
        write_privately(home / "passwords.json", json.dumps({USER: password}))
    done = home / "prepared.json"
    wanted = {"version": version, "password_of": os.environ["LIMINAL_AIRFLOW_PASSWORD_ID"]}
    if done.exists() and json.loads(done.read_text()) == wanted:
        return
    step("preparing the database", ["db", "migrate"])
    if major == 2:
        # Asked for twice and not given as an argument, where every user of the machine could read it.
        typed = f"{password}\n{password}\n"
        names = ["--firstname", "Local", "--lastname", "Admin", "--email", "admin@localhost", "--role", "Admin"]
        said = step("making the user", ["users", "create", "--username", USER, *names], typed)
        if "already exist" in said:
            step("giving the user the password", ["users", "reset-password", "--username", USER], typed)
    write_privately(done, json.dumps(wanted))


def show(name, pipe):
    for line in pipe:
        sys.stdout.write(f"{name:13} | {line.decode(errors='replace').rstrip()}\n")
        sys.stdout.flush()


def keep(commands):
    """Runs the components until one ends by itself (1) or this program is told to stop (0)."""
    names = {}
    stopping = threading.Event()

    def stop(*_):
        stopping.set()
        for process in list(names):
            try:
                os.kill(process, signal.SIGTERM)
            except ProcessLookupError:
                pass

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    failed = False
    for name, arguments in commands.items():
        process = subprocess.Popen(
            AIRFLOW + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        names[process.pid] = name
        threading.Thread(target=show, args=(name, process.stdout), daemon=True).start()
        # Reaped below, together with what has lost its parent.
        process.returncode = 0
    while names:
        try:
            process, status = os.wait()
        except ChildProcessError:
            break
        name = names.pop(process, None)
        if name and not stopping.is_set():
            say(f"the {name} has ended with status {os.waitstatus_to_exitcode(status)}; stopping the others")
            failed = True
            stop()
    return 1 if failed else 0


def main():
    version = installed_version()
    major = int(version.split(".")[0])
    wanted = os.environ.get("LIMINAL_AIRFLOW_MAJOR", "")
    if major not in (2, 3) or (wanted and wanted != str(major)):
        give_up(f"this is Airflow {version}, and {f'{wanted} was asked for' if wanted else 'only 2 and 3 are known'}")
    os.umask(0o077)
    home = pathlib.Path(os.environ["LIMINAL_AIRFLOW_HOME"]) / f"airflow-{major}"
    home.mkdir(parents=True, exist_ok=True)
    # What a task leaves behind stays a descendant of this program, by which it is found (prctl(2), PR_SET_CHILD_SUBREAPER).
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    # The folder of this Python: Airflow 2 runs tasks by the name `airflow`.
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", os.defpath)
    # The components talk to each other over loopback, where no proxy is in between.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), HOST, "localhost"]))
    os.environ.update(settings(major, home, os.environ["LIMINAL_AIRFLOW_DAGS"], os.environ["LIMINAL_AIRFLOW_PORT"]))
    say(f"Airflow {version}, {sys.executable}")
    password = pathlib.Path(os.environ["LIMINAL_AIRFLOW_PASSWORD_FILE"]).read_text().strip()
    prepare(major, version, home, password)
    sys.exit(keep(components(major)))


main()
