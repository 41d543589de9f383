"""`giga trace`: a job's life in the JSON encoding of OTLP, as a collector would read it."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import giga  # noqa: E402

SPAN = {"traceId": str, "spanId": str, "parentSpanId": str, "name": str, "kind": int,
        "startTimeUnixNano": str, "endTimeUnixNano": str, "attributes": list, "events": list,
        "status": dict}
VALUES = {"stringValue": str, "intValue": str, "boolValue": bool}


def attributes(listed):
    """Key and value of each attribute; fails where one has another form than OTLP gives it."""
    found = {}
    for item in listed:
        assert set(item) == {"key", "value"} and item["key"] not in found, item
        (kind, value), = item["value"].items()
        assert isinstance(value, VALUES[kind]), item
        found[item["key"]] = int(value) if kind == "intValue" else value
    return found


def spans(document):
    """Every span of a document by id; fails where the form or the tree is broken."""
    resource, = document["resourceSpans"]
    scope, = resource["scopeSpans"]
    assert attributes(resource["resource"]["attributes"])["service.name"] == "giga"
    known = {}
    for span in scope["spans"]:
        for key, value in span.items():
            assert isinstance(value, SPAN[key]), (key, value)
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"]), span
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"]) and span["spanId"] not in known, span
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]), span
        assert span["status"]["code"] in (0, 1, 2), span
        attributes(span["attributes"])
        known[span["spanId"]] = span
    assert len({span["traceId"] for span in known.values()}) == 1
    roots = [span for span in known.values() if "parentSpanId" not in span]
    assert len(roots) == 1 and all(span["parentSpanId"] in known for span in known.values()
                                   if span is not roots[0])
    return known


class TraceTests(unittest.TestCase):
    def test_a_shipped_job_and_a_failed_one_are_told_as_they_were(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        fleet.origin()
        fleet.factory("north")
        good = fleet.add(giga.job("echo 'echo 2' > src/price.sh", "good", review_policy="auto",
                                  verify="'true'"))
        bad = fleet.add(giga.job("exit 3", "bad"))
        fleet.wait(good, "shipped")
        fleet.wait(bad, "failed")
        told = fleet.json("trace", good)
        self.assertEqual(told, fleet.json("trace", good))
        self.assertEqual(told, fleet.ask("GET", f"/fleet/jobs/{good}/trace").json)
        found = list(spans(told).values())
        names = [span["name"] for span in found]
        for name in ("job", "stage queued", "stage building", "run attempt", "run ship",
                     "invoke_agent shell", "gate scope", "gate secrets", "gate verify"):
            self.assertEqual(names.count(name), 1, (name, names))
        kinds = [event.kind for event in fleet.events(good)]
        moments = [moment["name"] for moment in found[0]["events"]]
        self.assertEqual(moments, [kind for kind in kinds
                                   if kind.split(".")[0] in ("job", "review", "ship")])
        shown = fleet.json("show", good, "--json=all")
        run = next(span for span in found if span["name"] == "run attempt")
        self.assertEqual(attributes(run["attributes"])["giga.commit.id"], shown["runs"][0]["commit"])
        self.assertEqual(found[0]["status"]["code"], 1)
        failed = list(spans(fleet.json("trace", bad)).values())
        self.assertEqual(failed[0]["status"], {"code": 2, "message": "engine_failed"})
        self.assertNotEqual(failed[0]["traceId"], found[0]["traceId"])

    def test_an_unknown_job_has_no_life(self):
        fleet = giga.Fleet(self)
        fleet.serve()
        done = fleet.giga("trace", "job-9")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("There is no job job-9", done.stderr)


if __name__ == "__main__":
    unittest.main()
