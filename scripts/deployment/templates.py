"""The two templates, as text.

Python's standard library reads no YAML. What is needed of the templates is little and regular: their parameters, and the lines that
say where a function's code is. So both are read line by line, and a line of another shape is an error and not a guess.
tests/deployment/test_templates.py compares what is read with what a YAML reader sees.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Tuple

from deployment.common import Failed

CODE_URI = re.compile(r"^(\s+CodeUri: )functions/([a-z0-9-]+)$")
BUILD_METADATA = re.compile(
    r"^    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties:\n        Binary: ([a-z0-9-]+)\n", re.MULTILINE
)
ARCHITECTURES = "    Architectures: [arm64]\n"
# In all functions' environment. SAM makes a new version of a function when its code or environment changes as the template says it, but
# not when the value of a parameter does that the environment refers to (aws/serverless-application-model #3820): the alias would keep
# the version with the old value. So scripts/deploy writes a digest of the values here.
#
# The other way round, SAM makes a new version of a function whose text changed in what is no part of a version, such as its reserved
# concurrency or the bucket of its code. Lambda has nothing new to publish then, and CloudFormation fails. So the digest is of the template,
# too, but for the code's digests: new code is new to Lambda by itself.
TABLE = "        HOLDPOINT_TABLE: !Ref TableName\n"
FINGERPRINT = re.compile(r"(HOLDPOINT_PARAMETERS[\"']?: [\"']?)p-[0-9a-z]+(?:-([0-9a-z]+))?")
CODE_DIGEST = re.compile(r"(CodeUri[\"']?: [\"']?(?:s3://[^/\s]+/)?)[^\s\"',]+")
VERSION = re.compile(r"""(HoldpointVersion["']?: ["']?)[^"'\s,}]+""")
# Parameters that no function's version depends on.
OUTSIDE_FUNCTIONS = {
    "AlarmEmail", "CertificateArn", "CorsOrigins", "DefaultEndpoint", "DomainName", "Gradual", "LogRetentionDays", "ReserveConcurrency",
    "SweepRate", "TableStreamArn", "ThrottlingBurst", "ThrottlingRate",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a template."""

    name: str
    type: str
    default: Optional[str] = None
    allowed: Tuple[str, ...] = ()
    pattern: Optional[str] = None
    minimum: Optional[float] = None
    maximum: Optional[float] = None
    max_length: Optional[int] = None
    # CloudFormation tells nobody its value.
    secret: bool = False

    def problem(self, value: str) -> Optional[str]:
        """Why CloudFormation would refuse the value, if it would."""
        if self.allowed and value not in self.allowed:
            return f"{self.name} must be one of {', '.join(self.allowed)}; it is {value!r}"
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return f"{self.name} must match {self.pattern}; it is {value!r}"
        if self.max_length is not None and len(value) > self.max_length:
            return f"{self.name} must have at most {self.max_length} characters; it has {len(value)}"
        if self.type == "Number":
            try:
                number = float(value)
            except ValueError:
                return f"{self.name} must be a number; it is {value!r}"
            if (self.minimum is not None and number < self.minimum) or (self.maximum is not None and number > self.maximum):
                low = "" if self.minimum is None else f" at least {self.minimum:g}"
                high = "" if self.maximum is None else f" at most {self.maximum:g}"
                return f"{self.name} must be{low}{high}; it is {value}"
        return None


def scalar(text: str) -> str:
    """A YAML scalar of one line."""
    text = text.strip()
    if text.startswith('"'):
        return str(json.loads(text))
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return text.split(" #", 1)[0].rstrip()


def section(text: str, name: str) -> List[str]:
    """The lines of a top-level section, without comments and empty lines."""
    lines: List[str] = []
    within = False
    for line in text.splitlines():
        if line and line[0] not in " #":
            within = line.rstrip() == f"{name}:"
        elif within and line.strip() and not line.lstrip().startswith("#"):
            lines.append(line.rstrip())
    return lines


