"""Repositories and mirrors that are not as git wants them."""

import os
import shutil
import stat

import giga
from errorworld import CHANGE
from misdeeds.runs import new_with_origin


def empty_repository(world):
    folder = os.path.join(world.fleet.folder, "repositories", "without-commit")
    os.makedirs(folder)
    giga.git(folder, "init", "-q", "-b", "main")
    return folder


def git_that_fails(world):
    """A git first on the path that cannot make a bare repository."""
    at = os.path.join(world.fleet.folder, "failing-git")
    os.makedirs(at)
    path = os.path.join(at, "git")
    with open(path, "w") as out:
        out.write('#!/bin/sh\ncase " $* " in *" clone "*|*" init "*|*" push "*) '
                  'echo "fatal: it fails" >&2; exit 128;; esac\n'
                  f'exec {shutil.which("git")} "$@"\n')
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    fleet = world.new_fleet()
    return world.giga(["up", "--listen", "127.0.0.1:0"], "git could not", fleet,
                      cwd=world.repository("failing"),
                      env={"PATH": at + os.pathsep + os.environ["PATH"]})


def gc_of_a_broken_mirror(world):
    """A factory's mirror that is no repository any more."""
    fleet = new_with_origin(world)
    factory = fleet.factory("one")
    job = fleet.add(giga.job(CHANGE, review_policy="auto"))
    fleet.wait(job, "shipped")
    factory.kill()
    mirrors = os.path.join(fleet.folder, "one", "mirrors")
    for name in os.listdir(mirrors):
        if os.path.isdir(os.path.join(mirrors, name, "refs")):
            shutil.rmtree(os.path.join(mirrors, name, "objects"))
    return world.giga(["gc", "--data", os.path.dirname(mirrors), "--keep", "1s"], mirrors, fleet)
