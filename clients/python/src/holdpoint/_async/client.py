"""The client."""

import os
from collections.abc import AsyncIterator, Mapping
from typing import Any, Optional, TypeVar, Union

import httpx
from pydantic import BaseModel, ValidationError

from .. import _json
from .._wire import Call, Document, Duration, File, Retry, call, file_of, key_of, retry_after, url_of
from ..errors import ConnectionFailedError, ReviewExistsError, UnexpectedAnswerError, error_of
from ..models import DocumentUpload, Overlay
from . import tools
from .admin import AsyncPolicyCalls, AsyncWebhookCalls
from .held import AsyncHeld
from .queue import AsyncTask, tasks
from .reviews import AsyncReviews, AsyncWorkflows

M = TypeVar("M", bound=BaseModel)


class AsyncHoldpoint:
    """A client, which may be shared. By default it takes `HOLDPOINT_API_KEY` and `HOLDPOINT_URL` of the environment."""

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        *,
        timeout: float = 35.0,
        retry: Optional[Retry] = None,
        http: Optional[httpx.AsyncClient] = None,
    ) -> None:
        self._key, self._url = key_of(api_key), url_of(base_url)
        self._retry = retry or Retry()
        self._http = http or httpx.AsyncClient(timeout=timeout)
        self._owned = http is None
        self.reviews = AsyncReviews(self)
        self.workflows = AsyncWorkflows(self.reviews)
        self.policies = AsyncPolicyCalls(self)
        self.webhooks = AsyncWebhookCalls(self)

    async def __aenter__(self) -> "AsyncHoldpoint":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._owned:
            await self._http.aclose()

    async def gate(
        self,
        *,
        run_id: str,
        block_id: str,
        workflow_id: str,
        snapshot: Mapping[str, Any],
        workflow_version_id: str = "1",
        block_type: str = "extract",
        documents: Union["list[Document]", "tuple[Document, ...]"] = (),
        resume: Optional[Mapping[str, Any]] = None,
        **content: Any,
    ) -> Optional[AsyncHeld]:
        """Asks whether the output needs somebody: what is held, or none. Safe to repeat after a crash.

        `documents` are files, which are uploaded if the output is held, or entries as the API has them. `resume` is by default to poll.
        `content` has the other fields of the call: `predicate` (by default the policy's), `likelihoods`, `json_schema`, `priority`, ….
        """
        content.update(workflow_id=workflow_id, workflow_version_id=workflow_version_id, block_type=block_type, snapshot=dict(snapshot))
        content["resume"] = resume or {"kind": "poll"}
        files = [file_of(each) for each in documents if isinstance(each, (str, os.PathLike))]
        if files and not (await self.reviews.gate(run_id, block_id, **{**content, "dry_run": True})).held:
            return None
        if documents:
            content["documents"] = [await self.upload(each) if isinstance(each, (str, os.PathLike)) else each for each in documents]
        try:
            overlay = (await self.reviews.gate(run_id, block_id, **content)).overlay
        except ReviewExistsError as error:
            # A second upload of the same file has another id. Its name in the review holds its hash, so it is known.
            if not files or error.differs != ["documents"]:
                raise
            overlay = (await self.reviews.gate(run_id, block_id, **{**content, "if_exists": "adopt"})).overlay
            if overlay is not None and not _same_documents(overlay, content["documents"]):
                raise
        return AsyncHeld(self.reviews, overlay) if overlay else None

    async def upload(self, path: Union[str, "os.PathLike[str]", File]) -> "dict[str, Any]":
        """Uploads a file, and returns what `documents` takes."""
        file = path if isinstance(path, File) else file_of(path)
        announced = {"filename": file.filename, "mime_type": file.mime_type, "size": len(file.content), "sha256": file.sha256}
        made = await self.ask(call("POST", "documents", body=announced), DocumentUpload)
        to = made.upload
        # To S3, which must not see the key.
        await self._send(Call(to.method, to.url, file.content, headers=to.headers), to.url, {})
        source = {"kind": "upload", "document_id": made.document_id}
        return {"id": file.id, "filename": file.filename, "mime_type": file.mime_type, "source": source}

    def queue(
        self,
        workflow_id: Optional[str] = None,
        *,
        ttl_seconds: int = 900,
        hold: Duration = "1h",
        follow: bool = False,
        poll: float = 5.0,
    ) -> AsyncIterator[AsyncTask]:
        """The free reviews, most urgent first, each claimed for you; with `follow` it waits for more instead of ending.

        A claim is renewed for at most `hold`. What you leave undecided is given back at the end; what has changed since comes again.
        """
        return tasks(self.reviews, workflow_id, ttl_seconds, hold, follow, poll)

    async def ask(self, what: Call, shape: "type[M]") -> M:
        return self.read(await self.send(what), shape)

    async def ask_or_none(self, what: Call, shape: "type[M]") -> Optional[M]:
        answer = await self.send(what)
        return None if answer.status_code == 204 else self.read(answer, shape)

    def read(self, answer: httpx.Response, shape: "type[M]") -> M:
        try:
            return shape.model_validate(_json.loads(answer.content))
        except (ValidationError, ValueError, RecursionError):
            # Without the content, which is not for logs.
            raise UnexpectedAnswerError(f"not what {shape.__name__} looks like (HTTP {answer.status_code})") from None

    async def send(self, what: Call) -> httpx.Response:
        """The answer, after as many tries as it takes. Raises the error that it is."""
        return await self._send(what, self._url + what.path, {"Api-Key": self._key})

    async def fetch(self, url: str) -> bytes:
        """What a signed URL leads to; without the key."""
        return (await self._send(Call("GET", url), url, {})).content

    async def _send(self, what: Call, url: str, headers: "dict[str, str]") -> httpx.Response:
        tried = 0
        while True:
            tried += 1
            after: Optional[float] = None
            failure: Exception
            try:
                answer = await self._http.request(
                    what.method, url, params=what.query or None, content=what.body, headers={**headers, **what.headers}
                )
                if answer.status_code < 400:
                    return answer
                failure = error_of(answer.status_code, answer.content, answer.headers.get("x-request-id"))
                after = retry_after(answer.headers.get("retry-after"))
                again = answer.status_code == 429 or (what.repeatable and answer.status_code >= 500)
            except httpx.RequestError as error:
                # The path, not the URL: a signed one is a secret.
                failure = ConnectionFailedError(f"{what.method}: {type(error).__name__}")
                again = what.repeatable or isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
            pause = self._retry.pause(tried, after) if again else None
            if pause is None:
                raise failure
            await tools.sleep(pause)


def _same_documents(overlay: Overlay, sent: "list[Any]") -> bool:
    names = [each["id"] if isinstance(each, Mapping) else each.id for each in sent]
    return [each.id for each in overlay.documents or []] == names
