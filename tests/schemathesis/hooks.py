"""What a JSON Schema cannot say, told to Schemathesis."""

import hashlib
import json
import os
import random
import time
import unicodedata
import urllib.parse

import requests
import schemathesis

URL = os.environ["HOLDPOINT_URL"]
KEY = {"Api-Key": os.environ["HOLDPOINT_KEY"]}
DICE = random.Random(1)
INTEGERS = {"keep_old_for_hours", "expires_in_days", "limit", "size", "version_stamp", "ttl_seconds", "priority", "on_seq", "effective_seq", "days", "digest_minutes"}


def as_integer(value):
    """JSON Schema calls 900.0 an integer; the API does not: what is not written as one was not meant as one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def uploaded():
    """A document that openings can name."""
    announced = {"filename": "a.txt", "mime_type": "text/plain", "size": 5, "sha256": hashlib.sha256(b"hello").hexdigest()}
    answer = requests.post(f"{URL}/v1/documents", headers=KEY, json=announced, timeout=10)
    answer.raise_for_status()
    to = answer.json()["upload"]
    requests.put(to["url"], headers=to["headers"], data=b"hello", timeout=10).raise_for_status()
    return answer.json()["document_id"]


UPLOADED = uploaded()


def seen(value):
    """A pattern does not know each character that nobody sees: a text of private-use or unassigned ones gets one that is seen."""
    is_blank = isinstance(value, str) and value and all(unicodedata.category(it)[0] in "CZ" for it in value)
    return "x" + value[1:] if is_blank else value


def agree(body):
    """What comes with an output must agree with itself: ids once, evidence about documents that are there, numbers at the leaves."""
    ids = set()
    for document in body.get("documents") or []:
        document["filename"] = seen(document["filename"])
    documents = [it for it in body.get("documents") or [] if not (it["id"] in ids or ids.add(it["id"]))]
    # All labels together have a limit, too.
    while sum(len((it["id"] + it["filename"] + it["mime_type"]).encode()) for it in documents) > 4096:
        documents.pop()
    for document in documents:
        document["source"] = {"kind": "upload", "document_id": UPLOADED}
    if body.get("documents"):
        body["documents"] = documents
    for entry in body.get("evidence") or []:
        if entry.get("page") is not None:
            entry["page"] = as_integer(entry["page"])
        if entry.get("document_id") is not None:
            entry["document_id"] = documents[0]["id"] if documents else None
    for name, fine in {"likelihoods": {"total": 0.5}, "json_schema": {"type": "object"}, "sources": {"total": None}}.items():
        if body.get(name):
            body[name] = fine


NUMBERS = {"is_greater_than", "is_less_than", "is_greater_than_or_equal_to", "is_less_than_or_equal_to"}
FOR = {
    "confidence_lt": {"extract", "classifier"}, "field_confidence_lt": {"extract"}, "any_required_field_null": {"extract"},
    "category_in": {"classifier"}, "top_margin_lt": {"classifier"}, "split_count_neq": {"split"}, "any_split_pages_lt": {"split"},
    "boundary_confidence_lt": {"split"}, "branch_in": {"conditional"},
}


def fit(predicate, block, depth=1):
    """A predicate must be one for the block, and what a condition compares with must be of the operator's type."""
    if predicate["kind"] in FOR and block not in FOR[predicate["kind"]] or len(json.dumps(predicate)) > 2000 or depth > 3:
        predicate.clear()
        predicate["kind"] = "always"
    for name in {"expected", "min_pages"} & predicate.keys():
        predicate[name] = as_integer(predicate[name])
    for name in {"threshold", "margin", "percent"} & predicate.keys():
        # A number is written with at most 40 characters.
        predicate[name] = round(predicate[name], 6)
    for inner in predicate.get("predicates") or []:
        fit(inner, block, depth + 1)
    for condition in (predicate.get("condition") or {}).get("sub_conditions") or []:
        operator = condition["operator"]
        condition["value"] = 7 if operator in NUMBERS or "length" in operator else "2026-05-11"
        if operator in {"exists", "does_not_exist", "is_empty", "is_not_empty", "is_true", "is_false"}:
            del condition["value"]


def parts(predicate):
    """How many predicates and conditions there are in all."""
    conditions = (predicate.get("condition") or {}).get("sub_conditions") or []
    return 1 + len(conditions) + sum(parts(inner) for inner in predicate.get("predicates") or [])


def shorten(predicate):
    """At most 50 of them are allowed in all, which a schema says of each list only: the longest end goes first."""
    while parts(predicate) > 50:
        at = predicate
        while at.get("predicates") and max(parts(inner) for inner in at["predicates"]) > len(at["predicates"]):
            at = max(at["predicates"], key=parts)
        (at["predicates"] if at.get("predicates") else at["condition"]["sub_conditions"]).pop()


