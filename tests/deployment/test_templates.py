"""That the two templates are read right: against a YAML reader, and against SAM's transform. Needs the Python packages
aws-sam-translator, which the SAM CLI and cfn-lint bring along, and awscli."""

from __future__ import annotations

import os
import re
import unittest
from typing import Any, Dict, List, Set

import support
from deployment import templates
from deployment.common import Failed

try:
    from awscli.customizations.cloudformation import yamlhelper
    from samtranslator.translator.transform import transform
except ImportError:
    transform = None

VALUES = {
    "TableName": "holdpoint",
    "TableStreamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/holdpoint/stream/2026",
    "BucketName": "documents",
    "FailedRecordsBucketName": "failed",
    "EventBusName": "default",
}


def versions(text: str) -> Dict[str, str]:
    """The logical id of each function's version, as CloudFormation gets it."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    template = support.yaml_parse(text.replace("CodeUri: ./", "CodeUri: s3://bucket/"))
    resources = transform(template, {**VALUES, "CorsOrigins": ["https://one.example"]}, support.scripts_transform().NoManagedPolicies())["Resources"]
    return {
        resource["Properties"]["FunctionName"]["Ref"]: name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"
    }


def marker(text: str) -> str:
    """What all functions' environments have of the deployment."""
    found = re.findall(r"HOLDPOINT_PARAMETERS: (\S+)", text)
    assert len(found) == 1
    return str(found[0])


