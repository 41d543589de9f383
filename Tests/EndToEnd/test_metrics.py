"""`/metrics` of a server with some life in it: strict in form, and true to events and stats."""

import collections
import os
import shutil
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import metrics  # noqa: E402

GOOD = """# HELP giga_waits_seconds Waits.
# TYPE giga_waits_seconds histogram
giga_waits_seconds_bucket{le="0.5"} 1
giga_waits_seconds_bucket{le="+Inf"} 2
giga_waits_seconds_sum 3.5
giga_waits_seconds_count 2
"""
# What to put in place of what, and a word of the complaint.
BAD = [
    ("# TYPE giga_waits_seconds histogram\n", "", "no TYPE"),
    ("# TYPE giga_waits_seconds histogram", "# TYPE giga_waits_seconds gauge", "belongs to no TYPE"),
    ("_seconds", "_milliseconds", "base unit"),
    ('{le="0.5"} 1', '{le="0.5"} 3', "not cumulative"),
    ('_bucket{le="+Inf"} 2\n', '_bucket{le="9"} 2\n', "no bucket +Inf"),
    ("_count 2", "_count 3", "not its count"),
    ("_sum 3.5", "_sum 3,5", "not a number"),
    ("giga_waits_seconds_sum 3.5\n", "", "no sum"),
    ('{le="0.5"}', '{le=0.5}', "labels are broken"),
    ('{le="0.5"}', '{le="0.5",le="0.5"}', "label is there twice"),
    ("giga_waits_seconds_sum 3.5\n", "giga_waits_seconds_sum 3.5\n" * 2, "it is there twice"),
    ("giga_waits_seconds_sum 3.5", "giga_waits_seconds_sum  3.5", "neither a comment nor a sample"),
    ("count 2\n", "count 2", "no end"),
]


class GrammarTests(unittest.TestCase):
    """The reader itself, on trial."""

    def test_a_good_text_is_read(self):
        families = metrics.parse(GOOD)
        self.assertEqual(metrics.value(families, "giga_waits_seconds_sum"), 3.5)

    def test_each_fault_is_found(self):
        for old, new, words in BAD:
            with self.subTest(words):
                self.assertIn(old, GOOD)
                with self.assertRaisesRegex(metrics.Fault, words.replace("+", r"\+")):
                    metrics.parse(GOOD.replace(old, new))


def lint(text):
    return giga.run(["promtool", "check", "metrics"], input=text)


class MetricsTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        giga.binary()

    def scrape(self, fleet):
        reply = fleet.ask("GET", "/metrics")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        return reply.body.decode()

    def live(self):
        """A fleet that shipped one job, gave one up, lost one's machine, and has one queued."""
        fleet = giga.Fleet(self)
        fleet.serve()
        fleet.origin()
        fleet.factory("north")
        good = fleet.add(giga.job("echo 'echo 2' > src/price.sh", "good",
                                  review_policy="auto", verify="'true'"))
        bad = fleet.add(giga.job("exit 3", "bad"))
        fleet.wait(good, "shipped")
        fleet.wait(bad, "failed")
        doomed = fleet.factory("south", stations="shell=1", facts="gpu")
        lost = fleet.add(giga.job("echo begun; sleep 600", "lost", capabilities="[gpu]"))
        fleet.until_event(lost, "run.started")
        during = self.scrape(fleet)
        doomed.kill()
        fleet.until_event(lost, "lease.expired")
        return fleet, during

    def test_figures_are_those_of_the_events_and_of_stats(self):
        fleet, during = self.live()
        begun = metrics.parse(during)
        self.assertEqual(metrics.value(begun, "giga_stations", state="busy"), 1)
        self.assertEqual(metrics.value(begun, "giga_stations", state="free"), 2)
        self.assertEqual(metrics.value(begun, "giga_leases", kind="attempt"), 1)

        def settled():
            """What was told between two looks at an unchanged history."""
            before = fleet.ask("GET", "/fleet/stats").json
            text = self.scrape(fleet)
            after = fleet.ask("GET", "/fleet/stats").json
            return before["position"] == after["position"] and (text, after, fleet.events())
        text, stats, events = giga.until(settled, 30, "a moment without events")
        now = metrics.parse(text)
        for stage, count in stats["stages"].items():
            self.assertEqual(metrics.value(now, "giga_jobs", stage=stage), count, stage)
        self.assertEqual(metrics.total(now, "giga_factories"), stats["factories"])
        kinds = collections.Counter(event.kind for event in events)
        for name, kind in (("giga_jobs_submitted_total", "job.submitted"),
                           ("giga_leases_granted_total", "lease.granted"),
                           ("giga_leases_reclaimed_total", "lease.expired"),
                           ("giga_jobs_retried_total", "job.retrying"),
                           ("giga_gate_verdicts_total", "evidence.recorded"),
                           ("giga_job_assign_latency_seconds_count", "job.assigned")):
            self.assertEqual(metrics.total(now, name), kinds[kind], name)
        self.assertEqual(metrics.value(now, "giga_jobs_finished_total", outcome="shipped"), 1)
        self.assertEqual(metrics.value(now, "giga_jobs_finished_total", outcome="failed"), 1)
        self.assertEqual(kinds["job.shipped"], 1)
        self.assertEqual(kinds["job.failed"], 1)
        runs = "giga_run_duration_seconds_count"
        for kind, outcome in (("attempt", "ended"), ("attempt", "engine_failed"),
                              ("attempt", "lost"), ("ship", "shipped")):
            self.assertEqual(metrics.value(now, runs, kind=kind, outcome=outcome), 1, outcome)
        self.assertEqual(metrics.total(now, "giga_commit_events_sum"), stats["position"])
        self.assertGreaterEqual(metrics.value(
            now, "giga_http_requests_total", call="submitJobs", code="2xx"), 3)

    def test_the_process_is_this_server(self):
        fleet = giga.Fleet(self)
        before = time.time()
        server = fleet.serve()
        found = metrics.parse(self.scrape(fleet))
        start = metrics.value(found, "process_start_time_seconds")
        # The system counts from a boot that it knows to the second.
        self.assertTrue(before - 2 <= start <= time.time() + 2, start)
        with open(f"/proc/{server.pid}/statm") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        told = metrics.value(found, "process_resident_memory_bytes")
        self.assertTrue(resident / 2 < told < resident * 2, (resident, told))
        version = fleet.must("version").split()[1]
        self.assertEqual(metrics.value(found, "giga_build_info", version=version), 1)

    def test_a_new_process_counts_from_zero_and_knows_what_is_open(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        fleet.origin()
        fleet.add(giga.job("true"))
        self.assertEqual(metrics.value(metrics.parse(self.scrape(fleet)),
                                       "giga_jobs_submitted_total"), 1)
        fleet.server.end()
        fleet.serve()
        found = metrics.parse(self.scrape(fleet))
        self.assertEqual(metrics.value(found, "giga_jobs_submitted_total"), 0)
        self.assertEqual(metrics.value(found, "giga_jobs", stage="queued"), 1)

    @unittest.skipUnless(shutil.which("promtool"),
                         "no promtool here: apt-get install prometheus brings it (37 MB)")
    def test_promtool_has_nothing_to_say(self):
        fleet, during = self.live()
        for text in (during, self.scrape(fleet)):
            done = lint(text)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        for bad in (during + "giga_odd{a=b} 1\n", during.replace("_usd_total", "_usd"),
                    during.replace("_seconds", "_milliseconds")):
            self.assertNotEqual(lint(bad).returncode, 0)


if __name__ == "__main__":
    unittest.main()
