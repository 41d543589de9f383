"""scripts/check-demo judged on demos made by hand: the good one passes, each broken one fails."""

import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import synthetic  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "check-demo")


def load(path, name):
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


check_demo = load(SCRIPT, "check_demo")


def set_in(event, **fields):
    event.update(fields)


def swap_kinds(demo, job, one, other):
    a, b = demo.find(one, job), demo.find(other, job)
    a["kind"], b["kind"] = b["kind"], a["kind"]


def drop(demo, kind, job):
    event = demo.find(kind, job)
    demo.events.remove(event)
    for at, other in enumerate(demo.events):
        other["position"] = at + 1
        if other["product"] == event["product"] and other["seq"] > event["seq"]:
            other["seq"] -= 1


BROKEN = {
    "a figure that is not what was promised": lambda d: d.summary.update(shipped=6),
    "an outcome that is not ok": lambda d: d.summary.update(outcome="merges"),
    "a figure of another type": lambda d: d.summary.update(jobs="9"),
    "no reclaimed lease": lambda d: d.summary.update(reclaimedLeases=0),
    "more reclaimed leases than there were": lambda d: d.summary.update(reclaimedLeases=2),
    "too slow": lambda d: d.summary.update(seconds=61),
    "a demo that ends with 1": lambda d: setattr(d, "code", 1),
    "a replay that differs": lambda d: setattr(d, "doctor", 1),
    "a row whose stage is not the events' one": lambda d: d.stages.update({"job-3": "testing"}),
    "a row that is missing": lambda d: d.stages.pop("job-9"),
    "a gap in position": lambda d: set_in(d.events[-1], position=d.events[-1]["position"] + 1),
    "a gap in seq": lambda d: set_in(d.events[-1], seq=d.events[-1]["seq"] + 1),
    "a hash of another body": lambda d: set_in(d.events[4], bodyHash="0" * 64),
    "a fence granted twice": lambda d: set_in(d.find("lease.granted", "job-4"), fence=2),
    "a report with an old fence": lambda d: set_in(d.find("job.passed", "job-1"), fence=1),
    "a stage skipped": lambda d: drop(d, "run.started", "job-5"),
    "shipped before tested": lambda d: swap_kinds(d, "job-6", "job.passed", "job.shipped"),
    "a merge that no event tells of": lambda d: d.merge("job-9"),
    "one job merged twice": lambda d: d.merge("job-3"),
    "a shipped event naming another commit":
        lambda d: set_in(d.find("job.shipped", "job-3"), body={"commit": "1" * 40}),
    "blocked for another reason":
        lambda d: set_in(d.find("job.failed", "job-8"), body={"cause": "timeout"}),
    "spend": lambda d: set_in(d.events[5], cost=7),
    "the lost job had not started": lambda d: drop(d, "run.started", "job-1"),
    "the same factory took it again":
        lambda d: [set_in(e, factory="beta") for e in d.events if e.get("job") == "job-1"
                   and "factory" in e],
    "the waiting job was asked to ship": lambda d: d._add("ship.requested", "job-9"),
}


class CheckDemoTests(unittest.TestCase):
    def judge(self, change):
        with tempfile.TemporaryDirectory() as folder:
            demo = synthetic.Demo(folder)
            change(demo)
            giga = demo.write()
            done = subprocess.run([sys.executable, SCRIPT, "--giga", giga, "--data", demo.data],
                                  capture_output=True, text=True, timeout=60,
                                  env=dict(os.environ, TMPDIR=folder))
            return done.returncode, done.stdout + done.stderr

    def test_the_demo_as_promised_passes(self):
        code, out = self.judge(lambda demo: None)
        self.assertEqual(code, 0, out)
        self.assertNotIn("FAIL", out)

    def test_each_broken_demo_fails(self):
        for what, change in BROKEN.items():
            with self.subTest(what):
                code, out = self.judge(change)
                self.assertEqual(code, 1, what + "\n" + out)
                self.assertNotIn("everything could be read", out)

    def test_a_control_that_the_demo_does_not_notice_fails(self):
        for control in ("push-fails", "red-tests"):
            with self.subTest(control), tempfile.TemporaryDirectory() as folder:
                giga = synthetic.Demo(folder).write()
                done = subprocess.run(
                    [sys.executable, SCRIPT, "--giga", giga, "--control", control],
                    capture_output=True, text=True, timeout=60,
                    env=dict(os.environ, TMPDIR=folder))
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("FAIL", done.stdout)

    def test_a_missing_giga_is_a_wrong_call(self):
        done = subprocess.run([sys.executable, SCRIPT, "--giga", "/nowhere/giga"],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn("hint:", done.stderr)

    def test_facts_tell_true_from_one(self):
        facts = check_demo.Facts(io.StringIO())
        facts.same("a number", True, 1)
        self.assertEqual(facts.failed, 1)


class PushWrapperTests(unittest.TestCase):
    """The wrapper fails pushes to a main that exists, and nothing else."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        at = self.folder.name
        self.log = os.path.join(at, "log")
        text = check_demo.PUSH_FAILS.replace("REAL", "/usr/bin/git").replace("LOG", self.log)
        self.git = synthetic.write_script(os.path.join(at, "git"), text)
        self.work, self.origin = os.path.join(at, "work"), os.path.join(at, "origin.git")
        subprocess.run(["git", "init", "-q", "-b", "main", self.work], check=True)
        subprocess.run(["git", "init", "-q", "--bare", self.origin], check=True)
        self.run_git("commit", "-q", "--allow-empty", "-m", "Begin")

    def run_git(self, *words):
        return subprocess.run([self.git, "-c", "user.name=a", "-c", "user.email=a@invalid", "-C",
                               self.work, *words], capture_output=True, text=True).returncode

    def test_only_a_push_that_moves_main_fails(self):
        self.assertEqual(self.run_git("push", "-q", self.origin, "HEAD:refs/heads/main"), 0)
        self.assertEqual(self.run_git("push", "-q", self.origin, "HEAD:refs/giga/fence/x/y"), 0)
        self.assertFalse(os.path.exists(self.log))
        self.run_git("commit", "-q", "--allow-empty", "-m", "More")
        atomic = ["push", "--atomic", self.origin, "HEAD:refs/heads/main", "HEAD:refs/giga/a"]
        self.assertEqual(self.run_git(*atomic), 1)
        with open(self.log) as log:
            self.assertEqual(len(log.read().splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
