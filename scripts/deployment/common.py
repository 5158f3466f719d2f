"""What all four scripts need: the folder they stand in, one kind of error, and a way to run a command."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, List, Mapping, Optional

# A checkout, or an unpacked release: both have scripts/, and a release has dist/ besides.
ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """Something that whoever runs the script must know or do. Its text is printed as it is."""


def say(text: str = "") -> None:
    """Prints a line at once, so that it stands before what a command prints."""
    print(text, flush=True)


def shown(command: List[str]) -> str:
    """A command as it is named in a message: without its longest arguments, and without our temporary files, which are gone by then."""
    scratch = tempfile.gettempdir() + "/tmp"
    words = ["..." if word.replace("file://", "").startswith(scratch) else word for word in command]
    words = [word if len(word) <= 60 else word[:57] + "..." for word in words]
    return " ".join(words if len(words) <= 8 else [*words[:8], "..."])


def run(command: List[str], what_to_do: str, cwd: Optional[Path] = None, env: Optional[Mapping[str, str]] = None) -> None:
    """Runs a command whose output is for people; when it fails, one sentence with it and what to do."""
    try:
        code = subprocess.run(command, cwd=cwd, env=env, check=False).returncode
    except OSError as error:
        raise Failed(f"`{command[0]}` cannot be started: {error.strerror}. {what_to_do}") from error
    if code != 0:
        raise Failed(f"`{shown(command)}` failed with exit code {code}. {what_to_do}")


def finish(main: Callable[[List[str]], int]) -> None:
    """Runs a script's `main`: exit code 1 and one message when it fails, 130 when it is interrupted."""
    if sys.version_info < (3, 9):
        print("FAILED  Python 3.9 or later is needed: this is " + sys.version.split()[0], file=sys.stderr)
        sys.exit(1)
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nInterrupted. What CloudFormation has begun goes on by itself; run this again to see how it ended.", file=sys.stderr)
        sys.exit(130)
