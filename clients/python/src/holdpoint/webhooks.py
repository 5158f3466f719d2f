"""Messages of Holdpoint: events of your webhooks, and decisions at the URL that a review was opened with."""

from collections.abc import Mapping
from typing import Any, Union

from pydantic import ValidationError
from standardwebhooks import Webhook

from . import _json
from .decision import Decision
from .errors import VerificationError
from .models import Event, ResumePayload


class TestEvent(Event):
    """The event of `webhooks.test`: about no review."""

    __test__ = False
    data: Any


def verify(body: Union[bytes, str], headers: Mapping[str, str], secret: str) -> Union[Event, Decision]:
    """The event or the decision of a message, if it was signed with the secret in the last five minutes.

    `body` is what came, not JSON that was parsed. A message may come twice, with the same `webhook-id`. Raises `VerificationError`.
    """
    try:
        webhook = Webhook(secret)
    except Exception:
        raise ValueError("not a signing secret (whsec_ and base64)") from None
    try:
        webhook.verify(body, dict(headers))
        read = _json.loads(body)
        message = read if isinstance(read, dict) else {}
        if "verdict" in message:
            return Decision(ResumePayload.model_validate(message))
        return (TestEvent if message.get("type") == "webhook.test" else Event).model_validate(message)
    except ValidationError:
        raise VerificationError("neither an event nor a decision") from None
    except Exception:
        # What a header or a body of a stranger makes the library raise is one answer.
        raise VerificationError("not signed with this secret, or not in the last five minutes") from None
