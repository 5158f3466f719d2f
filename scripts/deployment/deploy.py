"""scripts/deploy: a stage, with one command.

usage: scripts/deploy STAGE [--from RELEASE] [--dry-run] [--data-only | --app-only] [--at-once] [--parameter NAME=VALUE ...]
                            [--region REGION] [--profile PROFILE] [--settings FILE]
                            [--replace-failed] [--other-table] [--other-settings] [--key-file FILE] [--no-smoke]

Deploys data.yaml as the stack holdpoint-STAGE-data and template.yaml as holdpoint-STAGE, creates the first API key if the table has none,
and runs scripts/smoke with a key that it revokes afterwards. The settings are in stages/STAGE.ini (see stages/example.ini).

  --from RELEASE    a release's archive (holdpoint-VERSION-arm64.tar.gz), the folder that it was unpacked to, or dist/. Without it a checkout
                    builds its own, and an unpacked release takes the dist/ beside it.
  --dry-run         everything up to the first call to AWS: tools, release, settings, and what would be done; not credentials and permissions
  --data-only       the data stack alone
  --app-only        the app's stack alone
  --at-once         all calls go to the new release at once, instead of a tenth of them for five minutes first
  --parameter       a parameter of either stack; data.NAME=VALUE or app.NAME=VALUE where both have it
  --region          where to deploy, if the settings or the AWS CLI's own do not say it
  --profile         the AWS CLI's profile
  --settings        the settings file, if it is not stages/STAGE.ini
  --replace-failed  deletes a stack whose creation had failed, and begins again
  --other-table     lets the app serve another table or bucket than it does now, such as a restored one
  --other-settings  another app's stack, organization or bucket of releases than the stage was deployed with
  --key-file FILE   writes the first key to this new file instead of printing it
  --no-smoke        without the smoke test
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Dict, List, Mapping, Optional

from deployment import keys, package, recorded, releases, templates
from deployment.aws import CREATION_FAILED, Aws, Stack, missing_tools, region
from deployment.common import ROOT, Failed, say
from deployment.releases import Release
from deployment.settings import DATA_NAMES, Settings, add_overrides, broken_rules, load, merged, validate

# Before it, each function is built in a target directory of its own (aws-lambda-builders #900).
OLDEST_SAM = (1, 165, 0)


def find(given: Path) -> Path:
    """What --from names: an archive, dist/, or the folder that an archive makes, with dist/ in it."""
    if not given.exists():
        raise Failed(f"{given} is not there: --from takes a release's archive, or the folder that it was unpacked to.")
    if given.is_dir() and not (given / "SHA256SUMS").is_file() and (given / "dist" / "SHA256SUMS").is_file():
        return given / "dist"
    return given


def unpack(archive: Path, folder: Path) -> Path:
    """Unpacks a release's archive and returns the dist/ in it."""
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for member in opened.getmembers():
                parts = Path(member.name).parts
                if member.isfile() and len(parts) == 3 and parts[1] == "dist":
                    content = opened.extractfile(member)
                    assert content is not None, "it is a file"
                    (folder / parts[2]).write_bytes(content.read())
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Failed(f"{archive} cannot be unpacked: {error}. Is it a whole holdpoint-VERSION-arm64.tar.gz?") from error
    return folder


