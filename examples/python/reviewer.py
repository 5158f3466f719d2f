"""A program that reviews: it corrects what it can, and passes on what it cannot.

export HOLDPOINT_URL=http://127.0.0.1:8787/v1 HOLDPOINT_API_KEY=hp_…
python3 reviewer.py
"""

from holdpoint import Holdpoint

with Holdpoint() as hp:
    for task in hp.queue("invoices"):
        if task.snapshot["total"] > 10_000:
            task.escalate(to="finance", reason="Above 10,000")
        else:
            task.approve(edit=lambda output: {**output, "supplier": output["supplier"].strip().title()}, reason="Below 10,000")
        print(task.run_id, task.overlay.status, flush=True)
