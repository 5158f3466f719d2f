#!/usr/bin/env python3
"""What a deployment costs a month: PYTHON bench/bill.py [--check PAGE]

Counts what the transformed templates hold (alarms, dashboards, metrics, schedules) and reckons with list prices of us-east-1 and no free tier.
PYTHON has aws-sam-translator. Prints two tables of Markdown, which docs/costs.md has: a month without any review, and a million reviews. With --check: exit code 1 if PAGE does not have these lines.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

WORKSPACE = Path(__file__).resolve().parents[1]
MINUTES = 43_800  # of a month

# Dollars. CloudWatch: API Evangelist's list of AWS's prices (cloudwatch-plans-pricing.yml, us-east-1, 2026-05-05); alarms by the metric as
# infracost counts them. X-Ray: $5 a million traces recorded (AWS X-Ray pricing). The others: docs/bench/units.md.
ALARM_METRIC, DASHBOARD, CUSTOM_METRIC = 0.10, 3.00, 0.30
LOG_GB = 0.50
READS, WRITES, INVOCATIONS, GB_SECONDS, REQUESTS = 0.125 / 1e6, 0.625 / 1e6, 0.20 / 1e6, 13.3334 / 1e6, 1.00 / 1e6
TRACES = 5.00 / 1e6
BUS = 1.00 / 1e6  # custom events of EventBridge, up to 64 KB each (cloudburn.io, factualminds.com, 2026)

# Measured: `cargo test -p tests --test lambda -- --nocapture` prints the bytes of our own lines, metrics included.
LOGGED = json.loads((WORKSPACE / "bench" / "logged.json").read_text(encoding="utf-8"))
# What Lambda writes besides, for each run, with its JSON format: platform.start and platform.report (assumed: 620 bytes, by AWS's examples).
PLATFORM = 620
# The gateway's line, as the template has it, with values of usual length.
ACCESS = 380
# A look at an empty index: read units, by docs/bench/units.md. The sweep looks for leases and for reviews that are due, redeliver for
# deliveries. Billed time of a run, which has not been measured on AWS.
LOOKS, LOOK_READS, BILLED_SECONDS, MEMORY_GB = 2 + 1, 4, 0.020, 0.5


def template(parameters: dict[str, Any]) -> dict[str, Any]:
    """The app's template as CloudFormation deploys it, without what a condition leaves out."""
    names = {
        "TableName": "holdpoint", "TableStreamArn": "arn:aws:dynamodb:us-east-1:123456789012:table/holdpoint/stream/1",
        "BucketName": "documents", "FailedRecordsBucketName": "records", "CorsOrigins": ["https://app.example"],
    }
    command = [sys.executable, str(WORKSPACE / "scripts" / "transform"), str(WORKSPACE / "template.yaml"), json.dumps({**names, **parameters})]
    made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    is_full = parameters["Monitoring"] == "full"
    made["Resources"] = {
        name: it for name, it in made["Resources"].items() if it.get("Condition") != "IsFull" or is_full
    }
    return made


