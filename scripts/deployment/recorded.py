"""Which app, organization and bucket of releases belong to a stage, as tags of its data stack.

They are in the stage's settings file, which is of a checkout. Whoever deploys from another folder, a release that was just unpacked, say,
may lack it. The defaults would then make a second app on the same table, and a key for another organization.
"""

from __future__ import annotations

from typing import Dict, Optional
from urllib.parse import quote

from deployment.aws import Stack
from deployment.common import Failed
from deployment.settings import Settings

# The setting that each tag has.
TAGS = {"holdpoint:app-stack": "app_stack", "holdpoint:organization": "organization", "holdpoint:artifacts-bucket": "artifacts_bucket"}
# What a tag's value has at most.
LONGEST = 256


def tags(settings: Settings, stack: Optional[Stack] = None) -> Dict[str, str]:
    """The tags of the data stack: these and others that it has, since CloudFormation takes away what is not given again.

    A tag has fewer signs than an organization's id may have, so the others are written as =XX; and it cannot be empty.
    """
    values = {"app_stack": settings.app_stack, "organization": settings.organization, "artifacts_bucket": settings.deploy.get("artifacts_bucket", "")}
    ours = {tag: quote(values[name], safe="-._:/@+").replace("%", "=")[:LONGEST] for tag, name in TAGS.items()}
    others = {tag: value for tag, value in (stack.tags if stack else {}).items() if tag not in TAGS and not tag.startswith("aws:")}
    return {**others, **{tag: value for tag, value in ours.items() if value}}


def refuse_others(settings: Settings, data: Optional[Stack], region: str) -> None:
    """Refuses settings that are others than the stage was deployed with, or none at all where nothing says what it was deployed with."""
    if data is None:
        return
    wanted = tags(settings)
    if not any(tag in data.tags for tag in TAGS):
        if settings.file.is_file():
            return
        raise Failed(
            f"the stack {data.name} is there in {region}, and {settings.file} is not: it would say which app's stack and which organization belong "
            "to it. Get the stage's settings (--settings FILE); if it was deployed without any, add --other-settings to scripts/deploy."
        )
    differ = [
        f"{name} = {data.tags.get(tag, 'none')} and not {wanted.get(tag, 'none')}" for tag, name in TAGS.items() if data.tags.get(tag) != wanted.get(tag)
    ]
    if differ:
        where = settings.file if settings.file.is_file() else f"{settings.file}, which is not there"
        raise Failed(
            f"the stage {settings.stage} was deployed with {'; '.join(differ)}: others would make a second app on the same data, or keys for "
            f"another organization. Put that under [deploy] in {where}. If you want to change it, add --other-settings to a deployment of both stacks."
        )
