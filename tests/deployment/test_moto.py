"""The real AWS CLI against moto, and the real product on moto's DynamoDB: a stage's first deployment, two releases, and back.

moto does not know SAM's transform, API Gateway v2 or alarms, so the app's stack here has the app's parameters and a log group, and its
output ApiUrl is the product on this machine. The data stack is the real one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict

import aws_server
import support
from deployment import keys
from deployment.aws import Aws

HAS_TOOLS = shutil.which("aws") is not None and importlib.util.find_spec("moto") is not None
# Where moto puts what is signed for a region that it does not know, as the product does.
REGION = "us-east-1"


def status(url: str, key: str) -> int:
    """What the API answers to a key."""
    request = urllib.request.Request(f"{url}/workflows/reviews", headers={"Api-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@unittest.skipUnless(HAS_TOOLS and support.product(), "needs moto, awscli and HOLDPOINT_PRODUCT")
class OnMoto(support.WithFolder):
    def setUp(self) -> None:
        super().setUp()
        moto, self.api = support.free_port(), support.free_port()
        # By this name moto takes the bucket from the path.
        self.endpoint = f"http://localhost:{moto}"
        keep = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        self.env = {
            **keep, "AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "PYTHONPATH": str(support.HERE / "quick"), "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }  # fmt: skip
        support.wait_for(moto, self.background([sys.executable, str(support.HERE / "moto_server.py"), str(moto)], env=keep))
        tools, address = self.folder / "tools", self.folder / "aws.socket"
        self.background([sys.executable, str(support.HERE / "aws_server.py"), str(address)], env=self.env)
        aws_server.install(tools, address)
        self.env["PATH"] = f"{tools}{os.pathsep}{keep['PATH']}"
        support.wait_until(address.exists, "the AWS CLI is ready")
        self.settings = self.folder / "it.ini"
        self.settings.write_text("[data]\nUploadOrigins =\n[app]\nCorsOrigins = https://one.example\nSourceObjects =\nVpcSubnetIds =\nVpcSecurityGroupIds =\nStateMachineKeyArns =\n", encoding="utf-8")

    def release(self, version: str) -> Path:
        """A release whose app is a log group, and whose API is the product on this machine."""
        folder = self.folder / version
        folder.mkdir()
        app = (support.ROOT / "template.yaml").read_text(encoding="utf-8")
        parameters = app[app.index("\nParameters:\n") : app.index("\nRules:\n")]
        (folder / "template.yaml").write_text(
            f"""AWSTemplateFormatVersion: "2010-09-09"
{parameters}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {{ LogGroupName: !Sub "/holdpoint/${{TableName}}/{version}", RetentionInDays: !Ref LogRetentionDays }}
Outputs:
  ApiUrl:
    Value: http://127.0.0.1:{self.api}/v1
Metadata:
  HoldpointVersion: "{version}"
