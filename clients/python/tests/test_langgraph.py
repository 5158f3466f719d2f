"""Graphs that hold: passes of a loop, threads at once, what a graph is resumed with, and webhooks."""

import itertools
import threading

import pytest
from graphs import ALWAYS, Running, node_of
from langgraph.types import Command
from support import Faults, refusal

import holdpoint
from holdpoint import errors, models
from holdpoint.langgraph import NotWaitingError, thread_of

NEVER = {"kind": "field_confidence_lt", "path": "total", "threshold": 0.5}


class Acts(list):
    def __call__(self, state):
        self.append((state["decision_id"], state["output"]))


@pytest.fixture
def acted():
    return Acts()


@pytest.fixture
def start(connect, names, tmp_path, acted):
    """Makes the process of a graph: by default each has the same checkpoints."""
    made = []

    def start(who="agent", faults=None, file="checkpoints", act=acted, **options):
        running = Running(connect(who, faults), str(tmp_path / file), names[1], act, **options)
        made.append(running)
        return running

    yield start
    for running in made:
        running.close()


def waiting(running, thread):
    """The reviews that a thread waits for."""
    return [(each.value["holdpoint"]["run_id"], each.value["holdpoint"]["block_id"]) for each in running.state(thread).interrupts]


@pytest.fixture
def approve(connect):
    def approve(review, **more):
        return connect("dana").reviews.approve(*review, version_stamp=0, **more).overlay.decisions[-1].decision_id

    return approve


def test_each_pass_of_a_loop_is_a_review_of_its_own(start, names, approve, acted):
    graph, decided = start(passes=3), []
    for number in range(3):
        with pytest.raises(errors.WaitTimeoutError):
            graph.run(names[0], timeout=0)
        (review,) = waiting(graph, names[0])
        decided.append((approve(review, edited_output={"total": number}), {"total": number}))
    assert graph.run(names[0])["passes"] == 3
    assert acted == decided and len({decision for decision, _ in acted}) == 3


def test_what_nobody_must_see_goes_on(start, names, acted):
    graph = start(predicate=NEVER, likelihoods={"total": 0.9})
    # Nor is it what another pass has decided.
    graph.invoke({"decision_id": "of the last pass"}, names[0])
    assert acted == [(None, {"total": 12.5})] and graph.run(names[0])["output"] == {"total": 12.5}


@pytest.mark.parametrize("given", [True, "approved", {"approved": True}, {"decision_id": "0", "snapshot": {"total": 99}}])
def test_only_the_decision_counts_whatever_a_graph_is_resumed_with(start, names, approve, acted, given):
    graph = start()
    graph.invoke({}, names[0])
    (review,) = waiting(graph, names[0])
    for _ in range(3):
        graph.invoke(Command(resume=given), names[0])
    assert acted == [] and waiting(graph, names[0]) == [review]
    decision = approve(review, edited_output={"total": 7})
    # By hand is as good as by anybody.
    graph.invoke(Command(resume=given), names[0])
    assert acted == [(decision, {"total": 7})]


def test_a_rejected_output_ends_the_run(connect, start, names, acted):
    graph = start()
    graph.invoke({}, names[0])
    connect("dana").reviews.reject(*waiting(graph, names[0])[0], version_stamp=0, reason="No invoice")
    for _ in range(2):
        with pytest.raises(errors.RejectedError, match="No invoice"):
            graph.run(names[0])
    assert acted == []


def test_a_node_that_makes_another_output_when_it_runs_again_holds_its_first(connect, start, names, approve):
    count = itertools.count()
    gate = node_of(
        connect("agent"),
        lambda: [{"workflow_id": names[1], "snapshot": {"total": next(count)}, "predicate": ALWAYS}],
        lambda decisions: {"output": decisions[0].snapshot},
    )
    graph = start(gate=gate, act=lambda state: None)
    graph.invoke({}, names[0])
    approve(waiting(graph, names[0])[0])
    assert graph.run(names[0])["output"] == {"total": 0} and next(count) == 2


def test_two_holds_of_one_node_are_two_reviews(connect, start, names, approve):
    gate = node_of(
        connect("agent"),
        lambda: [{"workflow_id": names[1], "snapshot": {"of": block}, "block_id": block, "predicate": ALWAYS} for block in ("one", "two")],
        lambda decisions: {"output": {"all": [each.snapshot["of"] for each in decisions]}},
    )
    graph = start(gate=gate, act=lambda state: None)
    for block in ("one", "two"):
        with pytest.raises(errors.WaitTimeoutError):
            graph.run(names[0], timeout=0)
        (review,) = waiting(graph, names[0])
        assert review[1] == block
        approve(review)
    assert graph.run(names[0])["output"] == {"all": ["one", "two"]}


