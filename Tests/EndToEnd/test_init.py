"""`giga init`: what it finds, what it writes, and that it writes over nothing."""

import json
import os
import pty
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checkout  # noqa: E402
import giga  # noqa: E402

JOB = "jobs/first-job.md"


class InitTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.top = os.path.join(self.fleet.folder, "mine")

    def make(self, **files):
        giga.seed_repository(self.top, {"README.md": "Mine.\n", **files})

    def init(self, *more, cwd=None):
        return self.fleet.giga("init", *more, cwd=cwd or self.top)

    def read(self, name):
        with open(os.path.join(self.top, name)) as file:
            return file.read()

    def test_outside_of_a_repository_it_says_so(self):
        done = self.init(cwd=self.fleet.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("error: giga init needs a git repository to stand in", done.stderr)

    def test_what_is_there_stays(self):
        self.make(**{"giga.yaml": "verify: my own\n", JOB: "Mine.\n"})
        before = checkout.remember(self.top)
        done = self.init("--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("giga.yaml is there already: left as it is", done.stderr)
        self.assertEqual(checkout.remember(self.top), before)

    def test_one_that_is_missing_is_written_beside_the_other(self):
        self.make(**{"giga.yaml": "verify: my own\n"})
        self.assertEqual(self.init("--yes").returncode, 0)
        self.assertEqual(self.read("giga.yaml"), "verify: my own\n")
        self.assertIn("profile: docs-writer", self.read(JOB))

    def answer(self, text, *words):
        """Runs a command on a terminal of its own and answers its question; the exit code."""
        outer, inner = pty.openpty()
        try:
            process = subprocess.Popen([self.fleet.binary, *words], stdin=inner, stdout=inner,
                                       stderr=inner, env=self.fleet.env, cwd=self.top)
            seen = b""
            while b"[y/N] " not in seen:
                seen += os.read(outer, 4096)
            os.write(outer, text.encode() + b"\n")
            return process.wait(20)
        finally:
            os.close(outer)
            os.close(inner)

    def test_on_a_terminal_it_asks_once(self):
        self.make()
        before = checkout.remember(self.top)
        for answer in ("n", "", "perhaps"):
            self.assertEqual(self.answer(answer, "init"), 3)
            self.assertEqual(checkout.remember(self.top), before)
        self.assertEqual(self.answer("y", "init"), 0)
        self.assertIn("# verify: make test", self.read("giga.yaml"))

    def test_a_profile_that_widens_is_asked_for_on_a_terminal(self):
        self.make(**{"mine/reviewer.md": "---\nship: merge\n---\nYou review.\n"})
        self.fleet.serve()
        before = self.fleet.dump()
        self.assertEqual(self.answer("n", "profile", "import", "mine"), 5)
        self.assertEqual(self.fleet.dump(), before)
        self.assertEqual(self.answer("y", "profile", "import", "mine"), 0)
        self.assertNotEqual(self.fleet.dump(), before)

    def test_dry_run_writes_nothing(self):
        self.make(Makefile="test:\n\ttrue\n")
        before = checkout.remember(self.top)
        done = self.init("--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("verify: make test", done.stdout)
        self.assertEqual(checkout.remember(self.top), before)

    def test_what_it_writes_is_right_and_used(self):
        self.make(Makefile="all: test\ntest: all\n\ttrue\n")
        inner = os.path.join(self.top, "src")
        os.makedirs(inner)
        done = self.init("--yes", cwd=inner)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = {row["key"]: row for row in
                self.fleet.json("config", "list", "--json", cwd=self.top)["settings"]}
        self.assertEqual(rows["verify"]["value"], "make test")
        self.assertTrue(rows["verify"]["origin"].startswith(f"{self.top}/giga.yaml:"))
        self.assertEqual(rows["target"]["value"], "main")
        self.fleet.must("add", "--check", JOB, cwd=self.top)

    def test_each_kind_of_project_is_known(self):
        node = json.dumps({"scripts": {"test": "jest"}})
        none = json.dumps({"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}})
        for number, (files, verify) in enumerate((
                ({"Makefile": "TEST := 1\ncheck: \n\ttrue\n"}, "make check"),
                ({"Makefile": "test := 1\nall:\n", "Cargo.toml": ""}, "cargo test"),
                ({"package.json": node}, "npm test"),
                ({"package.json": node, "yarn.lock": ""}, "yarn test"),
                ({"package.json": none}, None), ({"package.json": "{"}, None),
                ({"go.mod": ""}, "go test ./..."), ({"gradlew": ""}, "./gradlew test"),
                ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "python3 -m pytest"),
                ({"setup.py": "", "tests/test_a.py": ""},
                 "python3 -m unittest discover tests"),
                ({"tests/run.sh": ""}, "sh tests/run.sh"), ({}, None))):
            self.top = os.path.join(self.fleet.folder, f"project-{number}")
            self.make(**files)
            with self.subTest(files):
                self.assertEqual(self.init("--yes").returncode, 0)
                done = self.fleet.giga("config", "get", "verify", cwd=self.top)
                self.assertEqual(done.stdout.strip(), verify or "")


if __name__ == "__main__":
    unittest.main()
