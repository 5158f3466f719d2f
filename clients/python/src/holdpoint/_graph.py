"""What the two ways to wait in a graph share: the names of reviews, and what a thread waits for."""

import hashlib
import re
from typing import Optional, Union
from urllib.parse import quote, unquote

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot

from .decision import Decision
from .errors import HoldpointError
from .models import Event


class NotWaitingError(HoldpointError):
    """There is a decision, and its graph has not stopped for it yet. Answer the webhook with 503: it comes again."""


def run_of(config: RunnableConfig) -> str:
    """The run's id for Holdpoint: the thread, and what tells each time that the graph comes to the node from the others."""
    at = config["configurable"]
    if at.get("thread_id") is None:
        raise ValueError("a graph that holds needs a thread_id in its config, and a checkpointer")
    # The namespace ends with the task's id: the same when the node is run again, another one in the next pass of a loop.
    task = hashlib.sha256(at["checkpoint_ns"].encode()).hexdigest()[:16]
    return quote(str(at["thread_id"]), safe="!$&'()*+,;:@").replace("%", "=") + "~" + task


def thread_of(message: Union[Event, Decision]) -> Optional[str]:
    """The thread of the review that a message is about; none if no graph has opened it."""
    about = message.payload if isinstance(message, Decision) else message.data
    found = re.fullmatch(r"(.+)~[0-9a-f]{16}", str(getattr(about, "workflow_run_id", "")))
    return unquote(found[1].replace("=", "%")) if found else None


def waiting_of(state: StateSnapshot) -> "list[tuple[str, dict[str, str]]]":
    """The interrupts that are Holdpoint's: each one's id, and its review."""
    values = [(each.id, each.value.get("holdpoint")) for each in state.interrupts if isinstance(each.value, dict)]
    return [(interrupt_id, at) for interrupt_id, at in values if at]
