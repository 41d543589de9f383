"""What a token had opened ends with the token, and the command that used it says why."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402
from proxy import Proxy  # noqa: E402


class EndedRightTests(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.fleet.serve()
        self.fleet.origin()

    def waiting(self, *words):
        """`giga wait` by a new token, once its stream is open."""
        job = self.fleet.add(giga.job("true"))
        told = self.fleet.json("token", "issue", "bob", "--role", "viewer", *words, "--json")
        proxy = Proxy(self, self.fleet.port)
        command = self.fleet.start("wait", [self.fleet.binary, "wait", job, "--timeout", "60s"],
                                   GIGA_TOKEN=told["secret"], GIGA_COORDINATOR=proxy.url)
        giga.until(lambda: command.code is not None or self.streams(proxy) == [200], 20,
                   "the stream of giga wait")
        self.assertIsNone(command.code, command.text)
        return command

    def streams(self, proxy):
        """What the server answered to each wish for a stream."""
        return [status for _, path, status in proxy.replies if path.startswith("/fleet/stream")]

    def assert_over(self, command, why):
        giga.until(lambda: command.code is not None, 20, "the end of giga wait")
        self.assertEqual(command.code, 4, command.text)
        self.assertEqual(command.text.splitlines(), [
            "error: The token bob is over", "  " + why, "hint: giga token issue bob --role viewer"])

    def test_a_command_that_waits_ends_when_its_token_is_revoked(self):
        command = self.waiting()
        self.fleet.must("token", "revoke", "bob")
        self.assert_over(command, "It was revoked")

    def test_a_command_that_waits_ends_when_its_token_expires(self):
        self.assert_over(self.waiting("--expires", "3s"), "It has expired")


if __name__ == "__main__":
    unittest.main()
