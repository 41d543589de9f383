"""`giga gc` removes what nothing needs, and keeps each kind of thing that something still needs."""

import glob
import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

SCRIPT = "mkdir -p src && echo {0} > src/{0}.txt"


class GcTests(unittest.TestCase):
    """Jobs in every state that matters, and one factory that worked on all of them."""

    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.origin = self.fleet.origin()
        self.worker = self.fleet.factory("alpha", stations="shell=1")
        self.home = os.path.join(self.fleet.folder, "alpha")
        add = self.fleet.add
        self.shipped = add(giga.job(SCRIPT.format("a"), title="a", review_policy="auto"))
        self.fleet.wait(self.shipped, "shipped")
        self.needed = add(giga.job(SCRIPT.format("b"), title="b", review_policy="auto"))
        self.fleet.wait(self.needed, "shipped")
        self.dependent = add(giga.job("true", title="after b", deps=f"[{self.needed}]",
                                      capabilities="[has:nothing-here]"))
        self.failed = add(giga.job("echo broken; exit 1", title="broken"))
        giga.until(lambda: self.stage(self.failed) in ("failed", "dead_letter"), 60, "the failure")
        self.tested = add(giga.job(SCRIPT.format("c"), title="c"))
        self.fleet.wait(self.tested, "testing")
        # The job looks again for a file: no other sign reaches into its sandbox.
        self.gate = os.path.join(self.fleet.folder, "gate")
        self.running = add(giga.job(f"echo begun; while [ ! -e {self.gate} ]; do sleep 0.05; done",
                                    title="waits"))
        giga.until(lambda: self.files(self.running), 60, "the running job's log")

    def stage(self, job):
        return self.fleet.json("show", job, "--json=all")["stage"]

    def files(self, job):
        """Run files of a job at the coordinator."""
        return sorted(map(os.path.basename, glob.glob(f"{self.fleet.data}/runs/{job}.*")))

    def gc(self, *words, keep="1ms", data=None):
        return self.fleet.json("gc", "--keep", keep, "--data", data or self.fleet.data, "--json",
                               *words)

    def refs(self, *words):
        mirror, = glob.glob(f"{self.home}/mirrors/*.git")
        return giga.git(mirror, *(words or ("for-each-ref", "--format=%(refname)", "refs/giga")))

    def reasons(self, found, kind):
        return {row["why"] for row in found["kept"] if row["kind"] == kind}

    def test_the_coordinators_folder(self):
        jobs = [self.shipped, self.needed, self.failed, self.tested, self.running]
        before = {job: self.files(job) for job in jobs}
        self.assertTrue(all(before.values()), before)
        stray = os.path.join(self.fleet.data, "runs", "job-999.1.log")
        for path in (stray, os.path.join(self.fleet.data, "runs", ".job-1.1.diff.new")):
            with open(path, "w") as file:
                file.write("stray")

        with self.subTest("nothing is old enough"):
            found = self.gc(keep="30d")
            self.assertEqual((found["items"], found["bytes"]), ([], 0))
        with self.subTest("a dry run changes nothing"):
            dry = self.gc("--dry-run")
            self.assertFalse(dry["removed"])
            self.assertEqual({job: self.files(job) for job in jobs}, before)
        found = self.gc()
        names = {item["name"]: item["bytes"] for item in found["items"]}
        gone = before[self.shipped] + before[self.failed]
        self.assertEqual(set(names), {*gone, "job-999.1.log", ".job-1.1.diff.new"})
        self.assertEqual(found["bytes"], sum(names.values()))
        self.assertEqual({job: self.files(job) for job in jobs},
                         {**before, self.shipped: [], self.failed: []})
        self.assertFalse(os.path.exists(stray))
        # Each kind of thing that is still needed, by name.
        self.assertEqual(self.reasons(found, "log"), {
            f"{self.dependent} depends on its job", "its job is in testing",
            "its job is in building"})
        self.assertIn("the server has the store open", self.reasons(found, "decision"))
        self.assertEqual(self.fleet.giga("log", self.tested).returncode, 0)

        with open(self.gate, "w"):
            pass
        for process in reversed(self.fleet.processes):
            process.end()
        found = self.gc()
        dropped = {item["name"] for item in found["items"] if item["kind"] == "decision"}
        self.assertTrue(any(name.startswith(self.shipped + ".") for name in dropped), dropped)
        self.assertFalse(any(name.startswith(self.tested + ".") for name in dropped), dropped)
        with sqlite3.connect(f"{self.fleet.data}/giga.db") as store:
            left = {key for key, in store.execute("SELECT key FROM fleet_decisions")}
        store.close()
        self.assertEqual(left & dropped, set())
        self.assertTrue(any(name.startswith(self.tested + ".") for name in left))
        done = self.fleet.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.fleet.giga("why", self.shipped, "--replay", "--data", self.fleet.data)
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]),
                         (1, f"error: The record of {self.shipped}.1 is not kept any more"))

    def test_a_factorys_folder(self):
        quarantine = os.listdir(f"{self.home}/quarantine")
        self.assertTrue(any(name.startswith(self.failed) for name in quarantine), quarantine)
        refs = self.refs().splitlines()
        mine = [name for name in refs if "/candidates/" in name]
        self.assertEqual(len(mine), 3, refs)
        found = self.gc("--dry-run", data=self.home)
        self.assertEqual(self.refs().splitlines(), refs)

        with self.subTest("work that is not at the origin stays"):
            heads = self.refs("for-each-ref", "--format=%(refname) %(objectname)",
                              "refs/remotes/origin").splitlines()
            for line in heads:
                self.refs("update-ref", "-d", line.split()[0])
            hidden = self.gc("--dry-run", data=self.home)
            self.assertIn("its work is not at the origin", self.reasons(hidden, "ref"))
            for line in heads:
                self.refs("update-ref", *line.split())

        found = self.gc(data=self.home)
        left = self.refs().splitlines()
        self.assertFalse([name for name in left if f"/{self.shipped}/" in name], left)
        self.assertTrue([name for name in left
                         if f"/{self.tested}/" in name and "/candidates/" in name], left)
        self.assertFalse([name for name in os.listdir(f"{self.home}/quarantine")
                          if name.startswith(self.failed)])
        logs = os.listdir(f"{self.home}/logs")
        self.assertFalse([name for name in logs if name.startswith(self.shipped + ".")], logs)
        self.assertTrue([name for name in logs if name.startswith(self.tested + ".")], logs)
        self.assertIn("its factory is at work", self.reasons(found, "clone"))
        self.refs("fsck", "--no-progress")
        # What was kept is enough to go on: the waiting job ships from this mirror.
        with open(self.gate, "w"):
            pass
        self.fleet.must("ship", self.tested)
        self.fleet.wait(self.tested, "shipped")
        self.assertEqual(giga.merged(self.origin, self.tested), 1)

    def test_without_the_coordinator_nothing_of_a_factory_is_touched(self):
        with open(self.gate, "w"):
            pass
        for process in reversed(self.fleet.processes):
            process.end()
        before = self.refs(), os.listdir(f"{self.home}/quarantine")
        env = {name: value for name, value in self.fleet.env.items() if name != "GIGA_COORDINATOR"}
        done = self.fleet.giga("gc", "--keep", "1ms", "--data", self.home, env=env)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertEqual((self.refs(), os.listdir(f"{self.home}/quarantine")), before)
        done = self.fleet.giga("gc", "--data", os.path.join(self.fleet.folder, "origins"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("There is nothing of a fleet in", done.stderr)


if __name__ == "__main__":
    unittest.main()
