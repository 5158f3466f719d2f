"""The queue: claims that are renewed, stamps that are carried, and what is left undecided."""

import threading

import pytest
from support import Blocking, Crash, Faults, lost_answer

import holdpoint._async.queue
import holdpoint._sync.queue
from holdpoint import errors


@pytest.fixture
def three(held, names):
    """Three reviews in a workflow; a list may not know of one for a moment, so the tests ask until they have them."""
    return [held({"total": number}, run=f"{names[0]}-{number}", priority=-number) for number in range(3)]


def drain(connect, workflow, count, act, **options):
    """The tasks of as many passes as it takes to see so many."""
    seen = []
    client = connect("dana")
    for _ in range(100):
        for task in client.queue(workflow, **options):
            seen.append(task.run_id)
            act(task)
        if len(seen) >= count:
            break
    return seen


def test_the_loop_of_the_issue(connect, three, names):
    acts = iter(
        [
            lambda task: task.approve(edit=lambda output: {**output, "total": 7}, reason="As printed"),
            lambda task: task.reject("No invoice"),
            lambda task: task.approve(edit=lambda output: output),
        ]
    )
    seen = drain(connect, names[1], 3, lambda task: next(acts)(task))
    assert sorted(seen) == three
    overlays = [connect("dana").reviews.get(run, "extract") for run in seen]
    assert [overlay.status for overlay in overlays] == ["approved", "rejected", "approved"]
    # What edits nothing is no version.
    assert [len(overlay.versions) for overlay in overlays] == [2, 1, 1] and overlays[0].versions[1].snapshot == {"total": 7}


def test_an_escalated_or_undecided_one_does_not_stand_in_the_way(connect, three, names):
    def act(task):
        if task.run_id == three[0]:
            task.escalate(to="cfo", reason="Above my limit")
        elif task.run_id == three[2]:
            task.approve()

    seen = drain(connect, names[1], 3, act)
    assert three[2] in seen
    overlays = [connect("dana").reviews.get(run, "extract") for run in three]
    # Each comes once in a pass, and none is left claimed after it.
    assert [overlay.claim for overlay in overlays] == [None, None, None]
    assert [overlay.status for overlay in overlays] == ["awaiting_review", "awaiting_review", "approved"]


@pytest.fixture
def two_approvals(connect, names):
    connect("admin").policies.put(names[1], blocks={"*": {"approvals": {"required": 2}}}, version_stamp=0)


@pytest.mark.parametrize("act", ["release", "approve"])
def test_what_is_given_back_or_needs_another_approval_comes_once(connect, two_approvals, three, names, act):
    def each(task):
        seen.append(task.run_id)
        assert len(seen) < 20, "it comes again and again"
        getattr(task, act)()

    seen = []
    for _ in range(100):
        seen.clear()
        for task in connect("dana").queue(names[1]):
            each(task)
        if seen:
            break
    assert len(seen) == len(set(seen)), seen
    overlays = [connect("dana").reviews.get(run, "extract") for run in three]
    assert [(overlay.status, overlay.claim) for overlay in overlays] == [("awaiting_review", None)] * 3
    if act == "approve":
        drain(connect, names[1], 0, lambda task: None)
        ben = connect("ben").reviews
        for overlay in overlays:
            now = ben.get(overlay.workflow_run_id, "extract")
            assert ben.approve(now.workflow_run_id, "extract", version_stamp=now.rev).overlay.status == "approved"


def test_after_an_error_in_the_loop_the_review_is_free(connect, held, names):
    run = held()
    with pytest.raises(ZeroDivisionError):
        drain(connect, names[1], 1, lambda task: 1 / 0)
    for _ in range(200):
        if connect("dana").reviews.get(run, "extract").claim is None:
            break
    assert connect("dana").reviews.get(run, "extract").claim is None


def test_a_task_edits_and_keeps_its_stamp(connect, held, names):
    held()

    def act(task):
        task.edit({"total": 1}, note="First")
        assert task.snapshot == {"total": 1} and task.evidence().documents == []
        task.snapshot["total"] = 9
        assert task.approve().overlay.versions[-1].snapshot == {"total": 1}

    drain(connect, names[1], 1, act)


