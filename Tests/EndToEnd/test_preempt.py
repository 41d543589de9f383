"""A low job that gives way to a critical one: its work is kept, and it goes on where it stood."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402

# Two steps; whoever finds the first one done begins with the second. Only one that resumes ends.
STEPS = """mkdir -p src
if test -f src/one.txt
then echo "resumes at step two on $(git rev-parse HEAD)"
else echo "runs step one"; echo one >> src/one.txt; echo "step one is done"; sleep 600
fi
echo two >> src/two.txt"""
VERIFY = "'test $(cat src/one.txt src/two.txt | wc -l) = 2'"


class PreemptTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.origin = self.fleet.origin()

    def low(self):
        """A low job that has come to the end of its first step."""
        job = self.fleet.add(giga.job(STEPS, title="slow", priority="low", review_policy="auto",
                                      verify=VERIFY))
        giga.until(lambda: "step one is done" in self.fleet.giga("log", job).stdout, 30, "step one")
        return job

    def critical(self, script="mkdir -p src && echo now > src/now.txt"):
        return self.fleet.add(giga.job(script, title="now", priority="critical",
                                       review_policy="auto", verify="'test -f src/now.txt'"))

    def test_a_low_job_gives_way_and_resumes_from_its_checkpoint(self):
        self.fleet.factory("north", stations="shell=1")
        low = self.low()
        critical = self.critical()
        self.fleet.until_event(low, "job.preempted")
        self.fleet.wait(critical, "shipped")
        self.fleet.wait(low, "shipped")
        events = self.fleet.events()
        own = [e for e in events if e.job == low]
        kinds = [e.kind for e in own]
        self.assertEqual(kinds.count("job.preempt_requested"), 1)
        self.assertEqual(kinds.count("job.preempted"), 1)
        order = [e.kind for e in own if e.kind in
                 ("job.preempt_requested", "run.checkpointed", "job.preempted", "job.assigned")]
        self.assertEqual(order, ["job.assigned", "job.preempt_requested", "run.checkpointed",
                                 "job.preempted", "job.assigned"])
        at = {(e.kind, e.job): e.position for e in events}
        self.assertLess(at[("job.preempted", low)], at[("job.assigned", critical)])
        self.assertLess(at[("job.assigned", critical)], at[("job.assigned", low)],
                        "the critical job had the station first")
        for kind in ("job.retrying", "job.failed", "lease.expired"):
            self.assertNotIn(kind, kinds)
        self.assertEqual(history.replay(events)[1], [])

        kept = next(e for e in own if e.kind == "run.checkpointed").body["commit"]
        log = self.fleet.must("log", low)
        self.assertEqual(re.findall(r"resumes at step two on (\w+)", log), [kept],
                         "the run stands on the checkpoint")
        first = self.fleet.must("log", f"{low}.1")
        self.assertEqual(first.count("runs step one"), 1)
        self.assertNotIn("runs step one", self.fleet.must("log", f"{low}.2"))
        runs = self.fleet.json("show", low, "--json")["runs"]
        attempts = [run for run in runs if run["kind"] == "attempt"]
        self.assertEqual([run["outcome"] for run in attempts], ["preempted", "ended"])
        self.assertIn(f"goes on from {kept}", attempts[1]["notes"])
        self.assertEqual(self.origin.git("show", "main:src/one.txt"), "one\n",
                         "step one was done once")
        self.assertEqual(giga.merged(self.origin, low), 1)
        self.assertEqual(self.fleet.server.end(), 0)
        self.assertEqual(self.fleet.replay().returncode, 0)

    def test_why_says_what_a_job_gave_way_to(self):
        self.fleet.factory("north", stations="shell=1")
        low = self.low()
        critical = self.critical("sleep 600")
        self.fleet.until_event(critical, "run.started")
        told = self.fleet.must("why", low)
        self.assertIn("now: no-free-station", told)
        self.assertIn(f"it gave way to {critical}, which is critical, and goes on from its "
                      "checkpoint", told)

    def test_nobody_gives_way_while_another_station_is_free(self):
        self.fleet.factory("north", stations="shell=2")
        low = self.low()
        critical = self.critical()
        self.fleet.wait(critical, "shipped")
        self.assertNotIn("job.preempt_requested", [e.kind for e in self.fleet.events(low)])
        shown = next(j for j in self.fleet.json("jobs", "--json")["jobs"] if j["id"] == low)
        self.assertEqual(shown["stage"], "building")


if __name__ == "__main__":
    unittest.main()
