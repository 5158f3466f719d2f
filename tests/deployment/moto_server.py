"""moto's server, for the tests: python moto_server.py PORT

CloudFormation takes "true" for a boolean, as a parameter gives it. moto 5.2.5 keeps the string, and the product's SDK reads no table with one.

A stack that a change set creates or updates has no outputs in moto 5.2.5, since it reads them from the template that the stack began
with, which is empty. CloudFormation has them. `aws cloudformation deploy` uses change sets, so that is put right here.
"""

from __future__ import annotations

import sys
from typing import Any, Optional

from moto.cloudformation.models import CloudFormationBackend
from moto.dynamodb.models.table import Table
from moto.server import main

execute = CloudFormationBackend.execute_change_set


def execute_and_read_outputs(self: Any, change_set_name: str, stack_name: Optional[str] = None) -> None:
    """Executes a change set, and reads the outputs of the template that the stack has now."""
    execute(self, change_set_name, stack_name)
    named = [one for name, one in self.change_sets.items() if change_set_name in (name, one.change_set_name)]
    stack = self.stacks[named[0].stack_id]
    stack._parse_template()
    stack.output_map = stack._create_output_map()


CloudFormationBackend.execute_change_set = execute_and_read_outputs  # type: ignore[method-assign]

create_table = Table.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]


def create_table_with_booleans(cls: Any, resource_name: str, cloudformation_json: Any, *arguments: Any, **named: Any) -> Any:
    """Creates a table from a template, whose booleans may be strings."""
    properties = cloudformation_json["Properties"]
    properties["DeletionProtectionEnabled"] = str(properties.get("DeletionProtectionEnabled")).lower() == "true"
    return create_table(cls, resource_name, cloudformation_json, *arguments, **named)


Table.create_from_cloudformation_json = classmethod(create_table_with_booleans)  # type: ignore[method-assign,assignment]

if __name__ == "__main__":
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
