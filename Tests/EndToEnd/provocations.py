"""How each code of docs/reference/errors.md is provoked.

OUTSIDE: a code and what to do to the real binary. A function gets a `World` and returns what it
met: a reply of the server, or a command that has ended and the words that its error must have.
ELSEWHERE: codes that other tests provoke without naming them; the file, and the line that does it.
EXCUSED: codes that no input leads to, each with its reason.

A code that a Swift test names in quotes needs no entry.
"""

import giga
from errorworld import NOWHERE, altered_store, altered_under_a_server
from misdeeds.backups import backup_over_another, changed_backup, restore, restored_over_another
from misdeeds.files import made_twice, odd_profile, project_that_says_where_data_lies, widened
from misdeeds.jobs import already_asked, approved_without_reviewers, gathering, halted
from misdeeds.repositories import empty_repository, gc_of_a_broken_mirror, git_that_fails
from misdeeds.requests import (
    key, many_connections, odd_server, raw, repository_put, stream_of_two_products, submitted,
    unreadable_history,
)
from misdeeds.runs import many_log_readers, odd_artifact, unwritable_artifact, unwritable_log
from misdeeds.starting import (
    binary_that_goes, busy_port, demo_in_a_used_folder, interrupted, state_folder_is_a_file, told,
    up_whose_factory_ends,
)
from misdeeds.stores import broken_database, never_placed, placed, unreadable_event

