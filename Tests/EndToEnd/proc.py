"""What is running, read from /proc."""

import ctypes
import os

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """Orphans of what we start become our children: nothing leaves our sight."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def processes():
    """pid -> (parent, state, name) of all processes."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                text = file.read()
        except OSError:
            continue
        rest = text[text.rindex(")") + 2:].split()
        found[int(name)] = (int(rest[1]), rest[0], text[text.index("(") + 1:text.rindex(")")])
    return found


def descendants(of=None):
    """Living descendants of a process (of ourselves, if none is named), as (pid, name)."""
    root = of or os.getpid()
    table, family, grown = processes(), {root}, True
    while grown:
        more = {pid for pid, (parent, _, _) in table.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return sorted((pid, table[pid][2]) for pid in family - {root} if table[pid][1] != "Z")
