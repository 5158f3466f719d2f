"""Holdpoint: hold an output until somebody has reviewed it."""

from . import errors, models
from ._async.client import AsyncHoldpoint
from ._async.held import AsyncHeld
from ._async.queue import AsyncTask
from ._sync.client import Holdpoint
from ._sync.held import Held
from ._sync.queue import Task
from ._wire import Retry
from .decision import Decision
from .webhooks import verify

__all__ = [
    "AsyncHeld", "AsyncHoldpoint", "AsyncTask", "Decision", "Held", "Holdpoint", "Retry", "Task", "errors", "models", "verify",
]  # fmt: skip
