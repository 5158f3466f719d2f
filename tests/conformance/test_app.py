"""What the conformance scripts have in common, and nothing of what they check.

The published Python client (retab==0.0.142), sync and async behind one face, against a running Holdpoint: each script
is a list of scenarios, and `run` plays them twice and says one line per check. The server is a black box: this knows
its URL, five API keys and the wire contract, nothing else.

Environment:
    HOLDPOINT_URL    where it listens, e.g. http://127.0.0.1:8787 (`run` appends /v1)
    KEY_DANA         Dana Rivera, a human, id user_42, organization A, scopes read and review
    KEY_BEN          another human of organization A, scopes read and review
    KEY_AGENT        an agent of organization A, scopes read, review and runtime
    KEY_READER       organization A, scope read only
    KEY_OTHER_ORG    organization B, scopes read, review and runtime

The store must be empty when a script starts: it opens the reviews it needs, from the bodies in local/demo.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from retab import AsyncRetab, Retab
from retab.exceptions import APIError
from retab.types.workflows.reviews import Actor

DEMO = Path(__file__).resolve().parents[2] / "local" / "demo"
CLIENT_KEYS = ("KEY_DANA", "KEY_BEN", "KEY_AGENT", "KEY_READER", "KEY_OTHER_ORG")
KEY_NAMES = (*CLIENT_KEYS, "KEY_ADMIN")
UNKNOWN_KEY = "hp_" + "0aZ-9bY_" * 5
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PATIENCE_SECONDS = 30.0


# --- The two flavours behind one face ---------------------------------------------------------------------------------


class Reviews:
    """`client.workflows.reviews` of either flavour: every method is awaited, a blocking one in a thread."""

    def __init__(self, client: Retab | AsyncRetab) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client.workflows.reviews, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            if inspect.iscoroutinefunction(method):
                return await method(*args, **kwargs)
            return await asyncio.to_thread(method, *args, **kwargs)

        return call

    async def close(self) -> None:
        closing = self._client.close()
        if inspect.isawaitable(closing):
            await closing


@dataclass
class Tally:
    """What both flavours share: the count of checks, and which reviews the store must hold by now."""

    checks: int = 0
    opened_in_a: set[str] = field(default_factory=set)
    opened_in_b: set[str] = field(default_factory=set)


@dataclass
class World:
    """One flavour's view of the server: a client per key, and plain HTTP for what the client does not show."""

    flavour: str
    keys: dict[str, str]
    http: httpx.AsyncClient
    tally: Tally
    clients: list[Reviews] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dana, self.ben, self.agent, self.reader, self.other = (self.holding(self.keys[name]) for name in CLIENT_KEYS)

    def holding(self, key: str) -> Reviews:
        """The reviews of a new client that holds this API key."""
        flavour = {"sync": Retab, "async": AsyncRetab}[self.flavour]
        reviews = Reviews(flavour(api_key=key, base_url=str(self.http.base_url), timeout=PATIENCE_SECONDS))
        self.clients.append(reviews)
        return reviews

    def fresh(self, word: str) -> str:
        """An identifier no other flavour uses."""
        return f"{word}.{self.flavour}"

    def check(self, sentence: str, got: Any, expected: Any) -> None:
        assert got == expected, f"[{self.flavour}] {sentence}\n{difference(got, expected)}"
        self.tally.checks += 1
        print(f"ok  {self.flavour}: {sentence}", flush=True)

    async def check_refused(
        self, sentence: str, call: Awaitable[Any], kind: type[APIError], status: int, code: str
    ) -> APIError:
        """Checks that the call raises this exception, with all a person needs to act on, and returns it."""
        try:
            answer = await call
        except APIError as error:
            got = {
                "exception": type(error).__name__,
                "status_code": error.status_code,
                "code": error.code,
                # Without a message in the body, the client makes one up that starts like this.
                "message": error.message if error.message.startswith("Request failed") else bool(error.message.strip()),
                "request_id": bool(error.request_id),
            }
            expected = {
                "exception": kind.__name__,
                "status_code": status,
                "code": code,
                "message": True,
                "request_id": True,
            }
            self.check(sentence, got, expected)
            return error
        raise AssertionError(f"[{self.flavour}] {sentence}\n  expected: {kind.__name__}\n  got:      {answer!r}")

    def check_error(self, sentence: str, answer: httpx.Response, status: int, code: str) -> Any:
        """Checks that an answer without the client is this error, in the one shape of errors; returns its details."""
        try:
            body = answer.json()
        except ValueError:
            body = answer.text
        detail = body.get("detail") if isinstance(body, dict) else None
        detail = detail if isinstance(detail, dict) else {}
        got = {
            "status": answer.status_code,
            "code": detail.get("code"),
            "message": bool(str(detail.get("message") or "").strip()),
            "shape": sorted(detail) if detail else body,
            "request_id": bool(answer.headers.get("x-request-id")),
        }
        shape = ["code", "details", "message"]
        self.check(sentence, got, {"status": status, "code": code, "message": True, "shape": shape, "request_id": True})
        return detail["details"]

    async def fetch(self, path: str, key: str, **params: Any) -> httpx.Response:
        """A GET without the client."""
        return await self.http.get(path, headers={"Api-Key": self.keys[key]}, params=params)

    async def delete(self, path: str, key: str) -> httpx.Response:
        """A DELETE without the client."""
        return await self.http.delete(path, headers={"Api-Key": self.keys[key]})

    async def post(self, path: str, key: str, body: dict[str, Any] | str, **headers: str) -> httpx.Response:
        """A POST without the client, in the client's own spelling; a text goes out as it is, digit by digit."""
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Api-Key": self.keys[key], "Content-Type": "application/json"}
        return await self.http.post(path, headers=named, content=text.encode())

    async def upload(self, content: bytes, key: str) -> str:
        """A document, uploaded; its id."""
        announced = {"filename": "order.pdf", "mime_type": "application/pdf", "size": len(content)}
        announced["sha256"] = hashlib.sha256(content).hexdigest()
        answer = await self.post("documents", key, announced)
        assert answer.status_code == 201, f"documents: expected 201, got {answer.status_code} {answer.text}"
        to = answer.json()["upload"]
        # Not with our key, nor at our base URL: it goes to S3.
        async with httpx.AsyncClient() as s3:
            put = await s3.request(to["method"], to["url"], headers=to["headers"], content=content)
        assert put.status_code == 200, f"upload: expected 200, got {put.status_code} {put.text}"
        return answer.json()["document_id"]

    async def post_open(self, text: str, key: str) -> httpx.Response:
        """The gate's own call, which the client does not have."""
        return await self.post("workflows/reviews", key, text)

    async def open(self, demo: str, key: str = "KEY_AGENT", **changes: Any) -> Opened:
        """Opens a new review from a demo body with some of its fields changed; it must not be there yet."""
        opened = Opened(restamped((DEMO / demo).read_text("utf-8"), **changes))
        # Some demo bodies ask the gate, which opens the review if its predicate fires: what fired is why the review is there.
        asks = "predicate" in opened.body
        answer = await (self.post("workflows/gate", key, opened.text) if asks else self.post_open(opened.text, key))
        assert answer.status_code == 201, f"open {opened.id}: expected 201, got {answer.status_code} {answer.text}"
        opened.overlay = answer.json()["overlay"] if asks else answer.json()
        (self.tally.opened_in_b if key == "KEY_OTHER_ORG" else self.tally.opened_in_a).add(opened.id)
        return opened

    async def actor(self, key: str) -> Actor:
        """Who the server says holds this key. Looked up once, with a claim on a review opened for it."""
        if key not in self.actors:
            opened = await self.open("receipt-extract.json", run_id=self.fresh(f"run_who_{key.lower()}"), priority=-9)
            answer = await self.post(f"{opened.path}/claim", key, {"version_stamp": 0})
            assert answer.status_code == 200, f"claim {opened.id}: expected 200, got {answer.status_code} {answer.text}"
            self.actors[key] = Actor.model_validate(answer.json()["claim"]["holder"])
        return self.actors[key]

    async def close(self) -> None:
        for client in self.clients:
            await client.close()


