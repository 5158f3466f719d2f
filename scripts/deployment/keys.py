"""scripts/keys: API keys of a deployed stage, without Rust.

usage: scripts/keys STAGE create --id ID --name NAME [--scopes read,review] [--kind human] [--expires-in-days N] [--key-file FILE]
       scripts/keys STAGE list
       scripts/keys STAGE rotate KEY_ID [--keep-old-for-hours 24] [--key-file FILE]
       scripts/keys STAGE revoke KEY_ID
       [--organization ORGANIZATION] [--region REGION] [--profile PROFILE] [--settings FILE]

The organization is that of the stage's settings, org_main unless they name another; the table is the one that the app's stack serves.
A new key is shown once, on a terminal, or written to a new file that is its owner's alone.

  --id               the actor's id, stable within the organization
  --name             the actor's name, for people to read
  --scopes           what the key may do: read, review, runtime, admin; read,review unless it is given
  --kind             the kind of actor: human, agent or model
  --expires-in-days  after how many days it expires, or never; 365 unless it is given
  --key-file FILE    writes the key to this new file instead of showing it
  --keep-old-for-hours
                     for how many hours the old key stays valid, 24 unless it is given; 0 revokes it at once
"""

# The items are those that the Rust program writes (shared/src/store/access/api_keys.rs). tests/deployment/test_moto.py proves that the
# product takes a key that this made, lists it as this does, and finds it revoked.

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import secrets
import sys
import tempfile
import time
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional

from deployment import recorded
from deployment.aws import Aws, missing_tools, region
from deployment.common import ROOT, Failed, say
from deployment.settings import is_organization, load

SCOPES = ("read", "review", "runtime", "admin")
KINDS = {"human": "h", "agent": "a", "model": "m"}
# The actor of the smoke test's keys.
SMOKE = "smoke"


@dataclass(frozen=True)
class NewKey:
    """A key, and what is stored of it. The key itself is in no item and in no message."""

    key: str
    key_id: str
    items: List[Dict[str, Any]]

    def __repr__(self) -> str:
        return f"NewKey({self.key_id})"


@dataclass(frozen=True)
class Stored:
    """A key as the organization's register has it."""

    key_id: str
    digest: str
    kind: str
    actor: str
    name: str
    scopes: List[str]
    created_at: int
    expires_at: Optional[int] = None
    revoked_at: Optional[int] = None

    def works(self, now: int) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def state(self, now: int) -> str:
        """Whether it works, and until when."""
        if self.revoked_at is not None:
            return f"revoked {moment(self.revoked_at)}"
        if self.expires_at is None:
            return "active"
        return f"{'expired' if self.expires_at <= now else 'until'} {moment(self.expires_at)}"


def now_millis() -> int:
    """The time as the table has it."""
    return int(time.time() * 1000)


def moment(millis: int) -> str:
    """A time of the table, for people."""
    at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=millis)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make(organization: str, kind: str, actor: str, name: str, scopes: List[str], expires_at: Optional[int] = None) -> NewKey:
    """A new key of 32 random bytes, and its two items: one under its digest, one in the organization's register."""
    key = "hp_" + secrets.token_urlsafe(32)
    digest = hashlib.sha256(key.encode()).hexdigest()
    key_id = f"key_{digest[:16]}"
    attributes: Dict[str, Any] = {
        "digest": {"S": digest},
        "key_id": {"S": key_id},
        "organization": {"S": organization},
        "actor": {"M": {"k": {"S": KINDS[kind]}, "i": {"S": actor}, "n": {"S": name}}},
        "scopes": {"L": [{"S": scope} for scope in scopes]},
        "created_at": {"N": str(now_millis())},
    }
    if expires_at is not None:
        attributes["expires_at"] = {"N": str(expires_at)}
    by_digest = {"pk": {"S": f"KEY#{digest}"}, "sk": {"S": "KEY"}, **attributes}
    in_register = {"pk": {"S": f"KEYS#{organization}"}, "sk": {"S": key_id}, **attributes}
    return NewKey(key, key_id, [by_digest, in_register])


