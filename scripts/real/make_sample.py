#!/usr/bin/env python3
"""Makes a git repository with a small Python package whose tests fail, to try an engine on."""

import pathlib
import shutil
import subprocess
import sys


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_sample.py FOLDER   (which must not exist yet)")
    folder = pathlib.Path(sys.argv[1])
    if folder.exists():
        sys.exit(f"{folder} exists already")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(pathlib.Path(__file__).parent / "sample", folder, ignore=ignored)
    author = ["-c", "user.name=Sample", "-c", "user.email=sample@example.invalid"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        [*author, "commit", "--quiet", "--message=Charge by zones"],
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    print(folder)


if __name__ == "__main__":
    main()