@dataclass
class Opened:
    """A review this script opened: the text it sent, and the overlay that came back."""

    text: str
    overlay: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.text)

    @property
    def at(self) -> tuple[str, str]:
        """Run and block, as every call of the client takes them."""
        return self.body["run_id"], self.body["block_id"]

    @property
    def id(self) -> str:
        return ":".join(self.at)

    @property
    def path(self) -> str:
        return "workflows/reviews/" + "/".join(self.at)


# --- Small tools ------------------------------------------------------------------------------------------------------


def difference(got: Any, expected: Any) -> str:
    """What was expected and what came; of two objects only the members that differ."""
    if isinstance(got, dict) and isinstance(expected, dict):
        names = [name for name in got | expected if got.get(name, "(absent)") != expected.get(name, "(absent)")]
        got = {name: got.get(name, "(absent)") for name in names}
        expected = {name: expected.get(name, "(absent)") for name in names}
    return f"  expected: {expected!r}\n  got:      {got!r}"


def restamped(text: str, **changes: Any) -> str:
    """A demo body with top-level scalars replaced in the text itself, so that the snapshot stays as it is written."""
    for name, value in changes.items():
        line = re.compile(rf'^(  "{name}": ).*?(,?)$', re.MULTILINE)
        text, count = line.subn(lambda found, value=value: f"{found[1]}{json.dumps(value)}{found[2]}", text)
        assert count == 1, f"expected one top-level {name!r} in the demo body, got {count}"
    return text


