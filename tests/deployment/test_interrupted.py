"""scripts/rollback with a made-up `aws` whose S3 keeps what it is given: what it goes back to, and what an interrupted one leaves behind."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, List, Optional
from unittest import mock

import support
from deployment.aws import Aws

STACK = "holdpoint-prod"
NAMES = {"TableName": "holdpoint-prod", "TableStreamArn": "stream", "BucketName": "documents", "FailedRecordsBucketName": "failed"}
TAGS = {"holdpoint:app-stack": STACK, "holdpoint:organization": "org_main"}
OUTPUTS = {"ApiUrl": "http://127.0.0.1:9/v1"}


def template(version: str) -> str:
    """A packaged template, as CloudFormation has it."""
    return f"Resources:\n  HOLDPOINT_PARAMETERS: p-0123456789abcdef\nMetadata:\n  HoldpointVersion: '{version}'\n"


class Rollback(support.WithFolder):
    def setUp(self) -> None:
        super().setUp()
        self.aws = support.FakeAws(self.folder)
        self.objects = self.aws.bucket()
        self.aws.answer("^--version$", "aws-cli/2.20.0 Python/3.12.6")
        self.aws.answer("^sts get-caller-identity", {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/dana"})
        self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", outputs=NAMES, parameters={"TableName": NAMES["TableName"]}, tags=TAGS)
        self.aws.stack("holdpoint-prod-artifacts", "CREATE_COMPLETE", outputs={"ArtifactsBucketName": "artifacts"})
        self.aws.answer("^cloudformation (deploy|wait|cancel-update-stack) ")
        self.aws.answer("^cloudformation describe-stack-events ", {"StackEvents": []})
        for number in (1, 2, 3):
            self.release(number)
        self.deployed("3")

    def release(self, number: int, body: Optional[str] = None, **details: Any) -> None:
        """Writes a release down, as an earlier deployment did."""
        one = {
            "number": number, "version": str(number), "deployed_at": "2026-11-27T00:00:00Z", "template": body or template(str(number)),
            "parameters": {**NAMES, "Gradual": "true"}, **details,
        }  # fmt: skip
        file = self.objects / STACK / "releases" / f"{number:06}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(one), encoding="utf-8")

    def written(self) -> List[Dict[str, Any]]:
        """All releases that are written down."""
        return [json.loads(file.read_text(encoding="utf-8")) for file in sorted((self.objects / STACK / "releases").iterdir())]

    def deployed(self, version: str, status: str = "UPDATE_COMPLETE", times: int = 0, gradual: str = "true", **parameters: str) -> None:
        """What CloudFormation has."""
        self.aws.stack(STACK, status, times=times, outputs=OUTPUTS, parameters={**NAMES, "Gradual": gradual, **parameters})
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": template(version)})

    def rollback(self, *arguments: str) -> "tuple[int, str]":
        self.aws.log.write_text("", encoding="utf-8")
        done = self.aws.run("rollback", "prod", "--region", "eu-west-1", "--no-smoke", *arguments)
        self.assertNotIn("Traceback", done.stderr)
        return done.returncode, done.stdout + done.stderr

    def asked(self) -> List[str]:
        """What CloudFormation was asked to do."""
        return [call[1] for call in self.aws.calls() if call[1] in ("deploy", "cancel-update-stack", "wait")]

    def begun(self) -> Any:
        return json.loads((self.objects / STACK / "rollback.json").read_text(encoding="utf-8"))

    def interrupted(self) -> None:
        """A rollback to release 2 whose script ended without a word, once CloudFormation had begun."""
        self.aws.answer("^cloudformation deploy ", complaint="Killed", code=137)
        code, said = self.rollback()
        self.assertEqual((code, self.begun()), (1, {"to": 2}), said)
        self.aws.answer("^cloudformation deploy ")

    def test_one_that_was_interrupted_and_has_ended_is_not_taken_further(self) -> None:
        self.interrupted()
        self.deployed("2", gradual="false")
        code, said = self.rollback()
        self.assertEqual((code, self.asked()), (0, []), said)
        self.assertIn("The rollback to release 2 has ended: release 4 of holdpoint-prod is 2 again.", said)
        self.assertEqual((self.written()[-1]["rollback_to"], self.begun()), (2, {}))
        # And the next one goes back to 1, not forth to 3.
        code, said = self.rollback()
        self.assertIn("from release 4 (2) back to 1 (1), at once", said)
        self.assertEqual(self.asked(), ["deploy"])

    def test_one_that_is_under_way_is_waited_for_and_not_cancelled(self) -> None:
        self.interrupted()
        self.deployed("2", gradual="false")
        self.deployed("2", gradual="false", status="UPDATE_IN_PROGRESS", times=1)
        code, said = self.rollback()
        self.assertEqual((code, self.asked()), (0, ["wait"]), said)
        self.assertIn("the rollback to release 2 has ended", said.lower())

    def test_one_that_was_interrupted_and_failed_is_tried_again(self) -> None:
        self.interrupted()
        self.deployed("3", status="UPDATE_ROLLBACK_COMPLETE", gradual="true")
        code, said = self.rollback()
        self.assertEqual((code, self.asked()), (0, ["deploy"]), said)
        self.assertIn("from release 3 (3) back to 2 (2), at once", said)
        self.assertEqual(self.begun(), {})

    def test_after_a_deployment_that_was_taken_back_versions_get_other_names(self) -> None:
        deployed: List[str] = []
        for status in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
            self.deployed("3", status=status)
            self.aws.keep_template(self.folder / "deployed.yaml")
            code, said = self.rollback("--to", "2")
            self.assertEqual(code, 0, said)
            deployed += re.findall(r"p-\S+", (self.folder / "deployed.yaml").read_text(encoding="utf-8"))
            for file in sorted((self.objects / STACK / "releases").iterdir())[3:]:
                file.unlink()
        self.assertEqual(len(set(deployed)), 3, deployed)

    def test_releases_before_the_newest_twenty_can_be_brought_back(self) -> None:
        for number in range(4, 31):
            self.release(number)
        self.deployed("30")
        said = self.rollback("--list")[1]
        self.assertIn("--to takes the older ones, too, from 1 to 10.", said)
        self.assertEqual(len(re.findall("2026-11-27T", said)), 20)
        # Interrupted, as above.
        self.aws.answer("^cloudformation deploy ", complaint="Killed", code=137)
        self.assertEqual((self.rollback("--to", "3")[0], self.begun()), (1, {"to": 3}))
        self.aws.answer("^cloudformation deploy ")
        self.deployed("3", gradual="false")
        code, said = self.rollback()
        self.assertIn("The rollback to release 3 has ended: release 31", said)
        code, said = self.rollback()
        self.assertEqual((code, self.asked()), (0, ["deploy"]), said)
        self.assertIn("from release 31 (3) back to 2 (2), at once", said)
        self.assertIn("there is no release 99 to go back to", self.rollback("--to", "99")[1])

    def test_what_is_there_is_not_written_over(self) -> None:
        self.aws.file.write_text("[]", encoding="utf-8")
        with mock.patch.dict(os.environ, {"PATH": f"{self.aws.tools}:/usr/bin:/bin"}):
            aws = Aws("eu-west-1", None)
            self.assertEqual([aws.put_new_text("artifacts", "new.json", text) for text in ("first", "second")], [True, False])
        self.assertEqual((self.objects / "new.json").read_text(encoding="utf-8"), "first")

    def given(self) -> Dict[str, str]:
        """The parameters of the deployment."""
        (call,) = [call for call in self.aws.calls() if call[:2] == ["cloudformation", "deploy"]]
        self.assertIn("CAPABILITY_IAM", call[call.index("--capabilities") + 1 :][:1])
        self.assertEqual(call[call.index("--s3-bucket") + 1], "artifacts")
        values = [word for word in call[call.index("--parameter-overrides") + 1 :] if not word.startswith("--") and "=" in word]
        return dict(word.split("=", 1) for word in values)

    def test_it_moves_all_calls_at_once_and_keeps_what_is_served_and_secrets(self) -> None:
        self.release(2, parameters={**NAMES, "Gradual": "true", "Monitoring": "minimal", "Secret": "****"})
        self.release(3, parameters={**NAMES, "Gradual": "true", "Monitoring": "full", "Secret": "****"})
        self.deployed("3", BucketName="restored", Monitoring="full", Secret="****")
        code, said = self.rollback()
        self.assertEqual(code, 0, said)
        self.assertEqual(self.given(), {**NAMES, "BucketName": "restored", "Gradual": "false", "Monitoring": "minimal"})

    def test_a_rollback_to_a_rollback_is_of_the_release_that_this_brought_back(self) -> None:
        self.release(3, template("1"), version="1", rollback_to=1)
        self.release(4)
        self.deployed("4")
        code, said = self.rollback()
        self.assertIn("from release 4 (4) back to 3 (1), at once", said)
        self.assertEqual(self.written()[-1]["rollback_to"], 1)

    def test_there_is_no_way_back_past_the_upgrade_from_one_stack(self) -> None:
        self.release(2, template("2") + "  Type: AWS::DynamoDB::Table\n")
        for arguments in ([], ["--to", "2"]):
            code, said = self.rollback(*arguments)
            self.assertEqual((code, self.asked()), (1, []), said)
            self.assertIn("release 2 (2) is of the template before there were two stacks", said)

    def test_a_deployment_under_way_is_cancelled_when_no_rollback_is(self) -> None:
        self.deployed("4", status="UPDATE_IN_PROGRESS")
        for rolled_back_before in (False, True):
            if rolled_back_before:
                (self.objects / STACK / "rollback.json").write_text("{}", encoding="utf-8")
            code, said = self.rollback()
            self.assertEqual((code, self.asked()), (0, ["cancel-update-stack", "wait"]), said)
