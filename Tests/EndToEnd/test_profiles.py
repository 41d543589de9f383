"""Whose profiles a coordinator has, and with whose consent."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROLE = "---\n{front}---\n\nYou do one thing well.\n"
SHIPPED = ["developer", "qa", "reviewer"]


def role(**fields):
    return ROLE.format(front="".join(f"{key.replace('_', '-')}: {value}\n"
                                     for key, value in fields.items()))


class ProfileTest(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.own = os.path.join(self.fleet.env["XDG_CONFIG_HOME"], "giga", "profiles")

    def profiles(self):
        return {row["name"]: row for row in
                self.fleet.json("profile", "list", "--json=all")["profiles"]}

    def again(self, *more):
        """The same coordinator, ended and started once more."""
        self.assertEqual(self.fleet.server.end(), 0)
        self.fleet.serve(*more)


class ConsentTests(ProfileTest):
    def test_a_folder_one_stands_in_is_named_and_left_alone(self):
        folder = os.path.dirname(self.fleet.write(
            "profiles/developer.md", role(network="on", review_policy="auto")))
        self.fleet.write("profiles/scripted.md", role(engine_class="script"))
        self.fleet.write("profiles/broken.md", "---\nnetwork: perhaps\n---\n")
        self.fleet.write("profiles/README.md", "About the others.\n")
        self.fleet.serve()
        found = self.profiles()
        self.assertNotIn("scripted", found)
        self.assertEqual(found["developer"]["version"], 1)
        self.assertNotIn("network", found["developer"])
        self.assertIn(f"note: {folder} has 3 profiles that are not imported: broken (cannot be "
                      "read), developer (differs), scripted (new)", self.fleet.server.text)
        self.assertIn(f"giga profile import {folder}", self.fleet.server.text)

    def test_a_folder_that_was_named_is_imported_but_widens_nothing(self):
        self.fleet.write("profiles/developer.md", role(review_policy="auto"))
        self.fleet.write("profiles/scripted.md", role(engine_class="script"))
        self.fleet.serve("--profiles", "profiles")
        found = self.profiles()
        self.assertEqual(found["scripted"]["version"], 1)
        self.assertTrue(found["scripted"]["origin"].endswith("/profiles/scripted.md"))
        self.assertEqual(found["developer"]["version"], 1, "it would ship without a person")
        self.assertIn("developer.md is not imported: developer changes persona, engine-class, "
                      "review-policy; its work ships without a person", self.fleet.server.text)

    def test_a_named_folder_that_is_not_there_is_an_error(self):
        done = self.fleet.giga("serve", "--profiles", "nowhere", "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 2)
        self.assertIn('error: --profiles is "nowhere", which cannot be read', done.stderr)

    def test_the_operators_own_folder_is_imported_and_stays(self):
        os.makedirs(self.own)
        path = os.path.join(self.own, "developer.md")
        with open(path, "w") as file:
            file.write(role(review_policy="auto"))
        self.fleet.serve()
        self.assertEqual(self.profiles()["developer"]["version"], 2)
        self.assertIn("profile developer changes persona", self.fleet.server.text)
        self.assertIn("its work ships without a person", self.fleet.server.text)
        self.again()
        self.assertEqual(self.profiles()["developer"]["version"], 2, "nothing changed meanwhile")
        os.remove(path)
        self.again()
        self.assertEqual(self.profiles()["developer"]["version"], 2,
                         "the shipped one does not come back over the operator's")

    def test_what_was_imported_by_hand_survives_a_restart(self):
        self.fleet.serve()
        path = self.fleet.write("mine/qa.md", role(engine_class="script"))
        self.fleet.must("profile", "import", path)
        self.again()
        self.assertEqual(self.profiles()["qa"]["version"], 2)
        self.assertEqual(self.profiles()["qa"]["engineClass"], "script")


class ImportTests(ProfileTest):
    def setUp(self):
        super().setUp()
        self.fleet.serve()

    def test_widening_needs_a_word(self):
        path = self.fleet.write("mine/reviewer.md", role(ship="merge", network="on"))
        before = self.fleet.dump()
        done = self.fleet.giga("profile", "import", path)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("its work ships by merge; its network is on", done.stderr)
        self.assertIn("error: reviewer would let jobs do more than before", done.stderr)
        self.assertEqual(self.fleet.dump(), before)
        done = self.fleet.giga("profile", "import", path, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.profiles()["reviewer"]["network"], "on")

    def test_a_folder_comes_in_whole_or_not_at_all(self):
        self.fleet.write("mine/good.md", role())
        self.fleet.write("mine/bad.md", role(ship="sideways"))
        before = self.fleet.dump()
        done = self.fleet.giga("profile", "import", "mine")
        self.assertEqual(done.returncode, 2)
        self.assertIn("bad.md:2:7: ship is", done.stderr)
        self.assertEqual(self.fleet.dump(), before)

    def test_the_same_again_changes_nothing(self):
        path = self.fleet.write("mine/good.md", role())
        self.assertIn("good is new", self.fleet.must("profile", "import", path))
        before = self.fleet.dump()
        self.assertIn("nothing changed", self.fleet.must("profile", "import", path))
        self.assertEqual(self.fleet.dump(), before)

    def test_dry_run_says_what_would_change(self):
        path = self.fleet.write("mine/qa.md", role(review_policy="auto"))
        before = self.fleet.dump()
        done = self.fleet.giga("profile", "import", path, "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("would import: qa changes persona, engine-class, review-policy; "
                      "its work ships without a person", done.stderr)
        self.assertEqual(self.fleet.dump(), before)

    def test_one_name_twice_and_an_empty_folder_are_refused(self):
        one, two = (self.fleet.write(f"{folder}/good.md", role()) for folder in ("a", "b"))
        done = self.fleet.giga("profile", "import", one, two)
        self.assertEqual(done.returncode, 2)
        self.assertIn("error: The profile good was given twice", done.stderr)
        os.makedirs(os.path.join(self.fleet.folder, "none"))
        done = self.fleet.giga("profile", "import", "none")
        self.assertIn("error: none has no profiles", done.stderr)


if __name__ == "__main__":
    unittest.main()
