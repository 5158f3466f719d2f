"""Policies and webhooks: for keys of the scope `admin`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional

from .._wire import call
from ..models import CreatedWebhook, Deliveries, DryRun, Policies, Policy, PolicyAudit, PutPolicyAnswer, TestDelivery, Webhook, Webhooks

if TYPE_CHECKING:
    from .client import AsyncHoldpoint


class AsyncPolicyCalls:
    def __init__(self, client: "AsyncHoldpoint") -> None:
        self._client = client

    async def list(self, *, cursor: Optional[str] = None) -> Policies:
        return await self._client.ask(call("GET", "workflows", "policies", query={"cursor": cursor}), Policies)

    async def get(self, workflow_id: str) -> Policy:
        return await self._client.ask(call("GET", "workflows", workflow_id, "policy"), Policy)

    async def put(self, workflow_id: str, *, blocks: Mapping[str, Any], version_stamp: int) -> PutPolicyAnswer:
        """Replaces the policy; `version_stamp` is its `rev`, or 0 to create it. `warnings` name rules that nobody could follow."""
        body = {"version_stamp": version_stamp, "blocks": dict(blocks)}
        return await self._client.ask(call("PUT", "workflows", workflow_id, "policy", body=body), PutPolicyAnswer)

    async def delete(self, workflow_id: str, *, version_stamp: int) -> None:
        await self._client.send(call("DELETE", "workflows", workflow_id, "policy", query={"version_stamp": version_stamp}))

    async def audit(self, workflow_id: str, *, cursor: Optional[str] = None) -> PolicyAudit:
        return await self._client.ask(call("GET", "workflows", workflow_id, "policy", "audit", query={"cursor": cursor}), PolicyAudit)

    async def dry_run(self, workflow_id: str, *, blocks: Mapping[str, Any], limit: Optional[int] = None) -> DryRun:
        """What the rules would hold of the workflow's newest reviews; nothing is stored."""
        body = {"blocks": dict(blocks), "limit": limit}
        return await self._client.ask(call("POST", "workflows", workflow_id, "policy", "dry-run", body=body), DryRun)


class AsyncWebhookCalls:
    def __init__(self, client: "AsyncHoldpoint") -> None:
        self._client = client

    async def list(self) -> Webhooks:
        return await self._client.ask(call("GET", "webhooks"), Webhooks)

    async def create(self, url: str, *, events: Optional[Sequence[str]] = None, description: Optional[str] = None) -> CreatedWebhook:
        """Only this answer has `signing_secret`. Not repeated after a lost answer, which would make a second one."""
        body = {"url": url, "events": events, "description": description}
        return await self._client.ask(call("POST", "webhooks", body=body, repeatable=False), CreatedWebhook)

    async def delete(self, webhook_id: str) -> None:
        await self._client.send(call("DELETE", "webhooks", webhook_id))

    async def enable(self, webhook_id: str) -> Webhook:
        return await self._client.ask(call("POST", "webhooks", webhook_id, "enable"), Webhook)

    async def rotate_secret(self, webhook_id: str) -> CreatedWebhook:
        """Both secrets sign for a day. Not repeated after a lost answer: the first of two new secrets would be lost."""
        return await self._client.ask(call("POST", "webhooks", webhook_id, "rotate-secret", repeatable=False), CreatedWebhook)

    async def test(self, webhook_id: str) -> TestDelivery:
        return await self._client.ask(call("POST", "webhooks", webhook_id, "test"), TestDelivery)

    async def deliveries(self, webhook_id: str) -> Deliveries:
        return await self._client.ask(call("GET", "webhooks", webhook_id, "deliveries"), Deliveries)
