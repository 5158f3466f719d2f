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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from deployment.common import Failed, say, shown

# Of July 2023, and so with RetainExceptOnCreate, and with AWS_ENDPOINT_URL for the tests.
OLDEST = {1: (1, 29, 0), 2: (2, 13, 0)}

# What the command line says, and what we say.
EXPLAINED: List[Tuple[str, str]] = [
    (
        r"ExpiredToken|RequestExpired|[Tt]oken has expired|session associated with this profile has expired|TokenRefreshRequired",
        "the AWS credentials have expired: sign in again (for example `aws sso login`), then run this once more.",
    ),
    (
        r"[Uu]nable to locate credentials|NoCredentials|Error when retrieving (token|credentials)",
        "there are no AWS credentials: run `aws configure sso` or `aws configure`, set AWS_PROFILE, or pass --profile.",
    ),
    (r"config profile \((?P<it>.+?)\) could not be found", "there is no AWS profile {it}: `aws configure list-profiles` lists them."),
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


def missing_tools() -> List[str]:
    """What the command line lacks on this machine, and how to get it."""
    if not shutil.which("aws"):
        return ["the AWS CLI is missing: `pip install awscli`, or version 2 from https://aws.amazon.com/cli/."]
    answer = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"aws-cli/(\d+)\.(\d+)\.(\d+)", answer.stdout + answer.stderr)
    if not match:
        return ["`aws --version` says nothing that this script knows: is it the AWS CLI? `pip install awscli` brings it."]
    major, minor, patch = (int(part) for part in match.groups())
    oldest = OLDEST.get(major, OLDEST[2])
    if (major, minor, patch) < oldest:
        return [f"the AWS CLI is {major}.{minor}.{patch}, and {'.'.join(map(str, oldest))} is needed: `pip install --upgrade awscli` brings one."]
    return []


def region(given: Optional[str], profile: Optional[str]) -> str:
    """The region to deploy to: what was given, or what the command line would take."""
    found = given or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not found and shutil.which("aws"):
        command = ["aws", "configure", "get", "region"] + (["--profile", profile] if profile else [])
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        raise Failed("no region is set: pass --region, set AWS_REGION, or write `region = eu-west-1` under [deploy] in the stage's settings.")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+", found):
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
            raise Failed(f"`aws` cannot be started: {error.strerror}. `pip install awscli` brings it.") from error

    def call(self, *arguments: str) -> Any:
        """Runs a command and returns the JSON that it prints, or nothing when it prints none."""
        answer = self.attempt(*arguments)
        if answer.returncode != 0:
            raise self.failure(list(arguments), answer.returncode, answer.stderr)
        # `package` prints text, whatever --output says.
        return json.loads(answer.stdout) if answer.stdout.lstrip().startswith("{") else None

    def failure(self, arguments: List[str], code: int, complaint: str) -> Failed:
        """What to say when a command has failed."""
        lines = [line.strip() for line in complaint.splitlines() if line.strip()]
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

    def make_ready(self, stack: Optional[Stack], replace_failed: bool, holds: str) -> Optional[Stack]:
        """Checks that CloudFormation would take an update of the stack; deletes one that failed at its creation, if that is wanted."""
        if stack is None or stack.status in READY:
            return stack
        name, status = stack.name, stack.status
        here = f"--stack-name {name} --region {self.region}"
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
            if not replace_failed:
                what = "deletion" if status == "DELETE_FAILED" else "creation"
                raise Failed(
                    f"the stack {name} is in {status}: its {what} failed, and CloudFormation lets it only be deleted. {holds} "
                    f"Run this again with --replace-failed, or `aws cloudformation delete-stack {here}` first."
                )
            say(f"deleting {name}, which is in {status}")
            self.call("cloudformation", "delete-stack", "--stack-name", name)
            self.call("cloudformation", "wait", "stack-delete-complete", "--stack-name", name)
            return None
        if status == "UPDATE_ROLLBACK_FAILED":
            why = f" ({stack.reason})" if stack.reason else ""
            raise Failed(
                f"the stack {name} is in UPDATE_ROLLBACK_FAILED{why}: remove the cause, then "
                f"`aws cloudformation continue-update-rollback {here}`, and when that has ended run this again."
            )
        if status.endswith("_IN_PROGRESS"):
            raise Failed(
                f"the stack {name} is in {status}: another deployment is under way. Wait for its end "
                f"(`aws cloudformation describe-stacks {here}`); scripts/rollback takes back an update that is under way."
            )
        raise Failed(f"the stack {name} is in {status}, which this script does not know. Look at it in the CloudFormation console.")

    def deploy(self, stack: str, template: Path, parameters: Mapping[str, str], bucket: Optional[str], capabilities: bool = False,
               tags: Optional[Mapping[str, str]] = None) -> None:  # fmt: skip
        """Creates or updates a stack and waits for the end. Nothing to change is fine."""
        command = ["aws", "cloudformation", "deploy", "--stack-name", stack, "--template-file", str(template), "--no-fail-on-empty-changeset"]
        if bucket:
            command += ["--s3-bucket", bucket, "--s3-prefix", f"{stack}/templates"]
        if capabilities:
            command += ["--capabilities", "CAPABILITY_IAM"]
        if tags:
            command += ["--tags", *(f"{name}={value}" for name, value in tags.items())]
        if parameters:
            # Each is an argument of its own, so a value may have spaces, commas and quotes. None is a secret.
            command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
        answer = subprocess.run([*command, *self.common], stderr=subprocess.PIPE, text=True, check=False, env=self.environment)
        if answer.returncode == 0:
            return
        causes = self.causes(stack)
        if not causes:
            raise self.failure(command[1:], answer.returncode, answer.stderr)
        listed = "".join(f"\n          {cause}" for cause in causes)
        hints = "".join(f"\n        {hint}" for hint in hints_for(causes))
        raise Failed(f"the stack {stack} was not deployed, and CloudFormation has taken everything back. The cause:{listed}{hints}")

    def causes(self, stack: str) -> List[str]:
        """What failed in the last operation on a stack, oldest first."""
        answer = self.attempt("cloudformation", "describe-stack-events", "--stack-name", stack)
        if answer.returncode != 0:
            return []
        failed: List[str] = []
        for event in json.loads(answer.stdout)["StackEvents"]:
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and "ancelled" not in reason:
                failed.append(f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
            if event.get("PhysicalResourceId") == event.get("StackId") and reason == "User Initiated":
                break
        return failed[::-1][:5]

    def put_text(self, bucket: str, key: str, text: str) -> None:
        """Writes an object."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "object"
            file.write_text(text, encoding="utf-8")
            self.call("s3api", "put-object", "--bucket", bucket, "--key", key, "--body", str(file))

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


def hints_for(causes: List[str]) -> List[str]:
    """What to do about causes that we know."""
    text = "\n".join(causes)
    known = [
        (
            r"UnreservedConcurrentExecution|ReservedConcurrentExecutions",
            "Lambda keeps 100 of the account's concurrency unreserved: set ReserveConcurrency = false, or ask AWS to raise the limit.",
        ),
        (
            r"[Aa]larm",
            "If the alarm of the API's 5xx was on: the release was taken back because calls failed under it, or before it. The functions' "
            "logs have the causes under \"failed\". --at-once deploys without this brake.",
        ),
        (
            r"already exists",
            "Something of that name is there and belongs to no stack, or to another one. docs/deploy.md says how to adopt a table.",
        ),
        (r"not authorized|AccessDenied", "docs/deployer-policy.json has all that a deployer needs."),
    ]
    return [hint for pattern, hint in known if re.search(pattern, text)]
