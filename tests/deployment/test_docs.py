"""Commands in docs/deploy.md that must fit the templates."""

from __future__ import annotations

import re
import unittest

import support


class Docs(unittest.TestCase):
    def test_a_limit_is_taken_away_of_the_table_and_of_each_index(self) -> None:
        page = (support.ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
        data = (support.ROOT / "data.yaml").read_text(encoding="utf-8")
        indexes = re.findall(r"- IndexName: (\S+)", data)
        self.assertEqual(len(indexes), 3)
        self.assertEqual(re.findall(r'"IndexName": "([a-z-]+)", "OnDemandThroughput": \{"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}', page), indexes)
        self.assertIn("--on-demand-throughput MaxReadRequestUnits=-1,MaxWriteRequestUnits=-1", page)
