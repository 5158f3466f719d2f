"""The product, its keys, and the two clients behind one face, so that each test is of both."""

import json
import os
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support import Blocking, Product

import holdpoint
import holdpoint._async.tools
import holdpoint._sync.tools


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    with Product(os.environ["HOLDPOINT_BINARY"], tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def connect(request, product, monkeypatch):
    """Makes a client: of whom, and with which faults in between. Pauses are noted, and are short."""
    pauses = []

    def shorter(module):
        original = module.sleep

        def sleep(seconds):
            pauses.append(seconds)
            return original(min(seconds, 0.02))

        monkeypatch.setattr(module, "sleep", sleep)

    shorter(holdpoint._sync.tools)
    shorter(holdpoint._async.tools)
    made = []

    def connect(who="agent", faults=None, **options):
        client = Blocking.connect(request.param, product.url, product.keys[who], faults, **options)
        made.append(client)
        return client

    connect.pauses = pauses
    connect.flavour = request.param
    yield connect
    for client in made:
        client.close()


@pytest.fixture
def names():
    """A run and a workflow of this test's own."""
    own = uuid.uuid4().hex[:12]
    return f"run-{own}", f"wf-{own}"


@pytest.fixture
def held(connect, names):
    """Opens a review, and returns its run."""

    def open_one(snapshot=None, run=None, workflow=None, **content):
        run = run or names[0]
        connect().gate(
            run_id=run, block_id="extract", workflow_id=workflow or names[1], snapshot=snapshot or {"total": 12.5},
            predicate={"kind": "always"}, **content,
        )  # fmt: skip
        return run

    return open_one


@pytest.fixture
def receiver():
    """Keeps what it gets: body and headers."""
    got, more = [], threading.Condition()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            with more:
                got.append((body, dict(self.headers.items())))
                more.notify_all()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def wait(matches):
        with more:
            assert more.wait_for(lambda: any(matches(json.loads(body)) for body, _ in got), 90), "never came"
            return next(each for each in got if matches(json.loads(each[0])))

    wait.url = f"http://127.0.0.1:{server.server_port}/"
    yield wait
    server.shutdown()
