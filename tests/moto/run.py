#!/usr/bin/env python3
"""The stacks deployed by moto, and the product driven against it: PYTHON tests/moto/run.py BINARY

moto (PyPI) is a second implementation of AWS's APIs beside our emulator. PYTHON has moto[server], boto3 and aws-sam-translator; BINARY is
`target/debug/holdpoint`. Deploys data.yaml, and of the transformed template.yaml what moto can make, with CloudFormation; compares what is there
with what the templates say; then runs scripts/smoke against the product on moto's DynamoDB, EventBridge, SQS and Step Functions. docs/testing.md says what moto
does not do, and what differs. Exit code 1 at the first thing that is not as it must be.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto.cloudformation.parsing import get_model_map

WORKSPACE = Path(__file__).resolve().parents[2]
# The product takes this one for every server that is not AWS's.
REGION = "us-east-1"
STACK = "holdpoint-moto"
NAMES = ("TableName", "TableStreamArn", "BucketName", "FailedRecordsBucketName")

# Which of our resource types moto's CloudFormation cannot make. If it learns one, this list must shrink: then more can be tried.
LACKING = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
}


class Failed(Exception):
    """Something is not as it must be."""


def must(what: str, seen: Any, expected: Any) -> None:
    """What was seen must be what was expected."""
    if seen != expected:
        raise Failed(f"{what}: {seen!r} instead of {expected!r}")
    print(f"ok  {what}", flush=True)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Moto:
    """moto's server, and clients for it."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        program = Path(sys.executable).with_name("moto_server")
        self.log = open(WORKSPACE / "target" / "moto.log", "w", encoding="utf-8")  # noqa: SIM115 - closed with the server
        self.process = subprocess.Popen([program, "-p", self.url.rsplit(":", 1)[1]], stdout=self.log, stderr=subprocess.STDOUT)
        wait_for(f"{self.url}/moto-api/", self.process)

    def client(self, service: str) -> Any:
        """A client of one service."""
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 1}),
        )

    def end(self) -> None:
        """Ends the server."""
        self.process.terminate()
        self.process.wait()
        self.log.close()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Waits until something answers at `url`."""
    for _ in range(300):
        if process.poll() is not None:
            raise Failed(f"{url}: the process ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise Failed(f"{url} does not answer")


def outputs(moto: Moto, stack: str) -> dict[str, str]:
    """A stack's outputs."""
    described = moto.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    must(f"{stack} is made", described["StackStatus"], "CREATE_COMPLETE")
    return {it["OutputKey"]: it["OutputValue"] for it in described.get("Outputs", [])}


