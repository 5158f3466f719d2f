import json, os, urllib.request

def call(method, path, body=None):
    request = urllib.request.Request(
        os.environ.get("URL", "http://127.0.0.1:8787") + "/v1/workflows/reviews" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Api-Key": os.environ["KEY"], "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

review = call("POST", "", {
    "run_id": "run_1", "block_id": "extract", "workflow_id": "wf_invoices", "workflow_version_id": "wfv_7",
    "block_type": "extract", "triggered_by": {"kind": "low_confidence"},
    "snapshot": {"vendor": "Northwind", "total": 12.50},
})
decided = call("POST", "/run_1/extract/decision", {"verdict": "approved", "version_stamp": review["rev"]})
print(decided["overlay"]["status"])  # approved
