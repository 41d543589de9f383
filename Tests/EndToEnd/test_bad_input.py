"""Bad input at each interface: file -> exit code and first line, and nothing is changed by it.

The exact first lines are golden (Tests/EndToEnd/golden/, rewritten with UPDATE_GOLDEN=1);
exit codes and the shape of what is said are asserted here.
"""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import badinput  # noqa: E402
import giga  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
CRASH = re.compile("Fatal error|Stack dump|Thread .* crashed")


class BadInputTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.before = self.fleet.dump()
        self.lines = []

    def unchanged(self):
        """The store tells the same history, and the server still answers."""
        self.assertIsNone(self.fleet.server.code, self.fleet.server.text[-500:])
        self.assertEqual(self.fleet.ask("GET", "/healthz").status, 200)
        self.assertEqual(self.fleet.dump(), self.before)

    def note(self, name, answer, text):
        line = next((line for line in text.splitlines() if line.strip()), "")
        for known, word in ((self.fleet.folder, "FOLDER"), (str(self.fleet.port), "PORT")):
            line = line.replace(known, word)
        self.lines.append(f"{name} -> {answer} {line[:300]}\n")

    def golden(self, name):
        path, seen = os.path.join(GOLDEN, f"bad-{name}.txt"), "".join(self.lines)
        if os.environ.get("UPDATE_GOLDEN"):
            os.makedirs(GOLDEN, exist_ok=True)
            with open(path, "w") as file:
                file.write(seen)
        elif not os.path.exists(path):
            self.skipTest(f"shapes hold; record the words: UPDATE_GOLDEN=1 ({path})")
        else:
            with open(path) as file:
                self.assertEqual(seen, file.read())

    def put(self, kind, name, text):
        path = os.path.join(self.fleet.folder, kind, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return os.path.relpath(path, self.fleet.folder)

    def by_position(self, kind, table, *command):
        """Cases whose command ends with 2 and a FILE:LINE:COLUMN line for each error."""
        for name, text, line in table:
            with self.subTest(f"{kind} {name}"):
                own = f"{name}/p.md" if kind == "profile" else name + ".md"
                path = self.put(kind, own, text)
                done = self.fleet.giga(*command, path)
                said = done.stderr + done.stdout
                self.note(name, done.returncode, said)
                self.assertEqual(done.returncode, 2, said)
                self.positions(path, said, line)
                self.unchanged()

    def positions(self, path, said, line):
        first = said.splitlines()[0]
        found = re.fullmatch(re.escape(path) + r":(\d+):(\d+): (.+)", first)
        self.assertIsNotNone(found, first)
        if line is not None:
            self.assertEqual(int(found.group(1)), line, first)
        self.assertGreater(int(found.group(2)), 0)
        self.assertLessEqual(len(first), 1000)
        self.assertIsNone(CRASH.search(said))

    def test_manifests(self):
        self.by_position("manifest", badinput.MANIFESTS, "add", "--check")
        self.golden("manifests")

    def test_manifests_are_refused_when_added_too(self):
        for name, text, _ in badinput.MANIFESTS[:14]:
            with self.subTest(name):
                path = self.put("manifest", name + ".md", text)
                self.assertEqual(self.fleet.giga("add", path).returncode, 2)
                self.unchanged()

    def test_all_errors_of_a_file_are_told_at_once(self):
        text = badinput.front("priority: urgent", "timeout: soon", "verfy: true")
        path = self.put("manifest", "three.md", text)
        done = self.fleet.giga("add", "--check", path)
        told = re.findall(rf"(?m)^{re.escape(path)}:(\d+):\d+: ", done.stderr + done.stdout)
        self.assertEqual(told, ["2", "3", "4"])
        self.assertIn("verify", done.stderr + done.stdout)

    def test_profiles(self):
        self.by_position("profile", badinput.PROFILES, "profile", "lint")
        self.golden("profiles")

    def test_configurations(self):
        for name, text, line in badinput.CONFIGURATIONS:
            with self.subTest(name):
                path = self.put("configuration", name + ".yaml", text)
                whole = os.path.join(self.fleet.folder, path)
                done = self.fleet.giga("config", "list", env=dict(self.fleet.env,
                                                                  GIGA_CONFIG=whole))
                self.note(name, done.returncode, done.stderr)
                self.assertIn(done.returncode, (1, 2), done.stdout + done.stderr)
                said = done.stderr.removeprefix("error: ")
                self.positions(whole, said, line)
                self.unchanged()
        self.golden("configurations")

    def test_variables(self):
        for name, variable, value in badinput.VARIABLES:
            with self.subTest(name):
                env = {**self.fleet.env, variable: value}
                for command in (["config", "list"], ["jobs"]):
                    done = self.fleet.giga(*command, env=env)
                    self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                    self.three_lines(done.stderr)
                    self.assertIn(variable, done.stderr)
                self.note(name, done.returncode, done.stderr)
                self.unchanged()
        self.golden("variables")

    def test_each_error_has_its_own_hint(self):
        text = badinput.front("prioritty: high", "titel: a")
        path = self.put("manifest", "two.md", text)
        said = self.fleet.giga("add", "--check", path).stderr.splitlines()
        self.assertEqual([line.startswith("hint: ") for line in said], [False, True, False, True])
        self.assertIn("priority", said[1])
        self.assertIn("title", said[3])

    def three_lines(self, said):
        """What, why, hint."""
        lines = [line for line in said.splitlines() if line.strip()]
        self.assertTrue(lines and lines[0].startswith("error: "), said)
        self.assertTrue(lines[-1].startswith("hint: "), said)
        self.assertIsNone(CRASH.search(said))

    def test_repositories(self):
        base = os.path.join(self.fleet.folder, "places")
        os.makedirs(os.path.join(base, "empty"))
        with open(os.path.join(base, "file"), "w") as file:
            file.write("not a repository\n")
        seed = os.path.join(self.fleet.folder, "seed")
        giga.seed_repository(seed)
        giga.git(base, "clone", "-q", "--bare", seed, os.path.join(base, "good.git"))
        giga.git(base, "clone", "-q", seed, os.path.join(base, "work"))
        os.makedirs(os.path.join(base, "work", "inner"))
        for name, words in badinput.REPOSITORIES:
            with self.subTest(name):
                done = self.fleet.giga("repo", "add", *[w.format(folder=base) for w in words])
                self.note(name, done.returncode, done.stderr)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.three_lines(done.stderr)
                self.assertFalse(os.path.exists(os.path.join(base, "marker")), "its text was run")
                self.unchanged()
        self.golden("repositories")

    def test_http(self):
        token = self.fleet.token()
        for name, method, path, kind, body, which, statuses in badinput.HTTP:
            with self.subTest(name):
                headers = {"Host": "evil.example"} if which == "host" else {}
                bearer = which if isinstance(which, str) and which != "host" else which and token
                try:
                    reply = self.fleet.ask(method, path, body, kind or "", bearer,
                                           headers=headers)
                except (BrokenPipeError, ConnectionResetError):
                    self.assertEqual(name, "too-large", "only a body that is too large is cut off")
                    self.note(name, 413, "")
                    self.unchanged()
                    continue
                told = reply.body.decode(errors="replace")
                problem = reply.json
                # Whether the end of a body that is too large is still read is a matter of luck.
                self.note(name, reply.status, "" if name == "too-large" else problem["title"])
                self.assertIn(reply.status, statuses, told[:300])
                self.assertTrue(reply.headers.get("Content-Type", "").startswith(
                    "application/problem+json"), reply.headers)
                for member in ("type", "title", "status"):
                    self.assertIn(member, problem)
                self.assertEqual(problem["status"], reply.status)
                self.assertIn("hint", problem)
                self.unchanged()
        self.golden("http")


class TableTests(unittest.TestCase):
    def test_each_interface_has_at_least_twelve_cases(self):
        for table in (badinput.MANIFESTS, badinput.PROFILES, badinput.CONFIGURATIONS,
                      badinput.HTTP, badinput.REPOSITORIES, badinput.VARIABLES):
            names = [case[0] for case in table]
            self.assertGreaterEqual(len(names), 12)
            self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
