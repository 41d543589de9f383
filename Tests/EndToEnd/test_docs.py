"""What the documents say, held against the sources: codes, rooms, conditions, links, form."""

import glob
import os
import re
import unittest

from pages import ROOT, files, read, rows

CODE = re.compile(r'"([a-z]+\.[a-z]+(?:-[a-z]+)*)"')
FAULT = re.compile(r'(?:\b(?:Refusal|CommandFault)\(\s*\.\w+,|\bcode:)\s*"([a-z]+\.[a-z-]+)"')
SUFFIXES = {"cfg", "db", "exs", "git", "ini", "json", "lock", "lockb",
            "log", "md", "mod", "py", "sh", "toml", "txt", "xml", "yaml"}
# Names of git settings, and of OpenTelemetry: literals of the same form that are no codes.
SETTINGS = {"user.name", "user.email", "credential.helper", "service.name"}


def codes_in_sources():
    kinds = set(re.findall(r'"([a-z]+\.[a-z_]+)"', read("Sources", "FleetModel", "EventKind.swift")))
    found = {}
    for name in files(".swift", "Sources"):
        text = read(name)
        literals = {code for code in CODE.findall(text)
                    if code not in kinds | SETTINGS and code.split(".")[1] not in SUFFIXES}
        if name.endswith("EngineFault.swift"):
            literals |= {"engine." + word for word in
                         re.findall(r'EngineFault\(\s*"([a-z-]+)"', text)}
        for code in literals | set(FAULT.findall(text)):
            found.setdefault(code, name)
    return found


class ErrorCodes(unittest.TestCase):
    def setUp(self):
        self.used = codes_in_sources()
        self.entries = [row[0].strip("`") for row in rows(read("docs/reference/errors.md"), 4)
                        if row[0].startswith("`")]

    def test_the_search_itself_finds_codes(self):
        for code in ("stage.illegal", "engine.no-model", "fleet.halted", "store.unreachable"):
            self.assertIn(code, self.used)

    def test_every_code_has_an_entry(self):
        missing = {code: name for code, name in self.used.items() if code not in self.entries}
        self.assertEqual(missing, {}, "add them to docs/reference/errors.md")

    def test_every_entry_is_used(self):
        self.assertEqual([code for code in self.entries if code not in self.used], [])

    def test_no_code_has_two_entries(self):
        self.assertEqual(len(self.entries), len(set(self.entries)))

    def test_every_entry_says_what_it_means_and_what_to_do(self):
        for row in rows(read("docs/reference/errors.md"), 4):
            with self.subTest(row[0]):
                self.assertTrue(all(row), row)


def targets():
    """Name and imports of each target of Package.swift that is no test."""
    text = re.sub(r"//[^\n]*", "", read("Package.swift"))
    text = text[text.index("targets: ["):]
    found = {name: [] for name in re.findall(r'\blibrary\(\s*"(\w+)"', text)}
    pattern = (r'(?<!\w)(?:room|\.target|\.executableTarget)\(\s*(?:name:\s*)?"([\w-]+)"'
               r'((?:[^()]|\([^()]*\))*)\)')
    for name, rest in re.findall(pattern, text):
        listed = re.search(r"(?:imports|dependencies):\s*\[([^\]]*)\]", rest)
        found[name] = re.findall(r'"([\w-]+)"', listed.group(1)) if listed else []
    return found


class Rooms(unittest.TestCase):
    def test_the_room_table_is_the_package(self):
        table = {}
        for floor, room, _, imports, _ in rows(read("ARCHITECTURE.md"), 5):
            if not room.startswith("`"):
                continue
            self.assertNotIn(room, table)
            table[room.strip("`")] = re.findall(r"`([\w-]+)`", imports)
        package = targets()
        self.assertGreater(len(package), 20)
        self.assertEqual(sorted(table), sorted(package))
        for name, imports in package.items():
            with self.subTest(name):
                self.assertEqual(table[name], imports)

    def test_every_file_that_architecture_names_is_there(self):
        text = read("ARCHITECTURE.md")
        folder = ""
        missing = []
        # Names in one table row without a folder lie in the folder of the name before.
        for name in re.findall(r"`([\w./-]+\.(?:swift|h|md)|[\w-]+/[\w/-]*)`", text):
            if "/" not in name and os.path.exists(os.path.join(ROOT, name)):
                continue
            path = name if "/" in name else os.path.join(folder, name)
            if not os.path.exists(os.path.join(ROOT, path)):
                missing.append(path)
            folder = os.path.dirname(path)
        self.assertEqual(missing, [])


    def test_a_name_with_a_place_to_fill_in_is_like_a_file_that_is_there(self):
        folder, wrong = "", []
        for name in re.findall(r"`([\w./-]*<[\w-]+>[\w.-]*)`", read("ARCHITECTURE.md")):
            folder = os.path.dirname(name) or folder
            like = os.path.join(folder, re.sub(r"<[\w-]+>", "*", os.path.basename(name)))
            if not glob.glob(os.path.join(ROOT, re.sub(r"<[\w-]+>", "*", like))):
                wrong.append(name)
        self.assertEqual(wrong, [])

    def test_every_row_says_where_its_test_or_its_document_is(self):
        text = read("ARCHITECTURE.md").split("## Where do I add …")[1].split("An error is")[0]
        rooms = text.split("Routes and their messages")[0]
        found = [row for row in rows(rooms, 4) if row[0] != "new"]
        self.assertGreater(len(found), 25)
        for row in found:
            with self.subTest(row[0]):
                self.assertRegex(row[1], r"`[\w/<>.-]+`|table of \w+ below")
                self.assertRegex(row[3], r"\w")

    def test_every_file_of_routes_and_messages_is_in_its_table(self):
        text = read("ARCHITECTURE.md").split("Routes and their messages")[1].split("## ")[0]
        missing = [name for name in files(".swift", "Sources/Coordinator", "Sources/FleetProtocol")
                   if re.search(r"(Routes|Calls|Messages)\.swift$", name)
                   and os.path.basename(name) not in text]
        self.assertEqual(missing, [])


