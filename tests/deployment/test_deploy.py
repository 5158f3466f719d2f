"""scripts/deploy and scripts/rollback: each sentence that they fail with, and what they ask AWS for.

`aws` is made up here, since no emulator has a stack in UPDATE_ROLLBACK_FAILED or credentials that have expired. test_moto.py runs the real
one.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import tarfile
import unittest
from typing import Any, Dict, List
from unittest import mock

import support
from deployment import deploy, keys, package
from deployment.aws import Stack
from deployment.common import Failed
from deployment.settings import Settings
from fake_stage import APP, OUTPUTS, STREAM, TABLE, TAGS, FakeStage


class Scripts(FakeStage):
    # What can be said without AWS.

    def test_a_stages_name_is_checked(self) -> None:
        for name in ("Prod", "prod_1", "a" * 16, "prod-", "1st"):
            code, said = self.run_script("deploy", name, "--dry-run")
            self.assertEqual(code, 1, said)
            self.assertIn("is no stage's name", said)
        for name in ("data", "eu-data", "eu-artifacts"):
            self.assertIn("must not be called", self.run_script("deploy", name, "--dry-run")[1])

    def test_an_unknown_parameter_is_said_with_those_there_are(self) -> None:
        self.says("no stack has it. The data stack has TableName, DeletionProtection", "--parameter", "Tablename=x")
        self.says("app has no parameter AlarmMail; it has TableName", "--parameter", "app.AlarmMail=x")
        self.says("both stacks have it. Write data.TableName=… for the data's", "--parameter", "TableName=x")
        self.says("write NAME=VALUE", "--parameter", "Monitoring")

    def test_a_value_that_cloudformation_would_refuse_is_refused(self) -> None:
        self.says("Monitoring must be one of full, minimal; it is 'some'", "--parameter", "Monitoring=some")
        self.says("KmsKey must be empty, `create`, or a key's ARN; it is 'alias/mine'", "--parameter", "KmsKey=alias/mine")
        self.says("ThrottlingRate must be at least 1; it is 0", "--parameter", "ThrottlingRate=0")
        for number in ("nan", "inf", "1e3", "0x10"):
            self.says(f"ThrottlingRate must be a number; it is {number!r}", "--parameter", f"ThrottlingRate={number}")
        for name in ("https://reviews.example.com", "reviews.example.com/v1", "localhost", "-a.example.com"):
            self.says("DomainName must be a host name", "--parameter", f"DomainName={name}")
        self.says("DocumentRetentionDays must be a number; it is 'a year'", "--parameter", "DocumentRetentionDays=a year")
        self.says("DomainName needs CertificateArn", "--parameter", "DomainName=reviews.example.com")
        self.says("VpcSubnetIds and VpcSecurityGroupIds belong together", "--parameter", "VpcSubnetIds=subnet-1")
        self.says("TableName and TableStreamArn belong together", "--parameter", "app.TableName=restored")
        self.says("belong together", "--parameter", "app.TableName=restored", "--parameter", f"TableStreamArn={STREAM}")

    def test_a_settings_file_is_checked(self) -> None:
        self.says("has a section [ap]; there are [deploy], [data], [app]", *self.settings("[ap]\nAlarmEmail = a@b.example\n"))
        self.says("[deploy] has no setting regoin; it has region, profile", *self.settings("[deploy]\nregoin = eu-west-1\n"))
        self.says("data stack has no parameter AlarmEmail", *self.settings("[data]\nAlarmEmail = a@b.example\n"))
        self.says("cannot be read", *self.settings("AlarmEmail = a@b.example\n"))
        self.says("is no organization's id", *self.settings("[deploy]\norganization = a b\n"))
        self.says("has 26 characters. CloudFormation shortens", *self.settings(f"[deploy]\napp_stack = {'a' * 26}\n"))
        self.assertEqual(self.deploy("--dry-run", *self.settings(f"[deploy]\napp_stack = {'a' * 25}\n"))[0], 0)
        self.assertEqual(self.run_script("deploy", "a" * 15, "--from", str(self.release), "--region", "eu-west-1", "--dry-run")[0], 0)
        (self.folder / "utf16.ini").write_text("[app]\nAlarmEmail = a@b.example\n", encoding="utf-16")
        self.says("is not UTF-8", "--settings", str(self.folder / "utf16.ini"))
        self.says("is not there", "--settings", str(self.folder / "nowhere.ini"))
        self.assertEqual(self.aws.calls(), [])

    def test_a_release_is_checked(self) -> None:
        self.release = support.fake_release(self.folder)
        (self.release / "claim.zip").write_bytes(b"other")
        self.says("claim.zip is not as it was packaged")
        (self.release / "SHA256SUMS").unlink()
        self.says("holds no release: SHA256SUMS is missing")
        shutil.rmtree(self.release)
        support.fake_release(self.folder, only=["claim"])
        self.says("it was made with --only")
        broken = self.folder / "broken.tar.gz"
        broken.write_bytes(b"\x1f\x8b broken")
        code, said = self.run_script("deploy", "prod", "--from", str(broken), "--dry-run")
        self.assertEqual((code, "cannot be unpacked" in said), (1, True), said)

    def test_a_missing_or_old_aws_cli_is_said_with_how_to_get_it(self) -> None:
        self.aws.answer("^--version$", "aws-cli/2.9.1 Python/3.9")
        self.says("the AWS CLI is 2.9.1, and 2.18.0 is needed: get version 2 from https://aws.amazon.com/cli/, or version 1 by `pip install --upgrade awscli`")
        (self.aws.tools / "aws").unlink()
        if not shutil.which("aws", path="/usr/bin:/bin"):
            self.says("the AWS CLI is missing: get version 2 from")

    def test_tools_for_building_are_asked_for_only_to_build(self) -> None:
        code, said = self.run_script("deploy", "prod", "--dry-run", "--region", "eu-west-1")
        self.assertEqual(code, 1, said)
        self.assertIn("cargo-lambda is missing: `pip install cargo-lambda`", said)
        code, said = self.deploy("--dry-run")
        self.assertEqual((code, "cargo" in said), (0, False), said)

    def test_an_old_sam_cli_is_mentioned(self) -> None:
        self.aws.tool("sam", "print('SAM CLI, version 1.150.1')")
        code, said = self.deploy("--dry-run")
        self.assertEqual((code, "the SAM CLI is 1.150.1: before 1.165" in said), (0, True), said)
        self.aws.tool("sam", "print('SAM CLI, version 1.170.0')")
        self.assertNotIn("SAM CLI", self.deploy("--dry-run")[1])

    def test_a_region_is_needed_and_looked_for(self) -> None:
        code, said = self.run_script("deploy", "prod", "--from", str(self.release))
        self.assertEqual((code, "no region is set: pass --region, set AWS_REGION" in said), (1, True), said)
        self.assertIn("is no region's name", self.run_script("deploy", "prod", "--from", str(self.release), "--region", "Ireland")[1])
        for options in ({"env": {"AWS_REGION": "eu-north-1"}}, {}):
            arguments: List[str] = [] if options else self.settings("[deploy]\nregion = eu-north-1\n")
            code, said = self.run_script("deploy", "prod", "--from", str(self.release), "--dry-run", *arguments, **options)
            self.assertIn(", eu-north-1:", said)

    def test_a_dry_run_does_everything_up_to_the_first_call(self) -> None:
        code, said = self.deploy("--dry-run", "--parameter", "Monitoring=minimal")
        self.assertEqual(code, 0, said)
        for part in ("holdpoint-prod-data, from data.yaml", "Monitoring = minimal", "Nothing was built or deployed; the first call to AWS would come next."):
            self.assertIn(part, said)
        self.assertEqual(self.aws.calls(), [])

    def test_a_dry_run_works_on_a_machine_without_anything_of_aws(self) -> None:
        (self.aws.tools / "aws").unlink()
        code, said = self.run_script("deploy", "prod", "--from", str(self.release), "--dry-run")
        self.assertEqual(code, 1, said)
        self.assertIn("Needed before a deployment: no region is set", said)
        self.assertIn("This was a dry run", said)

    # What AWS says.

    def test_what_is_wrong_with_credentials_is_said(self) -> None:
        for complaint, sentence in (
            ("An error occurred (ExpiredToken) when calling: The security token included in the request is expired", "credentials have expired: sign in again"),
            ("Token has expired and refresh failed", "credentials have expired: sign in again"),
            ("Unable to locate credentials. You can configure credentials by running \"aws login\".", "there are no AWS credentials: run `aws configure"),
            ("The config profile (prud) could not be found", "there is no AWS profile prud"),
            ("An error occurred (InvalidClientTokenId) when calling", "AWS does not accept these credentials"),
            ("Could not connect to the endpoint URL: \"https://sts.eu-wets-1.amazonaws.com/\"", "AWS cannot be reached: check the network, and the region's name"),
        ):
            self.aws.answer("^sts get-caller-identity", complaint=complaint, code=254)
            self.says(sentence)
        self.assertEqual({call[0] for call in self.aws.calls()}, {"sts"})

    def test_a_right_that_is_missing_is_named(self) -> None:
        complaint = "An error occurred (AccessDenied): User: dana is not authorized to perform: cloudformation:DescribeStacks on resource: x"
        self.aws.answer("^cloudformation describe-stacks", complaint=complaint, code=254)
        self.says("these credentials may not do cloudformation:DescribeStacks: docs/deployer-policy.json")

    def test_any_other_failure_names_the_command_and_the_last_line(self) -> None:
        self.aws.answer("^cloudformation describe-stacks", complaint="Something\nelse happened\n", code=7)
        self.says("`aws cloudformation describe-stacks --stack-name holdpoint-prod-data` failed with exit code 7: else happened")

    def test_a_data_stack_whose_creation_failed_is_deleted_when_that_is_wanted(self) -> None:
        self.data_stack_comes("ROLLBACK_COMPLETE")
        self.says("is in ROLLBACK_COMPLETE: its creation failed, and CloudFormation lets it only be deleted. Nothing is in it")
        self.assertNotIn("delete-stack", [call[1] for call in self.aws.calls()])
        self.aws.log.write_text("", encoding="utf-8")
        code, said = self.deploy("--replace-failed")
        self.assertEqual(code, 0, said)
        order = [call[1] for call in self.aws.calls() if call[1] in ("delete-stack", "wait", "deploy")]
        self.assertEqual(order[:3], ["delete-stack", "wait", "deploy"])
        self.assertEqual(self.deployed()["holdpoint-prod-data"]["TableName"], TABLE)

    def test_an_app_stack_that_could_not_go_back_is_explained(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_ROLLBACK_FAILED", reason="The following resource(s) failed to update: [Api]")
        self.says("is in UPDATE_ROLLBACK_FAILED (The following resource(s) failed to update: [Api]): remove the cause, then `aws cloudformation continue-update-rollback")

    def test_another_deployment_under_way_is_said(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_IN_PROGRESS")
        self.says("is in UPDATE_IN_PROGRESS: another deployment is under way")

    def test_missing_outputs_and_a_missing_data_stack_are_said(self) -> None:
        self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", outputs={"TableName": TABLE}, parameters={"TableName": TABLE}, tags=TAGS)
        self.says("has no output TableStreamArn, BucketName, FailedRecordsBucketName: it was deployed from another template")
        self.aws.stack("holdpoint-prod-data", "")
        self.says("there is no stack holdpoint-prod-data: deploy it first, without --app-only", "--app-only")

    def test_another_table_than_the_deployed_one_is_refused(self) -> None:
        other = [f"--parameter=app.{name}={value.replace(TABLE, 'restored')}" for name, value in OUTPUTS.items() if name.startswith("Table")]
        self.says(f"holdpoint-prod has TableName {TABLE}, and would get restored: what {TABLE} holds would no longer be served", *other)
        self.says(f"holdpoint-prod-data has TableName {TABLE}, and would get other", "--parameter", "data.TableName=other")
        self.assertNotIn("holdpoint-prod", self.deployed())
        code, said = self.deploy("--other-table", *other)
        self.assertEqual(code, 0, said)
        self.assertEqual(self.deployed()["holdpoint-prod"]["TableName"], "restored")
        self.assertIn(f"TableName: {TABLE} -> restored", said)

    def test_a_failed_deployment_says_its_causes_and_what_to_do(self) -> None:
        event = self.event
        before = event("ClaimFunction", "UPDATE_FAILED", "of the deployment before")
        events = [
            event("OtherFunction", "CREATE_FAILED", "Resource creation cancelled"),
            event("SweepFunction", "CREATE_FAILED", "Specified ReservedConcurrentExecutions decreases account's UnreservedConcurrentExecution below its minimum"),
            event("holdpoint-prod", "UPDATE_IN_PROGRESS", "User Initiated"),
        ]
        self.deployment_fails(*events, before=before)
        code, said = self.deploy()
        self.assertEqual(code, 1, said)
        self.assertIn("SweepFunction (AWS::Lambda::Function): Specified ReservedConcurrentExecutions", said)
        self.assertIn("set ReserveConcurrency = false", said)
        self.assertNotIn("cancelled", said)
        self.assertNotIn("of the deployment before", said)

    def test_an_app_that_has_no_address_is_said(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", parameters=OUTPUTS)
        self.says("has no output ApiUrl after its deployment")

    # What is deployed.

    def test_what_is_not_named_stays_as_it_is_deployed(self) -> None:
        code, said = self.deploy("--parameter", "Monitoring=minimal")
        self.assertEqual(code, 0, said)
        app = self.deployed()["holdpoint-prod"]
        self.assertEqual((app["AlarmEmail"], app["Monitoring"], app["TableName"]), ("old@example.com", "minimal", TABLE))
        # But for Gradual, which is of one deployment.
        self.assertEqual(app["Gradual"], "true")
        self.aws.log.write_text("", encoding="utf-8")
        self.deploy("--at-once")
        self.assertEqual(self.deployed()["holdpoint-prod"]["Gradual"], "false")

    def test_the_command_line_comes_before_the_settings(self) -> None:
        arguments = self.settings("[app]\nMonitoring = minimal\nAlarmEmail =\n[data]\nFailedRecordDays = 7\n")
        code, said = self.deploy(*arguments, "--parameter", "Monitoring=full")
        self.assertEqual(code, 0, said)
        self.assertEqual({name: self.deployed()["holdpoint-prod"][name] for name in ("Monitoring", "AlarmEmail")}, {"Monitoring": "full", "AlarmEmail": ""})
        self.assertEqual(self.deployed()["holdpoint-prod-data"]["FailedRecordDays"], "7")

    def test_a_new_stage_gets_a_table_of_its_own_name(self) -> None:
        self.data_stack_comes("")
        code, said = self.deploy("--data-only")
        self.assertEqual(code, 0, said)
        self.assertEqual(self.deployed()["holdpoint-prod-data"]["TableName"], "holdpoint-prod")
        self.assertEqual(list(self.deployed()), ["holdpoint-prod-data"])

    def test_a_stage_keeps_the_app_and_the_organization_that_it_was_deployed_with(self) -> None:
        # As from a release that was unpacked in another folder than the one with the stage's settings.
        self.aws.stack("OLD", "UPDATE_COMPLETE", outputs=APP, parameters=OUTPUTS)
        for tags, sentence in (
            ({**TAGS, "holdpoint:app-stack": "OLD"}, "was deployed with app_stack = OLD and not holdpoint-prod: others would make a second app"),
            ({**TAGS, "holdpoint:organization": "org_acme=21"}, "was deployed with organization = org_acme=21 and not org_main"),
            ({**TAGS, "holdpoint:artifacts-bucket": "ours"}, "was deployed with artifacts_bucket = ours and not none"),
            ({"team": "reviews"}, "prod.ini is not: it would say which app's stack and which organization belong to it"),
        ):
            self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", outputs=OUTPUTS, parameters={"TableName": TABLE}, tags=tags)
            self.says(sentence)
            self.says(sentence, "--app-only")
            self.assertIn(sentence, self.run_script("rollback", "prod", "--region", "eu-west-1")[1])
            self.assertIn(sentence, self.run_script("keys", "prod", "list", "--region", "eu-west-1")[1])
        self.assertEqual((self.deployed(), [call for call in self.aws.calls() if call[0] == "dynamodb"]), ({}, []))
        # With the settings, or when it is wanted.
        known = {"holdpoint:app-stack": "OLD", "holdpoint:organization": "org_acme=21"}
        arguments = self.settings("[deploy]\napp_stack = OLD\norganization = org_acme!\n")
        for tags, more in (({**known, "team": "reviews"}, []), ({"team": "reviews"}, []), ({**TAGS, "team": "reviews"}, ["--other-settings"])):
            self.aws.log.write_text("", encoding="utf-8")
            self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", outputs=OUTPUTS, parameters={"TableName": TABLE}, tags=tags)
            code, said = self.deploy(*arguments, *more)
            self.assertEqual((code, list(self.deployed())), (0, ["holdpoint-prod-data", "OLD"]), said)
            (call,) = [call for call in self.aws.calls() if call[:4] == ["cloudformation", "deploy", "--stack-name", "holdpoint-prod-data"]]
            given = call[call.index("--tags") + 1 : call.index("--parameter-overrides")]
            self.assertEqual(dict(one.split("=", 1) for one in given), {**known, "team": "reviews"})

    def test_the_app_alone_leaves_the_data_alone(self) -> None:
        code, said = self.deploy("--app-only")
        self.assertEqual((code, list(self.deployed())), (0, ["holdpoint-prod"]), said)

    def test_an_archive_is_deployed_as_its_folder_is(self) -> None:
        (archive,) = self.release.glob("*.tar.gz")
        code, said = self.run_script("deploy", "prod", "--from", str(archive), "--region", "eu-west-1", "--no-smoke")
        self.assertEqual((code, "holdpoint-prod" in self.deployed()), (0, True), said)

    def test_an_unpacked_release_deploys_itself(self) -> None:
        whole = {f"dist/{file.name}": file for file in self.release.iterdir() if file.suffix != ".gz"}
        data = package.tarball("holdpoint-1", {**package.besides(support.ROOT), **whole})
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(self.folder)
        unpacked = self.folder / "holdpoint-1"
        done = self.aws.run("deploy", "prod", "--region", "eu-west-1", "--no-smoke", root=unpacked)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("build", done.stdout.split("Account")[0])
        self.assertEqual(list(self.deployed()), ["holdpoint-prod-data", "holdpoint-prod"])
        done = self.aws.run("rollback", "prod", "--region", "eu-west-1", "--list", root=unpacked)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_was_deployed_by_other_means_is_written_down_before_it_is_gone(self) -> None:
        bucket = self.aws.bucket()
        text = "Metadata:\n  HoldpointVersion: '{}'\n  HOLDPOINT_PARAMETERS: p-none\n"
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": text.format("by sam")})
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": text.format("2.0")})
        self.aws.answers[0]["after"] = "^cloudformation deploy --stack-name holdpoint-prod "
        code, said = self.deploy()
        self.assertEqual(code, 0, said)
        written = [json.loads(file.read_text(encoding="utf-8"))["template"] for file in sorted((bucket / "holdpoint-prod" / "releases").iterdir())]
        self.assertEqual(written, [text.format("by sam"), text.format("2.0")])

    def test_the_apps_template_goes_by_s3_and_may_make_roles(self) -> None:
        code, said = self.deploy()
        self.assertEqual(code, 0, said)
        (call,) = [call for call in self.aws.calls() if call[:4] == ["cloudformation", "deploy", "--stack-name", "holdpoint-prod"]]
        # It is longer than the 51,200 characters that can be passed along.
        self.assertEqual(call[call.index("--s3-bucket") + 1], "artifacts")
        self.assertEqual(call[call.index("--capabilities") + 1], "CAPABILITY_IAM")

    def test_of_an_archive_only_the_files_in_dist_are_taken(self) -> None:
        archive, folder = self.folder / "hostile.tar.gz", self.folder / "out"
        folder.mkdir()
        secret = self.folder / "secret"
        secret.write_text("secret", encoding="utf-8")
        with tarfile.open(archive, "w:gz") as opened:
            def add(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> None:
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname, entry.size = kind, to, 4 if kind == tarfile.REGTYPE else 0
                opened.addfile(entry, io.BytesIO(b"evil") if entry.size else None)

            add("a/dist/good.zip")
            add("a/dist/soft.zip", tarfile.SYMTYPE, str(secret))
            add("a/dist/hard.zip", tarfile.LNKTYPE, "a/dist/good.zip")
            add("a/dist/deep/er.zip")
            add("a/other/out.zip")
            add("../../dist/up.zip")
            add("flat.zip")
        deploy.unpack(archive, folder)
        self.assertEqual([str(file.relative_to(folder)) for file in sorted(folder.rglob("*"))], ["good.zip"])
        # A name that leads out of the folder is a folder's.
        with tarfile.open(archive, "w:gz") as opened:
            entry = tarfile.TarInfo("a/dist/..")
            opened.addfile(entry, io.BytesIO(b""))
        with self.assertRaisesRegex(Failed, "cannot be unpacked"):
            deploy.unpack(archive, folder)

    def test_the_smoke_tests_key_ends_by_itself_within_the_hour(self) -> None:
        made: List[Any] = []
        stack = Stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters=OUTPUTS)
        with mock.patch.object(keys, "now_millis", return_value=1_000), mock.patch.object(keys, "create", side_effect=lambda aws, table, key: made.append(key)), \
                mock.patch.object(keys, "revoke"), mock.patch.object(deploy, "load_smoke") as smoke:  # fmt: skip
            smoke.return_value.main.return_value = 0
            deploy.smoke(mock.Mock(), Settings("prod", self.folder / "none"), stack, "")
        (key,) = made
        self.assertEqual([item["expires_at"] for item in key.items], [{"N": "3601000"}] * 2)

    def test_a_deployment_from_a_checkout_builds_in_a_folder_of_its_own(self) -> None:
        checkout = self.folder / "checkout"
        checkout.mkdir()
        support.fake_sources(checkout)
        shutil.copytree(support.ROOT / "scripts", checkout / "scripts", ignore=shutil.ignore_patterns("__pycache__", "demo*"))
        sysroot = self.folder / "rust"
        (sysroot / "lib" / "rustlib" / "aarch64-unknown-linux-gnu").mkdir(parents=True)
        for name, code in (("cargo", ""), ("cargo-lambda", ""), ("rustc", f"print({str(sysroot)!r})")):
            self.aws.tool(name, code)
        # What another deployment, or scripts/package, is at work on.
        (checkout / "dist").mkdir()
        (checkout / "dist" / "claim.zip").write_text("half", encoding="utf-8")
        done = self.aws.run("deploy", "prod", "--region", "eu-west-1", "--no-smoke", root=checkout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(list(self.deployed()), ["holdpoint-prod-data", "holdpoint-prod"])
        self.assertEqual([(file.name, file.read_text(encoding="utf-8")) for file in (checkout / "dist").iterdir()], [("claim.zip", "half")])

    # Keys.

    def test_on_a_terminal_the_key_is_shown_once(self) -> None:
        terminal, screen = os.openpty()
        self.addCleanup(os.close, terminal)
        done = self.aws.run("deploy", "prod", "--from", str(self.release), "--region", "eu-west-1", "--no-smoke", stdout=screen)
        os.close(screen)
        said = os.read(terminal, 100_000).decode()
        self.assertEqual(done.returncode, 0, said + done.stderr)
        (key,) = re.findall(r"hp_[A-Za-z0-9_-]{43}", said)
        self.assertIn("It is shown only this once", said)
        self.assertNotIn(key, self.aws.log.read_text(encoding="utf-8"))

    def test_a_key_is_neither_logged_nor_on_a_command_line(self) -> None:
        file = self.folder / "key"
        # The smoke test fails, since nothing answers; its key is revoked all the same.
        code, said = self.run_script("deploy", "prod", "--from", str(self.release), "--region", "eu-west-1", "--key-file", str(file))
        self.assertEqual(code, 1, said)
        self.assertIn("the smoke test failed; the stack holdpoint-prod is deployed all the same", said)
        writes = [call for call in self.aws.calls() if call[1] == "transact-write-items"]
        self.assertEqual(len(writes), 3, "the first key, the smoke test's, and its revocation")
        key = file.read_text(encoding="utf-8").strip()
        self.assertRegex(key, r"^hp_[A-Za-z0-9_-]{43}$")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertNotIn("hp_", said + self.aws.log.read_text(encoding="utf-8"))

    def test_without_a_terminal_no_key_is_made_to_be_printed(self) -> None:
        code, said = self.deploy()
        self.assertEqual((code, "None was made, since this output may be a log: pass --key-file" in said), (0, True), said)
        self.assertNotIn("transact-write-items", [call[1] for call in self.aws.calls()])

    def test_an_organization_with_a_key_gets_no_other(self) -> None:
        def stored(actor: str, **attributes: Any) -> Dict[str, Any]:
            (item, _) = keys.make("org_main", "human", actor, "Somebody", ["read"]).items
            return {**item, **{name: {"N": str(value)} for name, value in attributes.items()}}

        file = self.folder / "key"
        for items, made in (
            ([stored("dana")], False),
            ([stored("dana", revoked_at=1)], True),
            ([stored("dana", expires_at=1)], True),
            ([stored("smoke")], True),
            ([stored("smoke"), stored("dana", expires_at=99999999999999)], False),
        ):
            self.aws.answer("^dynamodb query ", {"Items": items})
            code, said = self.deploy("--key-file", str(file))
            self.assertEqual((code, file.exists()), (0, made), said)
            file.unlink(missing_ok=True)

    def test_a_file_that_is_there_is_not_overwritten_by_a_key(self) -> None:
        file = self.folder / "key"
        file.write_text("mine", encoding="utf-8")
        self.says("is there already: name a new file for the key", "--key-file", str(file))
        self.assertEqual(self.deployed(), {}, "it is said before the first change")
        self.assertEqual(file.read_text(encoding="utf-8"), "mine")

    # Rollback.

    def test_a_rollback_needs_something_to_go_back_to(self) -> None:
        code, said = self.run_script("rollback", "prod", "--region", "eu-west-1")
        self.assertEqual(code, 1, said)
        self.assertIn("there is no release before the present one to go back to", said)
        self.aws.stack("holdpoint-prod", "")
        self.assertIn("there is no stack holdpoint-prod in account 123456789012", self.run_script("rollback", "prod", "--region", "eu-west-1")[1])

    def test_an_update_under_way_is_cancelled(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_IN_PROGRESS", parameters=OUTPUTS)
        code, said = self.run_script("rollback", "prod", "--region", "eu-west-1")
        self.assertEqual((code, "holdpoint-prod is as it was before." in said), (0, True), said)
        self.assertEqual([call[1] for call in self.aws.calls()][-2:], ["cancel-update-stack", "wait"])


class Python(unittest.TestCase):
    def test_the_scripts_are_of_python_3_9(self) -> None:
        scripts = support.ROOT / "scripts"
        for file in [*(scripts / "deployment").glob("*.py"), *(scripts / name for name in ("deploy", "keys", "rollback", "package"))]:
            ast.parse(file.read_text(encoding="utf-8"), str(file), feature_version=(3, 9))
