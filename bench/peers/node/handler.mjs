// The claim as an idiomatic Node.js function with the AWS SDK v3 has it: our calls, on our table.
// Bundled and minified by esbuild, as SAM and the CDK do it.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { createHash, randomUUID } from "node:crypto";
import { inflateRawSync } from "node:zlib";

const TABLE = process.env.HOLDPOINT_TABLE;
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 4 }));

export async function handler(event) {
  const key = await authenticate(event.headers["api-key"] ?? "");
  if (!key) return error(401, "unauthenticated", "The API key is missing or not valid.");
  if (!key.scopes.includes("review")) return error(403, "forbidden", "The API key may not do this.");
  const { run_id: run, block_id: block } = event.pathParameters;
  const { version_stamp: stamp, ttl_seconds: ttl = 900 } = JSON.parse(event.body || "{}");
  if (!Number.isInteger(stamp) || stamp < 0 || !Number.isInteger(ttl) || ttl < 30 || ttl > 86400) {
    return error(422, "validation_error", "The request is not valid.");
  }
  return claim(key, run, block, stamp, ttl);
}

async function authenticate(key) {
  const digest = createHash("sha256").update(key).digest("hex");
  const get = new GetCommand({ TableName: TABLE, Key: { pk: `KEY#${digest}`, sk: "KEY" }, ConsistentRead: true });
  return (await dynamodb.send(get)).Item;
}

async function claim(key, run, block, stamp, ttl) {
  const now = Date.now();
  const expires = now + ttl * 1000;
  const { organization, actor } = key;
  const review = `REVIEW#${organization}#${run}#${block}`;
  const entry = { id: randomUUID(), event: "claimed", actor, at: now, until: expires, rev: stamp };
  const write = new UpdateCommand({
    TableName: TABLE,
    Key: { pk: review, sk: "#META" },
    UpdateExpression:
      "SET rev = :next, updated_at = :now, claim_expires_at = :expires_at, journal = list_append(journal, :entry)",
    ConditionExpression: "rev = :stamp AND #status = :awaiting AND size(journal) < :journal_limit",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":stamp": stamp,
      ":next": stamp + 1,
      ":now": now,
      ":expires_at": expires,
      ":entry": [entry],
      ":awaiting": "awaiting_review",
      ":journal_limit": 16,
    },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  const read = new QueryCommand({
    TableName: TABLE,
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
    ExpressionAttributeValues: { ":pk": review, ":from": "AUDIT#", ":to": "VERSION$" },
    ConsistentRead: true,
  });
  const lease = new PutCommand({
    TableName: TABLE,
    Item: {
      pk: `HOLDER#${organization}#human#${key.key_id}`,
      sk: `LEASE#${run}#${block}`,
      due_shard: `LEASES#${createHash("sha256").update(review).digest()[0] % 8}`,
      due_at: expires,
      written_at: now,
      expires_at: expires,
      ttl: Math.ceil(expires / 1000),
    },
    ConditionExpression: "attribute_not_exists(pk) OR written_at <= :at",
    ExpressionAttributeValues: { ":at": now },
  });
  try {
    const [written, versions] = await Promise.all([write, read, lease].map((command) => dynamodb.send(command)));
    const claimed = { holder: actor, claimed_at: now, expires_at: expires };
    return answer(200, overlay(run, block, written.Attributes, claimed, versions.Items));
  } catch (failed) {
    if (failed.name !== "ConditionalCheckFailedException") throw failed;
    return error(409, "version_conflict", "The review has changed.");
  }
}

function overlay(run, block, meta, claimed, versions) {
  const { workflow_id, workflow_version_id, block_type, status, priority, rev, head_seq, awaiting_since, journal } = meta;
  return {
    _id: `${run}:${block}`,
    workflow_run_id: run,
    block_id: block,
    workflow_id,
    workflow_version_id,
    block_type,
    status,
    priority,
    rev,
    head_seq,
    awaiting_since,
    triggered_by: JSON.parse(meta.triggered_by),
    claim: claimed,
    versions: versions.map(version),
    audit: journal,
  };
}

function version({ seq, author, content_sha256, deflated, body }) {
  const text = deflated ? inflateRawSync(body) : Buffer.from(body);
  return { seq, author, content_sha256: Buffer.from(content_sha256).toString("hex"), snapshot: JSON.parse(text) };
}

function answer(statusCode, body) {
  const headers = { "content-type": "application/json", "x-request-id": randomUUID() };
  return { statusCode, headers, body: JSON.stringify(body) };
}

function error(status, code, message) {
  return answer(status, { detail: { code, message, details: {} } });
}
