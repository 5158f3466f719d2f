"""Waits for a decision and acts on it, and is killed at the given request: `FLAVOUR URL RUN FILE NUMBER before|after`."""

import os
import signal
import sys

from support import Blocking, Faults


def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_after(_, send):
    send()
    kill()


flavour, url, run, acted, at, crash = sys.argv[1:]
faults = Faults({int(at): kill if crash == "before" else kill_after})
decision = Blocking.connect(flavour, url, os.environ["KEY"], faults).reviews.wait_for_decision(run, "extract", poll=0.1, timeout="1m")
with open(acted, "a") as file:
    file.write(decision.decision_id + "\n")
# The loop's thread would keep nothing, but a pending answer might.
os._exit(0)
