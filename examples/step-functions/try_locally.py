"""The example on one machine: its functions, a running Holdpoint, and a server that stands in for Step Functions.

    python3 examples/step-functions/try_locally.py target/debug/holdpoint

Standard library only. Starts Holdpoint in memory, puts the policy, and asks the gate as the state machine would: one output needs nobody; of the
others, one is approved, one is corrected and approved, one is asked about again by a retry of its state before it is approved, one is retried after
its decision, one is rejected, and one is left until it is overdue. Each time it checks what the waiting task is told.
"""

import importlib.util
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE_SECONDS = 30
QUIET_SECONDS = 2
# The least that a policy can say.
SHORTEST_SECONDS = 1
told: queue.Queue = queue.Queue()


class StepFunctions(BaseHTTPRequestHandler):
    """The two calls of its JSON protocol that a waiting task needs."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        told.put((self.headers["x-amz-target"], json.loads(body)))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def load(name: str):
    """A function's module. All three files are called app.py."""
    specification = importlib.util.spec_from_file_location(f"{name}_app", HERE / name / "app.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def check(what: str, found, expected) -> None:
    if found != expected:
        raise SystemExit(f"{what}: {found!r} instead of {expected!r}")


class Holdpoint:
    """The product as its binary runs it, with what it printed."""

    def __init__(self, binary: str, step_functions: str):
        arguments = [binary, "--ephemeral", "--port", "0", "--step-functions-endpoint", step_functions]
        # Its log is shown only if something goes wrong.
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url, self.keys, self.ended = "", {}, False
        self.ready = threading.Event()
        # To its end, so that the pipe never fills.
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            words = line.split()
            if line.startswith("Holdpoint is at "):
                self.url = words[3]
            elif len(words) > 1 and words[-1].startswith("hp_"):
                self.keys[" ".join(words[:2])] = words[-1]
            elif line.startswith("Ctrl-C stops"):
                self.ready.set()
        # It ended, maybe before it was ready.
        self.ended = True
        self.ready.set()

    def __enter__(self):
        if not self.ready.wait(PATIENCE_SECONDS) or self.ended:
            self.__exit__(SystemExit)
            raise SystemExit("Holdpoint did not start")
        return self

    def __exit__(self, raised, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        if raised:
            self.log.seek(0)
            sys.stderr.write(self.log.read())
        self.log.close()

    def call(self, method: str, path: str, body: dict) -> None:
        request = urllib.request.Request(
            f"{self.url}/workflows/{path}",
            data=json.dumps(body).encode(),
            headers={"Api-Key": self.keys["Dana Rivera"], "Content-Type": "application/json"},
            method=method,
        )
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()

    def decide(self, run: str, block: str, body: dict) -> None:
        self.call("POST", f"reviews/{run}/{block}/decision", body)


def play(holdpoint: Holdpoint) -> None:
    gate, extract, go_on = load("gate"), load("extract"), load("continue")
    gate.read_secret = lambda: holdpoint.keys["Ledger Agent"]
    # As the gate's call of Step Functions: without boto3, which is no part of the standard library.
    at_once = {}
    gate.tell_task = at_once.__setitem__
    os.environ.update(HOLDPOINT_URL=holdpoint.url)
    policy = json.loads((HERE / "policy.json").read_text())
    holdpoint.call("PUT", "invoices/policy", {"version_stamp": 0, **policy})
    extraction = extract.handler({}, None)

    def open_gate(execution: str, token: str, extraction: dict = extraction) -> dict:
        # As the state Gate of statemachine.asl.json calls it.
        event = {"execution": execution, "workflow": "invoices", "workflow_version": "v1", "task_token": token}
        return gate.handler({**event, "extraction": extraction}, None)

    def decide(execution: str, verdict: str, **more) -> None:
        holdpoint.decide(execution, gate.BLOCK_ID, {"verdict": verdict, "version_stamp": 0, **more})

    def next_call(token: str, call: str) -> dict:
        target, sent = told.get(timeout=PATIENCE_SECONDS)
        check("call", target, f"AWSStepFunctions.{call}")
        check("token", sent["taskToken"], token)
        return sent

    def continued(token: str) -> dict:
        output = json.loads(next_call(token, "SendTaskSuccess")["output"])
        check("verdict", output["verdict"], "approved")
        return go_on.handler({"gate": output}, None)

    sure = extract.handler({"confidence": 0.97}, None)
    check("held", open_gate("run-sure", "token-s", sure), {"held": False})
    result = go_on.handler({"gate": at_once["token-s"]}, None)
    check("posted", result, {"posted": sure["output"], "reviewed": False})
    print("nobody must look:", result)

    print("gate:", open_gate("run-approved", "token-a"))
    decide("run-approved", "approved")
    result = continued("token-a")
    check("posted", result["posted"], extraction["output"])
    check("version", result["version"], 0)
    print("approved:", result)

    corrected = {**extraction["output"], "total": 1240.5}
    open_gate("run-corrected", "token-b")
    decide("run-corrected", "approved", edited_output=corrected)
    result = continued("token-b")
    check("posted", result["posted"], corrected)
    check("version", result["version"], 1)
    print("corrected:", result)

    first = open_gate("run-retried", "token-c")
    check("retried", open_gate("run-retried", "token-d"), first)
    decide("run-retried", "approved")
    check("posted", continued("token-d")["posted"], extraction["output"])
    print("retried: only the new token is told")

    open_gate("run-retried", "token-e")
    check("posted", continued("token-e")["posted"], extraction["output"])
    print("retried after the decision: told at once")

    open_gate("run-rejected", "token-f")
    decide("run-rejected", "rejected", reason="Not an invoice")
    sent = next_call("token-f", "SendTaskFailure")
    check("error", sent["error"], "ReviewRejected")
    # As the state Rejected reads it.
    cause = json.loads(sent["cause"])
    found = [cause[name] for name in ("verdict", "reason", "workflow_run_id", "effective_seq")]
    check("cause", found, ["rejected", "Not an invoice", "run-rejected", None])
    check("decided by", cause["decided_by"]["display_name"], "Dana Rivera")
    print("rejected:", cause)

    # As the policy, but with no time to lose.
    rule = policy["blocks"][gate.BLOCK_ID]
    del rule["remind_before_seconds"]
    rule["due_in_seconds"] = SHORTEST_SECONDS
    holdpoint.call("PUT", "invoices/policy", {"version_stamp": 1, **policy})
    open_gate("run-late", "token-g")
    cause = json.loads(next_call("token-g", "SendTaskFailure")["cause"])
    # As the state WasItReviewed reads it.
    check("decided by", [cause["decided_by"][name] for name in ("kind", "id")], ["agent", "holdpoint"])
    check("reason", cause["reason"], "Nobody reviewed it within three days.")
    print("overdue:", cause)

    try:
        raise SystemExit(f"told once too often: {told.get(timeout=QUIET_SECONDS)[0]}")
    except queue.Empty:
        pass


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    server = HTTPServer(("127.0.0.1", 0), StepFunctions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Holdpoint(sys.argv[1], f"http://127.0.0.1:{server.server_port}") as holdpoint:
        play(holdpoint)


if __name__ == "__main__":
    main()
