#!/usr/bin/env python3
"""The hooks stop a mistake at the commit and at the push: pre-commit with .pre-commit-hooks.yaml, and git's own pre-push."""

import os
import shutil

from support import LIMINAL, SOURCE, EndToEnd, environment, main, programs, put_mistake_in, run


class GitHooks(EndToEnd):
    def setUp(self):
        super().setUp()
        (self.work / "bin").mkdir()
        (self.work / "bin/liminal").symlink_to(LIMINAL)
        self.path = f"{self.work / 'bin'}:{os.environ['PATH']}"

    def pushed(self, bare):
        return run("git", "-C", bare, "log", "--format=%s", "main", status=None).stdout.splitlines()

    def prepared(self, name):
        folder = self.example(name)
        return folder, self.repository(folder)

    def install(self, folder):
        hook = folder / ".git/hooks/pre-push"
        shutil.copy(SOURCE / "ci-templates/git/pre-push", hook)
        hook.chmod(0o755)

    def test_pre_push_lets_a_good_commit_through(self):
        folder, bare = self.prepared("good")
        self.install(folder)
        self.git(folder, "push", "--quiet", "origin", "main", PATH=self.path)
        self.assertEqual(self.pushed(bare), ["Start"])

    def test_pre_push_stops_a_mistake_and_shows_it(self):
        folder, bare = self.prepared("faulty")
        self.install(folder)
        line = put_mistake_in(folder)
        self.commit(folder, "A mistake")
        refused = self.git(folder, "push", "origin", "main", status=1, PATH=self.path)
        self.assertIn(f"liminal.yml:{line}:", refused.stdout + refused.stderr)
        self.assertEqual(self.pushed(bare), [])

    def test_pre_push_looks_at_what_no_archive_would_hold(self):
        folder, bare = self.prepared("unexported")
        self.install(folder)
        put_mistake_in(folder)
        (folder / ".gitattributes").write_text("liminal.yml export-ignore\n")
        self.commit(folder, "A mistake")
        self.git(folder, "push", "origin", "main", status=1, PATH=self.path)
        self.assertEqual(self.pushed(bare), [])

    def test_pre_push_judges_the_commit_and_not_the_folder(self):
        folder, bare = self.prepared("mended")
        self.install(folder)
        put_mistake_in(folder)  # not committed
        self.git(folder, "push", "--quiet", "origin", "main", PATH=self.path)
        self.assertEqual(self.pushed(bare), ["Start"])

    def pre_commit(self, *arguments, folder, status=0):
        settings = environment(PATH=self.path, HOME=self.work, PRE_COMMIT_HOME=self.work / "pre-commit")
        return run(programs("python-programs") / "pre-commit", *arguments, cwd=folder, env=settings, status=status)

    def hooks(self):
        """A repository with .pre-commit-hooks.yaml as pre-commit fetches it."""
        folder = self.work / "hooks"
        folder.mkdir()
        shutil.copy(SOURCE / ".pre-commit-hooks.yaml", folder)
        self.repository(folder)
        return folder

    def test_pre_commit_finds_the_mistake(self):
        hooks = self.hooks()
        folder, _ = self.prepared("tried")
        self.pre_commit("validate-manifest", ".pre-commit-hooks.yaml", folder=hooks)
        self.pre_commit("try-repo", hooks, "liminal-validate", "--all-files", folder=folder)
        line = put_mistake_in(folder)
        self.git(folder, "add", "--all")
        refused = self.pre_commit("try-repo", hooks, "liminal-validate", "--all-files", folder=folder, status=1)
        self.assertIn(f"liminal.yml:{line}:", refused.stdout)

    def test_pre_commit_installed_for_pre_push_stops_a_real_push(self):
        hooks = self.hooks()
        commit = self.git(hooks, "rev-parse", "HEAD").stdout.strip()
        folder, bare = self.prepared("pushed")
        settings = f"repos:\n  - repo: {hooks}\n    rev: {commit}\n    hooks:\n      - id: liminal-validate\n"
        (folder / ".pre-commit-config.yaml").write_text(settings)
        self.commit(folder, "Use the hook")
        self.pre_commit("install", "--hook-type", "pre-push", folder=folder)
        changes = {"PATH": self.path, "HOME": self.work, "PRE_COMMIT_HOME": self.work / "pre-commit"}
        self.git(folder, "push", "--quiet", "origin", "main", **changes)
        put_mistake_in(folder)
        self.commit(folder, "A mistake")
        self.git(folder, "push", "origin", "main", status=1, **changes)
        self.assertEqual(self.pushed(bare), ["Use the hook", "Start"])


if __name__ == "__main__":
    main()
