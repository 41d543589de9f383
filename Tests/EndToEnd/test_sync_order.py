"""No success leaves the coordinator before a sync that began after its batch was written."""

import os
import shutil
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
import proc  # noqa: E402
from synctrace import early_replies  # noqa: E402
from writers import idle_job  # noqa: E402

CALLS = "trace=fsync,fdatasync,write,sendto,writev,sendmsg,pwrite64,pwritev"
SUBMISSIONS = 200


class SyncOrderTests(unittest.TestCase):
    def trace(self, count, before=()):
        for tool in ("strace", *before[:1]):
            if not shutil.which(tool):
                raise unittest.SkipTest(f"{tool} is not here")
        fleet = giga.Fleet(self)
        path = os.path.join(fleet.folder, "trace")
        fleet.serve(before=["strace", "-f", "-ttt", "-T", "-y", "-s", "65536", "-e", CALLS,
                            "-o", path, *before], lease="60s", heartbeat="10s", seconds=60)
        fleet.origin()
        token, connection = fleet.token(), fleet.connect()
        marks = [f"mark{number:04}x" for number in range(count)]
        for mark in marks:
            reply = fleet.ask("POST", "/fleet/jobs", idle_job(mark), "text/markdown", token,
                              over=connection)
            self.assertIn(reply.status, (200, 201, 202), reply.body)
        connection.close()
        for pid, name in proc.descendants(fleet.server.pid):
            if name.startswith("giga"):
                os.kill(pid, signal.SIGTERM)
        fleet.server.inner.wait(30)  # the tracer ends with what it traced, its file whole
        with open(path, errors="replace") as file:
            return file.read(), os.path.realpath(fleet.data), marks

    def test_each_reply_waits_for_its_sync(self):
        trace, store, marks = self.trace(SUBMISSIONS)
        self.assertEqual(early_replies(trace, store, marks), [])

    def test_with_syncs_made_void_the_check_fails(self):
        trace, store, marks = self.trace(20, before=["eatmydata"])
        self.assertGreater(len(early_replies(trace, store, marks)), 15)


WRITE = '7 {0}.1 pwrite64(5</d/giga.db-wal>, "..mark{0}..", 99, 0) = 99 <0.001>\n'
MORE = '7 {0}.15 pwrite64(5</d/giga.db-wal>, "rest", 99, 0) = 99 <0.001>\n'
SYNC = "7 {0}.2 fdatasync(5</d/giga.db-wal>) = 0 <0.100>\n"
REPLY = '8 {0}.4 sendto(9<socket:[1]>, "HTTP/1.1 201 Created", 20) = 20 <0.001>\n'


class SyncTraceTests(unittest.TestCase):
    def wrong(self, *lines):
        trace = "".join(line.format(at) for at in (1, 2) for line in lines)
        return early_replies(trace, "/d", ["mark1", "mark2"])

    def test_write_sync_reply_is_right(self):
        self.assertEqual(self.wrong(WRITE, MORE, SYNC, REPLY), [])

    def test_a_sync_in_two_halves_is_right(self):
        begin = "7 {0}.2 fdatasync(5</d/giga.db-wal> <unfinished ...>\n"
        finish = "7 {0}.3 <... fdatasync resumed>) = 0 <0.100>\n"
        self.assertEqual(self.wrong(WRITE, begin, finish, REPLY), [])

    def test_no_sync_is_wrong(self):
        self.assertEqual(len(self.wrong(WRITE, MORE, REPLY)), 2)

    def test_a_sync_after_the_reply_is_wrong(self):
        late = SYNC.replace(".2", ".5")
        self.assertEqual(len(self.wrong(WRITE, REPLY, late)), 2)

    def test_a_sync_that_ends_after_the_reply_is_wrong(self):
        self.assertEqual(len(self.wrong(WRITE, SYNC.replace("0.100", "0.300"), REPLY)), 2)

    def test_a_sync_that_began_before_the_last_write_is_wrong(self):
        self.assertEqual(len(self.wrong(WRITE, SYNC, MORE.replace(".15", ".35"), REPLY)), 2)

    def test_a_sync_of_another_file_is_wrong(self):
        self.assertEqual(len(self.wrong(WRITE, SYNC.replace("giga.db-wal", "run.log"), REPLY)), 2)

    def test_a_failed_sync_is_wrong(self):
        self.assertEqual(len(self.wrong(WRITE, SYNC.replace("= 0", "= -1 EIO"), REPLY)), 2)

    def test_a_reply_without_a_write_is_wrong(self):
        self.assertEqual(len(self.wrong(REPLY)), 2)

    def test_a_reply_before_its_write_is_wrong(self):
        early = REPLY.replace(".4", ".05")
        self.assertEqual(len(self.wrong(early, WRITE, SYNC)), 2)

    def test_an_empty_trace_is_wrong(self):
        self.assertEqual(len(early_replies("", "/d", ["mark1"])), 1)


if __name__ == "__main__":
    unittest.main()
