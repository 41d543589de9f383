"""`giga up` in two repositories at once: the second is told how, and what it is told works."""

import os
import re
import shlex
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checkout  # noqa: E402
import giga  # noqa: E402
import history  # noqa: E402

CHANGE = "mkdir -p src && echo two > src/two.txt"


class TwoFleetsTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.listen = f"{giga.LOOPBACK}:{giga.free_port()}"
        self.folders = {name: checkout.make(os.path.join(self.fleet.folder, name))
                        for name in ("one", "two")}

    def up(self, name, words):
        """Starts a `giga up …` in a repository; its process, and its URL once it answers."""
        sign = os.path.join(self.fleet.folder, name + ".url")
        process = giga.Process([self.fleet.binary, *words, "--port-file", sign],
                               os.path.join(self.fleet.folder, name + ".log"), self.fleet.env,
                               cwd=self.folders[name])
        self.fleet.processes.append(process)
        giga.until(lambda: process.code is not None or os.path.exists(sign), 30, "giga up")
        if process.code is not None:
            return process, None
        with open(sign) as file:
            return process, file.read().strip()

    def refused(self, words, code):
        """A second `giga up` that ends with three lines; the command that its hint gives."""
        second, url = self.up("two", words)
        self.assertIsNone(url)
        self.assertEqual(second.code, 1)
        lines = second.text.splitlines()[-3:]
        self.assertRegex(lines[0], "^error: ")
        self.assertRegex(lines[1], "^  ")
        self.assertIn(code, lines[0] + lines[1])
        return re.search(r"^hint: .*(giga up .+)$", lines[2])[1]

    def ship(self, name, url, data):
        """One job in each of the two, from inside its checkout."""
        text = giga.job(CHANGE, repo=None, verify="sh test.sh", review_policy="auto")
        env = dict(self.fleet.env, GIGA_COORDINATOR=url)
        job = self.fleet.add(text, cwd=self.folders[name], env=env)
        done = self.fleet.giga("wait", job, "--timeout", "120s", env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(giga.merged(history.Origin.find(data), job), 1)

    def test_the_second_is_told_how_and_it_works(self):
        words = ["up", "--listen", self.listen]
        _, first = self.up("one", words)
        self.assertIsNotNone(first)
        command = shlex.split(self.refused(words, "in use"))
        self.assertEqual(command[0], "giga")
        process, second = self.up("two", command[1:])
        self.assertIsNotNone(second, process.text)
        self.assertNotEqual(first, second)
        told = re.search(r"^next: (\S+) giga add", process.text, re.MULTILINE)
        self.assertEqual(told[1], f"GIGA_COORDINATOR={second}", "giga add would go to the first")
        data = command[command.index("--data") + 1]
        self.ship("two", second, data)
        self.ship("one", first, os.path.join(self.fleet.env["XDG_DATA_HOME"], "giga"))

    def test_the_hint_keeps_a_data_folder_that_is_free(self):
        words = ["up", "--listen", self.listen]
        self.assertIsNotNone(self.up("one", words)[1])
        data = os.path.join(self.fleet.folder, "free")
        command = shlex.split(self.refused([*words, "--data", data], "listen"))
        self.assertEqual(command[command.index("--data") + 1], data)
        self.assertIsNotNone(self.up("two", command[1:])[1])


if __name__ == "__main__":
    unittest.main()
