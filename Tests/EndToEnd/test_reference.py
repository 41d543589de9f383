"""The reference pages of the API and of the commands are what the binary says of itself."""

import json
import os
import re
import subprocess
import unittest

from pages import files, golden, read, rows

WHO = {"anybody": "anybody", "reader": "reader", "person": "person", "factory": "factory",
       "auditor": "auditor", "overseer": "person, for all products", "admin": "admin",
       "joining": "join, or the factory itself when it returns",
       "listener": "reader (`topic=events`) or factory (`topic=orders`)"}


def kind_of(media):
    """What a body is, in one word."""
    kind, content = media
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    return f"`{name}`" if name else f"`{kind}`"


def bounds(schema):
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if schema.get("type") == "integer" and schema["maximum"] < 2 ** 63 - 1:
        return f"{schema['minimum']} to {schema['maximum']}"
    return ""


def call_rows(document, tag):
    """The calls of one group as rows of a table."""
    for path, operations in document["paths"].items():
        for method, call in operations.items():
            if call["tags"] != [tag]:
                continue
            takes = []
            body = call.get("requestBody")
            if body:
                kinds = " or ".join(kind_of(media) for media in body["content"].items())
                takes.append(kinds if body["required"] else kinds + ", or nothing")
            for parameter in call.get("parameters", []):
                if parameter["in"] == "query":
                    limits = bounds(parameter["schema"])
                    takes.append(f"`?{parameter['name']}=`" + (f" ({limits})" if limits else "")
                                 + (" needed" if parameter["required"] else ""))
            replies = []
            for status, reply in call["responses"].items():
                if status.startswith("2"):
                    kinds = [kind_of(media) for media in reply.get("content", {}).items()]
                    replies.append(" ".join([status, *kinds]))
            yield "| " + " | ".join([
                f"`{method.upper()} {path}`", WHO[call["x-who"]], ", ".join(takes),
                ", ".join(replies), call["summary"]]) + " |"


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class API(unittest.TestCase):
    PAGE = "docs/reference/http-api.md"
    # What is answered where no call is.
    ELSEWHERE = {"http.unknown-path": 404, "http.method-not-allowed": 405}

    @classmethod
    def setUpClass(cls):
        done = subprocess.run([os.environ["GIGA"], "api"], capture_output=True, check=True,
                              timeout=60, env={"PATH": os.environ["PATH"]})
        cls.document = json.loads(done.stdout)

    def test_one_path_of_the_description_is_printed_and_an_unknown_one_is_refused(self):
        def giga(path):
            return subprocess.run([os.environ["GIGA"], "api", "--path", path], timeout=60,
                                  capture_output=True, env={"PATH": os.environ["PATH"]},
                                  check=False)
        self.assertEqual(json.loads(giga("/fleet/jobs").stdout),
                         self.document["paths"]["/fleet/jobs"])
        unknown = giga("/fleet/nothing")
        self.assertEqual((unknown.returncode, unknown.stdout), (2, b""))
        self.assertIn(b"hint: giga api", unknown.stderr)

    def test_the_tables_of_the_api_page_are_the_description(self):
        text = read(self.PAGE)
        for tag in self.document["tags"]:
            rows_of_tag = list(call_rows(self.document, tag["name"]))
            self.assertTrue(rows_of_tag)
            table = "\n".join(["| call | who | request | reply | does |", "|---|---|---|---|---|",
                               *rows_of_tag])
            begin, end = f"<!-- calls: {tag['name']} -->\n", "\n<!-- end of calls -->"
            self.assertIn(begin, text)
            head, rest = text.split(begin, 1)
            text = head + begin + table + end + rest.split(end, 1)[1]
        golden(self, self.PAGE, text)

    def test_every_code_with_a_status_is_in_the_description_with_that_status(self):
        described = dict(self.ELSEWHERE)
        for operations in self.document["paths"].values():
            for call in operations.values():
                for status, reply in call["responses"].items():
                    for media in reply.get("content", {}).values():
                        for part in media["schema"].get("allOf", []):
                            for kind in part.get("properties", {}).get("type", {}).get("enum", []):
                                described[kind.removeprefix("urn:giga:")] = int(status)
        told = {row[0].strip("`"): int(found.group(1))
                for row in rows(read("docs/reference/errors.md"), 4)
                if (found := re.match(r"HTTP (\d+)", row[1]))}
        self.assertGreater(len(told), 60)
        self.assertEqual(told, described)


@unittest.skipUnless(os.environ.get("GIGA"), "GIGA does not name the binary")
class Commands(unittest.TestCase):
    def giga(self, *words):
        done = subprocess.run([os.environ["GIGA"], *words], capture_output=True, text=True,
                              timeout=60, check=False, env={"PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def commands(self):
        overview = self.giga("help")
        found = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +\S", overview)
        self.assertGreater(len(found), 25)
        return overview, found

    def test_the_commands_page_is_what_help_prints(self):
        overview, names = self.commands()
        text = ["# Commands", "",
                "This page is what `giga help` prints, command by command. A test compares it and",
                "`UPDATE_GOLDEN=1` rewrites it.", "",
                "Data goes to standard output, messages and errors to standard error. An error is",
                "three lines: what, why, and `hint:`. Their codes are in [errors.md](errors.md).", "",
                "```text", overview.rstrip("\n"), "```", "", "## Exit codes", "",
                "| code | meaning |", "|---|---|"]
        text += ["| %s | %s |" % tuple(line.split("\t"))
                 for line in self.giga("help", "exit-codes").splitlines()]
        text += ["",
                 "`giga wait` ends with 1 when a job ended elsewhere than asked, and with 8 when time",
                 "was up. `giga add` of a job that is there already ends with 0; with",
                 "`--fail-if-exists` it ends with 3."]
        for name in names:
            page = self.giga(*name.split(), "--help").rstrip("\n")
            text += ["", f"## giga {name}", "", "```text", page, "```"]
        golden(self, "docs/reference/commands.md", "\n".join(text) + "\n")

    def test_documents_use_commands_and_options_that_exist(self):
        _, names = self.commands()
        options = {name: set(re.findall(r"--([a-z-]+)", self.giga(*name.split(), "--help")))
                   for name in names}
        wrong = []
        for path in files(".md"):
            if "Fixtures" in path or path.startswith("docs/decisions") or path == "CHANGELOG.md":
                continue
            text = read(path)
            spoken = re.findall(r"`(giga [^`\n]+)`", text)
            for block in re.findall(r"(?ms)^(?:`{3,})sh$(.*?)^`{3,}$", text):
                spoken += re.findall(r"(?m)^(giga [^#\n]*)", block)
            for line in spoken:
                words = line.split("#")[0].split()[1:]
                name = next((" ".join(words[:n]) for n in (2, 1)
                             if " ".join(words[:n]) in options), None)
                if name is None:
                    if words and words[0] not in ("COMMAND", "--help", "--version"):
                        wrong.append(f"{path}: {line}")
                    continue
                for option in re.findall(r"--([a-z-]+)", " ".join(words)):
                    if option not in options[name]:
                        wrong.append(f"{path}: {line}: --{option}")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
