"""An agent that does its worst to every git object and setting it can reach.

It reaches no further than this test's own folder: its script names that and its own clone.
"""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

# Each trap, if a git of the host's runs it, leaves a file of its name in the marker folder.
SCRIPT = """
trap_() {{
  printf '#!/bin/sh\\ntouch {markers}/%s\\ncat\\n' "$1" > "$2/$1.sh"; chmod +x "$2/$1.sh"
}}
mkdir -p src traps && echo changed > src/changed.txt
for name in fsmonitor diff filter pager ssh gpg nested; do trap_ "$name" traps; done
here=$(pwd)
git config core.fsmonitor "$here/traps/fsmonitor.sh"
git config diff.external "$here/traps/diff.sh"
git config filter.evil.clean "$here/traps/filter.sh"
git config filter.evil.smudge "$here/traps/filter.sh"
git config core.pager "$here/traps/pager.sh"
git config core.sshCommand "$here/traps/ssh.sh"
git config gpg.program "$here/traps/gpg.sh"
git config commit.gpgsign true
git config protocol.ext.allow always
git config url.ext::sh.insteadOf file
echo '* filter=evil diff=evil' > .gitattributes
hooks="pre-commit post-commit post-checkout pre-push post-merge reference-transaction update"
for hook in $hooks post-index-change pre-receive post-receive post-update; do
  for place in .git/hooks $(find {reach} -type d -name hooks 2>/dev/null); do
    printf '#!/bin/sh\\ntouch {markers}/hook-%s\\n' "$hook" > "$place/$hook" 2>/dev/null
    chmod +x "$place/$hook" 2>/dev/null
  done
done
{nested}
chmod -R u+w .git {reach} 2>/dev/null
for place in .git/objects $(find {reach} -type d -name objects 2>/dev/null); do
  find "$place" -type f 2>/dev/null | while read -r object; do
    case "$object" in "$here"/*|.git/*) [ -n "{own}" ] || continue ;; esac
    echo scribble > "$object" 2>/dev/null
  done
done
true
"""
NESTED = """
mkdir inner && (cd inner && git init -q && git config core.fsmonitor "$here/traps/nested.sh" \\
  && echo x > x && git add x && git -c user.name=a -c user.email=a@a -c commit.gpgsign=false \\
     -c core.fsmonitor=false commit -q -m inner)
"""
SECRET = """
a=ghp_; b=0123456789abcdefghijABCDEFGHIJ012345
git config user.name agent; git config user.email agent@example.invalid
echo "$a$b" > secret.txt; git add secret.txt; git commit -q -m 'Add it'
git rm -q secret.txt; git commit -q -m 'Remove it'
mkdir -p src; echo harmless > src/harmless.txt
"""
TOKEN = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
ENDS = {"testing", "failed", "dead_letter"}


class MirrorSafetyTests(unittest.TestCase):
    def setUp(self):
        if not shutil.which("bwrap"):
            raise unittest.SkipTest("bubblewrap is not here: nothing would hold the agent back")
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.markers = os.path.join(self.fleet.folder, "markers")
        os.mkdir(self.markers)
        self.origin = self.fleet.origin()
        self.fleet.factory("alpha")

    def mirrors(self):
        """The bare repositories below the factory's folder."""
        return [root for root, folders, names in os.walk(os.path.join(self.fleet.folder, "alpha"))
                if "HEAD" in names and "objects" in folders
                and giga.git(root, "rev-parse", "--is-bare-repository") == "true"]

    def stage(self, job):
        return self.fleet.json("show", job, "--json=all")["stage"]

    def end_of(self, script, **fields):
        job = self.fleet.add(giga.job(script, **fields))
        return job, giga.until(lambda: self.stage(job) in ENDS and self.stage(job), 90,
                               f"an end of {job}")

    def mirrors_are_whole(self):
        mirrors = self.mirrors()
        self.assertTrue(mirrors, "the factory has a mirror")
        for mirror in mirrors:
            giga.git(mirror, "fsck", "--full", "--strict", "--no-dangling")
        giga.git(self.origin.path, "fsck", "--full", "--strict", "--no-dangling")
        self.assertEqual(os.listdir(self.markers), [], "the host ran what the agent planted")

    def test_scribbles_and_traps_reach_neither_mirror_nor_host(self):
        reach = " ".join(f"'{self.fleet.folder}/{name}'" for name in ("alpha", "coordinator",
                                                                     "origins"))
        self.end_of("echo warm > src/warm.txt", title="warms the mirror")
        for number, (nested, own) in enumerate([("", ""), (NESTED, ""), ("", "yes")]):
            with self.subTest(nested=bool(nested), own=bool(own)):
                script = SCRIPT.format(markers=self.markers, reach=reach, nested=nested, own=own)
                job, stage = self.end_of(script, title=f"worst {number}", retry="{max: 0}")
                print(f"\nworst agent {number}: {job} ends in {stage}")
                if nested:
                    self.assertNotEqual(stage, "testing", "a nested repository came through")
                self.mirrors_are_whole()
        job, stage = self.end_of("mkdir -p src && echo fine > src/fine.txt", title="goes on")
        self.assertEqual(stage, "testing", "the mirror still serves")
        self.fleet.must("ship", job)
        self.fleet.wait(job, "shipped")
        self.mirrors_are_whole()

    def test_a_secret_of_the_agents_own_history_is_not_pushed(self):
        job, stage = self.end_of(SECRET, title="hides in history")
        self.assertEqual(stage, "testing")
        self.fleet.must("ship", job)
        self.fleet.wait(job, "shipped")
        names = self.origin.git("cat-file", "--batch-all-objects",
                                "--batch-check=%(objectname) %(objecttype)").splitlines()
        blobs = [line.split()[0] for line in names if line.endswith(" blob")]
        self.assertTrue(any("harmless" in self.origin.git("cat-file", "blob", b) for b in blobs))
        self.assertFalse(any(TOKEN in self.origin.git("cat-file", "blob", b) for b in blobs))
        self.assertNotIn("Add it", self.origin.git("log", "--all", "--format=%B"))


if __name__ == "__main__":
    unittest.main()
