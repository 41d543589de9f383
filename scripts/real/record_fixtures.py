#!/usr/bin/env python3
"""Records how the real mini-swe-agent ends, in each way that it can, as fixtures of its adapter.

Runs the installed engine against the scripted server, once per case, and writes for each a
trajectory and a file that says how the process ended and what the server's log has on it. Paths
of this machine and the engine's own prompt texts are taken out.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VERSION = "2.4.6"
FIXTURES = HERE.parents[1] / "Tests" / "EnginesTests" / "Fixtures" / f"mini-swe-agent-{VERSION}"

# name: turns, options of the server, arguments of the engine, variables, and the signal that the
# engine gets while its third request is held
CASES = {
    "submitted": ("fix", [], [], {}, None),
    "submitted-basic-usage": ("fix", ["--usage", "basic"], [], {}, None),
    "submitted-no-usage": ("fix", ["--usage", "none"], [], {}, None),
    "step-limit": ("endless", [], ["-c", "agent.step_limit=2"], {}, None),
    "cost-limit": ("endless", [], ["-m", "openai/gpt-4o", "-l", "0.000001"], {}, None),
    "format-errors": ("formatless", [], [], {}, None),
    "server-error": ("fix", ["--status", "500"], [], {}, None),
    "server-error-later": ("fix", ["--status", "500", "--status-after", "2"], [], {}, None),
    "not-signed-in": ("fix", ["--status", "401"], [], {}, None),
    "rate-limited": ("fix", ["--status", "429", "--status-after", "1"], [], {}, None),
    "unpriced": ("fix", [], [], {"MSWEA_COST_TRACKING": "default"}, None),
    "terminated": ("fix", [], [], {}, signal.SIGTERM),
    "killed": ("fix", [], [], {}, signal.SIGKILL),
}


def environment(folder, url, extra):
    """What the adapter gives, with retries cut to one."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MODE": "PRODUCTION",
        "MSWEA_CONFIGURED": "true",
        "MSWEA_COST_TRACKING": "ignore_errors",
        "MSWEA_GLOBAL_CONFIG_DIR": str(folder / "home" / ".config" / "mini-swe-agent"),
        "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "1",
        "MSWEA_SILENT_STARTUP": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TYPER_STANDARD_TRACEBACK": "1",
        "COLUMNS": "200",
        "OPENAI_API_BASE": url,
        "OPENAI_API_KEY": "none",
        **extra,
    }


def record(mini, name, folder):
    turns, server_options, arguments, variables, stop = CASES[name]
    sample, scratch = folder / "sample", folder / "scratch"
    scratch.mkdir()
    subprocess.run([HERE / "make_sample.py", sample], check=True, stdout=subprocess.DEVNULL)
    (scratch / "task.yaml").write_text(
        f'run:\n  task: "Make the tests pass."\nenvironment:\n  cwd: "{sample}"\n  timeout: 600\n'
    )
    held, log = folder / "held", folder / "log"
    if stop:
        os.mkfifo(held)
        server_options = ["--hold-at", "3", "--notify", held]
    server = subprocess.Popen(
        [HERE / "openai_server.py", "--script", HERE / "turns" / f"{turns}.json", "--log", log]
        + ["--seed", str(len(name)), *server_options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = server.stdout.readline().split()[1]
        model = [] if "-m" in arguments else ["-m", "openai/sample"]
        trajectory = scratch / "trajectory.json"
        engine = subprocess.Popen(
            [mini, "-y", "--exit-immediately", "-c", "mini.yaml", "-c", scratch / "task.yaml"]
            + [*model, "-o", trajectory, *arguments],
            cwd=scratch,
            env=environment(folder, url, variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if stop:
            held.read_text()
            engine.send_signal(stop)
        output, _ = engine.communicate()
    finally:
        server.terminate()
        server.wait()
    words = output.splitlines()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    replies = [line for line in lines if line["kind"] == "reply"]
    return trajectory, {
        "engine": f"mini-swe-agent {VERSION}",
        "case": name,
        "exit": engine.returncode,
        "model": replies[-1]["model"] if replies else None,
        "replies": [reply["usage"] for reply in replies],
        "lastLine": clean([line for line in words if line.strip("\u2500 ")][-1], folder),
    }


def clean(text, folder):
    return text.replace(str(folder), "/run").replace(sys.prefix, "/python")


def stripped(trajectory, folder, venv):
    """The trajectory without what is not ours or not the engine's."""
    whole = json.loads(clean(trajectory.read_text(), folder).replace(str(venv), "/venv"))
    for part in whole["info"]["config"].values():
        for key in part if isinstance(part, dict) else []:
            if key.endswith("_template"):
                part[key] = "(removed)"
    for index, message in enumerate(whole["messages"]):
        extra = message.get("extra", {})
        if index < 2 or "interrupt_type" in extra:
            message["content"] = "(removed)"
        if "traceback" in extra:
            extra["traceback"] = "(removed)"
    return json.dumps(whole, indent=1) + "\n"


def main():
    installed = subprocess.run(
        [HERE / "install_engine.sh"], check=True, stdout=subprocess.PIPE, text=True
    )
    mini = pathlib.Path(installed.stdout.strip())
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or CASES:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            trajectory, case = record(str(mini), name, folder)
            if trajectory.exists():
                text = stripped(trajectory, folder, mini.parents[1])
                (FIXTURES / f"{name}.trajectory.json").write_text(text)
            (FIXTURES / f"{name}.case.json").write_text(json.dumps(case, indent=1) + "\n")
            print(name, "exit", case["exit"], "replies", len(case["replies"]))


if __name__ == "__main__":
    main()
