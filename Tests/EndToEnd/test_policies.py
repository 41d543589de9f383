"""The rules in force, who could fulfil them, and what a coordinator runs with."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROLE = """---
review-policy: {reviewers: [bob, cid], quorum: 2}
allowed-scope: [src/]
protected-paths: [src/deploy/]
network: off
ship: none
---

You review what others wrote.
"""


class PolicyTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()

    def issue(self, name, role="operator", *more):
        told = self.fleet.json("token", "issue", name, "--role", role, *more, "--json")
        return told["secret"]

    def strict(self):
        self.fleet.must("profile", "import", self.fleet.write("mine/strict.md", ROLE), "--yes")

    def policy(self, *more):
        return self.fleet.json("policy", "show", "strict", *more, "--json=all")["policy"]

    def test_who_could_fulfil_a_policy(self):
        self.strict()
        self.issue("bob")
        found = self.policy()
        self.assertEqual((found["reviewers"], found["quorum"]), (["bob", "cid"], 2))
        self.assertEqual((found["able"], found["shortage"]),
                         (["bob"], "it needs 2 of bob, cid, and 1 could: cid has no token"))
        shown = self.fleet.must("policy", "show", "strict")
        self.assertIn("cannot be fulfilled: it needs 2 of bob, cid", shown)
        self.issue("cid", "operator", "--product", "side")
        self.assertEqual(self.policy()["able"], ["bob"])
        found = self.policy("--product", "side")
        self.assertEqual(found["able"], ["bob", "cid"])
        self.assertNotIn("shortage", found)

    def test_what_holds_for_work_of_a_profile(self):
        self.strict()
        self.fleet.origin()
        found = self.policy()
        self.assertEqual((found["allowedScope"], found["protectedPaths"], found["network"]),
                         (["src/"], ["src/deploy/"], "off"))
        self.assertEqual(found["repositories"], [
            {"repository": "shop", "target": "main", "ship": "none", "verifies": True}])
        rows = self.fleet.json("policy", "list", "--json=all")["policies"]
        self.assertEqual(len(rows), 9, "the shipped ones, and this")
        developer = next(row for row in rows if row["profile"] == "developer")
        self.assertEqual(developer["repositories"][0]["ship"], "merge")
        listed = self.fleet.must("policy", "list")
        self.assertIn("strict@1", listed)
        self.assertIn("2 of bob, cid", listed)

    def test_it_says_whether_two_people_must_agree(self):
        self.assertIn("changes of profiles apply at once", self.fleet.must("policy", "list"))
        self.issue("ann", "admin")
        self.issue("ann-at-home", "admin", "--owner", "ann")
        told = self.fleet.ask("GET", "/fleet/policies").json["secondPerson"]
        self.assertTrue(told["applies"])
        self.assertNotIn("admins", told, "whoever has no token learns of no person")
        rule = self.fleet.ask("GET", "/fleet/policies",
                              token=self.fleet.token()).json["secondPerson"]
        self.assertEqual(len(rule["admins"]), 2, "ann is one person, and the operator")
        self.assertIn("ann", rule["admins"])
        self.strict()
        reply = self.fleet.ask("GET", "/fleet/policies/strict")
        self.assertEqual((reply.status, reply.json["type"]), (404, "urn:giga:profile.unknown"))
        path = self.fleet.write("mine/qa.md", "---\nnetwork: on\n---\n\nYou test.\n")
        self.fleet.must("profile", "import", path, "--yes")
        found = self.fleet.ask("GET", "/fleet/policies/qa").json["policy"]
        self.assertEqual((found["version"], found["pendingVersion"]), (1, 2))
        self.assertNotEqual(found["network"], "on", "what waits is not in force")

    def test_a_bounded_token_asks_about_its_own_products(self):
        secret = self.issue("cid", "operator", "--product", "side")
        reply = self.fleet.ask("GET", "/fleet/policies?product=main", token=secret)
        self.assertEqual((reply.status, reply.json["type"]), (403, "urn:giga:auth.other-product"))
        self.assertEqual(self.fleet.ask("GET", "/fleet/policies", token=secret).status, 200)

    def test_rules_are_changed_where_they_are_written(self):
        reply = self.fleet.ask("PUT", "/fleet/policies", "{}", token=self.fleet.token())
        self.assertEqual(reply.status, 405)

    def test_what_the_coordinator_runs_with(self):
        told = self.fleet.ask("GET", "/fleet/config").body.decode()
        self.assertNotIn(self.fleet.data, told, "whoever has no token learns of no place")
        found = {row["key"]: row for row in
                 self.fleet.ask("GET", "/fleet/config", token=self.fleet.token()).json["settings"]}
        self.assertEqual((found["lease"]["value"], found["lease"]["origin"]), ("3s", "--lease"))
        self.assertEqual((found["data"]["value"], found["data"]["origin"]),
                         (self.fleet.data, "--data"))
        self.assertEqual((found["store"]["value"], found["store"]["origin"]),
                         ("sqlite", "default"))
        self.assertEqual(found["tls"]["value"], "off")
        self.assertNotIn(self.fleet.token(), json.dumps(found))


if __name__ == "__main__":
    unittest.main()