class Conditions(unittest.TestCase):
    def test_every_condition_is_in_its_page(self):
        source = read("Sources", "FleetCore", "Condition.swift").split("package let name")[0]
        names = [text or case for case, text in
                 re.findall(r'case (\w+)(?: = "([a-z-]+)")?\n', source)]
        self.assertGreater(len(names), 15)
        told = [row[0].strip("`") for row in rows(
            read("docs/reference/conditions.md"), 4)]
        self.assertEqual(told[1:], names)


class Links(unittest.TestCase):
    def test_relative_links_lead_somewhere(self):
        broken = []
        for name in files(".md"):
            if "Fixtures" in name:
                continue
            text = re.sub(r"(?ms)^(`{3,}).*?^\1`*$", "", read(name))
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", link):
                    continue
                path, _, part = link.partition("#")
                own = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
                if not os.path.exists(os.path.join(ROOT, own)):
                    broken.append(f"{name}: {link}")
                elif part and part not in anchors(read(own)):
                    broken.append(f"{name}: {link} (no such heading)")
        self.assertEqual(broken, [])

    def test_pages_that_the_product_names_are_there(self):
        named = {page for name in files(".swift", "Sources")
                 for page in re.findall(r"\bdocs/[\w/-]+\.md", read(name))}
        self.assertTrue(named)
        self.assertEqual([page for page in sorted(named)
                          if not os.path.exists(os.path.join(ROOT, page))], [])

    def test_no_document_names_a_machine(self):
        pattern = re.compile(r"/(?:work|home/\w+|root|Users)/|/tmp/w\b|localhost:\d+/\w|"
                             r"\bsessions? (?:notes|logs?)\b")
        named = [f"{name}: {line}" for name in files(".md") if "Fixtures" not in name
                 for line in read(name).splitlines() if pattern.search(line)]
        self.assertEqual(named, [])


def anchors(text):
    """Headings as they become fragments of links."""
    titles = re.findall(r"(?m)^#+ +(.*)$", text)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class Form(unittest.TestCase):
    """How a page is written, so that all of them read alike."""

    # Rewritten by other tests, in the form of what they are made from.
    MADE = {"docs/reference/commands.md", "docs/reference/configuration.md",
            "docs/reference/http-api.md", "docs/reference/manifest.md"}

    def pages(self):
        for name in files(".md"):
            if not re.search(r"Fixtures|Prompts|scripts/real/(sample|turns)", name):
                text = re.sub(r"(?s)\A---\n.*?\n---\n", "", read(name))
                yield name, text, re.sub(r"(?ms)^(`{3,}).*?^\1`*$", "", text)

    def test_lines_have_one_form(self):
        wrong = []
        for name, text, prose in self.pages():
            for pattern, what in ((r" +$", "spaces at the end"), (r"\t", "a tab"), (r"\r", "CR"),
                                  (r"^[*+] ", "a list whose lines do not begin with -")):
                wrong += [f"{name}: {what}: {found[0]!r}"
                          for found in re.finditer(pattern, prose, re.MULTILINE)]
            if not text.endswith("\n") or text.endswith("\n\n") or "\n\n\n" in text:
                wrong.append(f"{name}: empty lines")
            if name not in self.MADE:
                wrong += [f"{name}: {len(line)} columns: {line[:40]}" for line in prose.split("\n")
                          if len(line) > 110 and not line.startswith(("|", "!["))]
        self.assertEqual(wrong, [])

    def test_headings_are_a_table_of_contents(self):
        wrong = []
        for name, text, prose in self.pages():
            headings = re.findall(r"(?m)^(#+) +(.*)$", prose)
            levels = [len(mark) for mark, _ in headings]
            persona = name.startswith("profiles/") or name.endswith("job.md")
            if not persona and (levels.count(1) != 1 or not text.startswith("# ")):
                wrong.append(f"{name}: one title, in the first line")
            wrong += [f"{name}: {title}: a level is left out"
                      for before, level, (_, title) in zip([0, *levels], levels, headings)
                      if level > before + 1 and not persona]
            wrong += [f"{name}: {title}: ends as no heading does"
                      for _, title in headings if title[-1] in ".:;,"]
            wrong += [f"{name}: {found[0].strip()}: no empty line after it"
                      for found in re.finditer(r"(?m)^#+ .*\n(?!\n)", prose)]
            if len({title for _, title in headings}) != len(headings) and "CHANGELOG" not in name:
                wrong.append(f"{name}: two headings alike")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
