"""Backups under load, from outside: what was acknowledged is in them, and comes back whole.

BACKUP_KILLS sets how often a backup and a restore are killed (8 each), BACKUP_SEED the moments.
"""

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
from writers import Writers, idle_job  # noqa: E402

KILLS = int(os.environ.get("BACKUP_KILLS", "8"))
SEED = int(os.environ.get("BACKUP_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def members(path):
    """Name to content of an archive, read by another program than the one that wrote it."""
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class BackupTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.origin = self.fleet.origin()

    def backup(self, name="b.tar"):
        path = os.path.join(self.fleet.folder, name)
        return self.fleet.json("backup", "--data", self.fleet.data, "--to", path, "--json")

    def restore(self, archive, name="restored", *more):
        path = os.path.join(self.fleet.folder, name)
        return path, self.fleet.json("restore", archive, "--data", path, "--json", *more)

    def stored(self, folder):
        """Event lines of a store that no server has open."""
        return self.fleet.must("events", "--json", "--data", folder).splitlines()

    def writers(self, padding=""):
        writers = Writers(self.fleet, lambda key, *_: idle_job(key, padding), seed=SEED).start()
        self.addCleanup(writers.stop)
        return writers

    def test_under_load_it_holds_a_prefix_with_all_that_was_acknowledged(self):
        for name in ("alpha", "beta"):
            self.fleet.factory(name)
        real = [self.fleet.add(giga.job(f"mkdir -p src && echo {n} > src/{n}.txt", title=f"real {n}",
                                        review_policy="auto")) for n in range(3)]
        writers = self.writers()
        writers.wait_for_more(100)
        for job in real:
            self.fleet.wait(job, "shipped", 90)
        for round in range(4):
            writers.wait_for_more(25)
            told = dict(writers.acknowledged)
            made = self.backup(f"{round}.tar")
            after = len(writers.acknowledged)
            folder, restored = self.restore(made["file"], f"restored-{round}")
            print(f"\nround {round}: {len(told)} acknowledged before, {after} after the backup, "
                  f"position {made['position']}")
            lines = self.stored(folder)
            events = history.parse_events("\n".join(lines))
            self.assertEqual(history.gaps(events) + history.broken_hashes(events), [])
            there = {e.job for e in events if e.kind == "job.submitted"}
            self.assertEqual(sorted(set(told.values()) - there), [], "acknowledged and not there")
            # The very bytes of the running server's history, up to the backup's position.
            live = self.fleet.dump().splitlines()[:made["position"]]
            self.assertEqual(lines[:made["position"]], live)
            self.assertEqual([e.kind for e in events[made["position"]:]],
                             ["fleet.restored", "fleet.halted"])
            self.assertEqual(restored["replay"], "equal")
            done = self.fleet.giga("doctor", "--replay", "--data", folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.check_files(made["file"], folder, real)
        self.assertEqual(writers.wrong, [])
        self.assertGreater(after, len(told), "nobody wrote during the backup")

    def check_files(self, archive, folder, jobs):
        found = members(archive)
        manifest = json.loads(found["manifest.json"])
        self.assertEqual(found["manifest.sha256"].decode(),
                         sha256(found["manifest.json"]) + "  manifest.json\n")
        self.assertEqual(sha256(found["giga.db"]), manifest["database"]["sha256"])
        for name, content in found.items():
            if name.startswith("objects/"):
                self.assertEqual(name, "objects/" + sha256(content))
        for entry in manifest["files"]:
            with open(os.path.join(folder, entry["path"]), "rb") as file:
                self.assertEqual(sha256(file.read()), entry["content"]["sha256"])
        for job in jobs:
            self.assertIn(f"runs/{job}.1.log", [entry["path"] for entry in manifest["files"]])
            self.assertIn(f"runs/{job}.1.diff", [entry["path"] for entry in manifest["files"]])

    def test_killed_at_any_moment_there_is_all_or_nothing(self):
        writers = self.writers("\n# " + "x" * 2000)
        writers.wait_for_more(400)
        draw = random.Random(SEED)
        print(f"\nbackup seed {SEED}")
        path = os.path.join(self.fleet.folder, "killed.tar")
        words = [self.fleet.binary, "backup", "--data", self.fleet.data, "--to", path]
        took = self.time(words)
        os.remove(path)
        whole = 0
        for _ in range(KILLS):
            self.kill(words, draw.uniform(0, 1.2 * took))
            if os.path.exists(path):
                whole += 1
                self.restore(path, f"checked-{whole}", "--dry-run")
                os.remove(path)
        good = self.backup()["file"]
        folder = os.path.join(self.fleet.folder, "killed")
        words = [self.fleet.binary, "restore", good, "--data", folder]
        took = self.time(words)
        there = 1
        for _ in range(KILLS):
            if os.path.exists(folder):
                os.rename(folder, f"{folder}-{there}")
                there += 1
            self.kill(words, draw.uniform(0, 1.2 * took))
        for number in range(1, there):
            done = self.fleet.giga("doctor", "--replay", "--data", f"{folder}-{number}")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(f"{whole} of {KILLS} backups were done when killed, {there - 1} of {KILLS} restores")
        if not os.path.exists(folder):
            self.restore(good, "killed")
        self.backup("killed.tar")
        left = [name for name in os.listdir(self.fleet.folder) if name.startswith(".killed")]
        self.assertEqual(left, [], "what a killed one left was not cleared away by the next")

    def time(self, words):
        start = time.monotonic()
        done = giga.run(words, env=self.fleet.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return time.monotonic() - start

    def kill(self, words, seconds):
        process = subprocess.Popen(words, env=self.fleet.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)  # what is varied: the moment of the kill
        process.send_signal(signal.SIGKILL)
        process.wait()

    def test_restored_it_gives_no_number_out_again_and_ships_nothing_twice(self):
        script = "mkdir -p src && echo 1 > src/one.txt"
        job = self.fleet.add(giga.job(script, title="one", review_policy="auto"))
        made = self.backup()
        # After the backup the first coordinator goes on: the job ships, and others come.
        self.fleet.factory("alpha")
        self.fleet.wait(job, "shipped")
        lost = [self.fleet.add(idle_job(f"lost-{n}")) for n in range(5)]
        old = [e for e in self.fleet.events(job) if e.fence]
        fences, attempts = {e.fence for e in old}, {e.attempt for e in old if e.attempt}
        for process in reversed(self.fleet.processes):
            process.end()

        self.fleet.data, restored = self.restore(made["file"])
        self.fleet.serve()
        self.fleet.factory("beta")
        self.assertEqual(self.fleet.ask("GET", "/fleet/stats").json["halt"]["level"], "all")
        new = self.fleet.add(idle_job("new"))
        self.assertGreater(int(new[4:]), max(int(other[4:]) for other in lost))
        self.assertEqual(new, restored["nextJob"])
        self.assertEqual(self.fleet.json("show", job, "--json=all")["stage"], "queued")

        self.fleet.must("resume", "--reason", "looked")
        granted = self.fleet.until_event(job, "lease.granted")
        self.assertGreater(granted.fence, max(fences))
        self.assertGreater(granted.attempt, max(attempts))
        # Its work is on the target already: the run finds nothing left to do.
        self.fleet.until_event(job, "run.finished", 60)
        giga.until(lambda: self.fleet.json("show", job, "--json=all")["stage"]
                   in ("testing", "shipped", "failed", "dead_letter"), 60, "the end of the run")
        self.assertEqual(giga.merged(self.origin, job), 1, "merged twice")
        events = self.fleet.events()
        self.assertEqual(history.gaps(events) + history.stale_fences(events), [])

    def test_files_of_runs_that_no_row_shows_yet_are_in_it(self):
        job = self.fleet.add(giga.job("echo told && mkdir -p src && echo 1 > src/one.txt",
                                      title="one", review_policy="auto"))
        self.fleet.factory("alpha")
        self.fleet.wait(job, "shipped")
        for process in reversed(self.fleet.processes):
            process.end()
        whole = members(self.backup("whole.tar")["file"])
        # As a server leaves it that is killed before it writes any row of the job.
        with sqlite3.connect(os.path.join(self.fleet.data, "giga.db")) as database:
            for table in ("runs", "leases", "decisions", "jobs"):
                database.execute(f"DELETE FROM fleet_{table}")
            database.execute("UPDATE fleet_state SET body = json_set(body, '$.position', 0) "
                             "WHERE key = 'counters'")
        behind = members(self.backup("behind.tar")["file"])
        files = {name for name in whole if name.startswith("objects/")}
        self.assertTrue(any(b"told" in whole[name] for name in files), files)
        for name in files:
            if not whole[name].startswith(b"SQLite format 3"):
                self.assertIn(name, behind)

    def test_a_busy_store_is_found_whole(self):
        writers = self.writers()
        for _ in range(8):
            writers.wait_for_more(5)
            found = self.fleet.giga("doctor", "--data", self.fleet.data)
            lines = [line for line in found.stdout.splitlines()
                     if " store " in line and not line.startswith("ok")]
            self.assertEqual(lines, [], found.stdout)

    def test_what_is_wrong_is_named(self):
        made = self.backup()["file"]
        with open(made, "rb") as file:
            whole = file.read()
        broken = self.fleet.write("broken.tar", "")
        for what, content in {"flipped": whole[:9000] + bytes([whole[9000] ^ 4]) + whole[9001:],
                              "cut": whole[:-700], "other": b"hello"}.items():
            with self.subTest(what):
                with open(broken, "wb") as file:
                    file.write(content)
                done = self.fleet.giga("restore", broken, "--data", "nowhere")
                self.assertEqual(done.returncode, 1)
                self.assertIn("broken.tar is not a whole backup", done.stderr)
                self.assertFalse(os.path.exists(os.path.join(self.fleet.folder, "nowhere")))
        done = self.fleet.giga("restore", made, "--data", self.fleet.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"the process {self.fleet.server.pid} has it open", done.stderr)
        done = self.fleet.giga("backup", "--data", self.fleet.data, "--to", made)
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]),
                         (1, f"error: {made} is there already"))
        done = self.fleet.giga("backup", "--data", self.fleet.folder + "/empty", "--to", "x.tar")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no store here", done.stderr)


if __name__ == "__main__":
    unittest.main()
