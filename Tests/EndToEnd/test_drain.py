"""Factories that are told to go while their coordinator goes, too: all end, nothing is lost."""

import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
import proc  # noqa: E402

LEASE = 3
# The first attempt runs for ever; the second makes the change.
SCRIPT = ('case "$GIGA_ATTEMPT" in *1) sleep 600;; esac\n'
          "mkdir -p src && echo two > src/two.txt")


class DrainTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve(lease=f"{LEASE}s", heartbeat="1s")
        self.origin = self.fleet.origin()

    def ends(self, process, seconds=20):
        """Waits for a process that was told to end; nothing of it may be left."""
        family = [pid for pid, _ in proc.descendants(process.pid)]
        giga.until(lambda: process.code is not None, seconds, "the end of a process")
        giga.until(lambda: not set(family) & set(proc.processes()) - zombies(), 5,
                   "the end of all that it had started")
        return process.code

    def at_work(self):
        """A factory with a job that would never end."""
        factory = self.fleet.factory("old")
        job = self.fleet.add(giga.job(SCRIPT, review_policy="auto"))
        self.fleet.until_event(job, "run.started")
        return factory, job

    def ships_after_a_restart(self, job):
        """The coordinator's next start gives the job to another factory, and it ships once."""
        self.fleet.serve(lease=f"{LEASE}s", heartbeat="1s")
        self.fleet.factory("new")
        self.fleet.wait(job, "shipped")
        self.assertEqual(giga.merged(self.origin, job), 1)
        events = self.fleet.events()
        self.assertEqual(history.ships(events, self.origin.merges()), [])
        self.assertEqual(history.stale_fences(events), [])
        self.assertEqual([e.kind for e in events if e.kind == "job.retrying"], [],
                         "a machine that leaves is no retry")

    def test_an_idle_factory_whose_coordinator_has_gone(self):
        factory = self.fleet.factory("old")
        giga.until(lambda: self.fleet.json("factory", "list", "--json")["factories"], 20,
                   "the factory")
        self.assertEqual(self.fleet.server.end(), 0)
        factory.signal(signal.SIGTERM)
        self.assertEqual(self.ends(factory), 0, factory.text)

    def test_a_factory_at_work_whose_coordinator_has_gone(self):
        factory, job = self.at_work()
        self.assertEqual(self.fleet.server.end(), 0)
        factory.signal(signal.SIGTERM)
        self.assertEqual(self.ends(factory), 0, factory.text)
        self.ships_after_a_restart(job)

    def test_both_are_told_at_once(self):
        factory, job = self.at_work()
        self.fleet.server.signal(signal.SIGTERM)
        factory.signal(signal.SIGTERM)
        self.assertEqual(self.ends(self.fleet.server), 0, self.fleet.server.text)
        self.assertEqual(self.ends(factory), 0, factory.text)
        self.ships_after_a_restart(job)

    def test_a_second_signal_gives_everything_back_at_once(self):
        factory, job = self.at_work()
        factory.signal(signal.SIGTERM)
        giga.until(lambda: "draining: 1 at work" in factory.text, 20, "the word that it drains")
        self.assertIsNone(factory.code, "its job still runs")
        said = re.compile(r"^old drains since \d{4}-.+Z: it was told to stop$", re.MULTILINE)
        giga.until(lambda: said.search(self.fleet.giga("factory", "list").stdout), 20,
                   "the list that says so")
        refused = self.fleet.giga("factory", "resume", "old")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("its process is stopping", refused.stderr)
        factory.signal(signal.SIGTERM)
        self.assertEqual(self.ends(factory), 0, factory.text)
        self.fleet.factory("new")
        self.fleet.wait(job, "shipped")
        released = next(e for e in self.fleet.events(job)
                        if e.kind in ("lease.released", "job.requeued", "lease.expired"))
        self.assertNotEqual(released.kind, "lease.expired", "it was given back, not lost")

    def test_a_client_whose_coordinator_has_gone_is_told_so(self):
        self.fleet.factory("old")
        giga.until(lambda: self.fleet.json("factory", "list", "--json")["factories"], 20,
                   "the factory")
        env = dict(self.fleet.env, GIGA_TOKEN=self.fleet.token())
        self.assertEqual(self.fleet.server.end(), 0)
        done = self.fleet.giga("factory", "drain", "old", env=env)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertRegex(done.stderr, r"^error: .+\n  .+\nhint: .*giga ")


def zombies():
    return {pid for pid, (_, state, _) in proc.processes().items() if state == "Z"}


if __name__ == "__main__":
    unittest.main()