def transact(aws: Aws, writes: List[Dict[str, Any]]) -> None:
    """Writes all of them or none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "writes.json"
        file.write_text(json.dumps(writes), encoding="utf-8")
        aws.call("dynamodb", "transact-write-items", "--transact-items", f"file://{file}")


def create(aws: Aws, table: str, new: NewKey) -> None:
    """Stores a key."""
    transact(aws, [{"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}} for item in new.items])


def end(aws: Aws, table: str, organization: str, digest: str, change: str, at: int) -> None:
    """Changes a key and its entry in the register, which always say the same."""
    update = {
        "TableName": table,
        "UpdateExpression": change,
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeValues": {":now": {"N": str(at)}},
    }
    places = [(f"KEY#{digest}", "KEY"), (f"KEYS#{organization}", f"key_{digest[:16]}")]
    transact(aws, [{"Update": {**update, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in places])


def revoke(aws: Aws, table: str, organization: str, digest: str) -> None:
    """Revokes a key. It stops working within a minute. Revoking it again keeps the first time."""
    end(aws, table, organization, digest, "SET revoked_at = if_not_exists(revoked_at, :now)", now_millis())


def register(aws: Aws, table: str, organization: str) -> List[Stored]:
    """All keys of an organization, by id."""
    answer = aws.call(
        "dynamodb", "query", "--table-name", table, "--consistent-read",
        "--key-condition-expression", "pk = :register",
        "--expression-attribute-values", json.dumps({":register": {"S": f"KEYS#{organization}"}}),
    )  # fmt: skip
    if not isinstance(answer, dict):
        raise Failed("`aws dynamodb query` has answered nothing.")
    kinds = {letter: kind for kind, letter in KINDS.items()}

    def number(item: Dict[str, Any], name: str) -> Optional[int]:
        return int(item[name]["N"]) if name in item else None

    return [
        Stored(
            key_id=item["key_id"]["S"],
            digest=item["digest"]["S"],
            kind=kinds.get(item["actor"]["M"]["k"]["S"], "?"),
            actor=item["actor"]["M"]["i"]["S"],
            name=item["actor"]["M"]["n"]["S"],
            scopes=[one["S"] for one in item["scopes"]["L"]],
            created_at=int(item["created_at"]["N"]),
            expires_at=number(item, "expires_at"),
            revoked_at=number(item, "revoked_at"),
        )
        for item in answer.get("Items", [])
    ]


def has_live_key(aws: Aws, table: str, organization: str) -> bool:
    """Whether the organization has a key that is neither revoked nor expired, other than of the smoke test."""
    return any(key.works(now_millis()) and key.actor != SMOKE for key in register(aws, table, organization))


def listing(found: List[Stored], now: int) -> str:
    """The keys of an organization as a table for a terminal, as `holdpoint keys list` prints it."""
    rows = [["KEY ID", "KIND", "ACTOR", "NAME", "SCOPES", "CREATED", "STATE"]]
    rows += [[key.key_id, key.kind, key.actor, key.name, ",".join(key.scopes), moment(key.created_at), key.state(now)] for key in found]
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def file_problem(file: Path) -> Optional[str]:
    """Why a key cannot be written to a file, if it cannot: said before anything is made."""
    if file.exists() or file.is_symlink():
        return f"{file} is there already: name a new file for the key."
    if not file.parent.is_dir():
        return f"the key cannot be written to {file}: there is no folder {file.parent}."
    if not os.access(file.parent, os.W_OK):
        return f"the key cannot be written to {file}: you may not write to the folder {file.parent}."
    return None


def hand_over(aws: Aws, table: str, new: NewKey, file: Optional[Path]) -> None:
    """Stores a key and gives it to its owner: on the terminal, or in a new file, which is written first."""
    if file is None:
        create(aws, table, new)
        say(f"\n  {new.key}\n")
        return
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(new.key + "\n")
    except OSError as error:
        raise Failed(f"the key cannot be written to {file}: {error.strerror}. Name a file that is not there yet.") from error
    try:
        create(aws, table, new)
    except Failed:
        file.unlink()  # it would look like a key
        raise


def actor_problem(kind: str, actor: str, name: str, scopes: List[str]) -> Optional[str]:
    """Why the product would not take such a key, if it would not."""
    if not re.fullmatch(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]{1,256}", actor) or actor in (".", ".."):
        return f"--id {actor!r}: an actor's id has 1 to 256 of A-Z a-z 0-9 - . _ ~ ! $ & ' ( ) * + , ; = : @ /"
    if not any(character.isprintable() and not character.isspace() for character in name) or len(name) > 200:
        return "--name must be 1 to 200 characters long, and not blank."
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "--name must not contain control characters."
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        return f"there is no scope {', '.join(map(repr, unknown)) or repr('')}; the scopes are {', '.join(SCOPES)}."
    if kind not in KINDS:
        return f"--kind must be one of {', '.join(KINDS)}."
    return None


def lifetime(text: str) -> Optional[int]:
    """A number of days; None for ever."""
    return None if text == "never" else int(text)


def main(arguments: List[str]) -> int:
    """The command."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    for option in ("--organization", "--region", "--profile"):
        common.add_argument(option, help=argparse.SUPPRESS)
    common.add_argument("--settings", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    whole = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts/keys", description=__doc__, formatter_class=whole, usage=argparse.SUPPRESS, parents=[common])
    parser.add_argument("stage", metavar="STAGE", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="create|list|rotate|revoke", prog="scripts/keys STAGE", help=argparse.SUPPRESS
    )
    one = commands.add_parser("create", parents=[common])
    one.add_argument("--id", required=True)
    one.add_argument("--name", required=True)
    one.add_argument("--scopes", default="read,review")
    one.add_argument("--kind", default="human", choices=list(KINDS))
    one.add_argument("--expires-in-days", type=lifetime, default=365, metavar="N")
    one.add_argument("--key-file", type=Path, metavar="FILE")
    commands.add_parser("list", parents=[common])
    one = commands.add_parser("rotate", parents=[common])
    one.add_argument("key_id", metavar="KEY_ID")
    one.add_argument("--keep-old-for-hours", type=int, default=24, metavar="N")
    one.add_argument("--key-file", type=Path, metavar="FILE")
    one = commands.add_parser("revoke", parents=[common])
    one.add_argument("key_id", metavar="KEY_ID")
    given = parser.parse_args(arguments)

    settings = load(given.stage, getattr(given, "settings", None), ROOT)
    organization = getattr(given, "organization", None) or settings.organization
    if not is_organization(organization):
        raise Failed(f"{organization!r} is no organization's id, such as org_main.")
    makes_one = given.command in ("create", "rotate")
    if makes_one:
        problem = file_problem(given.key_file) if given.key_file else None
        if given.key_file is None and not sys.stdout.isatty():
            problem = "this output may be a log, so no key was made to be printed there: pass --key-file FILE."
        if problem:
            raise Failed(problem)
    if given.command == "create":
        scopes = [scope.strip() for scope in given.scopes.split(",")]
        problem = actor_problem(given.kind, given.id, given.name, scopes)
        if problem:
            raise Failed(problem)
        if given.expires_in_days is not None and not 1 <= given.expires_in_days <= 36_500:
            raise Failed("--expires-in-days must be 1 to 36500, or never.")
    if given.command == "rotate" and not 0 <= given.keep_old_for_hours <= 876_000:
        raise Failed("--keep-old-for-hours must be 0 to 876000.")

    missing = missing_tools()
    if missing:
        raise Failed(missing[0])
    profile = getattr(given, "profile", None) or settings.deploy.get("profile")
    aws = Aws(region(getattr(given, "region", None) or settings.deploy.get("region"), profile), profile)
    if not getattr(given, "organization", None):
        recorded.refuse_others(settings, aws.stack(settings.data_stack), aws.region)
    stack = aws.stack(settings.app_stack)
    if stack is None:
        account, _ = aws.identity()
        raise Failed(f"there is no stack {settings.app_stack} in account {account}, {aws.region}: scripts/deploy {settings.stage} makes it.")
    table = stack.parameters.get("TableName")
    if not table:
        raise Failed(f"the stack {stack.name} has no parameter TableName: was it deployed from another template?")

    if given.command == "list":
        say(listing(register(aws, table, organization), now_millis()))
        return 0
    if given.command == "create":
        ends = None if given.expires_in_days is None else now_millis() + given.expires_in_days * 86_400_000
        issue(aws, table, organization, make(organization, given.kind, given.id, given.name, scopes, ends), given.key_file)
        return 0
    old = next((key for key in register(aws, table, organization) if key.key_id == given.key_id), None)
    if given.command == "revoke":
        if old is None:
            raise Failed(f"{organization} has no key {given.key_id}: scripts/keys {settings.stage} list shows them.")
        revoke(aws, table, organization, old.digest)
        say(f"{given.key_id} is revoked; it stops working within a minute.")
        return 0
    if old is None or not old.works(now_millis()):
        raise Failed(f"{organization} has no active key {given.key_id}: scripts/keys {settings.stage} list shows them.")
    # The new key is valid for as long as the old one was.
    ends = None if old.expires_at is None else now_millis() + old.expires_at - old.created_at
    issue(aws, table, organization, make(organization, old.kind, old.actor, old.name, old.scopes, ends), given.key_file)
    until = now_millis() + given.keep_old_for_hours * 3_600_000
    if given.keep_old_for_hours == 0:
        revoke(aws, table, organization, old.digest)
        say(f"{old.key_id} is revoked; it stops working within a minute.")
        return 0
    if old.expires_at is None or until < old.expires_at:
        end(aws, table, organization, old.digest, "SET expires_at = :now", until)
    say(f"{old.key_id} stays valid until {moment(min(until, old.expires_at or until))}.")
    return 0


def issue(aws: Aws, table: str, organization: str, new: NewKey, file: Optional[Path]) -> None:
    """Hands a new key over, and says what it is."""
    hand_over(aws, table, new, file)
    actor, scopes = new.items[0]["actor"]["M"], ", ".join(one["S"] for one in new.items[0]["scopes"]["L"])
    ends = f", until {moment(int(new.items[0]['expires_at']['N']))}" if "expires_at" in new.items[0] else ""
    where = f"It is in {file} and nowhere else" if file else "It is shown only this once"
    say(f"{new.key_id} of {actor['n']['S']} ({actor['i']['S']}, {organization}), with the scopes {scopes}{ends}. {where}; the table holds its hash.")
