"""What a stage is: its name, its settings file, and the parameters of its two stacks."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Optional

from deployment.common import Failed
from deployment.templates import Parameter, Rule, check

# What the app takes from the data stack's outputs.
DATA_NAMES = ("TableName", "TableStreamArn", "BucketName", "FailedRecordsBucketName")
# What CloudFormation leaves of a stack's name in the names that it makes up for functions. "holdpoint-" and a stage's name are no longer.
APP_STACK = 25
SECTIONS = {"deploy": ("region", "profile", "organization", "artifacts_bucket", "app_stack"), "data": None, "app": None}


@dataclass
class Settings:
    """The settings of a stage: its file's, and what the command line says besides."""

    stage: str
    file: Path
    deploy: Dict[str, str] = field(default_factory=dict)
    data: Dict[str, str] = field(default_factory=dict)
    app: Dict[str, str] = field(default_factory=dict)

    @property
    def data_stack(self) -> str:
        """The stack of the table and the buckets."""
        return f"holdpoint-{self.stage}-data"

    @property
    def app_stack(self) -> str:
        """The stack of the functions and the API."""
        return self.deploy.get("app_stack") or f"holdpoint-{self.stage}"

    @property
    def artifacts_stack(self) -> str:
        """The stack of the bucket of releases."""
        return f"holdpoint-{self.stage}-artifacts"

    @property
    def organization(self) -> str:
        """Whom the first key belongs to."""
        return self.deploy.get("organization") or "org_main"


def stage_name(text: str) -> str:
    """A stage's name, which names its stacks."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,14}", text) or text.endswith("-"):
        raise Failed(f"{text!r} is no stage's name: 1 to 15 of a-z, 0-9 and -, a letter first, such as prod or eu-test.")
    if re.search(r"(^|-)(data|artifacts)$", text):
        raise Failed(f"a stage must not be called {text!r}: its stack would have the name of another stage's data or artifacts.")
    return text


def is_organization(text: str) -> bool:
    """Whether the product takes it for an organization's id."""
    return re.fullmatch(r"[A-Za-z0-9._~!$&'()*+,;=:@-]{1,256}", text) is not None and text not in (".", "..")


def load(stage: str, file: Optional[Path], root: Path) -> Settings:
    """Reads a stage's settings. A stage without a file has all defaults."""
    settings = Settings(stage_name(stage), file or root / "stages" / f"{stage}.ini")
    if not settings.file.is_file():
        if file:
            raise Failed(f"{file} is not there.")
        return settings
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(settings.file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Failed(f"{settings.file} is not UTF-8: save it as that.") from error
    except configparser.Error as error:
        raise Failed(f"{settings.file} cannot be read: {str(error).splitlines()[0]}") from error
    for section in parser.sections():
        if section not in SECTIONS:
            raise Failed(f"{settings.file} has a section [{section}]; there are {', '.join(f'[{one}]' for one in SECTIONS)}.")
        values = dict(parser.items(section))
        known = SECTIONS[section]
        unknown = [name for name in values if known is not None and name not in known]
        if known is not None and unknown:
            raise Failed(f"{settings.file}: [{section}] has no setting {', '.join(unknown)}; it has {', '.join(known)}.")
        for name, value in values.items():
            # Both would become part of the value.
            if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
                raise Failed(f"{settings.file}: {name} is in quotes, which would be part of the value: write {name} = {value[1:-1]}")
            if re.search(r"(^|\s)[#;]", value):
                raise Failed(f"{settings.file}: {name} has a comment behind its value, which would be part of it: give the comment a line of its own.")
        getattr(settings, section).update(values)
    if not is_organization(settings.organization):
        raise Failed(f"{settings.file}: {settings.organization!r} is no organization's id, such as org_main.")
    app_stack = settings.app_stack
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", app_stack):
        raise Failed(f"{settings.file}: {app_stack!r} is no stack's name.")
    if len(app_stack) > APP_STACK:
        raise Failed(
            f"{settings.file}: {app_stack} has {len(app_stack)} characters. CloudFormation shortens a stack's name to {APP_STACK} in the functions' names, "
            "and the roles and log groups would then be of other names than the template says."
        )
    return settings


def add_overrides(
    settings: Settings, given: List[str], data: Mapping[str, Parameter], app: Mapping[str, Parameter], only: Optional[str] = None
) -> None:
    """Adds the command line's --parameter K=V. A name that both templates have is written data.K or app.K. `only` is the stack that is deployed,
    if it is one alone: a parameter of the other would be given for nothing."""
    elsewhere = []
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise Failed(f"--parameter {one}: write NAME=VALUE.")
        where, dot, bare = name.partition(".")
        if not (dot and where in ("data", "app")):
            bare = name
            if name in data and name in app:
                raise Failed(f"--parameter {name}: both stacks have it. Write data.{name}=… for the data's, or app.{name}=… for the app's.")
            if name not in data and name not in app:
                raise Failed(
                    f"--parameter {name}: no stack has it. The data stack has {', '.join(data)}. "
                    f"The app has {', '.join(one for one in app if one not in DATA_NAMES)}."
                )
            where = "data" if name in data else "app"
        getattr(settings, where)[bare] = value
        if only is not None and where != only:
            elsewhere.append(bare)
    if elsewhere:
        other = "data stack" if only == "app" else "app's stack"
        raise Failed(f"--{only}-only leaves the {other} as it is, and {', '.join(elsewhere)} {'is' if len(elsewhere) == 1 else 'are'} of the {other}.")


def validate(settings: Settings, data: Mapping[str, Parameter], app: Mapping[str, Parameter]) -> None:
    """Checks all that can be checked without AWS."""
    where = str(settings.file.name) if settings.file.is_file() else "the command line"
    check(settings.data, data, f"{where}, data stack")
    check(settings.app, app, f"{where}, app")
    table, stream = settings.app.get("TableName"), settings.app.get("TableStreamArn")
    if bool(table) != bool(stream) or (table and stream and f":table/{table}/stream/" not in stream):
        raise Failed("the app's TableName and TableStreamArn belong together: give both, the stream's ARN being that table's, or none.")


def broken_rules(values: Mapping[str, str], rules: List[Rule]) -> List[str]:
    """What CloudFormation, or a service behind it, would refuse of the app's values as a whole, with what is deployed."""
    broken = [rule.says for rule in rules if rule.is_broken(values)]
    if bool(values.get("VpcSubnetIds")) != bool(values.get("VpcSecurityGroupIds")):
        broken.append("VpcSubnetIds and VpcSecurityGroupIds belong together: give both or none.")
    return broken


def merged(known: Mapping[str, Parameter], wanted: Mapping[str, str], deployed: Mapping[str, str]) -> Dict[str, str]:
    """The value of each parameter: what is wanted, or what is deployed, or the default. Each is given, so that all of them are known, but for a deployed
    secret."""
    values = {}
    for name, parameter in known.items():
        if name in wanted:
            values[name] = wanted[name]
        elif name in deployed and parameter.secret:
            continue  # what is not given stays, and what CloudFormation says of it is asterisks
        elif name in deployed and not parameter.refused(deployed[name]):
            values[name] = deployed[name]
        elif parameter.default is not None:
            values[name] = parameter.default
        else:
            raise Failed(f"the parameter {name} has no value.")
    return values