def of_type(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of a type."""
    return [it["Properties"] for it in made["Resources"].values() if it["Type"] == kind]


def alarm_metrics(made: dict[str, Any]) -> int:
    """Alarms, each counted once for each metric that it looks at."""
    return sum(
        sum("MetricStat" in it for it in alarm["Metrics"]) if "Metrics" in alarm else 1 for alarm in of_type(made, "AWS::CloudWatch::Alarm")
    )


def runs(made: dict[str, Any]) -> int:
    """Scheduled runs of a month."""
    rates = [it["ScheduleExpression"] for it in of_type(made, "AWS::Events::Rule")]
    # The sweep's rate is a parameter, whose default is the same.
    assert all(rate in ("rate(1 minute)", {"Ref": "SweepRate"}) for rate in rates), rates
    return len(rates) * MINUTES


def platform(made: dict[str, Any]) -> int:
    """The bytes that Lambda itself logs for a run."""
    levels = {json.dumps(it["LoggingConfig"]["SystemLogLevel"]) for it in of_type(made, "AWS::Lambda::Function")}
    assert levels == {'{"Fn::If": ["IsFull", "INFO", "WARN"]}'}, levels
    return PLATFORM if of_type(made, "AWS::CloudWatch::Dashboard") else 0


def idle(made: dict[str, Any]) -> list[tuple[str, str, float]]:
    """A month in which nobody calls: what, how many, dollars."""
    scheduled = runs(made)
    reads = LOOKS * LOOK_READS * MINUTES
    bytes_logged = sum(LOGGED[name] + platform(made) for name in ("sweep", "redeliver")) * MINUTES
    alarms, dashboards = alarm_metrics(made), len(of_type(made, "AWS::CloudWatch::Dashboard"))
    return [
        ("alarms, by the metric", str(alarms), alarms * ALARM_METRIC),
        ("dashboards", str(dashboards), dashboards * DASHBOARD),
        ("metrics written each minute (the two lags)", "2", 2 * CUSTOM_METRIC),
        ("logs", f"{bytes_logged / 1e6:.0f} MB", bytes_logged / 1e9 * LOG_GB),
        ("runs of sweep and redeliver", f"{scheduled:,}", scheduled * (INVOCATIONS + BILLED_SECONDS * MEMORY_GB * GB_SECONDS)),
        ("read units", f"{reads:,}", reads * READS),
    ]


# Where the code names its metrics.
METRICS_IN = (
    "shared/src/api/responses/request_metrics.rs", "functions/sweep/src/lib.rs", "functions/publish/src/outbox/batch.rs",
    "functions/publish/src/outbox/redeliver/report.rs",
)

# A review: opened, claimed, corrected, approved, at snapshots of 1 KB; its events are published one by one.
CALLS = ("open", "claim", "edit", "decide")
DYNAMODB = 13.69  # a million reviews of 1 KB, measured: docs/bench/units.md


def metrics_written() -> dict[str, int]:
    """How many metrics the code can write besides the lags, with each setting of Monitoring."""
    code = "".join((WORKSPACE / path).read_text(encoding="utf-8") for path in METRICS_IN)
    names = set(re.findall(r'\((?:\n\s*)?"([A-Z][A-Za-z]+)"', code))
    listed = re.search(r"const MINIMAL: [^=]* = \[([^\]]*)\]", (WORKSPACE / "shared/src/metrics.rs").read_text(encoding="utf-8"))
    assert listed
    minimal = set(re.findall(r'"(\w+)"', listed[1]))
    assert {"SweepLag", "DeliveryLag"} <= minimal < names, (minimal, names)
    return {"full": len(names) - 2, "minimal": len(minimal) - 2}


def million(made: dict[str, Any], metrics: int, is_traced: bool) -> list[tuple[str, float]]:
    """A million reviews, beside the idle bill: what, dollars."""
    calls = len(CALLS) * 1e6
    run_cost = INVOCATIONS + BILLED_SECONDS * MEMORY_GB * GB_SECONDS
    logged = sum(LOGGED[name] + ACCESS + LOGGED["publish"] + 2 * platform(made) for name in CALLS) * 1e6
    return [
        ("DynamoDB, measured in units", DYNAMODB),
        ("the gateway", calls * REQUESTS),
        ("functions, publish included", 2 * calls * run_cost),
        ("EventBridge, an event for each change", calls * BUS),
        ("logs", logged / 1e9 * LOG_GB),
        ("metrics, if each has a value", metrics * CUSTOM_METRIC),
        ("X-Ray, if every run is traced", 2 * calls * TRACES if is_traced else 0.0),
    ]


def row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cells) + " |"


def tables() -> list[str]:
    """The lines of both tables."""
    full, minimal = (template({"Monitoring": monitoring}) for monitoring in ("full", "minimal"))
    pairs = list(zip(idle(full), idle(minimal), strict=True))
    lines = [row("a month without any review", "`full`", "dollars", "`minimal`", "dollars"), row(*["---"] * 5)]
    lines += [row(what, many, f"{dollars:.2f}", few, f"{less:.2f}") for (what, many, dollars), (_, few, less) in pairs]
    lines.append(row("**all**", "", f"**{sum(it[0][2] for it in pairs):.2f}**", "", f"**{sum(it[1][2] for it in pairs):.2f}**"))
    many, few = metrics_written().values()
    columns = [million(full, many, False), million(minimal, few, False), million(full, many, True)]
    lines += ["", row("a million reviews in a month, besides", "`full`", "`minimal`", "`full`, `Tracing=Active`"), row(*["---"] * 4)]
    lines += [row(at[0][0], *(f"{dollars:.2f}" for _, dollars in at)) for at in zip(*columns, strict=True)]
    lines.append(row("**all**", *(f"**{sum(dollars for _, dollars in column):.2f}**" for column in columns)))
    return lines


def main(arguments: list[str]) -> int:
    """Prints both tables, or looks for them on a page."""
    lines = tables()
    if arguments[:1] != ["--check"]:
        print("\n".join(lines))
        return 0
    page = Path(arguments[1]).read_text(encoding="utf-8").splitlines()
    missing = [line for line in lines if line and line not in page]
    for line in missing:
        print(f"{arguments[1]} lacks: {line}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
