"""scripts/rollback: the release before, at once.

usage: scripts/rollback STAGE [--list] [--to N] [--region REGION] [--profile PROFILE] [--settings FILE] [--no-smoke]

Deploys the app's stack with the template and the parameters of the release before. Nothing is built. All calls move at once, since the
alarm that a gradual release looks at is probably on. The data stack stays as it is, and so do the names of the table and the buckets.
A second rollback goes back one more release.

While a deployment is under way, it is cancelled instead: CloudFormation itself then brings back what was before. Where it has done so
already, the release before runs: then --to is needed to go back further. A rollback that is under way is waited for. One that was
interrupted has ended by itself: run this again, and it says so, and goes back no further.

  --list         the releases, with the parameters that each changed, and which one runs
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

from deployment import recorded, releases, templates
from deployment.aws import CREATION_FAILED, READY, Aws, missing_tools, region
from deployment.common import ROOT, Failed, say
from deployment.deploy import artifacts_bucket, changes, smoke
from deployment.settings import DATA_NAMES, load

# The state after a deployment that failed or was cancelled: what ran before runs.
TAKEN_BACK = "UPDATE_ROLLBACK_COMPLETE"
# States in which neither a cancellation nor an update is taken.
UNDER_WAY = {
    "CREATE_IN_PROGRESS": "its first deployment is under way, so there is no release to go back to. Wait for its end",
    "ROLLBACK_IN_PROGRESS": "its first deployment has failed and is being taken back. There is no release to go back to",
    "DELETE_IN_PROGRESS": "it is being deleted",
    "UPDATE_ROLLBACK_IN_PROGRESS": "CloudFormation is taking the last deployment back already. Wait for its end: then what was before runs",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "CloudFormation has taken the last deployment back, and what was before runs. It is tidying up",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "the last deployment is complete, and cannot be cancelled any more. When it is tidied up, run this again",
}


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
        if not known:
            say(f"{name} has no releases written down yet: scripts/deploy does so.")
            return 0
        template = aws.template(name)
        runs = known[-1] if (known[-1].template, known[-1].parameters) == (template, stack.parameters) else None
        back = releases.before(known) if runs is not None and stack.status in READY and stack.status != TAKEN_BACK else None
        for earlier, one in zip([None, *known], known):
            marks = "   <- runs" if one is runs else "   <- the next rollback" if back and one.number == back.number else ""
            say(one.line() + marks)
            for line in changes(earlier.parameters, one.parameters) if earlier else []:
                say(f"        {line}")
        if known[0].number > 1:
            say(f"These are the newest. --to takes the older ones, too, from 1 to {known[0].number - 1}.")
        if runs is None:
            say(f"What runs, {templates.version_of(template)}, is none of these: it was deployed by other means, or is being deployed.")
        return 0

    say(f"Stage {settings.stage}, account {account}, {aws.region}")
    begun = releases.begun_rollback(aws, bucket, name)
    if begun is not None and stack.status.startswith("UPDATE_") and stack.status.endswith("_IN_PROGRESS"):
        # It may be a colleague's, or one's own that was interrupted. To cancel it would bring back the release that it takes away.
        say(f"{name} is being taken back to release {begun} already: waiting for that")
        aws.attempt("cloudformation", "wait", "stack-update-complete", "--stack-name", name)
        stack = aws.stack(name) or stack
    elif stack.status == "UPDATE_IN_PROGRESS":
        if given.to is not None:
            raise Failed(f"{name} is being updated: without --to that is cancelled; go back further after it.")
        say(f"{name} is being updated: cancelling that, which brings back what was before")
        aws.call("cloudformation", "cancel-update-stack", "--stack-name", name)
        aws.call("cloudformation", "wait", "stack-rollback-complete", "--stack-name", name)
        say(f"{name} is as it was before.")
        return 0
    if stack.status in UNDER_WAY:
        watch = f"`aws cloudformation describe-stacks --stack-name {name} --region {aws.region}` shows its state"
        raise Failed(f"{name} is in {stack.status}: {UNDER_WAY[stack.status]} ({watch}).")
    if stack.status in CREATION_FAILED:
        begin = f"scripts/deploy {settings.stage} --replace-failed begins again"
        raise Failed(f"{name} is in {stack.status}: it was never deployed, or is half deleted, so there is no release to go back to. {begin}.")
    aws.check_ready(stack, replace_failed=False, holds="")

    ended = releases.end_rollback(aws, bucket, name)
    if ended is not None and given.to in (None, begun):
        say(f"The rollback to release {begun} has ended: release {ended.number} of {name} is {ended.version} again. Run this again to go back further.")
        if not given.no_smoke:
            smoke(aws, settings, stack, "scripts/rollback goes back one more.")
        return 0

    now = releases.remember(aws, bucket, name)
    known = releases.read(aws, bucket, name)
    back = releases.before(known)
    if back is None and known and known[0].number > 1:
        back = releases.before(releases.read(aws, bucket, name, newest=None))
    listed = "\n".join(one.line() for one in known)
    # What was taken back may be a rollback: then this is the second try.
    if stack.status == TAKEN_BACK and given.to is None and begun is None:
        further = f" To go back further than that, name the release: --to {back.number} ({back.version})." if back else ""
        raise Failed(
            f"the last deployment of {name} failed, and CloudFormation has taken it back by itself: release {now.number} ({now.version}), which "
            f"ran before it, runs again.{further} The releases of {name}:\n{listed}"
        )
    target = back if given.to is None else releases.one(aws, bucket, name, given.to)
    if target is None:
        what = "before the present one" if given.to is None else str(given.to)
        raise Failed(f"there is no release {what} to go back to. The releases of {name}:\n{listed}")
    if target.number in (now.number, now.origin):
        raise Failed(f"release {target.number} ({target.version}) is what runs. The releases of {name}:\n{listed}")

    if "AWS::DynamoDB::Table" in target.template:
        raise Failed(
            f"release {target.number} ({target.version}) is of the template before there were two stacks: it would make the table again, beside the "
            f"one that is served. There is no way back past that upgrade. The releases of {name}:\n{listed}"
        )

    # The names of what holds the data are never taken back: the release before may be older than a restored table.
    # Nor are secrets, which CloudFormation shows as asterisks.
    parameters = {one: value for one, value in target.parameters.items() if value != "****"}
    parameters["Gradual"] = "false"
    parameters.update({one: stack.parameters[one] for one in DATA_NAMES if one in stack.parameters and one in parameters})
    way = "back" if target.number < now.number and target.origin < now.origin else "forward"
    say(f"{name}: from release {now.number} ({now.version}) {way} to {target.number} ({target.version}), at once")
    for line in changes(stack.parameters, parameters):
        say(f"  {line}")
    releases.begin_rollback(aws, bucket, name, target.origin)
    with tempfile.TemporaryDirectory() as folder:
        template_file = Path(folder) / "template.yaml"
        text = templates.with_fingerprint(target.template, parameters, templates.again(now.template, stack.status))
        template_file.write_text(text, encoding="utf-8")
        aws.deploy(name, template_file, parameters, bucket, capabilities=True)
    done = releases.remember(aws, bucket, name, rollback_to=target.origin)
    releases.begin_rollback(aws, bucket, name, None)
    say(f"Release {done.number} of {name} is {target.version} again.")
    again = f"scripts/rollback {settings.stage} --to {now.number}"
    say(f"To release {now.number} ({now.version}) again: {again}")
    for named, value in settings.app.items():
        is_other = named in parameters and parameters[named] != value
        if is_other and named not in DATA_NAMES and named != "Gradual":
            now_is = parameters[named] or "empty"
            say(f"{settings.file} still says {named} = {value or 'nothing'}: the next scripts/deploy sets that again. It is {now_is} now.")
    email = parameters.get("AlarmEmail", "")
    if email and email != stack.parameters.get("AlarmEmail"):
        say(f"Alarms go to {email} once the link in the mail from AWS is followed. Until then nobody gets them.")
    found = aws.stack(name)
    if not given.no_smoke and found is not None:
        smoke(aws, settings, found, f"{again} deploys release {now.number} again.")
    return 0
