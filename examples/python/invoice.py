"""An invoice that a model has read: whoever must look at it does, and the program goes on with what was approved.

    export HOLDPOINT_URL=http://127.0.0.1:8787/v1 HOLDPOINT_API_KEY=hp_…
    python3 invoice.py invoice.pdf

Run it again after a crash, at any point: it is the same review, and the same decision.
"""

import sys
from pathlib import Path

from holdpoint import Holdpoint
from holdpoint.errors import RejectedError

path = Path(sys.argv[1])
# What your model has made of it, with how sure it is of each value.
output = {"supplier": "Northwind", "total": 1250.00}
likelihoods = {"supplier": 0.99, "total": 0.71}

with Holdpoint() as hp:
    held = hp.gate(
        run_id=f"run-{path.stem}",
        block_id="extract",
        workflow_id="invoices",
        snapshot=output,
        likelihoods=likelihoods,
        documents=[path],
        # Better in the workflow's policy, where it is changed without you.
        predicate={"kind": "field_confidence_lt", "path": "total", "threshold": 0.9},
    )
    if held:
        print("held: somebody must look at", held.run_id, flush=True)
        try:
            output = held.wait(timeout="7d").snapshot
        except RejectedError as rejected:
            sys.exit(f"rejected: {rejected.reason}")
    print("goes on with", output)
