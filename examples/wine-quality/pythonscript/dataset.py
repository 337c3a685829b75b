"""The tables that the tasks hand to each other: CSV files in the volume, a header first, what to predict last."""

import csv
import os
import pathlib

DATA = pathlib.Path(os.environ.get("DATA_PATH", "data"))


def write(path, header, rows):
    """Writes a table whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with open(partial, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    os.replace(partial, path)


def read(path):
    """Features as lists of numbers, and the labels."""
    if not path.exists():
        raise SystemExit(f"{path} is not there: run the task load_data first")
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [[float(value) for value in row[:-1]] for row in rows], [row[-1] for row in rows]