def as_written(text: str) -> Any:
    """JSON with nothing lost: members in the order they were written, numbers as their digits."""

    def number(digits: str) -> tuple[str, str]:
        return ("number", digits)

    return json.loads(text, parse_int=number, parse_float=number, object_pairs_hook=lambda pairs: ("object", pairs))


def member(written: Any, *path: str | int) -> Any:
    """One value deep inside what `as_written` returned."""
    for step in path:
        written = written[step] if isinstance(step, int) else dict(written[1])[step]
    return written


def canonical(value: Any) -> str:
    """RFC 8785: names sorted by UTF-16, every number the shortest that reads back as the same double."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return shortest(float(value))
    return json.dumps(value, ensure_ascii=False)


def shortest(number: float) -> str:
    """A double as ECMAScript writes it (ECMA-262, Number::toString), which is what RFC 8785 asks for."""
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if len(text) <= point <= 21:
        text = text.ljust(point, "0")
    elif 0 < point <= 21:
        text = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        text = f"{text[0]}{'.' * (len(text) > 1)}{text[1:]}e{point - 1:+d}"
    return "-" * sign + text


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def ids(page: Any) -> list[str]:
    return [row.id for row in page.data]


def faulty_fields(error: APIError) -> list[str]:
    """The field each validation fault names, sorted; each fault must have a code and a message too."""
    faults = (error.details or {}).get("errors") or []
    for fault in faults:
        assert fault.get("code") and fault.get("message"), f"expected a code and a message, got {fault!r}"
    locations = [fault["loc"] for fault in faults]
    return sorted(loc[-1] if isinstance(loc, list) else loc.rsplit(".", 1)[-1] for loc in locations)


# --- Running a script -------------------------------------------------------------------------------------------------


def run(title: str, scenarios: Sequence[Callable[[World], Awaitable[None]]]) -> None:
    """Plays the scenarios with both flavours of the client, one after the other, and says how many checks passed."""
    missing = [name for name in ("HOLDPOINT_URL", *KEY_NAMES) if not os.environ.get(name)]
    if missing:
        sys.exit(f"{title}: set {', '.join(missing)} (see the top of test_app.py)")
    if not __debug__:
        sys.exit(f"{title}: python -O would skip every check")
    print(f"{title}: {asyncio.run(play(scenarios))} checks passed")


async def play(scenarios: Sequence[Callable[[World], Awaitable[None]]]) -> int:
    tally = Tally()
    keys = {name: os.environ[name] for name in KEY_NAMES}
    base_url = os.environ["HOLDPOINT_URL"].rstrip("/") + "/v1/"
    async with httpx.AsyncClient(base_url=base_url, timeout=PATIENCE_SECONDS) as http:
        for flavour in ("sync", "async"):
            world = World(flavour, keys, http, tally)
            try:
                if flavour == "sync":
                    for name, reviews in (("A", world.dana), ("B", world.other)):
                        world.check(f"the store starts empty for organization {name}", ids(await reviews.list()), [])
                for scenario in scenarios:
                    print(f"--  {flavour}: {scenario.__name__.replace('_', ' ')}", flush=True)
                    await scenario(world)
            finally:
                await world.close()
    return tally.checks
