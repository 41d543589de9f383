"""Reads the record of a placement by its description in docs/reference/store.md.

What comes out has the form of the JSON that older builds stored, which giga reads as well.
"""

TIE_BREAKS = ("none", "cost-class", "load", "seeded-hash")
RULES = ("only", "share", "level", "critical")
PRIORITIES = ("critical", "high", "medium", "low")
TERMS = ("capabilityFit", "affinity", "load", "health", "cost", "starvation")


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def byte(self):
        self.place += 1
        return self.data[self.place - 1]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self):
        folded = self.number()
        return folded >> 1 if folded % 2 == 0 else -(folded >> 1) - 1

    def eight(self):
        self.place += 8
        return int.from_bytes(self.data[self.place - 8:self.place], "little")

    def text(self):
        length = self.number()
        self.place += length
        return self.data[self.place - length:self.place].decode()

    def list(self, read):
        return [read() for _ in range(self.number())]

    def optional(self, read):
        return read() if self.byte() else None

    def terms(self):
        return {name: self.signed() for name in TERMS}


def demand(reader):
    kind = reader.byte()
    if kind == 0:
        return {"none": {}}
    return {("engine", "engineClass")[kind - 1]: {"_0": reader.text()}}


def wish(reader):
    return {("factory", "engine", "fact")[reader.byte()]: {"_0": reader.text()}}


def inputs(reader):
    job = {"job": f"job-{reader.number()}", "product": reader.text(),
           "requirements": reader.list(reader.text), "demand": demand(reader),
           "repository": reader.optional(reader.text),
           "prefers": reader.list(lambda: wish(reader)),
           "microUSDLeft": reader.optional(reader.signed)}
    return job | {"assignments": reader.signed(), "rivals": reader.signed()}


def precedence(reader):
    return {"product": reader.text(), "weight": reader.signed(), "virtualTime": reader.signed(),
            "rival": reader.optional(reader.text), "rivalTime": reader.optional(reader.signed),
            "priority": PRIORITIES[reader.number()], "submittedAt": reader.signed(),
            "decidedAt": reader.signed(), "ageing": reader.signed(), "lift": reader.signed(),
            "rule": RULES[reader.byte()]}


def rejections(reader):
    if reader.byte() == 0:
        named = reader.list(lambda: {"factory": reader.text(), "reason": reader.text()})
        return {"rejected": named, "rejectedByReason": []}
    counts = reader.list(lambda: {"reason": reader.text(), "count": reader.number()})

    def said():
        kind = reader.byte()
        words = ("asks for none", "is draining", "are busy")[kind]
        if kind == 2:
            words = f"all {reader.number()} stations {words}"
        return {"reason": words, "count": reader.number()}
    return {"rejected": [], "rejectedByReason": counts + reader.list(said)}


def candidate(reader):
    own = {"factory": reader.text()}
    station = reader.number()
    own |= {"score": reader.signed(), "terms": reader.terms(), "costClass": reader.signed(),
            "load": reader.signed(), "lot": reader.eight()}
    facts = reader.list(reader.text)
    kinds = reader.list(lambda: {"engine": reader.text(), "classes": reader.list(reader.text)})
    stations = [{"kind": kind, "total": reader.number(), "free": reader.number(),
                 "expectedMicroUSD": reader.optional(reader.signed)} for kind in kinds]
    flags = reader.byte()
    own["engine"] = kinds[station - 1]["engine"] if station else None
    own["inputs"] = {"facts": facts, "stations": stations, "costClass": own["costClass"],
                     "isLate": flags & 1 != 0, "isWarm": flags & 2 != 0,
                     "didProduct": flags & 4 != 0, "loadPPM": reader.signed(),
                     "healthPPM": reader.signed(), "recentAssignments": reader.signed(),
                     "rareCapabilities": reader.list(reader.text)}
    return own


def read(data):
    reader = Reader(data)
    if reader.byte() != 1:
        raise ValueError("not a record of the form 1")
    record = {"placed": True, "nearest": [], "weights": reader.terms(), "seed": reader.eight(),
              "tieBreak": TIE_BREAKS[reader.byte()], "inputs": inputs(reader),
              "precedence": reader.optional(lambda: precedence(reader))}
    record |= rejections(reader)
    record["candidates"] = reader.list(lambda: candidate(reader))
    met = reader.list(lambda: reader.optional(reader.text))
    record["matched"] = [{"requirement": wanted, "fact": fact}
                         for wanted, fact in zip(record["inputs"]["requirements"], met)]
    if reader.place != len(data):
        raise ValueError("more follows than is described")
    return record | {name: record["candidates"][0][name]
                     for name in ("factory", "engine", "score", "terms")}
