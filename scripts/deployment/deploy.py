"""scripts/deploy: a stage, with one command.

usage: scripts/deploy STAGE [--from RELEASE] [--dry-run] [--data-only | --app-only] [--at-once] [--parameter NAME=VALUE ...]
                            [--region REGION] [--profile PROFILE] [--settings FILE]
                            [--replace-failed] [--other-table] [--other-settings] [--key-file FILE] [--no-smoke]

Deploys data.yaml as the stack holdpoint-STAGE-data and template.yaml as holdpoint-STAGE, creates the first API key if the table has none,
and runs scripts/smoke with a key that it revokes afterwards. The settings are in stages/STAGE.ini (see stages/example.ini).

  --from RELEASE    a release's archive (holdpoint-VERSION-arm64.tar.gz), or a folder that scripts/package made. Without it a checkout
                    builds its own, and an unpacked release takes the dist/ beside it.
  --dry-run         everything up to the first call to AWS: tools, release, settings, and what would be done
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
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Dict, List, Optional

from deployment import keys, package, recorded, releases, templates
from deployment.aws import Aws, Stack, missing_tools, region
from deployment.common import ROOT, Failed, say
from deployment.settings import DATA_NAMES, Settings, add_overrides, load, merged, validate

# Before it, each function is built in a target directory of its own (aws-lambda-builders #900).
OLDEST_SAM = (1, 165, 0)


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


def smoke(aws: Aws, settings: Settings, app: Stack) -> None:
    """Runs scripts/smoke with a key of its own, which lives for an hour at most and is revoked at once."""
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
        keys.revoke(aws, table, key)
    if code != 0:
        domain = app.parameters.get("DomainName")
        dns = f" If {domain} is new, its DNS record must point to {app.outputs.get('DomainTarget')}." if domain else ""
        raise Failed(
            f"the smoke test failed; the stack {app.name} is deployed all the same.{dns} The functions' logs have the request under its "
            f"x-request-id; scripts/rollback {settings.stage} brings the release before back."
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
        if now and now != wanted[name] and not other_table:
            raise Failed(
                f"{stack.name if stack else ''} has {name} {now}, and would get {wanted[name]}: what {now} holds would no longer be served. "
                f"If that is what you want (after a restore, say), add --other-table; if not, write {name} = {now} in the stage's settings."
            )


def announce_changes(before: Optional[Stack], wanted: Dict[str, str]) -> None:
    """Says which parameters change."""
    if before is None:
        return
    for name, value in wanted.items():
        old = before.parameters.get(name)
        if old is not None and old != value:
            say(f"  {name}: {old or 'empty'} -> {value or 'empty'}")


def deploy_data(aws: Aws, settings: Settings, release: Path, replace_failed: bool, other_table: bool) -> None:
    """Deploys the data stack."""
    name = settings.data_stack
    stack = aws.make_ready(aws.stack(name), replace_failed, "Nothing is in it: what it had made was deleted again.")
    known = templates.parameters((release / "data.yaml").read_text(encoding="utf-8"))
    wanted = merged(known, {**({} if stack else {"TableName": f"holdpoint-{settings.stage}"}), **settings.data}, stack.parameters if stack else {})
    refuse_other_data(wanted, stack, ["TableName"], other_table)
    say(f"\n{name}: the table {wanted['TableName']}, the documents and failed records")
    announce_changes(stack, wanted)
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


def deploy_app(aws: Aws, settings: Settings, release: Path, at_once: bool, replace_failed: bool, other_table: bool) -> Stack:
    """Deploys the app's stack, and writes the release down."""
    name = settings.app_stack
    before = aws.make_ready(aws.stack(name), replace_failed, "Nothing is in it: the data is in a stack of its own.")
    known = templates.parameters((release / "template.yaml").read_text(encoding="utf-8"))
    # Gradual is of this one deployment, so what the last one had does not count.
    deployed = {one: value for one, value in (before.parameters if before else {}).items() if one != "Gradual"}
    wanted = merged(known, {**data_names(aws, settings), **settings.app, **({"Gradual": "false"} if at_once else {})}, deployed)
    refuse_other_data(wanted, before, ["TableName", "BucketName"], other_table)
    bucket = artifacts_bucket(aws, settings, make=True, replace_failed=replace_failed)

    say(f"\n{name}: the functions and the API")
    announce_changes(before, wanted)
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.yaml"
        say(f"uploading the code to {bucket}")
        aws.call(
            "cloudformation", "package", "--template-file", str(release / "template.yaml"), "--s3-bucket", bucket,
            "--s3-prefix", f"{name}/code", "--output-template-file", str(template),
        )  # fmt: skip
        again = ""
        if before is not None:
            releases.end_rollback(aws, bucket, name)
            again = templates.again(releases.remember(aws, bucket, name).template, before.status)
            if wanted.get("Gradual") == "true":
                say("a tenth of the calls go to the new release for five minutes; scripts/rollback takes it back meanwhile, too")
        template.write_text(templates.with_fingerprint(template.read_text(encoding="utf-8"), wanted, again), encoding="utf-8")
        aws.deploy(name, template, wanted, bucket, capabilities=True)
    release_now = releases.remember(aws, bucket, name)
    say(f"release {release_now.number} of {name} is {release_now.version}")
    after = aws.stack(name)
    if after is None or not after.outputs.get("ApiUrl"):
        raise Failed(f"the stack {name} has no output ApiUrl after its deployment: was the template changed?")
    return after


