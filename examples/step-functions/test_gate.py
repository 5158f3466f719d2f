"""The gate against a server that stands in for Holdpoint: python3 -m unittest, standard library only."""

import importlib.util
import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest.mock import patch

specification = importlib.util.spec_from_file_location("gate", Path(__file__).parent / "gate" / "app.py")
gate = importlib.util.module_from_spec(specification)
specification.loader.exec_module(gate)

KEY = "hp_" + "k" * 43
NEW_KEY = "hp_" + "n" * 43
TOKEN = "the-token"
EVENT = {
    "task_token": TOKEN,
    "execution": "invoices/run 1",
    "workflow": "Invoices",
    "workflow_version": "v7",
    "extraction": {"output": {"total": 12.5}, "likelihoods": {"total": 0.72}},
}
HELD = {"held": True, "evaluation": [], "overlay": {"_id": "run:block", "rev": 0}}
OPENED = (201, HELD)
PASSED = (200, {"held": False, "evaluation": [], "overlay": None})


def error(status: int, code: str) -> tuple:
    return status, {"detail": {"code": code, "message": "What happened.", "details": None}}


class StandIn(BaseHTTPRequestHandler):
    """Answers in turn, and the last one again and again."""

    answers: list = []
    received: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        StandIn.received.append((self.path, self.headers, json.loads(body)))
        status, body = StandIn.answers.pop(0) if len(StandIn.answers) > 1 else StandIn.answers[0]
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Gate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = HTTPServer(("127.0.0.1", 0), StandIn)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        StandIn.answers, StandIn.received = [OPENED], []
        gate.api_key.cache_clear()
        # Instead of Secrets Manager, so no boto3 is needed.
        self.read_secret = self.patched(patch.object(gate, "read_secret", return_value=KEY + "\n"))
        # Instead of Step Functions.
        self.tell_task = self.patched(patch.object(gate, "tell_task"))
        url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.patched(patch.dict(os.environ, {"HOLDPOINT_URL": url}))

    def patched(self, patcher):
        self.addCleanup(patcher.stop)
        return patcher.start()

    def refused(self, kind: type) -> str:
        with self.assertRaises(kind) as raised:
            gate.handler(EVENT, None)
        text = str(raised.exception)
        self.assertNotIn("hp_", text)
        self.assertNotIn(TOKEN, text)
        return text

    def test_what_is_held_waits_with_its_token_at_the_review(self):
        self.assertEqual(gate.handler(EVENT, None), {"held": True, "review": "run:block"})
        self.tell_task.assert_not_called()
        [(path, headers, body)] = StandIn.received
        self.assertEqual(path, "/v1/workflows/gate")
        self.assertEqual((headers["Api-Key"], headers["Content-Type"]), (KEY, "application/json"))
        self.assertEqual(
            body,
            {
                "run_id": "invoices-run-1",
                "block_id": "extract_invoice",
                "workflow_id": "Invoices",
                "workflow_version_id": "v7",
                "block_type": "extract",
                "snapshot": {"total": 12.5},
                "likelihoods": {"total": 0.72},
                "author": {"kind": "model", "id": "invoice-extractor", "display_name": "Invoice extractor"},
                "resume": {"kind": "step_functions", "task_token": TOKEN},
            },
        )

    def test_what_is_not_held_goes_on_at_once(self):
        StandIn.answers = [PASSED]
        self.assertEqual(gate.handler(EVENT, None), {"held": False})
        self.tell_task.assert_called_once_with(TOKEN, {"held": False, "snapshot": {"total": 12.5}})

    def test_a_task_that_cannot_be_told_fails(self):
        StandIn.answers = [PASSED]
        self.tell_task.side_effect = OSError("no route")
        with self.assertRaises(OSError):
            gate.handler(EVENT, None)

    def test_a_retry_opens_the_same_review_with_its_own_token(self):
        StandIn.answers = [OPENED, (200, OPENED[1])]
        gate.handler(EVENT, None)
        gate.handler({**EVENT, "task_token": "another"}, None)
        first, second = (body for _, _, body in StandIn.received)
        self.assertEqual((first.pop("resume")["task_token"], second.pop("resume")["task_token"]), (TOKEN, "another"))
        self.assertEqual(first, second)

    def test_what_may_work_later_is_told_from_what_will_not(self):
        for answer, kind, text in [
            (error(409, "review_exists"), gate.HoldpointRefused, "409 review_exists: What happened."),
            (error(422, "validation_error"), gate.HoldpointRefused, "422 validation_error: What happened."),
            (error(429, "too_many_requests"), gate.HoldpointUnavailable, "429 too_many_requests: What happened."),
            ((403, b"no JSON"), gate.HoldpointRefused, "403"),
            ((500, {"message": "Internal Server Error"}), gate.HoldpointUnavailable, "500"),
            ((503, b""), gate.HoldpointUnavailable, "503"),
        ]:
            with self.subTest(text):
                StandIn.answers = [answer]
                self.assertEqual(self.refused(kind), text)

    def test_nobody_there_may_work_later(self):
        with HTTPServer(("127.0.0.1", 0), StandIn) as closed:
            url = f"http://127.0.0.1:{closed.server_port}/v1"
        with patch.dict(os.environ, {"HOLDPOINT_URL": url}):
            self.refused(gate.HoldpointUnavailable)

    def test_half_an_answer_may_work_later(self):
        StandIn.answers = [(201, b'{"_id": "run')]
        self.refused(gate.HoldpointUnavailable)

    def test_the_key_is_read_once(self):
        gate.handler(EVENT, None)
        gate.handler(EVENT, None)
        self.read_secret.assert_called_once_with()

    def test_a_key_that_was_replaced_is_read_again(self):
        gate.handler(EVENT, None)
        self.read_secret.return_value = NEW_KEY
        StandIn.answers = [error(401, "unauthorized"), OPENED]
        gate.handler(EVENT, None)
        self.assertEqual([headers["Api-Key"] for _, headers, _ in StandIn.received], [KEY, KEY, NEW_KEY])

    def test_a_key_that_is_refused_twice_is_refused(self):
        StandIn.answers = [error(401, "unauthorized")]
        self.assertEqual(self.refused(gate.HoldpointRefused), "401 unauthorized: What happened.")
        self.assertEqual(len(StandIn.received), 2)

    def test_a_secret_that_is_no_key_is_neither_sent_nor_shown(self):
        for secret in ["", f'{{"key": "{KEY}"}}', f"{KEY}\r\nX: y", "hp_short"]:
            with self.subTest(secret):
                gate.api_key.cache_clear()
                self.read_secret.return_value = secret
                self.refused(gate.HoldpointRefused)
        self.assertEqual(StandIn.received, [])

    def test_identifiers_are_what_holdpoint_takes(self):
        self.assertEqual(gate.identifier("a b/ä:c"), "a-b--:c")
        arn = "arn:aws:states:eu-west-1:123456789012:execution:invoices:0f1e-2d3c"
        self.assertEqual(gate.identifier(arn), arn)
        self.assertEqual(gate.identifier("x" * 300), "x" * 256)


if __name__ == "__main__":
    unittest.main()
