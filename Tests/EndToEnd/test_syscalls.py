"""Each sync, write and rename of a coordinator fails once while a job ships, or is its last.

SYSCALL_ROUNDS is how many of them are tried, evenly spread (9); 0 means each. strace makes them
fail from outside: EIO, ENOSPC, or SIGKILL. Then the coordinator has stopped with a named error, or
gone on; its store is whole, and after a restart the job ships once.
"""

import collections
import dataclasses
import os
import re
import shutil
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import history  # noqa: E402
import proc  # noqa: E402
from writers import id_of, idle_job  # noqa: E402

ROUNDS = int(os.environ.get("SYSCALL_ROUNDS", "9"))
SYNCS, WRITES = ("fsync", "fdatasync"), ("write", "pwrite64")
CALLS = SYNCS + WRITES + ("rename", "link")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")
CALL = re.compile(r"^(\d+) +(\w+)\((?:\d+<([^>]*)>|\"([^\"]*)\")")
CRASHED = re.compile("Fatal error|Stack dump|crashed|Segmentation")


@dataclasses.dataclass(frozen=True)
class Fault:
    """The `number`-th `call` of one thread on `path` (on any, if that is None) goes wrong."""

    call: str
    path: str
    number: int
    what: str

    def strace(self, folder, log):
        # The quicker way to trace, with a filter in the kernel, sends no signals.
        quick = [] if self.what.startswith("signal") else ["--seccomp-bpf"]
        words = ["strace", "-f", *quick, "-qq", "-o", log, "-e", f"trace={self.call}",
                 "-e", f"inject={self.call}:{self.what}:when={self.number}"]
        return words + (["-P", os.path.join(folder, self.path)] if self.path is not None else [])

    def __str__(self):
        return f"{self.what} at {self.call} {self.number} of {self.path or 'any file'}"


def plan(trace, folder):
    """Every fault that a trace of one ship gives reason to: each sync and rename three times, each
    write once, with its faults in turn."""
    counts = collections.Counter()
    for line in trace.splitlines():
        match = CALL.match(line)
        if not match:
            continue
        thread, call, opened, named = match.groups()
        path = os.path.relpath(opened or named, folder)
        if call in ("rename", "link"):
            counts[call, None, thread] += 1
        # Names made by chance cannot be foretold, nor are files outside the store meant.
        elif not path.startswith("..") and not re.search(r"objects/\.|\.new$", path):
            counts[call, path, thread] += 1
    most = collections.Counter()
    for (call, path, _), count in counts.items():
        most[call, path] = max(most[call, path], count)
    found = []
    for (call, path), count in sorted(most.items(), key=str):
        for number in range(1, count + 1):
            whats = FAULTS if call not in WRITES else FAULTS[number % 3:][:1]
            found += [Fault(call, path, number, what) for what in whats]
    return found


