"""Graphs of LangGraph that wait for a review. Needs `holdpoint[langgraph]`; asynchronous nodes need Python 3.11, as LangGraph says."""

from ._async.langgraph import agate_node, ahold, aresume, aresume_when_decided
from ._graph import NotWaitingError, thread_of
from ._sync.langgraph import gate_node, hold, resume, resume_when_decided

__all__ = [
    "NotWaitingError", "agate_node", "ahold", "aresume", "aresume_when_decided", "gate_node", "hold", "resume", "resume_when_decided",
    "thread_of",
]  # fmt: skip
