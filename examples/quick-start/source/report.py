"""Tells which letters are the most frequent."""

import json
import pathlib

data = json.loads(pathlib.Path("/mnt/data/counts.json").read_text())
letters = sorted(data["counts"].items(), key=lambda item: (-item[1], item[0]))[:3]
print(f"{data['date']}: " + ", ".join(f"{letter} {count} times" for letter, count in letters))
