"""Graphs of LangGraph that wait for a review: `holdpoint.langgraph`."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Callable, Optional, Union
from weakref import WeakValueDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_config
from langgraph.pregel import Pregel
from langgraph.types import Command, interrupt

from .._graph import NotWaitingError, run_of, thread_of, waiting_of
from .._wire import Duration, ends_at, segment
from ..decision import Decision
from ..errors import ConnectionFailedError, NotFoundError, ThrottledError, UnavailableError, WaitTimeoutError
from ..models import Event
from . import tools
from .client import AsyncHoldpoint

Graph = Pregel[Any, Any, Any, Any]


_locks: "WeakValueDictionary[tuple[int, str], tools.Lock]" = WeakValueDictionary()
_locks_guard = threading.Lock()


async def ahold(
    client: AsyncHoldpoint, *, workflow_id: str, snapshot: Mapping[str, Any], block_id: Optional[str] = None, **content: Any
) -> Optional[Decision]:
    """Within a node: stops the graph until the output is decided. Returns the acknowledged decision, or none if nobody must see it.

    `block_id` is by default the node's name; two calls in one node need two. `content` is as of `gate`. It opens one review each time that
    the graph comes to the node, however often LangGraph runs the node for that. Raises `ValueError` without a thread.
    """
    config = get_config()
    run, block = run_of(config), block_id or str(config["metadata"]["langgraph_node"])
    try:
        # What is open stays as it is, also if the node has made another output this time.
        await client.reviews.decision(run, block)
    except NotFoundError:
        # It polls, so a `resume` of the caller's is an error.
        held = await client.gate(run_id=run, block_id=block, workflow_id=workflow_id, snapshot=snapshot, resume=None, **content)
        if held is None:
            return None
    page = f"{client._url.removesuffix('/v1')}/inbox/reviews/{segment(run)}/{segment(block)}"
    while True:
        interrupt({"holdpoint": {"run_id": run, "block_id": block, "url": page}})
        try:
            # Whatever the graph was resumed with, only this counts.
            return await client.reviews.wait_for_decision(run, block, timeout=0)
        except WaitTimeoutError:
            continue


def agate_node(client: AsyncHoldpoint, key: str, *, workflow_id: str, **content: Any) -> Callable[[Any], tools.Later["dict[str, Any]"]]:
    """A node that holds `state[key]`, and puts what was approved there, and the decision's id, or none, into `decision_id`.

    A rejected one ends the run of the graph with `RejectedError`: for another way write a node that calls `hold`.
    """

    async def node(state: Any) -> "dict[str, Any]":
        decision = await ahold(client, workflow_id=workflow_id, snapshot=state[key], **content)
        if decision is None:
            return {"decision_id": None}
        return {key: decision.snapshot, "decision_id": decision.decision_id}

    return node


async def aresume_when_decided(
    graph: Graph,
    config: RunnableConfig,
    *,
    client: AsyncHoldpoint,
    start: Any = None,
    timeout: Optional[Duration] = None,
    poll: float = 5.0,
) -> Any:
    """Runs the thread to its end, or to an interrupt that is not Holdpoint's, and returns its state. Safe to repeat after a crash.

    `start` is the input of a thread that has not begun. Outages do not end it. `timeout` counts from now; `poll` is the longest pause, in
    seconds. A thread at a static breakpoint goes on. Raises `WaitTimeoutError`, and what the nodes raise.
    """
    ends, pause = ends_at(timeout, None), min(1.0, poll)
    while True:
        try:
            went_on = await _step(graph, config, client, start)
            if went_on is None:
                return (await graph.aget_state(config)).values
        except (ConnectionFailedError, ThrottledError, UnavailableError):
            went_on = False
        if went_on:
            pause = min(1.0, poll)
            continue
        left = ends - time.time()
        if left <= 0:
            raise WaitTimeoutError(f"no decision in time of thread {config['configurable']['thread_id']}")
        await tools.sleep(min(pause, left))
        pause = min(pause * 1.5, poll)


async def aresume(graph: Graph, message: Union[Event, Decision], *, client: AsyncHoldpoint) -> bool:
    """Resumes the thread whose review a verified message is about, and returns when it stops again: whether there was anything to do.

    From the message come only names; what was decided is asked for. Raises `NotWaitingError`, and what the nodes raise.
    """
    thread = thread_of(message)
    if thread is None:
        return False
    about: Any = message.payload if isinstance(message, Decision) else message.data
    run, block = about.workflow_run_id, about.block_id
    config: RunnableConfig = {"configurable": {"thread_id": thread}}
    async with _lock(graph, config):
        for interrupt_id, at in waiting_of(await graph.aget_state(config)):
            if (at["run_id"], at["block_id"]) == (run, block):
                return await _answer(graph, config, client, {interrupt_id: at})
    try:
        found = await client.reviews.decision(run, block)
    except NotFoundError:
        return False
    if found.decision and not (found.resume and found.resume.status == "resumed"):
        raise NotWaitingError(f"the graph has not stopped yet for {run} {block}")
    return False


def _lock(graph: Graph, config: RunnableConfig) -> tools.Lock:
    # LangGraph itself lets two run one thread at once, and each would do what comes after the review.
    with _locks_guard:
        return _locks.setdefault((id(graph.checkpointer), str(config["configurable"]["thread_id"])), tools.Lock())


async def _step(graph: Graph, config: RunnableConfig, client: AsyncHoldpoint, start: Any) -> Optional[bool]:
    """Runs the thread as far as it goes: whether it could go on; none if it has nothing to wait for."""
    async with _lock(graph, config):
        state = await graph.aget_state(config)
        waiting = dict(waiting_of(state))
        if waiting:
            return await _answer(graph, config, client, waiting)
        # Not by `next`, which is empty, too, when a crash came between what a node has written and the checkpoint that has it.
        if state.created_at and (state.interrupts or not state.tasks):
            return None
        # Not begun, or ended by a crash where it did not wait.
        await graph.ainvoke(None if state.created_at else start, config, durability="sync")
        return True


async def _answer(graph: Graph, config: RunnableConfig, client: AsyncHoldpoint, waiting: "dict[str, dict[str, str]]") -> bool:
    answers = {}
    for interrupt_id, at in waiting.items():
        decision = (await client.reviews.decision(at["run_id"], at["block_id"])).decision
        if decision:
            answers[interrupt_id] = decision.decision_id
    if answers:
        await graph.ainvoke(Command(resume=answers), config, durability="sync")
    return bool(answers)
