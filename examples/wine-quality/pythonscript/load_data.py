"""Fetches the wine data and splits it: train.csv to learn from, test.csv to judge models by."""

import csv
import os
import random
import urllib.request

import dataset

HELD_OUT = 0.3
LARGEST_DOWNLOAD = 100 * 1024 * 1024


def download(url):
    if not url.startswith(("https://", "http://")):
        raise SystemExit(f"url: {url!r} is neither an http nor an https address")
    with urllib.request.urlopen(url, timeout=60) as response:
        body = response.read(LARGEST_DOWNLOAD + 1)
    if len(body) > LARGEST_DOWNLOAD:
        raise SystemExit(f"{url} is larger than {LARGEST_DOWNLOAD} bytes")
    lines = body.decode("utf-8-sig").splitlines()
    # The usual wine quality files separate by semicolons.
    delimiter = ";" if lines and ";" in lines[0] else ","
    header, *rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise SystemExit(f"{url}, line {number}: {len(row)} values, where the header names {len(header)}")
    return header, rows


def shipped():
    from sklearn.datasets import load_wine

    wine = load_wine()
    rows = [[*features, wine.target_names[label]] for features, label in zip(wine.data.tolist(), wine.target)]
    return [*wine.feature_names, "cultivar"], rows


def main():
    url = os.environ.get("URL", "").strip()
    header, rows = download(url) if url else shipped()
    print(f"{len(rows)} wines with {len(header) - 1} features, from {url or 'scikit-learn'}")
    if len(rows) < 10:
        raise SystemExit("fewer than 10 wines: too little to train and validate with")
    random.Random(0).shuffle(rows)
    held_out = int(len(rows) * HELD_OUT)
    dataset.write(dataset.DATA / "test.csv", header, rows[:held_out])
    dataset.write(dataset.DATA / "train.csv", header, rows[held_out:])
    print(f"{len(rows) - held_out} to train with, {held_out} set aside to validate with")


if __name__ == "__main__":
    main()
