"""scripts/keys: what it refuses, and what it asks AWS for. test_moto.py has the product take and list its keys."""

from __future__ import annotations

import os
import re
from typing import Any

import support  # noqa: F401 (it makes scripts/ importable)
from deployment import keys
from fake_stage import OUTPUTS, TAGS, FakeStage


class Keys(FakeStage):
    def keys(self, *arguments: str, **options: Any) -> "tuple[int, str]":
        return self.run_script("keys", "prod", "--region", "eu-west-1", *arguments, **options)

    def test_a_key_is_of_the_settings_organization_on_the_table_that_the_app_serves(self) -> None:
        self.aws.stack("holdpoint-prod", "UPDATE_COMPLETE", parameters={**OUTPUTS, "TableName": "holdpoint-prod-restored"})
        settings = self.settings("[deploy]\norganization = org_other\n")
        self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", tags={**TAGS, "holdpoint:organization": "org_other"})
        code, said = self.keys("list", *settings)
        self.assertEqual((code, said.split()[:2]), (0, ["KEY", "ID"]), said)
        asked = " ".join(self.aws.calls()[-1])
        self.assertIn("--table-name holdpoint-prod-restored", asked)
        self.assertIn("KEYS#org_other", asked)
        self.aws.stack("holdpoint-prod-data", "CREATE_COMPLETE", tags=TAGS)
        self.keys("list")
        self.assertIn("KEYS#org_main", " ".join(self.aws.calls()[-1]))
        self.keys("list", "--organization", "org_third")
        self.assertIn("KEYS#org_third", " ".join(self.aws.calls()[-1]))

    def test_a_key_goes_to_a_terminal_or_a_new_file_and_nowhere_else(self) -> None:
        create = ("create", "--id", "dana", "--name", "Dana", "--scopes", "read,admin")
        code, said = self.keys(*create)
        self.assertEqual((code, "this output may be a log" in said), (1, True), said)
        file = self.folder / "key"
        code, said = self.keys(*create, "--key-file", str(file))
        self.assertEqual(code, 0, said)
        self.assertRegex(file.read_text(encoding="utf-8"), r"^hp_[A-Za-z0-9_-]{43}\n$")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertIn("of Dana (dana, org_main), with the scopes read, admin, until ", said)
        self.assertIn(f". It is in {file} and nowhere else", said)
        self.assertNotIn("hp_", said + self.aws.log.read_text(encoding="utf-8"))
        self.assertIn("is there already", self.keys(*create, "--key-file", str(file))[1])
        self.assertIn("there is no folder", self.keys(*create, "--key-file", str(self.folder / "no" / "key"))[1])
        # The table is not there, and a file would look like a key.
        self.aws.answer("^dynamodb transact-write-items ", complaint="An error occurred (ResourceNotFoundException)", code=254)
        other = self.folder / "other"
        self.assertEqual((self.keys(*create, "--key-file", str(other))[0], other.exists()), (1, False))

    def test_a_key_is_shown_once_on_a_terminal(self) -> None:
        terminal, screen = os.openpty()
        self.addCleanup(os.close, terminal)
        done = self.aws.run("keys", "prod", "create", "--id", "dana", "--name", "Dana", "--region", "eu-west-1", stdout=screen)
        os.close(screen)
        said = os.read(terminal, 100_000).decode()
        self.assertEqual(done.returncode, 0, said + done.stderr)
        self.assertEqual(len(re.findall(r"hp_[A-Za-z0-9_-]{43}", said)), 1)
        self.assertIn("with the scopes read, review, until ", said)

    def test_what_the_product_would_not_take_is_refused(self) -> None:
        for arguments, sentence in (
            (("--id", "a b", "--name", "A"), "--id 'a b': an actor's id has"),
            (("--id", "..", "--name", "A"), "an actor's id has"),
            (("--id", "a", "--name", " "), "--name must be 1 to 200 characters long, and not blank"),
            (("--id", "a", "--name", "A\x1b[1m"), "control characters"),
            (("--id", "a", "--name", "A", "--scopes", "read,root"), "there is no scope 'root'; the scopes are read, review, runtime, admin"),
            (("--id", "a", "--name", "A", "--expires-in-days", "0"), "--expires-in-days must be 1 to"),
        ):
            code, said = self.keys("create", *arguments, "--key-file", str(self.folder / "key"))
            self.assertEqual((code, sentence in said), (1, True), said)
        self.assertEqual(self.aws.calls(), [])
        code, said = self.keys("create")
        self.assertEqual((code, "scripts/keys STAGE create: error: the following arguments are required: --id, --name" in said), (2, True), said)

    def test_a_stage_or_a_key_that_is_not_there_is_said(self) -> None:
        file = str(self.folder / "key")
        self.assertIn("org_main has no key key_0: scripts/keys prod list shows them", self.keys("revoke", "key_0")[1])
        (item, _) = keys.make("org_main", "human", "dana", "Dana", ["read"]).items
        self.aws.answer("^dynamodb query ", {"Items": [{**item, "revoked_at": {"N": "1"}}]})
        self.assertIn("has no active key", self.keys("rotate", item["key_id"]["S"], "--key-file", file)[1])
        self.aws.stack("holdpoint-prod", "")
        self.assertIn("there is no stack holdpoint-prod in account 123456789012, eu-west-1", self.keys("list")[1])

    def test_a_rotated_key_has_the_same_actor_and_ends_when_that_is_wanted(self) -> None:
        (item, _) = keys.make("org_main", "agent", "bot", "Bot", ["runtime"], expires_at=keys.now_millis() + 10**9).items
        self.aws.answer("^dynamodb query ", {"Items": [item]})
        code, said = self.keys("rotate", item["key_id"]["S"], "--key-file", str(self.folder / "one"))
        self.assertEqual((code, "stays valid until" in said, "of Bot (bot, org_main), with the scopes runtime, until" in said), (0, True, True), said)
        code, said = self.keys("rotate", item["key_id"]["S"], "--keep-old-for-hours", "0", "--key-file", str(self.folder / "two"))
        self.assertEqual((code, f"{item['key_id']['S']} is revoked" in said), (0, True), said)
