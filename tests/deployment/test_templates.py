"""That the two templates are read right: against a YAML reader, and against SAM's transform. Needs the SAM CLI's and the AWS
CLI's Python packages."""

from __future__ import annotations

import unittest
from typing import Any, Dict

import support
from deployment import templates
from deployment.common import Failed

try:
    from awscli.customizations.cloudformation import yamlhelper
    from samcli.lib.translate.sam_template_validator import SamTemplateValidator
    from samcli.yamlhelper import yaml_parse
except ImportError:
    yaml_parse = None

VALUES = {
    "TableName": "holdpoint",
    "TableStreamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/holdpoint/stream/2026",
    "BucketName": "documents",
    "FailedRecordsBucketName": "failed",
    "EventBusName": "default",
}


class NoManagedPolicies:
    def load(self) -> Dict[str, str]:
        return {}


def versions(text: str) -> Dict[str, str]:
    """The logical id of each function's version, as CloudFormation gets it."""
    template = yaml_parse(text.replace("CodeUri: ./", "CodeUri: s3://bucket/"))
    values: Dict[str, Any] = {**VALUES, "CorsOrigins": ["https://one.example"]}
    validator = SamTemplateValidator(template, NoManagedPolicies(), region="eu-west-1", parameter_overrides=values)
    resources = yaml_parse(validator.get_translated_template_if_valid())["Resources"]
    return {
        resource["Properties"]["FunctionName"]["Ref"]: name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"
    }


@unittest.skipIf(yaml_parse is None, "needs aws-sam-cli and awscli")
class Templates(unittest.TestCase):
    def test_the_parameters_are_those_that_a_yaml_reader_sees(self) -> None:
        for name in ("template.yaml", "data.yaml"):
            text = (support.ROOT / name).read_text(encoding="utf-8")
            expected = yaml_parse(text)["Parameters"]
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
        original, packaged = yaml_parse(text), yaml_parse(templates.packaged(text, "1.2.3", x86=False))
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

    def test_new_code_makes_a_new_version_of_that_function_alone(self) -> None:
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1", x86=False)
        one, other = versions(text), versions(text.replace("./claim.zip", "./claim2.zip"))
        self.assertEqual([function for function in one if one[function] != other[function]], ["ClaimFunction"])

    def test_a_fingerprint_survives_the_aws_clis_writing_of_the_template(self) -> None:
        for written in ("HOLDPOINT_PARAMETERS: p-none", '"HOLDPOINT_PARAMETERS": "p-none"', "HOLDPOINT_PARAMETERS: p-0123456789abcdef"):
            self.assertRegex(templates.with_fingerprint(written, VALUES), r'^"?HOLDPOINT_PARAMETERS"?: "?p-[0-9a-f]{16}"?$')

    def test_the_aws_cli_writes_the_template_anew_without_changing_it(self) -> None:
        # As `aws cloudformation package` does, once it has put the code's places in.
        text = templates.packaged((support.ROOT / "template.yaml").read_text(encoding="utf-8"), "1.2.3", x86=False)
        written = yamlhelper.yaml_dump(yamlhelper.yaml_parse(text))
        self.assertEqual(yaml_parse(written), yaml_parse(text))
        self.assertEqual(templates.version_of(written), "1.2.3")
        self.assertRegex(templates.with_fingerprint(written, VALUES), r"HOLDPOINT_PARAMETERS: p-[0-9a-f]{16}\n")

    def test_a_line_that_cannot_be_read_is_an_error(self) -> None:
        with self.assertRaisesRegex(Failed, "cannot read"):
            templates.parameters("Parameters:\n  One:\n    AllowedValues:\n      - a\n")
