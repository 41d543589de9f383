"""Streams of events over the death of the server, and claims beside stalled and slow clients.

A small version of `scripts/check-streams`, which prints the figures of the large one.
"""

import importlib.machinery
import importlib.util
import os
import unittest

import giga

PATH = os.path.join(giga.ROOT, "scripts", "check-streams")


def script():
    """The check, as a module; its name has no ending."""
    loader = importlib.machinery.SourceFileLoader("check_streams", PATH)
    spec = importlib.util.spec_from_loader("check_streams", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.check = script()

    def fleet(self, **more):
        fleet = giga.Fleet(self)
        fleet.serve(**more)
        fleet.origin()
        return fleet

    def test_a_hundred_clients_see_each_event_once_over_the_servers_death(self):
        self.assertTrue(self.check.check_resume(self.fleet(), clients=100, jobs=30))

    def test_clients_that_forget_their_place_are_noticed(self):
        self.assertFalse(self.check.check_resume(self.fleet(), clients=20, jobs=30, resumes=False))

    def test_claims_go_on_beside_stalled_readers_and_slow_senders(self):
        """No figure of time on a busy machine: each claim is granted, and memory stays small."""
        fleet = self.fleet(lease="60s", heartbeat="10s")
        claimer = self.check.Claimer(fleet)
        load = self.check.Load(fleet, stalled=20, slow=50)
        self.addCleanup(load.close)
        taken = [claimer.life() for _ in range(40)]
        self.assertLess(max(taken), 5)
        self.assertLess(self.check.memory(fleet.server.pid)[1], self.check.MEMORY_LIMIT)


if __name__ == "__main__":
    unittest.main()
