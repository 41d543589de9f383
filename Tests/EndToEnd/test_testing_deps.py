"""`deps: [ID@testing]`: work that begins on a commit in testing, and lands after that or not as it is."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

FIRST = "case \"$GIGA_ATTEMPT\" in 1) echo one > src/first.txt;; *) echo two > src/first.txt;; esac"
SECOND = "cat src/first.txt > src/second.txt"


class TestingDependencyTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.origin = self.fleet.origin()
        self.fleet.factory("north")
        self.first = self.fleet.add(giga.job(FIRST, title="first", review_policy="manual"))
        self.second = self.fleet.add(giga.job(
            SECOND, title="second", review_policy="auto", deps=f"['{self.first}@testing']"))

    def standing(self, job):
        shown = {row["id"]: row for row in self.fleet.json("jobs", "--json")["jobs"]}[job]
        return shown["stage"], shown.get("condition")

    def until(self, job, *standing):
        giga.until(lambda: self.standing(job) == standing, 30, lambda: f"{job} at {standing}, not "
                   f"{self.standing(job)}")

    def shows(self, path):
        return giga.git(self.origin.path, "show", f"main:{path}")

    def ends_well(self):
        for job in (self.first, self.second):
            self.fleet.wait(job, "shipped")
            self.assertEqual(giga.merged(self.origin, job), 1)
        self.assertEqual(self.fleet.server.end(), 0)
        done = self.fleet.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_work_on_a_commit_that_changes_is_done_anew_on_the_new_one(self):
        self.until(self.second, "testing", "awaiting-dependency-ship")
        self.fleet.must("requeue", self.first, "--reason", "once more")
        requeued = self.fleet.until_event(self.second, "job.requeued")
        self.assertEqual(requeued.actor, "coordinator")
        self.until(self.second, "testing", "awaiting-dependency-ship")
        self.fleet.must("ship", self.first)
        self.ends_well()
        self.assertEqual(self.shows("src/second.txt").strip(), "two")

    def test_it_waits_in_testing_over_a_kill_and_ships_by_itself_after_the_first(self):
        self.until(self.second, "testing", "awaiting-dependency-ship")
        self.assertIn(f"{self.first} ships", self.fleet.must("why", self.second))
        self.fleet.server.kill()
        self.fleet.serve()
        self.until(self.second, "testing", "awaiting-dependency-ship")
        self.assertEqual(giga.merged(self.origin, self.second), 0)
        self.fleet.must("ship", self.first)
        self.ends_well()
        self.assertEqual(self.shows("src/second.txt").strip(), "one")


if __name__ == "__main__":
    unittest.main()
