"""The AWS CLI, imported once: python aws_server.py SOCKET

Nine tenths of a call's time are imports, and the tests make hundreds of calls. Each call is a fork of this process, with the caller's
arguments, environment, folder and files; what runs in it is the real `awscli`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NoReturn

CALLER = """#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
call = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
server.sendall(call)
code = server.recv(1)
sys.exit(code[0] if code else 255)
"""


def install(folder: Path, address: Path) -> None:
    """Puts an `aws` into a folder for the PATH that asks the server at this address."""
    folder.mkdir(exist_ok=True)
    file = folder / "aws"
    file.write_text(CALLER.format(python=sys.executable, address=str(address)), encoding="utf-8")
    file.chmod(0o755)


def answer(caller: socket.socket) -> NoReturn:
    """Runs one call, in the process that was forked for it, and says its exit code."""
    import awscli.clidriver

    length, files, _, _ = socket.recv_fds(caller, 4, 3)
    call = b""
    while len(call) < int.from_bytes(length, "big"):
        call += caller.recv(65536)
    arguments, environment, folder = json.loads(call)
    for number, file in enumerate(files):
        os.dup2(file, number)
    # Where its own data is, which it says to itself when it is imported.
    environment.setdefault("AWS_DATA_PATH", os.environ["AWS_DATA_PATH"])
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["aws", *arguments]
    code = 255
    try:
        code = awscli.clidriver.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.sendall(bytes([code]))
        os._exit(code)


def serve(address: str) -> None:
    """Answers calls until it is ended."""
    import awscli.clidriver  # noqa: F401 - this is what takes long
    import awscli.handlers  # noqa: F401

    # Nobody waits for a call's process.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        # Whoever waits for the file finds it listening.
        with tempfile.TemporaryDirectory(dir=os.path.dirname(address)) as folder:
            server.bind(f"{folder}/s")
            server.listen()
            os.rename(f"{folder}/s", address)
        while True:
            caller, _ = server.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                server.close()
                answer(caller)
            caller.close()


if __name__ == "__main__":
    serve(sys.argv[1])
