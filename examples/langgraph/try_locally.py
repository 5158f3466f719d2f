"""Runs the example against the product: `HOLDPOINT_BINARY=target/debug/holdpoint python3 try_locally.py`, with `holdpoint[langgraph]`."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE_SECONDS = 60


def main(binary):
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data-dir", f"{folder}/data"]
        product = subprocess.Popen(
            [binary, *data, "--port", "0", "--no-demo"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        ready, url = threading.Event(), []

        def read():
            # To its end, so that the pipe never fills.
            for line in product.stdout:
                if line.startswith("Holdpoint is at "):
                    url.append(line.split()[3].removesuffix("/v1") + "/v1")
                elif "Ctrl-C stops" in line:
                    ready.set()

        threading.Thread(target=read, daemon=True).start()
        try:
            assert ready.wait(PATIENCE_SECONDS), "holdpoint did not start"

            def run(script, who, scopes, *arguments):
                create = [binary, *data, "keys", "create", "--id", who, "--name", who, "--kind", "agent", "--scopes", scopes]
                key = subprocess.run(create, check=True, capture_output=True, text=True).stdout.strip()
                environment = {**os.environ, "HOLDPOINT_URL": url[0], "HOLDPOINT_API_KEY": key}
                command = [sys.executable, str(script), *arguments]
                return subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)

            def reviewed():
                return run(HERE.parent / "python" / "reviewer.py", "reviewer", "read,review").communicate(timeout=PATIENCE_SECONDS)[0]

            author = run(HERE / "invoices.py", "author", "runtime", "invoice-7")
            author.stdout.readline()
            decided = ""
            while not decided:
                # The queue may not know of a new review for a moment.
                assert author.poll() is None, "it did not wait"
                decided = reviewed()
            # While it waits, or when it has just begun to go on.
            author.kill()
            before = author.communicate()[0]
            assert decided.startswith("invoice-7~") and decided.endswith(" approved\n"), decided
            again = run(HERE / "invoices.py", "author", "runtime", "invoice-7").communicate(timeout=PATIENCE_SECONDS)[0]
            paid = {line for line in (before + again).splitlines() if line.startswith("pays")}
            assert len(paid) == 1 and "'supplier': 'Northwind'" in paid.pop(), (before, again)
            print("the example ran: held, decided, killed, run again, gone on")
        finally:
            product.terminate()
            product.wait()


if __name__ == "__main__":
    main(os.environ["HOLDPOINT_BINARY"])
