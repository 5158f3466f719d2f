"""scripts/rollback: the release before, at once.

usage: scripts/rollback STAGE [--list] [--to N] [--region REGION] [--profile PROFILE] [--settings FILE] [--no-smoke]

Deploys the app's stack with the template and the parameters of the release before. Nothing is built. All calls move at once, since the
alarm that a gradual release looks at is probably on. The data stack stays as it is, and so do the names of the table and the buckets.
A second rollback goes back one more release.

While a deployment is under way, it is cancelled instead: CloudFormation itself then brings back what was before. A rollback that is under
way is waited for. One that was interrupted has ended by itself: run this again, and it says so, and goes back no further.

  --list         the releases that can be brought back
  --to N         the release of that number
  --settings     the stage's settings file, if it is not stages/STAGE.ini
  --no-smoke     without scripts/smoke afterwards

What older code cannot read is said in docs/operate.md under Upgrade: look there before going back.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import List

from deployment import recorded, releases
from deployment.aws import Aws, missing_tools, region
from deployment.common import ROOT, Failed, say
from deployment.deploy import artifacts_bucket, smoke
from deployment.settings import DATA_NAMES, load
from deployment.templates import again, with_fingerprint


def main(arguments: List[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="scripts/rollback", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("stage", metavar="STAGE", help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--to", type=int, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("--region", help=argparse.SUPPRESS)
    parser.add_argument("--profile", help=argparse.SUPPRESS)
    parser.add_argument("--settings", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--no-smoke", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)

    settings = load(given.stage, given.settings, ROOT)
    missing = missing_tools()
    if missing:
        raise Failed(missing[0])
    profile = given.profile or settings.deploy.get("profile")
    aws = Aws(region(given.region or settings.deploy.get("region"), profile), profile)
    account, _ = aws.identity()
    recorded.refuse_others(settings, aws.stack(settings.data_stack), aws.region)
    name = settings.app_stack
    stack = aws.stack(name)
    if stack is None:
        raise Failed(f"there is no stack {name} in account {account}, {aws.region}: nothing to roll back.")
    bucket = artifacts_bucket(aws, settings, make=False)

    if given.list:
        known = releases.read(aws, bucket, name)
        back = releases.before(known)
        for one in known:
            say(one.line() + ("   <- the next rollback" if back and one.number == back.number and one is not known[-1] else ""))
        if not known:
            say(f"{name} has no releases written down yet: scripts/deploy does so.")
        return 0

    begun = releases.begun_rollback(aws, bucket, name)
    if begun is not None and stack.status.startswith("UPDATE_") and stack.status.endswith("_IN_PROGRESS"):
        # It may be a colleague's, or one's own that was interrupted. To cancel it would bring back the release that it takes away.
        say(f"{name} is being taken back to release {begun} already: waiting for that")
        aws.attempt("cloudformation", "wait", "stack-update-complete", "--stack-name", name)
        stack = aws.stack(name)
    if begun is None and stack is not None and stack.status == "UPDATE_IN_PROGRESS":
        if given.to is not None:
            raise Failed(f"{name} is being updated: without --to that is cancelled; go back further after it.")
        say(f"{name} is being updated: cancelling that, which brings back what was before")
        aws.call("cloudformation", "cancel-update-stack", "--stack-name", name)
        aws.call("cloudformation", "wait", "stack-rollback-complete", "--stack-name", name)
        say(f"{name} is as it was before.")
        return 0
    if aws.make_ready(stack, replace_failed=False, holds="It was never deployed, so there is nothing to go back to.") is None:
        raise Failed(f"there is no stack {name}.")
    assert stack is not None, "make_ready returns nothing then"

    ended = releases.end_rollback(aws, bucket, name)
    if ended is not None and given.to in (None, begun):
        say(f"The rollback to release {begun} has ended: release {ended.number} of {name} is {ended.version} again. Run this again to go back further.")
        if not given.no_smoke:
            smoke(aws, settings, stack)
        return 0

    now = releases.remember(aws, bucket, name)
    known = releases.read(aws, bucket, name)
    target = releases.before(known) if given.to is None else next((one for one in known if one.number == given.to), None)
    if target is None:
        listed = "\n".join(one.line() for one in known)
        what = "before the present one" if given.to is None else str(given.to)
        raise Failed(f"there is no release {what} to go back to. The releases of {name}:\n{listed}")

    # The names of what holds the data are never taken back: the release before may be older than a restored table.
    # Nor are secrets, which CloudFormation shows as asterisks.
    parameters = {one: value for one, value in target.parameters.items() if value != "****"}
    parameters["Gradual"] = "false"
    parameters.update({one: stack.parameters[one] for one in DATA_NAMES if one in stack.parameters and one in parameters})
    say(f"{name}: from release {now.number} ({now.version}) back to {target.number} ({target.version}), at once")
    releases.begin_rollback(aws, bucket, name, target.origin)
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.yaml"
        template.write_text(with_fingerprint(target.template, parameters, again(now.template, stack.status)), encoding="utf-8")
        aws.deploy(name, template, parameters, bucket, capabilities=True)
    done = releases.remember(aws, bucket, name, rollback_to=target.origin)
    releases.begin_rollback(aws, bucket, name, None)
    say(f"Release {done.number} of {name} is {target.version} again.")
    found = aws.stack(name)
    if not given.no_smoke and found is not None:
        smoke(aws, settings, found)
    return 0