def check_release(folder: Path) -> str:
    """Checks that a release is whole and as it was made; returns its version."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise Failed(f"{folder} holds no release: SHA256SUMS is missing. scripts/package makes one.")
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in sums.read_text(encoding="utf-8").splitlines())}
    for needed in ("template.yaml", "data.yaml", "VERSION"):
        if needed not in listed:
            raise Failed(f"{folder} holds no whole release: {needed} is missing.")
    for name, digest in listed.items():
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise Failed(f"{file} is not as it was packaged: its digest differs from SHA256SUMS. Get the release again.")
    text = (folder / "template.yaml").read_text(encoding="utf-8")
    absent = [name for name in re.findall(r"CodeUri: \./(\S+)", text) if name not in listed]
    if absent:
        raise Failed(f"{folder} lacks {', '.join(absent[:3])}{' and others' if len(absent) > 3 else ''}: it was made with --only.")
    return (folder / "VERSION").read_text(encoding="utf-8").strip()


def old_sam() -> Optional[str]:
    """A sentence about a SAM CLI that is there and too old. This script does not use it; who types `sam build` does."""
    if not shutil.which("sam"):
        return None
    answer = subprocess.run(["sam", "--version"], capture_output=True, text=True, check=False, env={**os.environ, "SAM_CLI_TELEMETRY": "0"})
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", answer.stdout)
    if match and tuple(int(part) for part in match.groups()) < OLDEST_SAM:
        return (
            f"the SAM CLI is {match.group(0)}: before 1.165 `sam build` builds the whole workspace once for each function. This script does "
            "not use it; for `sam build` get a newer one (`pip install --upgrade aws-sam-cli`)."
        )
    return None


def load_smoke() -> "object":
    """scripts/smoke as a module: run in this process, its key stands on no command line."""
    loader = SourceFileLoader("smoke", str(ROOT / "scripts" / "smoke"))
    specification = importlib.util.spec_from_loader("smoke", loader)
    assert specification is not None, "the loader is given"
    module = importlib.util.module_from_spec(specification)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        sys.modules["smoke"] = module
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


def smoke(aws: Aws, settings: Settings, app: Stack, way_back: str) -> None:
    """Runs scripts/smoke with a key of its own, which lives for an hour at most and is revoked at once. `way_back` is what to say of going back."""
    url, table = app.outputs.get("ApiUrl"), app.parameters.get("TableName")
    if not url or not table:
        raise Failed(f"the stack {app.name} has no output ApiUrl or no parameter TableName: was it deployed from another template?")
    say(f"\nsmoke test of {url}")
    key = keys.make(
        settings.organization, "agent", keys.SMOKE, "Smoke test", ["read", "review", "runtime"], expires_at=keys.now_millis() + 3_600_000
    )
    keys.create(aws, table, key)
    try:
        code = load_smoke().main([url, key.key])  # type: ignore[attr-defined]
    finally:
        keys.revoke(aws, table, settings.organization, key.items[0]["digest"]["S"])
    if code != 0:
        domain = app.parameters.get("DomainName")
        dns = f" If {domain} is new, its DNS record must point to {app.outputs.get('DomainTarget')}." if domain else ""
        raise Failed(
            f"the smoke test failed; the stack {app.name} is deployed all the same.{dns} The functions' logs have the request under its "
            f"x-request-id. {way_back}"
        )


def artifacts_bucket(aws: Aws, settings: Settings, make: bool, replace_failed: bool = False) -> str:
    """The bucket of the releases: the one that the settings name, or the one of a stack of its own."""
    named = settings.deploy.get("artifacts_bucket")
    if named:
        return named
    name = settings.artifacts_stack
    stack = aws.stack(name)
    if make and (stack is None or not stack.outputs.get("ArtifactsBucketName")):
        aws.make_ready(stack, replace_failed, "It holds nothing.")
        say(f"\n{name}: the bucket of releases")
        aws.deploy(name, Path(__file__).with_name("artifacts.yaml"), {}, None)
        stack = aws.stack(name)
    bucket = stack.outputs.get("ArtifactsBucketName") if stack else None
    if not bucket:
        raise Failed(f"there is no bucket of releases: the stack {name} is missing, or has no output ArtifactsBucketName. scripts/deploy makes it.")
    return bucket


def refuse_other_data(wanted: Dict[str, str], stack: Optional[Stack], names: List[str], other_table: bool) -> None:
    """The app must not silently serve another table or bucket than it does now."""
    for name in names:
        now = stack.parameters.get(name) if stack else None
        if now and now != wanted.get(name, now) and not other_table:
            raise Failed(
                f"{stack.name if stack else ''} has {name} {now}, and would get {wanted[name]}: what {now} holds would no longer be served. "
                f"If that is what you want (after a restore, say), add --other-table; if not, write {name} = {now} in the stage's settings."
            )


def changes(before: Mapping[str, str], wanted: Mapping[str, str]) -> List[str]:
    """Which parameters change, a line for each. Gradual is of one deployment, so it is no change."""
    found = []
    for name, value in wanted.items():
        old = before.get(name)
        if name != "Gradual" and old is not None and old != value:
            found.append(f"{name}: {old or 'empty'} -> {value or 'empty'}")
    return found


NOTHING_OF_DATA = "Nothing is in it: what it had made was deleted again."
NOTHING_OF_APP = "Nothing is in it: the data is in a stack of its own."


def plan_data(settings: Settings, release: Path, stack: Optional[Stack]) -> Dict[str, str]:
    """The data stack's parameters."""
    known = templates.parameters((release / "data.yaml").read_text(encoding="utf-8"))
    return merged(known, {**({} if stack else {"TableName": f"holdpoint-{settings.stage}"}), **settings.data}, stack.parameters if stack else {})


