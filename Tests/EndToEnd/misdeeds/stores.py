"""Stores and records that say what cannot be."""

import os

import giga
from errorworld import CHANGE, filled_store, store


def broken_database(world):
    fleet = filled_store(world)
    for name in os.listdir(fleet.data):
        if name.startswith("giga.db"):
            os.remove(os.path.join(fleet.data, name))
    with open(os.path.join(fleet.data, "giga.db"), "wb") as out:
        out.write(b"this is no database" * 500)
    return world.serve("cannot be used", fleet=fleet)


def unreadable_event(world):
    fleet = filled_store(world)
    store(fleet, "UPDATE fleet_events SET bytes = x'7b7d0a' WHERE first_position = "
          "(SELECT max(first_position) FROM fleet_events)")
    return world.giga(["doctor", "--replay", "--data", fleet.data], "event", fleet)


def placed(world, *statements):
    """What `giga why --replay` says of a placed job on a store that was written meanwhile."""
    fleet = world.new_fleet()
    fleet.serve()
    fleet.origin()
    fleet.factory("one")
    job = fleet.add(giga.job(CHANGE))
    fleet.until_event(job, "run.started")
    for process in reversed(fleet.processes):
        process.kill()
    store(fleet, *statements)
    return world.giga(["why", job, "--replay", "--data", fleet.data], "The record of", fleet)


def never_placed(world):
    job = world.fleet.add(giga.job("true", engine="claude"))
    return world.giga(["why", job, "--replay", "--data", world.fleet.data], "never placed")
