"""Webhooks, and messages: those of the product, and forged ones."""

import base64
import json
from datetime import datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

import holdpoint
from holdpoint import errors

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


def test_events_and_their_secret(connect, held, receiver):
    webhooks = connect("admin").webhooks
    webhook = webhooks.create(receiver.url, events=["review.claimed"], description="A test")
    run = held()
    connect("dana").reviews.claim(run, "extract", version_stamp=0)
    body, headers = receiver(lambda message: message["data"]["workflow_run_id"] == run)
    event = holdpoint.verify(body, headers, webhook.signing_secret)
    assert isinstance(event, holdpoint.models.Event)
    assert (event.type, event.data.workflow_run_id, event.data.actor.id) == ("review.claimed", run, "dana")
    rotated = webhooks.rotate_secret(webhook.webhook_id)
    assert rotated.signing_secret != webhook.signing_secret
    assert webhooks.test(webhook.webhook_id).event_type == "webhook.test"
    assert webhooks.enable(webhook.webhook_id).status == "enabled"
    assert webhook.webhook_id in [each.webhook_id for each in webhooks.list().data]
    assert webhooks.deliveries(webhook.webhook_id) is not None
    webhooks.delete(webhook.webhook_id)
    with pytest.raises(errors.NotFoundError):
        webhooks.enable(webhook.webhook_id)


def test_the_decision_of_a_run_that_is_called(connect, held, receiver):
    run = held(resume={"kind": "webhook", "url": receiver.url, "signing_secret": SECRET})
    connect("dana").reviews.approve(run, "extract", version_stamp=0, edited_output={"total": 7})
    decision = holdpoint.verify(*receiver(lambda message: message.get("workflow_run_id") == run), SECRET)
    assert isinstance(decision, holdpoint.Decision) and decision.snapshot == {"total": 7} and decision.decided_by.id == "dana"


def signed(body, secret=SECRET, at=None, **changed):
    at = at or datetime.now(timezone.utc)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp()))}
    return {**headers, "webhook-signature": Webhook(secret).sign("msg_1", at, body), **changed}


def test_a_test_event():
    body = json.dumps({"id": "0" * 32, "type": "webhook.test", "timestamp": "2026-05-13T08:55:00.000Z", "data": {"any": 1}})
    assert holdpoint.verify(body.encode(), signed(body), SECRET).type == "webhook.test"


OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
NOW = datetime.now(timezone.utc)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("{}", {}),
        ("{}", signed("{}")),
        ("[]", signed("[]")),
        ("{}", signed("{}", OTHER)),
        ("{} ", signed("{}")),
        ('{"verdict": "approved"}', signed('{"verdict": "approved"}')),
        ("{}", signed("{}", at=NOW - timedelta(minutes=6))),
        ("{}", signed("{}", at=NOW + timedelta(minutes=6))),
        ("{}", signed("{}", **{"webhook-signature": "garbage"})),
        ("{}", signed("{}", **{"webhook-signature": "v1,%%%"})),
        ("{}", signed("{}", **{"webhook-signature": "v1,a,b v2"})),
        ("{}", signed("{}", **{"webhook-timestamp": "9" * 400})),
        ("{}", signed("{}", **{"webhook-timestamp": "nan"})),
        (b"\xff\xfe", signed("{}")),
        ("[" * 100_000, signed("[" * 100_000)),
    ],
)
def test_what_is_forged_or_old_is_one_error(body, headers):
    with pytest.raises(errors.VerificationError):
        holdpoint.verify(body, headers, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%"])
def test_a_secret_that_is_none(secret):
    with pytest.raises(ValueError, match="signing secret"):
        holdpoint.verify("{}", signed("{}"), secret)
