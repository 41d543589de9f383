"""Each code of docs/reference/errors.md is provoked, and ends as that page says."""

import glob
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import errorworld  # noqa: E402
import giga  # noqa: E402
import provocations  # noqa: E402

TESTS = os.path.join(giga.ROOT, "Tests")
# Three lines; or, for a file that somebody wrote, the place in it.
FORM = re.compile(r"^(error: .+(\n  .+)+|\S+:\d+:\d+: .+)\nhint: .+", re.MULTILINE)
ROW = re.compile(r"^\| `([a-z]+\.[a-z-]+)` \| ([^|]+) \|", re.MULTILINE)


def documented():
    """code -> what the page says that it ends with."""
    with open(os.path.join(giga.ROOT, "docs", "reference", "errors.md")) as file:
        rows = ROW.findall(file.read())
    assert len(rows) > 100, "the page's tables are not found"
    return dict(rows)


def named_by_swift():
    """Codes in quotes in Swift tests."""
    found = set()
    for path in glob.glob(os.path.join(TESTS, "*", "*.swift")):
        with open(path) as file:
            found.update(re.findall(r'"(?:urn:giga:)?([a-z]+\.[a-z-]+)"', file.read()))
    return found


class ErrorTableTests(unittest.TestCase):
    def test_each_code_has_a_provocation(self):
        known = {*provocations.OUTSIDE, *provocations.ELSEWHERE, *provocations.EXCUSED}
        missing = sorted(set(documented()) - known - named_by_swift())
        self.assertEqual(missing, [], "add what provokes them to Tests/EndToEnd/provocations.py")

    def test_the_table_names_documented_codes_only(self):
        known = {*provocations.OUTSIDE, *provocations.ELSEWHERE, *provocations.EXCUSED}
        self.assertEqual(sorted(known - set(documented())), [])

    def test_what_is_provoked_elsewhere_stands_there(self):
        for code, (path, line) in provocations.ELSEWHERE.items():
            with open(os.path.join(TESTS, path)) as file:
                self.assertIn(line, file.read(), code)

    def test_hardly_any_is_excused(self):
        self.assertLessEqual(len(provocations.EXCUSED), 6)


class ErrorTests(unittest.TestCase):
    def test_each_ends_as_documented(self):
        pages = documented()
        world = errorworld.World(self)
        for code, provoke in provocations.OUTSIDE.items():
            with self.subTest(code):
                met = provoke(world)
                if isinstance(met, errorworld.Ended):
                    self.assert_ended(met, pages[code])
                else:
                    self.assert_replied(met, code, pages[code])

    def assert_ended(self, met, page):
        """Three lines, the right exit code, and no other error than the one that was meant."""
        self.assertRegex(met.text, met.saying)
        self.assertRegex(met.text, FORM)
        exit_code = re.search(r"exit (\d+)", page)
        self.assertIsNotNone(exit_code, f"the page has no exit code, {met.exit} was met")
        self.assertEqual(met.exit, int(exit_code[1]))

    def assert_replied(self, met, code, page):
        self.assertEqual(met.headers.get("Content-Type"), "application/problem+json", met.body)
        problem = met.json
        self.assertEqual(problem["type"], "urn:giga:" + code)
        status = re.search(r"HTTP (\d+)", page)
        self.assertIsNotNone(status, f"the page has no status, {met.status} was met")
        self.assertEqual((met.status, problem["status"]), (int(status[1]), int(status[1])))
        for member in ("title", "detail"):
            self.assertTrue(problem[member].strip(), member)


if __name__ == "__main__":
    unittest.main()
