"""AWS, through its own command line: credentials, regions and retries are its business and not ours.

Every failure is turned into one sentence that says what to do, where the command line's own message does not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from deployment.common import Failed, say, shown

# Of October 2024, and so with conditional writes to S3 (and RetainExceptOnCreate, and AWS_ENDPOINT_URL for the tests).
OLDEST = {1: (1, 35, 0), 2: (2, 18, 0)}
GET_IT = "get version 2 from https://aws.amazon.com/cli/, or version 1 by `pip install --upgrade awscli`"
# How often to say how far a deployment is, in seconds.
PROGRESS = float(os.environ.get("HOLDPOINT_PROGRESS", "30"))
# Names of all regions have this shape: eu-west-1, us-gov-east-1, us-isob-east-1, eusc-de-east-1.
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)?-(north|south|(north|south)?(east|west)|central)-[1-9]")

# What the command line says, and what we say. Versions 1 and 2 of it have different commands to sign in with, so none is named that
# either lacks.
EXPLAINED: List[Tuple[str, str]] = [
    (
        r"ExpiredToken|RequestExpired|[Tt]oken has expired|session associated with this profile has expired|TokenRefreshRequired",
        "the AWS credentials have expired: sign in again, or get new ones, then run this once more.",
    ),
    (
        r"[Uu]nable to locate credentials|NoCredentials|Error when retrieving (token|credentials)",
        "there are no AWS credentials: run `aws configure`, sign in as your company does, set AWS_PROFILE, or pass --profile.",
    ),
    (r"config profile \((?P<it>.+?)\) could not be found", "there is no AWS profile {it}: the file ~/.aws/config has them, each under its name."),
    (
        r"InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|InvalidAccessKeyId",
        "AWS does not accept these credentials: check with `aws sts get-caller-identity`. A region that the account has not enabled says the same.",
    ),
    (
        r"not authorized to perform: (?P<it>[A-Za-z0-9:*-]+)",
        "these credentials may not do {it}: docs/deployer-policy.json has all that a deployer needs.",
    ),
    (r"AccessDenied|Forbidden|\(403\)", "these credentials may not do this: docs/deployer-policy.json has all that a deployer needs."),
    (
        r"Could not connect to the endpoint URL|Connect timeout|Failed to connect to proxy",
        "AWS cannot be reached: check the network, and the region's name.",
    ),
]

# What can only be deleted.
CREATION_FAILED = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
# States in which CloudFormation takes an update.
READY = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}


@dataclass
class Stack:
    """A stack as CloudFormation describes it."""

    name: str
    status: str
    reason: str = ""
    parameters: Dict[str, str] = field(default_factory=dict)
    outputs: Dict[str, str] = field(default_factory=dict)
    tags: Dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cause:
    """A resource that CloudFormation could not make or change."""

    resource: str
    kind: str
    reason: str

    def __str__(self) -> str:
        return f"{self.resource} ({self.kind}): {self.reason}"


def missing_tools() -> List[str]:
    """What the command line lacks on this machine, and how to get it."""
    if not shutil.which("aws"):
        return [f"the AWS CLI is missing: {GET_IT}."]
    answer = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"aws-cli/(\d+)\.(\d+)\.(\d+)", answer.stdout + answer.stderr)
    if not match:
        return [f"`aws --version` says nothing that this script knows: is it the AWS CLI? {GET_IT}."]
    major, minor, patch = (int(part) for part in match.groups())
    oldest = OLDEST.get(major, OLDEST[2])
    if (major, minor, patch) < oldest:
        return [f"the AWS CLI is {major}.{minor}.{patch}, and {'.'.join(map(str, oldest))} is needed: {GET_IT}."]
    return []


def region(given: Optional[str], profile: Optional[str]) -> str:
    """The region to deploy to: what was given, or what the command line would take."""
    found = given or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not found and shutil.which("aws"):
        command = ["aws", "configure", "get", "region"] + (["--profile", profile] if profile else [])
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        raise Failed("no region is set: pass --region, set AWS_REGION, or write `region = eu-west-1` under [deploy] in the stage's settings.")
    if not REGION.fullmatch(found):
        raise Failed(f"{found!r} is no region's name, such as eu-west-1.")
    return found


class Aws:
    """The command line, for one region and one profile."""

    def __init__(self, region_name: str, profile: Optional[str]) -> None:
        self.region = region_name
        self.common = ["--region", region_name] + (["--profile", profile] if profile else [])
        self.environment = {**os.environ, "AWS_PAGER": "", "AWS_CLI_AUTO_PROMPT": "off"}

    def attempt(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command whose output is JSON, whatever it answers."""
        command = ["aws", *arguments, *self.common, "--output", "json"]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment)
        except OSError as error:
            raise Failed(f"`aws` cannot be started: {error.strerror}: {GET_IT}.") from error

    def call(self, *arguments: str) -> Any:
        """Runs a command and returns the JSON that it prints, or nothing when it prints none."""
        answer = self.attempt(*arguments)
        if answer.returncode != 0:
            raise self.failure(list(arguments), answer.returncode, answer.stderr)
        # `package` prints text, whatever --output says.
        return json.loads(answer.stdout) if answer.stdout.lstrip().startswith("{") else None

    def failure(self, arguments: List[str], code: int, complaint: str) -> Failed:
        """What to say when a command has failed."""
        lines = [without_scratch(line.strip()) for line in complaint.splitlines() if line.strip()]
        last = lines[-1] if lines else "it says nothing more"
        for pattern, sentence in EXPLAINED:
            match = re.search(pattern, complaint)
            if match:
                it = match.groupdict().get("it", "")
                return Failed(f"`{shown(['aws', *arguments])}`: {sentence.format(it=it)}\n        AWS says: {last}")
        return Failed(f"`{shown(['aws', *arguments])}` failed with exit code {code}: {last}")

    def identity(self) -> Tuple[str, str]:
        """The account and who calls. The first call to AWS: it needs no permission."""
        answer = self.call("sts", "get-caller-identity")
        return answer["Account"], answer["Arn"]

    def stack(self, name: str) -> Optional[Stack]:
        """The stack of that name, or nothing when there is none."""
        answer = self.attempt("cloudformation", "describe-stacks", "--stack-name", name)
        if answer.returncode != 0:
            if re.search(r"does not exist", answer.stderr):
                return None
            raise self.failure(["cloudformation", "describe-stacks", "--stack-name", name], answer.returncode, answer.stderr)
        found = json.loads(answer.stdout)["Stacks"][0]
        # A change set that was made and never carried out leaves an empty stack.
        if found["StackStatus"] == "REVIEW_IN_PROGRESS":
            return None
        return Stack(
            name=name,
            status=found["StackStatus"],
            reason=found.get("StackStatusReason", ""),
            parameters={one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters") or []},
            outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs") or []},
            tags={one["Key"]: one["Value"] for one in found.get("Tags") or []},
        )

    def template(self, stack: str) -> str:
        """The template that a stack was deployed with, as it was uploaded, before SAM's transform."""
        answer = self.call("cloudformation", "get-template", "--stack-name", stack, "--template-stage", "Original")
        body = answer["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body, indent=1)

    def check_ready(self, stack: Optional[Stack], replace_failed: bool, holds: str, is_data: bool = False) -> None:
        """Checks that CloudFormation would take an update of the stack, and changes nothing. `holds` says what is in one whose creation failed
        and was taken back."""
        if stack is None or stack.status in READY:
            return
        name, status = stack.name, stack.status
        here = f"--stack-name {name} --region {self.region}"
        events = f"`aws cloudformation describe-stack-events {here}` says which and why"
        if status == "DELETE_FAILED" and is_data:
            raise Failed(
                f"the stack {name} is in DELETE_FAILED: its deletion began and did not end, so something of it is still there, and may hold data "
                f"({events}). Its table and buckets are kept when it is deleted. Finish the deletion, `aws cloudformation delete-stack {here}`, "
                "and look for a table of this stage before you deploy it anew."
            )
        if status in ("ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED") and not replace_failed:
            what = {
                "ROLLBACK_FAILED": "its creation failed, and so did taking it back: something that it made is still there",
                "CREATE_FAILED": "its creation failed, and what it had made until then is still there",
                "DELETE_FAILED": "its deletion began and did not end: something of it is still there",
            }[status]
            look = "Look at it first: a table or a bucket of this stage that stays must be deleted by hand. " if is_data else ""
            raise Failed(
                f"the stack {name} is in {status}: {what} ({events}). CloudFormation lets the stack only be deleted. {look}"
                f"Then run this again with --replace-failed, or `aws cloudformation delete-stack {here}` first."
            )
        if status == "ROLLBACK_COMPLETE" and not replace_failed:
            raise Failed(
                f"the stack {name} is in ROLLBACK_COMPLETE: its creation failed, and CloudFormation lets it only be deleted. {holds} "
                f"Run this again with --replace-failed, or `aws cloudformation delete-stack {here}` first."
            )
        if status in CREATION_FAILED:
            return
        if status == "UPDATE_ROLLBACK_FAILED":
            why = f" ({stack.reason})" if stack.reason else ""
            raise Failed(
                f"the stack {name} is in UPDATE_ROLLBACK_FAILED{why}: remove the cause, then "
                f"`aws cloudformation continue-update-rollback {here}`, and when that has ended run this again."
            )
        if status.endswith("_IN_PROGRESS"):
            raise Failed(
                f"the stack {name} is in {status}: another deployment is under way, perhaps somebody else's. Nothing was changed. Wait for its "
                f"end (`aws cloudformation describe-stacks {here}` shows it), then run this again."
            )
        raise Failed(f"the stack {name} is in {status}, which this script does not know. Look at it in the CloudFormation console.")

    def make_ready(self, stack: Optional[Stack], replace_failed: bool, holds: str, is_data: bool = False) -> Optional[Stack]:
        """The same check; and deletes a stack that failed at its creation, if that is wanted."""
        self.check_ready(stack, replace_failed, holds, is_data)
        if stack is None or stack.status not in CREATION_FAILED:
            return stack
        say(f"deleting {stack.name}, which is in {stack.status}")
        self.call("cloudformation", "delete-stack", "--stack-name", stack.name)
        self.call("cloudformation", "wait", "stack-delete-complete", "--stack-name", stack.name)
        return None

    def deploy(self, stack: str, template: Path, parameters: Mapping[str, str], bucket: Optional[str], capabilities: bool = False,
               tags: Optional[Mapping[str, str]] = None) -> bool:  # fmt: skip
        """Creates or updates a stack and waits for the end; whether there was anything to change."""
        command = ["cloudformation", "deploy", "--stack-name", stack, "--template-file", str(template), "--no-fail-on-empty-changeset"]
        if bucket:
            command += ["--s3-bucket", bucket, "--s3-prefix", f"{stack}/templates"]
        if capabilities:
            command += ["--capabilities", "CAPABILITY_IAM"]
        if tags:
            command += ["--tags", *(f"{name}={value}" for name, value in tags.items())]
        if parameters:
            # Each is an argument of its own, so a value may have spaces, commas and quotes. None is a secret.
            command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
        before = self.newest_event(stack)
        code, said, complaint = self.run_with_progress(command, stack, before)
        if code == 0:
            changed = "No changes to deploy" not in said + complaint
            say("  done" if changed else "  nothing to change")
            return changed
        # What the command says when CloudFormation began and failed. Anything else is of the command itself: what the stack's last operation
        # said is then of another deployment, and perhaps of yesterday.
        if "Failed to create/update the stack" not in complaint:
            raise self.failure(command, code, complaint)
        after = self.stack(stack)
        if after is not None and after.status.endswith("_IN_PROGRESS"):
            raise Failed(f"the wait for {stack} broke off. CloudFormation goes on by itself (it is in {after.status}); run this again when it has ended.")
        causes = self.causes(stack, before["EventId"] if before else None)
        listed = "".join(f"\n          {cause}" for cause in causes)
        hints = "".join(f"\n        {hint}" for hint in hints_for(causes))
        events = f"`aws cloudformation describe-stack-events --stack-name {stack} --region {self.region}` has what happened."
        why = f"The cause:{listed}{hints}" if causes else events
        raise Failed(f"the stack {stack} was not deployed{how_it_ended(after, self.region)} {why}")

    def run_with_progress(self, command: List[str], stack: str, before: Optional[Dict[str, Any]]) -> Tuple[int, str, str]:
        """Runs a deployment, and says now and then how far it is: a release takes minutes."""
        began = time.monotonic()
        try:
            process = subprocess.Popen(
                ["aws", *command, *self.common], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
            )
        except OSError as error:
            raise Failed(f"`aws` cannot be started: {error.strerror}: {GET_IT}.") from error
        while True:
            try:
                said, complaint = process.communicate(timeout=PROGRESS)
                return process.returncode, said, complaint
            except subprocess.TimeoutExpired:
                seconds = int(time.monotonic() - began)
                event = self.newest_event(stack)
                is_new = event is not None and (before is None or event["EventId"] != before["EventId"])
                last = f"{event['ResourceStatus']} {event['LogicalResourceId']}" if event and is_new else "waiting"
                say(f"  {seconds // 60}:{seconds % 60:02}  {last}")
            except BaseException:
                process.terminate()  # interrupted: what CloudFormation has begun goes on
                process.wait()
                raise

    def newest_event(self, stack: str) -> Optional[Dict[str, Any]]:
        """The last thing that happened to a stack, if there is one."""
        answer = self.attempt("cloudformation", "describe-stack-events", "--stack-name", stack, "--max-items", "1")
        events = json.loads(answer.stdout)["StackEvents"] if answer.returncode == 0 else []
        return events[0] if events else None

    def causes(self, stack: str, since: Optional[str]) -> List[Cause]:
        """What failed on a stack after the event `since`, oldest first."""
        answer = self.attempt("cloudformation", "describe-stack-events", "--stack-name", stack)
        if answer.returncode != 0:
            return []
        failed: List[Cause] = []
        for event in json.loads(answer.stdout)["StackEvents"]:
            if since is not None and event["EventId"] == since:
                break
            reason = event.get("ResourceStatusReason", "")
            is_stack = event.get("PhysicalResourceId") == event.get("StackId")
            if event["ResourceStatus"].endswith("_FAILED") and "ancelled" not in reason:
                failed.append(Cause(event["LogicalResourceId"], event["ResourceType"], reason))
            if is_stack and reason == "User Initiated":
                break
        return failed[::-1][:5]

    def put_text(self, bucket: str, key: str, text: str) -> None:
        """Writes an object."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "object"
            file.write_text(text, encoding="utf-8")
            self.call("s3api", "put-object", "--bucket", bucket, "--key", key, "--body", str(file))

    def put_new_text(self, bucket: str, key: str, text: str) -> bool:
        """Writes an object, unless one is there; whether it was written."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "object"
            file.write_text(text, encoding="utf-8")
            command = ["s3api", "put-object", "--bucket", bucket, "--key", key, "--body", str(file), "--if-none-match", "*"]
            answer = self.attempt(*command)
        if answer.returncode != 0 and not re.search(r"PreconditionFailed|ConditionalRequestConflict", answer.stderr):
            raise self.failure(command, answer.returncode, answer.stderr)
        return answer.returncode == 0

    def get_text(self, bucket: str, key: str) -> str:
        """Reads an object."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "object"
            self.call("s3api", "get-object", "--bucket", bucket, "--key", key, str(file))
            return file.read_text(encoding="utf-8")

    def keys(self, bucket: str, prefix: str) -> List[str]:
        """The keys of the objects under a prefix, in order."""
        answer = self.call("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", prefix) or {}
        return sorted(one["Key"] for one in answer.get("Contents") or [])


def without_scratch(text: str) -> str:
    """A text without the names of our temporary files, which are gone when somebody reads it."""
    return re.sub(rf"(file://)?{re.escape(tempfile.gettempdir())}/tmp[a-z0-9_]{{8}}/", "", text)


def how_it_ended(stack: Optional[Stack], region_name: str) -> str:
    """In what state a failed deployment has left its stack, and what that asks for."""
    status = stack.status if stack else ""
    if status == "ROLLBACK_COMPLETE":
        return ", and what its creation had made is deleted again. Put the cause right, then run this with --replace-failed."
    if status == "UPDATE_ROLLBACK_FAILED" and stack:
        return (
            ", and CloudFormation could not take all of it back (UPDATE_ROLLBACK_FAILED). Remove the cause, then "
            f"`aws cloudformation continue-update-rollback --stack-name {stack.name} --region {region_name}`."
        )
    if status == "UPDATE_ROLLBACK_COMPLETE":
        return ", and CloudFormation has taken everything back: what ran before runs."
    return f" (it is in {status or 'no state'})."


def hints_for(causes: List[Cause]) -> List[str]:
    """What to do about causes that we know."""
    text = "\n".join(map(str, causes))
    # A gradual release is a CodeDeploy deployment of a function's alias. The alarm is its brake, and no other resource's.
    aliases = "\n".join(cause.reason for cause in causes if cause.kind == "AWS::Lambda::Alias")
    brake = [
        "If the alarm of the API's 5xx was on: the release was taken back because calls failed under it, or before it. The functions' "
        "logs have the causes under \"failed\". --at-once deploys without this brake."
    ]
    known = [
        (
            r"UnreservedConcurrentExecution|ReservedConcurrentExecutions",
            "Lambda keeps 100 of the account's concurrency unreserved: set ReserveConcurrency = false, or ask AWS to raise the limit.",
        ),
        (
            r"already exists",
            "Something of that name is there and belongs to no stack, or to another one. docs/deploy.md says how to adopt a table.",
        ),
        (r"not authorized|AccessDenied", "docs/deployer-policy.json has all that a deployer needs."),
    ]
    hints = [hint for pattern, hint in known if re.search(pattern, text)]
    return (brake if re.search(r"(?i)alarm|codedeploy|deployment|rollback", aliases) else []) + hints
