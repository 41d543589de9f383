"""A person's checkout: made with changes of all kinds, and remembered to the byte."""

import hashlib
import os

import giga


def make(folder, remote=None, files=None):
    """A repository with a stash, a staged, an unstaged and an untracked change."""
    if remote:
        giga.git(os.path.dirname(folder), "clone", "-q", remote, folder)
    else:
        giga.seed_repository(folder, files)
    for name, text in (("README.md", "Stashed.\n"),):
        write(folder, name, text)
    giga.git(folder, "stash", "push", "-q", "-m", "kept for later")
    write(folder, "README.md", "Staged.\n")
    giga.git(folder, "add", "README.md")
    write(folder, "README.md", "Staged, then changed again.\n")
    write(folder, "notes.txt", "Nobody's business.\n")
    return folder


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def digest(path):
    if os.path.islink(path):
        return os.readlink(path)
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest() + oct(os.stat(path).st_mode)


def remember(folder):
    """Tree, index, stash, HEAD and branches, each file by its bytes and mode."""
    found = {}
    for root, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = os.path.join(root, name)
            found[os.path.relpath(path, folder)] = digest(path)
    inside = os.path.join(folder, ".git")
    for name in ("index", "HEAD", "config", "refs/stash", "logs/refs/stash", "refs/heads/main",
                 "logs/HEAD"):
        path = os.path.join(inside, name)
        found[".git/" + name] = digest(path) if os.path.exists(path) else None
    for root, _, names in os.walk(os.path.join(inside, "hooks")):
        for name in names:
            found[".git/hooks/" + name] = digest(os.path.join(root, name))
    return found
