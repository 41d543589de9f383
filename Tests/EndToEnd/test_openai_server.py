"""The scripted model that stands in for a provider: what its log says must be true."""

import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from giga import until  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = ROOT / "scripts" / "real" / "openai_server.py"
TASK = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]


class OpenAIServerTests(unittest.TestCase):
    def serve(self, turns, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "turns").write_text(json.dumps(turns))
        self.log = self.folder / "log"
        self.answers = 0
        server = subprocess.Popen(
            [SERVER, "--script", self.folder / "turns", "--log", self.log, *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        self.url = urllib.parse.urlsplit(server.stdout.readline().split()[1])

    def send(self, messages):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port)
        self.addCleanup(connection.close)
        body = json.dumps({"model": "asked", "messages": messages})
        connection.request("POST", self.url.path + "/chat/completions", body)
        return connection

    def ask(self, messages):
        response = self.send(messages).getresponse()
        answer = response.status, json.load(response)
        # The line is written once the client has its answer: only then is it known to be no loss.
        self.answers += 1
        until(lambda: len(self.lines("reply") + self.lines("refused")) >= self.answers, 10,
              "the answer's line in the log")
        return answer

    def lines(self, kind):
        # A last line without its end is still being written.
        whole = self.log.read_text().rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines()]
        return [line for line in lines if line["kind"] == kind]

    def test_an_error_status_begins_no_conversation(self):
        self.serve(["ls"], "--status", "500")
        self.assertEqual(self.ask(TASK)[0], 500)
        self.assertEqual([line["conversation"] for line in self.lines("refused")], [None])
        self.assertEqual(self.lines("reply"), [])

    def test_errors_can_begin_later(self):
        self.serve(["ls"], "--status", "429", "--status-after", "1")
        self.assertEqual([self.ask(TASK)[0] for _ in range(2)], [200, 429])

    def test_a_request_that_makes_no_sense_is_refused(self):
        self.serve(["ls"])
        for body in ("", "no", "{}", "[]"):
            connection = http.client.HTTPConnection(self.url.hostname, self.url.port)
            connection.request("POST", self.url.path + "/chat/completions", body)
            self.assertEqual(connection.getresponse().status, 400, body)
            connection.close()

    def test_a_held_client_that_dies_is_lost(self):
        notify = None
        with tempfile.TemporaryDirectory() as folder:
            notify = os.path.join(folder, "held")
            os.mkfifo(notify)
            self.serve(["ls"], "--hold-at", "1", "--notify", notify)
            connection = self.send(TASK)
            with open(notify) as file:
                self.assertEqual(file.read(), "held 1 c1\n")
            connection.close()
            # A later conversation is not held, and its number says that the first one counts.
            self.assertEqual(self.ask(TASK)[0], 200)
        self.assertEqual(self.lines("reply")[0]["conversation"], "c2")

    def test_two_conversations_are_told_apart_while_they_mix(self):
        self.serve(["one", "two"])
        conversations = [list(TASK), list(TASK)]
        for _ in range(2):
            for messages in conversations:
                reply = self.ask(messages)[1]["choices"][0]["message"]
                call = reply["tool_calls"][0]
                messages.append({"role": "assistant", "tool_calls": [call]})
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": "x"})
        seen = [(line["conversation"], line["turn"]) for line in self.lines("reply")]
        self.assertEqual(seen, [("c1", 0), ("c2", 0), ("c1", 1), ("c2", 1)])

    def test_the_log_has_what_the_client_got(self):
        self.serve(["ls"], "--seed", "5")
        answer = self.ask(TASK)[1]
        logged = self.lines("reply")[0]
        self.assertEqual(logged["usage"], answer["usage"])
        self.assertEqual(logged["model"], answer["model"])
        self.assertGreater(answer["usage"]["prompt_tokens"], 0)

    def test_usage_can_be_left_out(self):
        self.serve(["ls"], "--usage", "none")
        self.assertNotIn("usage", self.ask(TASK)[1])
        self.assertIsNone(self.lines("reply")[0]["usage"])


if __name__ == "__main__":
    unittest.main()
