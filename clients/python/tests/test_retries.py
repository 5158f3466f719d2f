"""Lost requests, lost answers and refusals: each change is carried out once."""

import httpx
import pytest
from support import Faults, lost_answer, lost_request, refusal

from holdpoint import Retry, errors

CHANGES = {
    "claim": lambda r, run: r.claim(run, "extract", version_stamp=0),
    "release": lambda r, run: r.release(run, "extract", version_stamp=0),
    "edit": lambda r, run: r.edit(run, "extract", snapshot={"total": 2}, version_stamp=0),
    "approve": lambda r, run: r.approve(run, "extract", version_stamp=0, edited_output={"total": 2}),
    "reject": lambda r, run: r.reject(run, "extract", version_stamp=0, reason="No"),
    "escalate": lambda r, run: r.escalate(run, "extract", version_stamp=0, reason="No", escalate_to="cfo"),
    "assign": lambda r, run: r.assign(run, "extract", version_stamp=0, actors=["ben"]),
}
FAULTS = {
    "lost request": lost_request,
    "lost answer": lost_answer,
    "503 before": refusal(503),
    "500 after": refusal(500, carried_out=True),
    "504 after": refusal(504, carried_out=True),
    "429": refusal(429, {"Retry-After": "1"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_made_once(connect, held, change, fault):
    undisturbed = held()
    CHANGES[change](connect("dana").reviews, undisturbed)
    disturbed = held(run=undisturbed + "-b")
    seen = Faults({0: FAULTS[fault], 1: FAULTS[fault]})
    CHANGES[change](connect("dana", seen).reviews, disturbed)
    assert len(seen.seen) == 3 and len(connect.pauses) == 2
    # The same key each time, else it would be another command.
    assert len({request.headers["idempotency-key"] for request in seen.seen}) == 1

    def state(run):
        overlay = connect("dana").reviews.get(run, "extract")
        return (overlay.rev, len(overlay.versions), [(e.event, e.rev_result) for e in overlay.audit], overlay.status)

    assert state(disturbed) == state(undisturbed)


def test_a_lost_answer_of_claim_next_claims_one(connect, held, names):
    for number in range(3):
        held(run=f"{names[0]}-{number}")
    claimed = None
    for _ in range(100):
        claimed = claimed or connect("dana", Faults({0: lost_answer})).reviews.claim_next(names[1])
    assert claimed and len(connect("dana").reviews.list(names[1], mine=True).data) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_it_gives_up(connect, held, status):
    run, seen = held(), Faults(each=refusal(status))
    with pytest.raises(errors.UnavailableError) as error:
        connect("dana", seen, retry=Retry(tries=3)).reviews.claim(run, "extract", version_stamp=0)
    assert len(seen.seen) == 3 and error.value.status == status
    with pytest.raises(errors.ConnectionFailedError):
        connect("dana", Faults(each=lost_answer), retry=Retry(tries=2)).reviews.get(run, "extract")


def test_what_no_second_try_repairs_is_asked_once(connect, held):
    seen = Faults()
    with pytest.raises(errors.NotFoundError):
        connect("dana", seen).reviews.get("none", "extract")
    assert len(seen.seen) == 1


def test_what_the_product_does_not_recognise_is_not_repeated(connect):
    seen = Faults(each=lost_answer)
    with pytest.raises(errors.ConnectionFailedError):
        connect("admin", seen).webhooks.create("http://127.0.0.1:9/hook")
    assert len(seen.seen) == 1
    for webhook in connect("admin").webhooks.list().data:
        connect("admin").webhooks.delete(webhook.webhook_id)
    assert connect("admin", Faults({0: lost_request})).webhooks.list().data == []


@pytest.mark.parametrize("value", ["3", "Wed, 21 Oct 2099 07:28:00 GMT", "-1", "soon", "9" * 400, "nan"])
def test_retry_after(connect, held, value):
    run, seen = held(), Faults({0: refusal(429, {"Retry-After": value})})
    reviews = connect("dana", seen).reviews
    if value in ("Wed, 21 Oct 2099 07:28:00 GMT", "9" * 400):
        with pytest.raises(errors.ThrottledError):
            reviews.get(run, "extract")
    else:
        assert reviews.get(run, "extract").rev == 0
        assert (3 <= connect.pauses[0] <= 3.5) if value == "3" else (0 <= connect.pauses[0] <= 0.5)


def test_pauses_grow_and_are_spread():
    pauses = [[Retry(tries=9).pause(tried, None) for _ in range(200)] for tried in range(1, 9)]
    assert all(0 <= pause <= 0.5 * 2**number for number, of_one in enumerate(pauses) for pause in of_one)
    assert max(pauses[5]) > 8 and len({round(pause, 6) for pause in pauses[3]}) > 100
    assert Retry(tries=9).pause(9, None) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"held": 1}', b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_not_ours(connect, held, body):
    def answer(request, _):
        return httpx.Response(200, content=body)

    with pytest.raises(errors.UnexpectedAnswerError):
        connect("dana", Faults(each=answer)).reviews.get("run", "extract")

    def refuse(request, _):
        return httpx.Response(418, content=body)

    with pytest.raises(errors.APIError) as error:
        connect("dana", Faults(each=refuse)).reviews.get("run", "extract")
    assert error.value.status == 418
