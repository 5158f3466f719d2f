"""Runs a graph's thread to its end, and is killed after the given effect: `FLAVOUR URL WORKFLOW THREAD CHECKPOINTS ACTED NUMBER`."""

import os
import signal
import sys

from graphs import Life, Running
from support import Blocking, Faults

flavour, url, workflow, thread, checkpoints, acted, at = sys.argv[1:]


class Killed(Life):
    def end(self):
        os.kill(os.getpid(), signal.SIGKILL)


life = Killed(int(at), "after")


def act(state):
    def effect():
        with open(acted, "a") as file:
            file.write(f"{state['decision_id']} {state['output']['total']}\n")

    life.effect(effect)


client = Blocking.connect(flavour, url, os.environ["KEY"], Faults(each=lambda request, send: life.effect(send)))
Running(client, checkpoints, workflow, act, life=life).run(thread, timeout="1m")
# The loop's thread would keep nothing, but a pending answer might.
os._exit(0)
