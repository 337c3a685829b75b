"""Fills in a template: report.py TEMPLATE TITLE [COLUMN...]"""

import pathlib
import string
import sys

template, title, *columns = sys.argv[1:]
page = string.Template(pathlib.Path(template).read_text())
print(page.substitute(title=title, columns=" | ".join(columns)), end="")
