"""Random operations of the published Python client (retab==0.0.142), with its own retries, and a history of them.

Several clients at once, several actors, few reviews, so that they collide. What the client has no method for (open,
reopen, claim-next) goes through its own `_request`, so that it is retried in the same way. Each operation is one line of
JSON in the history: what was asked, when it began and ended, and what came of it, as the client saw it. What that means is
the checker's business (`checker.rs`).

Environment: HOLDPOINT_URL, HISTORY (the file to write), OPERATIONS, SECONDS (after which it ends in any case), SEED, and
KEYS, a JSON object of actor id to API key: four clients each. With POLICY_KEY, a key that may put policies, the workflow's
policy changes all the while, so that each review opens with the terms of one of many; and reviews are assigned.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from typing import Any

import httpx
from retab import Retab
from retab.exceptions import APIError, RetabError

# The clients of one actor, by how often each retries; 3 is the usual.
RETRIES = (3, 3, 1, 0)
# How many reviews are worked on at a time, and after how many changes another one takes a review's place.
SLOTS, REVS = 5, 20 if os.environ.get("POLICY_KEY") else 40
# How often each call is made, out of 100.
CALLS = {
    "claim": 24,
    "release": 8,
    "edit": 16,
    "approve": 7,
    "reject": 4,
    "escalate": 3,
    "reopen": 3,
    "get": 14,
    "list": 5,
    "claim-next": 8,
    "open": 6,
    "invalid": 2,
}
POLICY_KEY = os.environ.get("POLICY_KEY")
if POLICY_KEY:
    CALLS |= {"approve": 26, "edit": 7, "claim": 16, "reject": 2, "assign": 5, "policy": 3}
    ESCALATE_TO = ("legal", "legal", "user_2", "finance")
else:
    ESCALATE_TO = ("legal",)
# Whom reviews are assigned to. The last of the actors is never among them but by the group `others`.
ASSIGNMENTS = (
    {"groups": ["finance"], "actors": []},
    {"groups": ["finance"], "actors": ["user_3"]},
    {"groups": [], "actors": ["user_1", "user_3"]},
    {"groups": ["others"], "actors": ["user_2"]},
)


class World:
    """What all clients share: which reviews are worked on, the history, how much is left to do."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.history = open(os.environ["HISTORY"], "w", encoding="utf-8", buffering=1)
        self.left = int(os.environ["OPERATIONS"])
        self.deadline = time.monotonic() + float(os.environ["SECONDS"])
        self.generation = [0] * SLOTS
        self.seen: dict[str, int] = {}
        self.policies, self.policy_rev = 0, 0

    def takes_another(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0 and time.monotonic() < self.deadline

    def run(self, slot: int) -> str:
        with self.lock:
            return f"run_{slot}_{self.generation[slot]}"

    def next_policy(self, dice: random.Random) -> tuple[int, dict[str, Any]]:
        """The stamp and the rule of the next policy. No two have the same priority: a review's tells which one it opened under."""
        with self.lock:
            self.policies += 1
            return self.policy_rev, rule(self.policies, dice)

    def saw_policy(self, rev: int) -> None:
        with self.lock:
            self.policy_rev = max(rev, self.policy_rev)

    def saw(self, run: str, rev: int) -> None:
        """Somebody was answered that the review is at `rev`; at some point the next one takes its place."""
        with self.lock:
            self.seen[run] = max(rev, self.seen.get(run, 0))
            _, slot, generation = run.split("_")
            if rev >= REVS and self.generation[int(slot)] == int(generation):
                self.generation[int(slot)] += 1

    def note(self, line: dict[str, Any]) -> None:
        with self.lock:
            self.history.write(json.dumps(line, separators=(",", ":")) + "\n")


class Operation:
    """One operation: what is asked, and what came of it."""

    def __init__(self, name: str, client: int, actor: str, call: str, run: str | None, stamp: int | None) -> None:
        self.line: dict[str, Any] = {
            "op": name, "client": client, "actor": actor, "call": call, "run": run, "stamp": stamp, "command": None,
            "ttl": None, "edited": False, "attempts": 0, "escalate_to": None, "rule": None,
        }  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        return self.line[name]


class Client(threading.Thread):
    """One client of one actor."""

    def __init__(self, world: World, number: int, actor: str, key: str, retries: int) -> None:
        super().__init__(name=f"client-{number}")
        self.world, self.number, self.actor = world, number, actor
        self.dice = random.Random(int(os.environ["SEED"]) * 1000 + number)
        url = os.environ["HOLDPOINT_URL"] + "/v1"
        self.retab = Retab(api_key=key, base_url=url, timeout=30.0, max_retries=retries)
        self.retab.client.event_hooks["response"].append(self.answered)
        self.reviews = self.retab.workflows.reviews
        self.admin = Retab(api_key=POLICY_KEY or key, base_url=url, timeout=30.0, max_retries=retries)
        self.admin.client.event_hooks["response"].append(self.answered)
        self.attempts, self.made = 0, 0
        self.status: dict[str, str] = {}

    def answered(self, _: httpx.Response) -> None:
        self.attempts += 1

    def run(self) -> None:
        while self.world.takes_another():
            self.made += 1
            self.perform(self.any_operation())

    def any_operation(self) -> Operation:
        dice, run = self.dice, self.world.run(self.dice.randrange(SLOTS))
        call = dice.choices(list(CALLS), CALLS.values())[0]
        if run not in self.world.seen and call not in ("claim-next", "policy"):
            call = "open" if self.world.policy_rev or not POLICY_KEY else "policy"
        elif call != "policy" and self.status.get(run, "awaiting_review") != "awaiting_review" and dice.random() < 0.6:
            call = "reopen"
        stamp = self.world.seen.get(run, 0) - (dice.random() < 0.1) - (dice.random() < 0.02)
        without = call in ("open", "list", "get", "claim-next")
        operation = Operation(
            f"c{self.number}-{self.made}", self.number, self.actor, call,
            None if call in ("list", "claim-next", "policy") else run, None if without else max(stamp, 0),
        )  # fmt: skip
        line = operation.line
        if call == "policy":
            line["stamp"], line["rule"] = self.world.next_policy(dice)
        if call == "escalate":
            line["escalate_to"] = dice.choice(ESCALATE_TO)
        if call == "open":
            # Two contents for each review: the same again is the same review, the other one is refused.
            line["content"] = f"{run}/{'ab'[dice.random() < 0.3]}"
        if call in ("edit", "approve", "reject", "escalate", "reopen", "assign", "claim-next") and dice.random() < 0.6:
            line["command"] = operation.op
        if call == "approve":
            line["edited"] = dice.random() < (0.2 if POLICY_KEY else 0.5)
        if call == "claim":
            line["ttl"] = 30 + self.made * 67 % 400 if POLICY_KEY else 30 + self.made % 200
        if call == "claim-next":
            # No stamp says which claim was whose, so the time does.
            line["ttl"] = 1000 + self.made * 64 + self.number
        return operation

    def claim_at_the_end(self, run: str) -> None:
        self.made += 1
        name = f"c{self.number}-{self.made}"
        operation = Operation(name, self.number, self.actor, "claim", run, self.world.seen.get(run, 0))
        operation.line["ttl"] = 900 + self.made % 60
        self.perform(operation)

    def perform(self, operation: Operation) -> None:
        line = operation.line
        line["start"] = time.monotonic_ns()
        self.send(operation)
        if line["outcome"] == "unknown" and operation.command and self.dice.random() < 0.5:
            # Whoever gave it a command id may send it again, whenever they like.
            self.send(operation)
        line["end"] = time.monotonic_ns()
        self.world.note(line)

    def send(self, operation: Operation) -> None:
        line, self.attempts = operation.line, 0
        try:
            line |= {"outcome": "done", "status": 200, "code": None} | self.ask(operation)
        except APIError as error:
            refused = error.status_code < 500 and error.status_code != 429
            line |= {"outcome": "refused" if refused else "unknown", "status": error.status_code, "code": error.code}
            line["rev"] = (error.details or {}).get("rev") if error.status_code == 409 else None
            if operation.call == "policy" and line["rev"] is not None:
                self.world.saw_policy(line["rev"])
            if operation.run and line["rev"] is not None:
                self.world.saw(operation.run, line["rev"])
                self.status[operation.run] = (error.details or {}).get("status")
        except (RetabError, httpx.HTTPError) as error:
            line |= {"outcome": "unknown", "status": None, "code": type(error).__name__, "rev": None}
            self.attempts += 1
            # Nobody listens: somebody may be about to start it again.
            time.sleep(0.25)
        line["attempts"] += self.attempts

    def ask(self, operation: Operation) -> dict[str, Any]:
        """Makes the call; what its answer shows."""
        if operation.call == "list":
            page = self.reviews.list(status="awaiting_review", limit=20)
            return {"rev": None, "rows": {row.workflow_run_id: row.rev for row in page.data}}
        if operation.call == "policy":
            body = {"version_stamp": operation.stamp, "blocks": {"block": operation.rule}}
            answer = self.admin._request("PUT", "/workflows/wf_1/policy", data=body)
            self.world.saw_policy(answer["rev"])
            return {"rev": answer["rev"]}
        answer = self.answer(operation)
        if answer is None:
            return {"rev": None, "status": 204}
        overlay = getattr(answer, "overlay", answer)
        if isinstance(overlay, dict):
            run, rev, status = overlay["workflow_run_id"], overlay["rev"], overlay["status"]
        else:
            run, rev, status = overlay.workflow_run_id, overlay.rev, overlay.status
        self.world.saw(run, rev)
        self.status[run] = status
        return {"rev": rev, "run": run}

    def answer(self, operation: Operation) -> Any:
        call, op = operation.call, operation.op
        at, stamp = (operation.run, "block"), {"version_stamp": operation.stamp}
        command = {"command_id": operation.command}
        snapshot = {"op": op, "words": "as written " * 20}
        if call == "get":
            return self.reviews.get(*at)
        if call == "claim":
            return self.reviews.claim(*at, ttl_seconds=operation.ttl, **stamp)
        if call == "release":
            return self.reviews.release(*at, **stamp)
        if call == "edit":
            return self.reviews.edit(*at, snapshot=snapshot, note=op, **stamp, **command)
        if call == "approve":
            return self.reviews.approve(*at, edited_output=snapshot if operation.edited else None, **stamp, **command)
        if call == "reject":
            return self.reviews.reject(*at, reason=op, **stamp, **command)
        if call == "escalate":
            return self.reviews.escalate(*at, reason=op, escalate_to=operation.escalate_to, **stamp, **command)
        if call == "invalid":
            return self.reviews.claim(*at, ttl_seconds=7, **stamp)
        if call == "assign":
            body = self.dice.choice(ASSIGNMENTS) | {"reason": op, **stamp, **command}
            return self.post(f"/{operation.run}/block/assign", body)
        if call == "reopen":
            body = {"reason": op, **stamp, **command}
            return self.post(f"/{operation.run}/block/reopen", body)
        if call == "claim-next":
            return self.post("/claim-next", {"ttl_seconds": operation.ttl}, operation.command)
        assert call == "open", call
        return self.post("", opening(operation.run, operation.content))

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        return self.retab._request("POST", f"/workflows/reviews{path}", data=body, idempotency_key=key)


def opening(run: str, content: str) -> dict[str, Any]:
    return {
        "run_id": run, "block_id": "block", "workflow_id": "wf_1", "workflow_version_id": "wfv_1", "block_type": "extract",
        "triggered_by": {"kind": "always"}, "snapshot": {"op": content},
    }  # fmt: skip


def rule(number: int, dice: random.Random) -> dict[str, Any]:
    """The rule of the policy of that number: each of the kinds in turn. What is due is so while the review is worked on."""
    finance = {"groups": ["finance"], "actors": ["user_3"]}
    two = {"required": 2, "four_eyes": True}
    kinds: list[dict[str, Any]] = [
        {"approvals": two},
        {"assign": finance | {"enforce": True}, "on_overdue": {"action": "escalate", "escalate_to": "finance"}},
        {"assign": finance | {"enforce": False}, "on_overdue": {"action": "none"}},
        {"approvals": two, "on_overdue": {"action": "escalate", "escalate_to": "legal"}},
        {"assign": finance | {"enforce": True}, "approvals": two, "on_overdue": {"action": "reject", "reason": "late"}},
        {"on_overdue": {"action": "approve"}},
        {"approvals": {"required": 2, "four_eyes": False}},
        {"assign": finance | {"enforce": False}, "approvals": two},
        {"approvals": {"required": 3, "four_eyes": False}},
    ]
    chosen = kinds[number % len(kinds)]
    if "on_overdue" in chosen:
        chosen |= {"due_in_seconds": dice.choice((60, 240)), "remind_before_seconds": [30, 15]}
    return chosen | {"priority": 100 * number}


def main() -> None:
    world, keys = World(), json.loads(os.environ["KEYS"])
    kinds = [(actor, retries) for actor in keys for retries in RETRIES]
    clients = [Client(world, number, actor, keys[actor], retries) for number, (actor, retries) in enumerate(kinds)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if POLICY_KEY:
        # Terms end claims early: so that some stand at the end, somebody of most assignments takes the last reviews.
        client = next(client for client in clients if client.actor == "user_1")
        for slot in range(SLOTS):
            client.claim_at_the_end(world.run(slot))
    world.history.close()


main()
