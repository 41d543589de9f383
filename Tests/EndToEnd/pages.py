"""The files of the project as its documents' tests read them."""

import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def files(suffix, *folders):
    """Tracked and new files, so that what is ignored does not count."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *folders],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(name for name in set(listed)
                  if name.endswith(suffix) and os.path.exists(os.path.join(ROOT, name)))


def golden(test, path, text):
    """Compares with a file; UPDATE_GOLDEN=1 rewrites it."""
    if os.environ.get("UPDATE_GOLDEN"):
        with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
            file.write(text)
    test.assertEqual(read(path), text, f"{path} is not what it should be: UPDATE_GOLDEN=1")


def rows(text, columns):
    """The cells of every table row that has so many columns, headings left out."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns and not set(cells[0]) <= set("-: "):
            yield cells