@unittest.skipIf(transform is None, "needs aws-sam-translator and awscli")
class Templates(unittest.TestCase):
    def test_the_parameters_are_those_that_a_yaml_reader_sees(self) -> None:
        for name in ("template.yaml", "data.yaml"):
            text = (support.ROOT / name).read_text(encoding="utf-8")
            expected = support.yaml_parse(text)["Parameters"]
            found = templates.parameters(text)
            self.assertEqual(list(found), list(expected))
            for parameter in found.values():
                real = expected[parameter.name]
                self.assertEqual(parameter.type, real["Type"])
                self.assertEqual(parameter.default, None if "Default" not in real else str(real["Default"]), parameter.name)
                self.assertEqual(list(parameter.allowed), [str(one) for one in real.get("AllowedValues", [])])
                self.assertEqual(parameter.pattern, real.get("AllowedPattern"))
                self.assertEqual(parameter.minimum, real.get("MinValue"))
                self.assertEqual(parameter.maximum, real.get("MaxValue"))
                self.assertEqual(parameter.max_length, real.get("MaxLength"))

    def test_each_default_is_allowed(self) -> None:
        for name in ("template.yaml", "data.yaml"):
            for parameter in templates.parameters((support.ROOT / name).read_text(encoding="utf-8")).values():
                if parameter.default is not None:
                    self.assertIsNone(parameter.problem(parameter.default))

    def test_a_packaged_template_says_what_the_template_says(self) -> None:
        text = (support.ROOT / "template.yaml").read_text(encoding="utf-8")
        original, packaged = support.yaml_parse(text), support.yaml_parse(templates.packaged(text, "1.2.3", x86=False))
        self.assertEqual(packaged.pop("Metadata"), {"HoldpointVersion": "1.2.3"})
        self.assertEqual(packaged["Globals"]["Function"]["Environment"]["Variables"].pop("HOLDPOINT_PARAMETERS"), "p-none")
        for resource in original["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = f"./{resource['Metadata']['BuildProperties']['Binary']}.zip"
                del resource["Metadata"]
        self.assertEqual(packaged, original)

    def test_other_values_of_parameters_make_new_versions_of_all_functions(self) -> None:
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1", x86=False)
        one = versions(templates.with_fingerprint(text, VALUES))
        other = versions(templates.with_fingerprint(text, {**VALUES, "TableName": "holdpoint-restored"}))
        self.assertEqual(len(one), len(templates.functions((support.ROOT / "template.yaml").read_text(encoding="utf-8"))))
        self.assertEqual([function for function in one if one[function] == other[function]], [])
        # What no function sees makes none: a new address for alarms is no release.
        self.assertEqual(versions(templates.with_fingerprint(text, {**VALUES, "AlarmEmail": "a@b.example", "Gradual": "false"})), one)

    def test_every_parameter_that_a_version_depends_on_is_in_the_digest(self) -> None:
        text = (support.ROOT / "template.yaml").read_text(encoding="utf-8")
        template = support.yaml_parse(text)
        apart = {"AutoPublishAlias", "DeploymentPreference", "Events", "EventInvokeConfig", "ReservedConcurrentExecutions", "Role"}
        functions = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
        parts: List[Any] = [{name: value for name, value in one.items() if name not in apart} for one in [template["Globals"]["Function"], *functions]]
        named: Set[str] = set()
        while parts:
            part = parts.pop()
            if isinstance(part, list):
                parts += part
            elif isinstance(part, dict):
                parts += part.values()
                if "Ref" in part:
                    named.add(part["Ref"])
                if "Condition" in part:
                    parts.append(template["Conditions"][part["Condition"]])
                if "Fn::If" in part:
                    parts.append(template["Conditions"][part["Fn::If"][0]])
                for inner in part.get("Fn::Sub", []) if isinstance(part.get("Fn::Sub"), list) else [part.get("Fn::Sub", "")]:
                    named.update(re.findall(r"\$\{(\w+)\}", inner) if isinstance(inner, str) else [])
        needed = named & set(template["Parameters"])
        for name in ("TableName", "EventBusName", "Monitoring", "PrivateReceivers", "Tracing", "UseFips", "VpcSubnetIds"):
            self.assertIn(name, needed)
        packaged = templates.packaged(text, "1", x86=False)
        for name in needed:
            one, other = (templates.with_fingerprint(packaged, {**VALUES, name: value}) for value in ("one", "other"))
            self.assertNotEqual(marker(one), marker(other), f"another {name} must make new versions")

    def test_new_code_makes_a_new_version_of_that_function_alone(self) -> None:
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1", x86=False).replace("CodeUri: ./", "CodeUri: s3://bucket/")
        changed = text.replace("bucket/claim.zip", "bucket/claim2.zip").replace('HoldpointVersion: "1"', 'HoldpointVersion: "2"')
        self.assertNotEqual(changed, text.replace("bucket/claim.zip", "bucket/claim2.zip"), "the version's name changed, too")
        one, other = (versions(templates.with_fingerprint(each, VALUES)) for each in (text, changed))
        self.assertEqual([function for function in one if one[function] != other[function]], ["ClaimFunction"])

    def test_each_new_version_has_something_new_to_publish(self) -> None:
        """Lambda publishes no version that equals the last one, and CloudFormation fails then."""
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1", x86=False).replace("CodeUri: ./", "CodeUri: s3://bucket/")
        self.assertIn("      ReservedConcurrentExecutions:", text)
        line = re.search(r"      ReservedConcurrentExecutions: .*\n", text)
        assert line is not None
        changes = {
            "another bucket for the code": text.replace("s3://bucket/", "s3://other/"),
            "a property that is no part of a version": text.replace(line.group(), "      ReservedConcurrentExecutions: 7\n"),
        }
        for what, changed in changes.items():
            with self.subTest(what):
                self.assertNotEqual(versions(changed), versions(text), "SAM makes new versions of this")
                self.assertNotEqual(marker(templates.with_fingerprint(changed, VALUES)), marker(templates.with_fingerprint(text, VALUES)))

    def test_a_release_that_was_taken_back_can_be_deployed_again(self) -> None:
        """Its versions are still there, so they must be other ones: in what CloudFormation calls them, and in what Lambda publishes."""
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1", x86=False)
        before = templates.with_fingerprint(text, VALUES)
        self.assertEqual(templates.again(before, "UPDATE_COMPLETE"), "")
        tries = []
        for _ in range(2):
            # Each was taken back: what is deployed is still what was before.
            tries.append(templates.with_fingerprint(text, VALUES, templates.again(before, "UPDATE_ROLLBACK_COMPLETE")))
        self.assertEqual(len({marker(one) for one in [before, *tries]}), 3)
        first, second = versions(tries[0]), versions(tries[1])
        self.assertEqual([function for function in first if first[function] == second[function]], [])
        # The next deployment of the same keeps the versions that it has.
        self.assertEqual(templates.with_fingerprint(text, VALUES, templates.again(tries[1], "UPDATE_COMPLETE")), tries[1])
        self.assertEqual(templates.without_fingerprint(tries[1]), text)

    def test_a_fingerprint_survives_the_aws_clis_writing_of_the_template(self) -> None:
        for written in ("HOLDPOINT_PARAMETERS: p-none", '"HOLDPOINT_PARAMETERS": "p-none"', "HOLDPOINT_PARAMETERS: p-0123456789abcdef"):
            self.assertRegex(templates.with_fingerprint(written, VALUES), r'^"?HOLDPOINT_PARAMETERS"?: "?p-[0-9a-f]{16}"?$')

    def test_the_aws_cli_writes_the_template_anew_without_changing_it(self) -> None:
        # As `aws cloudformation package` does, once it has put the code's places in.
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1.2.3", x86=False)
        written = yamlhelper.yaml_dump(yamlhelper.yaml_parse(text))
        self.assertEqual(support.yaml_parse(written), support.yaml_parse(text))
        self.assertEqual(templates.version_of(written), "1.2.3")
        self.assertRegex(templates.with_fingerprint(written, VALUES), r"HOLDPOINT_PARAMETERS: p-[0-9a-f]{16}\n")

    def test_a_line_that_cannot_be_read_is_an_error(self) -> None:
        with self.assertRaisesRegex(Failed, "cannot read"):
            templates.parameters("Parameters:\n  One:\n    AllowedValues:\n      - a\n")
