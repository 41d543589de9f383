"""`giga up` in one's own repository, and files written for the older tool: one's checkout is
the same to the byte before and after."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checkout  # noqa: E402
import giga  # noqa: E402
import history  # noqa: E402

CHANGE = "mkdir -p src && echo two > src/two.txt"
OLD_CWD = "---\nengine: shell\ncwd: {folder}\nyolo: true\n---\nAdd one.\n\n```sh\n{script}\n```\n"
OLD_ENGINE = "---\nengine: shell\n---\nAdd two.\n\n```sh\n{script}\n```\n"
NO_FRONT = "Add three.\n\n```sh\n{script}\n```\n"
PROFILE = ("---\nname: scripted\nengine-class: script\n---\n"
           "You run the script that the job gives you.\n")


def up(fleet, folder, *more):
    """Starts `giga up` in a folder and waits until it answers."""
    sign = os.path.join(fleet.folder, "url")
    fleet.data = os.path.join(fleet.folder, "up")
    fleet.server = giga.Process(
        [fleet.binary, "up", "--data", fleet.data, "--listen", f"{giga.LOOPBACK}:0",
         "--port-file", sign, *more], os.path.join(fleet.folder, "up.log"), fleet.env, cwd=folder)
    fleet.processes.append(fleet.server)

    def answers():
        if fleet.server.code is not None:
            raise AssertionError(f"giga up ended {fleet.server.code}: {fleet.server.text}")
        if not os.path.exists(sign):
            return None
        with open(sign) as file:
            return file.read().strip()
    fleet.url = giga.until(answers, 30, "giga up to answer")
    fleet.port = int(fleet.url.rstrip("/").rsplit(":", 1)[1])
    fleet.env["GIGA_COORDINATOR"] = fleet.url


class OwnRepositoryTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)

    def ship_in(self, folder, origin):
        """Adds a job from inside the checkout, ships it; the checkout as it was."""
        before = checkout.remember(folder)
        up(self.fleet, folder)
        text = giga.job(CHANGE, repo=None, verify="sh test.sh", review_policy="auto")
        job = self.fleet.add(text, cwd=folder)
        self.fleet.wait(job, "shipped")
        origin = origin or history.Origin.find(self.fleet.data)
        self.assertEqual(giga.merged(origin, job), 1)
        self.assertEqual(origin.git("show", "main:src/two.txt"), "two\n")
        self.assertEqual(checkout.remember(folder), before)

    def test_in_a_clone_of_a_remote(self):
        origin = self.fleet.origin(register=False)
        self.ship_in(checkout.make(os.path.join(self.fleet.folder, "mine"), origin.path), origin)

    def test_in_a_repository_without_remote_and_with_changes(self):
        self.ship_in(checkout.make(os.path.join(self.fleet.folder, "mine")), None)
        self.assertIn("git ", self.fleet.server.text, "it prints the command that brings it in")

    def test_with_a_broken_verify_nothing_ships(self):
        folder = checkout.make(os.path.join(self.fleet.folder, "mine"))
        before = checkout.remember(folder)
        up(self.fleet, folder)
        text = giga.job(CHANGE, repo=None, verify="exit 1", review_policy="auto", retry="{max: 0}")
        job = self.fleet.add(text, cwd=folder)
        self.fleet.wait(job, "failed")
        self.assertEqual(history.Origin.find(self.fleet.data).merges(), [])
        self.assertEqual(checkout.remember(folder), before)


class OlderFilesTests(unittest.TestCase):
    def setUp(self):
        if not shutil.which("bwrap"):
            raise unittest.SkipTest("bubblewrap is not here: `yolo: true` is refused without it")
        self.fleet = giga.Fleet(self)
        self.folder = os.path.join(self.fleet.folder, "mine")
        giga.seed_repository(self.folder, {
            "README.md": "A shop.\n", "src/price.sh": "echo 1\n", "test.sh": "sh src/price.sh\n",
            "giga.yaml": "profile: scripted\nverify: sh test.sh\n",
            "profiles/scripted.md": PROFILE})
        checkout.write(self.folder, "README.md", "Stashed.\n")
        giga.git(self.folder, "stash", "push", "-q")
        checkout.write(self.folder, "README.md", "Staged.\n")
        giga.git(self.folder, "add", "README.md")
        checkout.write(self.folder, "notes.txt", "Mine.\n")

    def test_three_older_files_reach_testing(self):
        before = checkout.remember(self.folder)
        up(self.fleet, self.folder, "--profiles", "profiles")
        jobs = {}
        for number, (name, text, inside) in enumerate([
                ("old-cwd", OLD_CWD, self.fleet.folder), ("old-engine", OLD_ENGINE, self.folder),
                ("no-front", NO_FRONT, self.folder)]):
            script = f"echo {number} > src/added-{number}.txt"
            jobs[name] = self.fleet.add(text.format(folder=self.folder, script=script),
                                        name=f"older/{name}.md", cwd=inside)
        for name, job in jobs.items():
            with self.subTest(name):
                self.fleet.wait(job, "testing")
                shown = self.fleet.json("show", job, "--json=all")
                self.assertEqual(shown["stage"], "testing")
                self.assertEqual(shown["engine"], "shell")
        self.assertEqual(checkout.remember(self.folder), before)

    def test_an_older_file_fails_at_once(self):
        up(self.fleet, self.folder, "--profiles", "profiles")
        job = self.fleet.add(OLD_ENGINE.format(script="exit 3"), cwd=self.folder)
        self.fleet.wait(job, "failed")
        kinds = [e.kind for e in self.fleet.events(job)]
        self.assertNotIn("job.retrying", kinds)
        self.assertNotIn("job.dead_lettered", kinds)
        self.assertEqual(kinds.count("run.started"), 1)


if __name__ == "__main__":
    unittest.main()
