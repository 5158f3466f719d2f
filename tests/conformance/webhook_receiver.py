"""A webhook receiver, written with the published library of the Standard Webhooks specification, against a running Holdpoint.

It asks to be told, makes something happen, and checks each delivery with `standardwebhooks` (PyPI): as it came, and tampered
with in every part that is signed.

Environment: HOLDPOINT_URL, KEY_ADMIN, KEY_AGENT, KEY_DANA (see test_app.py).
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

BASE = os.environ["HOLDPOINT_URL"] + "/v1"
PATIENCE_SECONDS = 30

deliveries: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        deliveries.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def call(key: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(BASE + path, method=method, headers={"Api-Key": os.environ[key]})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def is_refused(webhook: Webhook, body: str | bytes, headers: dict[str, str]) -> bool:
    try:
        webhook.verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


def main() -> None:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    secret = call("KEY_ADMIN", "POST", "/webhooks", {"url": url})["signing_secret"]

    opening = {
        "run_id": "run_1",
        "block_id": "extract",
        "workflow_id": "wf_1",
        "workflow_version_id": "wfv_1",
        "block_type": "extract",
        "triggered_by": {"kind": "always"},
        "snapshot": {"vendor": "Zürich & Söhne"},
    }
    call("KEY_AGENT", "POST", "/workflows/reviews", opening)
    call("KEY_DANA", "POST", "/workflows/reviews/run_1/extract/claim", {"version_stamp": 0})
    call("KEY_DANA", "POST", "/workflows/reviews/run_1/extract/release", {"version_stamp": 1})

    webhook = Webhook(secret)
    types = []
    for _ in range(3):
        headers, body = deliveries.get(timeout=PATIENCE_SECONDS)
        event = webhook.verify(body, headers)
        types.append(event["type"])
        assert headers["webhook-id"] == event["id"], headers

        tampered = body.replace(b'"rev_observed":', b'"rev_observed":1')
        assert tampered != body and is_refused(webhook, tampered, headers), "another body"
        assert is_refused(webhook, body, {**headers, "webhook-id": "another"}), "another id"
        later = str(int(headers["webhook-timestamp"]) + 1)
        assert is_refused(webhook, body, {**headers, "webhook-timestamp": later}), "another time"
        old = str(int(headers["webhook-timestamp"]) - 3600)
        assert is_refused(webhook, body, {**headers, "webhook-timestamp": old}), "an old time"
        assert is_refused(webhook, body, {**headers, "webhook-signature": "v1,AAAA"}), "another signature"
        unsigned = {name: value for name, value in headers.items() if name != "webhook-signature"}
        assert is_refused(webhook, body, unsigned), "no signature"
        other = Webhook("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        assert is_refused(other, body, headers), "another secret"
    assert types == ["review.opened", "review.claimed", "review.released"], types
    print("3 deliveries verified with standardwebhooks; 7 forgeries of each refused")


def documented() -> None:
    """The receiver that `/docs` shows, as it is: it takes what is signed, each event once, and refuses the rest."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
        port = free.server_port
    url = f"http://127.0.0.1:{port}/"
    created = call("KEY_ADMIN", "POST", "/webhooks", {"url": url, "events": ["review.opened"]})
    receiver = Path(__file__).parents[2] / "openapi/src/page/receiver.py"
    environment = {**os.environ, "PORT": str(port), "SIGNING_SECRET": created["signing_secret"]}
    process = subprocess.Popen(
        [sys.executable, str(receiver)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        wait_for(url)
        opening = {
            "run_id": "run_docs",
            "block_id": "extract",
            "workflow_id": "wf_1",
            "workflow_version_id": "wfv_1",
            "block_type": "extract",
            "triggered_by": {"kind": "always"},
            "snapshot": {"total": 1},
        }
        call("KEY_AGENT", "POST", "/workflows/reviews", opening)
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line == "review.opened run_docs:extract", line
        # The secret is rotated: the receiver, which knows the one before, takes the next event all the same.
        call("KEY_ADMIN", "POST", f"/webhooks/{created['webhook_id']}/rotate-secret")
        call("KEY_AGENT", "POST", "/workflows/reviews", {**opening, "run_id": "run_rotated"})
        line = process.stdout.readline().strip()
        assert line == "review.opened run_rotated:extract", line
        # The run's own call is another message: the same receiver takes it, with the same secret.
        resume = {"kind": "webhook", "url": url, "signing_secret": created["signing_secret"]}
        call("KEY_AGENT", "POST", "/workflows/reviews", {**opening, "run_id": "run_resumed", "resume": resume})
        decision = {"verdict": "approved", "version_stamp": 0}
        call("KEY_DANA", "POST", "/workflows/reviews/run_resumed/extract/decision", decision)
        lines = {process.stdout.readline().strip() for _ in range(2)}
        assert lines == {"review.opened run_resumed:extract", "approved run_resumed extract"}, lines
        forged = {"type": "review.opened", "data": {"block_run_id": "forged"}}
        headers = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
        request = urllib.request.Request(url, data=json.dumps(forged).encode(), headers=headers)
        try:
            urllib.request.urlopen(request)
            raise AssertionError("a forgery was taken")
        except urllib.error.HTTPError as error:
            assert error.code == 401, error
    finally:
        process.kill()
    print("the documented receiver verified 2 deliveries and refused a forgery")


def wait_for(url: str) -> None:
    for _ in range(PATIENCE_SECONDS * 20):
        try:
            urllib.request.urlopen(url)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


if __name__ == "__main__":
    main()
    documented()
