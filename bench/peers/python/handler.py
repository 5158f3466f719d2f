"""The claim as an idiomatic Python function with boto3 has it: our calls, on our table.

The client and not the resource, which takes longer to load. One call after the other, as such functions are written.
"""

import hashlib
import json
import os
import time
import uuid
import zlib

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

TABLE = os.environ["HOLDPOINT_TABLE"]
DYNAMODB = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 4}),
)
SERIALIZER, DESERIALIZER = TypeSerializer(), TypeDeserializer()


def dynamo(values):
    return {name: SERIALIZER.serialize(value) for name, value in values.items()}


def plain(item):
    return {name: DESERIALIZER.deserialize(value) for name, value in item.items()}


def handler(event, _context):
    key = authenticate(event["headers"].get("api-key", ""))
    if key is None:
        return error(401, "unauthenticated", "The API key is missing or not valid.")
    if "review" not in key["scopes"]:
        return error(403, "forbidden", "The API key may not do this.")
    parameters, body = event["pathParameters"], json.loads(event["body"] or "{}")
    stamp, ttl = body.get("version_stamp"), body.get("ttl_seconds", 900)
    if not isinstance(stamp, int) or stamp < 0 or not isinstance(ttl, int) or not 30 <= ttl <= 86400:
        return error(422, "validation_error", "The request is not valid.")
    return claim(key, parameters["run_id"], parameters["block_id"], stamp, ttl)


def authenticate(key):
    digest = hashlib.sha256(key.encode()).hexdigest()
    found = DYNAMODB.get_item(
        TableName=TABLE, Key=dynamo({"pk": f"KEY#{digest}", "sk": "KEY"}), ConsistentRead=True
    ).get("Item")
    return found and plain(found)


def claim(key, run, block, stamp, ttl):
    now = time.time_ns() // 1_000_000
    expires = now + ttl * 1000
    organization, actor = key["organization"], key["actor"]
    review = f"REVIEW#{organization}#{run}#{block}"
    entry = {"id": uuid.uuid4().bytes, "event": "claimed", "actor": actor, "at": now, "until": expires, "rev": stamp}
    try:
        written = DYNAMODB.update_item(
            TableName=TABLE,
            Key=dynamo({"pk": review, "sk": "#META"}),
            UpdateExpression="SET rev = :next, updated_at = :now, claim_expires_at = :expires_at, "
            "journal = list_append(journal, :entry)",
            ConditionExpression="rev = :stamp AND #status = :awaiting AND size(journal) < :journal_limit",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=dynamo({
                ":stamp": stamp,
                ":next": stamp + 1,
                ":now": now,
                ":expires_at": expires,
                ":entry": [entry],
                ":awaiting": "awaiting_review",
                ":journal_limit": 16,
            }),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as failed:
        if failed.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return error(409, "version_conflict", "The review has changed.")
    versions = DYNAMODB.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues=dynamo({":pk": review, ":from": "AUDIT#", ":to": "VERSION$"}),
        ConsistentRead=True,
    )["Items"]
    DYNAMODB.put_item(
        TableName=TABLE,
        Item=dynamo({
            "pk": f"HOLDER#{organization}#human#{key['key_id']}",
            "sk": f"LEASE#{run}#{block}",
            "due_shard": f"LEASES#{zlib.crc32(review.encode()) % 8}",
            "due_at": expires,
            "written_at": now,
            "expires_at": expires,
            "ttl": expires // 1000 + 1,
        }),
        ConditionExpression="attribute_not_exists(pk) OR written_at <= :at",
        ExpressionAttributeValues=dynamo({":at": now}),
    )
    claimed = {"holder": actor, "claimed_at": now, "expires_at": expires}
    return answer(200, overlay(run, block, plain(written["Attributes"]), claimed, map(plain, versions)))


def overlay(run, block, meta, claimed, versions):
    names = ("workflow_id", "workflow_version_id", "block_type", "status", "priority", "rev", "head_seq", "awaiting_since")
    return {
        "_id": f"{run}:{block}",
        "workflow_run_id": run,
        "block_id": block,
        **{name: meta[name] for name in names},
        "triggered_by": json.loads(meta["triggered_by"]),
        "claim": claimed,
        "versions": [version(item) for item in versions],
        "audit": meta["journal"],
    }


def version(item):
    body = item["body"].value
    return {
        "seq": item["seq"],
        "author": item["author"],
        "content_sha256": item["content_sha256"].value.hex(),
        "snapshot": json.loads(zlib.decompress(body, -15) if item["deflated"] else body),
    }


def as_json(value):
    """What `json` does not know: DynamoDB's numbers and bytes."""
    return value.value.hex() if hasattr(value, "value") else int(value)


def answer(status, body):
    headers = {"content-type": "application/json", "x-request-id": str(uuid.uuid4())}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, default=as_json)}


def error(status, code, message):
    return answer(status, {"detail": {"code": code, "message": message, "details": {}}})
