"""The proxy and the git wrapper do what the tests that stand on them believe."""

import http.client
import http.server
import os
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
from gitwrap import GitWrapper  # noqa: E402
from proxy import Proxy  # noqa: E402


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Echo.seen.append((self.path, body))
        self.send_response(409 if b"late" in body else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class ProxyTests(unittest.TestCase):
    def setUp(self):
        Echo.seen.clear()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.proxy = Proxy(self, server.server_port)
        self.client = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=10)
        self.addCleanup(lambda: self.client.close())

    def post(self, path, body):
        self.client.request("POST", path, body)
        reply = self.client.getresponse()
        return reply.status, reply.read()

    def test_it_hands_on_and_notes_statuses(self):
        self.assertEqual(self.post("/runs/1", b"late"), (409, b"late"))
        self.assertEqual(self.post("/claim", b"x" * 200_000), (200, b"x" * 200_000))
        self.assertEqual(self.proxy.replies, [("POST", "/runs/1", 409), ("POST", "/claim", 200)])

    def test_it_loses_the_first_reply_with_the_text_and_no_other(self):
        self.proxy.lose("/claim", '"fence"')
        self.assertEqual(self.post("/claim", b"{}"), (200, b"{}"))
        self.assertEqual(self.post("/other", b'"fence"'), (200, b'"fence"'))
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.post("/claim", b'"fence"')
        self.assertTrue(self.proxy.lost.is_set())
        self.assertIn(("/claim", b'"fence"'), Echo.seen, "the server did answer")
        self.client.close()
        self.assertEqual(self.post("/claim", b'"fence"'), (200, b'"fence"'))

    def test_a_held_request_arrives_when_released(self):
        self.proxy.hold("/runs/")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.post("/runs/1", b"late")))
        thread.start()
        giga.until(self.proxy.held.is_set, 5, "a held request")
        self.assertEqual((answers, Echo.seen), ([], []))
        self.proxy.release()
        thread.join(5)
        self.assertEqual(answers, [(409, b"late")])


class GitWrapperTests(unittest.TestCase):
    def race(self, mode, atomic_fence):
        """A push waits, another moves the fence; what became of the first."""
        folder = giga.fresh_folder(self)
        work, bare = os.path.join(folder, "work"), os.path.join(folder, "origin.git")
        giga.seed_repository(work)
        giga.git(folder, "clone", "-q", "--bare", work, bare)
        blobs = [giga.git(bare, "hash-object", "-w", "--stdin", input=text)
                 for text in ("1.0", "2.0", "1.1")]
        giga.git(bare, "update-ref", "refs/giga/fence/f/job-1", blobs[0])
        giga.git(work, "fetch", "-q", bare, "refs/giga/fence/f/job-1")
        giga.git(work, "commit", "-q", "--allow-empty", "-m", "Late")
        giga.git(work, "hash-object", "-w", "--stdin", input="1.1")
        wrapper = GitWrapper(self, mode)
        words = [os.path.join(wrapper.at, "git"), "-C", work, "push", "--atomic"]
        if atomic_fence:
            words += [f"--force-with-lease=refs/giga/fence/f/job-1:{blobs[0]}", bare,
                      f"{blobs[2]}:refs/giga/fence/f/job-1"]
        else:
            words += [bare]
        push = subprocess.Popen([*words, "HEAD:refs/heads/main"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        wrapper.until_reached(10)
        giga.git(bare, "update-ref", "refs/giga/fence/f/job-1", blobs[1])
        wrapper.release()
        code, said = wrapper.until_ended(10)
        self.assertEqual(push.wait(10), code)
        landed = giga.git(bare, "log", "-1", "--format=%s", "main") == "Late"
        return code, said, landed

    def test_a_fenced_push_is_refused_in_both_modes(self):
        for mode in ("before", "inside"):
            with self.subTest(mode):
                code, said, landed = self.race(mode, atomic_fence=True)
                self.assertNotEqual(code, 0)
                self.assertRegex(said, "rejected|atomic|lock")
                self.assertFalse(landed)

    def test_a_push_without_the_fence_lands(self):
        for mode in ("before", "inside"):
            with self.subTest(mode):
                code, _, landed = self.race(mode, atomic_fence=False)
                self.assertEqual((code, landed), (0, True))


if __name__ == "__main__":
    unittest.main()