""",
            encoding="utf-8",
        )
        shutil.copy(support.ROOT / "data.yaml", folder)
        (folder / "VERSION").write_text(version, encoding="utf-8")
        sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
        (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
        return folder

    def run_script(self, script: str, *arguments: str) -> str:
        command = [sys.executable, str(support.ROOT / "scripts" / script), "it", "--region", REGION, "--settings", str(self.settings), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def aws(self, *arguments: str) -> Any:
        done = subprocess.run(["aws", *arguments, "--region", REGION, "--output", "json"], capture_output=True, text=True, check=True, env=self.env)
        return json.loads(done.stdout)

    def app(self) -> Dict[str, str]:
        """The app's parameters, and its version."""
        (stack,) = self.aws("cloudformation", "describe-stacks", "--stack-name", "holdpoint-it")["Stacks"]
        body = self.aws("cloudformation", "get-template", "--stack-name", "holdpoint-it")["TemplateBody"]
        version = re.search(r"HoldpointVersion\W+([\d.]+)", str(body))
        assert version is not None, body
        return {**{one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}, "version": version.group(1)}

    def start_product(self) -> None:
        command = [str(support.product()), "--port", str(self.api), "--data-dir", str(self.folder / "data"), "--no-demo", "--dynamodb-endpoint", self.endpoint, "--table", "holdpoint-it"]
        try:
            support.wait_for(self.api, self.background(command, cwd=self.folder))
        except AssertionError as error:
            raise AssertionError((self.folder / "servers.log").read_text(encoding="utf-8")[-2000:]) from error

    def listed_by_the_product(self) -> str:
        command = [str(support.product()), "keys", "--dynamodb-endpoint", self.endpoint, "--table", "holdpoint-it", "list", "--organization", "org_main"]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=self.folder).stdout

    def test_a_stage_from_nothing_to_two_releases_and_back(self) -> None:
        # The table first, since the product on this machine would make it itself.
        self.run_script("deploy", "--from", str(self.release("1.0")), "--data-only")
        table = self.aws("dynamodb", "describe-table", "--table-name", "holdpoint-it")["Table"]
        self.assertEqual((table["DeletionProtectionEnabled"], len(table["GlobalSecondaryIndexes"])), (True, 3))
        self.start_product()

        # The first release: with a key, and the whole story of a review under another one, which is gone after it.
        key_file = self.folder / "key"
        said = self.run_script("deploy", "--from", str(self.folder / "1.0"), "--key-file", str(key_file))
        self.assertIn("The whole story went well.", said)
        key = key_file.read_text(encoding="utf-8").strip()
        url = f"http://127.0.0.1:{self.api}/v1"
        self.assertEqual(status(url, key), 200)
        listed = self.aws("dynamodb", "query", "--table-name", "holdpoint-it", "--key-condition-expression", "pk = :pk",
                          "--expression-attribute-values", '{":pk": {"S": "KEYS#org_main"}}')["Items"]  # fmt: skip
        revoked = {item["actor"]["M"]["i"]["S"]: "revoked_at" in item for item in listed}
        self.assertEqual(revoked, {"admin": False, "smoke": True})
        self.assertEqual((self.app()["version"], self.app()["TableName"]), ("1.0", "holdpoint-it"))

        # The second changes a parameter, too. It finds a key, and makes none.
        said = self.run_script("deploy", "--from", str(self.release("2.0")), "--parameter", "LogRetentionDays=7", "--no-smoke")
        self.assertIn("LogRetentionDays: 30 -> 7", said)
        self.assertNotIn("first key of org_main, key_", said)
        self.assertEqual((self.app()["version"], self.app()["LogRetentionDays"], self.app()["Gradual"]), ("2.0", "7", "true"))
        listed = self.run_script("rollback", "--list").splitlines()
        self.assertIn("<- the next rollback", listed[0])
        self.assertIn("<- runs", listed[1])
        self.assertIn("LogRetentionDays: 30 -> 7", listed[2])

        # A key for a colleague, by the script: the product takes it, and refuses it when it is revoked.
        second = self.folder / "second"
        said = self.run_script("keys", "create", "--id", "dana", "--name", "Dana", "--scopes", "read", "--key-file", str(second))
        dana = second.read_text(encoding="utf-8").strip()
        self.assertEqual((status(url, dana), second.stat().st_mode & 0o777, dana in said), (200, 0o600, False))
        (key_id,) = re.findall("key_[0-9a-f]{16}", said)
        third = self.folder / "third"
        self.assertIn(f"{key_id} stays valid until", self.run_script("keys", "rotate", key_id, "--key-file", str(third)))
        self.assertEqual(status(url, third.read_text(encoding="utf-8").strip()), 200)
        self.assertEqual(self.run_script("keys", "list"), self.listed_by_the_product())
        (other,) = set(re.findall("key_[0-9a-f]{16}(?=  human  dana)", self.run_script("keys", "list"))) - {key_id}
        for one in (key_id, other):
            self.assertIn(f"{one} is revoked", self.run_script("keys", "revoke", one))
        self.assertEqual(self.run_script("keys", "list"), self.listed_by_the_product())
        # A key that was never used is refused at once; one that was, within a minute.
        fourth = self.folder / "fourth"
        self.run_script("keys", "create", "--id", "erin", "--name", "Erin", "--key-file", str(fourth))
        (erin,) = re.findall("key_[0-9a-f]{16}(?=  human  erin)", self.run_script("keys", "list"))
        self.run_script("keys", "revoke", erin)
        self.assertEqual(status(url, fourth.read_text(encoding="utf-8").strip()), 401)

        # Back, code and parameters, at once.
        said = self.run_script("rollback")
        self.assertIn("from release 2 (2.0) back to 1 (1.0), at once", said)
        self.assertIn("The whole story went well.", said)
        self.assertIn("LogRetentionDays: 7 -> 30", said)
        self.assertNotIn("Gradual:", said)
        self.assertEqual((self.app()["version"], self.app()["LogRetentionDays"], self.app()["Gradual"]), ("1.0", "30", "false"))
        # And forward again, as it said.
        self.assertIn("To release 2 (2.0) again: scripts/rollback it --to 2", said)
        said = self.run_script("rollback", "--to", "2", "--no-smoke")
        self.assertIn("from release 3 (1.0) forward to 2 (2.0), at once", said)
        self.assertEqual((self.app()["version"], self.app()["LogRetentionDays"]), ("2.0", "7"))


