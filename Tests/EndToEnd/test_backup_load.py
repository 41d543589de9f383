"""A backup taken while clients write restores to a prefix with all that was acknowledged before."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
from writers import Writers, idle_job  # noqa: E402

SEED = int(os.environ.get("BACKUP_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
CHANGE = "mkdir -p src && echo {n} > src/{n}.txt"


class BackupTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.fleet.origin()

    def make(self, key, number, turn, _):
        """Most jobs wait for ever; each tenth of the first client is real work that ships."""
        if number == 0 and turn % 10 == 0:
            return giga.job(CHANGE.format(n=turn), title=key, review_policy="auto",
                            idempotency_key=key)
        return idle_job(key)

    def back_up(self, name):
        """Takes a backup of the fleet's store: its file and what was told of it."""
        path = os.path.join(self.fleet.folder, name + ".tar")
        return path, self.fleet.json("backup", "--data", self.fleet.data, "--to", path, "--json")

    def restored(self, path, name):
        """A folder made of a backup, and the events in it."""
        data = os.path.join(self.fleet.folder, "restored", name)
        done = self.fleet.giga("restore", path, "--data", data)
        self.assertEqual(done.returncode, 0, done.stderr)
        replay = self.fleet.giga("doctor", "--replay", "--data", data)
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        return data, history.parse_events(self.fleet.must("events", "--json", "--data", data))

    def assert_prefix(self, restored, full, told_before, position):
        """The restored events are the store's own up to the position, and go on without a gap."""
        self.assertEqual(history.gaps(restored) + history.broken_hashes(restored), [])
        kept = [event for event in restored if event.position <= position]
        self.assertEqual(len(kept), position)
        theirs = {event.position: event.texts for event in full}
        for event in kept:
            self.assertEqual(event.texts, theirs[event.position])
        there = {event.job for event in kept if event.kind == "job.submitted"}
        self.assertEqual(sorted(told_before - there), [], "acknowledged before, and not in it")
        self.assertEqual(history.replay(kept)[1], [])

    def test_under_load(self):
        print(f"\nbackup seed {SEED}")
        draw = random.Random(SEED)
        for name in ("alpha", "beta"):
            self.fleet.factory(name)
        writers = Writers(self.fleet, self.make, seed=SEED).start()
        self.addCleanup(writers.stop)
        taken = []
        for number in range(3):
            writers.wait_for_more(draw.randrange(20, 120))
            with writers.lock:
                before = set(writers.acknowledged.values())
            path, told = self.back_up(f"during-{number}")
            meanwhile = len(writers.acknowledged) - len(before)
            print(f"backup {number + 1}: {len(before)} acknowledged before, "
                  f"{meanwhile} more meanwhile, position {told['position']}")
            taken.append((path, told, before, meanwhile))
        self.assertTrue(any(meanwhile for *_, meanwhile in taken), "nobody wrote meanwhile")
        writers.stop()
        self.assertEqual(writers.wrong, [])
        full = self.fleet.events()
        for number, (path, told, before, _) in enumerate(taken):
            with self.subTest(backup=number + 1):
                _, events = self.restored(path, str(number))
                self.assert_prefix(events, full, before, told["position"])

    def test_a_damaged_backup_is_refused(self):
        self.fleet.add(idle_job("one"))
        path, _ = self.back_up("whole")
        with open(path, "rb") as file:
            whole = bytearray(file.read())
        draw = random.Random(SEED)
        for number in range(8):
            # A byte of the first member's content, and others anywhere that is not padding.
            at = draw.choice([n for n in range(512, len(whole)) if whole[n]])
            damaged = bytearray(whole)
            damaged[at] ^= 1 << draw.randrange(8)
            with self.subTest(byte=at, of=len(whole)):
                self.refused(bytes(damaged), number)
        with self.subTest("cut short"):
            self.refused(bytes(whole[:len(whole) // 2]), "cut")

    def refused(self, content, number):
        path = os.path.join(self.fleet.folder, f"damaged-{number}.tar")
        with open(path, "wb") as file:
            file.write(content)
        data = os.path.join(self.fleet.folder, "restored", f"damaged-{number}")
        done = self.fleet.giga("restore", path, "--data", data)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"^error: .+(\n  .+)+\nhint: ")
        self.assertFalse(os.path.exists(data), "nothing half done is left")


if __name__ == "__main__":
    unittest.main()
