"""Jobs that are asked for what their stage does not allow."""

import json

import giga
from errorworld import CHANGE


def in_testing(world):
    """A job in testing that waits for a person, and no factory that could ship it."""
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    factory = fleet.factory("one")
    job = fleet.add(giga.job(CHANGE, verify="'true'"))
    fleet.wait(job, "testing")
    factory.end()
    return fleet, job


def verb(fleet, job, name, **body):
    return fleet.ask("POST", f"/fleet/jobs/{job}/{name}", json.dumps(body), token=fleet.token())


def already_asked(world):
    fleet, job = in_testing(world)
    assert verb(fleet, job, "ship").status == 200
    return verb(fleet, job, "ship")


def halted(world):
    fleet, job = in_testing(world)
    fleet.must("halt", "--level", "all", "--reason", "a test")
    return verb(fleet, job, "ship")


def gathering(world):
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    fleet.factory("one")
    job = fleet.add(giga.job(CHANGE, verify="sleep 600"))
    fleet.until_event(job, "run.finished")
    return verb(fleet, job, "promote")


def approved_without_reviewers(world):
    fleet, job = in_testing(world)
    return verb(fleet, job, "approve")
