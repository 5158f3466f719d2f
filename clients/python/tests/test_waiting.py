"""Waiting for a decision: crashes before and after each request, outages, and a reopening in between."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import Crash, Faults, crash_after, crash_before, lost_answer, lost_request, refusal

from holdpoint import errors

CRASHES = {"before": crash_before, "after": crash_after}
# A wait without disturbance: a look, a look with its tag, the decision, the acknowledgement.
REQUESTS = 4


def decide(connect, run, verdict="approve", **more):
    reviews = connect("dana").reviews
    return getattr(reviews, verdict)(run, "extract", version_stamp=reviews.get(run, "extract").rev, **more)


def wait_to_the_end(connect, run, faults, acted, when_undecided):
    """A run that is started again after each crash, and acts on what it gets. Decided at its third look."""

    def each(request, send):
        looks.append(request.url.path)
        if looks.count(request.url.path) == 3 and request.url.path.endswith("/decision"):
            when_undecided()
        return faults[len(looks) - 1](request, send) if len(looks) - 1 in faults else send()

    looks = []
    while True:
        try:
            decision = connect("agent", Faults(each=each)).reviews.wait_for_decision(run, "extract", poll=0.05, timeout="1m")
        except Crash:
            continue
        acted.append((decision.decision_id, decision.verdict, json.dumps(decision.snapshot)))
        return len(looks)


def once(action):
    done = []

    def act():
        if not done:
            done.append(True)
            action()

    return act


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("at", range(REQUESTS))
def test_a_crash_at_each_request(connect, held, at, crash):
    run, acted = held({"total": 12.5}), []
    wait_to_the_end(connect, run, {at: CRASHES[crash]}, acted, once(lambda: decide(connect, run, edited_output={"total": 7})))
    overlay = connect("dana").reviews.get(run, "extract")
    assert acted == [(overlay.decisions[-1].decision_id, "approved", '{"total": 7}')]
    assert overlay.resume.status == "resumed"


def test_an_undisturbed_wait_has_so_many_requests(connect, held):
    run, acted = held(), []
    assert wait_to_the_end(connect, run, {}, acted, once(lambda: decide(connect, run))) == REQUESTS


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("fault", [lost_request, lost_answer, refusal(503), refusal(429), refusal(500, carried_out=True)])
def test_an_outage_of_the_whole_wait_loses_nothing(connect, held, at, fault):
    run, acted = held(), []
    # Longer than one call is retried.
    outage = {number: fault for number in range(at, at + 7)}
    wait_to_the_end(connect, run, outage, acted, once(lambda: decide(connect, run)))
    assert [verdict for _, verdict, _ in acted] == ["approved"]


def test_a_decision_that_is_superseded_before_it_is_acknowledged_is_not_acted_on(connect, held):
    run, acted = held(), []
    decide(connect, run)

    def reopened(request, send):
        overlay = connect("dana").reviews.get(run, "extract")
        connect("dana").reviews.reopen(run, "extract", version_stamp=overlay.rev, reason="Wrong")
        decide(connect, run, edited_output={"total": 8})
        return send()

    wait_to_the_end(connect, run, {1: reopened}, acted, lambda: None)
    assert [snapshot for _, _, snapshot in acted] == ['{"total": 8}']


def test_the_same_decision_however_often(connect, held):
    run = held()
    decide(connect, run)
    got = {connect("agent").reviews.wait_for_decision(run, "extract").decision_id for _ in range(3)}
    assert len(got) == 1


def test_a_rejected_output_is_no_output(connect, held):
    run = held()
    decide(connect, run, "reject", reason="No invoice")
    decision = connect("agent").reviews.wait_for_decision(run, "extract")
    assert not decision.approved and decision.reason == "No invoice"
    with pytest.raises(errors.RejectedError, match="No invoice"):
        _ = decision.snapshot


def test_a_time_limit_counts_from_the_opening_and_looks_once_more(connect, held, names):
    again = {"run_id": held(), "block_id": "extract", "workflow_id": names[1], "snapshot": {"total": 12.5}, "predicate": {"kind": "always"}}
    with pytest.raises(errors.WaitTimeoutError) as error:
        connect("agent").gate(**again).wait(timeout=0)
    assert isinstance(error.value, TimeoutError)
    decide(connect, again["run_id"])
    assert connect("agent").gate(**again).wait(timeout=0).approved


def test_an_output_that_is_too_large_for_a_call(connect, held):
    large = {"text": "x" * 300_000, "total": 1}
    run = held(large)
    decide(connect, run)
    assert connect("agent").reviews.wait_for_decision(run, "extract").snapshot == large


def test_who_did_not_open_it_finds_nothing(connect, held):
    run = held()
    with pytest.raises(errors.NotFoundError):
        connect("runtime").reviews.wait_for_decision(run, "extract")


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("at", range(3))
def test_killed_at_each_request(connect, held, product, tmp_path, at, crash):
    """A process of its own, and SIGKILL: look, acknowledge, act."""
    run = held()
    decide(connect, run)
    acted = tmp_path / "acted"
    program = [sys.executable, str(Path(__file__).with_name("waiting_process.py")), connect.flavour, product.url, run, str(acted)]
    environment = {**os.environ, "KEY": product.keys["agent"]}
    killed = subprocess.run([*program, str(at), crash], env=environment, timeout=60).returncode
    # With two requests, the third is never made.
    assert killed == (-9 if at < 2 else 0)
    if killed:
        assert not acted.exists() and subprocess.run([*program, "-1", crash], env=environment, timeout=60).returncode == 0
    overlay = connect("dana").reviews.get(run, "extract")
    assert acted.read_text().splitlines() == [overlay.decisions[-1].decision_id] and overlay.resume.status == "resumed"
