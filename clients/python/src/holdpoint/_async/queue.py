"""Reviews one after another, for agents and for people's own tools."""

import contextlib
import copy
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Callable, Optional, TypeVar, Union

from .._wire import Duration, seconds
from ..errors import APIError, HoldpointError, VersionConflictError
from ..models import Decided, Evidence, Overlay
from . import tools
from .reviews import AsyncReviews

T = TypeVar("T")
Snapshot = Mapping[str, Any]
# A claim that comes or ends changes nothing of what a reviewer has read.
OF_CLAIMS = ("claimed", "released", "claim_expired")


class AsyncTask:
    """A review that is yours. Its claim is renewed in the background; each change sends the stamp of what you have seen."""

    def __init__(self, reviews: AsyncReviews, overlay: Overlay, ttl: int, hold: Duration) -> None:
        self._reviews, self._ttl = reviews, ttl
        self._me = overlay.claim.holder.id if overlay.claim else ""
        self._until = time.monotonic() + seconds(hold)
        self._lock = tools.Lock()
        self.overlay = overlay
        self.done = False
        self._renewing = tools.Repeating(ttl / 3, self._renew)

    @property
    def run_id(self) -> str:
        return self.overlay.workflow_run_id

    @property
    def block_id(self) -> str:
        return self.overlay.block_id

    @property
    def snapshot(self) -> "dict[str, Any]":
        """The newest version of the output: a copy."""
        return copy.deepcopy(self.overlay.versions[-1].snapshot)

    async def evidence(self) -> Evidence:
        return await self._reviews.evidence(self.run_id, self.block_id)

    async def approve(
        self, *, edit: Union[Snapshot, Callable[["dict[str, Any]"], Snapshot], None] = None, reason: Optional[str] = None
    ) -> Decided:
        """Approves the newest version, or what `edit` makes of it: a function of the output, or the whole output."""
        edited = edit(self.snapshot) if callable(edit) else edit
        if edited == self.overlay.versions[-1].snapshot:
            edited = None
        return await self._finish(
            lambda stamp: self._reviews.approve(self.run_id, self.block_id, version_stamp=stamp, edited_output=edited, reason=reason)
        )

    async def reject(self, reason: str) -> Decided:
        return await self._finish(lambda stamp: self._reviews.reject(self.run_id, self.block_id, version_stamp=stamp, reason=reason))

    async def escalate(self, to: str, reason: str) -> Decided:
        return await self._finish(
            lambda stamp: self._reviews.escalate(self.run_id, self.block_id, version_stamp=stamp, reason=reason, escalate_to=to)
        )

    async def edit(self, snapshot: Snapshot, note: Optional[str] = None) -> Overlay:
        """Appends a version; the review stays yours."""
        async with self._lock:
            self.overlay = await self._stamped(
                lambda stamp: self._reviews.edit(self.run_id, self.block_id, version_stamp=stamp, snapshot=snapshot, note=note)
            )
            return self.overlay

    async def release(self) -> None:
        """Gives the review back to the queue."""
        async with self._lock:
            self._renewing.stop()
            if not self.done:
                self.done = True
                self.overlay = await self._stamped(lambda stamp: self._reviews.release(self.run_id, self.block_id, version_stamp=stamp))

    def set_aside(self) -> None:
        """Stops renewing. The claim ends by itself."""
        self._renewing.stop()

    async def _finish(self, decide: Callable[[int], tools.Later[Decided]]) -> Decided:
        async with self._lock:
            decided = await self._stamped(decide)
            self._renewing.stop()
            self.overlay, self.done = decided.overlay, True
            return decided

    async def _stamped(self, change: Callable[[int], tools.Later[T]]) -> T:
        try:
            return await change(self.overlay.rev)
        except VersionConflictError as error:
            # The answer to a renewal got lost: what stands there since is our own claim, and nothing to look at.
            mine = [e.event == "claim_expired" or (e.event == "claimed" and e.actor.id == self._me) for e in error.changes]
            if not mine or not all(mine) or len(mine) != error.rev - self.overlay.rev:
                raise
            return await change(error.rev)

    async def _renew(self) -> bool:
        async with self._lock:
            if self.done or time.monotonic() > self._until:
                return False
            try:
                stamp = self.overlay.rev
                self.overlay = await self._reviews.claim(self.run_id, self.block_id, version_stamp=stamp, ttl_seconds=self._ttl)
            except APIError:
                # Somebody else has changed it: the next change of the task's user says what.
                return False
            except HoldpointError:
                pass
            return True


async def tasks(
    reviews: AsyncReviews, workflow_id: Optional[str], ttl: int, hold: Duration, follow: bool, poll: float
) -> AsyncIterator[AsyncTask]:
    """See `Holdpoint.queue`."""
    left: dict[str, int] = {}
    aside: dict[str, AsyncTask] = {}
    task: Optional[AsyncTask] = None
    try:
        while True:
            overlay = await reviews.claim_next(workflow_id, ttl_seconds=ttl)
            if overlay is None:
                if not follow:
                    return
                await tools.sleep(poll)
                continue
            task = AsyncTask(reviews, overlay, ttl, hold)
            if not _is_as_left(overlay, left):
                yield task
            # It may come again, escalated or undecided: it is kept until the end, so that those behind it come, too.
            if not task.done:
                task.set_aside()
                aside[overlay.block_run_id] = task
            left[overlay.block_run_id] = task.overlay.rev
            task = None
    finally:
        for each in [*aside.values(), *([task] if task else [])]:
            with contextlib.suppress(HoldpointError):
                await each.release()


def _is_as_left(overlay: Overlay, left: "dict[str, int]") -> bool:
    """Whether nothing has happened since this loop had it, other than claims."""
    before = left.get(overlay.block_run_id)
    return before is not None and not any(e.rev_observed >= before and e.event not in OF_CLAIMS for e in overlay.audit)
