"""The whole review: every method of `client.workflows.reviews`, unmodified, against a running Holdpoint.

Corrects, approves, rejects, escalates, reopens, takes the next one, and compares what comes back field by field with
what was sent, with `Retab` and with `AsyncRetab`. Calls of ours that the client does not have go out over plain HTTP.
What it needs to run (a URL, five API keys, an empty store) is written at the top of test_app.py.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
from test_app import (
    DEMO,
    TIMESTAMP,
    Opened,
    Reviews,
    World,
    as_written,
    canonical,
    faulty_fields,
    ids,
    member,
    run,
    sha256,
)
from retab.exceptions import ConflictError, NotFoundError, PermissionDeniedError, ValidationError
from retab.types.workflows.reviews import Actor, ReviewOverlay, SubmitDecisionResponse

CLAIM_NEXT = "workflows/reviews/claim-next"
LIST = "workflows/reviews"

CORRECTED = {
    "supplier": "Bäckerei Größenwahn & Söhne — 株式会社 \U0001f9fe",
    "total": 1204.5,
    "lines": [{"text": "Brötchen", "quantity": 12, "price": 0.35}, {"text": "", "quantity": 0, "price": None}],
    "checked": {"by_hand": True, "remarks": [], "deeper": {"and_deeper": [[1], [2, [3]]]}},
}

# Key order, digits and spelling are this text's own: nothing here survives a trip through floats or sorted maps.
DIGITS = (
    '{"zeta": 12345678901234567890.123456789, "alpha": 123456789012345678901234567890, "-0": -0.0, "0": -0,'
    ' "one": 1.0, "padded": 1.500, "exponent": 1E+2, "small": 1e-7, "tiny": 0.000001, "big": 1e21, "huge": 1.5e300,'
    ' "third": 0.333333333333333333333333333333, "more_than_2_53": 9007199254740993,'
    ' "ключ": "Ω≈ç√ 漢字 \U0001f600 é", "escaped": "\\u00e9\\ud83d\\ude00\\u0000\\b\\f\\n\\r\\t\\"\\\\\\/\\u2028\\u007f",'
    ' "": {"": []}, "nested": [[[[{"b": 1, "a": {"d": [null, true, false], "c": {}}}]]]], "10": 1, "9": 2}'
)


# --- What every write must leave behind -------------------------------------------------------------------------------


def kept(overlay: ReviewOverlay, *changed: str) -> dict[str, Any]:
    """All of an overlay but what a write is allowed to change."""
    return overlay.model_dump(exclude={"rev", "audit", *changed})


def stands(overlay: ReviewOverlay) -> tuple[Any, ...]:
    return overlay.status, overlay.rev, overlay.head_seq, overlay.effective_seq


async def raw(w: World, opened: Opened) -> dict[str, Any]:
    """The overlay as JSON, with the fields that the client does not read."""
    answer = await w.fetch(opened.path, "KEY_DANA")
    assert answer.status_code == 200, f"get {opened.id}: expected 200, got {answer.status_code} {answer.text}"
    return answer.json()


async def reopen(w: World, opened: Opened, stamp: int, key: str = "KEY_DANA", **more: Any) -> ReviewOverlay:
    answer = await w.post(f"{opened.path}/reopen", key, {"version_stamp": stamp, **more})
    assert answer.status_code == 200, f"reopen {opened.id}: expected 200, got {answer.status_code} {answer.text}"
    return ReviewOverlay.model_validate(answer.json())


def check_written(w: World, what: str, before: ReviewOverlay, after: ReviewOverlay, by: Actor, action: str) -> None:
    """One rev and one audit entry more; the entry says who, and on which rev."""
    w.check(f"{what}: rev advances by one", after.rev, before.rev + 1)
    w.check(f"{what}: version_stamp is rev", after.version_stamp, after.rev)
    w.check(f"{what}: the audit so far stays as it was", after.audit[:-1], before.audit)
    entry = after.audit[-1]
    got = (entry.action, entry.actor, entry.rev_observed, entry.rev_result)
    w.check(f"{what}: its one new entry says what happened", got, (action, by, before.rev, after.rev))
    earlier = {entry.entry_id for entry in before.audit}
    w.check(f"{what}: and has an id of its own", bool(entry.entry_id) and entry.entry_id not in earlier, True)


def check_appended(
    w: World,
    what: str,
    before: ReviewOverlay,
    after: ReviewOverlay,
    by: Actor,
    origin: str,
    snapshot: dict[str, Any],
    note: str | None = None,
) -> None:
    """One version more, every field of it."""
    version = after.versions[-1]
    w.check(f"{what}: the versions so far stay as they were", after.versions[:-1], before.versions)
    expected = {
        "seq": before.head_seq + 1,
        "parent_seq": before.head_seq,
        "author": by.model_dump(),
        "origin": origin,
        "snapshot": snapshot,
        "content_sha256": sha256(canonical(snapshot)),
        "note": note,
    }
    w.check(f"{what}: the new version is what was sent", version.model_dump(exclude={"created_at"}), expected)
    w.check(f"{what}: it was created when the audit says", version.created_at, after.audit[-1].at)
    w.check(f"{what}: it is the head", after.head_seq, version.seq)


async def check_decided(
    w: World,
    what: str,
    before: ReviewOverlay,
    answer: SubmitDecisionResponse,
    by: Actor,
    verdict: str,
    *,
    on_seq: int,
    effective_seq: int | None = None,
    reason: str | None = None,
    escalate_to: str | None = None,
    supersedes: str | None = None,
    appended: bool = False,
) -> None:
    """The decision, every field of it, and what it does to the overlay."""
    after = answer.overlay
    closes = verdict != "escalated"
    w.check(f"{what}: it is accepted", answer.submission_status, "accepted")
    check_written(w, what, before, after, by, "decision_made")

    decision = after.decisions[-1]
    w.check(f"{what}: the decisions so far stay as they were", after.decisions[:-1], before.decisions)
    expected = {
        "verdict": verdict,
        "decided_by": by.model_dump(),
        "on_seq": on_seq,
        "effective_seq": effective_seq,
        "reason": reason,
        "escalate_to": escalate_to,
        "supersedes_decision_id": supersedes,
    }
    got = decision.model_dump(exclude={"decision_id", "decided_at"})
    w.check(f"{what}: the decision is what was sent", got, expected)
    w.check(f"{what}: it was decided when the audit says", decision.decided_at, after.audit[-1].at)
    earlier = {decision.decision_id for decision in before.decisions}
    own = bool(decision.decision_id) and decision.decision_id not in earlier
    w.check(f"{what}: it has an id of its own", own, True)

    w.check(
        f"{what}: the overlay stands accordingly",
        (after.status, after.decided_at, after.effective_seq, after.claim),
        (verdict, decision.decided_at, effective_seq, None) if closes else ("awaiting_review", None, None, None),
    )
    more = "one version more" if appended else "no new version"
    w.check(f"{what}: {more}", after.head_seq - before.head_seq, int(appended))
    seqs = [version.seq for version in after.versions]
    w.check(f"{what}: versions are 0 to head", seqs, [*range(after.head_seq + 1)])
    changed = {"status", "decided_at", "effective_seq", "claim", "decisions"}
    changed |= {"versions", "head_seq"} if appended else set()
    changed |= set() if closes else {"priority"}
    w.check(f"{what}: nothing else has changed", kept(after, *changed), kept(before, *changed))

    run_id, block_id = after.workflow_run_id, after.block_id
    w.check(f"{what}: get answers the very same", await w.dana.get(run_id, block_id), after)


# --- Corrections ------------------------------------------------------------------------------------------------------


async def a_correction_is_appended_and_the_review_goes_on_waiting(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_edit"))
    ben, agent, dana = await w.actor("KEY_BEN"), await w.actor("KEY_AGENT"), await w.actor("KEY_DANA")
    w.check("the three are who they should be", (dana.id, ben.kind, agent.kind), ("user_42", "human", "agent"))
    before = await w.dana.claim(*opened.at, version_stamp=0)

    edited = await w.ben.edit(
        *opened.at,
        snapshot=CORRECTED,
        version_stamp=before.version_stamp,
        origin="human_edit",
        note="Total read again: 1 204,50 €.\nSee line 2.",
        command_id="cmd_edit.1",
    )
    note = "Total read again: 1 204,50 €.\nSee line 2."
    check_appended(w, "Ben's correction", before, edited, ben, "human_edit", CORRECTED, note)
    check_written(w, "Ben's correction", before, edited, ben, "version_added")
    w.check("it stays open and Dana keeps her claim", (edited.status, edited.claim), ("awaiting_review", before.claim))
    rest = ("versions", "head_seq")
    w.check("nothing else has changed", kept(edited, *rest), kept(before, *rest))
    w.check("get answers what edit answered", await w.dana.get(*opened.at), edited)

    overlay = await raw(w, opened)
    last = overlay["audit"][-1]
    w.check("the wire says event and action", (last["event"], last["action"]), ("version_appended", "version_added"))
    written = overlay["versions"][-1]["created_at"]
    w.check("created_at is written with milliseconds", bool(TIMESTAMP.fullmatch(written)), True)
    w.check("and is when the overlay was updated", overlay["updated_at"], written)

    plain = await w.dana.edit(*opened.at, snapshot={"total": 1}, version_stamp=edited.version_stamp)
    check_appended(w, "a correction without origin or note", edited, plain, dana, "human_edit", {"total": 1})
    check_written(w, "a correction without origin or note", edited, plain, dana, "version_added")

    agents = await w.agent.edit(
        *opened.at, snapshot=CORRECTED, version_stamp=plain.version_stamp, origin="agent_edit", note="as before"
    )
    check_appended(w, "the agent's", plain, agents, agent, "agent_edit", CORRECTED, "as before")
    check_written(w, "the agent's", plain, agents, agent, "version_added")
    w.check("the same content has the same hash", agents.versions[3].content_sha256, agents.versions[1].content_sha256)

    empty = await w.agent.edit(*opened.at, snapshot={}, version_stamp=agents.version_stamp, origin="human_edit", note="")
    # The published client says `human_edit` of everybody: from an agent that is nothing said.
    check_appended(w, "an empty object, by an agent", agents, empty, agent, "agent_edit", {}, "")
    w.check("the first version is still the model's own", empty.versions[0], before.versions[0])


async def a_snapshot_survives_to_the_last_digit(w: World) -> None:
    opened = await w.open("contract-extract.json", run_id=w.fresh("run_digits"))
    body = f'{{"version_stamp": 0, "snapshot": {DIGITS}, "note": null}}'
    edited = await w.post(f"{opened.path}/versions", "KEY_DANA", body)
    w.check("a snapshot of odd numbers is taken", edited.status_code, 200)
    sent = as_written(DIGITS)
    w.check("edit answers each digit, in order", member(as_written(edited.text), "versions", 1, "snapshot"), sent)
    w.check("its text is the text that came", DIGITS in edited.text, True)
    read = await w.fetch(opened.path, "KEY_BEN")
    w.check("get answers each digit, in order", member(as_written(read.text), "versions", 1, "snapshot"), sent)
    digest = edited.json()["versions"][1]["content_sha256"]
    w.check("the hash is of the RFC 8785 form", digest, sha256(canonical(json.loads(DIGITS))))
    alone = await w.fetch(f"{opened.path}/versions/1", "KEY_BEN")
    w.check("the version alone has every digit too", member(as_written(alone.text), "snapshot"), sent)
    body = f'{{"verdict": "approved", "version_stamp": 1, "edited_output": {DIGITS}}}'
    approved = await w.post(f"{opened.path}/decision", "KEY_DANA", body)
    got = member(as_written(approved.text), "overlay", "versions", 2, "snapshot")
    w.check("and so has an approval's edited_output", got, sent)

    opened = await w.open("contract-extract.json", run_id=w.fresh("run_python_numbers"))
    deep: Any = {"int": 2**200, "negative": -(10**40), "sum": 0.1 + 0.2, "low": 5e-324, "high": 1.7976931348623157e308}
    for level in range(60):
        deep = {"level": level, "in": deep} if level % 2 else {"list": [deep]}
    edited = await w.dana.edit(*opened.at, snapshot=deep, version_stamp=0)
    w.check("Python's own numbers, 90 levels down, come back equal", edited.versions[1].snapshot == deep, True)
    again = await w.dana.get(*opened.at)
    w.check("from get too", again.versions[1].snapshot == deep, True)


async def what_no_snapshot_can_carry_is_refused_with_a_reason(w: World) -> None:
    opened = await w.open("contract-extract.json", run_id=w.fresh("run_uncarried"))
    for what, snapshot in (
        ("a number beyond doubles", '{"n": 1e400}'),
        ("a lone surrogate", '{"s": "\\ud800"}'),
        ("a lone surrogate in a name", '{"\\udfff": 1}'),
        ("two members of one name", '{"a": 1, "a": 2}'),
        ("a thousand levels", '{"a":' * 1000 + "1" + "}" * 1000),
    ):
        before = await w.dana.get(*opened.at)
        body = f'{{"version_stamp": {before.rev}, "snapshot": {snapshot}}}'
        answer = await w.post(f"{opened.path}/versions", "KEY_DANA", body)
        after = await w.fetch(opened.path, "KEY_DANA")
        if answer.status_code == 200:
            last = member(as_written(after.text), "versions", before.rev + 1, "snapshot")
            w.check(f"{what} is kept to the letter", last, as_written(snapshot))
        else:
            details = w.check_error(f"{what} is refused", answer, 422, "validation_error")
            faults = [fault for fault in details["errors"] if fault["message"].strip() and "snapshot" in fault["loc"]]
            w.check(f"{what}: the fault names snapshot, and why", len(faults), 1)
            w.check(f"{what}: nothing has happened", after.json()["rev"], before.rev)
    for what, snapshot in (("a list", "[]"), ("a text", '"x"'), ("a number", "1"), ("null", "null")):
        answer = await w.post(f"{opened.path}/versions", "KEY_DANA", f'{{"version_stamp": 0, "snapshot": {snapshot}}}')
        details = w.check_error(f"{what} is no snapshot", answer, 422, "validation_error")
        w.check(f"{what}: the fault names it", [fault["loc"][-1] for fault in details["errors"]], ["snapshot"])


# --- Decisions --------------------------------------------------------------------------------------------------------


async def an_approval_closes_the_review(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_approve"))
    ben = await w.actor("KEY_BEN")
    await w.dana.claim(*opened.at, version_stamp=0)
    before = await w.dana.edit(*opened.at, snapshot=CORRECTED, version_stamp=1)

    # Dana holds the claim; Ben has seen that and approves: a claim is advice.
    answer = await w.ben.approve(*opened.at, version_stamp=before.version_stamp, command_id="cmd_approve.1")
    await check_decided(w, "Ben's approval", before, answer, ben, "approved", on_seq=1, effective_seq=1)
    w.check("the effective version is the head", answer.overlay.effective_seq, answer.overlay.head_seq)
    overlay = await raw(w, opened)
    w.check("nobody waits to be resumed", overlay["resume"], None)
    w.check("nobody was asked to step in", overlay["escalated_to"], None)
    times = [overlay["decided_at"], overlay["decisions"][-1]["decided_at"], overlay["updated_at"]]
    w.check("its times are one, with milliseconds", (len(set(times)), bool(TIMESTAMP.fullmatch(times[0]))), (1, True))

    opened = await w.open("classification.json", run_id=w.fresh("run_approve_untouched"))
    before = await w.dana.get(*opened.at)
    answer = await w.dana.approve(*opened.at, version_stamp=0)
    dana = await w.actor("KEY_DANA")
    await check_decided(w, "an output as it came", before, answer, dana, "approved", on_seq=0, effective_seq=0)

    opened = await w.open("split.json", run_id=w.fresh("run_approve_reason"))
    before = await w.dana.get(*opened.at)
    body = {"verdict": "approved", "version_stamp": 0, "reason": "Called the supplier."}
    response = await w.post(f"{opened.path}/decision", "KEY_DANA", body)
    w.check("an approval may say why", response.status_code, 200)
    w.check("the answer is the client's envelope", sorted(response.json()), ["overlay", "submission_status"])
    answer = SubmitDecisionResponse.model_validate(response.json())
    said = "Called the supplier."
    await check_decided(w, "said why", before, answer, dana, "approved", on_seq=0, effective_seq=0, reason=said)


async def an_approval_can_bring_its_own_correction(w: World) -> None:
    for key, reviews, origin in (("KEY_DANA", w.dana, "human_edit"), ("KEY_AGENT", w.agent, "agent_edit")):
        opened = await w.open("purchase-order-extract.json", run_id=w.fresh(f"run_approve_edited_{origin}"))
        by = await w.actor(key)
        before = await w.ben.claim(*opened.at, version_stamp=0)
        answer = await reviews.approve(*opened.at, version_stamp=1, edited_output=CORRECTED)
        what = f"approved with a correction by {by.display_name}"
        check_appended(w, what, before, answer.overlay, by, origin, CORRECTED)
        await check_decided(w, what, before, answer, by, "approved", on_seq=1, effective_seq=1, appended=True)

    opened = await w.open("purchase-order-extract.json", run_id=w.fresh("run_approve_edited_seqs"))
    before = await w.dana.get(*opened.at)
    answer = await w.dana.approve(*opened.at, version_stamp=0, edited_output=CORRECTED, on_seq=0, effective_seq=1)
    dana = await w.actor("KEY_DANA")
    what = "decided on the model's output, with the correction to be effective"
    check_appended(w, what, before, answer.overlay, dana, "human_edit", CORRECTED)
    await check_decided(w, what, before, answer, dana, "approved", on_seq=0, effective_seq=1, appended=True)


async def an_approval_names_the_versions_it_means(w: World) -> None:
    dana = await w.actor("KEY_DANA")
    for number, (arguments, on_seq, effective_seq) in enumerate(
        (
            ({"on_seq": 2, "effective_seq": 1}, 2, 1),
            ({"on_seq": 1}, 1, 1),
            ({"effective_seq": 0}, 2, 0),
            ({"on_seq": 0, "effective_seq": 2}, 0, 2),
        )
    ):
        opened = await w.open("receipt-extract.json", run_id=w.fresh(f"run_seqs_{number}"))
        await w.dana.edit(*opened.at, snapshot={"edit": 1}, version_stamp=0)
        before = await w.dana.edit(*opened.at, snapshot={"edit": 2}, version_stamp=1)
        answer = await w.dana.approve(*opened.at, version_stamp=2, **arguments)
        what = "approved with " + ", ".join(f"{name}={value}" for name, value in arguments.items())
        await check_decided(w, what, before, answer, dana, "approved", on_seq=on_seq, effective_seq=effective_seq)
        row = next(row for row in (await w.dana.list(status="approved", limit=200)).data if row.id == opened.id)
        w.check(f"{what}: its row says so", (row.head_seq, row.effective_seq), (2, effective_seq))


async def a_rejection_says_why(w: World) -> None:
    opened = await w.open("classification.json", run_id=w.fresh("run_reject"))
    await w.dana.edit(*opened.at, snapshot=CORRECTED, version_stamp=0)
    before = await w.dana.claim(*opened.at, version_stamp=1)
    reason = "Not our invoice — „falsch“ adressiert.\n\U0001f9fe"
    answer = await w.agent.reject(*opened.at, version_stamp=2, reason=reason, command_id="cmd_reject.1")
    agent = await w.actor("KEY_AGENT")
    await check_decided(w, "a rejection", before, answer, agent, "rejected", on_seq=1, reason=reason)
    overlay = await raw(w, opened)
    seqs = (overlay["effective_seq"], overlay["decisions"][-1]["effective_seq"])
    w.check("no version is effective, in so many words", seqs, (None, None))

    opened = await w.open("classification.json", run_id=w.fresh("run_reject_on"))
    before = await w.dana.edit(*opened.at, snapshot=CORRECTED, version_stamp=0)
    body = {"verdict": "rejected", "version_stamp": 1, "reason": "The model was right.", "on_seq": 0}
    response = await w.post(f"{opened.path}/decision", "KEY_AGENT", body)
    answer = SubmitDecisionResponse.model_validate(response.json())
    said = "The model was right."
    await check_decided(w, "a rejection of an older version", before, answer, agent, "rejected", on_seq=0, reason=said)


async def an_escalation_keeps_it_open_and_moves_it_up(w: World) -> None:
    workflow_id = w.fresh("wf_escalate")
    low, middle, high = [
        await w.open("conditional.json", run_id=w.fresh(f"run_escalate_{hot}"), workflow_id=workflow_id, priority=hot)
        for hot in (1, 5, 9)
    ]
    queue = await w.dana.list(workflow_id=workflow_id)
    w.check("before: by priority", ids(queue), [high.id, middle.id, low.id])
    ben, dana = await w.actor("KEY_BEN"), await w.actor("KEY_DANA")

    before = await w.ben.claim(*low.at, version_stamp=0)
    reason, to = "Over my limit.", "Finance Leads <cfo@example.com>"
    answer = await w.ben.escalate(
        *low.at, version_stamp=1, reason=reason, escalate_to=to, command_id="cmd_escalate.1"
    )
    await check_decided(
        w, "an escalation", before, answer, ben, "escalated", on_seq=0, reason=reason, escalate_to=to
    )
    overlay = await raw(w, low)
    w.check("the overlay says to whom", overlay["escalated_to"], to)
    w.check("its priority is 10 higher", overlay["priority"], 11)
    w.check("it has waited since it was opened", overlay["awaiting_since"], low.overlay["awaiting_since"])
    queue = await w.dana.list(workflow_id=workflow_id)
    w.check("it is now the hottest", ids(queue), [low.id, high.id, middle.id])
    w.check("its row says so", [row.priority for row in queue.data], [11, 9, 5])
    rows = (await w.fetch(LIST, "KEY_DANA", workflow_id=workflow_id)).json()["data"]
    w.check("and to whom", [row["escalated_to"] for row in rows], [to, None, None])

    before = await w.dana.get(*low.at)
    answer = await w.dana.escalate(*low.at, version_stamp=2, reason="Over mine too.", escalate_to="board")
    what = "escalated further"
    await check_decided(
        w, what, before, answer, dana, "escalated", on_seq=0, reason="Over mine too.", escalate_to="board"
    )
    overlay = await raw(w, low)
    w.check("to the board, 10 higher again", (overlay["escalated_to"], overlay["priority"]), ("board", 21))

    before = await w.dana.get(*low.at)
    answer = await w.dana.approve(*low.at, version_stamp=3)
    await check_decided(w, "approved after all", before, answer, dana, "approved", on_seq=0, effective_seq=0)
    verdicts = [decision.verdict for decision in answer.overlay.decisions]
    w.check("all three decisions are kept", verdicts, ["escalated", "escalated", "approved"])
    w.check("the queue is without it", ids(await w.dana.list(workflow_id=workflow_id)), [high.id, middle.id])


async def a_decided_review_is_reopened_and_decided_anew(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_reopen"))
    dana, ben = await w.actor("KEY_DANA"), await w.actor("KEY_BEN")
    answer = await w.post(f"{opened.path}/reopen", "KEY_DANA", {"version_stamp": 0})
    w.check_error("an open review cannot be reopened", answer, 409, "review_not_decided")
    first = (await w.dana.approve(*opened.at, version_stamp=0, edited_output=CORRECTED)).overlay

    body = {"version_stamp": 1, "reason": "The supplier called back.", "command_id": "cmd_reopen.1"}
    answer = await w.post(f"{opened.path}/reopen", "KEY_BEN", body)
    w.check("a decided one can", answer.status_code, 200)
    overlay = answer.json()
    w.check(
        "it awaits review, nothing is effective, nothing decided",
        (overlay["status"], overlay["effective_seq"], overlay["decided_at"], overlay["claim"]),
        ("awaiting_review", None, None, None),
    )
    again = ReviewOverlay.model_validate(overlay)
    check_written(w, "reopening", first, again, ben, "reopened")
    w.check("the audit says why", again.audit[-1].detail.get("reason"), "The supplier called back.")
    changed = ("status", "effective_seq", "decided_at", "awaiting_since")
    w.check("versions, decisions and all else stay", kept(again, *changed), kept(first, *changed))
    w.check("get answers what reopen answered", await raw(w, opened), overlay)
    answer = await w.post(f"{opened.path}/reopen", "KEY_DANA", {"version_stamp": 2})
    w.check_error("reopened, it is open", answer, 409, "review_not_decided")

    edited = await w.ben.edit(*opened.at, snapshot={"total": 2}, version_stamp=2)
    last = first.decisions[-1].decision_id
    answer = await w.ben.reject(*opened.at, version_stamp=3, reason="Withdrawn.")
    await check_decided(
        w, "decided anew", edited, answer, ben, "rejected", on_seq=2, reason="Withdrawn.", supersedes=last
    )
    reopened = await reopen(w, opened, 4)
    last = answer.overlay.decisions[-1].decision_id
    answer = await w.dana.approve(*opened.at, version_stamp=5, on_seq=1)
    await check_decided(
        w, "and once more", reopened, answer, dana, "approved", on_seq=1, effective_seq=1, supersedes=last
    )
    w.check(
        "the audit tells it all",
        [(entry.action, entry.rev_result) for entry in answer.overlay.audit],
        [
            ("gate_fired", 0),
            ("decision_made", 1),
            ("reopened", 2),
            ("version_added", 3),
            ("decision_made", 4),
            ("reopened", 5),
            ("decision_made", 6),
        ],
    )

    reopened = await reopen(w, opened, 6)
    last = answer.overlay.decisions[-1].decision_id
    answer = await w.dana.escalate(*opened.at, version_stamp=7, reason="Third time.", escalate_to="board")
    await check_decided(
        w, "an escalation is a next decision too", reopened, answer, dana, "escalated",
        on_seq=2, reason="Third time.", escalate_to="board", supersedes=last,
    )


# --- The queue --------------------------------------------------------------------------------------------------------


async def the_queue_shows_each_status_in_its_order(w: World) -> None:
    workflow_id = w.fresh("wf_statuses")
    reviews = [
        await w.open("receipt-extract.json", run_id=w.fresh(f"run_status_{n}"), workflow_id=workflow_id, priority=n)
        for n in range(7)
    ]
    open_ones, decided = reviews[:3], reviews[3:]
    for review, verdict in zip(decided, ("approved", "rejected", "approved", "rejected"), strict=True):
        await asyncio.sleep(0.005)  # Two decisions in one millisecond would be equally new.
        if verdict == "approved":
            await w.dana.approve(*review.at, version_stamp=0)
        else:
            await w.dana.reject(*review.at, version_stamp=0, reason="no")
    await w.ben.claim(*open_ones[1].at, version_stamp=0)
    # Opened with rising priority and decided in that order: both orders turn it around.
    hottest = [review.id for review in reversed(open_ones)]
    newest = [review.id for review in reversed(decided)]

    awaiting = await w.dana.list(workflow_id=workflow_id, status="awaiting_review")
    w.check("awaiting_review: the hottest first", (ids(awaiting), awaiting.has_more), (hottest, False))
    w.check("which is the default", await w.dana.list(workflow_id=workflow_id), awaiting)
    rejected = await w.dana.list(workflow_id=workflow_id, status="rejected")
    w.check("rejected: the newest first", (ids(rejected), rejected.has_more), (newest[0::2], False))
    approved = await w.dana.list(workflow_id=workflow_id, status="approved")
    w.check("approved: the newest first", (ids(approved), approved.has_more), (newest[1::2], False))
    for page in (awaiting, approved, rejected):
        review = page.data[0]
        overlay = await w.dana.get(review.workflow_run_id, review.block_id)
        summary = overlay.model_dump(exclude={"versions", "decisions", "audit"})
        w.check(f"a row that is {review.status} says what its overlay says", review.model_dump(), summary)
    one = await w.dana.list(workflow_id=workflow_id, status="rejected", limit=1)
    w.check("limit=1: the newest, and there is more", (ids(one), one.has_more), (newest[:1], True))

    for status in ("approved", "rejected"):
        everywhere = await w.dana.list(status=status, limit=200)
        times = [row.decided_at for row in everywhere.data]
        w.check(f"{status} of all workflows: the newest first", times, sorted(times, reverse=True))
        w.check("and nothing else", {row.status for row in everywhere.data}, {status})
        mine = await w.dana.list(workflow_id=workflow_id, status=status, mine=True)
        deciders = [(await w.dana.get(row.workflow_run_id, row.block_id)).decisions[-1].decided_by.id for row in mine.data]
        w.check(f"mine is what I have decided, of what is {status}", set(deciders) <= {"user_42"}, True)
    mine = await w.ben.list(workflow_id=workflow_id, mine=True)
    w.check("mine is what I hold", ids(mine), [open_ones[1].id])
    awaiting_mine = await w.ben.list(workflow_id=workflow_id, status="awaiting_review", mine=True)
    w.check("with its status given too", awaiting_mine, mine)
    w.check("and nobody else's", ids(await w.dana.list(workflow_id=workflow_id, mine=True)), [])

    whole = (await w.fetch(LIST, "KEY_DANA", workflow_id=workflow_id, status="all")).json()
    rows = [row["_id"] for row in whole["data"]]
    w.check("of every status: the open ones, then the decided ones", rows, hottest + newest)
    w.check("and that is all", (whole["has_more"], whole["next_cursor"]), (False, None))

    await w.dana.release(*open_ones[1].at, version_stamp=1)
    changed = await w.dana.approve(*open_ones[2].at, version_stamp=0)
    w.check("an approval leaves the open ones", ids(await w.dana.list(workflow_id=workflow_id)), hottest[1:])
    approved = await w.dana.list(workflow_id=workflow_id, status="approved")
    w.check("and heads the approved ones", ids(approved), [changed.overlay.id, *newest[1::2]])
    await reopen(w, open_ones[2], 1)
    w.check("a reopened one is back", ids(await w.dana.list(workflow_id=workflow_id)), hottest)


async def a_page_ends_where_it_should(w: World) -> None:
    workflow_id = w.fresh("wf_pages")
    for number in range(5):
        opened = await w.open("split.json", run_id=w.fresh(f"run_page_{number}"), workflow_id=workflow_id)
        if number < 2:
            await w.dana.approve(*opened.at, version_stamp=0)
    every = [row["_id"] for row in (await w.fetch(LIST, "KEY_DANA", workflow_id=workflow_id, status="all")).json()["data"]]
    w.check("there are five", len(set(every)), 5)

    for limit in (1, 2, 3, 4, 5, 6):
        walked, pages, cursor = [], [], None
        while True:
            at = {"cursor": cursor} if cursor else {}
            page = (await w.fetch(LIST, "KEY_DANA", workflow_id=workflow_id, status="all", limit=limit, **at)).json()
            walked += [row["_id"] for row in page["data"]]
            pages.append((len(page["data"]), page["has_more"], page["next_cursor"] is not None))
            cursor = page["next_cursor"]
            if cursor is None:
                break
        w.check(f"pages of {limit} show each once, in order", walked, every)
        full = [(limit, True, True)] * ((5 - 1) // limit)
        last = (5 - limit * len(full), False, False)
        w.check(f"pages of {limit} are full, and the last one knows it", pages, [*full, last])
    # The client asks for one status; of the three open ones, 2, 3 and 4 are limit - 1, limit and limit + 1.
    for limit, more in ((2, True), (3, False), (4, False)):
        page = await w.dana.list(workflow_id=workflow_id, limit=limit)
        w.check(f"limit={limit} of 3: has_more={more}", (len(page.data), page.has_more), (min(limit, 3), more))
    empty = (await w.fetch(LIST, "KEY_DANA", workflow_id=w.fresh("wf_no_pages"))).json()
    w.check("no rows: an empty page", empty, {"data": [], "has_more": False, "next_cursor": None})

    for limit in (0, 201):
        error = await w.check_refused(
            f"limit={limit} raises ValidationError", w.dana.list(limit=limit), ValidationError, 422, "validation_error"
        )
        w.check(f"limit={limit}: the fault names it", faulty_fields(error), ["limit"])
    w.check("limit=200 is still good", len((await w.dana.list(workflow_id=workflow_id, limit=200)).data), 3)

    cursor = (await w.fetch(LIST, "KEY_DANA", workflow_id=workflow_id, status="all", limit=1)).json()["next_cursor"]
    middle = len(cursor) // 2
    changed = cursor[:middle] + ("B" if cursor[middle] == "A" else "A") + cursor[middle + 1 :]
    for what, key, params in (
        ("a forged cursor", "KEY_DANA", {"cursor": "bm90IGEgY3Vyc29y"}),
        ("a cursor with one letter changed", "KEY_DANA", {"cursor": changed}),
        ("another organization's cursor", "KEY_OTHER_ORG", {}),
        ("another workflow's cursor", "KEY_DANA", {"workflow_id": w.fresh("wf_statuses")}),
        ("another status's cursor", "KEY_DANA", {"status": "approved"}),
        ("another mine's cursor", "KEY_DANA", {"mine": "true"}),
    ):
        answer = await w.fetch(LIST, key, **{"workflow_id": workflow_id, "status": "all", "cursor": cursor, **params})
        details = w.check_error(f"{what} is refused", answer, 422, "validation_error")
        w.check(f"{what}: the fault names it", [fault["loc"][-1] for fault in details["errors"]], ["cursor"])
    colleague = await w.fetch(LIST, "KEY_BEN", workflow_id=workflow_id, status="all", limit=1, cursor=cursor)
    w.check("a colleague may go on from it", [row["_id"] for row in colleague.json()["data"]], every[1:2])


async def wait_for_sees_a_reopened_review(w: World) -> None:
    opened = await w.open("split.json", run_id=w.fresh("run_wait_reopened"))
    await w.dana.approve(*opened.at, version_stamp=0)
    try:
        waited: Any = await w.dana.wait_for(*opened.at, timeout=0.2, poll_interval=0.05)
    except TimeoutError as error:
        waited = type(error)
    w.check("wait_for gives up on a decided review", waited, TimeoutError)

    async def reopen_later() -> ReviewOverlay:
        await asyncio.sleep(0.3)
        return await reopen(w, opened, 1, "KEY_BEN")

    reopening = asyncio.create_task(reopen_later())
    found = await w.dana.wait_for(*opened.at, timeout=10.0, poll_interval=0.05)
    w.check("wait_for returns once somebody reopens it", found, await reopening)


async def the_next_one_is_the_hottest_that_nobody_has(w: World) -> None:
    workflow_id = w.fresh("wf_next")
    decided, bens, hot, warm, cool = [
        await w.open("receipt-extract.json", run_id=w.fresh(f"run_next_{n}"), workflow_id=workflow_id, priority=n)
        for n in (9, 8, 3, 2, 1)
    ]
    await w.dana.approve(*decided.at, version_stamp=0)
    await w.ben.claim(*bens.at, version_stamp=0)
    dana = await w.actor("KEY_DANA")
    # claim-next names no review, so its command is one of all that its actor has sent, by either flavour.
    command = w.fresh("next.1")

    async def next_one(key: str = "KEY_DANA", idempotency_key: str | None = None, **body: Any) -> httpx.Response:
        headers = {"idempotency_key": idempotency_key} if idempotency_key else {}
        return await w.post(CLAIM_NEXT, key, {"workflow_id": workflow_id, **body}, **headers)

    answer = await next_one()
    w.check("the next one comes", answer.status_code, 200)
    claimed = ReviewOverlay.model_validate(answer.json())
    w.check("it is the hottest that nobody has", (claimed.id, claimed.claim.holder), (hot.id, dana))
    before = ReviewOverlay.model_validate(hot.overlay)
    check_written(w, "claim-next", before, claimed, dana, "claimed")
    w.check("but for the claim it is as it was", kept(claimed, "claim"), kept(before, "claim"))
    lasts = claimed.claim.expires_at - claimed.claim.claimed_at
    w.check("it lasts 900 s by default", lasts, timedelta(seconds=900))
    w.check("get answers the same", await raw(w, hot), answer.json())

    once = await next_one(idempotency_key=command, ttl_seconds=60)
    claimed = ReviewOverlay.model_validate(once.json())
    w.check("the one after that", (claimed.id, claimed.rev), (warm.id, 1))
    w.check("ttl_seconds is respected", claimed.claim.expires_at - claimed.claim.claimed_at, timedelta(seconds=60))
    again = await next_one(idempotency_key=command, ttl_seconds=60)
    w.check("with the same Idempotency-Key, the same one again", (again.status_code, again.json()), (200, once.json()))
    edited = await w.ben.edit(*warm.at, snapshot={"total": 3}, version_stamp=1)
    again = await next_one(idempotency_key=command, ttl_seconds=60)
    w.check("even after somebody's edit", ReviewOverlay.model_validate(again.json()), edited)

    last = await next_one("KEY_BEN")
    w.check("a colleague gets another one", last.json()["_id"], cool.id)
    none = await next_one()
    w.check("and then there is none", (none.status_code, none.content), (204, b""))
    again = await next_one(idempotency_key=command, ttl_seconds=60)
    w.check("the retry still knows its own", again.json()["_id"], warm.id)
    theirs = await next_one("KEY_OTHER_ORG")
    w.check("another organization never had any", (theirs.status_code, theirs.content), (204, b""))
    await w.dana.release(*hot.at, version_stamp=1)
    answer = await next_one("KEY_BEN")
    w.check("what is released can be next again", (answer.status_code, answer.json()["_id"]), (200, hot.id))

    other = await next_one(idempotency_key=command, ttl_seconds=90)
    w.check_error("another request under its Idempotency-Key is refused", other, 409, "command_id_reused")

    hottest = await w.open("receipt-extract.json", run_id=w.fresh("run_next_of_all"), priority=1_000_000)
    answer = await w.post(CLAIM_NEXT, "KEY_AGENT", {})
    w.check("without a workflow: the hottest of all", (answer.status_code, answer.json()["_id"]), (200, hottest.id))
    agent = await w.actor("KEY_AGENT")
    w.check("for an agent as for a person", Actor.model_validate(answer.json()["claim"]["holder"]), agent)

    for body, field in (({"ttl_seconds": 29}, "ttl_seconds"), ({"workflow_id": "a b"}, "workflow_id"), ({"x": 1}, "x")):
        answer = await w.post(CLAIM_NEXT, "KEY_DANA", body)
        details = w.check_error(f"claim-next with {body} is refused", answer, 422, "validation_error")
        w.check(f"it names {field}", [fault["loc"][-1] for fault in details["errors"]], [field])
    answer = await w.post(CLAIM_NEXT, "KEY_READER", {})
    w.check_error("a reader's key cannot take the next one", answer, 403, "forbidden")


async def a_crowd_that_asks_for_the_next_one_gets_one_each(w: World) -> None:
    for what, keys in (("three", ("KEY_DANA", "KEY_BEN", "KEY_AGENT")), ("one who asks twelve times", ("KEY_DANA",))):
        workflow_id = w.fresh(f"wf_crowd_{len(keys)}")
        opened = [
            await w.open("split.json", run_id=w.fresh(f"run_crowd_{len(keys)}_{n}"), workflow_id=workflow_id)
            for n in range(12)
        ]
        # Twelve requests at once, from each key as many; nothing makes them retries of each other.
        asking = [w.post(CLAIM_NEXT, keys[n % len(keys)], {"workflow_id": workflow_id}) for n in range(12)]
        answers = await asyncio.gather(*asking)
        w.check(f"{what}: all get one", {answer.status_code for answer in answers}, {200})
        got = sorted(answer.json()["_id"] for answer in answers)
        w.check(f"{what}: and never the same", got, sorted(review.id for review in opened))
        none = await w.post(CLAIM_NEXT, "KEY_BEN", {"workflow_id": workflow_id})
        w.check(f"{what}: then there is none", none.status_code, 204)


# --- What is refused --------------------------------------------------------------------------------------------------


def mutations(at: tuple[str, str]) -> dict[str, Callable[[Reviews, int], Awaitable[Any]]]:
    """Every mutating call of the client that needs an open review, by its name."""
    return {
        "edit": lambda r, stamp: r.edit(*at, snapshot={"total": 4}, version_stamp=stamp),
        "approve": lambda r, stamp: r.approve(*at, version_stamp=stamp),
        "approve with edited_output": lambda r, stamp: r.approve(*at, version_stamp=stamp, edited_output={"total": 5}),
        "reject": lambda r, stamp: r.reject(*at, version_stamp=stamp, reason="no"),
        "escalate": lambda r, stamp: r.escalate(*at, version_stamp=stamp, reason="hm", escalate_to="board"),
        "claim": lambda r, stamp: r.claim(*at, version_stamp=stamp),
    }


async def a_stale_stamp_is_a_conflict_whatever_the_call(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_conflict"))
    ben, agent = await w.actor("KEY_BEN"), await w.actor("KEY_AGENT")
    await w.ben.edit(*opened.at, snapshot=CORRECTED, version_stamp=0)
    await w.agent.escalate(*opened.at, version_stamp=1, reason="hm", escalate_to="board")
    current = await w.ben.claim(*opened.at, version_stamp=2)

    for verb, call in mutations(opened.at).items():
        error = await w.check_refused(
            f"{verb} with a stale stamp raises ConflictError", call(w.dana, 1), ConflictError, 409, "version_conflict"
        )
        details = dict(error.details or {})
        changes, claim = details.pop("changes", None), details.pop("claim", None)
        w.check(
            f"{verb}: its details say where the review stands",
            details,
            {"version_stamp": 1, "rev": 3, "status": "awaiting_review", "head_seq": 1},
        )
        w.check(f"{verb}: and who holds it", claim and claim["holder"], ben.model_dump())
        w.check(
            f"{verb}: and what has changed since, newest last",
            [(entry["action"], entry["event"], entry["rev_result"], entry["actor"]) for entry in changes or []],
            [
                ("decision_made", "decision_submitted", 2, agent.model_dump()),
                ("claimed", "claimed", 3, ben.model_dump()),
            ],
        )
        await w.check_refused(
            f"{verb} with a stamp from the future too", call(w.dana, 99), ConflictError, 409, "version_conflict"
        )
    after = await w.dana.get(*opened.at)
    rejected = [entry for entry in after.audit if entry.action == "stale_write_rejected"]
    w.check(
        "the audit tells of the stale stamp, once for it and Dana",
        [(entry.actor.id, entry.rev_observed, entry.rev_result) for entry in rejected],
        [("user_42", 1, None)],
    )
    after.audit = [entry for entry in after.audit if entry.action != "stale_write_rejected"]
    w.check("a refused call leaves the review as it was", after, current)

    await w.dana.reject(*opened.at, version_stamp=3, reason="no")
    for verb, call in mutations(opened.at).items():
        error = await w.check_refused(
            f"{verb} of a decided review on a stale stamp: first the stamp",
            call(w.agent, 3), ConflictError, 409, "version_conflict",
        )
        got = (error.details["status"], error.details["claim"], [e["action"] for e in error.details["changes"]])
        w.check(f"{verb}: it says that it is decided", got, ("rejected", None, ["decision_made"]))
    answer = await w.post(f"{opened.path}/reopen", "KEY_AGENT", {"version_stamp": 3})
    details = w.check_error("reopen with a stale stamp is a conflict too", answer, 409, "version_conflict")
    w.check("reopen: with its changes", [entry["action"] for entry in details["changes"]], ["decision_made"])


async def a_decided_review_takes_nothing_more(w: World) -> None:
    for verdict in ("approved", "rejected"):
        opened = await w.open("conditional.json", run_id=w.fresh(f"run_not_open_{verdict}"))
        if verdict == "approved":
            decided = (await w.ben.approve(*opened.at, version_stamp=0)).overlay
        else:
            decided = (await w.ben.reject(*opened.at, version_stamp=0, reason="no")).overlay
        for verb, call in mutations(opened.at).items():
            await w.check_refused(
                f"{verb} of what is {verdict} raises ConflictError",
                call(w.dana, 1), ConflictError, 409, "review_not_open",
            )
        w.check("there is nothing to release", await w.dana.release(*opened.at, version_stamp=1), decided)
        w.check("and it is as it was", await w.dana.get(*opened.at), decided)


async def a_bad_request_names_every_field_that_is_wrong(w: World) -> None:
    opened = await w.open("split.json", run_id=w.fresh("run_bad"))
    at = opened.at

    for what, call, fields in (
        ("reject without a word", w.dana.reject(*at, version_stamp=0, reason=""), ["reason"]),
        ("escalate to nobody", w.dana.escalate(*at, version_stamp=0, reason="hm", escalate_to=" "), ["escalate_to"]),
        ("escalate without a word", w.dana.escalate(*at, version_stamp=0, reason="\n", escalate_to="b"), ["reason"]),
        ("approve on_seq=1 of 0", w.dana.approve(*at, version_stamp=0, on_seq=1), ["on_seq"]),
        ("approve on_seq=-1", w.dana.approve(*at, version_stamp=0, on_seq=-1), ["on_seq"]),
        ("approve effective_seq=7", w.dana.approve(*at, version_stamp=0, effective_seq=7), ["effective_seq"]),
        (
            "approve effective_seq=2 with an edited_output that will be 1",
            w.dana.approve(*at, version_stamp=0, edited_output={}, effective_seq=2),
            ["effective_seq"],
        ),
        ("edit at -1", w.dana.edit(*at, snapshot={}, version_stamp=-1), ["version_stamp"]),
        ("edit as revert", w.dana.edit(*at, snapshot={}, version_stamp=0, origin="revert"), ["origin"]),
        ("edit as the model", w.dana.edit(*at, snapshot={}, version_stamp=0, origin="model_output"), ["origin"]),
        ("edit with a blank command_id", w.dana.edit(*at, snapshot={}, version_stamp=0, command_id=""), ["command_id"]),
        (
            "all of edit's fields at once",
            w.dana.edit(*at, snapshot=[], version_stamp=-1, origin="x", note=7, command_id="a b"),
            ["command_id", "note", "origin", "snapshot", "version_stamp"],
        ),
    ):
        error = await w.check_refused(f"{what} raises ValidationError", call, ValidationError, 422, "validation_error")
        w.check(f"{what}: the details name {' and '.join(fields)}", faulty_fields(error), fields)

    rejected = {"verdict": "rejected", "version_stamp": 0}
    escalated = {"verdict": "escalated", "version_stamp": 0}
    for what, body, fields in (
        ("rejected without a reason", rejected, ["reason"]),
        ("rejected with a null reason", {**rejected, "reason": None}, ["reason"]),
        ("rejected with a blank reason", {**rejected, "reason": " \t\n\u00a0"}, ["reason"]),
        ("rejected with edited_output", {**rejected, "reason": "no", "edited_output": {}}, ["edited_output"]),
        ("rejected with effective_seq", {**rejected, "reason": "no", "effective_seq": 0}, ["effective_seq"]),
        ("rejected on_seq=1 of 0", {**rejected, "reason": "no", "on_seq": 1}, ["on_seq"]),
        ("escalated without escalate_to", {**escalated, "reason": "hm"}, ["escalate_to"]),
        ("escalated without anything", escalated, ["escalate_to", "reason"]),
        (
            "escalated with what belongs to an approval",
            {**escalated, "reason": "hm", "escalate_to": "board", "edited_output": {}, "effective_seq": 0},
            ["edited_output", "effective_seq"],
        ),
        ("an unknown verdict", {"verdict": "maybe", "version_stamp": 0}, ["verdict"]),
        ("an unknown field", {"verdict": "approved", "version_stamp": 0, "decided_by": "me"}, ["decided_by"]),
        ("nothing at all", {}, ["verdict", "version_stamp"]),
        ("numbers as texts", {"verdict": "approved", "version_stamp": "0", "on_seq": "0"}, ["on_seq", "version_stamp"]),
    ):
        answer = await w.post(f"{opened.path}/decision", "KEY_DANA", body)
        details = w.check_error(f"{what} is refused", answer, 422, "validation_error")
        names = sorted(fault["loc"][-1] for fault in details["errors"])
        w.check(f"{what}: the details name {' and '.join(fields)}", names, fields)
    for what, body, fields in (
        ("reopen with a blank reason", {"version_stamp": 0, "reason": " "}, ["reason"]),
        ("reopen with an unknown field", {"version_stamp": 0, "x": 1}, ["x"]),
        ("reopen without a stamp", {}, ["version_stamp"]),
    ):
        answer = await w.post(f"{opened.path}/reopen", "KEY_DANA", body)
        details = w.check_error(f"{what} is refused", answer, 422, "validation_error")
        w.check(f"{what}: the details name it", sorted(fault["loc"][-1] for fault in details["errors"]), fields)
    missing = f"workflows/reviews/{w.fresh('run_bad_missing')}/b/decision"
    answer = await w.post(missing, "KEY_DANA", {})
    w.check_error("a request is read before its review is looked for", answer, 422, "validation_error")
    w.check("nothing has happened", await raw(w, opened), opened.overlay)


async def another_organization_finds_nothing(w: World) -> None:
    opened = await w.open("contract-extract.json", run_id=w.fresh("run_hidden"))
    run_id, block_id = opened.at
    missing = w.fresh("run_hidden_missing")
    before = await w.dana.edit(run_id, block_id, snapshot=CORRECTED, version_stamp=0, command_id="cmd_hidden.1")

    def mutation(verb: str) -> Callable[[str], Awaitable[Any]]:
        return lambda run: mutations((run, block_id))[verb](w.other, 1)

    calls = {verb: mutation(verb) for verb in mutations(opened.at)}
    calls |= {
        "get": lambda run: w.other.get(run, block_id),
        "release": lambda run: w.other.release(run, block_id, version_stamp=1),
        "edit with the same command_id": lambda run: w.other.edit(
            run, block_id, snapshot=CORRECTED, version_stamp=0, command_id="cmd_hidden.1"
        ),
    }
    for verb, call in calls.items():
        hidden = await w.check_refused(
            f"{verb} of another organization's review raises NotFoundError",
            call(run_id), NotFoundError, 404, "review_not_found",
        )
        absent = await w.check_refused(
            f"{verb} of a missing one does so equally", call(missing), NotFoundError, 404, "review_not_found"
        )
        w.check(
            f"{verb}: the two answers do not tell which it was",
            hidden.body.replace(run_id, "RUN").replace(hidden.request_id, "ID"),
            absent.body.replace(missing, "RUN").replace(absent.request_id, "ID"),
        )
    for what, call in (
        ("reopen", lambda run: w.post(f"{LIST}/{run}/{block_id}/reopen", "KEY_OTHER_ORG", {"version_stamp": 1})),
        ("get of one version", lambda run: w.fetch(f"{LIST}/{run}/{block_id}/versions/0", "KEY_OTHER_ORG")),
    ):
        hidden, absent = await call(run_id), await call(missing)
        w.check(f"{what} finds nothing either", hidden.status_code, 404)
        w.check(f"{what}: nor does it tell", (hidden.status_code, hidden.text), (absent.status_code, absent.text))
        w.check_error(f"{what}: it is the review that is not found", hidden, 404, "review_not_found")

    try:
        waited: Any = await w.other.wait_for(run_id, block_id, timeout=0.2, poll_interval=0.05)
    except TimeoutError as error:
        waited = type(error)
    w.check("wait_for waits in vain", waited, TimeoutError)
    for status in ("awaiting_review", "approved", "rejected"):
        rows = (await w.other.list(status=status, limit=200)).data
        strangers = [row.id for row in rows if row.organization_id == before.organization_id]
        w.check(f"list of {status} shows none of it", strangers, [])
    w.check("and it is as it was", await w.dana.get(run_id, block_id), before)


async def a_reader_decides_nothing(w: World) -> None:
    opened = await w.open("classification.json", run_id=w.fresh("run_read_only"))
    for verb, call in mutations(opened.at).items():
        await w.check_refused(
            f"{verb} with a reader's key raises PermissionDeniedError",
            call(w.reader, 0), PermissionDeniedError, 403, "forbidden",
        )
    answer = await w.post(f"{opened.path}/reopen", "KEY_READER", {"version_stamp": 0})
    w.check_error("nor can it reopen", answer, 403, "forbidden")
    w.check("nothing has happened", await raw(w, opened), opened.overlay)
    answer = await w.fetch(f"{opened.path}/versions/0", "KEY_READER")
    w.check("but it can read a version", (answer.status_code, answer.json()), (200, opened.overlay["versions"][0]))


# --- Sent twice, done once --------------------------------------------------------------------------------------------


async def a_command_is_carried_out_once(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_command"))
    at = opened.at

    async def edit(reviews: Reviews, stamp: int, **more: Any) -> ReviewOverlay:
        correction = {"snapshot": CORRECTED, "note": "once", "command_id": "cmd.edit", **more}
        return await reviews.edit(*at, version_stamp=stamp, **correction)

    first = await edit(w.dana, 0)
    for stamp in (0, 1, 5, 10**9):
        w.check(f"the same edit again at {stamp} is that edit", await edit(w.dana, stamp), first)
    for what, more in (
        ("snapshot", {"snapshot": {**CORRECTED, "total": 7}}),
        ("note", {"note": "twice"}),
    ):
        await w.check_refused(
            f"another {what} under its command_id raises ConflictError",
            edit(w.dana, 1, **more), ConflictError, 409, "command_id_reused",
        )
    for verb, call in (
        ("approve", lambda: w.dana.approve(*at, version_stamp=1, command_id="cmd.edit")),
        ("reject", lambda: w.dana.reject(*at, version_stamp=1, reason="no", command_id="cmd.edit")),
        (
            "escalate",
            lambda: w.dana.escalate(*at, version_stamp=1, reason="h", escalate_to="b", command_id="cmd.edit"),
        ),
    ):
        await w.check_refused(
            f"{verb} under an edit's command_id raises ConflictError", call(), ConflictError, 409, "command_id_reused"
        )
    answer = await w.post(f"{opened.path}/reopen", "KEY_DANA", {"version_stamp": 1, "command_id": "cmd.edit"})
    w.check_error("and so is reopen refused", answer, 409, "command_id_reused")
    w.check("nothing has happened", await w.dana.get(*at), first)

    bens = await edit(w.ben, 1)
    w.check("Ben's command of that name is Ben's", stands(bens), ("awaiting_review", 2, 2, None))
    w.check("with a version of his own", bens.versions[-1].author, await w.actor("KEY_BEN"))
    w.check("Dana's is still hers, and answers what is now", await edit(w.dana, 0), bens)

    escalated = await w.dana.escalate(*at, version_stamp=2, reason="hm", escalate_to="board", command_id="cmd.escalate")
    again = await w.dana.escalate(*at, version_stamp=0, reason="hm", escalate_to="board", command_id="cmd.escalate")
    w.check("escalated once", (again.submission_status, again.overlay), ("already_applied", escalated.overlay))
    overlay = await w.ben.claim(*at, version_stamp=3)

    async def approve(stamp: int, **more: Any) -> SubmitDecisionResponse:
        approval = {"edited_output": {"total": 8}, "on_seq": 3, "command_id": "cmd.approve", **more}
        return await w.dana.approve(*at, version_stamp=stamp, **approval)

    approved = await approve(overlay.version_stamp)
    w.check("approved for the first time", approved.submission_status, "accepted")
    w.check("with one version more", stands(approved.overlay), ("approved", 5, 3, 3))
    for stamp in (0, 4, 5, 10**9):
        again = await approve(stamp)
        w.check(f"the same approval again at {stamp} is known", again.submission_status, "already_applied")
        w.check(f"and answers the same overlay, at {stamp}", again.overlay, approved.overlay)
    for what, more in (
        ("edited_output", {"edited_output": {"total": 9}}),
        ("on_seq", {"on_seq": 2}),
        ("effective_seq", {"effective_seq": 0}),
    ):
        await w.check_refused(
            f"another {what} under its command_id raises ConflictError",
            approve(5, **more), ConflictError, 409, "command_id_reused",
        )

    body = {"version_stamp": 5, "reason": "once more", "command_id": "cmd.reopen"}
    reopened = await w.post(f"{opened.path}/reopen", "KEY_BEN", body)
    again = await w.post(f"{opened.path}/reopen", "KEY_BEN", {**body, "version_stamp": 0})
    w.check("reopened once", (again.status_code, again.json()), (reopened.status_code, reopened.json()))
    now = await w.agent.claim(*at, version_stamp=6)
    again = await approve(4)
    w.check("the approval is known after all that", again.submission_status, "already_applied")
    w.check("and answers what is now, approved or not", again.overlay, now)
    w.check("the edit is known too", await edit(w.dana, 0), now)
    rejected = await w.dana.reject(*at, version_stamp=7, reason="no", command_id="cmd.reject")
    again = await w.dana.reject(*at, version_stamp=7, reason="no", command_id="cmd.reject")
    w.check("rejected once", (again.submission_status, again.overlay), ("already_applied", rejected.overlay))
    known = await w.dana.escalate(*at, version_stamp=9, reason="hm", escalate_to="board", command_id="cmd.escalate")
    w.check("what was done is known, whatever the status", known.submission_status, "already_applied")
    w.check("and answers what is now, rejected or not", known.overlay, rejected.overlay)
    w.check(
        "each command is in the audit once",
        [entry.action for entry in rejected.overlay.audit],
        [
            "gate_fired",
            "version_added",
            "version_added",
            "decision_made",
            "claimed",
            "decision_made",
            "reopened",
            "claimed",
            "decision_made",
        ],
    )


async def the_last_write_can_be_repeated_without_a_command_id(w: World) -> None:
    opened = await w.open("receipt-extract.json", run_id=w.fresh("run_repeat"))
    at = opened.at
    edited = await w.dana.edit(*at, snapshot=CORRECTED, version_stamp=0, note="n")
    again = await w.dana.edit(*at, snapshot=CORRECTED, version_stamp=0, note="n")
    w.check("an edit whose answer got lost can be sent again", again, edited)
    for what, call in (
        ("another note", lambda: w.dana.edit(*at, snapshot=CORRECTED, version_stamp=0, note="m")),
        ("another snapshot", lambda: w.dana.edit(*at, snapshot={}, version_stamp=0, note="n")),
        ("another actor", lambda: w.ben.edit(*at, snapshot=CORRECTED, version_stamp=0, note="n")),
        ("another call", lambda: w.dana.approve(*at, version_stamp=0)),
    ):
        await w.check_refused(
            f"but {what} on that stamp is a conflict", call(), ConflictError, 409, "version_conflict"
        )
    twice = await w.dana.edit(*at, snapshot=CORRECTED, version_stamp=1, note="n")
    w.check("on the new stamp it is a new edit", (twice.rev, twice.head_seq), (2, 2))

    async def escalate(reviews: Reviews) -> SubmitDecisionResponse:
        return await reviews.escalate(*at, version_stamp=2, reason="hm", escalate_to="board")

    escalated = await escalate(w.dana)
    again = await escalate(w.dana)
    w.check("so can an escalation", (again.submission_status, again.overlay), ("already_applied", escalated.overlay))
    w.check("which raises the priority once", again.overlay.priority, twice.priority + 10)
    await w.check_refused("but not Ben's", escalate(w.ben), ConflictError, 409, "version_conflict")

    async def approve() -> SubmitDecisionResponse:
        return await w.dana.approve(*at, version_stamp=3, edited_output={"total": 10}, effective_seq=1)

    approved = await approve()
    again = await approve()
    w.check("so can an approval", (again.submission_status, again.overlay), ("already_applied", approved.overlay))
    await w.check_refused(
        "the escalation is no longer the last", escalate(w.dana), ConflictError, 409, "version_conflict"
    )

    body = {"version_stamp": 4, "reason": "again"}
    reopened = await w.post(f"{opened.path}/reopen", "KEY_DANA", body)
    again = await w.post(f"{opened.path}/reopen", "KEY_DANA", body)
    w.check("so can a reopening", (again.status_code, again.json()), (200, reopened.json()))
    await w.check_refused("the approval is no longer the last", approve(), ConflictError, 409, "version_conflict")

    rejected = await w.dana.reject(*at, version_stamp=5, reason="no")
    again = await w.dana.reject(*at, version_stamp=5, reason="no")
    w.check("so can a rejection", (again.submission_status, again.overlay), ("already_applied", rejected.overlay))
    await w.check_refused(
        "but not for another reason",
        w.dana.reject(*at, version_stamp=5, reason="No!"), ConflictError, 409, "version_conflict",
    )
    w.check("each write is there once", stands(again.overlay), ("rejected", 6, 3, None))
    results = [entry.rev_result for entry in again.overlay.audit if entry.action != "stale_write_rejected"]
    w.check("and in the audit", results, [*range(7)])


async def idempotency_key_means_command_id(w: World) -> None:
    opened = await w.open("receipt-extract.json", run_id=w.fresh("run_header"))
    versions, decision = f"{opened.path}/versions", f"{opened.path}/decision"
    body = {"version_stamp": 0, "snapshot": CORRECTED}
    first = await w.post(versions, "KEY_DANA", body, idempotency_key="key.1")
    w.check("an edit with the header is done", (first.status_code, first.json()["rev"]), (200, 1))
    again = await w.post(versions, "KEY_DANA", {**body, "version_stamp": 7}, idempotency_key="key.1")
    w.check("with the same header again it is that edit", (again.status_code, again.json()), (200, first.json()))
    known = await w.dana.edit(*opened.at, snapshot=CORRECTED, version_stamp=9, command_id="key.1")
    w.check("as it is with the same command_id", known, ReviewOverlay.model_validate(first.json()))
    both = await w.post(versions, "KEY_DANA", {**body, "command_id": "key.1"}, idempotency_key="key.1")
    w.check("and with both", (both.status_code, both.json()), (200, first.json()))
    other = await w.post(versions, "KEY_DANA", {**body, "snapshot": {}}, idempotency_key="key.1")
    w.check_error("another request under it is refused", other, 409, "command_id_reused")
    for what, answer in (
        ("edit", await w.post(versions, "KEY_DANA", {**body, "command_id": "key.1"}, idempotency_key="key.2")),
        (
            "approve",
            await w.post(
                decision,
                "KEY_DANA",
                {"verdict": "approved", "version_stamp": 1, "command_id": "key.3"},
                idempotency_key="key.4",
            ),
        ),
        (
            "reopen",
            await w.post(
                f"{opened.path}/reopen", "KEY_DANA", {"version_stamp": 1, "command_id": "k.3"}, idempotency_key="k.4"
            ),
        ),
    ):
        w.check_error(f"{what}: both, and different, is refused", answer, 422, "validation_error")
    bad = await w.post(versions, "KEY_DANA", body, idempotency_key="no spaces")
    w.check_error("a header that is no command_id is refused", bad, 422, "validation_error")

    approved = await w.dana.approve(*opened.at, version_stamp=1, command_id="key.5")
    body = {"verdict": "approved", "version_stamp": 0}
    known = await w.post(decision, "KEY_DANA", body, idempotency_key="key.5")
    w.check("an approval's command_id is known as the header", known.json()["submission_status"], "already_applied")
    w.check("with the same overlay", ReviewOverlay.model_validate(known.json()["overlay"]), approved.overlay)

    reopened = await w.post(f"{opened.path}/reopen", "KEY_DANA", {"version_stamp": 2}, idempotency_key="key.6")
    w.check("reopen takes the header", (reopened.status_code, reopened.json()["rev"]), (200, 3))
    claim = {"version_stamp": 3, "ttl_seconds": 600}
    claimed = await w.post(f"{opened.path}/claim", "KEY_DANA", claim, idempotency_key="key.7")
    w.check("claim takes the header", (claimed.status_code, claimed.json()["rev"]), (200, 4))
    released = await w.post(f"{opened.path}/release", "KEY_BEN", {"version_stamp": 4}, idempotency_key="key.8")
    w.check("release takes the header", (released.status_code, released.json()["rev"]), (200, 5))
    now = (await w.dana.edit(*opened.at, snapshot={}, version_stamp=5)).model_dump()
    for verb, key, body, header in (
        ("reopen", "KEY_DANA", {"version_stamp": 2}, "key.6"),
        ("claim", "KEY_DANA", claim, "key.7"),
        ("release", "KEY_BEN", {"version_stamp": 4}, "key.8"),
    ):
        again = await w.post(f"{opened.path}/{verb}", key, body, idempotency_key=header)
        w.check(f"{verb}: known after other writes", again.status_code, 200)
        w.check(f"{verb}: and answers what is now", ReviewOverlay.model_validate(again.json()).model_dump(), now)
        again = await w.post(f"{opened.path}/{verb}", key, {**body, "version_stamp": 6}, idempotency_key=header)
        w.check(f"{verb}: whatever the stamp", again.status_code, 200)


async def a_command_is_known_however_much_is_written_since(w: World) -> None:
    workflow_id = w.fresh("wf_spill")
    opened = await w.open("split.json", run_id=w.fresh("run_spill"), workflow_id=workflow_id)
    await w.open("split.json", run_id=w.fresh("run_spill_other"), workflow_id=workflow_id)
    next_one = w.fresh("s.next")
    commands = {
        "claim-next": lambda: w.post(CLAIM_NEXT, "KEY_DANA", {"workflow_id": workflow_id}, idempotency_key=next_one),
        "edit": lambda: w.post(
            f"{opened.path}/versions", "KEY_DANA", {"snapshot": CORRECTED, "version_stamp": 1, "command_id": "s.edit"}
        ),
        "escalate": lambda: w.post(
            f"{opened.path}/decision",
            "KEY_BEN",
            {"verdict": "escalated", "version_stamp": 2, "reason": "h", "escalate_to": "b", "command_id": "s.escalate"},
        ),
        "claim": lambda: w.post(f"{opened.path}/claim", "KEY_DANA", {"version_stamp": 3}, idempotency_key="s.claim"),
    }
    for verb, call in commands.items():
        answer = await call()
        w.check(f"{verb} is done", answer.status_code, 200)
    for stamp in range(4, 44):
        overlay = await w.dana.claim(*opened.at, version_stamp=stamp)
    written = overlay.rev
    w.check("forty writes later the audit has them all", [e.rev_result for e in overlay.audit], [*range(written + 1)])
    for verb, call in reversed(commands.items()):
        answer = await call()
        w.check(f"{verb} is still known", answer.status_code, 200)
        body = answer.json()
        again = ReviewOverlay.model_validate(body.get("overlay", body))
        w.check(f"{verb} answers what is now", (again.id, again), (opened.id, overlay))
    body = {"snapshot": {}, "version_stamp": written, "command_id": "s.edit"}
    answer = await w.post(f"{opened.path}/versions", "KEY_DANA", body)
    w.check_error("and another edit under its command_id is still refused", answer, 409, "command_id_reused")


# --- Reading cheaply --------------------------------------------------------------------------------------------------


async def polling_is_cheap(w: World) -> None:
    workflow_id = w.fresh("wf_poll")
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_poll"), workflow_id=workflow_id)
    overlay_tags, list_tags = [], []

    async def poll(path: str, tag: str | None = None, **params: Any) -> httpx.Response:
        headers = {"Api-Key": w.keys["KEY_DANA"]} | ({"If-None-Match": tag} if tag else {})
        return await w.http.get(path, headers=headers, params=params)

    async def look(what: str) -> None:
        """Both answers are tagged, anew after each write, and 304 as long as nothing happens."""
        for name, path, params, tags in (
            ("get", opened.path, {}, overlay_tags),
            ("list", LIST, {"workflow_id": workflow_id, "status": "all"}, list_tags),
        ):
            if tags:
                fresh = await poll(path, tags[-1], **params)
                w.check(f"{name} after {what}: the old tag no longer does", fresh.status_code, 200)
            fresh = await poll(path, **params)
            tag = fresh.headers.get("etag", "")
            well_formed = tag.removeprefix("W/").startswith('"') and tag.endswith('"') and len(tag) > 2
            w.check(f"{name} after {what}: there is a tag, and a new one", well_formed and tag not in tags, True)
            same = await poll(path, tag, **params)
            w.check(f"{name} after {what}: with it, 304 and no body", (same.status_code, same.content), (304, b""))
            w.check(f"{name} after {what}: 304 repeats the tag", same.headers.get("etag"), tag)
            w.check(f"{name} after {what}: again the same", (await poll(path, **params)).headers["etag"], tag)
            tags.append(tag)

    await look("opening")
    await w.dana.claim(*opened.at, version_stamp=0)
    await look("claim")
    await w.dana.claim(*opened.at, version_stamp=1)
    await look("renewal")
    await w.dana.edit(*opened.at, snapshot=CORRECTED, version_stamp=2)
    await look("edit")
    await w.dana.release(*opened.at, version_stamp=3)
    await look("release")
    await w.dana.escalate(*opened.at, version_stamp=4, reason="hm", escalate_to="board")
    await look("escalate")
    await w.dana.approve(*opened.at, version_stamp=5)
    await look("approve")
    await reopen(w, opened, 6)
    await look("reopen")
    await w.dana.reject(*opened.at, version_stamp=7, reason="no")
    await look("reject")

    tag = overlay_tags[-1]
    for what, header, status in (
        ("one of several tags", f'"x", {tag}', 304),
        ("the tag as a weak one", f"W/{tag.removeprefix('W/')}", 304),
        ("a star", "*", 304),
        ("all the old tags", ", ".join(overlay_tags[:-1]), 200),
        ("the list's tag", list_tags[-1], 200),
    ):
        w.check(f"get with {what} is {status}", (await poll(opened.path, header)).status_code, status)
    missing = await poll(f"{LIST}/{w.fresh('run_poll_missing')}/b", "*")
    w.check("a missing review is no 304", missing.status_code, 404)
    hidden = await w.http.get(opened.path, headers={"Api-Key": w.keys["KEY_OTHER_ORG"], "If-None-Match": tag})
    w.check("nor is another organization's", hidden.status_code, 404)
    status = await poll(LIST, list_tags[-1], workflow_id=workflow_id, status="approved")
    w.check("a tag of one list is not another's", status.status_code, 200)


async def a_large_answer_comes_compressed(w: World) -> None:
    workflow_id = w.fresh("wf_gzip")
    opened = await w.open("contract-extract.json", run_id=w.fresh("run_gzip"), workflow_id=workflow_id)
    rows = [{"line": number, "text": f"Position {number}"} for number in range(2000)]
    await w.dana.edit(*opened.at, snapshot={"rows": rows}, version_stamp=0)
    for number in range(20):
        await w.open("receipt-extract.json", run_id=w.fresh(f"run_gzip_{number}"), workflow_id=workflow_id)

    async def read(path: str, accept: str | None, **params: Any) -> tuple[httpx.Response, int]:
        headers = {"Api-Key": w.keys["KEY_DANA"]} | ({"Accept-Encoding": accept} if accept is not None else {})
        async with w.http.stream("GET", path, headers=headers, params=params) as answer:
            await answer.aread()
            return answer, answer.num_bytes_downloaded

    for what, path, params in (("get", opened.path, {}), ("list", LIST, {"workflow_id": workflow_id})):
        plain, plain_size = await read(path, "identity", **params)
        w.check(f"{what}: identity is plain", (plain.status_code, plain.headers.get("content-encoding")), (200, None))
        small, small_size = await read(path, None, **params)
        w.check(f"{what}: to httpx as it is, gzip", small.headers.get("content-encoding"), "gzip")
        w.check(f"{what}: which says the same", small.text, plain.text)
        w.check(f"{what}: in less than half the bytes", small_size * 2 < plain_size, True)
        w.check(f"{what}: with one tag for both", small.headers["etag"], plain.headers["etag"])
        vary = {name.strip().lower() for name in small.headers.get("vary", "").split(",")}
        w.check(f"{what}: caches are told", "accept-encoding" in vary, True)
        refused, _ = await read(path, "gzip;q=0, *", **params)
        w.check(f"{what}: no gzip for who refuses it", refused.headers.get("content-encoding"), None)
    overlay = await w.dana.get(*opened.at)
    w.check("the client reads it", overlay.versions[1].snapshot, {"rows": rows})


PDF = b"%PDF-1.7 an order"


async def a_review_with_documents_is_read_claimed_and_listed_as_any_other(w: World) -> None:
    run_id = w.fresh("run_documents")
    body = json.loads((DEMO / "purchase-order-extract.json").read_text("utf-8")) | {
        "run_id": run_id,
        "workflow_id": w.fresh("wf_documents"),
        "documents": [
            {
                "id": "order",
                "filename": "order.pdf",
                "mime_type": "application/pdf",
                "source": {"kind": "upload", "document_id": await w.upload(PDF, "KEY_AGENT")},
            }
        ],
        "json_schema": {"type": "object"},
        "likelihoods": {"total": 0.5},
    }
    answer = await w.post_open(json.dumps(body), "KEY_AGENT")
    w.tally.opened_in_a.add(f"{run_id}:{body['block_id']}")
    w.check("it is opened", (answer.status_code, answer.json()["has_schema"]), (201, True))
    at = (run_id, body["block_id"])
    overlay = await w.dana.get(*at)
    w.check("the client reads it", overlay.rev, 0)
    overlay = await w.dana.claim(*at, version_stamp=0)
    w.check("and claims it", overlay.claim.holder.id, "user_42")
    page = await w.dana.list(workflow_id=body["workflow_id"])
    w.check("and lists it", ids(page), [f"{run_id}:{at[1]}"])
    answer = await w.fetch(f"workflows/reviews/{run_id}/{at[1]}/evidence", "KEY_READER")
    w.check("its evidence is what was sent", answer.json()["documents"], body["documents"])
    answer = await w.fetch(f"workflows/reviews/{run_id}/{at[1]}/documents/order", "KEY_READER")
    w.check("its document is elsewhere", answer.status_code, 302)
    async with httpx.AsyncClient() as s3:
        answer = await s3.get(answer.headers["location"])
    w.check("and is what was uploaded", (answer.status_code, answer.content), (200, PDF))
    w.check("as a download", answer.headers["content-disposition"].startswith("attachment;"), True)
    decided = await w.dana.approve(*at, version_stamp=1)
    w.check("and decides it", decided.overlay.status, "approved")


async def one_version_can_be_read_alone(w: World) -> None:
    opened = await w.open("purchase-order-extract.json", run_id=w.fresh("run_version"))
    await w.dana.edit(*opened.at, snapshot=CORRECTED, version_stamp=0, note="n")
    await w.agent.approve(*opened.at, version_stamp=1, edited_output={"total": 11})
    overlay = await raw(w, opened)
    for seq, version in enumerate(overlay["versions"]):
        answer = await w.fetch(f"{opened.path}/versions/{seq}", "KEY_READER")
        w.check(f"version {seq} alone is the overlay's", (answer.status_code, answer.json()), (200, version))
    text = member(as_written((await w.fetch(opened.path, "KEY_DANA")).text), "versions", 0)
    alone = await w.fetch(f"{opened.path}/versions/0", "KEY_DANA")
    w.check("to the last digit", as_written(alone.text), text)
    answer = await w.fetch(f"{opened.path}/versions/3", "KEY_DANA")
    w.check_error("a version that does not exist is not found", answer, 404, "version_not_found")
    for seq in ("-1", "x", "1.0", "99999999999999999999"):
        answer = await w.fetch(f"{opened.path}/versions/{seq}", "KEY_DANA")
        w.check(f"versions/{seq} is no version", answer.status_code in (404, 422), True)


async def a_megabyte_goes_through(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_megabyte"))
    # Noise, so that no compression makes it small; with the name, so that no two flavours send the same.
    noise = random.Random(w.flavour)
    rows = [{"id": n, "hash": noise.randbytes(240).hex(), "share": noise.random()} for n in range(2000)]
    snapshot = {"flavour": w.flavour, "rows": rows}
    size = len(json.dumps(snapshot).encode())
    w.check("the snapshot is more than a megabyte", 1_000_000 < size < 1_200_000, True)
    edited = await w.dana.edit(*opened.at, snapshot=snapshot, version_stamp=0, note="large")
    w.check("edit answers it whole", edited.versions[1].snapshot == snapshot, True)
    w.check("with its hash", edited.versions[1].content_sha256, sha256(canonical(snapshot)))
    overlay = await w.ben.get(*opened.at)
    w.check("get answers it whole", overlay == edited, True)
    alone = await w.fetch(f"{opened.path}/versions/1", "KEY_BEN")
    w.check("so does the version alone", alone.json()["snapshot"] == snapshot, True)
    again = await w.dana.edit(*opened.at, snapshot=snapshot, version_stamp=0, note="large")
    w.check("sent again, it is the same edit", again == edited, True)
    snapshot["rows"].append({"id": 2000})
    approved = await w.dana.approve(*opened.at, version_stamp=1, edited_output=snapshot)
    w.check("approved with another megabyte", stands(approved.overlay), ("approved", 2, 2, 2))
    w.check("which comes back whole", approved.overlay.versions[2].snapshot == snapshot, True)
    w.check("beside the first", approved.overlay.versions[1] == edited.versions[1], True)
    row = next(row for row in (await w.dana.list(status="approved", limit=200)).data if row.id == opened.id)
    w.check("its row is as light as any", (row.head_seq, row.effective_seq), (2, 2))


SCENARIOS = (
    a_correction_is_appended_and_the_review_goes_on_waiting,
    a_snapshot_survives_to_the_last_digit,
    what_no_snapshot_can_carry_is_refused_with_a_reason,
    an_approval_closes_the_review,
    an_approval_can_bring_its_own_correction,
    an_approval_names_the_versions_it_means,
    a_rejection_says_why,
    an_escalation_keeps_it_open_and_moves_it_up,
    a_decided_review_is_reopened_and_decided_anew,
    the_queue_shows_each_status_in_its_order,
    a_page_ends_where_it_should,
    wait_for_sees_a_reopened_review,
    the_next_one_is_the_hottest_that_nobody_has,
    a_crowd_that_asks_for_the_next_one_gets_one_each,
    a_stale_stamp_is_a_conflict_whatever_the_call,
    a_decided_review_takes_nothing_more,
    a_bad_request_names_every_field_that_is_wrong,
    another_organization_finds_nothing,
    a_reader_decides_nothing,
    a_command_is_carried_out_once,
    the_last_write_can_be_repeated_without_a_command_id,
    idempotency_key_means_command_id,
    a_command_is_known_however_much_is_written_since,
    polling_is_cheap,
    a_large_answer_comes_compressed,
    a_review_with_documents_is_read_claimed_and_listed_as_any_other,
    one_version_can_be_read_alone,
    a_megabyte_goes_through,
)


if __name__ == "__main__":
    run("whole review", SCENARIOS)
