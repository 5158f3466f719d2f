"""scripts/deploy: what it looks at before its first change, what it says when CloudFormation fails, and what it prints."""

from __future__ import annotations

import os
import re
import shutil
import unittest
from typing import Any, List

import support
from deployment import package, templates
from fake_stage import APP, OUTPUTS, TABLE, FakeStage

CHANGES = ("deploy", "delete-stack", "package", "put-object", "transact-write-items")


class BeforeTheFirstChange(FakeStage):
    def refused(self, sentence: str, *arguments: str, **options: Any) -> str:
        """It is refused with this sentence, and nothing was changed; answers all that it said."""
        code, said = self.deploy(*arguments, **options)
        self.assertEqual(code, 1, said)
        self.assertIn(sentence, said)
        self.assertEqual([call for call in self.aws.calls() if call[1] in CHANGES], [])
        return said

    def test_both_stacks_are_looked_at(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_ROLLBACK_FAILED", reason="Api")
        self.refused("is in UPDATE_ROLLBACK_FAILED (Api): remove the cause")
        self.aws.stack("holdpoint-prod", "ROLLBACK_COMPLETE")
        self.refused("is in ROLLBACK_COMPLETE: its creation failed")
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters=OUTPUTS)
        self.aws.stack("holdpoint-prod-artifacts", "ROLLBACK_COMPLETE")
        self.refused("holdpoint-prod-artifacts is in ROLLBACK_COMPLETE")

    def test_somebody_elses_deployment_is_neither_disturbed_nor_offered_to_be_rolled_back(self) -> None:
        for name in ("holdpoint-prod", "holdpoint-prod-data"):
            self.aws.stack(name, "UPDATE_IN_PROGRESS", outputs=OUTPUTS, parameters={"TableName": TABLE})
            for only in ((), ("--data-only",), ("--app-only",)):
                said = self.refused("is in UPDATE_IN_PROGRESS: another deployment is under way, perhaps somebody else's. Nothing was changed", *only)
                self.assertNotIn("scripts/rollback", said)

    def test_a_stack_that_may_hold_data_is_not_called_empty(self) -> None:
        for status, sentence in (
            ("DELETE_FAILED", "its deletion began and did not end, so something of it is still there, and may hold data"),
            ("ROLLBACK_FAILED", "its creation failed, and so did taking it back: something that it made is still there"),
            ("CREATE_FAILED", "what it had made until then is still there"),
        ):
            self.aws.stack("holdpoint-prod-data", status)
            self.assertNotIn("Nothing is in it", self.refused(sentence))
        # What holds data is not deleted by a switch that is for creations.
        self.aws.stack("holdpoint-prod-data", "DELETE_FAILED")
        self.refused("look for a table of this stage before you deploy it anew", "--replace-failed")

    def test_a_key_file_that_cannot_be_written_is_said(self) -> None:
        self.refused("there is no folder", "--key-file", str(self.folder / "no" / "key"))
        file = self.folder / "key"
        file.touch()
        self.refused("is there already: name a new file for the key", "--key-file", str(file))
        self.assertEqual(file.read_text(encoding="utf-8"), "")

    def test_a_new_stage_is_called_new(self) -> None:
        for name in ("holdpoint-prdo", "holdpoint-prdo-data", "holdpoint-prdo-artifacts"):
            self.aws.stack(name, "")
        said = self.run_script("deploy", "prdo", "--from", str(self.release), "--region", "eu-west-1")[1]
        self.assertIn("prdo is a NEW stage: account 123456789012, eu-west-1 has neither holdpoint-prdo-data nor holdpoint-prdo.", said)
        # In a pipe it goes on.
        self.assertIn(["cloudformation", "deploy"], [call[:2] for call in self.aws.calls()])
        self.assertNotIn("NEW", self.deploy()[1])

    def test_on_a_terminal_a_new_stage_is_asked_for(self) -> None:
        for name in ("holdpoint-prdo", "holdpoint-prdo-data", "holdpoint-prdo-artifacts"):
            self.aws.stack(name, "")
        for answer, made in ((b"n\n", False), (b"\n", False), (b"y\n", True)):
            terminal, screen = os.openpty()
            os.write(terminal, answer)
            done = self.aws.run("deploy", "prdo", "--from", str(self.release), "--region", "eu-west-1", stdout=screen, stdin=screen)
            os.close(screen)
            self.assertIn("Make the stage prdo? [y/N]", os.read(terminal, 100_000).decode())
            os.close(terminal)
            self.assertEqual(("nothing was made" in done.stderr, ["cloudformation", "deploy"] in [call[:2] for call in self.aws.calls()]), (not made, made))

    def test_an_archive_that_is_older_than_what_runs_is_warned_of(self) -> None:
        mine = (self.release / "VERSION").read_text(encoding="utf-8").strip()
        for running, sentence in (
            ("v99.0.0", f"Warning: {mine} is OLDER than v99.0.0, which runs"),
            ("a-branch", f"a-branch runs now, and {mine} is to be deployed. Their names do not say which is newer"),
        ):
            self.aws.answer("^cloudformation get-template ", {"TemplateBody": f"Metadata:\n  HoldpointVersion: '{running}'\n"})
            self.assertIn(sentence, self.deploy()[1])
        for running in ("0.0.1", mine):
            self.aws.answer("^cloudformation get-template ", {"TemplateBody": f"Metadata:\n  HoldpointVersion: '{running}'\n"})
            said = self.deploy()[1]
            self.assertFalse("OLDER" in said or "which is newer" in said, said)

    def test_parameters_of_the_other_stack_are_refused(self) -> None:
        self.refused("--app-only leaves the data stack as it is, and KmsKey, UploadOrigins are of the data stack.",
                     "--app-only", "--parameter", "KmsKey=create", "--parameter", "data.UploadOrigins=https://a.example", "--parameter", "Monitoring=full")  # fmt: skip
        self.refused("--data-only leaves the app's stack as it is, and Monitoring is of the app's stack.", "--data-only", "--parameter", "Monitoring=full")
        self.assertEqual(self.aws.calls(), [])

    def test_values_that_a_service_would_refuse_in_the_middle_are_refused(self) -> None:
        for name, wrong, right in (
            ("AlarmEmail", ("ops", "ops@example", "a@b.example,c@d.example", "Ops <ops@example.com>"), ("ops+eu@example.com", "")),
            ("SweepRate", ("1 minute", "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "cron(0 12 * * *)", ""), ("rate(1 minute)", "rate(5 minutes)", "cron(0/5 * * * ? *)")),
            ("CorsOrigins", ("app.example.com", "https://app.example.com/", "http://app.example.com", "https://a.example,b.example", ""), ("https://a.example, https://b.example:8443", "*", "http://localhost:3000")),
            ("UploadOrigins", ("https://app.example.com/path",), ("https://*.example.com", "")),
            ("SourceObjects", ("scans/*", "arn:aws:s3:::scans", "s3://scans/a"), ("arn:aws:s3:::scans/invoices/*,arn:aws-cn:s3:::b.c/*", "")),
            ("CertificateArn", ("mine",), ("arn:aws:acm:eu-west-1:123456789012:certificate/0-0",)),
        ):
            for value in wrong:
                self.refused(f"{name} must be", "--parameter", f"{name}={value}")
            for value in right:
                code, said = self.deploy("--dry-run", "--parameter", f"{name}={value}")
                self.assertEqual(code, 0, said)

    def test_a_value_that_is_deployed_stays_even_if_it_would_be_refused_now(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters={**OUTPUTS, "CorsOrigins": "http://intranet"})
        code, said = self.deploy()
        self.assertEqual((code, self.deployed()["holdpoint-prod"]["CorsOrigins"]), (0, "http://intranet"), said)

    def test_quotes_and_comments_in_the_settings_are_refused(self) -> None:
        self.refused('AlarmEmail is in quotes, which would be part of the value: write AlarmEmail = a@b.example', *self.settings('[app]\nAlarmEmail = "a@b.example"\n'))
        for comment in ("# us", "; us"):
            self.refused("AlarmEmail has a comment behind its value", *self.settings(f"[app]\nAlarmEmail = a@b.example {comment}\n"))
        self.refused("region has a comment behind its value", *self.settings("[deploy]\nregion = eu-west-1 # Ireland\n"))

    def test_the_templates_rules_count_with_what_is_deployed(self) -> None:
        self.refused("DefaultEndpoint=false needs DomainName, or nothing answers at all.", "--parameter", "DefaultEndpoint=false")
        code, said = self.deploy("--dry-run", "--parameter", "DefaultEndpoint=false")
        self.assertIn("Note: DefaultEndpoint=false needs DomainName", said)
        domain = {"DomainName": "reviews.example.com", "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/0"}
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters={**OUTPUTS, **domain})
        code, said = self.deploy("--parameter", "DefaultEndpoint=false")
        self.assertEqual(code, 0, said)

    def test_a_regions_shape_is_checked(self) -> None:
        for name in ("eu-wets-1", "eu-west1", "eu-west-1a", "us-east-11"):
            self.refused("is no region's name, such as eu-west-1", "--region", name)
        for name in ("us-gov-west-1", "ap-southeast-5", "eusc-de-east-1", "us-isob-east-1", "mx-central-1", "cn-northwest-1"):
            self.assertEqual(self.deploy("--dry-run", "--region", name)[0], 0, name)

    def test_what_from_names_is_found_or_missed(self) -> None:
        code, said = self.run_script("deploy", "prod", "--from", "missing.tar.gz", "--region", "eu-west-1", "--dry-run")
        self.assertEqual((code, "missing.tar.gz is not there" in said), (1, True), said)
        # The folder that an archive makes, and the dist/ in it.
        root = self.folder / "holdpoint-1"
        shutil.copytree(self.release, root / "dist")
        for place in (root, root / "dist"):
            code, said = self.run_script("deploy", "prod", "--from", str(place), "--region", "eu-west-1", "--dry-run")
            self.assertEqual(code, 0, said)


class WhenItFails(FakeStage):
    ALARM = "One or more alarms have been activated according to the CloudWatch metrics you selected, and the deployment has been stopped"

    def test_yesterdays_causes_are_not_todays(self) -> None:
        yesterday = [self.event("ClaimFunctionAliaslive", "UPDATE_FAILED", self.ALARM, "AWS::Lambda::Alias", number="1")]
        self.aws.answer("^cloudformation describe-stack-events ", {"StackEvents": yesterday})
        complaint = "An error occurred (AccessDenied) when calling the CreateChangeSet operation: dana is not authorized to perform: cloudformation:CreateChangeSet"
        self.aws.answer("^cloudformation deploy --stack-name holdpoint-prod ", complaint=complaint, code=254)
        self.says("these credentials may not do cloudformation:CreateChangeSet")
        self.aws.answer("^cloudformation deploy --stack-name holdpoint-prod ", complaint="\nFailed to create/update the stack.", code=255)
        said = self.deploy()[1]
        self.assertIn("`aws cloudformation describe-stack-events --stack-name holdpoint-prod --region eu-west-1` has what happened", said)
        self.assertFalse("ClaimFunctionAliaslive" in said or "--at-once" in said, said)

    def test_the_brake_is_hinted_at_for_an_alias_alone(self) -> None:
        for name, kind, reason, hinted in (
            ("ClaimFunctionAliaslive", "AWS::Lambda::Alias", self.ALARM, True),
            ("AlarmTopic", "AWS::SNS::Topic", "Invalid parameter: Email address", False),
            ("ServerErrorsAlarm", "AWS::CloudWatch::Alarm", "not valid: Alarm", False),
        ):
            self.deployment_fails(self.event(name, "UPDATE_FAILED", reason, kind))
            code, said = self.deploy()
            self.assertEqual((code, reason in said, "--at-once deploys without this brake" in said), (1, True, hinted), said)

    def test_how_it_ended_is_said_with_what_it_asks_for(self) -> None:
        event = self.event("ClaimFunction", "CREATE_FAILED", "no")
        for status, sentence in (
            ("ROLLBACK_COMPLETE", "Put the cause right, then run this with --replace-failed."),
            ("UPDATE_ROLLBACK_COMPLETE", "CloudFormation has taken everything back: what ran before runs."),
            ("UPDATE_ROLLBACK_FAILED", "could not take all of it back (UPDATE_ROLLBACK_FAILED). Remove the cause, then `aws cloudformation continue-update-rollback"),
            ("UPDATE_IN_PROGRESS", "the wait for holdpoint-prod broke off. CloudFormation goes on by itself"),
        ):
            self.deployment_fails(event, status=status)
            self.says(sentence)

    def test_no_temporary_file_is_named(self) -> None:
        complaint = "\nUnable to upload artifact ./claim.zip of /tmp/tmpab12cd34/template.yaml"
        for command in ("package", "deploy --stack-name holdpoint-prod"):
            self.aws.answer(f"^cloudformation {command} ", complaint=complaint, code=255)
            code, said = self.deploy()
            self.assertEqual((code, "Unable to upload artifact ./claim.zip of template.yaml" in said), (1, True), said)
            failed = said.split("FAILED")[-1].replace(str(self.release), "")
            self.assertNotRegex(failed, r"/tmp/")

    def test_only_what_both_versions_of_the_aws_cli_have_is_advised(self) -> None:
        text = "".join(file.read_text(encoding="utf-8") for file in (support.ROOT / "scripts" / "deployment").glob("*.py"))
        # `aws configure` of version 1 has add-model, get, list and set; it has no `sso` and no `login`.
        self.assertEqual(re.findall(r"aws (?:sso|login)\b|aws configure (?!get|list\b|set)[a-z]+[^`,]*", text), [])

    def test_a_way_back_is_named_only_where_there_is_one(self) -> None:
        def fails(*arguments: str) -> str:
            code, said = self.run_script("deploy", "prod", "--from", str(self.release), "--region", "eu-west-1", *arguments)
            self.assertEqual((code, "the smoke test failed" in said), (1, True), said)
            return said.split("FAILED")[-1]

        self.aws.answer("^cloudformation get-template ", {"TemplateBody": "HoldpointVersion: '2'"}, after="^cloudformation deploy --stack-name holdpoint-prod ")
        self.remembered_first()
        self.assertIn("scripts/rollback prod brings the release before back", fails())
        other = [f"--parameter=app.{name}={value.replace(TABLE, 'restored')}" for name, value in OUTPUTS.items() if name.startswith("Table")]
        said = fails("--other-table", *other)
        self.assertIn("It serves another table or bucket than before, which scripts/rollback would keep", said)
        self.aws.stack("holdpoint-prod", "")
        self.aws.stack("holdpoint-prod", "CREATE_COMPLETE", outputs=APP, parameters=OUTPUTS, after="^cloudformation deploy --stack-name holdpoint-prod ")
        self.aws.log.write_text("", encoding="utf-8")
        said = fails()
        self.assertIn("It is the first release of this stage, so there is none to go back to", said)
        self.assertNotIn("scripts/rollback", said)

    def remembered_first(self) -> None:
        """One release is written down once the deployment has begun."""
        key = "holdpoint-prod/releases/000001.json"
        self.aws.answer("^s3api list-objects-v2 ", {"Contents": [{"Key": key}]}, after="^s3api put-object ")
        release = '{"number": 1, "version": "0.9", "deployed_at": "2026-11-27T00:00:00Z", "template": "", "parameters": {}}'
        self.aws.file_answer(f"^s3api get-object .*{key}", release)


class WhatItPrints(FakeStage):
    def test_the_gradual_sentence_comes_only_with_a_change(self) -> None:
        sentence = "get a tenth of the calls for five minutes first"
        self.assertIn(sentence, self.deploy()[1])
        self.assertNotIn(sentence, self.deploy("--at-once")[1])
        # What is deployed is what would be deployed.
        text = (self.release / "template.yaml").read_text(encoding="utf-8")
        wanted = self.deployed()["holdpoint-prod"]
        wanted["Gradual"] = "true"
        same = templates.with_fingerprint(re.sub(r"CodeUri: \./(\S+)", r"CodeUri: s3://bucket/\1", text), wanted)
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": same})
        self.aws.answer("^cloudformation deploy ", "\nNo changes to deploy. Stack is up to date\n")
        said = self.deploy()[1]
        self.assertNotIn(sentence, said)
        self.assertEqual(said.count("  nothing to change\n"), 2, said)

    def test_gradual_is_no_change_and_others_are(self) -> None:
        said = self.deploy("--parameter", "AlarmEmail=new@example.com")[1]
        self.assertIn("  AlarmEmail: old@example.com -> new@example.com\n", said)
        self.assertNotIn("Gradual:", said)

    def test_parameters_stand_under_their_stack(self) -> None:
        said = self.deploy("--dry-run", "--parameter", "Monitoring=minimal", "--parameter", "FailedRecordDays=7")[1]
        data, _, app = said.partition("  app stack")
        self.assertEqual(("FailedRecordDays = 7" in data, "Monitoring" in data, "Monitoring = minimal" in app), (True, False, True), said)

    def test_how_far_a_deployment_is_is_said_now_and_then(self) -> None:
        began = "^cloudformation deploy --stack-name holdpoint-prod "
        # It ends only once it was asked about.
        asked = "^cloudformation describe-stack-events --stack-name holdpoint-prod --max-items 1"
        self.aws.answer(began, until=asked)
        events = [self.event("ClaimFunction", "UPDATE_IN_PROGRESS")]
        self.aws.answer(asked, {"StackEvents": events}, after=began)
        said = self.deploy(env={"HOLDPOINT_PROGRESS": "0.1"})[1]
        self.assertRegex(said, r"  0:0\d  UPDATE_IN_PROGRESS ClaimFunction\n")

    def test_where_the_key_is_and_what_the_mail_asks_for_stand_at_the_end(self) -> None:
        file = self.folder / "key"
        code, said = self.deploy("--key-file", str(file), "--parameter", "AlarmEmail=new@example.com")
        self.assertEqual(code, 0, said)
        end = said.split("Deployed:")[1]
        self.assertRegex(end, rf"The first key of org_main, key_[0-9a-f]+, is in {re.escape(str(file))} and nowhere else\.")
        self.assertIn("Alarms go to new@example.com once the link in the mail from AWS is followed", end)
        self.assertNotIn("Alarms go to", self.deploy("--parameter", "AlarmEmail=old@example.com")[1])
        # And when the smoke test fails.
        code, said = self.run_script("deploy", "prod", "--from", str(self.release), "--region", "eu-west-1", "--key-file", str(self.folder / "other"))
        self.assertEqual((code, f"is in {self.folder / 'other'} and nowhere else" in said), (1, True), said)

    def test_on_a_terminal_the_end_says_that_the_key_is_above(self) -> None:
        terminal, screen = os.openpty()
        self.addCleanup(os.close, terminal)
        self.aws.run("deploy", "prod", "--from", str(self.release), "--region", "eu-west-1", "--no-smoke", stdout=screen)
        os.close(screen)
        said = os.read(terminal, 100_000).decode()
        self.assertIn("is printed above.", said.split("Deployed:")[1])


class Archive(unittest.TestCase):
    def test_it_holds_what_its_texts_and_scripts_point_to(self) -> None:
        files = package.besides(support.ROOT)
        for name in ("docs/operate.md", "docs/costs.md", "SECURITY.md", "scripts/keys", "scripts/deployment/import/1-failed-records.yaml",
                     "scripts/deployment/import/2-table-and-bucket.yaml"):  # fmt: skip
            self.assertIn(name, files)
        for script, text in ((name, file.read_text(encoding="utf-8")) for name, file in files.items() if name.startswith("scripts/")):
            for named in re.findall(r"\b(?:docs|stages)/[a-z-]+\.(?:md|json|ini)\b", text):
                self.assertIn(named, files, script)
        page = (support.ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
        linked = {os.path.normpath(f"docs/{link}") for link in re.findall(r"\]\((?!http)([^)#]+)", page)}
        # What tests the template, and how to change it, is of the repository.
        self.assertLessEqual({link for link in linked if link not in files}, {"CONTRIBUTING.md", "tests/template/deployment.rs"})


class Versions(unittest.TestCase):
    def test_names_are_compared_as_far_as_they_can_be(self) -> None:
        for one, other, older in (
            ("1.0.0", "1.0.1", True), ("v1.9.0", "v1.10.0", True), ("1.1.0", "1.0.9", False), ("v1.0.0-3-gabc1234", "v1.0.0-12-gdef1234", True),
            ("v1.0.0", "v1.0.0-1-gabc1234", True), ("0.1.0-abc1234", "0.1.0-def1234", None), ("1.0.0-rc1", "1.0.0", None), ("1.0.0-rc1", "1.1.0", True),
            ("x", "1.0.0", None), ("x", "x", False), ("not named", "1.0", None),
        ):  # fmt: skip
            self.assertEqual(templates.is_older(one, other), older, (one, other))


class Rules(unittest.TestCase):
    def test_the_templates_rules_are_read(self) -> None:
        rules = templates.rules((support.ROOT / "template.yaml").read_text(encoding="utf-8"))

        def broken(**values: str) -> List[str]:
            return [rule.says for rule in rules if rule.is_broken(values)]

        self.assertEqual(len(rules), 2)
        self.assertEqual(broken(DefaultEndpoint="true"), [])
        self.assertEqual(broken(DomainName="a.example", CertificateArn="arn"), [])
        self.assertEqual(broken(DomainName="a.example"), ["DomainName needs CertificateArn."])
        self.assertEqual(broken(DefaultEndpoint="false"), ["DefaultEndpoint=false needs DomainName, or nothing answers at all."])

    def test_a_rule_that_cannot_be_read_is_an_error(self) -> None:
        for text in ("!Contains [[a], !Ref B]", "!Equals [a, b", "!Equals [a, b] c"):
            with self.assertRaisesRegex(templates.Failed, "cannot read"):
                templates.rules(f"Rules:\n  One:\n    RuleCondition: {text}\n")
        with self.assertRaisesRegex(templates.Failed, "cannot read"):
            templates.rules("Rules:\n  One:\n    Other: a\n")
