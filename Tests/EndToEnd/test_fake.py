"""The tests of durability on trial: a stand-in that keeps its word passes, each liar fails."""

import os
import sys
import unittest
import unittest.mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import giga  # noqa: E402
import test_crash  # noqa: E402
import test_full_disk  # noqa: E402
import test_sync_order  # noqa: E402


class Storm(test_crash.CrashTests):
    """The crash test without work that ships: the stand-in has no factories."""

    def runTest(self):
        with unittest.mock.patch.multiple(test_crash, REAL_PER_ROUND=0, CANCELLED=0):
            fleet = giga.Fleet(self)
            fleet.serve()
            self.storm(fleet, 3)


def load_tests(loader, *_):
    return loader.loadTestsFromTestCase(FakeTests)


class FakeTests(unittest.TestCase):
    def outcome(self, test, fault=""):
        """None when the test passes on the stand-in, else what it said."""
        result = unittest.TestResult()
        fake = {"GIGA": os.path.join(HERE, "fake_giga.py"), "FAKE_FAULT": fault}
        with unittest.mock.patch.dict(os.environ, fake):
            test.run(result)
        if result.skipped:
            self.skipTest(result.skipped[0][1])
        wrong = result.failures + result.errors
        return wrong[0][1] if wrong else None

    def test_crash(self):
        self.assertIsNone(self.outcome(Storm()))
        self.assertRegex(self.outcome(Storm(), "forgets") or "",
                         "acknowledged and lost|told to another key")

    def test_sync_order(self):
        with unittest.mock.patch.object(test_sync_order, "SUBMISSIONS", 20):
            each = test_sync_order.SyncOrderTests
            self.assertIsNone(self.outcome(each("test_each_reply_waits_for_its_sync")))
            self.assertIsNone(self.outcome(each("test_with_syncs_made_void_the_check_fails")))
            early = self.outcome(each("test_each_reply_waits_for_its_sync"), "early")
            self.assertIn("its reply left", early or "")

    def test_full_disk(self):
        each = test_full_disk.FullDiskTests
        self.assertIsNone(self.outcome(each("test_it_stops_cleanly_and_keeps_its_word")))
        silent = self.outcome(each("test_it_stops_cleanly_and_keeps_its_word"), "crashes")
        self.assertIn("AssertionError", silent or "")


if __name__ == "__main__":
    unittest.main()
