"""What waiting is for the asynchronous client; `_sync/tools.py` is the other one."""

import asyncio
from collections.abc import Awaitable
from typing import Callable

Later = Awaitable
sleep = asyncio.sleep
Lock = asyncio.Lock


class Repeating:
    """Does its work every so many seconds until it says no, or is stopped. Work that has begun is never cut."""

    def __init__(self, every: float, work: Callable[[], Awaitable[bool]]) -> None:
        self._stopped = asyncio.Event()
        # Kept: the loop itself keeps no task alive.
        self._task = asyncio.ensure_future(self._run(every, work))

    async def _run(self, every: float, work: Callable[[], Awaitable[bool]]) -> None:
        while True:
            try:
                await asyncio.wait_for(self._stopped.wait(), every)
                return
            except (asyncio.TimeoutError, TimeoutError):
                if not await work():
                    return

    def stop(self) -> None:
        self._stopped.set()
