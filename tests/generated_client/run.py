"""A client that a published generator makes of the product's own description, used as its author would: it can decide.

    path/to/venv/bin/python tests/generated_client/run.py target/debug/holdpoint

The virtual environment holds `openapi-python-client` and `httpx`. Everything else is made in a folder that is removed.
"""

import contextlib
import importlib
import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

PATIENCE_SECONDS = 30


@contextlib.contextmanager
def product(binary: str, folder: str):
    """A running product: its URL."""
    process = subprocess.Popen(
        [binary, "--data-dir", folder, "--port", "0", "--no-demo"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    ready, found = threading.Event(), []

    def read() -> None:
        # To its end, so that the pipe never fills.
        for line in process.stdout:
            if line.startswith("Holdpoint is at "):
                found.append(line.split()[3].removesuffix("/v1"))
            elif "Ctrl-C stops" in line:
                ready.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        if not ready.wait(PATIENCE_SECONDS):
            raise SystemExit("holdpoint did not start")
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def new_key(binary: str, folder: str) -> str:
    command = [binary, "--data-dir", folder, "keys", "create", "--id", "tester", "--name", "Tester", "--scopes", "read,review,runtime"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def generate(url: str, folder: Path) -> None:
    """Makes the package `holdpoint_client` in the folder."""
    description = folder / "openapi.json"
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=10) as answer:
        description.write_bytes(answer.read())
    configuration = folder / "configuration.yaml"
    configuration.write_text("post_hooks: []\n")
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    output = str(folder / "holdpoint_client")
    subprocess.run(
        [generator, "generate", "--path", str(description), "--meta", "none", "--output-path", output, "--config", str(configuration)],
        check=True,
    )
    sys.path.insert(0, str(folder))


def use(url: str, key: str) -> None:
    """Opens, corrects and decides three reviews: with each verdict of the union."""
    from holdpoint_client import AuthenticatedClient, models

    def call(name: str):
        return importlib.import_module(f"holdpoint_client.api.reviews.{name}").sync_detailed

    client = AuthenticatedClient(base_url=url, token=key)  # sends `Authorization: Bearer`
    decisions = {
        "run-1": {"verdict": "approved", "version_stamp": 1, "reason": "As on the letterhead."},
        "run-2": {"verdict": "rejected", "version_stamp": 1, "reason": "Not an invoice."},
        "run-3": {"verdict": "escalated", "version_stamp": 1, "reason": "Above my limit.", "escalate_to": "cfo"},
    }
    variants = {
        "approved": models.DecideRequestApproved,
        "rejected": models.DecideRequestRejected,
        "escalated": models.DecideRequestEscalated,
    }
    for run, decision in decisions.items():
        opening = models.OpenRequest.from_dict(
            {
                "run_id": run, "block_id": "extract", "workflow_id": "wf", "workflow_version_id": "wfv", "block_type": "extract",
                "triggered_by": {"kind": "always"}, "snapshot": {"total": 12.5},
            }
        )
        opened = call("open_")(client=client, body=opening)
        assert opened.status_code == 201, opened.content
        correction = models.EditRequest.from_dict({"version_stamp": 0, "snapshot": {"total": 12.75}})
        edited = call("edit")(run, "extract", client=client, body=correction)
        assert edited.status_code == 200, edited.content
        body = variants[decision["verdict"]].from_dict(decision)
        assert body.to_dict() == decision, body.to_dict()
        decided = call("decide")(run, "extract", client=client, body=body)
        assert decided.status_code == 200, decided.content
        overlay = decided.parsed.overlay
        assert decided.parsed.submission_status == "accepted", decided.parsed
        assert (overlay.rev, len(overlay.versions), len(overlay.decisions)) == (2, 2, 1), overlay
        assert overlay.decisions[0].verdict == decision["verdict"], overlay.decisions
    listed = call("list_")(client=client, status=models.ListStatus("all"))
    assert listed.status_code == 200 and len(json.loads(listed.content)["data"]) == 3, listed.content
    print(f"a generated client opened, corrected and decided {len(decisions)} reviews")


def main(binary: str) -> None:
    binary = str(Path(binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "data")
        with product(binary, data) as url:
            generate(url, Path(folder))
            use(url, new_key(binary, data))


if __name__ == "__main__":
    main(*sys.argv[1:])
