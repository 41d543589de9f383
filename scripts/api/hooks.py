"""What schemathesis is told beside the document: where there is something to act on.

Most requests stay as they were made up. Some of those that fit the document are sent to a job or a
factory in the situation that the call is for, so that good answers are looked at too.
"""

import copy
import os
import random

import schemathesis
import seeds
from schemathesis import GenerationMode

FACTORY = "build-1"
# Milliseconds that a claim or a reader of a log may ask to wait.
LONGEST_WAIT = 30_000
chance = random.Random(7)
fleet = seeds.Situations(os.environ["GIGA_URL"], os.environ["GIGA_TOKEN"])
factory_token = os.environ["GIGA_FACTORY_TOKEN"]
answered = set()


def stage(name, **more):
    def prepare(case):
        case.path_parameters["id"] = fleet.job(name, **more)[0]
    return prepare


def some_factory(case):
    name = fleet.fresh("spare")
    fleet.enlist(name)
    case.path_parameters["name"] = name


def halted(case):
    fleet.ask("POST", "/fleet/halt", {"level": "dev", "reason": "a drill"})


def own_factory(case):
    case.path_parameters["name"] = FACTORY
    if isinstance(case.body, dict):
        case.body.update(boot="boot-1", held=[])


def own_claim(case):
    if isinstance(case.body, dict):
        case.body.update(factory=FACTORY, boot="boot-1")


def own_run(name):
    """A run of the factory whose token the calls carry, with its fence."""
    def prepare(case):
        fleet.go_on()
        job, _ = fleet.job("queued")
        where = fleet.bring(job, name, FACTORY, factory_token)
        case.path_parameters["run"] = where["run"]
        if case.operation.definition.raw["operationId"] == "reportRun":
            case.body = {"fence": where["fence"], "items": [{"started": {"_0": {"notes": []}}}]}
        else:
            case.query["fence"] = where["fence"]
            if "offset" in case.query:
                case.query["offset"] = 0
    return prepare


def known_run(case):
    _, where = fleet.job("building")
    case.path_parameters["run"] = where["run"]


def stored_artifact(case):
    _, where = fleet.job("testing")
    case.path_parameters.update(run=where["run"], name="a.txt")


def known(field, value):
    def prepare(case):
        case.path_parameters["name"] = value
        if isinstance(case.body, dict):
            case.body["name"] = value
        field and case.body.update(field)
    return prepare


def good_submission(case):
    if isinstance(case.body, dict):
        text = f"---\ntitle: {fleet.fresh('made')}\nrepo: shop\nprofile: developer\n---\nDo it.\n"
        case.body = {"files": [{"name": "a.md", "text": text}]}


def asked(case):
    """A job whose agent asked something and ended."""
    case.path_parameters["id"] = fleet.asking()


def paused(case):
    job, _ = fleet.job("queued")
    fleet.must("POST", f"/fleet/jobs/{job}/pause", {"reason": "a drill"})
    case.path_parameters["id"] = job


def other_product(case):
    case.path_parameters["product"] = "other"


def paused_product(case):
    fleet.must("POST", "/fleet/products/other/pause", {"reason": "a drill"})
    case.path_parameters["product"] = "other"


def proposed_profile(case):
    case.path_parameters["name"] = fleet.proposed()
    if isinstance(case.body, dict):
        case.body["version"] = 1


def new_token(case):
    if isinstance(case.body, dict):
        case.body = {"name": fleet.fresh("bob"), "role": "operator", "owner": "bob"}


def issued_token(case):
    name = fleet.fresh("carol")
    fleet.must("POST", "/fleet/tokens", {"name": name, "role": "viewer", "owner": "carol"})
    case.path_parameters["name"] = name


SITUATIONS = {
    "answerJob": asked, "pauseJob": stage("queued"), "resumeJob": paused,
    "reprioritiseJob": stage("queued"), "pauseProduct": other_product,
    "resumeProduct": paused_product, "issueToken": new_token, "revokeToken": issued_token,
    "submitJobs": good_submission,
    "readJob": stage("building"), "listJobEvents": stage("testing"),
    "listRuns": stage("testing"), "readDecision": stage("testing"), "readDiff": stage("testing"),
    "readTrace": stage("testing"),
    "promoteJob": stage("review"), "shipJob": stage("testing"), "rejectJob": stage("testing"),
    "requeueJob": stage("failed"), "cancelJob": stage("queued"),
    "drainFactory": some_factory, "resumeFactory": some_factory, "removeFactory": some_factory,
    "beatFactory": own_factory, "claimLeases": own_claim,
    "reportRun": own_run("assigned"), "appendRunLog": own_run("assigned"),
    "uploadArtifact": own_run("building"), "readRunLog": known_run,
    "readArtifact": stored_artifact, "listArtifacts": stage("testing"),
    "putRepository": known(seeds.SHOP, "shop"), "readProfile": known(None, "developer"),
    "readPolicy": known(None, "developer"),
    "putProfile": known(None, "developer"),
    "approveProfile": proposed_profile, "rejectProfile": proposed_profile, "resumeFleet": halted,
}


def brief(fields, name):
    """A wait that the document allows, made short; nothing for one that it does not."""
    wait = fields.get(name)
    fits = isinstance(wait, int) and not isinstance(wait, bool) and 0 <= wait <= LONGEST_WAIT
    return {name: wait % 20} if fits else {}


def kept(value):
    """A copy of what may be changed in place; what stands for "not set" stays the same object."""
    return copy.deepcopy(value) if isinstance(value, (dict, list)) else value


@schemathesis.hook
def before_call(context, case, kwargs):
    raw = case.operation.definition.raw
    name = raw["operationId"]
    if case.method.upper() != case.operation.method.upper():
        return
    # No call may take its whole patience, and the factory whose token is used stays.
    if name == "claimLeases" and isinstance(case.body, dict):
        case.body.update(brief(case.body, "waitMilliseconds"))
    if name == "readRunLog" and isinstance(case.query, dict):
        # A query may be written as text already.
        wait = str(case.query.get("wait"))
        case.query.update(brief({"wait": int(wait) if wait.isdecimal() else None}, "wait"))
    if name == "beatFactory" and isinstance(case.body, dict) and "boot" in case.body:
        if isinstance(case.body["boot"], str):
            case.body["boot"] = "boot-1"
    if name in ("removeFactory", "registerFactory"):
        if case.path_parameters.get("name") == FACTORY:
            case.path_parameters["name"] = fleet.fresh("nobody")
        if isinstance(case.body, dict) and case.body.get("name") == FACTORY:
            case.body["name"] = fleet.fresh("somebody")
    fits = case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE
    if fits and name in SITUATIONS and (name not in answered or chance.random() < 0.2):
        parts = ("path_parameters", "query", "body")
        made_up = {part: kept(getattr(case, part)) for part in parts}
        try:
            SITUATIONS[name](case)
        except AssertionError:
            # Somebody took the job away meanwhile; then the request goes out as it was made up. A
            # part that is set is judged anew, and a body that may be absent would be judged wrong.
            for part, value in made_up.items():
                if getattr(case, part) != value:
                    setattr(case, part, value)


@schemathesis.hook
def after_call(context, case, response):
    name = case.operation.definition.raw["operationId"]
    if 200 <= response.status_code < 300 and name not in answered:
        if response.request.method.upper() == case.operation.method.upper():
            answered.add(name)
            with open(os.environ["GIGA_ANSWERED"], "a", encoding="utf-8") as file:
                file.write(name + "\n")
