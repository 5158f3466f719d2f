"""What waiting is for the synchronous client; `_async/tools.py` is the other one."""

import threading
import time
from typing import Annotated, Callable, TypeVar

T = TypeVar("T")

# What the other one awaits is here at once.
Later = Annotated[T, "now"]
sleep = time.sleep
Lock = threading.Lock


class Repeating:
    """Does its work every so many seconds until it says no, or is stopped. Work that has begun is never cut."""

    def __init__(self, every: float, work: Callable[[], bool]) -> None:
        self._stopped = threading.Event()
        threading.Thread(target=self._run, args=(every, work), name="holdpoint-renew", daemon=True).start()

    def _run(self, every: float, work: Callable[[], bool]) -> None:
        while not self._stopped.wait(every):
            if not work():
                return

    def stop(self) -> None:
        self._stopped.set()
