"""scripts/check-real on records and origins made by hand: the good passes, each bad one fails."""

import contextlib
import copy
import io
import json
import os
import subprocess
import sys
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
from test_check_demo import ROOT, load  # noqa: E402

check_real = load(os.path.join(ROOT, "scripts", "check-real"), "check_real")
REAL, world = check_real.REAL, sys.modules["world"]
MODEL = "scripted-00ff00"
TARIFF = "fares/tariff.py"


def reply(conversation, sent, cached, written, thought, model=MODEL):
    return {"kind": "reply", "conversation": conversation, "model": model, "usage": {
        "prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": thought}}}


LOG = [reply("c1", 100, 10, 20, 2), reply("c2", 7, 7, 7, 7), reply("c1", 200, 30, 40, 5)]
RUN = {"attempt": 1, "kind": "attempt", "engine": "mini-swe-agent", "engineVersion": "2.4.6",
       "model": MODEL, "usage": {"inputTokens": 300, "cachedReadTokens": 40, "outputTokens": 60,
                                 "reasoningTokens": 7}}


def failures(judge, *words):
    """The facts that a judge found off."""
    facts, out = check_real.Facts(), io.StringIO()
    with contextlib.redirect_stdout(out):
        judge(facts, *words)
    return [line for line in out.getvalue().splitlines() if line.startswith("FAIL")]