OUTSIDE = {
    "job.unknown": lambda w: w.ask("GET", "/fleet/jobs/job-77"),
    "job.bad-id": lambda w: w.ask("GET", "/fleet/jobs/seventy"),
    "job.gathering-evidence": gathering,
    "job.already-asked": already_asked,
    "request.bad-parameter": lambda w: w.ask("GET", "/fleet/jobs?stage=done"),
    "policy.not-reviewers": approved_without_reviewers,
    "submission.empty": lambda w: w.ask("POST", "/fleet/jobs", {"files": []}),
    "manifest.invalid": submitted("---\npriority: urgent\n---\nDo it.\n"),
    "profile.not-a-file": odd_profile,
    "manifest.no-repo": submitted("---\nengine: shell\ntitle: a\n---\nDo it.\n"),
    "deps.unknown": submitted("---\nrepo: shop\ntitle: a\ndeps: [job-77]\n---\nDo it.\n"),
    "profile.unknown": submitted("---\nrepo: shop\ntitle: a\nprofile: poet\n---\nDo it.\n"),
    "profile.bad-name": told("profile", "show", "Big Poet", saying="names no profile"),
    "profile.invalid": lambda w: w.giga(
        ["profile", "import", w.file("poet.md", "---\nname: poet\nverse: free\n---\nSing.\n")],
        "verse"),
    "profile.widens": widened,
    "profile.no-reason": lambda w: w.ask("POST", "/fleet/profiles/developer/reject",
                                         {"version": 1, "reason": " "}),
    "profile.none-there": lambda w: w.giga(["profile", "import", w.stay], "no profile"),
    "config.invalid": lambda w: w.giga(
        ["config", "list"], "prodct", env={"GIGA_CONFIG": w.file("giga.yaml", "prodct: a\n")}),
    "config.unknown-variable": told("jobs", saying="GIGA_COORDINATER sets nothing",
                                    env={"GIGA_COORDINATER": NOWHERE}),
    "config.bad-variable": told("serve", saying="GIGA_LEASE", env={"GIGA_LEASE": "soon"}),
    "config.unknown-key": told("config", "get", "prodct", saying="no setting"),
    "config.not-for-projects": project_that_says_where_data_lies,
    "file.exists": made_twice,
    "file.unreadable": told("add", "nothing-here.md", saying="nothing-here.md"),
    "file.no-folder": lambda w: w.serve("cannot be made", "--data",
                                        w.file("in-the-way", "") + "/data"),
    "file.unwritable": lambda w: w.serve("cannot be written", "--port-file",
                                         w.stay + "/no/such/folder/url"),
    "repo.unknown": lambda w: w.giga(["add", w.file("a.md", giga.job("true", repo="shop3"))],
                                     "shop3"),
    "repo.bad-name": repository_put(name="Shop"),
    "repo.bad-url": repository_put(url="ext::sh -c date"),
    "repo.bad-target": repository_put(target="a..b"),
    "repo.ship-not-kept-yet": repository_put(ship="direct"),
    "repo.not-git": told("up", saying="needs a git repository"),
    "repo.not-there": told("repo", "add", "a", "--url", "/no/such/folder",
                           saying="/no/such/folder"),
    "repo.no-commit": lambda w: w.giga(["up", "--listen", "127.0.0.1:0"], "no commit",
                                       w.new_fleet(), cwd=empty_repository(w)),
    "git.not-there": lambda w: w.giga(
        ["repo", "add", "a", "--url", w.repository("without-git")], "git could not be started",
        env={"PATH": w.stay}),
    "git.failed": git_that_fails,
    "factory.bad-name": lambda w: w.ask("POST", "/fleet/factories", {
        "name": "Big Mac", "boot": "b", "facts": [], "stations": []}),
    "factory.unknown": lambda w: w.ask("POST", "/fleet/factories/ghost/drain", {}),
    "factory.not-started": binary_that_goes,
    "factory.no-parent": lambda w: w.giga(["factory", "run", "--data", w.stay + "/orphan"], "gone",
                                          env={"GIGA_PARENT": "1"}),
    "run.bad-id": lambda w: w.ask("GET", "/fleet/runs/seventy/log"),
    "log.too-many-readers": many_log_readers,
    "log.unwritable": unwritable_log,
    "artifact.bad-name": odd_artifact,
    "artifact.unwritable": unwritable_artifact,
    "repo.bad-artifacts": repository_put(artifacts={"coverge": ["coverage/"]}),
    "auth.no-token": lambda w: w.ask("POST", "/fleet/halt", {"reason": "a"}, token=None),
    "auth.unknown-token": lambda w: w.ask("POST", "/fleet/halt", {"reason": "a"}, token="x" * 40),
    "auth.factory-token": lambda w: w.ask("POST", "/fleet/halt", {"reason": "a"},
                                          token=w.registered("of-halt")),
    "auth.not-a-factory": lambda w: w.ask("POST", "/fleet/leases/claim", {
        "id": "c", "factory": "bare", "boot": "b", "free": [], "takesShip": False,
        "waitMilliseconds": 0}),
    "auth.no-join-token": lambda w: w.ask("POST", "/fleet/factories", {
        "name": "stranger", "boot": "b", "facts": [], "stations": []}, token=None),
    "fleet.halted": halted,
    "fleet.not-halted": lambda w: w.ask("POST", "/fleet/resume", {}),
    "halt.no-reason": lambda w: w.ask("POST", "/fleet/halt", {"level": "all", "reason": ""}),
    "command.usage": told("ad", saying="ad"),
    "command.interrupted": interrupted,
    "up.factory-ended": up_whose_factory_ends,
    "demo.used-folder": demo_in_a_used_folder,
    "coordinator.unreachable": told("jobs", "--coordinator", NOWHERE, saying="No coordinator"),
    "coordinator.odd-reply": odd_server,
    "serve.open-address": lambda w: w.serve("loopback|0.0.0.0", "--listen", "0.0.0.0:0"),
    "serve.cannot-listen": busy_port,
    "serve.no-token-file": state_folder_is_a_file,
    "store.busy": lambda w: w.serve("in use", fleet=w.fleet),
    "store.exists": lambda w: w.giga(
        ["store", "init", "--data", w.fleet.data], "There is a store at"),
    "store.newer": lambda w: altered_store(
        w, "newer", "INSERT INTO fleet_schema SELECT * FROM (SELECT * FROM fleet_schema LIMIT 0)",
        "UPDATE fleet_schema SET version = 999 WHERE version = "
        "(SELECT max(version) FROM fleet_schema)"),
    "store.deposed": lambda w: altered_under_a_server(
        w, "taken over", "UPDATE fleet_identity SET epoch = epoch + 1"),
    "store.gap": lambda w: altered_under_a_server(
        w, "refused a batch",
        "INSERT INTO fleet_events (product_id, first_position, last_position, batch_id, at, bytes) "
        "SELECT 'fleet', max(last_position) + 1, max(last_position) + 5, 'stray', 0, x'' "
        "FROM fleet_events"),
    "store.broken": broken_database,
    "store.unreadable": unreadable_history,
    "store.unreadable-event": unreadable_event,
    "store.unknown": lambda w: w.serve("redis", "--store", "redis"),
    "store.unreachable": lambda w: w.serve(
        "does not answer", "--store", f"postgres://giga@/giga?host={w.stay}"),
    "store.no-address": lambda w: w.serve("nothing says where", "--store", "postgres"),
    "store.bad-address": lambda w: w.serve(
        "DATABASE_URL is no address", DB_PROVIDER="postgres", DATABASE_URL="postgres://[db/giga"),
    "store.password-shown": lambda w: w.serve(
        "holds a password", "--store", "postgres://giga:secret@db/giga"),
    "store.not-in-folder": told(
        "backup", saying="PostgreSQL",
        env={"DB_PROVIDER": "postgres", "DATABASE_URL": "postgres://giga@db/giga"}),
    "backup.exists": backup_over_another,
    "backup.damaged": lambda w: restore(w, w.file("junk.tar", "junk" * 999), "junk.tar"),
    "backup.file": lambda w: restore(w, "/no/such/backup.tar", "/no/such/backup.tar"),
    "backup.newer": lambda w: restore(w, changed_backup(w, "newer", format=99), "newer"),
    "restore.occupied": restored_over_another,
    "restore.clock-behind": lambda w: restore(
        w, changed_backup(w, "ahead", madeAt=4_102_444_800_000), "clock is behind"),
    "why.never-placed": never_placed,
    "why.dropped": lambda w: placed(w, "DELETE FROM fleet_decisions"),
    "why.unreadable": lambda w: placed(w, "UPDATE fleet_decisions SET body = '{'"),
    "gc.no-folder": told("gc", "--data", "/no/such/folder", saying="/no/such/folder"),
    "gc.unreadable": gc_of_a_broken_mirror,
    "request.bad-key": key("x" * 256),
    "http.unknown-path": lambda w: w.ask("GET", "/fleet/nothing"),
    "http.method-not-allowed": lambda w: w.ask("DELETE", "/fleet/jobs"),
    "http.unknown-type": lambda w: w.ask("POST", "/fleet/jobs", "<a/>", kind="text/xml"),
    "http.unreadable-body": lambda w: w.ask("POST", "/fleet/halt", "{"),
    "http.bad-path": raw("GET /fleet/%zz HTTP/1.1\nHost: localhost\n\n"),
    "http.ambiguous-request": raw("POST /fleet/halt HTTP/1.1\nHost: localhost\nContent-Length: 2\n"
                                  "Content-Length: 3\n\n{}"),
    "http.unknown-host": raw("GET /healthz HTTP/1.1\nHost: evil.example\n\n"),
    "http.header-too-long": raw("GET /healthz HTTP/1.1\nHost: localhost\nX-A: " + "x" * 20_000 +
                                "\n\n"),
    "http.too-many-connections-of-client": many_connections,
    "stream.no-product": stream_of_two_products,
}