def test_two_graphs_and_their_threads_at_once(start, names, approve, acted):
    """Two processes with checkpoints of their own, two threads of the same names in each."""
    graphs, results = [start(), start(file="other")], {}

    def run(number, thread):
        results[number, thread] = graphs[number].run(thread, timeout="1m")["output"]

    places = [(number, f"{names[0]}-{each}") for number in range(2) for each in range(2)]
    running = [threading.Thread(target=run, args=place) for place in places]
    for each in running:
        each.start()
    expected = {}
    for number, thread in places:
        while not (reviews := waiting(graphs[number], thread)):
            assert all(each.is_alive() for each in running), "one has ended that nobody has decided"
        output = {"total": len(expected)}
        expected[number, thread] = (approve(reviews[0], edited_output=output), output)
    for each in running:
        each.join()
    assert {place: output for place, (_, output) in expected.items()} == results
    assert sorted(acted) == sorted(expected.values())


def test_two_who_wait_for_one_thread_act_once(start, names, approve, acted):
    graph = start()
    graph.invoke({}, names[0])
    running = [threading.Thread(target=lambda: graph.run(names[0], timeout="1m")) for _ in range(4)]
    approve(waiting(graph, names[0])[0])
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert len(acted) == 1


def test_an_outage_does_not_end_it(start, names, approve, acted):
    graph = start()
    graph.invoke({}, names[0])
    approve(waiting(graph, names[0])[0])
    # Longer than a call is retried: of the poller, of the node, and of the acknowledgement.
    for first in (0, 1, 2, 3):
        start(faults=Faults({number: refusal(503) for number in range(first, first + 7)})).run(names[0], timeout="1m")
    assert len(acted) == 1


def test_an_interrupt_has_names_and_no_secret(product, start, names, tmp_path):
    graph = start()
    graph.invoke({}, names[0])
    (interrupt,) = graph.state(names[0]).interrupts
    run, block = waiting(graph, names[0])[0]
    page = f"{product.url.removesuffix('/v1')}/inbox/reviews/{run}/{block}"
    assert interrupt.value == {"holdpoint": {"run_id": run, "block_id": "gate", "url": page}}
    graph.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert run.encode() in stored and product.keys["agent"].encode() not in stored


def test_a_graph_without_a_thread_holds_nothing(connect, start, names):
    graph = start()
    graph.graph.checkpointer = None
    with pytest.raises(ValueError, match="thread_id"):
        graph.invoke({}, None, durability=None)
    assert not connect("dana").reviews.list(names[1], "all").data


@pytest.mark.parametrize("thread", ["plain", "a b/c?d#e%f", "ü=~é~0123456789abcdef", "a=20b", "~" * 16, "+&'()*,;:@!$"])
def test_a_thread_is_known_from_the_name_of_its_review(start, approve, acted, thread):
    graph = start()
    graph.invoke({}, thread)
    (review,) = waiting(graph, thread)
    decision = approve(review)
    graph.run(thread)
    assert [each for each, _ in acted] == [decision]
    assert thread_of(holdpoint.Decision(graph.client.reviews.decision(*review).decision)) == thread


def test_a_webhook_resumes_its_thread_once(connect, start, names, approve, acted, receiver):
    webhooks = connect("admin").webhooks
    webhook = webhooks.create(receiver.url, events=["review.opened", "review.decided"])

    def event_of(thread, kind):
        got = receiver(lambda message: (message["data"].get("workflow_run_id") or "").startswith(f"{thread}~") and message["type"] == kind)
        return holdpoint.verify(*got, webhook.signing_secret)

    graph = start()
    graph.invoke({}, names[0])
    decision = approve(waiting(graph, names[0])[0])
    decided = event_of(names[0], "review.decided")
    assert thread_of(decided) == names[0]
    # A graph that has not come to it yet: the message must come again.
    with pytest.raises(NotWaitingError):
        start(file="other").call("resume", decided)
    assert [graph.call("resume", decided) for _ in range(3)] == [True, False, False]
    assert acted == [(decision, {"total": 12.5})]
    webhooks.delete(webhook.webhook_id)


def test_an_event_of_no_graph_or_of_no_decision_resumes_nothing(connect, start, names, acted, held):
    graph = start()
    graph.invoke({}, names[0])
    run, block = waiting(graph, names[0])[0]

    def event(run, block):
        data = models.EventData.model_construct(workflow_run_id=run, block_id=block)
        return models.Event.model_construct(type="review.decided", data=data)

    # Not decided, opened by no graph, of a review that is not there, of a test.
    for each in (event(run, block), event(held(), "extract"), event("gone~0123456789abcdef", "gate")):
        assert graph.call("resume", each) is False
    assert thread_of(holdpoint.webhooks.TestEvent(id="0", type="webhook.test", timestamp="2026-05-13T08:55:00Z", data={})) is None
    assert acted == [] and waiting(graph, names[0]) == [(run, block)]
