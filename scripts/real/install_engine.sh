#!/bin/sh
# Installs mini-swe-agent into a virtual environment of the build folder; nothing when it is there.
# Prints the path of the command `mini` on standard output, and all else on standard error.
set -eu
version=2.4.6
root=$(cd "$(dirname "$0")/../.." && pwd)
venv=${GIGA_REAL_VENV:-$root/.build/real-venv}
mini=$venv/bin/mini
# Written last: an installation that was interrupted is taken up again.
mark=$venv/.gigafactory-mini-swe-agent-$version

if [ ! -f "$mark" ] || [ ! -x "$mini" ]; then
    python=${PYTHON:-python3}
    if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
    then
        echo "install_engine: needs Python 3.10 or newer with venv (Debian: python3-venv)" >&2
        exit 1
    fi
    echo "install_engine: mini-swe-agent $version into $venv (about 700 MB, once)" >&2
    "$python" -m venv "$venv" >&2
    # litellm imports mcp without asking for it, and retries for ever where it is missing.
    if ! "$venv/bin/pip" install --quiet --disable-pip-version-check \
        "mini-swe-agent==$version" mcp >&2
    then
        echo "install_engine: pip could not install it; is a package index reachable?" >&2
        exit 1
    fi
    touch "$mark"
fi
echo "$mini"
