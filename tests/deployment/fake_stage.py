"""A stage that was deployed before, told to the scripts by a made-up `aws`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional

import support

TABLE = "holdpoint-prod"
STREAM = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{TABLE}/stream/2026-11-27"
OUTPUTS = {"TableName": TABLE, "TableStreamArn": STREAM, "BucketName": "documents", "FailedRecordsBucketName": "failed"}
TAGS = {"holdpoint:app-stack": "holdpoint-prod", "holdpoint:organization": "org_main"}
APP = {"ApiUrl": "http://127.0.0.1:9/v1", "TableName": TABLE}


class FakeStage(support.WithFolder):
    """A test with such a stage, `prod`, and a release to deploy."""

    @classmethod
    def setUpClass(cls) -> None:
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.release = support.fake_release(Path(made.name))

    def setUp(self) -> None:
        super().setUp()
        self.aws = support.FakeAws(self.folder)
        self.aws.answer("^--version$", "aws-cli/2.20.0 Python/3.12.6")
        self.aws.answer("^sts get-caller-identity", {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/dana"})
        self.aws.answer("^configure get region", code=1)
        # What all stages have that were deployed before.
        self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", outputs=OUTPUTS, parameters={"TableName": TABLE}, tags=TAGS)
        self.aws.stack("holdpoint-prod-artifacts", "CREATE_COMPLETE", outputs={"ArtifactsBucketName": "artifacts"})
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters={**OUTPUTS, "Gradual": "false", "AlarmEmail": "old@example.com"})
        self.aws.answer("^cloudformation (deploy|package|wait|delete-stack|cancel-update-stack) ")
        self.aws.answer("^cloudformation describe-stack-events ", {"StackEvents": []})
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": "Metadata:\n  HoldpointVersion: '0.9'\n  HOLDPOINT_PARAMETERS: p-none\n"})
        self.aws.answer("^s3api list-objects-v2 ", {})
        self.aws.answer("^s3api put-object ", {})
        self.aws.answer("^dynamodb query ", {"Items": []})
        self.aws.answer("^dynamodb transact-write-items ", {})

    def run_script(self, script: str, *arguments: str, **options: Any) -> "tuple[int, str]":
        done = self.aws.run(script, *arguments, **options)
        self.assertNotIn("Traceback", done.stderr)
        return done.returncode, done.stdout + done.stderr

    def deploy(self, *arguments: str, **options: Any) -> "tuple[int, str]":
        return self.run_script("deploy", "prod", "--from", str(self.release), "--region", "eu-west-1", "--no-smoke", *arguments, **options)

    def says(self, sentence: str, *arguments: str, **options: Any) -> None:
        """The deployment fails with this sentence."""
        code, said = self.deploy(*arguments, **options)
        self.assertEqual(code, 1, said)
        self.assertIn(sentence, said)

    def settings(self, text: str) -> List[str]:
        file = self.folder / "settings.ini"
        file.write_text(text, encoding="utf-8")
        return ["--settings", str(file)]

    def deployed(self) -> Dict[str, Dict[str, str]]:
        """The parameters that each stack was deployed with."""
        found = {}
        for call in self.aws.calls():
            if call[:2] == ["cloudformation", "deploy"]:
                given = call[call.index("--parameter-overrides") + 1 :] if "--parameter-overrides" in call else []
                found[call[3]] = dict(one.split("=", 1) for one in given if not one.startswith("--") and "=" in one)
        return found

    def data_stack_comes(self, status: str) -> None:
        """The data stack is in this state, or not there, until it is deleted, and then deployed."""
        self.aws.stack("holdpoint-prod-data", status, tags=TAGS)
        self.aws.stack("holdpoint-prod-data", "", after="^cloudformation delete-stack --stack-name holdpoint-prod-data ")
        deployed = "^cloudformation deploy --stack-name holdpoint-prod-data "
        self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", outputs=OUTPUTS, parameters={"TableName": TABLE}, after=deployed)

    def event(self, name: str, status: str, reason: str = "", kind: str = "AWS::Lambda::Function", number: str = "") -> Dict[str, str]:
        """An event of the app's stack."""
        is_stack = name == "holdpoint-prod"
        return {
            "EventId": number or f"{name}-{status}-{reason}", "LogicalResourceId": name, "ResourceStatus": status, "ResourceStatusReason": reason,
            "ResourceType": "AWS::CloudFormation::Stack" if is_stack else kind, "StackId": "s", "PhysicalResourceId": "s" if is_stack else "f",
        }  # fmt: skip

    def deployment_fails(self, *events: Dict[str, str], before: Optional[Dict[str, str]] = None, status: str = "UPDATE_ROLLBACK_COMPLETE") -> None:
        """The app's deployment fails: these events come, the newest first; `before` was the newest one until then."""
        self.aws.log.write_text("", encoding="utf-8")
        began = "^cloudformation deploy --stack-name holdpoint-prod "
        earlier = [before] if before else []
        self.aws.answer("^cloudformation describe-stack-events ", {"StackEvents": earlier})
        self.aws.answer("^cloudformation describe-stack-events ", {"StackEvents": [*events, *earlier]}, after=began)
        self.aws.answer(began, complaint="\nFailed to create/update the stack. Run the following command\nto fetch", code=255)
        self.aws.stack("holdpoint-prod", status, outputs=APP, parameters=OUTPUTS, after=began)

    def remembered(self, *versions: str, **parameters: str) -> None:
        """The releases that are written down, the newest last; that one runs."""
        told = {**OUTPUTS, "Gradual": "false", **parameters}
        template = "Metadata:\n  HoldpointVersion: '{}'\n"
        keys = [f"holdpoint-prod/releases/{number:06}.json" for number in range(1, len(versions) + 1)]
        self.aws.answer("^s3api list-objects-v2 ", {"Contents": [{"Key": key} for key in keys]})
        for number, (key, version) in enumerate(zip(keys, versions), start=1):
            release = {"number": number, "version": version, "deployed_at": "2026-11-27T00:00:00Z", "template": template.format(version), "parameters": told}
            self.aws.file_answer(f"^s3api get-object .*{key}", json.dumps(release))
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": template.format(versions[-1])})
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters=told)
