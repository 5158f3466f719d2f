"""What can go wrong, by the codes of the API."""

from typing import Any, Optional

from pydantic import ValidationError

from . import _json
from .models import Claim, ConflictDetails


class HoldpointError(Exception):
    """The base of all errors of this package."""


class ConnectionFailedError(HoldpointError):
    """No answer, after all tries. Whether the product has carried the call out is not known; to repeat it is safe."""


class UnexpectedAnswerError(HoldpointError):
    """An answer that is none of Holdpoint's: perhaps the URL is another server's."""


class VerificationError(HoldpointError):
    """A message that was not signed with this secret, is older than five minutes, or is no event and no decision."""


class WaitTimeoutError(HoldpointError, TimeoutError):
    """Nobody has decided in time. The review is still open; wait again whenever you like."""


class RejectedError(HoldpointError):
    """The output was rejected, so there is none to go on with; `reason` says why."""

    def __init__(self, reason: Optional[str]) -> None:
        self.reason = reason
        super().__init__(f"rejected: {reason}")


class APIError(HoldpointError):
    """An answer that says no: `status` (HTTP), `code`, `message`, `details`, and `request_id`, which is in the product's log, too."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any], request_id: Optional[str]) -> None:
        self.status, self.code, self.message, self.details, self.request_id = status, code, message, details, request_id
        super().__init__(f"{status} {code}: {message}")


class UnauthenticatedError(APIError):
    """401: the key is missing, revoked or expired."""


class ForbiddenError(APIError):
    """403: the key lacks the scope `details["scope"]`, or somebody else must do it (`not_assigned`, `own_version`)."""


class NotFoundError(APIError):
    """404: it does not exist, or belongs to others."""


class ConflictError(APIError):
    """409: the state does not allow it; `code` says why."""


class VersionConflictError(ConflictError):
    """409 `version_conflict`: others were faster. `rev` is the current stamp, `changes` are the audit entries since yours, newest last."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any], request_id: Optional[str]) -> None:
        super().__init__(status, code, message, details, request_id)
        self.rev: int = details.get("rev", 0)
        try:
            # A policy's conflict has the rev alone.
            self.conflict: Optional[ConflictDetails] = ConflictDetails.model_validate(details)
        except ValidationError:
            self.conflict = None
        self.changes = self.conflict.changes if self.conflict else []
        self.claim: Optional[Claim] = self.conflict.claim if self.conflict else None

    def __str__(self) -> str:
        since = "; ".join(f"{entry.event} by {entry.actor.display_name} at {entry.at:%Y-%m-%d %H:%M:%S}Z" for entry in self.changes)
        return f"{super().__str__()} (rev is {self.rev}{'; since then: ' + since if since else ''})"


class ReviewNotOpenError(ConflictError):
    """409 `review_not_open`: it is decided."""


class ReviewExistsError(ConflictError):
    """409 `review_exists`: run and block have a review with other content; `differs` names the fields."""

    @property
    def differs(self) -> list[str]:
        return [str(name) for name in self.details.get("differs", [])]


class CommandIdReusedError(ConflictError):
    """409 `command_id_reused`: the id was used for another request."""


class ClaimEndedError(ConflictError):
    """409 `claim_ended`: the claim that this key took has ended."""


class DecisionSupersededError(ConflictError):
    """409 `decision_superseded`: the review was reopened; read it again."""


class TooLargeError(APIError):
    """413: `details` has the limit and the size."""


class InvalidError(APIError):
    """422: `errors` has all that is wrong, each with `loc`, `code` and `message`."""

    @property
    def errors(self) -> list[dict[str, Any]]:
        return list(self.details.get("errors", []))

    def __str__(self) -> str:
        return super().__str__() + "".join(f"\n  {'.'.join(each['loc'])}: {each['message']}" for each in self.errors)


class OutputInvalidError(InvalidError):
    """422 `output_invalid`: the policy asks that the output fits its schema; `details["violations"]` says where it does not."""


class ThrottledError(APIError):
    """429, after all tries."""


class UnavailableError(APIError):
    """5xx, after all tries. What was carried out is not repeated."""


_BY_STATUS = {
    401: UnauthenticatedError, 403: ForbiddenError, 404: NotFoundError, 409: ConflictError, 413: TooLargeError, 422: InvalidError,
    429: ThrottledError,
}  # fmt: skip
_BY_CODE = {
    "version_conflict": VersionConflictError, "review_not_open": ReviewNotOpenError, "review_exists": ReviewExistsError,
    "command_id_reused": CommandIdReusedError, "claim_ended": ClaimEndedError, "decision_superseded": DecisionSupersededError,
    "output_invalid": OutputInvalidError,
}  # fmt: skip


def error_of(status: int, body: bytes, request_id: Optional[str]) -> APIError:
    """The error that an answer is, also one of a gateway, which has a body of its own or none."""
    try:
        detail = _json.loads(body)["detail"]
        code, message, details = str(detail["code"]), str(detail["message"]), detail.get("details") or {}
    except (ValueError, KeyError, TypeError, RecursionError):
        code, message, details = "http", "an answer that is not Holdpoint's own", {}
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or (UnavailableError if status >= 500 else APIError)
    return kind(status, code, message, details if isinstance(details, dict) else {}, request_id)