def test_what_others_change_meanwhile_is_not_overwritten(connect, held, names):
    run = held()

    def act(task):
        ben = connect("ben").reviews
        ben.edit(run, "extract", snapshot={"total": 99}, version_stamp=ben.get(run, "extract").rev)
        with pytest.raises(errors.VersionConflictError) as error:
            task.approve()
        assert [entry.event for entry in error.value.changes] == ["version_appended"]

    drain(connect, names[1], 1, act)
    assert connect("dana").reviews.get(run, "extract").status == "awaiting_review"


def test_a_claim_of_somebody_else_is_something_to_know(connect, held, names):
    run = held()

    def act(task):
        ben = connect("ben").reviews
        ben.claim(run, "extract", version_stamp=ben.get(run, "extract").rev)
        with pytest.raises(errors.VersionConflictError) as error:
            task.approve()
        assert error.value.claim.holder.id == "ben"

    drain(connect, names[1], 1, act)


class Clockwork:
    """In place of the background: renews when the test says so."""

    made = None

    def __init__(self, every, work):
        self.every, self.work, self.stopped = every, work, False
        Clockwork.made = self

    def stop(self):
        self.stopped = True


@pytest.fixture
def clockwork(connect, monkeypatch):
    module = holdpoint._sync.queue if connect.flavour == "sync" else holdpoint._async.queue
    # A module of its own: the other names of `tools` stay.
    monkeypatch.setattr(module.tools, "Repeating", Clockwork)
    return lambda: Clockwork.made.work() if connect.flavour == "sync" else Blocking.run(Clockwork.made.work())


def test_a_renewal_keeps_the_claim_and_the_stamp(connect, held, names, clockwork):
    review = held()

    def act(task):
        before = task.overlay
        assert clockwork() and clockwork()
        assert task.overlay.rev == before.rev + 2 and task.overlay.claim.expires_at > before.claim.expires_at
        task.approve()
        assert Clockwork.made.stopped and not clockwork()

    drain(connect, names[1], 1, act, ttl_seconds=30)
    assert Clockwork.made.every == 10
    assert connect("dana").reviews.get(review, "extract").status == "approved"


def test_a_renewal_whose_answer_is_lost_for_good_is_not_a_conflict(connect, held, names, clockwork):
    held()

    def each(request, send):
        return lost_answer(request, send) if lose.is_set() and request.url.path.endswith("/claim") else send()

    lose = threading.Event()
    client = connect("dana", Faults(each=each))
    for _ in range(100):
        for task in client.queue(names[1]):
            stamp = task.overlay.rev
            lose.set()
            assert clockwork() and task.overlay.rev == stamp
            lose.clear()
            assert task.approve().overlay.status == "approved"
            return
    raise AssertionError("never in the queue")


def test_a_renewal_stops_where_others_have_changed_it_and_after_its_time(connect, held, names, clockwork):
    review = held()

    def act(task):
        ben = connect("ben").reviews
        ben.edit(review, "extract", snapshot={"total": 99}, version_stamp=task.overlay.rev)
        assert not clockwork()
        with pytest.raises(errors.VersionConflictError):
            task.approve()

    drain(connect, names[1], 1, act)

    def late(task):
        assert not clockwork()
        task.approve()

    drain(connect, names[1], 1, late, hold="0s")


def test_a_crash_between_claim_and_decision_leaves_a_claim_that_ends(connect, held, names):
    run = held()

    def each(request, send):
        if request.url.path.endswith("/decision"):
            raise Crash
        return send()

    client = connect("dana", Faults(each=each))
    with pytest.raises(Crash):
        for _ in range(100):
            for task in client.queue(names[1]):
                task.approve()
    overlay = connect("dana").reviews.get(run, "extract")
    assert overlay.status == "awaiting_review" and len(overlay.decisions) == 0
