"""Counts how often each letter stands in a sentence, and keeps the counts where the next task finds them."""

import collections
import json
import pathlib
import sys

SENTENCE = "the quick brown fox jumps over the lazy dog"

counts = collections.Counter(letter for letter in SENTENCE if letter.isalpha())
pathlib.Path("/mnt/data/counts.json").write_text(json.dumps({"date": sys.argv[1], "counts": counts}))
print(f"counted {sum(counts.values())} letters")
