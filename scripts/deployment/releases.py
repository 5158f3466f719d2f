"""The releases of a stage: what the app's stack was deployed with, each as one object in the artifacts bucket.

CloudFormation keeps the present template of a stack, and none before it. So each release is written down after it was deployed: the
template as it was uploaded, which names the code in the same bucket, and its parameters. docs/decisions/deployment.md says why so.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Dict, List, Optional, Tuple

from deployment import templates
from deployment.aws import Aws
from deployment.settings import DATA_NAMES


@dataclass(frozen=True)
class Release:
    """One release of the app."""

    number: int
    version: str
    deployed_at: str
    template: str
    parameters: Dict[str, str]
    # The earlier release that this one is again: a rollback's, or one that was deployed once more.
    rollback_to: Optional[int] = None

    @property
    def origin(self) -> int:
        """The number of the release that this is, or is a copy of."""
        return self.number if self.rollback_to is None else self.rollback_to

    def essence(self) -> Tuple[str, Dict[str, str]]:
        """What makes two releases the same one: not how gradually it was deployed, and not which table and buckets it serves."""
        apart = ("Gradual", *DATA_NAMES)
        return templates.without_fingerprint(self.template), {name: value for name, value in self.parameters.items() if name not in apart}

    def line(self) -> str:
        """The release in one line, for a list."""
        back = f", as release {self.rollback_to}" if self.rollback_to is not None else ""
        return f"{self.number:>6}  {self.deployed_at}  {self.version}{back}"


def prefix(stack: str) -> str:
    """Where a stack's releases are."""
    return f"{stack}/releases/"


def read(aws: Aws, bucket: str, stack: str, newest: Optional[int] = 20) -> List[Release]:
    """The newest releases, or all of them, oldest first."""
    keys = aws.keys(bucket, prefix(stack))[-newest if newest else 0 :]
    # Several at a time: each is a run of the command line, of about a second.
    with ThreadPoolExecutor(max_workers=5) as pool:
        return [Release(**json.loads(text)) for text in pool.map(lambda key: aws.get_text(bucket, key), keys)]


def one(aws: Aws, bucket: str, stack: str, number: int) -> Optional[Release]:
    """The release of a number, however old."""
    key = f"{prefix(stack)}{number:06}.json"
    return Release(**json.loads(aws.get_text(bucket, key))) if key in aws.keys(bucket, key) else None


def remember(aws: Aws, bucket: str, stack: str, rollback_to: Optional[int] = None, begun: Optional[int] = None) -> Release:
    """Writes down what is deployed now, unless the last release says the same; returns that release.

    It is called before a deployment, too: somebody may have used `sam deploy` since. And a rollback may have been interrupted, which
    CloudFormation then ended by itself. So a release that is an earlier one again is taken for it, whoever deployed it.
    `begun` is the release that a rollback was begun to: it may be older than those that are looked at.
    """
    found = aws.stack(stack)
    assert found is not None, "it was just deployed"
    template = aws.template(stack)
    last = read(aws, bucket, stack, newest=1)
    if last and rollback_to is None and (last[0].template, last[0].parameters) == (template, found.parameters):
        return last[0]
    release = Release(
        number=(last[0].number if last else 0) + 1,
        version=templates.version_of(template),
        deployed_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        template=template,
        parameters=found.parameters,
        rollback_to=rollback_to,
    )
    if last and rollback_to is None:
        target = one(aws, bucket, stack, begun) if begun is not None else None
        looked_at = ([target] if target else []) + read(aws, bucket, stack)
        same = [earlier.origin for earlier in looked_at if earlier.essence() == release.essence()]
        release = replace(release, rollback_to=same[-1] if same else None)
    if not aws.put_new_text(bucket, f"{prefix(stack)}{release.number:06}.json", json.dumps(asdict(release), indent=1)):
        return remember(aws, bucket, stack, rollback_to, begun)  # another deployment has just taken this number
    return release


def begin_rollback(aws: Aws, bucket: str, stack: str, target: Optional[int]) -> None:
    """Writes down that a rollback to a release begins, or that none is under way. CloudFormation does not say what an update is for."""
    aws.put_text(bucket, f"{stack}/rollback.json", json.dumps({} if target is None else {"to": target}))


def begun_rollback(aws: Aws, bucket: str, stack: str) -> Optional[int]:
    """The release that a rollback goes back to which has begun and not ended, as far as the scripts know."""
    key = f"{stack}/rollback.json"
    if key not in aws.keys(bucket, key):
        return None
    target: Optional[int] = json.loads(aws.get_text(bucket, key)).get("to")
    return target


def end_rollback(aws: Aws, bucket: str, stack: str) -> Optional[Release]:
    """Looks how a rollback ended that was interrupted, if one was. Returns its release if it did what it was for.

    Called before every deployment, since the next update under way is then no rollback.
    """
    target = begun_rollback(aws, bucket, stack)
    if target is None:
        return None
    now = remember(aws, bucket, stack, begun=target)
    begin_rollback(aws, bucket, stack, None)
    return now if now.rollback_to == target else None


def before(releases: List[Release]) -> Optional[Release]:
    """The release to go back to from the last one: what ran before it. After a rollback, what ran before the release that it brought
    back, so that two rollbacks go back two releases, and not forth to the one that was bad."""
    if not releases:
        return None
    earlier = [one for one in releases if one.number < releases[-1].origin]
    return earlier[-1] if earlier else None
