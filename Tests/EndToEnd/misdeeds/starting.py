"""Commands whose start or end goes wrong."""

import os
import shutil
import signal
import socket
import stat
import subprocess

import giga
import proc
from errorworld import Ended


def told(*words, saying, **more):
    return lambda world: world.giga(list(words), saying, **more)


def busy_port(world):
    with socket.socket() as listener:
        listener.bind((giga.LOOPBACK, 0))
        listener.listen()
        return world.serve("Cannot listen", "--listen",
                           f"{giga.LOOPBACK}:{listener.getsockname()[1]}")


def state_folder_is_a_file(world):
    path = world.file("state", "")
    return world.serve("cannot be (written|made)", XDG_STATE_HOME=path)


def interrupted(world):
    fleet = world.new_fleet()
    demo = subprocess.Popen([fleet.binary, "demo", "--exit-when-done"], stderr=subprocess.PIPE,
                            text=True, env=fleet.env, cwd=world.stay)
    try:
        for line in demo.stderr:
            if "registered" in line:
                break
        demo.send_signal(signal.SIGINT)
        told = demo.stderr.read()
        return Ended(demo.wait(60), told, "Interrupted")
    finally:
        demo.stderr.close()
        if demo.poll() is None:
            demo.kill()


def up_whose_factory_ends(world):
    fleet = world.new_fleet()
    sign = os.path.join(fleet.folder, "url")
    up = giga.Process([fleet.binary, "up", "--listen", "127.0.0.1:0", "--port-file", sign],
                      os.path.join(fleet.folder, "up.log"), fleet.env,
                      cwd=world.repository("of-its-factory"))
    fleet.processes.append(up)
    giga.until(lambda: os.path.exists(sign), 30, "giga up")
    for pid, _ in proc.descendants(up.pid):
        with open(f"/proc/{pid}/cmdline") as file:
            if "factory" in file.read().split("\0"):
                os.kill(pid, signal.SIGKILL)
    giga.until(lambda: up.code is not None, 30, "the end of giga up")
    return Ended(up.code, up.text, "factory of giga up has ended")


def demo_in_a_used_folder(world):
    folder = os.path.join(world.fleet.folder, "used")
    os.makedirs(folder)
    with open(os.path.join(folder, "giga.db"), "w"):
        pass
    os.makedirs(os.path.join(folder, "origin.git"))
    return world.giga(["demo", "--exit-when-done", "--data", folder], "earlier demo|in use|used")


def binary_that_goes(world):
    """The program is deleted, as by an upgrade, before `giga up` starts its factory."""
    at = os.path.join(world.fleet.folder, "going")
    os.makedirs(at)
    program, git = os.path.join(at, "giga-of-old"), os.path.join(at, "git")
    shutil.copy(world.fleet.binary, program)
    with open(git, "w") as out:
        out.write(f'#!/bin/sh\nrm -f {program}\nexec {shutil.which("git")} "$@"\n')
    os.chmod(git, os.stat(git).st_mode | stat.S_IXUSR)
    fleet = world.new_fleet()
    done = giga.run([program, "up", "--listen", "127.0.0.1:0"], cwd=world.repository("going"),
                    env=dict(fleet.env, PATH=at + os.pathsep + os.environ["PATH"]))
    return Ended(done.returncode, done.stderr, "could not be started")
