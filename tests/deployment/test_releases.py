"""Which release a rollback goes back to."""

from __future__ import annotations

import unittest
from typing import Dict, List, Optional

import support  # noqa: F401 (it makes scripts/ importable)
from deployment import releases
from deployment.aws import Stack


class Memory:
    """A stack and a bucket, as releases.py asks for them."""

    def __init__(self) -> None:
        self.objects: Dict[str, str] = {}
        self.deployed = ""
        self.parameters: Dict[str, str] = {}
        # At which write another deployment is quicker.
        self.attempts, self.other_at = 0, 0

    def stack(self, name: str) -> Stack:
        return Stack(name, "UPDATE_COMPLETE", parameters=dict(self.parameters))

    def template(self, stack: str) -> str:
        return self.deployed

    def keys(self, bucket: str, prefix: str) -> List[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def get_text(self, bucket: str, key: str) -> str:
        return self.objects[key]

    def put_new_text(self, bucket: str, key: str, text: str) -> bool:
        self.attempts += 1
        if self.attempts == self.other_at:
            self.objects[key] = text.replace("HoldpointVersion: 2", "HoldpointVersion: other").replace('"version": "2"', '"version": "other"')
        if key in self.objects:
            return False
        self.objects[key] = text
        return True

    def put_text(self, bucket: str, key: str, text: str) -> None:
        self.objects[key] = text


class Releases(unittest.TestCase):
    def setUp(self) -> None:
        self.aws = Memory()

    def deploy(self, version: str, rollback_to: Optional[int] = None, **parameters: str) -> releases.Release:
        self.aws.deployed, self.aws.parameters = f"HoldpointVersion: {version}", parameters
        return releases.remember(self.aws, "bucket", "it", rollback_to)  # type: ignore[arg-type]

    def known(self) -> List[releases.Release]:
        return releases.read(self.aws, "bucket", "it")  # type: ignore[arg-type]

    def back(self) -> Optional[str]:
        target = releases.before(self.known())
        if target is not None:
            self.deploy(target.version, rollback_to=target.origin, Gradual="false", **{})
        return target.version if target else None

    def test_each_rollback_goes_back_one_more(self) -> None:
        for version in ("1", "2", "3"):
            self.deploy(version)
        self.assertEqual([self.back() for _ in range(3)], ["2", "1", None])
        self.deploy("4")
        self.assertEqual(self.back(), "1", "what ran before it, and not the 3 that was taken back")
        self.assertEqual(self.back(), None)

    def test_a_release_that_is_an_earlier_one_again_is_taken_for_it_whoever_deployed_it(self) -> None:
        for version in ("1", "2", "3"):
            self.deploy(version, Gradual="true", TableName="one", Monitoring="full")
        # A rollback whose script was gone before it could say so.
        again = self.deploy("2", Gradual="false", TableName="restored", Monitoring="full")
        self.assertEqual((again.number, again.origin), (4, 2))
        self.assertEqual(self.back(), "1", "and not the 3 that was taken back")
        # Another value of a parameter is another release.
        self.assertEqual(self.deploy("2", Gradual="false", TableName="restored", Monitoring="minimal").origin, 6)

    def test_the_same_release_again_is_written_down_once(self) -> None:
        self.assertEqual(self.deploy("1", Monitoring="full").number, 1)
        self.assertEqual(self.deploy("1", Monitoring="full").number, 1)
        self.assertEqual(self.deploy("1", Monitoring="minimal").number, 2)
        self.assertEqual(self.known()[0].parameters, {"Monitoring": "full"})

    def test_two_deployments_at_a_time_do_not_overwrite_each_others_release(self) -> None:
        self.deploy("1")
        self.aws.other_at = 2
        self.assertEqual(self.deploy("2").number, 3)
        self.assertEqual([one.version for one in self.known()], ["1", "other", "2"])

    def test_what_was_deployed_without_these_scripts_is_written_down(self) -> None:
        self.deploy("1")
        self.aws.deployed = "Resources: {}"
        self.assertEqual(releases.remember(self.aws, "bucket", "it").version, "not named")  # type: ignore[arg-type]
        self.assertEqual(len(self.known()), 2)
