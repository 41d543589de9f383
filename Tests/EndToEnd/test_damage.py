"""A store that was cut or whose bits were flipped: a state that was committed, or a named damage.

DAMAGE_STEP is the distance between two cuts of the last 4 KiB (128), DAMAGE_FLIPS the number of
flipped bits (80), DAMAGE_SEED which. What was committed is read off the write-ahead log by SQLite
alone; what is asked is `giga doctor --replay`, which reads all of a store and changes nothing.
"""

import collections
import concurrent.futures
import hashlib
import os
import random
import signal
import sqlite3
import struct
import sys
import tempfile
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
from writers import idle_job  # noqa: E402

STEP = int(os.environ.get("DAMAGE_STEP", "128"))
FLIPS = int(os.environ.get("DAMAGE_FLIPS", "80"))
SEED = int(os.environ.get("DAMAGE_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
TAIL = 4096
MAIN, LOG = "giga.db", "giga.db-wal"


def write(folder, files):
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def read(folder):
    found = {}
    for name in (MAIN, LOG):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                found[name] = file.read()
    return found


# What no event tells of, and nothing can therefore be held against.
UNTOLD = {
    "fleet_batches": "at",
    "fleet_decisions": "iif(key like '%.ship-%', body, 0)",
    "fleet_events": "at",
    "fleet_identity": "fleet_id, epoch",
    "fleet_replies": "key, request_hash, status, body, at",
}
TOLD = {
    "fleet_batches": "1",
    "fleet_decisions": "product_id, iif(key like '%.ship-%', 0, key || body)",
    "fleet_events": "product_id, first_position, last_position, batch_id, bytes",
    "fleet_identity": "1",
    "fleet_replies": "1",
}


def contents(folder, columns):
    """What each table holds, as a hash; SQLite's own words when it cannot be read."""
    database = sqlite3.connect(os.path.join(folder, MAIN))
    database.text_factory = bytes
    try:
        tables = [row[0].decode() for row in database.execute(
            "select name from sqlite_schema where type = 'table' order by name")]
        return tuple((table, hashlib.sha256(repr(sorted(database.execute(
            f"select {columns.get(table, '*')} from {table}"), key=repr)).encode()).hexdigest())
            for table in tables)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return ((str(error), ""),)
    finally:
        database.close()


def commits(log):
    """Where each commit of a write-ahead log ends (sqlite.org/fileformat2.html, section 4)."""
    page = struct.unpack(">I", log[8:12])[0]
    salt, ends = log[16:24], []
    for at in range(32, len(log) - page - 23, page + 24):
        if log[at + 8:at + 16] != salt:
            break
        if struct.unpack(">I", log[at + 4:at + 8])[0]:
            ends.append(at + 24 + page)
    return ends


def changed_tables(found, whole):
    there = dict(found)
    return ", ".join(name for name, hashed in whole if there.get(name) != hashed)


class Original:
    """A small store with some life in it, in the three forms that its files can have."""

    def __init__(self, test):
        fleet = giga.Fleet(test)
        fleet.serve()
        fleet.origin()
        alpha = fleet.factory("alpha")
        shipped = fleet.add(giga.job("mkdir -p src && echo 1 > src/one.txt", review_policy="auto"))
        fleet.wait(shipped, "shipped")
        alpha.end()
        token, connection = fleet.token(), fleet.connect()
        for number in range(24):
            fleet.ask("POST", "/fleet/jobs", idle_job(f"idle-{number}"), "text/markdown", token,
                      over=connection)
            if number % 4 == 0:
                fleet.ask("POST", f"/fleet/jobs/job-{number + 2}/cancel", "{}", token=token,
                          over=connection)
        connection.close()
        fleet.must("halt", "--reason", "a look")
        fleet.must("resume")
        fleet.server.signal(signal.SIGKILL)
        fleet.server.inner.wait()
        self.binary, self.env = fleet.binary, fleet.env
        self.base = giga.fresh_folder(test, "damage-")
        self.killed = read(fleet.data)
        with self.copy(self.killed) as folder:
            database = sqlite3.connect(os.path.join(folder, MAIN))
            database.execute("pragma wal_checkpoint(passive)")
            # All of the log is in the database, and the log is still there.
            self.folded = read(folder)
            database.close()
            self.closed = read(folder)
        assert LOG not in self.closed and len(self.folded[LOG]) > TAIL
        self.states = {}
        for end in commits(self.killed[LOG]):
            with self.copy({**self.killed, LOG: self.killed[LOG][:end]}) as folder:
                self.whole, self.untold = contents(folder, TOLD), contents(folder, UNTOLD)
                self.states[self.whole] = end

    def copy(self, files):
        folder = tempfile.TemporaryDirectory(dir=self.base)
        write(folder.name, files)
        return folder

    def look(self, damage):
        """One damaged copy: (what became of it, what is wrong with that or None)."""
        files, what, may_be_older = damage()
        with self.copy(files) as folder:
            done = giga.run([self.binary, "doctor", "--replay", "--data", folder],
                            env=self.env, cwd=folder)
            told = done.stdout + done.stderr
            if done.returncode == 0:
                found = contents(folder, TOLD)
                if found == self.whole:
                    return ("whole" if contents(folder, UNTOLD) == self.untold else
                            "changed in what no event tells"), None
                if may_be_older and found in self.states:
                    return "a state that was committed", None
                return "not seen", f"{what}: not seen: {changed_tables(found, self.whole)}"
        if done.returncode != 1 or folder not in told or "hint: " not in told:
            return "badly named", f"{what}: ended {done.returncode}: {told[-600:]}"
        return "named", None

    def look_at_all(self, damages):
        """Tallies of damages, two at a time; each is done when its turn has come."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = list(pool.map(self.look, damages))
        tally = collections.Counter(fate for fate, _ in found)
        return tally, [wrong for _, wrong in found if wrong]


def cut(files, name, lost, older):
    """A damage: the files, what was done to them, and whether an older state may come of it."""
    return lambda: (
        {**files, name: files[name][:-lost]}, f"{name} without its last {lost} bytes", older)


def flipped(files, name, bit, older):
    def flip():
        data = bytearray(files[name])
        data[bit // 8] ^= 1 << bit % 8
        return {**files, name: bytes(data)}, f"{name} with bit {bit} flipped", older
    return flip


class DamageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keeper = unittest.TestCase()
        cls.addClassCleanup(cls.keeper.doCleanups)
        cls.original = Original(cls.keeper)

    def judge(self, kind, damages, least):
        tally, wrong = self.original.look_at_all(damages)
        print(f"\nfigure: {kind}: {sum(tally.values())} tried, "
              + ", ".join(f"{count} {fate}" for fate, count in sorted(tally.items())), flush=True)
        self.assertEqual(wrong, [])
        for fate in least:
            self.assertGreater(tally[fate], 0, f"none was {fate}: nothing was tried")

    def test_what_was_not_touched_is_whole(self):
        for files in (self.original.killed, self.original.folded, self.original.closed):
            untouched = self.original.look(lambda: (files, "untouched", False))
            self.assertEqual(untouched, ("whole", None))
        self.assertGreater(len(self.original.states), 20)

    def cuts(self):
        for lost in range(1, TAIL + 1, STEP):
            yield cut(self.original.killed, LOG, lost, True)
            yield cut(self.original.closed, MAIN, lost, False)

    def test_a_cut_anywhere_in_the_tail(self):
        self.judge("cuts of the last 4 KiB of the log and of the database", self.cuts(),
                   ["a state that was committed", "named"])

    def flips(self):
        draw, original = random.Random(SEED), self.original
        kinds = [(original.closed, MAIN, False)] * 5 + [(original.killed, LOG, True)] * 3 + [
            (original.folded, MAIN, False), (original.folded, LOG, True)]
        for number in range(FLIPS):
            files, name, older = kinds[number % len(kinds)]
            yield flipped(files, name, draw.randrange(8 * len(files[name])), older)

    def test_a_flipped_bit_anywhere(self):
        print(f"\ndamage seed {SEED}")
        self.judge("flipped bits", self.flips(), ["a state that was committed", "named"])

    def test_each_bit_of_an_event_in_the_middle(self):
        """Of all bits of a store those whose loss nobody would notice later."""
        events = self.original.closed[MAIN].find(b'{"position":20,')
        self.assertGreater(events, 0)
        end = self.original.closed[MAIN].find(b"\n", events)
        bits = range(8 * events, 8 * end, max(1, 8 * (end - events) // FLIPS))
        self.judge("flipped bits of one event in the middle", (
            flipped(self.original.closed, MAIN, bit, False) for bit in bits), ["named"])

    def test_a_check_that_sees_nothing_is_found_out(self):
        """The control: the same judge over a program that finds every store in order."""
        original = self.original
        blind = os.path.join(original.base, "blind")
        with open(blind, "w") as file:
            file.write("#!/bin/sh\necho equal\n")
        os.chmod(blind, 0o755)
        with unittest.mock.patch.object(original, "binary", blind):
            _, cuts = original.look_at_all(cut(original.closed, MAIN, lost, False)
                                           for lost in (1, TAIL))
            tally, _ = original.look_at_all(self.flips())
        self.assertEqual(len(cuts), 2)
        self.assertGreater(tally["not seen"], FLIPS // 8)


if __name__ == "__main__":
    unittest.main()
