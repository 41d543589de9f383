"""Backups, and restoring them."""

import hashlib
import io
import json
import os
import tarfile

from errorworld import filled_store


def backup(world, to):
    return world.giga(["backup", "--data", world.fleet.data, "--to", to], "")


def backup_over_another(world):
    path = os.path.join(world.stay, "twice.tar")
    assert backup(world, path).exit == 0
    again = backup(world, path)
    again.saying = "twice.tar"
    return again


def restore(world, path, saying, **more):
    fleet = world.new_fleet()
    return world.giga(["restore", path, "--data", more.get("data", fleet.data)], saying, fleet)


def changed_backup(world, title, **changes):
    """A whole backup whose manifest says something else."""
    path, other = (os.path.join(world.stay, title + ending) for ending in (".tar", "-changed.tar"))
    assert backup(world, path).exit == 0
    with tarfile.open(path) as old:
        entries = {entry.name: entry for entry in old}
        members = {name: old.extractfile(entry).read() for name, entry in entries.items()}
    manifest = json.dumps({**json.loads(members["manifest.json"]), **changes}).encode()
    digest = hashlib.sha256(manifest).hexdigest()
    members.update({"manifest.json": manifest,
                    "manifest.sha256": f"{digest}  manifest.json\n".encode()})
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as new:
        for name, content in members.items():
            entries[name].size = len(content)
            entries[name].mtime = json.loads(manifest)["madeAt"] // 1000
            new.addfile(entries[name], io.BytesIO(content))
        end = new.offset + 2 * tarfile.BLOCKSIZE
    with open(other, "wb") as out:
        out.write(made.getvalue()[:end])
    return other


def restored_over_another(world):
    path = os.path.join(world.stay, "one.tar")
    assert backup(world, path).exit == 0
    return restore(world, path, "not empty", data=filled_store(world).data)
