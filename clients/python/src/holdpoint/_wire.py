"""What the two clients share: requests, pauses between tries, and times."""

import hashlib
import mimetypes
import os
import random
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Optional, Union
from urllib.parse import quote

from . import _json

Duration = Union[float, str, timedelta]
# A file to upload, or what the API's `documents` has: a model or a mapping.
Document = Union[str, "os.PathLike[str]", Mapping[str, Any]]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Call:
    """One request. `repeatable`: the product recognises it, so that a lost answer is no reason not to send it again."""

    method: str
    path: str
    body: Optional[bytes] = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True


@dataclass(frozen=True)
class Retry:
    """At most `tries`; pauses are random, up to `first` seconds, then twice that, at most `longest`. A longer `Retry-After` is an error."""

    tries: int = 5
    first: float = 0.5
    longest: float = 60.0

    def pause(self, tried: int, retry_after: Optional[float]) -> Optional[float]:
        """How long to wait after so many tries; none if that was the last."""
        if tried >= self.tries or (retry_after or 0) > self.longest:
            return None
        # Spread, so that those who were refused together do not come back together.
        return (retry_after or 0) + random.uniform(0, min(self.longest, self.first * 2 ** (tried - 1)))


def retry_after(value: Optional[str]) -> Optional[float]:
    if not value:
        return None
    try:
        return max(0.0, float(value)) if value.strip().isdigit() else max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def segment(value: str) -> str:
    """One segment of a path, whatever it holds: it leads to no other path."""
    if value in ("", ".", ".."):
        raise ValueError(f"not an identifier: {value!r}")
    return quote(value, safe="")


def call(
    method: str,
    *path: str,
    body: Optional[Mapping[str, Any]] = None,
    query: Optional[Mapping[str, Any]] = None,
    keyed: bool = False,
    etag: Optional[str] = None,
    repeatable: bool = True,
) -> Call:
    """A call; None in its body or query is left out. `keyed`: with an idempotency key of its own, unless the body names the command."""
    headers: dict[str, str] = {}
    content = None
    if body is not None:
        given = {name: value for name, value in body.items() if value is not None}
        content = _json.dumps(given)
        headers["Content-Type"] = "application/json"
        if keyed and "command_id" not in given:
            headers["Idempotency-Key"] = f"py-{uuid.uuid4().hex}"
    if etag:
        headers["If-None-Match"] = etag
    asked = {name: str(value).lower() if isinstance(value, bool) else value for name, value in (query or {}).items() if value is not None}
    return Call(method, "/" + "/".join(segment(each) for each in path), content, asked, headers, repeatable)


def key_of(given: Optional[str]) -> str:
    key = given or os.environ.get("HOLDPOINT_API_KEY") or ""
    if not re.fullmatch(r"[!-~]+", key):
        # Without the key: this may be logged.
        raise ValueError("no API key: pass api_key, or set HOLDPOINT_API_KEY" if not key else "the API key has characters that no key has")
    return key


def url_of(given: Optional[str]) -> str:
    return (given or os.environ.get("HOLDPOINT_URL") or "http://127.0.0.1:8787/v1").rstrip("/")


def seconds(duration: Duration) -> float:
    """Seconds of a number, a `timedelta`, or a text such as `90s`, `15m`, `12h`, `7d`."""
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, str):
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd])", duration)
        if not found:
            raise ValueError(f"not a duration such as 90s, 15m, 12h or 7d: {duration!r}")
        return float(found[1]) * _UNITS[found[2]]
    return float(duration)


def ends_at(timeout: Optional[Duration], since: Optional[datetime]) -> float:
    start = since or datetime.now(timezone.utc)
    return float("inf") if timeout is None else start.timestamp() + seconds(timeout)


@dataclass(frozen=True)
class File:
    """A file on this machine. Its name of the document holds part of its hash, so that a second upload of it is known as the same."""

    filename: str
    mime_type: str
    content: bytes = field(repr=False)
    sha256: str

    @property
    def id(self) -> str:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(self.filename).stem).strip(".-")[:40]
        return f"{stem or 'document'}-{self.sha256[:16]}"


def file_of(path: Union[str, "os.PathLike[str]"]) -> File:
    content = Path(path).read_bytes()
    guessed = mimetypes.guess_type(os.fspath(path))[0] or "application/octet-stream"
    return File(Path(path).name, guessed, content, hashlib.sha256(content).hexdigest())
