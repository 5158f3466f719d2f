"""What the tests of scripts/package, scripts/deploy and scripts/rollback share.

Run them all: python3 -m unittest discover -s tests/deployment
The ones that need more are skipped without it: HOLDPOINT_PRODUCT is the built product (target/debug/holdpoint), and moto and the AWS CLI
are Python packages (moto[server], awscli).
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Optional

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from deployment import package, templates  # noqa: E402


def fake_sources(folder: Path) -> Path:
    """The templates, with a made-up binary for each function where cargo-lambda would put it."""
    for name in ("template.yaml", "data.yaml", "Cargo.toml"):
        shutil.copy(ROOT / name, folder / name)
    for name in templates.functions((ROOT / "template.yaml").read_text(encoding="utf-8")):
        binary = folder / "target" / "lambda" / name / "bootstrap"
        binary.parent.mkdir(parents=True, exist_ok=True)
        binary.write_bytes(b"\x7fELF " + name.encode() * 100)
    return folder


def fake_release(folder: Path, only: Optional[List[str]] = None) -> Path:
    """A release of such binaries; returns its dist/."""
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    package.package(fake_sources(sources), folder / "dist", only or [], x86=False, from_target=True)
    return folder / "dist"


def scripts_transform() -> SimpleNamespace:
    """scripts/transform, which needs PyYAML and aws-sam-translator."""
    return SimpleNamespace(**runpy.run_path(str(ROOT / "scripts" / "transform")))


def yaml_parse(text: str) -> Any:
    """A template, with CloudFormation's short forms written out."""
    import yaml

    return yaml.load(text, scripts_transform().Loader)  # noqa: S506 - a SafeLoader


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Waits until something holds. The machine may be busy, so for minutes."""
    for _ in range(3000):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"it does not hold that {what}")


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Waits until a server listens."""

    def listens() -> bool:
        if process.poll() is not None:
            raise AssertionError(f"{process.args!r} has ended with {process.returncode}")
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", port)) == 0

    wait_until(listens, f"something listens on {port}")


def product() -> Optional[str]:
    """The built product, if the tests were told where it is."""
    return os.environ.get("HOLDPOINT_PRODUCT")


class WithFolder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)

    def background(self, command: List[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Starts a server that ends with the test."""
        with open(self.folder / "servers.log", "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, **options)

        def end() -> None:
            process.terminate()
            process.wait()

        self.addCleanup(end)
        return process


class FakeAws:
    """An `aws` that records what it is asked and answers what it is told: for states that no emulator can be brought into."""

    def __init__(self, folder: Path) -> None:
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.answers: List[Dict[str, Any]] = []
        self.file, self.log = folder / "answers.json", folder / "calls.log"
        self.log.touch()
        self.tool("aws", f"import fake_aws\nfake_aws.main({str(self.file)!r}, {str(self.log)!r})")

    def tool(self, name: str, code: str) -> None:
        """Puts a command on the PATH."""
        path = self.tools / name
        path.write_text(f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(HERE)!r})\n{code}\n", encoding="utf-8")
        path.chmod(0o755)

    def answer(self, pattern: str, says: Any = "", complaint: str = "", code: int = 0, times: int = 0, until: str = "", after: str = "") -> None:
        """What to answer when the arguments match. Later answers come before earlier ones; `times` is how often, 0 being always. It waits until
        something that matches `until` is asked, and counts only once something that matches `after` was."""
        text = says if isinstance(says, str) else json.dumps(says)
        self.answers.insert(0, {"pattern": pattern, "stdout": text, "stderr": complaint, "code": code, "times": times, "until": until, "after": after})

    def file_answer(self, pattern: str, content: str) -> None:
        """What `s3api get-object` writes into the file that it is given."""
        self.answer(pattern)
        self.answers[0]["file"] = content

    def stack(self, name: str, status: str, times: int = 0, **details: Any) -> None:
        """What to describe a stack as; no status means that there is none."""
        pattern = rf"^cloudformation describe-stacks --stack-name {name} "
        if not status:
            self.answer(pattern, complaint=f"An error occurred (ValidationError): Stack with id {name} does not exist", code=254, times=times, after=details.get("after", ""))
            return
        described = {
            "StackStatus": status,
            "StackStatusReason": details.get("reason", ""),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in details.get("parameters", {}).items()],
            "Tags": [{"Key": key, "Value": value} for key, value in details.get("tags", {}).items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in details.get("outputs", {}).items()],
        }
        self.answer(pattern, {"Stacks": [described]}, times=times, after=details.get("after", ""))

    def bucket(self) -> Path:
        """From now on S3 keeps what it is given: the folder of the objects."""
        folder = self.file.with_name("bucket")
        folder.mkdir(exist_ok=True)
        return folder

    def keep_template(self, file: Path) -> None:
        """From now on, copies the template of a deployment to this file."""
        self.answer("^cloudformation deploy ")
        self.answers[0]["template"] = str(file)

    def calls(self) -> List[List[str]]:
        """All calls so far, without the one that asks for the version."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [call for call in map(json.loads, lines) if call != ["--version"]]

    def run(
        self, script: str, *arguments: str, env: Optional[Dict[str, str]] = None, root: Path = ROOT, stdout: int = subprocess.PIPE,
        stdin: int = subprocess.DEVNULL,
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a script with this `aws`, and nothing else of AWS, on the PATH."""
        self.file.write_text(json.dumps(self.answers), encoding="utf-8")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        clean["PATH"] = f"{self.tools}:/usr/bin:/bin"
        clean.update(env or {})
        command = [sys.executable, str(root / "scripts" / script), *arguments]
        return subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, env=clean)