BACKUPS = "StoresTests/BackupTests.swift"
ELSEWHERE = {
    "store.full": ("EndToEnd/test_full_disk.py", "the stop on a full disk"),
    "coordinator.rescue": ("EndToEnd/test_full_disk.py", "urn:giga:coordinator.rescue"),
    "why.no-inputs": ("EndToEnd/test_why_replay.py", "cannot be computed again"),
    "log.busy": ("CoordinatorTests/RunLogsTests.swift", "throws: RunLogs.Fault.busy"),
    "coordinator.untrusted": ("EndToEnd/test_tls.py", '"could not prove", unknown.stderr'),
    "http.too-many-connections": ("HTTPServingTests/LimitTests.swift", "status == 503"),
    "store.rejected": ("EndToEnd/test_postgres.py", "lets giga not in"),
    "store.away": ("EndToEnd/test_postgres.py", "urn:giga:store.away"),
    "tls.not-pem": ("EndToEnd/test_tls.py", '"private key", self.refused'),
    "backup.busy": (BACKUPS, ".busy(path: rig.archive)"),
    "backup.full": (BACKUPS, "case .full = "),
}

EXCUSED = {
    "manifest.requirement": "files and calls with such a requirement are refused before",
    "command.no-thread": "no limit of threads holds for the administrator, who runs these tests",
    "serve.no-thread": "the same",
    "serve.failed": "what is left when every known reason has a code of its own",
    "http.invalid-request": "a line in a log: the factory makes its requests itself",
}