def first_key(aws: Aws, settings: Settings, table: str, key_file: Optional[Path]) -> None:
    """Creates a key with all scopes, if the organization has none that works."""
    if keys.has_live_key(aws, table, settings.organization):
        return
    if key_file is None and not sys.stdout.isatty():
        say(f"\n{settings.organization} has no key yet. None was made, since this output may be a log: pass --key-file FILE.")
        return
    new = keys.make(settings.organization, "human", "admin", "First key", list(keys.SCOPES))
    if key_file is None:
        keys.create(aws, table, new)
        say(f"\nThe first key of {settings.organization}, {new.key_id}. It is shown only this once; the table holds its hash:\n\n  {new.key}\n")
        return
    try:
        with open(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(new.key + "\n")
    except OSError as error:
        raise Failed(f"the first key cannot be written to {key_file}: {error.strerror}. Name a file that is not there yet.") from error
    keys.create(aws, table, new)
    say(f"\nThe first key of {settings.organization}, {new.key_id}, is in {key_file}. It is nowhere else; the table holds its hash.")


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
    release: Optional[Path] = given.release
    if release is None and not is_checkout:
        release = ROOT / "dist"
    if release is not None and release.is_file():
        release = unpack(release, scratch)
    version = check_release(release) if release is not None else package.version(ROOT)
    read_from = release or ROOT
    data = templates.parameters((read_from / "data.yaml").read_text(encoding="utf-8"))
    app = templates.parameters((read_from / "template.yaml").read_text(encoding="utf-8"))
    add_overrides(settings, given.parameter, data, app)
    validate(settings, data, app)

    must_build = release is None and not given.data_only
    missing = missing_tools() + (package.missing_tools(x86=False) if must_build else [])
    profile = given.profile or settings.deploy.get("profile")
    where = "the region that is set by then"
    try:
        where = region(given.region or settings.deploy.get("region"), profile)
    except Failed as failed:
        missing.append(str(failed))
    if missing and not given.dry_run:
        raise Failed("\n        ".join(missing))

    say(f"Stage {settings.stage}, Holdpoint {version}, {where}:")
    say(f"  settings    {settings.file}{'' if settings.file.is_file() else ', which is not there: what is deployed stays, and else the defaults'}")
    if must_build:
        say("  build       all functions, once, for arm64 (scripts/package)")
    if not given.app_only:
        say(f"  data stack  {settings.data_stack}, from data.yaml")
    if not given.data_only:
        say(f"  app stack   {settings.app_stack}, from template.yaml{', all calls at once' if given.at_once else ''}")
        say(f"  then        the first key of {settings.organization} if it has none{'' if given.no_smoke else ', and scripts/smoke'}")
    for name, value in [*settings.data.items(), *settings.app.items()]:
        say(f"  parameter   {name} = {value}")
    warning = old_sam()
    if warning:
        say(f"Note: {warning}")

    if given.dry_run:
        for sentence in missing:
            say(f"Needed before a deployment: {sentence}")
        say(
            "This was a dry run: settings, parameters and templates are in order"
            f"{', but see what is needed' if missing else ''}. Nothing was built or deployed; the first call to AWS would come next."
        )
        return 0

    aws = Aws(where, profile)
    account, caller = aws.identity()
    say(f"Account {account}, as {caller}")
    if not given.other_settings:
        recorded.refuse_others(settings, aws.stack(settings.data_stack), where)
    if must_build:
        package.package(ROOT, ROOT / "dist", [], x86=False, from_target=False)
        release = ROOT / "dist"
    release = release or ROOT
    if not given.app_only:
        deploy_data(aws, settings, release, given.replace_failed, given.other_table)
    if given.data_only:
        for name, value in data_names(aws, Settings(settings.stage, settings.file)).items():
            say(f"{name}: {value}")
        return 0
    stack = deploy_app(aws, settings, release, given.at_once, given.replace_failed, given.other_table)
    first_key(aws, settings, stack.parameters["TableName"], given.key_file)
    if not given.no_smoke:
        smoke(aws, settings, stack)
    say("\nDeployed:")
    for name, value in sorted(stack.outputs.items()):
        say(f"  {name:<22} {value}")
    return 0
