"""A job that is paused while its gates run: its finished work is kept, and it ships when let go."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

# The first attempt's verify never ends by itself.
VERIFY = "echo judging; case \"$GIGA_ATTEMPT\" in 1) sleep 600;; esac; grep -c once src/once.txt"


class PauseTests(unittest.TestCase):
    def test_finished_work_is_kept_over_a_pause_and_ships_by_itself(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        origin = fleet.origin()
        fleet.factory("north")
        script = "mkdir -p src && echo once >> src/once.txt && echo the engine ran"
        job = fleet.add(giga.job(script, review_policy="auto", verify=f"'{VERIFY}'"))
        giga.until(lambda: "judging" in fleet.giga("log", job).stdout, 30, "verify")
        fleet.must("pause", job, "--reason", "lunch")
        fleet.until_event(job, "job.paused")
        kept = fleet.until_event(job, "run.checkpointed")
        self.assertIsNotNone(kept)
        shown = fleet.json("jobs", "--json")["jobs"][0]
        self.assertEqual((shown["stage"], shown["condition"]), ("queued", "paused"))
        fleet.must("resume", job, "--reason", "back")
        fleet.wait(job, "shipped")
        self.assertEqual(giga.merged(origin, job), 1)
        told = fleet.must("log", job)
        self.assertIn("only the gates are left", told)
        kinds = [event.kind for event in fleet.events(job)]
        self.assertEqual(kinds.count("run.finished"), 2)
        self.assertNotIn("job.retrying", kinds)

    def test_an_engine_that_exists_nowhere_is_refused_with_the_nearest_name(self):
        fleet = giga.Fleet(self)
        path = fleet.write("jobs/a.md", "---\nengine: shel\n---\nDo it.\n")
        done = fleet.giga("add", path, "--check")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"a\.md:2:9: engine is \"shel\"; expected .+\nhint: write shell")


if __name__ == "__main__":
    unittest.main()
