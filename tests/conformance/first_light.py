"""First light: the published Python client, unmodified, against a running Holdpoint.

Opens, lists, reads, claims, releases and waits, with `Retab` and with `AsyncRetab`. What it needs to run (a URL, five
API keys, an empty store) is written at the top of test_app.py.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

from test_app import (
    DEMO,
    TIMESTAMP,
    UNKNOWN_KEY,
    Opened,
    Reviews,
    World,
    as_written,
    canonical,
    faulty_fields,
    ids,
    member,
    restamped,
    run,
    sha256,
)
from retab.exceptions import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
)


# --- The scenarios ----------------------------------------------------------------------------------------------------


# Those that need no policy: the demo puts policies first.
BODIES = [path for path in sorted(DEMO.glob("*.json")) if {"predicate", "triggered_by"} & json.loads(path.read_text("utf-8")).keys()]

async def the_reference_page_runs_as_printed(w: World) -> None:
    text = (DEMO / "invoice-extract.json").read_text("utf-8")
    known = "run_abc123:block_extract" in w.tally.opened_in_a
    opening = await w.post_open(text, "KEY_AGENT")
    w.check("opening run_abc123 says whether it is new", opening.status_code, 200 if known else 201)
    w.tally.opened_in_a.add("run_abc123:block_extract")
    await w.dana.release("run_abc123", "block_extract", version_stamp=opening.json()["rev"])

    before = overlay = await w.dana.get("run_abc123", "block_extract")

    overlay = await w.dana.claim(
        "run_abc123", "block_extract", version_stamp=overlay.version_stamp,
    )
    printed = " ".join(("claimed by:", overlay.claim.holder.display_name))
    print(printed)

    w.check("the page's last line prints the holder", printed, "claimed by: Dana Rivera")
    w.check("the review was free before", before.claim, None)
    w.check("a claim advances rev by one", overlay.rev, before.rev + 1)
    w.check("the holder is the key's owner", (overlay.claim.holder.kind, overlay.claim.holder.id), ("human", "user_42"))
    lasts = overlay.claim.expires_at - overlay.claim.claimed_at
    w.check("a claim lasts 900 s by default", lasts, timedelta(seconds=900))
    last = overlay.audit[-1]
    w.check(
        "the last audit entry is this claim",
        (last.action, last.actor.id, last.rev_observed, last.rev_result),
        ("claimed", "user_42", before.rev, before.rev + 1),
    )
    w.check("get answers what claim answered", await w.dana.get("run_abc123", "block_extract"), overlay)


async def on_the_wire_audit_has_both_names_and_times_have_milliseconds(w: World) -> None:
    opened = await w.open("receipt-extract.json", run_id=w.fresh("run_wire"))
    await w.dana.claim(*opened.at, version_stamp=0)
    answer = await w.fetch(opened.path, "KEY_DANA")
    w.check("a plain GET answers 200", answer.status_code, 200)
    w.check("and carries a request id", bool(answer.headers.get("x-request-id")), True)
    raw = answer.json()
    w.check("audit[].action reads as it happened", [e["action"] for e in raw["audit"]], ["gate_fired", "claimed"])
    w.check("audit[].event in the reference page's words", [e["event"] for e in raw["audit"]], ["overlay_created", "claimed"])
    times = {name: raw[name] for name in ("awaiting_since", "created_at", "updated_at")}
    times |= {f"claim.{name}": raw["claim"][name] for name in ("claimed_at", "expires_at")}
    times |= {f"audit.{n}.at": entry["at"] for n, entry in enumerate(raw["audit"])}
    times |= {f"versions.{n}.created_at": version["created_at"] for n, version in enumerate(raw["versions"])}
    odd = {name: time for name, time in times.items() if not TIMESTAMP.fullmatch(time)}
    w.check("every time is written like 2026-05-13T08:55:00.000Z", odd, {})


async def an_overlay_holds_exactly_what_was_opened(w: World) -> None:
    organizations = set()
    for path in BODIES:
        opened = await w.open(path.name, run_id=w.fresh(f"run_fields_{path.stem}"))
        run_id, block_id = opened.at
        body = opened.body
        overlay = await w.dana.get(run_id, block_id)
        got = overlay.model_dump(exclude={"organization_id", "awaiting_since", "versions", "audit"})
        expected = {
            "id": f"{run_id}:{block_id}",
            "block_run_id": f"{run_id}:{block_id}",
            "workflow_run_id": run_id,
            "block_id": block_id,
            "workflow_id": body["workflow_id"],
            "workflow_version_id": body["workflow_version_id"],
            "block_type": body["block_type"],
            # The gate says which of its predicates fired first.
            "triggered_by": body.get("triggered_by", opened.overlay["triggered_by"]),
            "priority": body["priority"],
            "status": "awaiting_review",
            "decided_at": None,
            "rev": 0,
            "claim": None,
            "decisions": [],
            "head_seq": 0,
            "effective_seq": None,
        }
        w.check(f"{path.name}: every plain field is as opened", got, expected)

        versions = [version.model_dump(exclude={"created_at"}) for version in overlay.versions]
        first = {
            "seq": 0,
            "parent_seq": None,
            "author": body["author"],
            "origin": "model_output",
            "snapshot": body["snapshot"],
            "content_sha256": sha256(canonical(body["snapshot"])),
            "note": None,
        }
        w.check(f"{path.name}: the one version is the author's, with its RFC 8785 hash", versions, [first])

        raw = await w.fetch(opened.path, "KEY_DANA")
        w.check(
            f"{path.name}: the snapshot keeps its digits and the order of its keys",
            member(as_written(raw.text), "versions", 0, "snapshot"),
            member(as_written(opened.text), "snapshot"),
        )
        w.check(f"{path.name}: open answered with the very same overlay", opened.overlay, raw.json())
        w.check(f"{path.name}: _id is run:block", raw.json()["_id"], opened.id)
        w.check(
            f"{path.name}: the audit begins with the opening, by the caller",
            [(entry.action, entry.actor.kind, entry.rev_result) for entry in overlay.audit],
            [("gate_fired", "agent", 0)],
        )
        if path.name == "split.json":
            plain = json.dumps(body["snapshot"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            digest = overlay.versions[0].content_sha256
            w.check("a hash without floats is that of plain sorted JSON", digest, sha256(plain))
        organizations.add(overlay.organization_id)
    w.check("all belong to one organization, which has a name", (len(organizations), "" in organizations), (1, False))


async def opening_again_with_the_same_content_is_no_second_review(w: World) -> None:
    opened = await w.open("classification.json", run_id=w.fresh("run_again"))
    again = await w.post_open(opened.text, "KEY_AGENT")
    w.check("the same opening again answers 200", again.status_code, 200)
    w.check("and the same overlay", again.json(), opened.overlay)
    other = await w.post_open(restamped(opened.text, priority=9), "KEY_AGENT")
    w.check(
        "other content under the same ids is refused",
        (other.status_code, other.json()["detail"]["code"]),
        (409, "review_exists"),
    )
    person = await w.post_open(restamped(opened.text, run_id=w.fresh("run_not_dana_s")), "KEY_DANA")
    w.check(
        "opening needs the scope runtime",
        (person.status_code, person.json()["detail"]["code"]),
        (403, "forbidden"),
    )


async def the_queue_shows_the_hottest_first_and_filters(w: World) -> None:
    workflow_id = w.fresh("wf_queue")
    reviews: list[Opened] = []
    for number, path in enumerate(BODIES):
        reviews.append(await w.open(path.name, run_id=w.fresh(f"run_queue_{number}"), workflow_id=workflow_id))
        await asyncio.sleep(0.005)  # Two openings in one millisecond would be equally old.
    # A stable sort: among equals, the one opened first has waited longest.
    hottest_first = [review.id for review in sorted(reviews, key=lambda review: -review.body["priority"])]

    everything = await w.dana.list(limit=200)
    w.check("the queue holds every open review of the organization", set(ids(everything)), w.tally.opened_in_a)
    order = [(-row.priority, row.awaiting_since) for row in everything.data]
    w.check("priority descending, then longest waiting", order, sorted(order))
    default = await w.dana.list()
    w.check("the default page is the first 50 of it", ids(default), ids(everything)[:50])
    w.check("has_more says whether there are more", default.has_more, len(everything.data) > 50)
    w.check("by default only open reviews are listed", {row.status for row in default.data}, {"awaiting_review"})

    filtered = await w.dana.list(workflow_id=workflow_id)
    w.check("workflow_id keeps one workflow's reviews, in order", ids(filtered), hottest_first)
    w.check("and nothing more", filtered.has_more, False)
    w.check("an unknown workflow has an empty queue", ids(await w.dana.list(workflow_id=w.fresh("wf_unknown"))), [])
    hottest = await w.dana.list(workflow_id=workflow_id, limit=1)
    w.check("limit=1 is the hottest, and there is more", (ids(hottest), hottest.has_more), (hottest_first[:1], True))
    exact = await w.dana.list(workflow_id=workflow_id, limit=len(reviews))
    w.check("a page that holds all says so", (ids(exact), exact.has_more), (hottest_first, False))
    for status in ("approved", "rejected"):
        decided = await w.dana.list(status=status)
        w.check(f"nothing is {status} yet", (ids(decided), decided.has_more), ([], False))

    overlay = await w.dana.get(*reviews[0].at)
    row = next(row for row in filtered.data if row.id == overlay.id)
    summary = overlay.model_dump(exclude={"versions", "decisions", "audit"})
    w.check("a row says what the overlay says", row.model_dump(), summary)

    walked, pages = [], 0
    params = {"workflow_id": workflow_id, "status": "awaiting_review", "limit": 2}
    while True:
        page = (await w.fetch("workflows/reviews", "KEY_DANA", **params)).json()
        walked += page["data"]
        pages += 1
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None), f"expected a cursor exactly if there is more, got {page!r}"
        if cursor is None:
            break
        params["cursor"] = cursor
    w.check("pages of two neither skip nor repeat", [row["_id"] for row in walked], hottest_first)
    w.check("and are as few as can be", pages, (len(reviews) + 1) // 2)
    heavy = {"versions", "decisions", "audit"}
    w.check("rows come without the heavy parts", [row["_id"] for row in walked if heavy & row.keys()], [])


async def mine_is_what_i_hold(w: World) -> None:
    workflow_id = w.fresh("wf_mine")
    first, second, third = [
        await w.open("receipt-extract.json", run_id=w.fresh(f"run_mine_{hot}"), workflow_id=workflow_id, priority=hot)
        for hot in (3, 2, 1)
    ]

    async def held_by(reviews: Reviews) -> list[str]:
        return ids(await reviews.list(workflow_id=workflow_id, mine=True))

    w.check("nothing is mine before I claim", await held_by(w.dana), [])
    await w.dana.claim(*first.at, version_stamp=0)
    await w.ben.claim(*second.at, version_stamp=0)
    w.check("mine=True lists what Dana claimed", await held_by(w.dana), [first.id])
    w.check("and for Ben what Ben claimed", await held_by(w.ben), [second.id])
    everybodys = await w.dana.list(workflow_id=workflow_id, mine=False)
    w.check("mine=False lists them all", ids(everybodys), [first.id, second.id, third.id])
    holders = [row.claim and row.claim.holder.id for row in everybodys.data]
    w.check("each row names its holder", [holders[0], holders[2]], ["user_42", None])
    w.check("and Ben's is not Dana", holders[1] not in (None, "user_42"), True)

    everywhere = await w.dana.list(mine=True, limit=200)
    w.check("mine needs no workflow", first.id in ids(everywhere), True)
    w.check("and is nobody else's", {row.claim.holder.id for row in everywhere.data}, {"user_42"})

    await w.dana.claim(*second.at, version_stamp=1)
    w.check("taking over makes it mine", await held_by(w.dana), [first.id, second.id])
    w.check("and no longer his", await held_by(w.ben), [])
    await w.dana.release(*first.at, version_stamp=1)
    w.check("releasing makes it nobody's", await held_by(w.dana), [second.id])


async def a_claim_is_released_taken_over_and_renewed(w: World) -> None:
    at = (await w.open("contract-extract.json", run_id=w.fresh("run_handover"))).at

    mine = await w.dana.claim(*at, version_stamp=0)
    free = await w.dana.release(*at, version_stamp=mine.version_stamp)
    w.check("release drops the claim", (free.claim, free.rev, free.audit[-1].action), (None, 2, "released"))
    nothing = await w.dana.release(*at, version_stamp=free.version_stamp)
    w.check("releasing nothing changes nothing", nothing, free)

    bens = await w.ben.claim(*at, version_stamp=nothing.version_stamp)
    ben = bens.claim.holder
    w.check("Ben claims what Dana let go", (bens.rev, ben.kind, ben.id != "user_42"), (3, "human", True))

    taken = await w.dana.claim(*at, version_stamp=bens.version_stamp, ttl_seconds=60)
    w.check("Dana, who has seen that, takes over", (taken.rev, taken.claim.holder.id), (4, "user_42"))
    w.check("the audit says from whom", (taken.audit[-1].detail.get("took_over_from") or {}).get("id"), ben.id)
    w.check("ttl_seconds=60 is respected", taken.claim.expires_at - taken.claim.claimed_at, timedelta(seconds=60))

    renewed = await w.dana.claim(*at, version_stamp=taken.version_stamp, ttl_seconds=3600)
    w.check("claiming again renews", (renewed.rev, renewed.claim.holder), (5, taken.claim.holder))
    w.check("a renewal keeps claimed_at", renewed.claim.claimed_at, taken.claim.claimed_at)
    w.check("and ends ttl_seconds from now", renewed.claim.expires_at - renewed.audit[-1].at, timedelta(seconds=3600))
    w.check("a renewal takes over from nobody", renewed.audit[-1].detail.get("took_over_from"), None)

    dropped = await w.ben.release(*at, version_stamp=renewed.version_stamp)
    w.check("anybody may release, on the record", (dropped.claim, dropped.audit[-1].actor.id), (None, ben.id))
    w.check(
        "the audit tells it all, in order",
        [(entry.action, entry.actor.id, entry.rev_result) for entry in dropped.audit[1:]],
        [
            ("claimed", "user_42", 1),
            ("released", "user_42", 2),
            ("claimed", ben.id, 3),
            ("claimed", "user_42", 4),
            ("claimed", "user_42", 5),
            ("released", ben.id, 6),
        ],
    )


async def the_same_claim_sent_twice_is_one_claim(w: World) -> None:
    at = (await w.open("conditional.json", run_id=w.fresh("run_replay"))).at
    once = await w.dana.claim(*at, version_stamp=0)
    twice = await w.dana.claim(*at, version_stamp=0)
    w.check("a claim whose answer got lost can be sent again", twice, once)
    await w.ben.claim(*at, version_stamp=1)
    await w.check_refused(
        "but not after somebody else's write",
        w.dana.claim(*at, version_stamp=0), ConflictError, 409, "version_conflict",
    )


async def wait_for_returns_when_the_gate_has_fired(w: World) -> None:
    opened = await w.open("split.json", run_id=w.fresh("run_wait_there"))
    found = await w.dana.wait_for(*opened.at, timeout=5.0, poll_interval=0.05)
    w.check("wait_for returns a review that awaits", (found.id, found.status), (opened.id, "awaiting_review"))

    try:
        waited: Any = await w.dana.wait_for(w.fresh("run_wait_never"), "block_split", timeout=0.2, poll_interval=0.05)
    except TimeoutError as error:
        waited = type(error)
    w.check("wait_for gives up on a run that never comes", waited, TimeoutError)

    run_id = w.fresh("run_wait_later")
    await w.check_refused(
        "a run whose gate has not fired is a 404",
        w.dana.get(run_id, "block_split"), NotFoundError, 404, "review_not_found",
    )

    async def open_later() -> Opened:
        await asyncio.sleep(0.3)
        return await w.open("split.json", run_id=run_id)

    opening = asyncio.create_task(open_later())
    found = await w.dana.wait_for(run_id, "block_split", timeout=10.0, poll_interval=0.05)
    w.check("wait_for returns once another task opens it", (found.id, found.rev), ((await opening).id, 0))


async def a_stale_stamp_is_a_conflict_that_says_what_happened(w: World) -> None:
    at = (await w.open("invoice-extract.json", run_id=w.fresh("run_stale"))).at
    await w.ben.claim(*at, version_stamp=0)
    await w.ben.release(*at, version_stamp=1)
    current = await w.ben.claim(*at, version_stamp=2, ttl_seconds=120)

    for verb in ("claim", "release"):
        error = await w.check_refused(
            f"{verb} with a stale stamp raises ConflictError",
            getattr(w.dana, verb)(*at, version_stamp=1), ConflictError, 409, "version_conflict",
        )
        details = dict(error.details or {})
        changes, claim = details.pop("changes", None), details.pop("claim", None)
        w.check(
            f"{verb}: its details say where the review stands",
            details,
            {"version_stamp": 1, "rev": 3, "status": "awaiting_review", "head_seq": 0},
        )
        holder = current.claim.holder.model_dump()
        w.check(f"{verb}: they name the holder", claim and claim["holder"], holder)
        w.check(
            f"{verb}: and what has changed since, newest last",
            [(entry["action"], entry["rev_result"], entry["actor"]) for entry in changes or []],
            [("released", 2, holder), ("claimed", 3, holder)],
        )
    after = await w.dana.get(*at)
    after.audit = [entry for entry in after.audit if entry.action != "stale_write_rejected"]
    w.check("a refused call leaves the review as it was, but for the record of it", after, current)
    await w.check_refused(
        "a stamp from the future is a conflict too",
        w.dana.claim(*at, version_stamp=99), ConflictError, 409, "version_conflict",
    )


async def a_missing_review_and_another_organizations_look_alike(w: World) -> None:
    opened = await w.open("contract-extract.json", run_id=w.fresh("run_secret"))
    run_id, block_id = opened.at
    missing = w.fresh("run_missing")
    await w.dana.claim(run_id, block_id, version_stamp=0)

    calls = {
        "get": lambda reviews, run: reviews.get(run, block_id),
        "claim": lambda reviews, run: reviews.claim(run, block_id, version_stamp=1),
        "release": lambda reviews, run: reviews.release(run, block_id, version_stamp=1),
    }
    for verb, call in calls.items():
        absent = await w.check_refused(
            f"{verb} of a missing run raises NotFoundError",
            call(w.other, missing), NotFoundError, 404, "review_not_found",
        )
        hidden = await w.check_refused(
            f"{verb} of another organization's review does so equally",
            call(w.other, run_id), NotFoundError, 404, "review_not_found",
        )
        w.check(
            f"{verb}: the two answers do not tell which it was",
            hidden.body.replace(run_id, "RUN").replace(hidden.request_id, "ID"),
            absent.body.replace(missing, "RUN").replace(absent.request_id, "ID"),
        )
    await w.check_refused(
        "a missing block of a real run raises NotFoundError",
        w.dana.get(run_id, "block_missing"), NotFoundError, 404, "review_not_found",
    )


async def a_bad_key_is_turned_away_without_saying_why(w: World) -> None:
    at = (await w.open("receipt-extract.json", run_id=w.fresh("run_keys"))).at
    errors = [
        await w.check_refused(
            f"{what} raises AuthenticationError",
            w.holding(key).get(*at), AuthenticationError, 401, "unauthenticated",
        )
        for what, key in (
            ("a well-formed unknown key", UNKNOWN_KEY),
            ("a malformed key", "not-a-key"),
            ("a real key with one character more", w.keys["KEY_DANA"] + "x"),
        )
    ]
    w.check("one message for all", len({error.message for error in errors}), 1)
    keyless = await w.http.get("workflows/reviews")
    w.check(
        "and for no key at all",
        (keyless.status_code, keyless.json()["detail"]["code"], keyless.json()["detail"]["message"]),
        (401, "unauthenticated", errors[0].message),
    )


async def a_reader_may_look_but_not_touch(w: World) -> None:
    opened = await w.open("classification.json", run_id=w.fresh("run_readonly"))
    w.check("the reader reads", (await w.reader.get(*opened.at)).id, opened.id)
    w.check("and lists", opened.id in ids(await w.reader.list(limit=200)), True)
    for verb in ("claim", "release"):
        await w.check_refused(
            f"{verb} with a reader's key raises PermissionDeniedError",
            getattr(w.reader, verb)(*opened.at, version_stamp=0), PermissionDeniedError, 403, "forbidden",
        )
    w.check("nothing has happened", (await w.reader.get(*opened.at)).rev, 0)


async def a_bad_request_names_every_field_that_is_wrong(w: World) -> None:
    at = (await w.open("split.json", run_id=w.fresh("run_invalid"))).at
    for sentence, arguments, fields in (
        ("ttl_seconds=29", {"version_stamp": 0, "ttl_seconds": 29}, ["ttl_seconds"]),
        ("ttl_seconds=86401", {"version_stamp": 0, "ttl_seconds": 86401}, ["ttl_seconds"]),
        ("version_stamp=-1", {"version_stamp": -1}, ["version_stamp"]),
        ("both wrong at once", {"version_stamp": -1, "ttl_seconds": 29}, ["ttl_seconds", "version_stamp"]),
    ):
        error = await w.check_refused(
            f"{sentence} raises ValidationError",
            w.dana.claim(*at, **arguments), ValidationError, 422, "validation_error",
        )
        w.check(f"{sentence}: the details name {' and '.join(fields)}", faulty_fields(error), fields)
    w.check("nothing has happened", (await w.dana.get(*at)).rev, 0)
    for ttl_seconds in (30, 86400):
        overlay = await w.dana.get(*at)
        overlay = await w.dana.claim(*at, version_stamp=overlay.version_stamp, ttl_seconds=ttl_seconds)
        lasts = overlay.claim.expires_at - overlay.audit[-1].at
        w.check(f"ttl_seconds={ttl_seconds} is still good", lasts, timedelta(seconds=ttl_seconds))


async def two_organizations_never_meet(w: World) -> None:
    ids_both_use = {"run_id": w.fresh("run_twin"), "block_id": "block_twin", "workflow_id": w.fresh("wf_twin")}
    workflow_id = ids_both_use["workflow_id"]
    ours = await w.open("invoice-extract.json", **ids_both_use)
    await w.dana.claim(*ours.at, version_stamp=0)
    before = (await w.fetch(ours.path, "KEY_DANA")).text

    w.check("B's queue holds only what B opened", set(ids(await w.other.list(limit=200))), w.tally.opened_in_b)
    w.check("B's queue of A's workflow is empty", ids(await w.other.list(workflow_id=workflow_id)), [])
    await w.check_refused("B cannot get it", w.other.get(*ours.at), NotFoundError, 404, "review_not_found")
    await w.check_refused(
        "B cannot claim it", w.other.claim(*ours.at, version_stamp=1), NotFoundError, 404, "review_not_found"
    )
    await w.check_refused(
        "B cannot release it", w.other.release(*ours.at, version_stamp=1), NotFoundError, 404, "review_not_found"
    )

    theirs = await w.open("receipt-extract.json", key="KEY_OTHER_ORG", **ids_both_use)
    overlay = await w.other.get(*theirs.at)
    w.check(
        "B opens the same run and block and has an overlay of its own",
        (overlay.id, overlay.rev, overlay.claim, overlay.versions[0].snapshot),
        (ours.id, 0, None, theirs.body["snapshot"]),
    )
    w.check("in its own organization", overlay.organization_id != json.loads(before)["organization_id"], True)
    overlay = await w.other.claim(*theirs.at, version_stamp=0)
    w.check("B claims its own", (overlay.rev, overlay.claim.holder.id != "user_42"), (1, True))
    w.check("A's is what it was, to the letter", (await w.fetch(ours.path, "KEY_DANA")).text, before)

    rows_of_a = (await w.dana.list(workflow_id=workflow_id)).data
    rows_of_b = (await w.other.list(workflow_id=workflow_id)).data
    w.check("A lists A's only", [row.organization_id for row in rows_of_a], [json.loads(before)["organization_id"]])
    w.check("B lists B's only", [row.organization_id for row in rows_of_b], [overlay.organization_id])
    w.check("B's claims are B's", ids(await w.other.list(workflow_id=workflow_id, mine=True)), [theirs.id])


SCENARIOS = (
    the_reference_page_runs_as_printed,
    on_the_wire_audit_has_both_names_and_times_have_milliseconds,
    an_overlay_holds_exactly_what_was_opened,
    opening_again_with_the_same_content_is_no_second_review,
    the_queue_shows_the_hottest_first_and_filters,
    mine_is_what_i_hold,
    a_claim_is_released_taken_over_and_renewed,
    the_same_claim_sent_twice_is_one_claim,
    wait_for_returns_when_the_gate_has_fired,
    a_stale_stamp_is_a_conflict_that_says_what_happened,
    a_missing_review_and_another_organizations_look_alike,
    a_bad_key_is_turned_away_without_saying_why,
    a_reader_may_look_but_not_touch,
    a_bad_request_names_every_field_that_is_wrong,
    two_organizations_never_meet,
)


if __name__ == "__main__":
    run("first light", SCENARIOS)