def parameters(values: dict[str, str]) -> list[dict[str, str]]:
    """Parameters as CloudFormation takes them."""
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def deploy_data(moto: Moto) -> dict[str, str]:
    """The data stack."""
    template = (WORKSPACE / "data.yaml").read_text(encoding="utf-8")
    moto.client("cloudformation").create_stack(
        StackName=f"{STACK}-data", TemplateBody=template, Parameters=parameters({"TableName": STACK})
    )
    made = outputs(moto, f"{STACK}-data")
    must("the data stack's outputs", sorted(made), sorted(NAMES))
    table = moto.client("dynamodb").describe_table(TableName=STACK)["Table"]
    keys = {it["IndexName"]: [key["AttributeName"] for key in it["KeySchema"]] for it in table["GlobalSecondaryIndexes"]}
    must("the table's indexes", keys, {
        "queue": ["queue_pk", "queue_sk"], "queue-by-workflow": ["workflow_queue_pk", "queue_sk"], "due": ["due_shard", "due_at"],
    })
    must("the table's stream", table["StreamSpecification"], {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    must("the stream is the output", table["LatestStreamArn"], made["TableStreamArn"])
    must("the table is billed on demand", table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
    return made


def transformed(names: dict[str, str]) -> dict[str, Any]:
    """The app's template as CloudFormation deploys it."""
    lists = ("SourceObjects", "VpcSubnetIds", "VpcSecurityGroupIds", "StateMachineKeyArns")
    given: dict[str, Any] = {**{name: names[name] for name in NAMES}, "CorsOrigins": ["https://app.example"], **{name: [] for name in lists}}
    command = [sys.executable, str(WORKSPACE / "scripts" / "transform"), str(WORKSPACE / "template.yaml"), json.dumps(given)]
    result: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return result


def without(node: Any, lacking: set[str]) -> Any:
    """A template's part with references to what cannot be made replaced by a name."""
    if isinstance(node, dict):
        if node.get("Ref") in lacking:
            # An alias is called as its function is.
            of = node["Ref"].removesuffix("Aliaslive")
            return node["Ref"] if of == node["Ref"] else {"Fn::GetAtt": [of, "Arn"]}
        if isinstance(node.get("Fn::GetAtt"), list) and node["Fn::GetAtt"][0] in lacking:
            return node["Fn::GetAtt"][0]
        if "Fn::Sub" in node and isinstance(node["Fn::Sub"], str):
            text = node["Fn::Sub"]
            for name in lacking:
                text = text.replace(f"${{{name}}}", name)
            return {"Fn::Sub": text}
        return {name: without(value, lacking) for name, value in node.items()}
    if isinstance(node, list):
        return [without(value, lacking) for value in node]
    return node


def deploy_app(moto: Moto, names: dict[str, str]) -> None:
    """What moto can make of the app stack."""
    app = transformed(names)
    resources = app["Resources"]
    types = {it["Type"] for it in resources.values()} | {"AWS::S3::BucketPolicy"}
    must("what moto lacks", types - set(get_model_map()), LACKING)
    lacking = {name for name, it in resources.items() if it["Type"] in LACKING}
    # It makes versions only together with their function, and permissions for functions only.
    lacking |= {name for name, it in resources.items() if it["Type"] == "AWS::Lambda::Permission" and "Aliaslive" in str(it)}
    made = {name: without(it, lacking) for name, it in resources.items() if name not in lacking}
    for it in made.values():
        it.pop("UpdatePolicy", None)
    app["Resources"] = made
    app["Outputs"] = without(app["Outputs"], lacking)

    artifacts = moto.client("s3")
    artifacts.create_bucket(Bucket="artifacts")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("bootstrap", "not run")
    functions = {name: it for name, it in made.items() if it["Type"] == "AWS::Lambda::Function"}
    for function in functions.values():
        artifacts.put_object(Bucket="artifacts", Key=function["Properties"]["Code"]["S3Key"], Body=code.getvalue())
    moto.client("cloudformation").create_stack(
        StackName=STACK, TemplateBody=json.dumps(app), Capabilities=["CAPABILITY_IAM"], Parameters=parameters({name: names[name] for name in NAMES}),
    )
    outputs(moto, STACK)
    listed = moto.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    there = Counter(it["ResourceType"] for page in listed for it in page["StackResourceSummaries"] if it["ResourceType"])
    print("    made:", ", ".join(f"{count} {kind}" for kind, count in sorted(there.items())))
    must("functions, roles and logs", [there[f"AWS::{kind}"] for kind in ("Lambda::Function", "IAM::Role", "Logs::LogGroup")], [
        len(functions), len(functions) + 1, len(functions) + 1,
    ])

    pages = moto.client("lambda").get_paginator("list_functions").paginate()
    for function in (it for page in pages for it in page["Functions"]):
        role = moto.client("iam").get_role(RoleName=function["Role"].rsplit("/", 1)[1])["Role"]
        must(f"{function['FunctionName']}: who may take its role", role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"], {
            "Service": "lambda.amazonaws.com",
        })
        must(f"{function['FunctionName']}: its table", function["Environment"]["Variables"]["HOLDPOINT_TABLE"], STACK)
    mapping = moto.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    must("the stream's mapping", [it["EventSourceArn"] for it in mapping], [names["TableStreamArn"]])


def command(binary: str, moto: Moto, names: dict[str, str]) -> list[str]:
    """The product on moto."""
    host = moto.url.removeprefix("http://")
    return [
        binary, "--dynamodb-endpoint", moto.url, "--table", names["TableName"], "--s3-endpoint", f"http://test:test@{host}",
        "--s3-bucket", names["BucketName"], "--event-bus-endpoint", moto.url, "--step-functions-endpoint", moto.url,
    ]


def key(binary: str, moto: Moto, names: dict[str, str], environment: dict[str, str]) -> str:
    """A key of the table on moto."""
    made = subprocess.run(
        [*command(binary, moto, names), "keys", "create", "--id", "smoke", "--name", "Smoke", "--scopes", "read,review,runtime,admin"],
        env=environment, capture_output=True, text=True, check=False,
    )
    if made.returncode:
        raise Failed(f"no key could be made: {made.stderr}")
    return made.stdout.strip()


class Queue:
    """A queue of moto's SQS."""

    def __init__(self, moto: Moto, name: str) -> None:
        self.client = moto.client("sqs")
        self.url = self.client.create_queue(QueueName=name)["QueueUrl"]
        self.arn = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def bodies(self, wanted: int) -> list[dict[str, Any]]:
        """As many messages as are wanted, or what came within half a minute."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + 30
        while len(found) < wanted and time.monotonic() < until:
            for message in self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", []):
                found.append(json.loads(message["Body"]))
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            time.sleep(0.2)
        return found


def listen(moto: Moto) -> Queue:
    """A rule on the default bus that puts our events into a queue."""
    queue = Queue(moto, "events")
    events = moto.client("events")
    events.put_rule(Name="ours", EventPattern=json.dumps({"source": ["holdpoint"]}))
    events.put_targets(Rule="ours", Targets=[{"Id": "queue", "Arn": queue.arn}])
    return queue


def call(url: str, api_key: str, path: str, body: Any) -> Any:
    """A POST."""
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Api-Key": api_key, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def resumes_a_run(moto: Moto, events: Queue, url: str, api_key: str) -> None:
    """A state machine of moto's waits for a review, and goes on with its decision."""
    queue = Queue(moto, "tokens")
    machines = moto.client("stepfunctions")
    role = moto.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    hold = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
        "Parameters": {"QueueUrl": queue.url, "MessageBody": {"token.$": "$$.Task.Token"}},
    }
    definition = json.dumps({"StartAt": "Hold", "States": {"Hold": hold}})
    machine = machines.create_state_machine(name="holds", definition=definition, roleArn=role)["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    token = queue.bodies(1)[0]["token"]
    opened = call(url, api_key, "/workflows/reviews", {
        "run_id": "waits", "block_id": "extract", "workflow_id": "moto", "workflow_version_id": "1", "block_type": "extract",
        "triggered_by": {"kind": "moto"}, "snapshot": {"total": 12.5}, "resume": {"kind": "step_functions", "task_token": token},
    })
    must("the machine waits", machines.describe_execution(executionArn=execution)["status"], "RUNNING")
    here = "/workflows/reviews/waits/extract"
    claimed = call(url, api_key, f"{here}/claim", {"version_stamp": opened["rev"]})
    corrected = call(url, api_key, f"{here}/versions", {"version_stamp": claimed["rev"], "snapshot": {"total": 12.75}})
    call(url, api_key, f"{here}/decision", {"verdict": "approved", "version_stamp": corrected["rev"]})
    until = time.monotonic() + 30
    while (ended := machines.describe_execution(executionArn=execution))["status"] == "RUNNING" and time.monotonic() < until:
        time.sleep(0.2)
    must("the machine goes on", ended["status"], "SUCCEEDED")
    must("with the approved output", json.loads(ended["output"])["snapshot"], {"total": 12.75})
    heard = [it["detail-type"] for it in events.bodies(4)]
    must("the bus's events", heard, ["review.opened", "review.claimed", "review.version_appended", "review.decided"])


def drive(binary: str, moto: Moto, names: dict[str, str]) -> None:
    """The product's whole story on the table that CloudFormation made."""
    environment = {**os.environ, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    made = key(binary, moto, names, environment)
    events = listen(moto)
    settings = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{moto.url}/moto-api/config", settings, {"Content-Type": "application/json"})).close()
    def with_product(work: Callable[[str], None]) -> None:
        port = free_port()
        options = ["--no-demo", "--port", str(port)]
        with subprocess.Popen([*command(binary, moto, names), *options], env=environment, stdout=moto.log, stderr=moto.log) as product:
            try:
                wait_for(f"http://127.0.0.1:{port}/openapi.json", product)
                work(f"http://127.0.0.1:{port}/v1")
            finally:
                product.terminate()

    def smoke(url: str) -> None:
        done = subprocess.run([sys.executable, str(WORKSPACE / "scripts" / "smoke"), url, made], check=False)
        must("scripts/smoke", done.returncode, 0)

    # In this order: in moto a cancelled transaction puts a copy of the stream in place, of which open iterators see nothing more.
    with_product(lambda url: resumes_a_run(moto, events, url, made))
    with_product(smoke)


def with_moto(work: Callable[[Moto], None]) -> None:
    """Does something with a server of its own."""
    moto = Moto()
    try:
        work(moto)
    finally:
        moto.end()


def main(arguments: list[str]) -> int:
    """Deploys, compares, drives."""
    if len(arguments) != 1:
        print("usage: PYTHON tests/moto/run.py BINARY", file=sys.stderr)
        return 2
    try:
        with_moto(lambda moto: deploy_app(moto, deploy_data(moto)))
        # Without the app: moto would run `publish` within each write, in Docker. The product reads the stream itself.
        with_moto(lambda moto: drive(arguments[0], moto, deploy_data(moto)))
    except Failed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        return 1
    print("moto deploys both stacks, as far as it can, and the product runs on it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
