"""docs/deployer-policy.json: what it must allow that no resource's kind shows, and what it must not allow of the account. Which actions
each kind of resource needs is in tests/template/deployment.rs."""

from __future__ import annotations

import json
import unittest
from typing import Any, Dict, List

import support

# Actions that would reach any key of the account.
OF_ITS_STACK = {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:UntagResource"}
THROUGH_THE_DATA = {"kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"}


class Policy(unittest.TestCase):
    def setUp(self) -> None:
        text = (support.ROOT / "docs" / "deployer-policy.json").read_text(encoding="utf-8")
        self.statements: List[Dict[str, Any]] = json.loads(text)["Statement"]

    def of(self, action: str) -> List[Dict[str, Any]]:
        return [statement for statement in self.statements if action in statement["Action"]]

    def test_a_key_is_reached_as_the_stacks_own_or_through_the_data(self) -> None:
        for action in OF_ITS_STACK:
            (statement,) = self.of(action)
            self.assertEqual(statement["Condition"], {"StringLike": {"aws:ResourceTag/aws:cloudformation:stack-name": "holdpoint-*"}}, action)
        for action in THROUGH_THE_DATA:
            (statement,) = self.of(action)
            self.assertEqual(statement["Condition"], {"StringLike": {"kms:ViaService": ["dynamodb.*.amazonaws.com", "s3.*.amazonaws.com"]}}, action)
        # What has no condition reads, or makes a new key.
        free = {action for statement in self.statements if "Condition" not in statement for action in statement["Action"] if action.startswith("kms:")}
        reads = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"}
        self.assertEqual(free, {"kms:CreateKey", "kms:EnableKeyRotation", "kms:TagResource", *reads})

    def test_a_network_and_a_first_domain_name_can_be_used(self) -> None:
        for action in ("DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"):
            self.assertEqual([statement["Resource"] for statement in self.of(f"ec2:{action}")], ["*"])
        (statement,) = self.of("iam:CreateServiceLinkedRole")
        self.assertEqual(statement["Condition"], {"StringEquals": {"iam:AWSServiceName": "ops.apigateway.amazonaws.com"}})

    def test_the_tags_that_a_stage_is_known_by_can_be_set(self) -> None:
        # CloudFormation gives the data stack's tags to its table, its buckets and its key.
        for action in ("dynamodb:TagResource", "s3:PutBucketTagging", "kms:TagResource"):
            self.assertTrue(self.of(action), action)
