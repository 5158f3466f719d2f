"""A graph whose process ends at each of its effects: each request, each write of a checkpoint, and what comes after the review."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from graphs import Life, Running
from support import Crash, Faults

# Of a run that nothing ends: seven requests, the checkpoints and what is written between them, and the act.
EFFECTS = 18


class World:
    """What is left when a process has ended: the file of the checkpoints, what was done, and the product."""

    def __init__(self, connect, names, path):
        self.connect, self.path = connect, str(path)
        self.thread, self.workflow = names
        self.looks, self.acted = 0, []

    def live(self, life):
        """One process, from its start to its end."""

        def request(asked, send):
            if asked.url.path.endswith("/decision"):
                self.looks += 1
                if self.looks == 3:
                    run, block = asked.url.path.split("/")[-3:-1]
                    self.connect("dana").reviews.approve(run, block, version_stamp=0, edited_output={"total": 7})
            return life.effect(send)

        def act(state):
            life.effect(lambda: self.acted.append((state["decision_id"], json.dumps(state["output"]))))

        running = Running(self.connect("agent", Faults(each=request)), self.path, self.workflow, act, life=life)
        try:
            return running.run(self.thread, timeout="1m")
        finally:
            self.left = running.state(self.thread)
            running.close()

    def overlays(self):
        reviews = self.connect("dana").reviews
        # The list may not know of it for a moment.
        while not (listed := reviews.list(self.workflow, "all").data):
            time.sleep(0.05)
        return [reviews.get(each.workflow_run_id, each.block_id) for each in listed]


@pytest.fixture
def world(connect, names, tmp_path):
    return World(connect, names, tmp_path / "checkpoints")


def test_a_life_that_nothing_ends_has_so_many_effects(world):
    life = Life()
    assert world.live(life)["output"] == {"total": 7}
    assert life.count == EFFECTS and len(world.acted) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(EFFECTS))
def test_a_crash_at_each_effect(world, at, when):
    with pytest.raises(Crash):
        world.live(Life(at, when))
    # What a node has done is done again if its checkpoint was not written: that is LangGraph's, and why it gets the decision's id.
    again = 1 if world.acted and world.left.next == ("act",) else 0
    world.live(Life())
    (overlay,) = world.overlays()
    (decision,) = overlay.decisions
    assert world.acted == [(decision.decision_id, '{"total": 7}')] * (1 + again)
    assert overlay.resume.status == "resumed"


# When the interrupt is stored, and nobody has decided.
OPENED = 7


def test_killed_when_it_is_open_and_then_in_each_life_one_effect_later(world, product, tmp_path):
    """Processes of their own, and SIGKILL: one stops before the decision, the next ones after one effect more each."""
    acted = tmp_path / "acted"
    program = [sys.executable, str(Path(__file__).with_name("langgraph_process.py")), world.connect.flavour, product.url]
    program += [world.workflow, world.thread, world.path, str(acted)]
    environment = {**os.environ, "KEY": product.keys["agent"]}

    def killed_after(effect):
        return subprocess.run([*program, str(effect)], env=environment, timeout=60).returncode

    assert killed_after(OPENED) == -signal.SIGKILL
    (overlay,) = world.overlays()
    world.connect("dana").reviews.approve(overlay.workflow_run_id, "gate", version_stamp=0, edited_output={"total": 7})
    lives = [killed_after(effect) for effect in range(OPENED)]
    assert -signal.SIGKILL in lives and lives[-1] == 0
    (overlay,) = world.overlays()
    assert set(acted.read_text().splitlines()) == {f"{overlay.decisions[-1].decision_id} 7"} and overlay.resume.status == "resumed"
