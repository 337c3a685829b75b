#!/usr/bin/env python3
"""`validate` finds exactly the templates that Jinja itself, with Airflow's filters, cannot compile."""

import json
import random
import re

from support import LIMINAL, EndToEnd, main, programs, run

COMPILE = """
import json, sys
from airflow.sdk.definitions._internal.templater import SandboxedEnvironment
environment = SandboxedEnvironment()
told = []
for text in json.load(sys.stdin):
    try:
        environment.compile("{{ " + text + " }}")
        told.append(None)
    except Exception as problem:
        told.append(str(problem))
json.dump(told, sys.stdout)
"""

WORDS = (
    "ds ts params.x ds_nodash if else and or not in is 1 0 007 1.5 1e3 0x1f 1_000 'a' \"b\" ( ) [ ] { } , : . + - * / // % ** ~ "
    "== != < > <= >= | = ! upper ds_nodash defined default macros.ds_add .a .1 a.1.2 true none"
).split()
OPERATORS = ["+", "-", "~", "*", "/", "//", "%", "**", "==", "<", "and", "or", "in", "not in"]


class Templates:
    """Expressions over Airflow's names: right ones, ones with a slip, and words in any order."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def expression(self, depth):
        pick, inner = self.random.choice, lambda: self.expression(depth - 1)
        if depth == 0:
            return pick(["ds", "params.x", "1", "'a'", "1.5", "true"])
        return pick(
            [
                lambda: self.expression(0),
                lambda: f"({inner()})",
                lambda: f"{inner()} {pick(OPERATORS)} {inner()}",
                lambda: f"macros.ds_add({inner()}, {pick(['', 'a=', '*', '**'])}{inner()})",
                lambda: f"{inner()} | {pick(['upper', 'default(1)', 'ds_nodash', 'nosuch'])}",
                lambda: f"[{inner()}, {inner()}]",
                lambda: f"ds is {pick(['defined', 'not none', 'divisibleby 3', 'nosuch'])}",
                lambda: f"ds[{inner()}{pick(['', ':', ',1', ':2'])}]",
                lambda: f"{pick(['-', 'not ', '+'])}{inner()}",
            ]
        )()

    def one(self):
        kind = self.random.random()
        if kind < 0.4:
            return "ds " + " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(1, 5)))
        text = "ds ~ " + self.expression(3)
        if kind < 0.7:
            at = self.random.randrange(3, len(text) + 1)
            text = text[:at] + self.random.choice(["", " ", *WORDS]) + text[at + self.random.randint(0, 2) :]
        return text

    def many(self, count):
        # Those marks end the expression, or begin another one.
        found = (text for text in iter(self.one, None) if not re.search(r"\{\{|\}\}|\{%|%\}|\{#|#\}", text))
        return [next(found) for _ in range(count)]


class Jinja(EndToEnd):
    def told(self, templates):
        tasks = [
            {"task": f"t{index}", "type": "python", "image": "busybox:1", "cmd": "{{ " + text + " }}"}
            for index, text in enumerate(templates)
        ]
        pipeline = {"pipeline": "daily", "start_date": "START", "timeout_minutes": 30, "tasks": tasks}
        text = json.dumps({"name": "shop", "pipelines": [pipeline]}).replace('"START"', "2026-01-01")
        (self.work / "liminal.yml").write_text(text)
        run(LIMINAL, "validate", "--report", "json=report.json", cwd=self.work, status=None)
        findings = json.loads((self.work / "report.json").read_text())["diagnostics"]
        self.assertTrue(all(finding["rule"] == "bad-template" for finding in findings), findings[:3])
        return {re.search(r"tasks\[t(\d+)\]", finding["path"])[1]: finding["message"] for finding in findings}

    def test_tells_what_jinja_cannot_compile(self):
        python = programs("airflow-environment", "3") / "bin/python"
        for seed in range(4):
            templates = Templates(seed).many(700)
            compiled = json.loads(run(python, "-c", COMPILE, stdin=json.dumps(templates)).stdout)
            told = self.told(templates)
            for index, (text, problem) in enumerate(zip(templates, compiled)):
                # Python's own compiler refuses more than the grammar does, and Jinja leaves an unknown name behind `if` for the run.
                if problem and re.search("invalid syntax|unhashable|keyword argument", problem):
                    continue
                if problem is None and " if " in f" {text} ":
                    continue
                with self.subTest(template=text, jinja=problem):
                    self.assertEqual(told.get(str(index)) is not None, problem is not None, told.get(str(index)))
            self.assertGreater(len(told), 100)
            self.assertLess(len(told), 600)


if __name__ == "__main__":
    main()
