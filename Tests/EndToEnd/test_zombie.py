"""A factory that was taken for dead wakes up: it can neither report nor push."""

import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
import proc  # noqa: E402
from gitwrap import GitWrapper  # noqa: E402
from proxy import Proxy  # noqa: E402

REFUSAL = re.compile("stale info|rejected|atomic|failed to update ref|cannot lock ref|fetch first")
CHANGE = "mkdir -p src && echo two > src/two.txt"


def fence(origin):
    """The text of the one fence at the origin."""
    refs = origin.git("for-each-ref", "--format=%(refname)", "refs/giga/fence").split()
    return origin.git("cat-file", "blob", refs[0]).strip() if len(refs) == 1 else None


def words_of(folder, process):
    """All that a factory wrote: its output and the text files of its data folder."""
    found = [process.text]
    for root, _, names in os.walk(folder):
        for name in names:
            if ".git" not in root and "objects" not in root:
                with open(os.path.join(root, name), errors="replace") as file:
                    found.append(file.read())
    return "\n".join(found)


class ZombiePushTests(unittest.TestCase):
    def one_merge_in_spite_of_a_late_push(self, mode):
        fleet = giga.Fleet(self)
        fleet.serve()
        origin = fleet.origin()
        late, other = GitWrapper(self, mode), GitWrapper(self, "before")
        zombie = fleet.factory("zombie", tools=late.at)
        job = fleet.add(giga.job(CHANGE, review_policy="auto"))
        late.until_reached()
        zombie.signal(signal.SIGSTOP)
        old = fence(origin)
        fleet.factory("heir", tools=other.at)
        other.until_reached()
        new = fence(origin)

        late.release()
        code, said = late.until_ended()
        # Before the fences are judged: the planted fault that takes none is to be seen by this.
        self.assertEqual(origin.merges(), [], f"the zombie's push landed: {said}")
        self.assertRegex(old or "", r"^\d+\.0$", "the zombie took the fence first")
        self.assertRegex(new or "", r"^\d+\.0$", "taken by the heir and not yet shipped")
        self.assertGreater(int(new.split(".")[0]), int(old.split(".")[0]))
        self.assertNotEqual(code, 0, said)
        self.assertRegex(said, REFUSAL)
        zombie.signal(signal.SIGCONT)
        giga.until(lambda: REFUSAL.search(words_of(os.path.join(fleet.folder, "zombie"), zombie)),
                   20, "git's refusal in the zombie's log")

        other.release()
        fleet.wait(job, "shipped")
        merges = origin.merges()
        self.assertEqual([len(merges), giga.merged(origin, job)], [1, 1])
        events = fleet.events()
        self.assertEqual(history.ships(events, merges), [])
        self.assertEqual(history.stale_fences(events), [])

    def test_stopped_before_its_push(self):
        self.one_merge_in_spite_of_a_late_push("before")

    def test_stopped_inside_its_push(self):
        self.one_merge_in_spite_of_a_late_push("inside")


class ZombieReportTests(unittest.TestCase):
    def test_a_late_report_is_refused_and_the_worker_stops(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        origin = fleet.origin()
        proxy = Proxy(self, fleet.port)
        fleet.lend_tokens(proxy.port)
        zombie = fleet.factory("zombie", coordinator=proxy.url)
        # The first attempt never ends by itself, and goes on printing.
        waits = 'case "$GIGA_ATTEMPT" in *1) while true; do echo still here; sleep 0.2; done;; esac'
        job = fleet.add(giga.job(f"{waits}\n{CHANGE}", review_policy="auto"))
        started = fleet.until_event(job, "run.started")
        proxy.hold(r"/fleet/runs/")
        giga.until(proxy.held.is_set, 20, "a report of the zombie on its way")
        zombie.signal(signal.SIGSTOP)
        fleet.factory("heir")
        again = fleet.until_event(job, "run.started", after=started.fence)
        self.assertNotEqual(again.factory, started.factory)

        proxy.release()
        giga.until(lambda: any(status == 409 and "/fleet/runs/" in path
                               for _, path, status in proxy.replies), 20, "409 to a late report")
        zombie.signal(signal.SIGCONT)
        giga.until(lambda: not [name for _, name in proc.descendants(zombie.pid)
                                if name in ("sh", "sleep", "bwrap")], 20,
                   "the end of the zombie's worker")
        fleet.wait(job, "shipped")
        self.assertEqual(giga.merged(origin, job), 1)
        self.assertEqual(history.ships(fleet.events(), origin.merges()), [])


if __name__ == "__main__":
    unittest.main()
