"""The whole review: every method of `client.workflows.reviews`, unmodified, against a running Holdpoint.

Corrects, approves, rejects, escalates, reopens, and compares what comes back field by field with what was sent, with
`Retab` and with `AsyncRetab`: the client sends and parses all of it. The rules themselves are tested in tests/integration.
What it needs to run (a URL, five API keys, an empty store) is written at the top of test_app.py.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx
from test_app import (
    DEMO,
    TIMESTAMP,
    Opened,
    World,
    as_written,
    canonical,
    ids,
    member,
    run,
    sha256,
)
from retab.exceptions import ConflictError
from retab.types.workflows.reviews import Actor, ReviewOverlay, SubmitDecisionResponse

LIST = "workflows/reviews"
PDF = b"%PDF-1.7 an order"

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


# --- What is refused --------------------------------------------------------------------------------------------------


async def each_call_with_a_stale_stamp_raises_conflict_error(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_conflict"))
    current = await w.ben.edit(*opened.at, snapshot=CORRECTED, version_stamp=0)
    at = opened.at
    for verb, call in (
        ("claim", w.dana.claim(*at, version_stamp=0)),
        ("release", w.dana.release(*at, version_stamp=0)),
        ("edit", w.dana.edit(*at, snapshot={}, version_stamp=0)),
        ("approve", w.dana.approve(*at, version_stamp=0)),
        ("reject", w.dana.reject(*at, version_stamp=0, reason="no")),
        ("escalate", w.dana.escalate(*at, version_stamp=0, reason="h", escalate_to="b")),
    ):
        error = await w.check_refused(f"{verb} raises ConflictError", call, ConflictError, 409, "version_conflict")
        said = [entry["action"] for entry in (error.details or {})["changes"]]
        w.check(f"{verb}: its details say what has changed", said, ["version_added"])
    after = await w.dana.get(*at)
    refused = [entry for entry in after.audit if entry.action == "stale_write_rejected"]
    w.check("the client parses the record of the refused writes", len(refused) > 0, True)
    after.audit = [entry for entry in after.audit if entry.action != "stale_write_rejected"]
    w.check("a refused call leaves the review as it was", after, current)


# --- Sent twice, done once --------------------------------------------------------------------------------------------


async def a_command_id_sent_again_is_already_applied(w: World) -> None:
    opened = await w.open("invoice-extract.json", run_id=w.fresh("run_command"))
    at = opened.at
    edit = {"snapshot": CORRECTED, "note": "once", "command_id": "cmd.edit"}
    first = await w.dana.edit(*at, version_stamp=0, **edit)
    w.check("the same edit again is that edit", await w.dana.edit(*at, version_stamp=5, **edit), first)
    other = w.dana.edit(*at, version_stamp=1, **{**edit, "note": "twice"})
    await w.check_refused("another edit under its id raises", other, ConflictError, 409, "command_id_reused")
    decisions = (
        ("escalate", w.dana.escalate, {"reason": "hm", "escalate_to": "board"}),
        ("approve", w.dana.approve, {"edited_output": {"total": 8}}),
    )
    for verb, call, more in decisions:
        stamp = (await w.dana.get(*at)).version_stamp
        done = await call(*at, version_stamp=stamp, command_id=f"cmd.{verb}", **more)
        again = await call(*at, version_stamp=0, command_id=f"cmd.{verb}", **more)
        got = (done.submission_status, again.submission_status, again.overlay)
        w.check(f"{verb}: once, and then known", got, ("accepted", "already_applied", done.overlay))


# --- Large outputs ----------------------------------------------------------------------------------------------------


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
    deleted = await w.delete(f"documents/{body['documents'][0]['source']['document_id']}", "KEY_ADMIN")
    w.check("it can be deleted", (deleted.status_code, deleted.json()["deleted"]), (200, True))
    after = await w.dana.get(*at)
    w.check("the client reads that it was", after.audit[-1].action, "document_deleted")
    w.check("nothing that it decides on has changed", (after.rev, after.claim), (1, overlay.claim))
    decided = await w.dana.approve(*at, version_stamp=1)
    w.check("and decides it", decided.overlay.status, "approved")


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
    an_approval_closes_the_review,
    an_approval_can_bring_its_own_correction,
    a_rejection_says_why,
    an_escalation_keeps_it_open_and_moves_it_up,
    a_decided_review_is_reopened_and_decided_anew,
    wait_for_sees_a_reopened_review,
    each_call_with_a_stale_stamp_raises_conflict_error,
    a_command_id_sent_again_is_already_applied,
    a_review_with_documents_is_read_claimed_and_listed_as_any_other,
    a_megabyte_goes_through,
)


if __name__ == "__main__":
    run("whole review", SCENARIOS)
