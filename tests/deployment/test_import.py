"""The upgrade from the one-stack template: what data.yaml changes of an imported table and bucket is changed in place, by CloudFormation's own
schemas, which cfn-lint has. tests/template/deployment.rs has the list of what differs."""

from __future__ import annotations

import unittest
from typing import Any, Set

import support

try:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
except ImportError:
    PROVIDER_SCHEMA_MANAGER = None


def read(name: str) -> Any:
    return support.yaml_parse((support.ROOT / name).read_text(encoding="utf-8"))


@unittest.skipIf(PROVIDER_SCHEMA_MANAGER is None, "needs cfn-lint")
class Import(unittest.TestCase):
    def replaced_by(self, kind: str) -> Set[str]:
        """The properties whose change makes another resource, or may."""
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind).schema
        paths = [*schema["createOnlyProperties"], *(schema.get("conditionalCreateOnlyProperties") or [])]
        return {path.split("/")[2] for path in paths}

    def test_nothing_that_changes_makes_another_table_or_bucket(self) -> None:
        data, imported = read("data.yaml")["Resources"], read("scripts/deployment/import/2-table-and-bucket.yaml")["Resources"]
        for name, known in (("Table", {"TableName", "KeySchema"}), ("Bucket", {"BucketName"})):
            kind = data[name]["Type"]
            self.assertLessEqual(known, self.replaced_by(kind))
            before, after = imported[name]["Properties"], data[name]["Properties"]
            changed = {one for one in {**before, **after} if before.get(one) != after.get(one)}
            self.assertTrue(changed)
            self.assertEqual(changed & self.replaced_by(kind), set(), name)
            # And what names it for the import is what CloudFormation asks for.
            (identifier,) = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind).schema["primaryIdentifier"]
            page = (support.ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
            self.assertIn(f'"LogicalResourceId": "{name}", "ResourceIdentifier": {{"{identifier.split("/")[2]}"', page)