def deploy_data(aws: Aws, settings: Settings, release: Path, replace_failed: bool, other_table: bool) -> None:
    """Deploys the data stack."""
    name = settings.data_stack
    stack = aws.make_ready(aws.stack(name), replace_failed, NOTHING_OF_DATA, is_data=True)
    wanted = plan_data(settings, release, stack)
    refuse_other_data(wanted, stack, ["TableName"], other_table)
    say(f"\n{name}: the table {wanted['TableName']}, the documents and failed records")
    for line in changes(stack.parameters if stack else {}, wanted):
        say(f"  {line}")
    aws.deploy(name, release / "data.yaml", wanted, None, tags=recorded.tags(settings, stack))


def data_names(aws: Aws, settings: Settings) -> Dict[str, str]:
    """What the app is told of the data stack: its outputs, unless the settings say otherwise."""
    missing = [name for name in DATA_NAMES if name not in settings.app]
    if not missing:
        return {}
    stack = aws.stack(settings.data_stack)
    if stack is None:
        raise Failed(f"there is no stack {settings.data_stack}: deploy it first, without --app-only.")
    absent = [name for name in missing if not stack.outputs.get(name)]
    if absent:
        raise Failed(
            f"the stack {stack.name} ({stack.status}) has no output {', '.join(absent)}: it was deployed from another template. "
            f"scripts/deploy {settings.stage} --data-only deploys this one."
        )
    return {name: stack.outputs[name] for name in missing}


@dataclass(frozen=True)
class Deployed:
    """How the app's deployment went."""

    stack: Stack
    # What to say of going back, should the smoke test fail.
    way_back: str
    # Whether the alarms go to an address that they did not go to before.
    new_email: str


def plan_app(aws: Aws, settings: Settings, release: Path, before: Optional[Stack], at_once: bool, data: Optional[Dict[str, str]] = None) -> Dict[str, str]:
    """The app's parameters. `data` is what the data stack's outputs say, if somebody has asked already."""
    known = templates.parameters((release / "template.yaml").read_text(encoding="utf-8"))
    # Gradual is of this one deployment, so what the last one had does not count.
    deployed = {one: value for one, value in (before.parameters if before else {}).items() if one != "Gradual"}
    named = data_names(aws, settings) if data is None else data
    return merged(known, {**named, **settings.app, **({"Gradual": "false"} if at_once else {})}, deployed)


