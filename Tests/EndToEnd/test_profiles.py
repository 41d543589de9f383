"""Whose profiles a coordinator has, and with whose consent."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

ROLE = "---\n{front}---\n\nYou do one thing well.\n"
SHIPPED = ["backend-engineer", "developer", "docs-writer", "frontend-engineer", "qa", "reviewer",
           "ui-designer", "ux-designer"]
FULL = """---
name: full
capabilities: [os:linux, "node>=20,<23"]
default-verify: 'test -f a && echo "x: y"'
engine-class: script
prefers-engine: command:lint
model: "a: b"
timeout: 1h30m
silent: {minutes: 7, stops: true}
artifacts: [coverage, out/*.html]
allowed-scope: [src/, "[!a]*"]
protected-paths: [src/deploy/]
review-policy: auto
budget: {usd: 2.5, tokens: 2M, wall: 4h}
network: off
mandate: "yes"
ship: none
---

You do: "one" thing # well.

---

    Even this.
"""


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


class ChangeTests(ProfileTest):
    """Files that are written while the coordinator runs."""

    def wait_for(self, name, version):
        giga.until(lambda: self.profiles().get(name, {}).get("version") == version, 20,
                   f"{name}@{version}; {self.fleet.server.text}")

    def save(self, folder, name, text):
        """As editors do: another file, renamed."""
        path = os.path.join(folder, name)
        with open(path + ".part", "w") as file:
            file.write(text)
        os.rename(path + ".part", path)

    def test_a_changed_file_is_a_new_version_and_a_wrong_one_is_none(self):
        os.makedirs(self.own)
        self.fleet.serve()
        self.save(self.own, "mine.md", role(timeout="5m"))
        self.wait_for("mine", 1)
        self.save(self.own, "mine.md", role(timeout="5"))
        giga.until(lambda: "mine.md:2:10: timeout is" in self.fleet.server.text, 20, "the error")
        self.save(self.own, "mine.md", role(timeout="6m", review_policy="auto"))
        self.wait_for("mine", 2)
        self.assertIn("its work ships without a person", self.fleet.server.text)
        self.assertEqual(self.fleet.server.end(), 0)

    def test_in_a_named_folder_a_change_that_widens_is_held_back(self):
        path = self.fleet.write("profiles/mine.md", role(allowed_scope="[src/]"))
        folder = os.path.dirname(path)
        self.fleet.serve("--profiles", "profiles")
        self.wait_for("mine", 1)
        self.save(folder, "mine.md", role(allowed_scope="[src/, ci/]"))
        giga.until(lambda: "mine.md is not imported: mine changes allowed-scope; its jobs may "
                           "change ci/" in self.fleet.server.text, 20, "the note")
        self.save(folder, "mine.md", role(allowed_scope="[src/]", timeout="5m"))
        self.wait_for("mine", 2)
        self.assertEqual(self.profiles()["mine"]["allowedScope"], ["src/"])


class CatalogueTests(ProfileTest):
    def setUp(self):
        super().setUp()
        self.fleet.serve()

    def test_the_shipped_ones_are_there_and_say_where_from(self):
        found = self.profiles()
        self.assertEqual(sorted(found), SHIPPED)
        for name, profile in found.items():
            self.assertRegex(profile["origin"], r"^giga \d")
            with open(os.path.join(giga.ROOT, "profiles", name + ".md")) as file:
                self.assertIn(profile["persona"], file.read())

    def test_every_field_is_kept_shown_and_exported(self):
        path = self.fleet.write("mine/full.md", FULL)
        done = self.fleet.giga("profile", "import", path, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        for field in ("budget.usd", "network"):
            self.assertRegex(done.stderr, rf"note: .*full.md:\d+:\d+: {field} is recorded, not ")
        self.assertNotIn("artifacts", done.stderr, "they are collected")
        shown = self.fleet.must("profile", "show", "full")
        for line in FULL.split("---")[1].strip().splitlines():
            field = line.split(":")[0]
            if field != "name":
                self.assertRegex(shown, rf"(?m)^{field} +[^( ]")
        before = self.fleet.dump()
        out = os.path.join(self.fleet.folder, "out")
        os.makedirs(out)
        self.assertEqual(self.fleet.must("profile", "export", "full", "--to", out).strip(),
                         out + "/full.md")
        self.assertIn("nothing changed", self.fleet.must("profile", "import", out + "/full.md"))
        self.assertEqual(self.fleet.dump(), before, "what was exported is what was imported")
        with open(out + "/full.md") as file:
            self.assertEqual(file.read(), self.fleet.must("profile", "export", "full"))
        self.assertIn("says that already",
                      self.fleet.giga("profile", "export", "full", "--to", out).stderr)

    def test_an_older_version_is_still_there(self):
        path = self.fleet.write("mine/qa.md", role(timeout="7m"))
        self.fleet.must("profile", "import", path)
        self.assertIn("timeout: 7m", self.fleet.must("profile", "export", "qa"))
        self.assertNotIn("timeout:", self.fleet.must("profile", "export", "qa@1"))
        shown = self.fleet.must("profile", "show", "qa")
        self.assertIn(f"qa@2  from {path}  versions 1, 2", shown)
        for wanted, code, why in (("qa@3", 1, "versions of it are 1, 2"),
                                  ("qas", 1, "did you mean qa?"),
                                  ("qa@last", 2, "a profile is NAME, or NAME@VERSION")):
            done = self.fleet.giga("profile", "show", wanted)
            self.assertEqual(done.returncode, code)
            self.assertIn(why, done.stderr)

    def test_an_export_never_writes_over_a_file(self):
        path = self.fleet.write("out/qa.md", "Mine.\n")
        done = self.fleet.giga("profile", "export", "qa", "--to", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is there already", done.stderr)
        with open(path) as file:
            self.assertEqual(file.read(), "Mine.\n")
        done = self.fleet.giga("profile", "export", "qa", "--to", "other.md")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the file of a profile has its name", done.stderr)


class NewTests(ProfileTest):
    def test_a_new_file_is_right_and_never_written_over(self):
        self.assertEqual(self.fleet.must("profile", "new", "data-engineer").strip(),
                         "profiles/data-engineer.md")
        self.fleet.must("profile", "lint", "profiles/data-engineer.md")
        path = os.path.join(self.fleet.folder, "profiles", "data-engineer.md")
        with open(path, "a") as file:
            file.write("Mine.\n")
        done = self.fleet.giga("profile", "new", "data-engineer")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: profiles/data-engineer.md is there already", done.stderr)
        with open(path) as file:
            self.assertTrue(file.read().endswith("Mine.\n"))

    def test_dry_run_writes_nothing_and_a_wrong_name_is_refused(self):
        done = self.fleet.giga("profile", "new", "tester", "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("name: tester", done.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.fleet.folder, "profiles")))
        done = self.fleet.giga("profile", "new", "Tester")
        self.assertEqual(done.returncode, 2)
        self.assertIn("hint: giga profile new tester", done.stderr)


if __name__ == "__main__":
    unittest.main()
