"""What a waiting run gets."""

from dataclasses import dataclass, field
from typing import Any, Optional

from .errors import RejectedError
from .models import Actor, ResumePayload


@dataclass(frozen=True)
class Decision:
    """A decision. `decision_id` is the same however often it is read: keep it with what you do, and you never do it twice."""

    payload: ResumePayload = field(repr=False)

    @property
    def decision_id(self) -> str:
        return self.payload.decision_id

    @property
    def verdict(self) -> str:
        return self.payload.verdict

    @property
    def approved(self) -> bool:
        return self.payload.verdict == "approved"

    @property
    def reason(self) -> Optional[str]:
        return self.payload.reason

    @property
    def decided_by(self) -> Actor:
        return self.payload.decided_by

    @property
    def snapshot(self) -> dict[str, Any]:
        """The approved output. Raises `RejectedError` if it was rejected: nothing goes on with an output that nobody approved."""
        if not self.approved:
            raise RejectedError(self.payload.reason)
        if self.payload.snapshot is None:
            raise LookupError(f"too large for a call: read it from {self.payload.snapshot_url}")
        return self.payload.snapshot
