"""Jobs that wait for reviewers: who may approve, and which commit an approval is for."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

# Each attempt leaves another commit.
CHANGE = 'mkdir -p src && echo "$GIGA_ATTEMPT" > src/attempt.txt'


class ReviewerTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.origin = self.fleet.origin()
        probe = self.fleet.write("probe.md", giga.job("true", review_policy="{reviewers: [bob]}"))
        if "cannot be promised yet" in self.fleet.giga("add", "--check", probe).stderr:
            self.skipTest("this giga has no reviewers yet, and says so")
        self.secrets = {}
        for name, more in (("ann", []), ("bob", []), ("cid", []), ("bot", ["--agent"])):
            told = self.fleet.json("token", "issue", name, "--role", "operator", *more, "--json")
            self.secrets[name] = told.get("secret") or told["token"]

    def as_(self, name, *words):
        """A command by somebody, with that person's own token."""
        return self.fleet.giga(*words, env=dict(self.fleet.env, GIGA_TOKEN=self.secrets[name]))

    def submit(self, policy, by="ann"):
        path = self.fleet.write("reviewed.md", giga.job(CHANGE, verify="'true'",
                                                        review_policy=policy))
        return self.as_(by, "add", path, "--json")

    def waiting(self, policy):
        """A job that awaits approval, and its commit."""
        done = self.submit(policy)
        self.assertEqual(done.returncode, 0, done.stderr)
        job = self.fleet.json("jobs", "--json=all")["jobs"][-1]["id"]
        self.fleet.factory("one")
        return job, self.until_waiting(job)

    def until_waiting(self, job, after=None):
        """Waits until a job awaits approval, of another commit than that; the commit."""
        def seen():
            shown = self.show(job)
            commits = [run["commit"] for run in shown["runs"] if run.get("commit")]
            waits = shown.get("condition") == "awaiting-approval"
            return waits and commits and commits[-1] != after and commits[-1]
        return giga.until(seen, 30, lambda: f"{job} to await approval: {self.show(job)}")

    def show(self, job):
        return self.fleet.json("show", job, "--json=all")

    def assert_refused(self, done, codes, job):
        self.assertIn(done.returncode, codes, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"^error: .+(\n  .+)+\nhint: ")
        self.assertEqual(self.show(job)["stage"], "review")

    def test_a_policy_that_nobody_can_fulfil_is_refused(self):
        for policy in ("{reviewers: [ghost]}", "{reviewers: [ann]}", "{reviewers: [bot]}",
                       "{reviewers: [bob], quorum: 2}", "{reviewers: [ann, bob], quorum: 2}"):
            with self.subTest(policy):
                done = self.submit(policy)
                self.assertIn(done.returncode, (2, 5), done.stdout + done.stderr)
                self.assertRegex(done.stderr, r"(error: .+(\n  .+)+|:\d+:\d+: .+)\nhint: ")
        self.assertEqual(self.fleet.json("jobs", "--json")["total"], 0, "nothing was added")

    def test_a_quorum_ships_it(self):
        job, _ = self.waiting("{reviewers: ['@bob', cid], quorum: 2}")
        self.assertEqual(self.as_("bob", "approve", job).returncode, 0)
        self.assertEqual(self.show(job)["stage"], "review", "one of two")
        self.as_("bob", "approve", job)
        self.assertEqual(self.show(job)["stage"], "review", "the same person twice is one")
        done = self.as_("cid", "approve", job)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.fleet.wait(job, "shipped")
        self.assertEqual(giga.merged(self.origin, job), 1)
        approvals = [e for e in self.fleet.events(job) if e.kind == "review.approved"]
        self.assertEqual({e.actor for e in approvals}, {"bob", "cid"})

    def test_who_may_not_approve(self):
        job, commit = self.waiting("{reviewers: [bob, cid], quorum: 1}")
        for name, why in (("ann", "she submitted it"), ("bot", "an agent's word is no person's")):
            with self.subTest(why):
                self.assert_refused(self.as_(name, "approve", job), (4, 5), job)
        with self.subTest("somebody whom the policy does not name"):
            told = self.fleet.json("token", "issue", "dan", "--role", "operator", "--json")
            self.secrets["dan"] = told.get("secret") or told["token"]
            self.assert_refused(self.as_("dan", "approve", job), (4, 5), job)
        with self.subTest("the worker, with its factory's token"):
            path = os.path.join(self.fleet.folder, "one", "token")
            with open(path) as file:
                token = file.read().split()[-1]
            reply = self.fleet.ask("POST", f"/fleet/jobs/{job}/approve",
                                   f'{{"commit": "{commit}"}}', token=token)
            self.assertIn(reply.status, (401, 403), reply.body)
        self.assertEqual(self.show(job)["stage"], "review")
        self.assertEqual([e for e in self.fleet.events(job) if e.kind == "review.approved"], [])
        self.assertEqual(giga.merged(self.origin, job), 0)

    def test_nobody_promotes_or_ships_it_past_them(self):
        job, _ = self.waiting("{reviewers: [bob]}")
        for verb in ("promote", "ship"):
            with self.subTest(verb):
                self.assert_refused(self.as_("cid", verb, job), (1, 4, 5), job)

    def test_a_reviewer_who_is_gone_is_not_waited_for_in_silence(self):
        job, _ = self.waiting("{reviewers: [bob]}")
        self.fleet.must("token", "revoke", "bob", "--yes")
        shown = self.show(job)
        self.assertEqual(shown["condition"], "awaiting-approval")
        self.assertIn("its review policy cannot be fulfilled: it needs 1 of bob, and 0 could: "
                      "bob has no token that is valid", shown["reason"])
        need, = self.fleet.json("inbox", "--json=all")["needs"]
        self.assertEqual((need["id"], need["need"], need["command"]),
                         (job, "policy", "giga token issue bob --role operator"))
        told = self.fleet.json(*need["command"].split()[1:], "--json")
        self.secrets["bob"] = told["secret"]
        need, = json.loads(self.as_("bob", "inbox", "--json=all").stdout)["needs"]
        self.assertEqual(need["need"], "approval")
        self.assertEqual(self.as_("bob", "approve", job).returncode, 0)
        self.fleet.wait(job, "shipped")

    def test_an_approval_of_an_older_commit_is_void(self):
        job, old = self.waiting("{reviewers: [bob, cid], quorum: 2}")
        self.assertEqual(self.as_("bob", "approve", job).returncode, 0)
        self.assertEqual(self.as_("ann", "requeue", job).returncode, 0)
        new = self.until_waiting(job, after=old)
        self.assertNotEqual(new, old)

        done = self.as_("cid", "approve", job)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.show(job)["stage"], "review", "bob approved another commit")
        reply = self.fleet.ask("POST", f"/fleet/jobs/{job}/approve", f'{{"commit": "{old}"}}',
                               token=self.secrets["bob"])
        self.assertEqual((reply.status, self.show(job)["stage"]), (409, "review"), reply.body)

        self.assertEqual(self.as_("bob", "approve", job).returncode, 0)
        self.fleet.wait(job, "shipped")
        merge, = self.origin.merges()
        self.assertEqual(self.origin.git("show", f"{merge.commit}:src/attempt.txt").strip(),
                         "2", "the second attempt's commit")


if __name__ == "__main__":
    unittest.main()