def some(faults, count):
    """So many of them, evenly spread, of each kind as many as of another."""
    kinds = [[fault for fault in faults if fault.what == what] for what in FAULTS]
    share = max(1, count // len(kinds))
    return [kind[(2 * n + 1) * len(kind) // (2 * share)] for kind in kinds for n in range(share)]


class World:
    """A fleet whose coordinator is started again and again; its factory stays."""

    def __init__(self, test):
        if not shutil.which("strace"):
            raise unittest.SkipTest("strace is not here")
        self.fleet, self.number = giga.Fleet(test), 0
        self.log = os.path.join(self.fleet.folder, "trace")
        self.fleet.serve()
        self.origin = self.fleet.origin()
        self.fleet.factory("alpha")
        self.ship()
        self.end()

    def submit(self):
        """The next job, once only however often it is sent; its id."""
        key = f"round-{self.number + 1}"
        text = giga.job(f"mkdir -p src && echo {key} > src/a.txt", title=key, review_policy="auto",
                        idempotency_key=key)
        reply = self.fleet.ask("POST", "/fleet/jobs", text, "text/markdown", self.fleet.token())
        return id_of(reply) if reply.status < 300 else None

    def stage(self, job):
        try:
            return self.fleet.ask("GET", f"/fleet/jobs/{job}").json["stage"]
        except (OSError, ValueError, KeyError):
            return None

    def ship(self):
        """Sees one job shipped, or its coordinator ended: whether it shipped."""
        server = self.fleet.server

        def submitted():
            try:
                return server.code is not None or self.submit()
            except OSError:
                return None
        job = giga.until(submitted, 30, "an answer to a submission")
        if job is True:
            return False
        giga.until(lambda: self.stage(job) == "shipped" or server.code is not None, 40,
                   lambda: f"{job} shipped; it is {self.stage(job)}")
        if self.stage(job) != "shipped":
            return False
        self.number = int(job.removeprefix("job-"))
        return True

    def end(self):
        """SIGTERM to the coordinator itself, which a tracer may stand before."""
        inner = [pid for pid, name in proc.descendants(self.fleet.server.pid)
                 if name.startswith("giga")]
        for pid in inner or [self.fleet.server.pid]:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        return self.fleet.server.inner.wait(60)

    def trace(self):
        self.fleet.serve(before=["strace", "-f", "-y", "-qq", "-o", self.log, "-e",
                                 "trace=" + ",".join(CALLS)], seconds=60)
        assert self.ship()
        self.end()
        with open(self.log, errors="replace") as file:
            return file.read().replace(f"job-{self.number}", "job-NEXT")

    def meet(self, fault):
        """What one fault came to, and what is wrong with that."""
        job = f"job-{self.number + 1}"
        path = fault.path and fault.path.replace("job-NEXT", job)
        before, wrong = os.path.getsize(os.path.join(self.fleet.folder, "serve.log")), []
        words = dataclasses.replace(fault, path=path).strace(self.fleet.data, self.log)
        shipped = False
        try:
            self.fleet.serve(before=words, seconds=60)
            shipped = self.ship()
        except AssertionError as error:
            if "giga serve ended" not in str(error):
                wrong.append(f"{fault}: {error}")
        code = self.fleet.server.code
        if code is None:
            code = self.end()
        with open(os.path.join(self.fleet.folder, "serve.log"), errors="replace") as file:
            file.seek(before)
            told = file.read()
        with open(self.log, errors="replace") as file:
            text = file.read()
        fired = "INJECTED" in text or code == -signal.SIGKILL
        if CRASHED.search(told):
            wrong.append(f"{fault}: it crashed: {told[-800:]}")
        if code == -signal.SIGKILL and "SIGKILL" in fault.what:
            fate = "killed"
        elif code == 0 and shipped:
            fate = "went on" if fired else "not met"
        else:
            fate = "stopped"
            if code != 1 or "error: " not in told or "\nhint: " not in told:
                wrong.append(f"{fault}: ended {code}: {told[-800:]}")
        replayed = self.fleet.replay()
        if replayed.returncode != 0:
            wrong.append(f"{fault}: {replayed.stdout}{replayed.stderr}")
        if not shipped:
            self.fleet.serve()
            if not self.ship():
                wrong.append(f"{fault}: the job did not ship: {self.fleet.server.text[-500:]}")
            self.end()
        return fate, wrong


class SyscallTests(unittest.TestCase):
    def test_each_fault_is_named_or_outlived(self):
        world = World(self)
        faults = plan(world.trace(), world.fleet.data)
        self.assertGreater(len(faults), 200, "the trace of a ship shows hardly any call")
        every = len(faults)
        if ROUNDS:
            faults = some(faults, ROUNDS)
        tally, wrong = collections.Counter(), []
        for number, fault in enumerate(faults, 1):
            fate, found = world.meet(fault)
            tally[fate] += 1
            wrong += found
            if found or number % 50 == 0:
                print(f"fault {number} of {len(faults)}: {fault}: {found or fate}", flush=True)
        print(f"\nfigure: system calls that fail: {len(faults)} of {every} tried, "
              + ", ".join(f"{count} {fate}" for fate, count in sorted(tally.items())), flush=True)
        self.assertEqual(wrong, [])
        self.assertGreater(tally["stopped"], 0)
        self.assertGreater(tally["killed"], 0)
        self.assertLess(tally["not met"], max(2, len(faults) // 5), "most were never met")
        world.fleet.serve()
        events = world.fleet.events()
        self.assertEqual(history.gaps(events) + history.broken_hashes(events)
                         + history.stale_fences(events) + history.replay(events)[1]
                         + history.ships(events, world.origin.merges()), [])
        shipped = {e.job for e in events if e.kind == "job.shipped"}
        self.assertEqual(len(shipped), world.number)

    def test_writes_that_only_seem_to_be_made_are_seen(self):
        """The control: a disk that takes a log's writes and keeps none of them."""
        world = World(self)
        lie = Fault("pwrite64", "giga.db-wal", 20, "retval=4096")
        words = lie.strace(world.fleet.data, world.log)
        words[-3] += "+"  # from that one on
        world.fleet.serve(before=words)
        token = world.fleet.token()
        told = [id_of(world.fleet.ask("POST", "/fleet/jobs", idle_job(f"void-{n}"),
                                      "text/markdown", token)) for n in range(20)]
        for pid, _ in proc.descendants(world.fleet.server.pid):
            os.kill(pid, signal.SIGKILL)
        world.fleet.server.inner.wait(30)
        world.fleet.serve()
        there = {e.job for e in world.fleet.events()}
        self.assertNotEqual([job for job in told if job not in there], [])
        # And an end that nobody asked for and that says nothing is no clean stop.
        world.end()
        silent = Fault("pwrite64", "giga.db-wal", 20, f"signal={signal.SIGKILL}")
        self.assertIn(f"ended {-signal.SIGKILL}: ", "".join(world.meet(silent)[1]))


class PlanTests(unittest.TestCase):
    TRACE = ('7 fdatasync(5</d/giga.db-wal>) = 0\n'
             '7 pwrite64(5</d/giga.db-wal>, ""..., 24, 0) = 24\n'
             '8 pwrite64(5</d/giga.db-wal>, ""..., 24, 0) = 24\n7 write(3<pipe:[1]>, "", 1) = 1\n'
             '7 rename("/d/a.new", "/d/a") = 0\n7 write(9</d/objects/.1.new>, "", 1) = 1\n')

    def test_each_call_gets_its_faults(self):
        told = [str(fault) for fault in plan(self.TRACE, "/d")]
        self.assertEqual(told, [
            *(f"{what} at fdatasync 1 of giga.db-wal" for what in FAULTS),
            "error=ENOSPC at pwrite64 1 of giga.db-wal",
            *(f"{what} at rename 1 of any file" for what in FAULTS)])


if __name__ == "__main__":
    unittest.main()
