"""Reads the Prometheus text format 0.0.4 by its grammar, and finds fault with whatever breaks it."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? ([^ ]+)")
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")
NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN")
KINDS = {"counter", "gauge", "histogram"}
UNITS = {"milliseconds", "microseconds", "ms", "minutes", "hours", "kilobytes", "megabytes", "percent"}


class Fault(Exception):
    """The text is not what a scraper may be given."""


def need(holds, words):
    if not holds:
        raise Fault(words)


class Family:
    def __init__(self, name, text):
        self.name, self.help, self.kind, self.samples = name, text, None, {}

    def suffixes(self):
        return ("_bucket", "_sum", "_count") if self.kind == "histogram" else ("",)


def labels(text):
    found, rest = [], text
    while rest:
        label = LABEL.match(rest)
        need(label, f"labels are broken: {text}")
        found.append((label[1], re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], label[2])))
        rest = rest[label.end():]
        need(not rest or rest[0] == ",", f"labels are broken: {text}")
        rest = rest[1:]
    names = [name for name, _ in found]
    need(len(set(names)) == len(names), f"a label is there twice: {text}")
    return tuple(found)


def parse(text):
    """Families by name; each sample under its whole name and its labels."""
    need(text.endswith("\n"), "the last line has no end")
    families, current = {}, None
    for line in text[:-1].split("\n"):
        head = HEAD.fullmatch(line)
        if head and head[1] == "HELP":
            need(head[2] not in families, f"{head[2]} is there twice")
            current = families[head[2]] = Family(head[2], head[3])
            continue
        if head:
            need(current and current.name == head[2], f"TYPE without its HELP: {line}")
            need(current.kind is None and not current.samples, f"TYPE comes late: {line}")
            need(head[3] in KINDS, f"no such type: {line}")
            current.kind = head[3]
            continue
        sample = SAMPLE.fullmatch(line)
        need(sample, f"neither a comment nor a sample: {line!r}")
        name, pairs, number = sample[1], labels(sample[2] or ""), sample[3]
        need(NUMBER.fullmatch(number), f"not a number: {line}")
        need(current and current.kind and any(
            name == current.name + end for end in current.suffixes()), f"it belongs to no TYPE: {line}")
        key = (name, pairs)
        need(key not in current.samples, f"it is there twice: {line}")
        current.samples[key] = float(number)
    for family in families.values():
        need(family.kind, f"{family.name} has no TYPE")
        check(family)
    return families


def check(family):
    name = family.name
    need((family.kind == "counter") == name.endswith("_total"), f"{name} is a {family.kind}")
    need(not UNITS & set(name.split("_")), f"{name} is not in a base unit")
    if family.kind == "counter":
        need(all(value >= 0 for value in family.samples.values()), f"{name} is below zero")
    if family.kind == "histogram":
        histogram(family)


def histogram(family):
    series = {}
    for (name, pairs), value in family.samples.items():
        rest = tuple(pair for pair in pairs if pair[0] != "le")
        parts = series.setdefault(rest, {"buckets": []})
        if name.endswith("_bucket"):
            edges = [float(edge) for label, edge in pairs if label == "le"]
            need(len(edges) == 1, f"{family.name} has a bucket without le")
            parts["buckets"].append((edges[0], value))
        else:
            parts[name.removeprefix(family.name)] = value
    for rest, parts in series.items():
        words = f"{family.name} {dict(rest)}"
        edges = [edge for edge, _ in parts["buckets"]]
        counts = [count for _, count in parts["buckets"]]
        need(edges == sorted(set(edges)), f"the bounds of {words} do not rise")
        need(counts == sorted(counts), f"the buckets of {words} are not cumulative")
        need(edges and edges[-1] == float("inf"), f"{words} has no bucket +Inf")
        need(set(parts) == {"buckets", "_sum", "_count"}, f"{words} has no sum or no count")
        need(counts[-1] == parts["_count"], f"+Inf of {words} is not its count")


def value(families, name, **wanted):
    """The one sample of that name and exactly those labels; 0 when there is none."""
    for family in families.values():
        for (known, pairs), number in family.samples.items():
            if known == name and dict(pairs) == wanted:
                return number
    return 0


def total(families, name, **wanted):
    """All samples of that name which have at least those labels."""
    return sum(number for family in families.values()
               for (known, pairs), number in family.samples.items()
               if known == name and wanted.items() <= dict(pairs).items())
