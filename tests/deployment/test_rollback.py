"""scripts/rollback: what it says in each state of the stack, and what it says of what it does."""

from __future__ import annotations

from typing import Any

from fake_stage import APP, OUTPUTS, FakeStage


class Rollback(FakeStage):
    def rollback(self, *arguments: str, **options: Any) -> "tuple[int, str]":
        return self.run_script("rollback", "prod", "--region", "eu-west-1", "--no-smoke", *arguments, **options)

    def test_a_release_that_cloudformation_took_back_is_not_taken_back_again(self) -> None:
        self.remembered("1.0", "2.0", "3.0")
        told = {**OUTPUTS, "Gradual": "false"}
        self.aws.stack("holdpoint-prod", "UPDATE_ROLLBACK_COMPLETE", outputs=APP, parameters=told)
        code, said = self.rollback()
        self.assertEqual(code, 1, said)
        self.assertIn("CloudFormation has taken it back by itself: release 3 (3.0), which ran before it, runs again", said)
        self.assertIn("To go back further than that, name the release: --to 2 (2.0)", said)
        self.assertEqual(self.deployed(), {})
        self.assertNotIn("the next rollback", self.rollback("--list")[1])
        code, said = self.rollback("--to", "2")
        self.assertEqual((code, list(self.deployed())), (0, ["holdpoint-prod"]), said)

    def test_states_in_which_nothing_can_be_done_are_said_and_not_sent_back_here(self) -> None:
        for status, sentence in (
            ("UPDATE_ROLLBACK_IN_PROGRESS", "is taking the last deployment back already"),
            ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "has taken the last deployment back"),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "cannot be cancelled any more"),
            ("CREATE_IN_PROGRESS", "its first deployment is under way, so there is no release to go back to"),
        ):
            self.aws.stack("holdpoint-prod", status, outputs=APP, parameters=OUTPUTS)
            code, said = self.rollback()
            self.assertEqual((code, sentence in said, "scripts/rollback" in said), (1, True, False), said)
        self.assertEqual({call[1] for call in self.aws.calls()}, {"get-caller-identity", "describe-stacks", "list-objects-v2"})

    def test_a_stack_that_was_never_deployed_has_no_way_back(self) -> None:
        self.aws.stack("holdpoint-prod", "ROLLBACK_COMPLETE", parameters=OUTPUTS)
        code, said = self.rollback()
        self.assertEqual((code, "there is no release to go back to. scripts/deploy prod --replace-failed begins again." in said), (1, True), said)

    def test_an_address_that_comes_back_must_be_confirmed(self) -> None:
        self.remembered("1.0", "2.0", AlarmEmail="old@example.com")
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters={**OUTPUTS, "Gradual": "false", "AlarmEmail": "new@example.com"})
        self.assertIn("Alarms go to old@example.com once the link in the mail from AWS is followed", self.rollback("--to", "1")[1])

    def test_what_it_changes_is_said_with_the_way_forward(self) -> None:
        self.remembered("1.0", "2.0", Monitoring="minimal")
        told = {**OUTPUTS, "Gradual": "true", "Monitoring": "full"}
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", outputs=APP, parameters=told)
        settings = self.settings("[app]\nMonitoring = full\n")
        code, said = self.rollback("--to", "1", *settings)
        self.assertEqual(code, 0, said)
        self.assertIn("Stage prod, account 123456789012, eu-west-1", said)
        self.assertIn("  Monitoring: full -> minimal", said)
        self.assertNotIn("Gradual:", said)
        self.assertIn("still says Monitoring = full: the next scripts/deploy sets that again", said)
        self.assertRegex(said, r"To release 3 \(2.0\) again: scripts/rollback prod --to 3")

    def test_the_list_shows_what_runs_and_what_each_release_changed(self) -> None:
        self.remembered("1.0", "2.0")
        code, said = self.rollback("--list")
        self.assertEqual(code, 0, said)
        first, second = said.splitlines()
        self.assertTrue(first.endswith("1.0   <- the next rollback") and second.endswith("2.0   <- runs"), said)
        self.aws.answer("^cloudformation get-template ", {"TemplateBody": "HoldpointVersion: 3.0"})
        self.assertIn("What runs, 3.0, is none of these", self.rollback("--list")[1])

    def test_the_release_that_runs_is_no_target(self) -> None:
        self.remembered("1.0", "2.0")
        self.assertIn("release 2 (2.0) is what runs", self.rollback("--to", "2")[1])

    def test_a_smoke_test_that_fails_after_it_names_the_way_forward(self) -> None:
        self.remembered("1.0", "2.0")
        code, said = self.run_script("rollback", "prod", "--region", "eu-west-1")
        self.assertEqual(code, 1, said)
        self.assertIn("scripts/rollback prod --to 2 deploys release 2 again", said.split("FAILED")[-1])
        self.assertNotIn("brings the release before back", said)
