"""A running product, faults between it and a client, and an asynchronous client that can be used as the synchronous one."""

import asyncio
import inspect
import subprocess
import threading

import httpx

import holdpoint

PATIENCE_SECONDS = 30
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>\n%%EOF\n"


class Product:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.keys = binary, str(folder), {}

    def __enter__(self):
        command = [self.binary, "--data-dir", self.folder, "--port", "0", "--no-demo"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = threading.Event()

        def read():
            # To its end, so that the pipe never fills.
            for line in self.process.stdout:
                if line.startswith("Holdpoint is at "):
                    self.url = line.split()[3].removesuffix("/v1") + "/v1"
                elif "Ctrl-C stops" in line:
                    ready.set()

        threading.Thread(target=read, daemon=True).start()
        assert ready.wait(PATIENCE_SECONDS), "holdpoint did not start"
        for name, kind, scopes in (
            ("agent", "agent", "runtime,read"),
            ("runtime", "agent", "runtime"),
            ("dana", "human", "read,review"),
            ("ben", "human", "read,review"),
            ("admin", "human", "read,review,runtime,admin"),
        ):
            self.keys[name] = self.new_key(name, kind, scopes)
        return self

    def new_key(self, name, kind, scopes):
        who = ["--id", name, "--name", name.title(), "--kind", kind, "--scopes", scopes]
        command = [self.binary, "--data-dir", self.folder, "keys", "create", *who]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Crash(BaseException):
    """The end of the process, as the code within sees it: nothing catches it."""


class Faults:
    """Answers each request as its number says: `faults[n]` is a function of the request and of a way to send it on, or none."""

    def __init__(self, faults=None, each=None):
        self.faults, self.each, self.seen = faults or {}, each, []

    def pick(self, request):
        self.seen.append(request)
        return self.faults.get(len(self.seen) - 1, self.each)


class SyncTransport(httpx.HTTPTransport):
    def __init__(self, faults):
        # Nothing here is encrypted, and reading certificates takes longer than a call.
        super().__init__(verify=False)
        self.to = faults or Faults()

    def handle_request(self, request):
        fault = self.to.pick(request)
        return fault(request, lambda: self._whole(request)) if fault else super().handle_request(request)

    def _whole(self, request):
        answer = super().handle_request(request)
        answer.read()
        return answer


class AsyncTransport(httpx.AsyncHTTPTransport):
    def __init__(self, faults):
        # Nothing here is encrypted, and reading certificates takes longer than a call.
        super().__init__(verify=False)
        self.to = faults or Faults()

    async def handle_async_request(self, request):
        fault = self.to.pick(request)
        if not fault:
            return await super().handle_async_request(request)
        # In a thread, where it may use a client, too.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            None, fault, request, lambda: asyncio.run_coroutine_threadsafe(self._whole(request), loop).result()
        )

    async def _whole(self, request):
        answer = await super().handle_async_request(request)
        await answer.aread()
        return answer


def lost_request(request, _):
    raise httpx.ConnectTimeout("lost", request=request)


def lost_answer(request, send):
    send()
    raise httpx.ReadTimeout("lost", request=request)


def crash_before(request, _):
    raise Crash


def crash_after(request, send):
    send()
    raise Crash


def refusal(status, headers=None, carried_out=False):
    def answer(request, send):
        if carried_out:
            send()
        return httpx.Response(status, headers=headers or {}, json={"message": "no"})

    return answer


class Blocking:
    """Anything of the asynchronous client: what it would await is waited for."""

    loop = None

    @classmethod
    def connect(cls, flavour, url, key, faults=None, **options):
        options.setdefault("retry", holdpoint.Retry())
        if flavour == "sync":
            http = httpx.Client(transport=SyncTransport(faults), timeout=35)
            return holdpoint.Holdpoint(key, url, http=http, **options)
        if cls.loop is None:
            cls.loop = asyncio.new_event_loop()
            threading.Thread(target=cls.loop.run_forever, daemon=True).start()
        http = httpx.AsyncClient(transport=AsyncTransport(faults), timeout=35)
        return cls(holdpoint.AsyncHoldpoint(key, url, http=http, **options))

    def __init__(self, within):
        self.within = within

    @classmethod
    def result(cls, value):
        if inspect.iscoroutine(value):
            return cls.result(cls.run(value))
        if inspect.isasyncgen(value):
            return cls.each(value)
        return cls(value) if type(value).__name__.startswith("Async") else value

    @classmethod
    def run(cls, coroutine):
        # A crash is carried across: raised in the loop's thread, it would end the loop.
        async def guarded():
            try:
                return await coroutine, None
            except BaseException as error:
                return None, error

        value, error = asyncio.run_coroutine_threadsafe(guarded(), cls.loop).result()
        if error:
            raise error
        return value

    @classmethod
    def each(cls, generator):
        end = object()

        async def following():
            return await anext_or(generator, end)

        try:
            while (value := cls.run(following())) is not end:
                yield cls.result(value)
        finally:
            cls.run(generator.aclose())

    def close(self):
        self.run(self.within.aclose())

    def __getattr__(self, name):
        value = getattr(self.within, name)
        if not callable(value):
            return self.result(value)

        def called(*arguments, **named):
            # On the loop, because some of it begins tasks.
            async def calling():
                made = value(*arguments, **named)
                return await made if inspect.isawaitable(made) else made

            return self.result(self.run(calling()))

        return called


async def anext_or(generator, default):
    try:
        return await generator.__anext__()
    except StopAsyncIteration:
        return default