class RecordTests(unittest.TestCase):
    def judge(self, run, lines=LOG):
        folder = giga.fresh_folder(self)
        log = world.ModelLog(os.path.join(folder, "log"))
        with open(log.path, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
            file.write('{"kind": "half a li')
        judged = types.SimpleNamespace(log=log, model=MODEL)
        return failures(check_real.judge_record, judged, run, "c1")

    def test_the_sum_of_its_conversation_passes(self):
        self.assertEqual(self.judge(RUN), [])

    def test_each_count_that_is_off_or_missing_is_seen(self):
        for name in RUN["usage"]:
            for value in (RUN["usage"][name] + 1, 0, None):
                with self.subTest(name=name, value=value):
                    run = copy.deepcopy(RUN)
                    run["usage"][name] = value
                    self.assertTrue(self.judge(run))

    def test_no_usage_and_another_model_are_seen(self):
        for fields in ({"usage": None}, {"model": "openai/sample"}, {"model": None}):
            with self.subTest(fields):
                self.assertTrue(self.judge({**RUN, **fields}))

    def test_a_reply_of_another_model_is_seen(self):
        self.assertTrue(self.judge(RUN, [*LOG[:2], {**LOG[2], "model": "another"}]))

    def test_another_version_or_engine_is_seen(self):
        judge = check_real.judge_version
        self.assertEqual(failures(judge, [RUN, RUN], "2.4.6"), [])
        for runs in ([RUN, {**RUN, "engineVersion": "2.4.5"}], [{**RUN, "engineVersion": None}],
                     [{**RUN, "engine": "shell"}], []):
            with self.subTest(runs):
                self.assertTrue(failures(judge, runs, "2.4.6"))


class OriginTests(unittest.TestCase):
    """A sample and its origin, to which commits are pushed by hand."""

    def setUp(self):
        fleet_folder = giga.fresh_folder(self)
        self.sample = os.path.join(fleet_folder, "sample")
        subprocess.run([sys.executable, os.path.join(REAL, "make_sample.py"), self.sample],
                       check=True, stdout=subprocess.DEVNULL)
        bare = os.path.join(fleet_folder, "origin.git")
        giga.git(fleet_folder, "clone", "-q", "--bare", self.sample, bare)
        self.shipped = 1
        self.world = made = world.World.__new__(world.World)
        made.fleet = types.SimpleNamespace(
            folder=fleet_folder, env=dict(os.environ),
            events=lambda job: [types.SimpleNamespace(kind="job.shipped")] * self.shipped)
        made.origin, made.job, made.checkouts = history.Origin(bare), "job-1", 0
        made.base = made.main()

    def merge(self, *edits, job="job-1"):
        giga.git(self.sample, "checkout", "-q", "-b", "work", "main")
        for path, old, new in edits:
            whole = os.path.join(self.sample, path)
            with open(whole) as file:
                text = file.read()
            self.assertIn(old, text)
            with open(whole, "w") as file:
                file.write(text.replace(old, new))
        giga.git(self.sample, "commit", "-q", "-a", "-m", "Fix", "-m",
                 f"Gigafactory-Job: fleet/{job}")
        giga.git(self.sample, "checkout", "-q", "main")
        giga.git(self.sample, "merge", "-q", "--no-ff", "-m", "Merge", "work")
        giga.git(self.sample, "branch", "-q", "-D", "work")
        giga.git(self.sample, "push", "-q", self.world.origin.path, "main")
        self.shown = {"stage": "shipped", "shipped": {"commit": self.world.main()}}

    def judged(self):
        return failures(check_real.judge_shipped, self.world, self.shown)

    FIX = (TARIFF, "PER_ZONE * zones", "PER_ZONE * (zones - 1)")

    def test_a_fix_passes_and_the_base_fails(self):
        self.merge(self.FIX)
        self.assertEqual(self.judged(), [])
        self.assertEqual(failures(check_real.judge_base, self.world), [])
        self.world.base = self.world.main()
        self.assertEqual(len(failures(check_real.judge_base, self.world)), 1)

    def test_an_edit_that_fixes_nothing_is_seen(self):
        self.merge((TARIFF, "BASE = 250", "BASE = 340"))
        self.assertEqual(len(self.judged()), 1)

    def test_changed_tests_are_seen(self):
        self.merge(("tests/test_tariff.py", "self.assertEqual", "str"))
        self.assertEqual(len(self.judged()), 2)

    def test_a_second_merge_and_none_are_seen(self):
        self.shown = {"stage": "shipped"}
        self.assertEqual(len(self.judged()), 1)
        self.merge(self.FIX)
        self.merge((TARIFF, "CHILD_AGE = 14", "CHILD_AGE = 15"))
        self.assertEqual(len(self.judged()), 1)

    def test_another_job_another_commit_and_another_count_are_seen(self):
        self.merge(self.FIX, job="job-2")
        self.assertEqual(len(self.judged()), 1)
        self.shown["shipped"]["commit"] = self.world.base
        self.shipped = 2
        self.assertEqual(len(self.judged()), 3)

    def test_whatever_ships_where_nothing_may_is_seen(self):
        judge = check_real.judge_not_shipped
        self.shipped = 0
        self.assertEqual(failures(judge, self.world, {"stage": "dead_letter"}), [])
        self.assertEqual(len(failures(judge, self.world, {"stage": "testing"})), 1)
        self.merge(self.FIX)
        self.shipped = 1
        self.assertEqual(len(failures(judge, self.world, self.shown)), 5)


class CallTests(unittest.TestCase):
    def call(self, *words, **environment):
        return giga.run([sys.executable, os.path.join(ROOT, "scripts", "check-real"), *words],
                        env={**os.environ, **environment})

    def test_wrong_calls_end_with_two_and_say_why(self):
        for words, said in ((["--scenario", "nope"], "kill-middle"), (["--nope"], "--nope"),
                            (["--giga", "/nowhere/giga"], "no giga at /nowhere/giga")):
            with self.subTest(words):
                done = self.call(*words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)

    def test_help_names_each_scenario(self):
        done = self.call("--help")
        self.assertEqual(done.returncode, 0)
        for name in check_real.SCENARIOS:
            self.assertIn(f"\n  {name} ", done.stdout)

    def test_the_wrong_edit_is_wrong_and_the_right_one_right(self):
        for turns, passes in (("fix", True), ("wrong", False)):
            folder = os.path.join(giga.fresh_folder(self), "sample")
            giga.run([sys.executable, os.path.join(REAL, "make_sample.py"), folder])
            with open(os.path.join(REAL, "turns", turns + ".json")) as file:
                for turn in json.load(file):
                    for command in [turn] if isinstance(turn, str) else turn["commands"]:
                        giga.run(["sh", "-c", command], cwd=folder)
            done = giga.run(world.VERIFY, cwd=folder)
            self.assertEqual((turns, done.returncode == 0), (turns, passes), done.stderr)


if __name__ == "__main__":
    unittest.main()
