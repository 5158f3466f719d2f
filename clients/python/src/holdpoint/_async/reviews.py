"""Reviews: the calls of the published client under the same names, and all others."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from .._wire import Duration, call, ends_at
from ..decision import Decision
from ..errors import ConnectionFailedError, DecisionSupersededError, NotFoundError, ThrottledError, UnavailableError, WaitTimeoutError
from ..models import Acknowledged, AuditEntry, AuditPage, Comment, Decided, Evidence, Gated, OutputVersion, Overlay, QueuePage, RunDecision
from . import tools

if TYPE_CHECKING:
    from .client import AsyncHoldpoint

AT = ("workflows", "reviews")


class AsyncReviews:
    """Each change sends `version_stamp`, the `rev` that you have read, and is retried with a key, so that it is carried out once."""

    def __init__(self, client: "AsyncHoldpoint") -> None:
        self._client = client

    async def list(
        self,
        workflow_id: Optional[str] = None,
        status: str = "awaiting_review",
        mine: bool = False,
        limit: int = 50,
        *,
        assigned: Optional[str] = None,
        overdue: Optional[bool] = None,
        cursor: Optional[str] = None,
    ) -> QueuePage:
        query = {"workflow_id": workflow_id, "status": status, "mine": mine, "limit": limit, "assigned": assigned, "overdue": overdue}
        return await self._client.ask(call("GET", *AT, query={**query, "cursor": cursor}), QueuePage)

    async def get(self, run_id: str, block_id: str) -> Overlay:
        return await self._client.ask(call("GET", *AT, run_id, block_id), Overlay)

    async def version(self, run_id: str, block_id: str, seq: int) -> OutputVersion:
        return await self._client.ask(call("GET", *AT, run_id, block_id, "versions", str(seq)), OutputVersion)

    async def evidence(self, run_id: str, block_id: str) -> Evidence:
        return await self._client.ask(call("GET", *AT, run_id, block_id, "evidence"), Evidence)

    async def document(self, run_id: str, block_id: str, document_id: str) -> bytes:
        """The document that the review names so."""
        answer = await self._client.send(call("GET", *AT, run_id, block_id, "documents", document_id))
        return await self._client.fetch(answer.headers.get("location", ""))

    async def audit(self, run_id: str, block_id: str) -> AsyncIterator[AuditEntry]:
        """The whole audit trail, newest first."""
        cursor: Optional[str] = None
        while True:
            asked = call("GET", *AT, run_id, block_id, "audit", query={"cursor": cursor, "limit": 200})
            page = await self._client.ask(asked, AuditPage)
            for entry in page.data:
                yield entry
            cursor = page.next_cursor
            if not cursor:
                return

    async def open(self, run_id: str, block_id: str, **content: Any) -> Overlay:
        """Opens a review; `content` has the other fields of the call. The same content again is the same review."""
        return await self._client.ask(call("POST", *AT, body={"run_id": run_id, "block_id": block_id, **content}), Overlay)

    async def gate(self, run_id: str, block_id: str, **content: Any) -> Gated:
        """Asks the gate, and says what it found. `Holdpoint.gate` uploads documents, too."""
        return await self._client.ask(call("POST", "workflows", "gate", body={"run_id": run_id, "block_id": block_id, **content}), Gated)

    async def claim_next(self, workflow_id: Optional[str] = None, *, ttl_seconds: int = 900) -> Optional[Overlay]:
        """The next free review, claimed; none if there is none."""
        asked = call("POST", *AT, "claim-next", body={"workflow_id": workflow_id, "ttl_seconds": ttl_seconds}, keyed=True)
        return await self._client.ask_or_none(asked, Overlay)

    async def claim(self, run_id: str, block_id: str, *, version_stamp: int, ttl_seconds: int = 900) -> Overlay:
        return await self._change(run_id, block_id, "claim", {"version_stamp": version_stamp, "ttl_seconds": ttl_seconds})

    async def release(self, run_id: str, block_id: str, *, version_stamp: int) -> Overlay:
        return await self._change(run_id, block_id, "release", {"version_stamp": version_stamp})

    async def edit(
        self,
        run_id: str,
        block_id: str,
        *,
        snapshot: Mapping[str, Any],
        version_stamp: int,
        origin: Optional[str] = None,
        note: Optional[str] = None,
        command_id: Optional[str] = None,
    ) -> Overlay:
        """Appends a version. `origin` follows from who calls."""
        body = {"snapshot": dict(snapshot), "version_stamp": version_stamp, "origin": origin, "note": note, "command_id": command_id}
        return await self._change(run_id, block_id, "versions", body)

    async def approve(
        self,
        run_id: str,
        block_id: str,
        *,
        version_stamp: int,
        edited_output: Optional[Mapping[str, Any]] = None,
        on_seq: Optional[int] = None,
        effective_seq: Optional[int] = None,
        reason: Optional[str] = None,
        command_id: Optional[str] = None,
    ) -> Decided:
        edited = None if edited_output is None else dict(edited_output)
        body = {"version_stamp": version_stamp, "edited_output": edited, "on_seq": on_seq, "effective_seq": effective_seq}
        return await self._decide(run_id, block_id, {"verdict": "approved", **body, "reason": reason, "command_id": command_id})

    async def reject(self, run_id: str, block_id: str, *, version_stamp: int, reason: str, command_id: Optional[str] = None) -> Decided:
        body = {"verdict": "rejected", "version_stamp": version_stamp, "reason": reason, "command_id": command_id}
        return await self._decide(run_id, block_id, body)

    async def escalate(
        self, run_id: str, block_id: str, *, version_stamp: int, reason: str, escalate_to: str, command_id: Optional[str] = None
    ) -> Decided:
        body = {"version_stamp": version_stamp, "reason": reason, "escalate_to": escalate_to, "command_id": command_id}
        return await self._decide(run_id, block_id, {"verdict": "escalated", **body})

    async def assign(
        self,
        run_id: str,
        block_id: str,
        *,
        version_stamp: int,
        groups: Optional[Sequence[str]] = None,
        actors: Optional[Sequence[str]] = None,
        reason: Optional[str] = None,
        command_id: Optional[str] = None,
    ) -> Overlay:
        body = {"version_stamp": version_stamp, "groups": groups, "actors": actors, "reason": reason, "command_id": command_id}
        return await self._change(run_id, block_id, "assign", body)

    async def comment(
        self, run_id: str, block_id: str, *, text: str, mentions: Optional[Sequence[str]] = None, command_id: Optional[str] = None
    ) -> Comment:
        """Adds a comment, also to a decided review; `rev` stays. `mentions` are ids of members."""
        body = {"text": text, "mentions": mentions, "command_id": command_id}
        return await self._client.ask(call("POST", *AT, run_id, block_id, "comments", body=body, keyed=True), Comment)

    async def reopen(
        self,
        run_id: str,
        block_id: str,
        *,
        version_stamp: int,
        reason: Optional[str] = None,
        force: Optional[bool] = None,
        command_id: Optional[str] = None,
    ) -> Overlay:
        """Opens a decided review again; with `force` also one whose run has its decision."""
        body = {"version_stamp": version_stamp, "reason": reason, "force": force, "command_id": command_id}
        return await self._change(run_id, block_id, "reopen", body)

    async def resume(self, run_id: str, block_id: str, *, version_stamp: int) -> Overlay:
        """Tries a failed callback again, once a minute."""
        return await self._client.ask(call("POST", *AT, run_id, block_id, "resume", body={"version_stamp": version_stamp}), Overlay)

    async def decision(self, run_id: str, block_id: str) -> RunDecision:
        """What the run sees that opened the review."""
        return await self._client.ask(call("GET", *AT, run_id, block_id, "decision"), RunDecision)

    async def acknowledge(self, run_id: str, block_id: str, decision_id: str) -> Acknowledged:
        """Says that the run has its decision: from now on the review is reopened only with force."""
        return await self._client.ask(call("POST", *AT, run_id, block_id, "acknowledge", body={"decision_id": decision_id}), Acknowledged)

    async def wait_for(self, run_id: str, block_id: str, *, timeout: float = 120.0, poll_interval: float = 2.0) -> Overlay:
        """Waits until the review is there and awaits somebody. Raises `WaitTimeoutError`."""
        ends = ends_at(timeout, None)
        while True:
            try:
                overlay = await self.get(run_id, block_id)
                if overlay.status == "awaiting_review":
                    return overlay
            except NotFoundError:
                pass
            await self._pause(ends, poll_interval, run_id, block_id)

    async def wait_for_decision(
        self, run_id: str, block_id: str, *, timeout: Optional[Duration] = None, since: Optional[datetime] = None, poll: float = 5.0
    ) -> Decision:
        """Waits for the decision of a review that was opened with `resume` of the kind `poll`, acknowledges it and returns it.

        All that must survive a restart is `run_id` and `block_id`: called again, it returns the same decision. Outages do not end it.
        `timeout` counts from `since`, by default from now; `poll` is the longest pause, in seconds. Raises `WaitTimeoutError`.
        """
        ends, pause = ends_at(timeout, since), min(1.0, poll)
        etag: Optional[str] = None
        while True:
            try:
                answer = await self._client.send(call("GET", *AT, run_id, block_id, "decision", etag=etag))
                if answer.status_code != 304:
                    payload = self._client.read(answer, RunDecision).decision
                    # With the tag of a decision that could not be acknowledged, the next answer would be that nothing is new.
                    etag = answer.headers.get("etag") if payload is None else None
                    if payload is not None:
                        if payload.effective_seq is not None and payload.snapshot is None:
                            payload.snapshot = (await self.version(run_id, block_id, payload.effective_seq)).snapshot
                        await self.acknowledge(run_id, block_id, payload.decision_id)
                        return Decision(payload)
            except (DecisionSupersededError, ConnectionFailedError, ThrottledError, UnavailableError):
                # Reopened meanwhile, or an outage: the review keeps whatever is decided.
                etag = None
            await self._pause(ends, pause, run_id, block_id)
            pause = min(pause * 1.5, poll)

    async def _pause(self, ends: float, pause: float, run_id: str, block_id: str) -> None:
        left = ends - time.time()
        if left <= 0:
            raise WaitTimeoutError(f"no decision in time of {run_id} {block_id}")
        await tools.sleep(min(pause, left))

    async def _change(self, run_id: str, block_id: str, what: str, body: "dict[str, Any]") -> Overlay:
        return await self._client.ask(call("POST", *AT, run_id, block_id, what, body=body, keyed=True), Overlay)

    async def _decide(self, run_id: str, block_id: str, body: "dict[str, Any]") -> Decided:
        return await self._client.ask(call("POST", *AT, run_id, block_id, "decision", body=body, keyed=True), Decided)


class AsyncRuns:
    def __init__(self, reviews: AsyncReviews) -> None:
        self.reviews = reviews


class AsyncWorkflows:
    """`workflows.reviews`, as the published client has it, and `workflows.runs.reviews`, as the reference's pages do."""

    def __init__(self, reviews: AsyncReviews) -> None:
        self.reviews = reviews
        self.runs = AsyncRuns(reviews)
