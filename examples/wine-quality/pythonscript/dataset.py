"""The tables that the tasks hand to each other: CSV files in the volume, a header first, what to predict last."""

import contextlib
import csv
import os
import pathlib
import uuid

DATA = pathlib.Path(os.environ.get("DATA_PATH", "data"))


@contextlib.contextmanager
def whole(path):
    """The name of a file to write, which then takes the place of `path`: whoever reads that, another run too, finds it whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write(path, header, rows):
    with whole(path) as partial, open(partial, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def read(path):
    """Features as lists of numbers, and the labels."""
    if not path.exists():
        raise SystemExit(f"{path} is not there: run the task load_data first")
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [[float(value) for value in row[:-1]] for row in rows], [row[-1] for row in rows]
