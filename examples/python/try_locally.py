"""Runs the examples against the product: `HOLDPOINT_BINARY=target/debug/holdpoint python3 try_locally.py`, with `holdpoint` installed."""

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

            def run(script, who, kind, scopes, *arguments):
                create = [binary, *data, "keys", "create", "--id", who, "--name", who, "--kind", kind, "--scopes", scopes]
                key = subprocess.run(create, check=True, capture_output=True, text=True).stdout.strip()
                environment = {**os.environ, "HOLDPOINT_URL": url[0], "HOLDPOINT_API_KEY": key}
                command = [sys.executable, str(HERE / script), *arguments]
                return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

            pdf = Path(folder, "invoice.pdf")
            pdf.write_bytes(b"%PDF-1.4\n%%EOF\n")
            # Killed while it waits, and run again.
            author = run("invoice.py", "author", "agent", "runtime", str(pdf))
            assert author.stdout.readline() == "held: somebody must look at run-invoice\n"
            author.kill()
            author.wait()
            decided = ""
            while not decided:
                # The queue may not know of a new review for a moment.
                decided = run("reviewer.py", "reviewer", "agent", "read,review").communicate(timeout=PATIENCE_SECONDS)[0]
            assert decided == "run-invoice approved\n", decided
            again = run("invoice.py", "author", "agent", "runtime", str(pdf)).communicate(timeout=PATIENCE_SECONDS)[0]
            assert again.splitlines()[-1] == "goes on with {'supplier': 'Northwind', 'total': 1250.0}", again
            print("the examples ran: held, killed, decided, run again, gone on")
        finally:
            product.terminate()
            product.wait()


if __name__ == "__main__":
    main(os.environ["HOLDPOINT_BINARY"])