def nowhere(url):
    """A URL that could be called is replaced by one that no name server knows."""
    try:
        host = isinstance(url, str) and urllib.parse.urlsplit(url).hostname
    except ValueError:
        return url
    return "https://hooks.invalid/" if host else url


def some_review():
    """A review that is there."""
    for _ in range(5):
        answer = requests.get(f"{URL}/v1/workflows/reviews?status=all", headers=KEY, timeout=10)
        if answer.status_code != 503:
            break
        # A machine under load: this is not the call that is tested.
        time.sleep(1)
    if answer.status_code != 200:
        raise RuntimeError(f"the queue cannot be read: {answer.status_code} {answer.text[:300]}")
    rows = answer.json()["data"]
    # What a policy refuses of a review, such as an output that breaks its schema, only the review knows.
    rows = [row for row in rows if row["workflow_id"] != "wf_invoices" and not (row.get("assigned_to") or {}).get("enforce")]
    return DICE.choice(rows)


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict):
        for name in INTEGERS & case.body.keys():
            case.body[name] = as_integer(case.body[name])
        if "url" in case.body:
            case.body["url"] = nowhere(case.body["url"])
        if case.meta is not None and case.meta.generation.mode.is_positive:
            for name in {"reason", "escalate_to", "description", "text"} & case.body.keys():
                case.body[name] = seen(case.body[name])
            if "run_id" in case.body:
                agree(case.body)
            if "run_id" in case.body and case.path.endswith("/gate"):
                # Without one it is that of the workflow's policy, and there is none.
                case.body["predicate"] = case.body.get("predicate") or {"kind": "always"}
                fit(case.body["predicate"], case.body["block_type"])
                shorten(case.body["predicate"])
            if case.body.get("groups"):
                # An identifier; and an address is what issuers take for one.
                case.body["groups"] = ["finance"]
            if "scopes" in case.body:
                # Seen, and without control characters; an id is no member's.
                case.body |= {"name": "Ledger", "id": "ledger"}
            if case.body.get("mentions"):
                # Members, whom only the organization knows.
                case.body["mentions"] = []
            if "client_id" in case.body:
                # An issuer's URL, and domains of e-mail addresses.
                case.body |= {"url": "https://issuer.invalid/", "email_domains": ["example.com"]}
            if "channel" in case.body:
                # Whose it is, only the organization knows; times and zones, no schema.
                for name in ("member", "quiet_from", "quiet_until", "time_zone"):
                    case.body.pop(name, None)
                case.body["url"] = "https://hooks.invalid/"
                if case.path.endswith("/subscriptions"):
                    case.body["group"] = "finance"
            if case.body.get("email"):
                case.body["email"] = "ada@example.com"
            if "blocks" in case.body:
                # What a rule asks of its parts together, a schema cannot say.
                case.body["blocks"] = {"*": {"predicate": {"kind": "always"}, "due_in_seconds": 3600}}
        resume = case.body.get("resume")
        if isinstance(resume, dict) and "url" in resume:
            resume["url"] = nowhere(resume["url"])
        # Which versions there are, only the review knows.
        for name in {"on_seq", "effective_seq"} & case.body.keys():
            if isinstance(case.body[name], int) and 0 <= case.body[name] < 2**32:
                case.body[name] = 0
        # The key belongs to a person, who can say neither that an agent edited nor that an agent made the output.
        if case.body.get("origin") == "agent_edit":
            case.body["origin"] = "human_edit"
        author = case.body.get("author")
        if isinstance(author, dict) and author.get("kind") == "agent":
            author["kind"] = "model"
        # Both name the command, so they may not differ.
        if case.body.get("command_id") is not None and case.headers and "Idempotency-Key" in case.headers:
            del case.headers["Idempotency-Key"]
    # A cursor is what an answer gave, and nothing else.
    if case.query and "cursor" in case.query:
        del case.query["cursor"]
    # Made-up names find nothing: three calls in four go to a review that is there, most of them with its rev.
    if case.path_parameters and "run_id" in case.path_parameters and DICE.random() < 0.75:
        if not all(isinstance(value, str) and value for value in case.path_parameters.values() if not isinstance(value, int)):
            return
        if case.meta is not None and not case.meta.generation.mode.is_positive:
            return
        row = some_review()
        case.path_parameters |= {"run_id": row["workflow_run_id"], "block_id": row["block_id"]}
        if not isinstance(case.body, dict):
            return
        if isinstance(case.body.get("version_stamp"), int) and DICE.random() < 0.8:
            case.body["version_stamp"] = row["rev"]
        # Where several must approve, only the newest version counts, which only the review knows.
        if row.get("approvals") and "on_seq" in case.body:
            case.body["on_seq"] = None
