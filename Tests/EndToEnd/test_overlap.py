"""Jobs on the same files: `giga add` says so, `giga why` says for whom one waits, and turns are taken."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

WRITES = "mkdir -p src/pay/api; echo $GIGA_ATTEMPT > src/pay/api/a.txt"


class OverlapTests(unittest.TestCase):
    def test_the_second_waits_for_the_first_and_begins_on_what_it_shipped(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        origin = fleet.origin()
        fleet.factory("north", stations="shell=2")
        waits = fleet.add(giga.job("sleep 600", allowed_scope="[src/pay/]"))
        fleet.until_event(waits, "run.started")
        path = fleet.write("second.md", giga.job(
            WRITES, allowed_scope="[src/pay/api/*.txt]", review_policy="auto"))
        done = fleet.giga("add", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            done.stderr, "note: job-2 may change the same files as job-1, so they run one at a time: "
            "src/pay/api/*.txt overlaps src/pay/ of job-1\n")
        wide = fleet.add(giga.job("echo 'echo 2' > src/price.sh", allowed_scope="['src/**']",
                                  review_policy="auto"))
        fleet.wait(wide, "shipped")
        told = fleet.must("why", "job-2")
        self.assertIn("waiting-overlap", told)
        self.assertIn("job-1 is at work on files that it may change, too: src/pay/api/*.txt overlaps "
                      "src/pay/ of job-1", told)
        fleet.server.kill()
        fleet.serve()
        self.assertIn("waiting-overlap", fleet.must("why", "job-2"))
        fleet.must("cancel", waits, "--reason", "the other goes first")
        fleet.wait("job-2", "shipped")
        self.assertEqual(giga.git(origin.path, "show", "main:src/pay/api/a.txt").strip(), "1")


if __name__ == "__main__":
    unittest.main()
