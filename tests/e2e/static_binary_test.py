#!/usr/bin/env python3
"""The program is one static file: it needs nothing of the machine it runs on."""

import os
import shutil

from support import LIMINAL, EndToEnd, main, run


class StaticBinary(EndToEnd):
    def test_is_no_dynamic_executable(self):
        said = run("ldd", LIMINAL, status=None)
        self.assertIn("not a dynamic executable", said.stdout + said.stderr)

    def test_is_smaller_than_16_megabytes(self):
        self.assertLess(os.path.getsize(LIMINAL), 16 * 1024 * 1024)

    def test_runs_in_an_empty_root(self):
        root = self.work / "root"
        root.mkdir()
        shutil.copy(LIMINAL, root / "liminal")
        repository = self.example()
        shutil.copytree(repository, root / "repository")
        self.assertRegex(run("chroot", root, "/liminal", "version").stdout, r"\d+\.\d+\.\d+")
        run("chroot", root, "/liminal", "validate", "/repository")
        resolved = run("chroot", root, "/liminal", "resolve", "--format", "json", "/repository").stdout
        self.assertIn('"wine_quality"', resolved)


if __name__ == "__main__":
    main()
