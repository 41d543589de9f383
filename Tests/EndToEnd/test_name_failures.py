"""scripts/name-failures on recorded output: the last lines name each failure, and nothing else."""

import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "name-failures")
# What Swift 6.3.1 prints, shortened.
SWIFT = """\
◇ Test run started.
↳ Testing Library Version: 6.3.1 (937120cbc281cf2)
◇ Suite Sums started.
◇ Test "two and two are five" started.
◇ Test "a known one" started.
◇ Test "each is even" started.
◇ Test throws() started.
━ Test "a known one" recorded a known issue at S.swift:4:66: Expectation failed: 1 == 2
↳ libyaml's own
✘ Test "each is even" recorded an issue with 1 argument n → 3 at S.swift:5:61: Expectation failed
✘ Test throws() recorded an issue at S.swift:6:4: Caught error: E()
━ Test "a known one" passed after 0.001 seconds with 1 known issue.
✘ Test "each is even" with 3 test cases failed after 0.001 seconds with 2 issues.
✘ Test throws() failed after 0.001 seconds with 1 issue.
✘ Test "two and two are five" recorded an issue at S.swift:3:41: Expectation failed: 4 == 5
↳ four,
  really
✘ Test "two and two are five" failed after 0.004 seconds with 1 issue.
✘ Suite Sums failed after 0.005 seconds with 5 issues (including 1 known issue).
✘ Test run with 6 tests in 2 suites failed after 0.005 seconds with 5 issues.
"""
CRASH = """\
◇ Test run started.
◇ Test "goes down" started.
◇ Test "ends before" started.
✔ Test "ends before" passed after 0.001 seconds.
Swift/ContiguousArrayBuffer.swift:692: Fatal error: Index out of range

*** Program crashed: Illegal instruction at 0x00007f949776df7f ***

Backtrace took 0.13s
"""
PYTHON = """\
test_one (test_x.Some.test_one) ... FAIL
======================================================================
FAIL: test_one (test_x.Some.test_one)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "test_x.py", line 3, in test_one
    self.assertEqual(1, 2)
AssertionError: 1 != 2

======================================================================
ERROR: test_two (test_x.Some.test_two) (field='title')
----------------------------------------------------------------------
Traceback (most recent call last):
  File "test_x.py", line 6, in test_two
KeyError: 'a'

----------------------------------------------------------------------
Ran 2 tests in 0.000s

FAILED (failures=1, errors=1)
"""
DEMO = """\
ok   summary: jobs = 9
FAIL summary: shipped = 7: saw 6
ok   summary: replay = equal
check-demo: 2 of 3 facts hold
"""
COMPILER = """\
[3/9] Compiling FleetCore Fleet.swift
/src/Sources/FleetCore/Fleet.swift:7:9: error: cannot find 'x' in scope
error: fatalError
"""


class NameFailuresTests(unittest.TestCase):
    def run_on(self, text, code=1):
        done = subprocess.run([SCRIPT, "name-failures-test", sys.executable, "-c",
                               f"import sys; sys.stdout.write(sys.stdin.read()); sys.exit({code})"],
                              input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertTrue(done.stdout.startswith(text), "all of it passes through")
        last = done.stdout[len(text):].splitlines()
        self.assertIn("name-failures-test: ", last[0])
        return [line.strip() for line in last[1:]]

    def test_failed_tests_of_swift_with_their_words(self):
        self.assertEqual(self.run_on(SWIFT), [
            '"each is even": S.swift:5:61: Expectation failed',
            "throws(): S.swift:6:4: Caught error: E()",
            '"two and two are five": S.swift:3:41: Expectation failed: 4 == 5 | four, | really'])

    def test_a_crash_names_the_tests_that_had_not_ended(self):
        found = self.run_on(CRASH)
        self.assertIn("Fatal error: Index out of range", found[0])
        self.assertEqual(found[-1], 'not ended: "goes down"')

    def test_failed_tests_of_python(self):
        self.assertEqual(self.run_on(PYTHON), [
            "test_one (test_x.Some.test_one): AssertionError: 1 != 2",
            "test_two (test_x.Some.test_two) (field='title'): KeyError: 'a'"])

    def test_facts_of_the_demo_that_do_not_hold(self):
        self.assertEqual(self.run_on(DEMO), ["FAIL summary: shipped = 7: saw 6"])

    def test_what_does_not_compile(self):
        self.assertIn("cannot find 'x' in scope", self.run_on(COMPILER)[0])

    def test_an_end_that_nothing_explains_shows_the_last_lines(self):
        self.assertEqual(self.run_on("one\ntwo\n", code=3), ["one", "two"])

    def test_never_more_lines_than_are_looked_at(self):
        self.assertLess(len(self.run_on(DEMO * 40)), 17)

    def test_one_plain_line_when_all_passed(self):
        self.assertEqual(self.run_on(SWIFT, code=0), [])


if __name__ == "__main__":
    unittest.main()
