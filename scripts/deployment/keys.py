"""API keys on a deployed table, as the Rust program writes them (shared/src/store/access/api_keys.rs).

Who deploys a release has no Rust, so that the first key and the smoke test's are made here. tests/deployment/test_keys.py proves that
the product takes a key that this made, lists it, and finds it revoked.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from deployment.aws import Aws
from deployment.common import Failed

SCOPES = ("read", "review", "runtime", "admin")
KINDS = {"human": "h", "agent": "a", "model": "m"}


@dataclass(frozen=True)
class NewKey:
    """A key, and what is stored of it. The key itself is in no item and in no message."""

    key: str
    key_id: str
    items: List[Dict[str, Any]]

    def __repr__(self) -> str:
        return f"NewKey({self.key_id})"


def now_millis() -> int:
    """The time as the table has it."""
    return int(time.time() * 1000)


def make(organization: str, kind: str, actor: str, name: str, scopes: List[str], expires_at: Optional[int] = None) -> NewKey:
    """A new key of 32 random bytes, and its two items: one under its digest, one in the organization's register."""
    key = "hp_" + secrets.token_urlsafe(32)
    digest = hashlib.sha256(key.encode()).hexdigest()
    key_id = f"key_{digest[:16]}"
    attributes: Dict[str, Any] = {
        "digest": {"S": digest},
        "key_id": {"S": key_id},
        "organization": {"S": organization},
        "actor": {"M": {"k": {"S": KINDS[kind]}, "i": {"S": actor}, "n": {"S": name}}},
        "scopes": {"L": [{"S": scope} for scope in scopes]},
        "created_at": {"N": str(now_millis())},
    }
    if expires_at is not None:
        attributes["expires_at"] = {"N": str(expires_at)}
    by_digest = {"pk": {"S": f"KEY#{digest}"}, "sk": {"S": "KEY"}, **attributes}
    in_register = {"pk": {"S": f"KEYS#{organization}"}, "sk": {"S": key_id}, **attributes}
    return NewKey(key, key_id, [by_digest, in_register])


def transact(aws: Aws, writes: List[Dict[str, Any]]) -> None:
    """Writes all of them or none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "writes.json"
        file.write_text(json.dumps(writes), encoding="utf-8")
        aws.call("dynamodb", "transact-write-items", "--transact-items", f"file://{file}")


def create(aws: Aws, table: str, new: NewKey) -> None:
    """Stores a key."""
    transact(aws, [{"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}} for item in new.items])


def revoke(aws: Aws, table: str, new: NewKey) -> None:
    """Revokes a key. It stops working within a minute."""
    update = {
        "TableName": table,
        "UpdateExpression": "SET revoked_at = if_not_exists(revoked_at, :now)",
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeValues": {":now": {"N": str(now_millis())}},
    }
    transact(aws, [{"Update": {**update, "Key": {"pk": item["pk"], "sk": item["sk"]}}} for item in new.items])


def has_live_key(aws: Aws, table: str, organization: str) -> bool:
    """Whether the organization has a key that is neither revoked nor expired, other than of the smoke test."""
    answer = aws.call(
        "dynamodb", "query", "--table-name", table, "--consistent-read",
        "--key-condition-expression", "pk = :register",
        "--expression-attribute-values", json.dumps({":register": {"S": f"KEYS#{organization}"}}),
    )  # fmt: skip
    if not isinstance(answer, dict):
        raise Failed("`aws dynamodb query` has answered nothing.")
    for item in answer.get("Items", []):
        if "revoked_at" in item or item["actor"]["M"]["i"]["S"] == SMOKE:
            continue
        if "expires_at" not in item or int(item["expires_at"]["N"]) > now_millis():
            return True
    return False


# The actor of the smoke test's keys.
SMOKE = "smoke"
