"""A graph that reads an invoice, stops until somebody has reviewed what it read, and pays.

    export HOLDPOINT_URL=http://127.0.0.1:8787/v1 HOLDPOINT_API_KEY=hp_…
    python3 invoices.py invoice-7

Run it again after a crash, at any point: it goes on where it was.
"""

import sqlite3
import sys
from typing import Optional, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from holdpoint import Holdpoint
from holdpoint.errors import RejectedError
from holdpoint.langgraph import gate_node, resume_when_decided

hp = Holdpoint()


class State(TypedDict, total=False):
    invoice: dict
    decision_id: Optional[str]


def extract(state: State) -> State:
    # What your model makes of the document.
    return {"invoice": {"supplier": "northwind", "total": 1250.00}}


def pay(state: State) -> None:
    # A node may run twice if the process is killed within it. Whoever pays takes the decision's id as the idempotency key.
    print("pays", state["invoice"], "by decision", state["decision_id"], flush=True)


builder = StateGraph(State)
builder.add_node("extract", extract)
# `always` for this example. Without a predicate, the workflow's policy says what is held.
builder.add_node("review", gate_node(hp, "invoice", workflow_id="invoices", predicate={"kind": "always"}))
builder.add_node("pay", pay)
builder.add_edge(START, "extract")
builder.add_edge("extract", "review")
builder.add_edge("review", "pay")
builder.add_edge("pay", END)

with sqlite3.connect("checkpoints.db", check_same_thread=False) as connection:
    graph = builder.compile(checkpointer=SqliteSaver(connection))
    print("runs, and waits where somebody must look", flush=True)
    try:
        resume_when_decided(graph, {"configurable": {"thread_id": sys.argv[1]}}, client=hp, start={})
    except RejectedError as rejected:
        sys.exit(f"rejected: {rejected.reason}")
