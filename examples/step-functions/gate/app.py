"""The gate: asks Holdpoint whether a person must look. If so, the task waits for the decision; if not, it goes on at once.

The rule is the workflow's policy at Holdpoint (policy.json), not part of this function. Asking is idempotent: the same run and block with the same
content is the same review, so a retried state is safe. Its new task token takes the place of the old one.
"""

import functools
import http.client
import json
import os
import re
import urllib.error
import urllib.request

# Of each wait for the network. Holdpoint answers within 30 seconds or its gateway does.
TIMEOUT_SECONDS = 35
BLOCK_ID = "extract_invoice"


class HoldpointUnavailable(Exception):
    """It may work later: the state machine retries this, by this name."""


class HoldpointRefused(Exception):
    """It will not work later either."""


class KeyRefused(HoldpointRefused):
    """Holdpoint does not know the key, or knows it no more."""


def read_secret() -> str:
    # boto3 is part of Lambda's Python runtime.
    import boto3
    from botocore.config import Config

    quick = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 3})
    client = boto3.client("secretsmanager", config=quick)
    return client.get_secret_value(SecretId=os.environ["HOLDPOINT_KEY_SECRET_ARN"])["SecretString"]


@functools.cache
def api_key() -> str:
    """Read at first use and kept. What is no key is not sent: an error about such a header would show the secret."""
    key = read_secret().strip()
    if not re.fullmatch(r"hp_[A-Za-z0-9_-]{32,125}", key):
        raise HoldpointRefused("the secret's text is not an API key")
    return key


def identifier(text: str) -> str:
    """As Holdpoint takes it: 1 to 256 characters that a URL path segment holds unescaped. An execution's ARN is good as it is."""
    return re.sub(r"[^A-Za-z0-9._~!$&'()*+,;=:@-]", "-", text)[:256]


def tell_task(token: str, output: dict) -> None:
    """Lets the waiting task go on: what Holdpoint does after a review."""
    import boto3
    from botocore.config import Config

    quick = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3})
    boto3.client("stepfunctions", config=quick).send_task_success(taskToken=token, output=json.dumps(output))


def question(event: dict) -> dict:
    """The same for each try of one execution, but for the token."""
    extraction = event["extraction"]
    return {
        "run_id": identifier(event["execution"]),
        "block_id": BLOCK_ID,
        "workflow_id": identifier(event["workflow"]),
        "workflow_version_id": event["workflow_version"],
        "block_type": "extract",
        "snapshot": extraction["output"],
        "likelihoods": extraction["likelihoods"],
        "author": {"kind": "model", "id": "invoice-extractor", "display_name": "Invoice extractor"},
        "resume": {"kind": "step_functions", "task_token": event["task_token"]},
    }


def handler(event, _context):
    body = question(event)
    try:
        answer = post(body)
    except KeyRefused:
        # The key may have been replaced since it was read.
        api_key.cache_clear()
        answer = post(body)
    # Only the log sees what is returned: the task goes on with what it is told.
    if answer["held"]:
        return {"held": True, "review": answer["overlay"]["_id"]}
    tell_task(event["task_token"], {"held": False, "snapshot": body["snapshot"]})
    return {"held": False}


def post(body: dict) -> dict:
    request = urllib.request.Request(
        os.environ["HOLDPOINT_URL"] + "/workflows/gate",
        data=json.dumps(body).encode(),
        headers={"Api-Key": api_key(), "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise refusal(error) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Nobody there, too slow, or half an answer.
        raise HoldpointUnavailable(f"no answer: {type(error).__name__}: {error}") from None


def refusal(error: urllib.error.HTTPError) -> Exception:
    """What Holdpoint said; neither the key nor the token is part of it."""
    try:
        detail = json.load(error)["detail"]
        text = f"{error.code} {detail['code']}: {detail['message']}"
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        # The gateway's own errors have another shape.
        text = str(error.code)
    if error.code == 401:
        return KeyRefused(text)
    if error.code == 429 or error.code >= 500:
        return HoldpointUnavailable(text)
    return HoldpointRefused(text)
