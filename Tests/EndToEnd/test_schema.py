"""`giga schema` beside the parser: what one takes and the other does not is a written list."""

import glob
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

FIXTURES = os.path.join(giga.ROOT, "Tests", "ManifestsTests", "Fixtures")
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema_differences.txt")


def tools():
    """jsonschema and yaml: of this Python, else of a virtual environment made for them."""
    try:
        import jsonschema
        import yaml
    except ImportError:
        made = subprocess.run([os.path.join(giga.ROOT, "scripts", "schema-tools")],
                              capture_output=True, text=True)
        if made.returncode:
            raise unittest.SkipTest("jsonschema and PyYAML are not here and could not be "
                                    f"installed: {made.stderr.strip()[-300:]}")
        sys.path.append(made.stdout.strip())
        import jsonschema
        import yaml
    return jsonschema, yaml


def core_loader(yaml):
    """YAML 1.2's core schema, as editors read it: `yes` and `1:30` are text."""
    class Core(yaml.SafeLoader):
        yaml_implicit_resolvers = {}
    for tag, pattern, first in (
            ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
            ("int", r"^(?:[-+]?[0-9]+)$", "-+0123456789"),
            ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$",
             "-+.0123456789"),
            ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""])):
        Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))

    # An octal number of YAML 1.1 is a plain one here.
    Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
    return Core


def front(text):
    """The YAML of a file with front matter, None without."""
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], 1):
        if re.fullmatch(r"---[ \t]*", line):
            return "\n".join(lines[1:number]) + "\n"
    return None


class SchemaTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.binary = giga.binary()
        cls.jsonschema, cls.yaml = tools()
        cls.loader = core_loader(cls.yaml)
        cls.validators = {}
        for kind in ("job", "profile", "config"):
            schema = json.loads(subprocess.run([cls.binary, "schema", kind], check=True,
                                               capture_output=True, text=True).stdout)
            cls.jsonschema.Draft202012Validator.check_schema(schema)
            cls.validators[kind] = cls.jsonschema.Draft202012Validator(schema)

    def keyed(self, value):
        """Keys as JSON has them: text."""
        if isinstance(value, dict):
            return {str(key): self.keyed(item) for key, item in value.items()}
        return [self.keyed(item) for item in value] if isinstance(value, list) else value

    def faults(self, kind, text):
        """What the schema says of a file; None when YAML alone has no answer."""
        yaml = text if kind == "config" else front(text)
        if yaml is None:
            return []
        try:
            value = self.yaml.load(yaml, self.loader)
        except (self.yaml.YAMLError, ValueError) as fault:
            return [f"not YAML: {fault}"]
        return [error.message for error in
                self.validators[kind].iter_errors({} if value is None else self.keyed(value))]

    def test_it_finds_what_is_wrong(self):
        for kind, text in (("job", "---\nprioritty: high\n---\n"), ("job", "---\npriority: x\n---\n"),
                           ("job", "---\nobligations: {a: b}\n---\n"),
                           ("job", "---\ntimeout: 90\n---\n"), ("job", "---\ntitle:\n---\n"),
                           ("profile", "---\nship: sideways\n---\n"),
                           ("config", "engines: {lint: {prompt: file}}\n"),
                           ("config", "weights: {laod: 1}\n")):
            with self.subTest(text):
                self.assertNotEqual(self.faults(kind, text), [])

    def test_shipped_files_and_examples_are_valid(self):
        found = 0
        patterns = (("profile", "profiles/*.md"), ("job", "examples/**/*.md"),
                    ("config", "examples/**/giga.yaml"))
        for kind, pattern in patterns:
            for path in glob.glob(os.path.join(giga.ROOT, pattern), recursive=True):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                if kind != "config" and front(text) is None:
                    continue
                found += 1
                with self.subTest(path):
                    self.assertEqual(self.faults(kind, text), [])
        self.assertGreaterEqual(found, 9)

    def test_examples_in_the_documents_are_valid(self):
        found = 0
        for path in glob.glob(os.path.join(giga.ROOT, "docs", "**", "*.md"), recursive=True):
            with open(path, encoding="utf-8") as file:
                blocks = re.findall(r"```yaml\n(.*?)```", file.read(), re.S)
            # Older values that YAML refuses are the subject there.
            for block in blocks if not path.endswith("migration.md") else []:
                found += 1
                with self.subTest(path):
                    self.assertEqual(self.faults("config", block), [])
        self.assertGreaterEqual(found, 1)

    maxDiff = None

    def test_schema_and_parser_agree_on_the_fixtures_but_for_a_list(self):
        with open(LIST, encoding="utf-8") as file:
            listed = dict(line.split(": ", 1) for line in file.read().splitlines()
                          if line and not line.startswith("#"))
        seen = {}
        for path in sorted(glob.glob(os.path.join(FIXTURES, "*"))):
            name = os.path.basename(path)
            if name.endswith(".golden"):
                continue
            with open(path, "rb") as file:
                data = file.read()
            with open(path + ".golden", encoding="utf-8") as file:
                taken = not re.match(re.escape(name) + r":\d+:\d+: ", file.read())
            try:
                text = data.decode()
            except UnicodeDecodeError:
                self.assertFalse(taken, name)
                continue
            kind = ("config" if name.endswith(".yaml")
                    else "profile" if name.startswith("profile-") else "job")
            faults = self.faults(kind, text)
            if taken and faults:
                seen[name] = f"only the parser takes it: {faults[0]}"
            elif not taken and not faults:
                seen[name] = "only the schema takes it"
        new = {name: why for name, why in seen.items() if name not in listed}
        self.assertEqual(new, {}, "write each into schema_differences.txt with its reason")
        self.assertEqual([name for name in listed if name not in seen], [],
                         "they agree now: take them out of the list")


if __name__ == "__main__":
    unittest.main()
