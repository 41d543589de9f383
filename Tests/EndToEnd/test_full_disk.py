"""A real file system of 8 MiB that fills up: a clean stop, and nothing acknowledged is lost."""

import os
import random
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
from writers import Writers, idle_job  # noqa: E402

SMALL, LARGE = 8 << 20, 64 << 20


class SmallDisk:
    """An ext4 file system in a file, mounted by loop; it can be made larger."""

    def __init__(self, test):
        for tool in ("mkfs.ext4", "resize2fs", "e2fsck", "losetup"):
            if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
                raise unittest.SkipTest(f"{tool} is not here")
        if os.geteuid() != 0:
            raise unittest.SkipTest("mounting a file system needs root")
        self.folder = giga.fresh_folder(test, "small-disk-")
        self.image, self.path = f"{self.folder}/image", f"{self.folder}/mounted"
        os.mkdir(self.path)
        self.must("truncate", "-s", str(SMALL), self.image)
        self.must("mkfs.ext4", "-q", "-m", "0", self.image)
        done = self.run("losetup", "--find", "--show", self.image)
        if done.returncode != 0:
            raise unittest.SkipTest(f"no loop device: {done.stderr.strip()}")
        self.device = done.stdout.strip()
        test.addCleanup(self.run, "losetup", "-d", self.device)
        self.must("mount", self.device, self.path)
        test.addCleanup(self.run, "umount", self.path)

    def run(self, *words):
        return giga.run(words, env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))

    def must(self, *words):
        done = self.run(*words)
        if done.returncode > (words[0] == "e2fsck"):  # 1: it put something right
            raise AssertionError(f"{words}: {done.stderr}")

    def enlarge(self):
        self.must("truncate", "-s", str(LARGE), self.image)
        self.must("umount", self.path)
        self.must("losetup", "-c", self.device)
        self.must("e2fsck", "-fp", self.device)
        self.must("resize2fs", self.device)
        self.must("mount", self.device, self.path)


class FullDiskTests(unittest.TestCase):
    def test_it_stops_cleanly_and_keeps_its_word(self):
        disk = SmallDisk(self)
        fleet = giga.Fleet(self, data=os.path.join(disk.path, "coordinator"))
        server = fleet.serve()
        fleet.origin()
        letters = random.Random(1)

        def make(key, *_):
            return idle_job(key, "\n# " + "".join(letters.choices("abcdefghij", k=4000)))
        writers = Writers(fleet, make).start()
        self.addCleanup(writers.stop)
        giga.until(lambda: server.code is not None, 120, "the stop on a full disk")
        writers.stop()
        told = set(writers.acknowledged.values())
        print(f"\n{len(told)} jobs acknowledged before the disk was full")
        self.assertGreater(len(told), 50)
        self.assertEqual(server.code, 1, server.text[-500:])
        last = "\n".join(server.text.strip().splitlines()[-4:])
        self.assertIn(disk.path, last)
        self.assertRegex(last, r"\d+ ?(bytes|B|KiB|MiB)")
        self.assertRegex(last, "(?m)^hint:")
        self.assertIsNone(re.search("Fatal error|Stack dump|Thread .* crashed", server.text))
        with self.subTest("a rescue answers reads and takes no work"):
            self.rescue(fleet)

        disk.enlarge()
        fleet.serve()
        there = {e.job for e in fleet.events() if e.kind == "job.submitted"}
        self.assertEqual(sorted(told - there), [], "acknowledged and lost")
        one = fleet.add(idle_job("after"))
        self.assertNotIn(one, there)
        events = fleet.events()
        self.assertEqual(history.gaps(events) + history.broken_hashes(events), [])
        fleet.server.end()
        done = fleet.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def rescue(self, fleet):
        server = fleet.serve("--rescue")
        self.assertEqual(fleet.ask("GET", "/fleet/jobs").status, 200)
        reply = fleet.ask("POST", "/fleet/jobs", idle_job("no"), "text/markdown", fleet.token())
        self.assertEqual((reply.status, reply.json["type"]), (503, "urn:giga:coordinator.rescue"))
        self.assertIn("hint", reply.json)
        # The stand-in that puts this test on trial has no commands beyond the store.
        if "usage:" in fleet.giga("help", "cancel").stdout:
            self.rescued(fleet)
        self.assertEqual(server.end(), 0)

    def rescued(self, fleet):
        refused = fleet.giga("halt", "--reason", "full")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("rescue", refused.stderr)
        job = fleet.json("jobs", "--stage", "queued", "--json")["jobs"][0]["id"]
        fleet.must("cancel", job)
        self.assertEqual(fleet.json("show", job, "--json=all")["stage"], "failed")


if __name__ == "__main__":
    unittest.main()
