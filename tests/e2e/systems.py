"""The systems that rendering is tried with: the examples, one of every kind, and the corpus made complete."""

import json
import shutil

from support import CORPUS, SOURCE, LIMINAL, environment, run

# What liminal reports in Apache Liminal's own files is mended; so is what became of them: the base image of Spark is gone.
MENDED = (
    ("        env:\n", "        env_vars:\n"),
    ("  - service:\n    name: ", "  - service: "),
    ("\n    type: spark\n", "\n    type: spark\n    base: spark:3.5.1\n"),
)
# Its types are a plug-in's, which nobody but that plug-in can render.
WITHOUT_PLUGIN = "extensibility"
# What only Airflow has operators for.
OF_AIRFLOW = {"aws", "own-types"}


def every_system(work, engine="airflow"):
    """Copies below `work` of all that an engine can render, by name."""
    folders = {one.name: one for one in sorted((SOURCE / "examples").iterdir()) if one.is_dir()}
    folders.update((one.name, one) for one in sorted((SOURCE / "tests/e2e/systems").iterdir()) if one.is_dir())
    if engine != "airflow":
        folders = {name: folder for name, folder in folders.items() if name not in OF_AIRFLOW}
    folders.update((one.name, one) for one in sorted(CORPUS.iterdir()) if one.is_dir() and one.name != WITHOUT_PLUGIN)
    systems = {}
    for name, folder in folders.items():
        systems[name] = work / "systems" / name
        shutil.copytree(folder, systems[name], ignore=shutil.ignore_patterns(".liminal"))
        if CORPUS in folder.parents:
            complete(systems[name])
    return systems


def complete(folder):
    """Mends the files, and makes the source folders that the corpus leaves out."""
    for file in folder.rglob("liminal.y*ml"):
        text = file.read_text()
        for wrong, right in MENDED:
            text = text.replace(wrong, right)
        file.write_text(text)
    for system in resolved(folder):
        for image in system.get("images", []):
            source = folder / image.get("source", ".")
            source.mkdir(parents=True, exist_ok=True)
            (source / "main.py").touch()


def render(folder, engine, into):
    """Writes what the engine gets into the folder `into`; returns what was said."""
    said = run(LIMINAL, "deploy", "--no-check-files", "--engine", engine, "--render", into, cwd=folder, env=environment())
    return said.stdout + said.stderr


def resolved(folder):
    return json.loads(run(LIMINAL, "resolve", "--format", "json", cwd=folder, env=environment()).stdout)


def planned(folder):
    said = run(LIMINAL, "plan", "--no-check-files", "--format", "json", cwd=folder, env=environment())
    return json.loads(said.stdout)["plan"]
