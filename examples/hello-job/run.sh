#!/bin/sh
# From a job file to a merge, in a temporary folder that is gone afterwards.
set -eu
giga=${GIGA:-giga}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
    rm -rf "$folder"
}
trap finish EXIT
export XDG_STATE_HOME="$folder/state" XDG_DATA_HOME="$folder/data" XDG_CONFIG_HOME="$folder/config"
export GIT_AUTHOR_NAME=Hello GIT_AUTHOR_EMAIL=hello@giga.invalid
export GIT_COMMITTER_NAME=Hello GIT_COMMITTER_EMAIL=hello@giga.invalid

cp -r "$here/repository" "$folder/hello"
cd "$folder/hello"
git init -q -b main && git add -A && git commit -q -m "Begin"

"$giga" up --listen 127.0.0.1:0 --port-file "$folder/url" 2>"$folder/up.log" &
server=$!
tries=0
# A shell can only look again for the file that says where the coordinator listens.
until [ -s "$folder/url" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/up.log" >&2
        exit 1
    fi
    sleep 0.1
done
GIGA_COORDINATOR=$(cat "$folder/url")
export GIGA_COORDINATOR

"$giga" add "$here/job.md"
"$giga" wait job-1 --for testing --timeout 120s
"$giga" ship job-1
"$giga" wait job-1 --for shipped --timeout 120s
git pull -q --ff-only "$XDG_DATA_HOME/giga/origins/hello.git" main
sh greet.sh Ada