def deploy_app(aws: Aws, settings: Settings, release: Path, at_once: bool, replace_failed: bool, other_table: bool) -> Deployed:
    """Deploys the app's stack, and writes the release down."""
    name = settings.app_stack
    before = aws.make_ready(aws.stack(name), replace_failed, NOTHING_OF_APP)
    wanted = plan_app(aws, settings, release, before, at_once)
    refuse_other_data(wanted, before, ["TableName", "BucketName"], other_table)
    bucket = artifacts_bucket(aws, settings, make=True, replace_failed=replace_failed)

    say(f"\n{name}: the functions and the API")
    for line in changes(before.parameters if before else {}, wanted):
        say(f"  {line}")
    earlier = None
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.yaml"
        say(f"  uploading the code to {bucket}")
        aws.call(
            "cloudformation", "package", "--template-file", str(release / "template.yaml"), "--s3-bucket", bucket,
            "--s3-prefix", f"{name}/code", "--output-template-file", str(template),
        )  # fmt: skip
        again = ""
        if before is not None:
            releases.end_rollback(aws, bucket, name)
            earlier = releases.remember(aws, bucket, name)
            again = templates.again(earlier.template, before.status)
        text = templates.with_fingerprint(template.read_text(encoding="utf-8"), wanted, again)
        template.write_text(text, encoding="utf-8")
        if earlier is not None and wanted.get("Gradual") == "true" and templates.functions_differ(earlier.template, text):
            say(
                "  functions that change get a tenth of the calls for five minutes first, so this takes longer than that; meanwhile "
                "scripts/rollback takes it back, too"
            )
        say("  waiting for CloudFormation")
        aws.deploy(name, template, wanted, bucket, capabilities=True)
    release_now = releases.remember(aws, bucket, name)
    say(f"release {release_now.number} of {name} is {release_now.version}")
    after = aws.stack(name)
    if after is None or not after.outputs.get("ApiUrl"):
        raise Failed(f"the stack {name} has no output ApiUrl after its deployment: was the template changed?")
    email = wanted.get("AlarmEmail", "")
    was = before.parameters.get("AlarmEmail", "") if before else ""
    return Deployed(after, way_back(settings, before, wanted, earlier, release_now), email if email != was else "")


def way_back(settings: Settings, before: Optional[Stack], wanted: Mapping[str, str], earlier: Optional[Release], now: Release) -> str:
    """What to say of going back after a smoke test that failed. Only a release that serves the same table is a way back."""
    if before is None or earlier is None:
        return "It is the first release of this stage, so there is none to go back to: put the cause right, and run this again."
    if any(before.parameters.get(name) != wanted.get(name) for name in DATA_NAMES):
        return "It serves another table or bucket than before, which scripts/rollback would keep: put the cause right, and run this again."
    if now.number == earlier.number:
        return "Nothing was changed by this deployment, so its cause is older, or outside of the stack."
    return f"scripts/rollback {settings.stage} brings the release before back."


def first_key(aws: Aws, settings: Settings, table: str, key_file: Optional[Path]) -> str:
    """Creates a key with all scopes, if the organization has none that works; a sentence about where it is, if one was made."""
    if keys.has_live_key(aws, table, settings.organization):
        return ""
    if key_file is None and not sys.stdout.isatty():
        return (
            f"{settings.organization} has no key yet. None was made, since this output may be a log: pass --key-file FILE, or "
            f"scripts/keys {settings.stage} create."
        )
    new = keys.make(settings.organization, "human", "admin", "First key", list(keys.SCOPES))
    if key_file is None:
        say(f"\nThe first key of {settings.organization}, {new.key_id}. It is shown only this once; the table holds its hash:")
    keys.hand_over(aws, table, new, key_file)
    return f"The first key of {settings.organization}, {new.key_id}, {f'is in {key_file} and nowhere else' if key_file else 'is printed above'}."


def announce_version(version: str, running: str) -> None:
    """Says so when what is deployed may be older than what runs."""
    older = templates.is_older(version, running)
    if older:
        say(f"Warning: {version} is OLDER than {running}, which runs. What an older build can read: docs/operate.md, Upgrade.")
    elif older is None:
        say(f"{running} runs now, and {version} is to be deployed. Their names do not say which is newer.")


