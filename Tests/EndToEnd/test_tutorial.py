"""The tutorial, typed as it stands there, and what it says that the reader will see."""

import os
import re
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from documents import Reader, blocks, read  # noqa: E402

TUTORIAL = read("docs", "tutorial.md")


def table(text):
    """The words of each line; the name of this machine is left out, which no document can know."""
    host = socket.gethostname().split(".")[0].lower()
    return [[word for word in line.split() if word not in (host, "factory")]
            for line in text.splitlines()]


class TutorialText(unittest.TestCase):
    def test_every_shell_block_says_whether_it_is_run(self):
        for marker, text in blocks(TUTORIAL):
            with self.subTest(text[:40]):
                self.assertRegex(marker or "", r"^(run|run in the background: \w+|not run: .+)$")


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class TutorialRun(Reader):
    def test_a_reader_gets_to_the_end_and_sees_what_is_told(self):
        _, _, waited, _, _, _, halted, home = self.follow(TUTORIAL)
        told = re.search(r"(?ms)^<!-- printed -->\n```text\n(.*?)^```$", TUTORIAL).group(1)
        self.assertEqual(table(told), table(waited[waited.index("job    stage"):]))
        self.assertIn("looking at something", halted, "why says what the new job waits for")
        self.assertIn("3 words, 2 lines\n", home)
        self.assertIn("Report words and lines", home)
        self.assertNotIn("Say what it is for", home)


if __name__ == "__main__":
    unittest.main()
