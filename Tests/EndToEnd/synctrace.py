"""Reads a system-call trace (`strace -f -ttt -T -y`) and says which replies came too early.

A success reply to a submission may leave only after a sync that began after the last write of
its batch. Submissions are one after another, each with a word of its own (`mark`), so that the
batch of a reply is the run of writes to the store from the one that has its mark.
"""

import dataclasses
import re

LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
WRITES = ("write", "pwrite64", "writev", "pwritev", "pwritev2")
SENDS = ("sendto", "sendmsg", "writev", "write")
SYNCS = ("fsync", "fdatasync")
TOOK = re.compile(r"<(\d+\.\d+)>$")
CALL = re.compile(r"^(\w+)\((?:(\d+)<([^>]*)>)?")


@dataclasses.dataclass(frozen=True)
class Call:
    """One system call: who, what, on which file, from when to when."""

    thread: str
    name: str
    file: str
    begin: float
    end: float
    text: str


def calls(trace):
    """The calls of a trace, by their begin; halves of interrupted lines are joined."""
    found, open_halves = [], {}
    for line in trace.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        thread, at, rest = match.group(1), float(match.group(2)), match.group(3)
        if rest.endswith("<unfinished ...>"):
            open_halves[thread] = (at, rest.removesuffix("<unfinished ...>"))
            continue
        end = at
        if rest.startswith("<..."):
            if thread not in open_halves:
                continue
            begin, head = open_halves.pop(thread)
            rest = head + rest.partition("resumed>")[2]
            took = TOOK.search(rest)
            end = begin + float(took.group(1)) if took else at
            at = begin
        else:
            took = TOOK.search(rest)
            end = at + (float(took.group(1)) if took else 0.0)
        call = CALL.match(rest)
        if call and " = -1 " not in rest:
            found.append(Call(thread, call.group(1), call.group(3) or "", at, end, rest))
    return sorted(found, key=lambda c: c.begin)


def early_replies(trace, store, marks):
    """What is wrong, as sentences; empty when each reply waited for its sync."""
    all_calls, wrong = calls(trace), []
    stored = [c for c in all_calls if c.name in WRITES and c.file.startswith(store)
              and "giga.db" in c.file and not c.file.endswith("-shm")]
    syncs = [c for c in all_calls if c.name in SYNCS and c.file.startswith(store)]
    replies = [c for c in all_calls if c.name in SENDS and re.search(r'"HTTP/1\.1 20', c.text)
               and not c.file.startswith("/")]
    if len(replies) < len(marks):
        wrong.append(f"{len(replies)} success replies to {len(marks)} submissions")
    # Nothing was asked after the submissions, so the last replies are theirs, in order.
    for mark, reply in zip(marks, replies[-len(marks):]):
        named = [c for c in stored if mark in c.text]
        if not named:
            wrong.append(f"{mark}: no write to the store names it")
            continue
        if named[0].end > reply.begin:
            wrong.append(f"{mark}: its reply left before its batch was written")
            continue
        last = [c for c in stored if c.end <= reply.begin][-1]
        if not any(c.begin >= last.end and c.end <= reply.begin and c.file == last.file
                   for c in syncs):
            wrong.append(f"{mark}: its reply left at {reply.begin:.6f}, "
                         f"no sync between {last.end:.6f} and that")
    return wrong
