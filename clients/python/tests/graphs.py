"""A graph that holds, with its checkpoints in SQLite, and a life that can end at each of its effects on the world."""

import sqlite3
from typing import Optional, TypedDict

import aiosqlite
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from support import Blocking, Crash

from holdpoint import langgraph as held

ALWAYS = {"kind": "always"}


class State(TypedDict, total=False):
    output: dict
    decision_id: Optional[str]
    passes: int


class Life:
    """Ends before or after the given effect. Nothing has an effect after that, whoever catches the crash."""

    def __init__(self, at=None, when="before"):
        self.at, self.when, self.count, self.ended = at, when, 0, False

    def end(self):
        self.ended = True
        raise Crash

    def begins(self):
        number, self.count = self.count, self.count + 1
        if self.ended or (number == self.at and self.when == "before"):
            self.end()
        return number

    def ends(self, number):
        if self.ended or (number == self.at and self.when == "after"):
            self.end()

    def effect(self, carry_out):
        number = self.begins()
        made = carry_out()
        self.ends(number)
        return made


class Saver(SqliteSaver):
    life = Life()

    def put(self, *arguments):
        return self.life.effect(lambda: super(Saver, self).put(*arguments))

    def put_writes(self, *arguments):
        return self.life.effect(lambda: super(Saver, self).put_writes(*arguments))


class AsyncSaver(AsyncSqliteSaver):
    life = Life()

    async def aput(self, *arguments):
        number = self.life.begins()
        made = await super().aput(*arguments)
        self.life.ends(number)
        return made

    async def aput_writes(self, *arguments):
        number = self.life.begins()
        await super().aput_writes(*arguments)
        self.life.ends(number)


class Running:
    """The graph of one process: `extract`, `gate`, `act`, and round again for as many passes as `passes` says."""

    def __init__(self, client, path, workflow, act, passes=1, life=None, gate=None, **content):
        self.client, self.blocking = client, isinstance(client, Blocking)
        self.hp = client.within if self.blocking else client
        content = {"workflow_id": workflow, "predicate": ALWAYS, **content}

        def extract(state):
            return {"output": {"total": 12.5}, "passes": state.get("passes", 0) + 1}

        def acting(state):
            act(state)

        gate_node = held.agate_node if self.blocking else held.gate_node
        gate = gate or gate_node(self.hp, "output", **content)
        builder = StateGraph(State).add_node("extract", extract).add_node("gate", gate).add_node("act", acting)
        builder.add_edge(START, "extract").add_edge("extract", "gate").add_edge("gate", "act")
        builder.add_conditional_edges("act", lambda state: "extract" if state["passes"] < passes else END)
        if self.blocking:

            async def saver():
                return AsyncSaver(await aiosqlite.connect(path))

            self.saver = Blocking.run(saver())
        else:
            self.saver = Saver(sqlite3.connect(path, check_same_thread=False))
        self.saver.life = life or Life()
        self.graph = builder.compile(checkpointer=self.saver)

    def call(self, name, *arguments, **named):
        """A function of the module, of this flavour."""
        found = getattr(held, f"a{name}" if self.blocking else name)(self.graph, *arguments, client=self.hp, **named)
        return Blocking.run(found) if self.blocking else found

    def run(self, thread, **named):
        return self.call("resume_when_decided", config(thread), start={}, poll=0.05, **named)

    def invoke(self, given, thread, durability="sync"):
        if self.blocking:
            return Blocking.run(self.graph.ainvoke(given, config(thread), durability=durability))
        return self.graph.invoke(given, config(thread), durability=durability)

    def state(self, thread):
        return Blocking.run(self.graph.aget_state(config(thread))) if self.blocking else self.graph.get_state(config(thread))

    def close(self):
        Blocking.run(self.saver.conn.close()) if self.blocking else self.saver.conn.close()


def node_of(client, holds, then):
    """A node of the client's flavour: what to hold, each time that it runs, and what it makes of the decisions."""
    if not isinstance(client, Blocking):
        return lambda state: then([held.hold(client, **each) for each in holds()])

    async def node(state):
        return then([await held.ahold(client.within, **each) for each in holds()])

    return node


def config(thread):
    return {"configurable": {"thread_id": thread}}
