"""Runs commands in turn and compares their medians."""
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
cache = os.path.join(
    os.environ.get("LIMINAL_DEV_CACHE")
    or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "liminal-dev"),
    "benchmarks")


@dataclass
class Side:
    """One command of a comparison. `expected`: its exit status when it did the work; `prepare` is not measured."""
    name: str
    command: list
    folder: str
    expected: int = 0
    environment: dict = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    seconds: list = field(default_factory=list)
    megabytes: list = field(default_factory=list)

    def run(self, cold=False):
        if self.prepare:
            self.prepare()
        if cold:
            drop_page_cache()
        environment = {**os.environ, **self.environment}
        with open(os.devnull, "wb") as nowhere:
            began = time.perf_counter()
            process = subprocess.Popen(self.command, cwd=self.folder, env=environment, stdin=nowhere, stdout=nowhere,
                                       stderr=nowhere)
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:  # the benchmark was stopped; so is what it measures
                process.kill()
                raise
            self.seconds.append(time.perf_counter() - began)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.megabytes.append(usage.ru_maxrss / 1024)
        if process.returncode != self.expected:
            sys.exit(f"benchmarks/run: {self.name} ended with {process.returncode} instead of {self.expected}:"
                     f" {' '.join(self.command)}")

    def run_uncounted(self):
        self.run()
        self.seconds.clear()
        self.megabytes.clear()


def must(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)
    if done.returncode != 0:
        sys.exit(f"benchmarks/run: {' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def drop_page_cache():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as control:
        control.write("3")


def compare(title, sides, options, memory=False):
    """The first side is ours. Every round runs each side once, so that what disturbs one disturbs all."""
    if not options.cold:
        for side in sides:
            side.run_uncounted()  # to warm the page cache
    for _ in range(options.runs):
        for side in sides:
            side.run(options.cold)
    print(f"\n{title}{', page cache dropped' if options.cold else ''} (median of {options.runs})")
    ours = sides[0]
    for side in sides:
        print(f"  {side.name:<28} {figure(side.seconds, 's')}{'  ' + memory_figure(side) if memory else ''}"
              f"{ratio(side, ours, memory) if side is not ours else ''}")


def figure(values, unit):
    middle, least, most = statistics.median(values), min(values), max(values)
    if unit == "s" and middle < 0.1:
        return f"{middle * 1000:9.2f} ms ({least * 1000:.2f} to {most * 1000:.2f})"
    return f"{middle:9.2f} {unit} ({least:.2f} to {most:.2f})"


def own_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def is_small(side):
    """Whether a side's memory is hidden by this script's own, from which the kernel begins to count."""
    return max(side.megabytes) <= own_megabytes()


def memory_figure(side):
    return f"under {own_megabytes():.0f} MB" if is_small(side) else figure(side.megabytes, "MB")


def ratio(side, ours, memory):
    text = f"  {statistics.median(side.seconds) / statistics.median(ours.seconds):.1f} times liminal's time"
    if memory and not (is_small(side) and is_small(ours)):
        bound = "at most " if is_small(side) else "at least " if is_small(ours) else ""
        text += f", {bound}{statistics.median(side.megabytes) / statistics.median(ours.megabytes):.1f} times its memory"
    return text
