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
from typing import Any, Dict, List, Mapping, Optional, Tuple

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
    "AlarmEmail", "CertificateArn", "CorsOrigins", "DefaultEndpoint", "Gradual", "LogRetentionDays", "ReserveConcurrency",
    "SweepRate", "TableStreamArn", "ThrottlingBurst", "ThrottlingRate",
}


# The templates' patterns in words.
IN_WORDS = {
    "TableName": "have 3 to 255 of A-Z, a-z, 0-9, _, . and -",
    "KmsKey": "be empty, `create`, or a key's ARN",
    "MaxReadUnits": "be empty, or a whole number from 1",
    "MaxWriteUnits": "be empty, or a whole number from 1",
    "TableStreamArn": "be the ARN of a table's stream, as the data stack's outputs have it",
    "BucketName": "be a bucket's name: 3 to 63 of a-z, 0-9, . and -",
    "FailedRecordsBucketName": "be a bucket's name: 3 to 63 of a-z, 0-9, . and -",
    "EventBusName": "be an event bus's name: A-Z, a-z, 0-9, ., _, / and -",
}
ORIGIN = r"https://([a-z0-9-]+\.)*[a-z0-9-]+(:[0-9]+)?|http://(localhost|127\.0\.0\.1)(:[0-9]+)?"
ORIGINS = "be origins such as https://app.example.com, without a path and in small letters, separated by commas"
# What services refuse in the middle of a deployment, where the templates have no pattern: in words, the form, and whether it is a list.
# An empty value is allowed where it is the default.
FORMATS = {
    "AlarmEmail": ("be empty, or an e-mail address", r"[^@\s,;<>]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}", False),
    "SweepRate": (
        "be such as rate(1 minute), rate(5 minutes), or cron(…) with six fields",
        r"rate\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\)",
        False,
    ),
    "CorsOrigins": (ORIGINS, rf"{ORIGIN}|\*|https://\*", True),
    "UploadOrigins": (ORIGINS, rf"{ORIGIN}|\*|https://\*\.([a-z0-9-]+\.)+[a-z0-9-]+", True),
    "SourceObjects": (
        "be ARNs of objects, such as arn:aws:s3:::scans/invoices/*, separated by commas", r"arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}/[^\s]+", True,
    ),
    "StateMachineKeyArns": ("be ARNs of KMS keys, separated by commas", r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", True),
    "DomainName": ("be a host name such as reviews.example.com", r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", False),
    "CertificateArn": ("be the ARN of an ACM certificate", r"arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+", False),
}  # fmt: skip


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
        """Why CloudFormation, or the service behind it, would refuse the value, if it would."""
        refused = self.refused(value)
        if refused is None and self.name in FORMATS and not (value == "" == self.default):
            words, form, is_list = FORMATS[self.name]
            parts = [part.strip() for part in value.split(",")] if is_list else [value]
            wrong = [part for part in parts if not re.fullmatch(form, part)]
            if wrong:
                return f"{self.name} must {words}; it is {value!r}" if len(parts) == 1 else f"{self.name} must {words}; {wrong[0]!r} is not"
        return refused

    def refused(self, value: str) -> Optional[str]:
        """Why CloudFormation would refuse the value by the template, if it would."""
        if self.allowed and value not in self.allowed:
            return f"{self.name} must be one of {', '.join(self.allowed)}; it is {value!r}"
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return f"{self.name} must {IN_WORDS.get(self.name, f'match {self.pattern}')}; it is {value!r}"
        if self.max_length is not None and len(value) > self.max_length:
            return f"{self.name} must have at most {self.max_length} characters; it has {len(value)}"
        if self.type == "Number":
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):  # which float() takes more than, such as nan and 1e3
                return f"{self.name} must be a number; it is {value!r}"
            number = float(value)
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


@dataclass(frozen=True)
class Rule:
    """One of a template's Rules: under a condition, an assertion must hold of the parameters. Both are expressions as `expression` reads them."""

    condition: Any
    assertion: Any
    says: str

    def is_broken(self, values: Mapping[str, str]) -> bool:
        """Whether CloudFormation would refuse these values."""
        return bool(evaluate(self.condition, values)) and not evaluate(self.assertion, values)


def expression(text: str) -> Any:
    """Reads `!Not [!Equals [!Ref Name, ""]]` and the like."""
    tokens = re.findall(r'![A-Za-z]+|"[^"]*"|[\[\],]|[^\s\[\],!"]+', text)

    def read() -> Any:
        token = tokens.pop(0)
        if token == "!Ref":
            return ("Ref", tokens.pop(0))
        if token in ("!Not", "!Equals", "!And", "!Or") and tokens.pop(0) == "[":
            of = [read()]
            while tokens.pop(0) == ",":
                of.append(read())
            return (token[1:], *of)
        if token[0] in "![],":
            raise Failed(f"the template's rules have an expression that this script cannot read: {text!r}")
        return scalar(token)

    try:
        found = read()
    except IndexError:
        tokens.append(text)
        found = None
    if tokens:
        raise Failed(f"the template's rules have an expression that this script cannot read: {text!r}")
    return found


def evaluate(of: Any, values: Mapping[str, str]) -> Any:
    """What an expression says of these values."""
    if isinstance(of, str):
        return of
    name, *parts = of
    if name == "Ref":
        return values.get(parts[0], "")
    known = [evaluate(part, values) for part in parts]
    if name == "Not":
        return not known[0]
    if name == "Equals":
        return known[0] == known[1]
    return all(known) if name == "And" else any(known)


def rules(text: str) -> List[Rule]:
    """The rules of a template."""
    found: List[Rule] = []
    condition: Any = ("Equals", "", "")
    assertion: Any = None
    for line in section(text, "Rules"):
        begins = re.fullmatch(r"  [A-Za-z0-9]+:|    Assertions:", line)
        says = re.fullmatch(r"    (?:  - |    )?(RuleCondition|Assert|AssertDescription): (.+)", line)
        if says and says.group(1) == "RuleCondition":
            condition = expression(says.group(2))
        elif says and says.group(1) == "Assert":
            assertion = expression(says.group(2))
        elif says:
            found.append(Rule(condition, assertion, scalar(says.group(2))))
        elif begins and line.startswith("  ") and not line.startswith("    "):
            condition = ("Equals", "", "")
        elif not begins:
            raise Failed(f"the template's rules have a line that this script cannot read: {line!r}")
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


def is_older(version: str, than: str) -> Optional[bool]:
    """Whether a release is older than another one, by their names; nothing where the names do not say it.

    Names are `git describe`'s (v1.2.0, v1.2.0-7-gabcdef0) or Cargo's version and a commit (0.1.0-abcdef0), whose order no name says.
    """

    def place(name: str) -> Optional[Tuple[Tuple[int, ...], Optional[int]]]:
        match = re.fullmatch(r"v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9]+)-g[0-9a-f]+)?(-.*)?", name)
        if match is None:
            return None
        numbers, after, rest = match.groups()
        return tuple(map(int, numbers.split("."))), None if rest else int(after or 0)

    one, other = place(version), place(than)
    if version == than:
        return False
    if one is None or other is None:
        return None
    if one[0] != other[0]:
        return one[0] < other[0]
    if one[1] is None or other[1] is None or one[1] == other[1]:
        return None
    return one[1] < other[1]


def functions_differ(one: str, other: str) -> bool:
    """Whether two deployed templates may have other functions: they differ in more than the release's name."""
    name = re.compile(r"""HoldpointVersion["']?: ["']?[^"'\s,}]+""")
    return name.sub("", one) != name.sub("", other)


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
