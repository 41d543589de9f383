"""Profiles that allow more, where two people are admins: who may say the second yes."""

import json
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROLE = "---\n{front}---\n\nYou do one thing well.\n"


def role(**fields):
    return ROLE.format(front="".join(f"{key.replace('_', '-')}: {value}\n"
                                     for key, value in fields.items()))


class SecondPersonTest(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.secrets = {}

    def issue(self, name, role="admin", *more):
        told = self.fleet.json("token", "issue", name, "--role", role, *more, "--json")
        self.secrets[name] = told["secret"]

    def as_(self, name, *words):
        """A command by somebody, with that person's own token; None is the operator."""
        env = dict(self.fleet.env, **({"GIGA_TOKEN": self.secrets[name]} if name else {}))
        return self.fleet.giga(*words, env=env)

    def well(self, name, *words):
        done = self.as_(name, *words)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done

    def admins(self):
        self.issue("ann")
        self.issue("bob")

    def propose(self, name="ann", **fields):
        """A reviewer that may ship and use the network; what the command printed."""
        path = self.fleet.write("mine/reviewer.md",
                                role(**{"ship": "merge", "network": "on", **fields}))
        return self.well(name, "profile", "import", path, "--yes", "--reason", "they need it")

    def reviewer(self):
        return {row["name"]: row for row in
                self.fleet.json("profile", "list", "--json=all")["profiles"]}["reviewer"]

    def proposal(self):
        return self.fleet.ask("GET", "/fleet/profiles/reviewer").json["proposal"]

    def refused(self, done, code, exit_code):
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"error: .+(\n  .+)+\nhint: ")
        reply = self.fleet.ask(
            "POST", "/fleet/profiles/reviewer/approve", '{"version": 2}', token=self.last)
        self.assertEqual(reply.json["type"], f"urn:giga:{code}")

    def approval_is_refused(self, name, code, exit_code):
        self.last = self.secrets[name] if name else self.fleet.token()
        self.refused(self.as_(name, "profile", "approve", "reviewer"), code, exit_code)

    def kinds(self):
        return [e.kind for e in self.fleet.events() if e.kind.startswith("profile.")
                and e.body.get("name", e.body.get("profile", {}).get("name")) == "reviewer"]

    def replays(self):
        self.assertEqual(self.fleet.server.end(), 0)
        done = self.fleet.replay()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class ApprovalTests(SecondPersonTest):
    def test_one_admin_is_enough_where_there_is_one(self):
        login = self.fleet.json("inbox", "--json") and self.login()
        self.issue("laptop", "admin", "--owner", login)
        self.propose(None)
        self.assertEqual(self.reviewer()["version"], 2)

    def login(self):
        """The operator's login, as an event names it."""
        self.issue("probe", "viewer")
        actor = [e for e in self.fleet.events() if e.kind == "token.issued"][-1].actor
        return actor.removeprefix("user:")

    def test_a_second_admin_lets_it_through(self):
        self.admins()
        said = self.propose()
        self.assertIn("reviewer@2 waits for a second admin: giga profile approve reviewer",
                      said.stderr)
        self.assertEqual(self.reviewer()["version"], 1)
        listed = self.well("bob", "profile", "list").stdout
        self.assertIn("reviewer@2  pending since", listed)
        self.assertIn("proposed by ann: they need it", listed)
        shown = self.well("bob", "profile", "show", "reviewer").stdout
        self.assertIn("its work ships by merge; its network is on", shown)
        needs = json.loads(self.well("bob", "inbox", "--json=all").stdout)["needs"]
        self.assertEqual([(row["id"], row["need"], row["command"]) for row in needs],
                         [("reviewer@2", "profile", "giga profile approve reviewer")])
        self.assertEqual(json.loads(self.well("ann", "inbox", "--json=all").stdout)["needs"], [])
        self.assertIn("reviewer@2", self.well("bob", "inbox").stdout)

        proposed = self.well("bob", "profile", "show", "reviewer@2").stdout
        self.assertIn("You do one thing well.", proposed, "whoever agrees sees what it is")
        self.assertIn("network: on", self.well("bob", "profile", "export", "reviewer@2").stdout)
        again = self.fleet.write("mine/qa.md", role(network="on"))
        self.assertIn("would wait for a second admin: qa changes",
                      self.well("bob", "profile", "import", again, "--dry-run").stderr)
        dry = self.well("bob", "profile", "approve", "reviewer", "--dry-run")
        self.assertIn("would approve reviewer@2", dry.stderr)
        self.assertEqual(self.reviewer()["version"], 1)
        done = self.well("bob", "profile", "approve", "reviewer", "--version", "2",
                         "--reason", "agreed")
        self.assertRegex(done.stdout, r"^reviewer@2  stored  event \d+")
        self.assertEqual((self.reviewer()["version"], self.reviewer()["network"]), (2, "on"))
        changed = [e for e in self.fleet.events() if e.kind == "profile.changed"][-1]
        self.assertEqual(changed.actor, "bob")
        self.assertEqual(
            {key: changed.body[key] for key in ("changes", "widens", "reason", "proposedBy")},
            {"changes": ["persona", "engine-class", "timeout", "network", "ship"],
             "widens": ["its persona is another", "its work ships by merge", "its network is on"],
             "reason": "agreed", "proposedBy": "ann"})
        self.assertEqual(self.kinds(), ["profile.changed", "profile.proposed", "profile.changed"])
        self.replays()

    def test_one_admin_token_makes_no_second_person(self):
        self.admins()
        told = self.well("ann", "token", "issue", "eve", "--role", "admin", "--json")
        self.secrets["eve"] = json.loads(told.stdout)["secret"]
        self.propose("eve")
        self.approval_is_refused("ann", "profile.not-second", 4)
        self.well("bob", "profile", "approve", "reviewer")
        free = json.dumps({**self.fleet.json("profile", "show", "reviewer", "--json=all"),
                           "name": "free", "persona": " "})
        reply = self.fleet.ask("PUT", "/fleet/profiles/free", free, token=self.secrets["ann"])
        self.assertEqual((reply.status, reply.json["type"]), (400, "urn:giga:http.unreadable-body"))
        self.assertIn("at /persona: it has no text", reply.json["detail"])
        self.replays()

    def test_who_may_not_approve(self):
        self.admins()
        self.issue("ann-at-home", "admin", "--owner", "ann")
        self.propose()
        self.issue("late")
        self.issue("op", "operator")
        self.issue("shop-op", "operator", "--product", "shop")
        self.issue("bot", "operator", "--agent")
        self.approval_is_refused("ann", "profile.own-change", 4)
        self.approval_is_refused("ann-at-home", "profile.own-change", 4)
        self.approval_is_refused("late", "profile.not-second", 4)
        for name in ("op", "shop-op", "bot"):
            self.approval_is_refused(name, "auth.role", 4)
        for more in (["--product", "shop"], ["--agent"]):
            done = self.as_(None, "token", "issue", "odd", "--role", "admin", *more)
            self.assertEqual(done.returncode, 2, "an admin is a person, for the whole fleet")
        reply = self.fleet.ask("POST", "/fleet/factories", json.dumps(
            {"name": "bare", "boot": "b", "facts": ["os:linux"], "stations": []}),
            token=self.fleet.token())
        self.last = reply.json["token"]
        reply = self.fleet.ask("POST", "/fleet/profiles/reviewer/approve", '{"version": 2}',
                               token=self.last)
        self.assertEqual((reply.status, reply.json["type"]), (403, "urn:giga:auth.factory-token"))
        self.assertEqual(self.reviewer()["version"], 1)

    def test_a_rejected_version_is_over(self):
        self.admins()
        self.propose()
        done = self.as_("bob", "profile", "reject", "reviewer")
        self.assertEqual(done.returncode, 2, "a reason is asked for")
        done = self.well("bob", "profile", "reject", "reviewer", "--reason", "too wide")
        self.assertRegex(done.stdout, r"^reviewer@2  rejected  event \d+")
        self.assertIn("reviewer@2  rejected by bob: too wide",
                      self.well("ann", "profile", "show", "reviewer").stdout)
        self.approval_is_refused(None, "profile.not-pending", 1)
        self.propose()
        self.assertEqual(self.proposal()["profile"]["version"], 3)
        self.replays()

    def test_a_new_name_is_no_profile_until_it_is_approved(self):
        self.admins()
        path = self.fleet.write("mine/poet.md", role(network="off"))
        self.well("ann", "profile", "import", path, "--yes")
        done = self.as_("bob", "profile", "show", "poet")
        self.assertEqual(done.returncode, 1)
        self.assertIn("poet@1 waits for a second person to approve it\nhint: giga profile show "
                      "poet@1", done.stderr)
        self.assertIn("poet@1  from", self.well("bob", "profile", "show", "poet@1").stdout)
        self.fleet.origin()
        job = self.fleet.write("a.md", giga.job("true", profile="poet"))
        self.assertIn("There is no profile poet yet", self.as_("bob", "add", job).stderr)
        self.well("bob", "profile", "approve", "poet")
        self.well("bob", "add", job)

    def test_a_version_that_another_took_the_place_of(self):
        self.admins()
        self.propose()
        self.assertIn("nothing changed", self.propose("bob").stdout)
        self.assertEqual(self.proposal()["owner"], "ann")
        said = self.propose("bob", review_policy="auto")
        self.assertIn("reviewer@2 waits no more", said.stderr)
        self.last = self.secrets["bob"]
        self.refused(self.as_("ann", "profile", "approve", "reviewer", "--version", "2"),
                     "profile.not-pending", 1)
        self.well("ann", "profile", "approve", "reviewer")
        self.assertEqual(self.reviewer()["version"], 3)

    def test_whoever_proposed_it_is_gone(self):
        self.admins()
        self.propose()
        self.well("bob", "token", "revoke", "ann", "--yes")
        self.approval_is_refused("bob", "profile.proposer-gone", 1)
        self.assertIn("ann is an admin no more", self.well("bob", "inbox").stdout)
        self.well("bob", "profile", "reject", "reviewer", "--reason", "ann left")
        self.propose("bob")
        self.well(None, "profile", "approve", "reviewer")
        self.assertEqual(self.reviewer()["version"], 3)

    def test_two_approvals_at_once_are_one(self):
        self.admins()
        self.propose()
        replies, start = [], threading.Barrier(8)
        tokens = [self.secrets["bob"], self.fleet.token()] * 4

        def approve(token):
            start.wait()
            replies.append(self.fleet.ask("POST", "/fleet/profiles/reviewer/approve",
                                          '{"version": 2}', token=token))
        threads = [threading.Thread(target=approve, args=(token,)) for token in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([reply.status for reply in replies], [200] * 8)
        self.assertEqual(sum("position" in reply.json for reply in replies), 1)
        self.assertEqual(self.kinds().count("profile.changed"), 2, "the shipped one, and this")


class RestartTests(SecondPersonTest):
    def test_a_killed_coordinator_still_waits_for_the_second_yes(self):
        self.admins()
        self.propose()
        before = self.proposal()
        self.fleet.server.kill()
        self.fleet.serve()
        self.assertEqual(self.proposal(), before)
        self.assertEqual(self.reviewer()["version"], 1)
        self.approval_is_refused("ann", "profile.own-change", 4)
        self.well("bob", "profile", "approve", "reviewer")
        self.fleet.server.kill()
        self.fleet.serve()
        self.assertEqual(self.reviewer()["version"], 2)
        self.assertEqual(self.proposal()["state"], "approved")
        self.replays()

    def test_a_start_imports_a_file_that_waits_and_goes_on(self):
        self.admins()
        own = os.path.join(self.fleet.env["XDG_CONFIG_HOME"], "giga", "profiles")
        os.makedirs(own)
        with open(os.path.join(own, "reviewer.md"), "w") as file:
            file.write(role(network="on"))
        for _ in range(2):
            self.assertEqual(self.fleet.server.end(), 0)
            self.fleet.serve()
            self.assertIn("reviewer@2 waits for a second admin", self.fleet.server.text)
            self.assertEqual(self.proposal()["profile"]["version"], 2, "proposed once")
        self.well("bob", "profile", "reject", "reviewer", "--reason", "no")
        self.assertEqual(self.fleet.server.end(), 0)
        self.fleet.serve()
        self.assertIn("reviewer.md is not imported: an admin rejected it", self.fleet.server.text)
        self.assertEqual(self.proposal()["state"], "rejected", "no start proposes it again")

    def test_a_job_never_gets_what_waits(self):
        self.admins()
        self.fleet.origin()
        self.propose()
        path = self.fleet.write("a.md", giga.job("true", profile="reviewer@2"))
        done = self.fleet.giga("add", path)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("reviewer@2 waits for a second person to approve it", done.stderr)
        job = self.fleet.add(giga.job("echo a > src/a.txt", verify="'true'", profile="reviewer",
                                      output="none"))
        self.fleet.factory("one")
        self.fleet.until_event(job, "run.started")
        assigned = next(e for e in self.fleet.events(job) if e.kind == "job.assigned")
        self.assertEqual(assigned.body["terms"]["profile"]["version"], 1)


if __name__ == "__main__":
    unittest.main()