def parameters(text: str) -> Dict[str, Parameter]:
    """The parameters of a template, by name, in its order."""
    raw: Dict[str, Dict[str, str]] = {}
    current = ""
    for line in section(text, "Parameters"):
        begins, says = re.fullmatch(r"  ([A-Za-z0-9]+):", line), re.fullmatch(r"    ([A-Za-z]+): (.+)", line)
        if begins:
            current = begins.group(1)
            raw[current] = {}
        elif says and current:
            raw[current][says.group(1)] = says.group(2)
        else:
            raise Failed(f"the template's parameters have a line that this script cannot read: {line!r}")
    found = {}
    for name, says_of in raw.items():
        allowed = says_of.get("AllowedValues", "").strip("[]")
        number = {key: float(says_of[key]) for key in ("MinValue", "MaxValue") if key in says_of}
        found[name] = Parameter(
            name=name,
            type=says_of.get("Type", "String"),
            default=scalar(says_of["Default"]) if "Default" in says_of else None,
            allowed=tuple(scalar(one) for one in allowed.split(",")) if allowed else (),
            pattern=scalar(says_of["AllowedPattern"]) if "AllowedPattern" in says_of else None,
            minimum=number.get("MinValue"),
            maximum=number.get("MaxValue"),
            max_length=int(says_of["MaxLength"]) if "MaxLength" in says_of else None,
            secret=says_of.get("NoEcho") == "true",
        )
    return found


def functions(text: str) -> List[str]:
    """The functions' names, which are their binaries' and folders': from each CodeUri."""
    names = [match.group(2) for match in map(CODE_URI.match, text.splitlines()) if match]
    binaries = BUILD_METADATA.findall(text)
    if not names or names != binaries:
        raise Failed("template.yaml: each function needs BuildProperties with a Binary, and CodeUri: functions/BINARY")
    return names


def packaged(text: str, version: str, x86: bool) -> str:
    """The app's template for dist/: code from the zips beside it, nothing about building, and the release's name."""
    functions(text)
    text = BUILD_METADATA.sub("", text)
    text = "".join(CODE_URI.sub(r"\1./\2.zip", line) for line in re.split(r"(?<=\n)", text))
    if text.count(ARCHITECTURES) != 1:
        raise Failed("template.yaml: `Architectures: [arm64]` must stand once, under Globals")
    if text.count(TABLE) != 1:
        raise Failed("template.yaml: HOLDPOINT_TABLE must stand once, in the environment of all functions")
    text = text.replace(TABLE, f"{TABLE}        HOLDPOINT_PARAMETERS: p-none\n")
    if x86:
        text = text.replace(ARCHITECTURES, ARCHITECTURES.replace("arm64", "x86_64"))
    return text.rstrip("\n") + f"\n\n# Written by scripts/package.\nMetadata:\n  HoldpointVersion: {json.dumps(version)}\n"


def with_fingerprint(text: str, values: Mapping[str, str], again: str = "") -> str:
    """A packaged template, with a digest of the parameters' values, and of itself, in the functions' environment."""
    told = {name: value for name, value in values.items() if name not in OUTSIDE_FUNCTIONS}
    itself = VERSION.sub(r"\1", CODE_DIGEST.sub(r"\1", without_fingerprint(text)))
    digest = hashlib.sha256(json.dumps([told, itself], sort_keys=True).encode()).hexdigest()[:16]
    return FINGERPRINT.sub(rf"\g<1>p-{digest}{'-' if again else ''}{again}", text)


def again(deployed: str, status: str) -> str:
    """What tells the versions of a deployment from those that one before it left behind, when CloudFormation took that back.

    Versions are retained, so what the failed deployment published is still there, and Lambda publishes nothing that equals the last
    version of a function. Chance and not a number, since CloudFormation forgets the number of what it took back. It stays from then on.
    """
    if status == "UPDATE_ROLLBACK_COMPLETE":
        return secrets.token_hex(4)
    match = FINGERPRINT.search(deployed)
    return (match.group(2) if match else None) or ""


def without_fingerprint(text: str) -> str:
    """A packaged template, as it was before a deployment wrote its digest into it."""
    return FINGERPRINT.sub(r"\g<1>p-none", text)


def version_of(text: str) -> str:
    """The release that a packaged template names. The AWS CLI may have written it anew, as YAML or as JSON."""
    match = re.search(r"""HoldpointVersion["']?: ["']?([^"'\s,}]+)""", text)
    return match.group(1) if match else "not named"


def check(values: Mapping[str, str], known: Mapping[str, Parameter], where: str) -> None:
    """All values must be of known parameters and allowed; all that is wrong is said at once."""
    problems = []
    unknown = [name for name in values if name not in known]
    if unknown:
        problems.append(f"{where} has no parameter {', '.join(unknown)}; it has {', '.join(known)}")
    for name, value in values.items():
        problem = known[name].problem(value) if name in known else None
        if problem:
            problems.append(f"{where}: {problem}")
    if problems:
        raise Failed("\n        ".join(problems))
