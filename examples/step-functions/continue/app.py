"""Stands for whatever uses the output: here it only says what it was given.

`gate` is what the gate's task was told. Where nobody had to look, that is `{"held": false, "snapshot": …}`. After a review it is what Holdpoint told
the task: `snapshot` is the approved version; where it is too large for Step Functions it is null, and `snapshot_url` says where to read it, on
Holdpoint's host and with a key of scope `read`.
"""


def handler(event, _context):
    gate = event["gate"]
    if gate.get("held") is False:
        return {"posted": gate["snapshot"], "reviewed": False}
    return {
        "posted": gate["snapshot"],
        "read_from": gate["snapshot_url"],
        "reviewed": True,
        "version": gate["effective_seq"],
        "content_sha256": gate["content_sha256"],
    }
