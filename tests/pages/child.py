"""Talks to the renderer's child process as `functions/page` does: one document in, one page out."""

import json
import resource
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "debug" / "page"
TYPES = {
    ".pdf": "application/pdf",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass
class Outcome:
    """How a child ended."""

    page: dict | None
    reason: str | None
    picture: bytes
    seconds: float
    code: int


def frame(document: bytes, mime_type: str, page: int = 1, width: int | None = 1200, form: str = "webp") -> bytes:
    """What the child reads."""
    picture = {"width": width, "format": form} if width else None
    job = json.dumps({"page": page, "mime_type": mime_type, "picture": picture}).encode()
    return struct.pack("<I", len(job)) + job + document


def render(document: bytes, mime_type: str, program: Path = PROGRAM, seconds: float = 5, **job) -> Outcome:
    """Renders one page. What the parent would say of a child that fails is said here in the same words."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            [program, "render-one-page"],
            input=frame(document, mime_type, **job),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env={},
        )
    except subprocess.TimeoutExpired:
        return Outcome(None, "too_complex: time", b"", time.monotonic() - started, -9)
    took = time.monotonic() - started
    if done.returncode != 0:
        reason = "unreadable: panic" if done.returncode == 101 else f"too_complex: ended by {done.returncode}"
        return Outcome(None, reason, b"", took, done.returncode)
    (length,) = struct.unpack_from("<I", done.stdout)
    answer = json.loads(done.stdout[4 : 4 + length])
    return Outcome(answer.get("page"), answer.get("unavailable"), done.stdout[4 + length :], took, 0)


def peak_megabytes() -> float:
    """The most memory that a child of this process has used so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
