"""An output that is held."""

from typing import Optional

from .._wire import Duration
from ..decision import Decision
from ..models import Overlay
from .reviews import AsyncReviews


class AsyncHeld:
    def __init__(self, reviews: AsyncReviews, overlay: Overlay) -> None:
        self._reviews = reviews
        self.overlay = overlay

    @property
    def run_id(self) -> str:
        return self.overlay.workflow_run_id

    @property
    def block_id(self) -> str:
        return self.overlay.block_id

    async def wait(self, timeout: Optional[Duration] = None, *, poll: float = 5.0) -> Decision:
        """As `wait_for_decision`. `timeout` counts from when the review began to wait, also after a restart."""
        since = self.overlay.awaiting_since
        return await self._reviews.wait_for_decision(self.run_id, self.block_id, timeout=timeout, since=since, poll=poll)