@unittest.skipUnless(shutil.which("aws") and support.product(), "needs awscli and HOLDPOINT_PRODUCT")
class Keys(support.WithFolder):
    def test_the_product_takes_lists_and_revokes_a_key_that_python_made(self) -> None:
        data, port = self.folder / "data", support.free_port()
        product = str(support.product())
        support.wait_for(port, self.background([product, "--port", str(port), "--no-demo", "--data-dir", str(data)], cwd=self.folder))
        # http://ACCESS_KEY@HOST:PORT, which it writes down once its store is open.
        support.wait_until((data / "dynamodb-endpoint").is_file, "the product writes its endpoint down")
        scheme, access_key, host = re.split(r"://|@", (data / "dynamodb-endpoint").read_text(encoding="utf-8"))
        before = dict(os.environ)
        os.environ.update({"AWS_ENDPOINT_URL": f"{scheme}://{host}", "AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": "any"})
        self.addCleanup(os.environ.update, before)
        self.addCleanup(os.environ.clear)
        aws, url = Aws("us-east-1", None), f"http://127.0.0.1:{port}/v1"

        def listed() -> str:
            command = [product, "keys", "--data-dir", str(data), "list", "--organization", "org_main"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout

        self.assertFalse(keys.has_live_key(aws, "holdpoint", "org_main"))
        new = keys.make("org_main", "human", "admin", "Änne O'Neil", list(keys.SCOPES), expires_at=keys.now_millis() + 3_600_000)
        self.assertEqual(status(url, new.key), 401)
        keys.create(aws, "holdpoint", new)
        self.assertTrue(keys.has_live_key(aws, "holdpoint", "org_main"))
        self.assertEqual(status(url, new.key), 200)
        for word in (new.key_id, "human", "admin", "Änne O'Neil", "read,review,runtime,admin", "until 20"):
            self.assertIn(word, listed())
        # As the product itself would have stored it, attribute by attribute.
        command = [product, "keys", "--data-dir", str(data), "create", "--organization", "org_main", "--id", "admin", "--name", "Änne O'Neil",
                   "--scopes", "read,review,runtime,admin", "--expires-in-days", "1"]  # fmt: skip
        subprocess.run(command, capture_output=True, check=True)
        answer = aws.call("dynamodb", "query", "--table-name", "holdpoint", "--key-condition-expression", "pk = :pk",
                          "--expression-attribute-values", '{":pk": {"S": "KEYS#org_main"}}')  # fmt: skip
        # Who made it, the script does not say.
        shapes = [sorted((name, *value) for name, value in item.items() if name != "created_by") for item in answer["Items"]]
        self.assertEqual(len(shapes), 2)
        self.assertEqual(shapes[0], shapes[1])
        fixed = [{name: item[name] for name in ("pk", "organization", "actor", "scopes")} for item in answer["Items"]]
        self.assertEqual(fixed[0], fixed[1])

        self.assertEqual(keys.listing(keys.register(aws, "holdpoint", "org_main"), keys.now_millis()) + "\n", listed())
        keys.revoke(aws, "holdpoint", "org_main", new.items[0]["digest"]["S"])
        self.assertEqual(keys.listing(keys.register(aws, "holdpoint", "org_main"), keys.now_millis()) + "\n", listed())
        self.assertIn("revoked", next(line for line in listed().splitlines() if line.startswith(new.key_id)))
        command = [product, "keys", "--data-dir", str(data), "revoke", new.key_id, "--organization", "org_main"]
        self.assertIn("is revoked", subprocess.run(command, capture_output=True, text=True, check=True).stdout)
