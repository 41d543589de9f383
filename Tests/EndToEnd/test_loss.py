"""Work that was handed out and never arrived, or whose factory died, runs again in time."""

import datetime
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
from proxy import Proxy  # noqa: E402

LEASE = 3
ALLOWED = LEASE + 2
CHANGE = "mkdir -p src && echo two > src/two.txt"


class LossTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve(lease=f"{LEASE}s", heartbeat="1s")
        self.origin = self.fleet.origin()

    def ships_once(self, job):
        self.fleet.wait(job, "shipped")
        self.assertEqual(giga.merged(self.origin, job), 1)
        self.assertEqual(history.ships(self.fleet.events(), self.origin.merges()), [])

    def runs_again_in_time(self, job, lost, after):
        """By the coordinator's own times: how long our looking takes is no matter."""
        again = self.fleet.until_event(job, "run.started", after=after)
        at = datetime.datetime.fromisoformat(again.at.replace("Z", "+00:00")).timestamp()
        self.assertLessEqual(at - lost, ALLOWED)

    def test_a_claim_whose_reply_was_lost(self):
        proxy = Proxy(self, self.fleet.port)
        self.fleet.lend_tokens(proxy.port)
        proxy.lose(r"/fleet/leases/claim", '"fence"')
        self.fleet.factory("far", coordinator=proxy.url)
        job = self.fleet.add(giga.job(CHANGE, review_policy="auto"))
        giga.until(proxy.lost.is_set, 20, "the loss of a claim's reply")
        lost = time.time()
        self.runs_again_in_time(job, lost, after=0)
        self.ships_once(job)

    def test_a_factory_killed_and_back_within_a_second(self):
        first = self.fleet.factory("phoenix")
        script = f'case "$GIGA_ATTEMPT" in *1) sleep 600;; esac\n{CHANGE}'
        job = self.fleet.add(giga.job(script, review_policy="auto"))
        started = self.fleet.until_event(job, "run.started")
        killed = time.time()
        first.signal(signal.SIGKILL)
        first.inner.wait()
        self.fleet.factory("phoenix")
        self.assertLess(time.time() - killed, 1)
        self.runs_again_in_time(job, killed, after=started.fence)
        self.ships_once(job)
        self.assertEqual([e for e in self.fleet.events(job) if e.kind == "job.retrying"], [],
                         "a lost machine is no retry")


if __name__ == "__main__":
    unittest.main()