def confirm_new(settings: Settings, aws: Aws, account: str) -> None:
    """A stage that is not there yet may be a typing error: it is said, and asked for on a terminal."""
    say(f"{settings.stage} is a NEW stage: account {account}, {aws.region} has neither {settings.data_stack} nor {settings.app_stack}.")
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(f"Make the stage {settings.stage}? [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Failed("nothing was made.")


def look_first(aws: Aws, settings: Settings, given: argparse.Namespace, release: Path, version: str, account: str) -> None:
    """Looks at all that would stop the deployment in its middle, before its first change."""
    data, app = aws.stack(settings.data_stack), aws.stack(settings.app_stack)
    # Even the stack that stays is looked at: somebody else's deployment must end first.
    for stack, is_deployed, holds, is_data in ((data, not given.app_only, NOTHING_OF_DATA, True), (app, not given.data_only, NOTHING_OF_APP, False)):
        if is_deployed or (stack is not None and stack.status.endswith("_IN_PROGRESS")):
            aws.check_ready(stack, given.replace_failed, holds, is_data)
    artifacts = None if given.data_only or settings.deploy.get("artifacts_bucket") else aws.stack(settings.artifacts_stack)
    if artifacts is not None and not artifacts.outputs.get("ArtifactsBucketName"):
        aws.check_ready(artifacts, given.replace_failed, "It holds nothing.")
    if data is None and app is None and not given.app_only:
        confirm_new(settings, aws, account)
    # Those that failed at their creation are as good as not there.
    data, app = (stack if stack is not None and stack.status not in CREATION_FAILED else None for stack in (data, app))
    if not given.other_settings:
        recorded.refuse_others(settings, data, aws.region)
    if app is not None and not given.data_only:
        announce_version(version, templates.version_of(aws.template(settings.app_stack)))
    if not given.app_only:
        refuse_other_data(plan_data(settings, release, data), data, ["TableName"], given.other_table)
    if given.data_only:
        return
    # What the data stack does not say yet, it will.
    outputs = {name: data.outputs.get(name, "") if data and not given.app_only else "" for name in DATA_NAMES}
    named = data_names(aws, settings) if given.app_only else {name: value for name, value in outputs.items() if name not in settings.app}
    wanted = plan_app(aws, settings, release, app, given.at_once, named)
    broken = broken_rules(wanted, templates.rules((release / "template.yaml").read_text(encoding="utf-8")))
    if broken:
        raise Failed("\n        ".join(broken))
    if data is not None:
        refuse_other_data({name: value for name, value in wanted.items() if value}, app, ["TableName", "BucketName"], given.other_table)
    if given.key_file is not None and not (app and keys.has_live_key(aws, app.parameters.get("TableName", ""), settings.organization)):
        problem = keys.file_problem(given.key_file)
        if problem:
            raise Failed(problem)


def main(arguments: List[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("stage", metavar="STAGE", help=argparse.SUPPRESS)
    parser.add_argument("--from", dest="release", type=Path, metavar="RELEASE", help=argparse.SUPPRESS)
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help=argparse.SUPPRESS)
    parser.add_argument("--region", help=argparse.SUPPRESS)
    parser.add_argument("--profile", help=argparse.SUPPRESS)
    parser.add_argument("--settings", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--key-file", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    for switch in ("--dry-run", "--at-once", "--replace-failed", "--other-table", "--other-settings", "--no-smoke"):
        parser.add_argument(switch, action="store_true", help=argparse.SUPPRESS)
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--data-only", action="store_true", help=argparse.SUPPRESS)
    alone.add_argument("--app-only", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        return deploy(given, Path(scratch))


def deploy(given: argparse.Namespace, scratch: Path) -> int:
    """Does what the command line says."""
    settings = load(given.stage, given.settings, ROOT)

    # The release: one that is there, or this checkout, which is built once the credentials are known to be good.
    is_checkout = (ROOT / "Cargo.toml").is_file()
    release: Optional[Path] = find(given.release) if given.release is not None else None
    if release is None and not is_checkout:
        release = ROOT / "dist"
    if release is not None and release.is_file():
        release = unpack(release, scratch)
    version = check_release(release) if release is not None else package.version(ROOT)
    read_from = release or ROOT
    data = templates.parameters((read_from / "data.yaml").read_text(encoding="utf-8"))
    app_text = (read_from / "template.yaml").read_text(encoding="utf-8")
    app = templates.parameters(app_text)
    add_overrides(settings, given.parameter, data, app, "data" if given.data_only else "app" if given.app_only else None)
    validate(settings, data, app)

    must_build = release is None and not given.data_only
    missing = missing_tools() + (package.missing_tools(x86=False) if must_build else [])
    profile = given.profile or settings.deploy.get("profile")
    where = "the region that is set by then"
    try:
        where = region(given.region or settings.deploy.get("region"), profile)
    except Failed as failed:
        missing.append(str(failed))
    if given.key_file is not None and not given.key_file.exists():
        missing += filter(None, [keys.file_problem(given.key_file)])
    if missing and not given.dry_run:
        raise Failed("\n        ".join(missing))

    say(f"Stage {settings.stage}, Holdpoint {version}, {where}:")
    say(f"  settings    {settings.file}{'' if settings.file.is_file() else ', which is not there: what is deployed stays, and else the defaults'}")
    if must_build:
        say("  build       all functions, once, for arm64 (scripts/package)")
    if not given.app_only:
        say(f"  data stack  {settings.data_stack}, from data.yaml")
        for name, value in settings.data.items():
            say(f"    {name} = {value}")
    if not given.data_only:
        say(f"  app stack   {settings.app_stack}, from template.yaml{', all calls at once' if given.at_once else ''}")
        for name, value in settings.app.items():
            say(f"    {name} = {value}")
        say(f"  then        the first key of {settings.organization} if it has none{'' if given.no_smoke else ', and scripts/smoke'}")
    warning = old_sam()
    if warning:
        say(f"Note: {warning}")

    if given.dry_run:
        for sentence in [] if given.data_only else broken_rules({**{one.name: one.default or "" for one in app.values()}, **settings.app}, templates.rules(app_text)):
            say(f"Note: {sentence} What is deployed already counts, too, and is not known here.")
        for sentence in missing:
            say(f"Needed before a deployment: {sentence}")
        say(
            f"This was a dry run: {'see what is needed' if missing else 'tools and settings are in order'}. Credentials and permissions were not "
            "checked. Nothing was built or deployed; the first call to AWS would come next."
        )
        return 1 if missing else 0

    aws = Aws(where, profile)
    account, caller = aws.identity()
    say(f"Account {account}, as {caller}")
    look_first(aws, settings, given, release or ROOT, version, account)
    if must_build:
        # Not in dist/: another deployment from this checkout may be at work there.
        release = scratch / "dist"
        package.package(ROOT, release, [], x86=False, from_target=False)
    release = release or ROOT
    if not given.app_only:
        deploy_data(aws, settings, release, given.replace_failed, given.other_table)
    if given.data_only:
        for name, value in data_names(aws, Settings(settings.stage, settings.file)).items():
            say(f"{name}: {value}")
        return 0
    done = deploy_app(aws, settings, release, given.at_once, given.replace_failed, given.other_table)
    stack = done.stack
    reminders = [first_key(aws, settings, stack.parameters["TableName"], given.key_file)]
    if done.new_email:
        reminders.append(f"Alarms go to {done.new_email} once the link in the mail from AWS is followed. Until then nobody gets them.")
    try:
        if not given.no_smoke:
            smoke(aws, settings, stack, done.way_back)
        say("\nDeployed:")
        for name, value in sorted(stack.outputs.items()):
            say(f"  {name:<22} {value}")
    finally:
        # At the end, where they are seen; and when the smoke test fails, too, since the next run would not say them again.
        for sentence in filter(None, reminders):
            say(sentence)
    return 0
