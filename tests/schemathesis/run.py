"""Schemathesis against the running product: what the API's description allows is accepted, what it forbids is refused.

    python3 tests/schemathesis/run.py target/debug/holdpoint path/to/schemathesis

Starts Holdpoint in a folder of its own, with a key of every scope, and gives Schemathesis the description that it serves.
"""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE_SECONDS = 30


def start(binary: str, folder: str) -> tuple[subprocess.Popen, str]:
    """The product, and its URL."""
    arguments = [binary, "--data-dir", folder, "--port", "0"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ready, found = threading.Event(), []

    def read():
        # To its end, so that the pipe never fills.
        for line in process.stdout:
            if line.startswith("Holdpoint is at "):
                found.append(line.split()[3].removesuffix("/v1"))
            elif line.startswith("Ctrl-C stops"):
                ready.set()

    threading.Thread(target=read, daemon=True).start()
    if not ready.wait(PATIENCE_SECONDS):
        process.kill()
        raise SystemExit("holdpoint did not start")
    return process, found[0]


def main(binary: str, schemathesis: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        process, url = start(binary, folder)
        try:
            scopes = "read,review,runtime,admin"
            create = [binary, "--data-dir", folder, "keys", "create", "--id", "tester", "--name", "Tester", "--scopes", scopes]
            printed = subprocess.run(create, check=True, capture_output=True, text=True).stdout
            key = next(word for word in printed.split() if word.startswith("hp_"))
            arguments = [schemathesis, "--config-file", str(HERE / "schemathesis.toml"), "run", f"{url}/openapi.json"]
            environment = {**os.environ, "HOLDPOINT_URL": url, "HOLDPOINT_KEY": key}
            environment |= {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
            # Its own files go with the folder.
            return subprocess.run([*arguments, "-H", f"Api-Key: {key}"], env=environment, cwd=folder).returncode
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve()), str(Path(sys.argv[2]).resolve())))
