"""The tutorial, typed as it stands there, and what it says that the reader will see."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from documents import Reader  # noqa: E402

@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class TutorialRun(Reader):
    def test_a_reader_gets_to_the_end_and_sees_what_is_told(self):
        *_, halted, home = self.follow("docs/tutorial.md")
        self.assertIn("looking at something", halted, "why says what the new job waits for")
        self.assertIn("3 words, 2 lines\n", home)
        self.assertIn("Report words and lines", home)
        self.assertNotIn("Say what it is for", home)


if __name__ == "__main__":
    unittest.main()
