"""scripts/package, with made-up binaries: what it makes of them, and that it makes the same of the same."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Dict

import support
from deployment import package, templates
from deployment.common import Failed


def content(folder: Path) -> Dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


class Package(support.WithFolder):
    def setUp(self) -> None:
        super().setUp()
        self.sources = support.fake_sources(self.folder)

    def make(self, output: str, only: "list[str] | None" = None, x86: bool = False) -> Path:
        package.package(self.sources, self.folder / output, only or [], x86, from_target=True)
        return self.folder / output

    def test_the_same_binaries_give_the_same_bytes(self) -> None:
        first = content(self.make("one"))
        for binary in (self.sources / "target" / "lambda").glob("*/bootstrap"):
            os.utime(binary, (86_400, 86_400))
        self.assertEqual(content(self.make("two")), first)

    def test_each_zip_holds_one_executable_bootstrap(self) -> None:
        release = self.make("dist")
        names = templates.functions((self.sources / "template.yaml").read_text(encoding="utf-8"))
        self.assertEqual(sorted(file.stem for file in release.glob("*.zip")), sorted(names))
        with zipfile.ZipFile(release / "claim.zip") as archive:
            (entry,) = archive.infolist()
            self.assertEqual((entry.filename, entry.external_attr >> 16, entry.create_system), ("bootstrap", 0o100755, 3))
            self.assertEqual(entry.date_time, package.ZIP_TIME)
            self.assertTrue(archive.read(entry).startswith(b"\x7fELF claim"))

    def test_the_template_names_the_zips_and_nothing_of_the_build(self) -> None:
        text = (self.make("dist") / "template.yaml").read_text(encoding="utf-8")
        self.assertNotIn("BuildMethod", text)
        self.assertNotIn("functions/", text.replace("# ", ""))
        for name in templates.functions((self.sources / "template.yaml").read_text(encoding="utf-8")):
            self.assertIn(f"CodeUri: ./{name}.zip\n", text)
        self.assertIn("Architectures: [arm64]", text)
        self.assertEqual(templates.version_of(text), (self.folder / "dist" / "VERSION").read_text(encoding="utf-8").strip())

    def test_the_sums_are_right_and_of_all_files(self) -> None:
        release = self.make("dist")
        lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        listed = {line.split("  ")[1]: line.split("  ")[0] for line in lines}
        files = {name: data for name, data in content(release).items() if name != "SHA256SUMS" and not name.endswith(".tar.gz")}
        self.assertEqual(listed, {name: hashlib.sha256(data).hexdigest() for name, data in files.items()})

    def test_the_archive_holds_the_release_and_what_deploys_it(self) -> None:
        data = package.tarball("holdpoint-1", {**package.besides(support.ROOT), "dist/VERSION": self.make("dist") / "VERSION"})
        self.assertEqual(data[4:8], bytes(4), "no time in the compressed file's head either")
        with tarfile.open(fileobj=io.BytesIO(data)) as opened:
            members = {member.name: member for member in opened.getmembers()}
        for name in ("dist/VERSION", "scripts/deploy", "scripts/rollback", "scripts/smoke", "scripts/deployment/artifacts.yaml", "docs/deploy.md"):
            self.assertIn(f"holdpoint-1/{name}", members)
        self.assertEqual(members["holdpoint-1/scripts/deploy"].mode, 0o755)
        self.assertEqual({(member.mtime, member.uid, member.uname) for member in members.values()}, {(0, 0, "")})

    def test_x86_is_said_in_the_template_and_the_archives_name(self) -> None:
        release = self.make("dist", x86=True)
        self.assertIn("Architectures: [x86_64]", (release / "template.yaml").read_text(encoding="utf-8"))
        self.assertEqual([file.name.rsplit("-", 1)[1] for file in release.glob("*.tar.gz")], ["x86_64.tar.gz"])

    def test_an_unknown_function_is_named_with_those_there_are(self) -> None:
        with self.assertRaisesRegex(Failed, "there is no function clam; the functions are docs, inbox"):
            self.make("dist", only=["clam"])

    def test_a_binary_that_is_missing_is_named(self) -> None:
        (self.sources / "target" / "lambda" / "sweep" / "bootstrap").unlink()
        with self.assertRaisesRegex(Failed, "target/lambda/sweep/bootstrap is missing: leave out --from-target"):
            self.make("dist")

    def test_a_folder_with_other_files_is_left_alone(self) -> None:
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
        with self.assertRaisesRegex(Failed, "has other files than a release's"):
            self.make("mine")
        self.assertTrue((self.folder / "mine" / "notes.txt").is_file())

    def test_what_is_in_a_folder_besides_a_release_is_left_alone_with_it(self) -> None:
        def notes(folder: Path) -> None:
            (folder / "notes").mkdir()
            (folder / "notes" / "notes.txt").write_text("mine", encoding="utf-8")

        def listed(folder: Path) -> None:
            (folder / "notes.txt").write_text("mine", encoding="utf-8")
            with open(folder / "SHA256SUMS", "a", encoding="utf-8") as sums:
                sums.write(f"{'0' * 64}  notes.txt\n")

        def unlisted(folder: Path) -> None:
            (folder / "SHA256SUMS").unlink()

        for change in (notes, listed, unlisted):
            with self.subTest(change.__name__):
                release = self.make(change.__name__)
                change(release)
                before = {file: file.read_bytes() for file in sorted(release.rglob("*")) if file.is_file()}
                with self.assertRaisesRegex(Failed, "has other files than a release's"):
                    self.make(change.__name__, only=["claim"])
                self.assertEqual({file: file.read_bytes() for file in sorted(release.rglob("*")) if file.is_file()}, before)

    def test_a_release_can_go_to_where_a_link_leads_and_to_no_file(self) -> None:
        (self.folder / "real").mkdir()
        (self.folder / "link").symlink_to("real")
        for _ in range(2):
            self.make("link", only=["claim"])
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertTrue((self.folder / "real" / "claim.zip").is_file())
        (self.folder / "file").write_text("mine", encoding="utf-8")
        with self.assertRaisesRegex(Failed, "is a file"):
            self.make("file")

    def test_what_an_earlier_release_had_more_is_gone(self) -> None:
        self.make("dist")
        release = self.make("dist", only=["claim"])
        self.assertEqual([file.name for file in release.glob("*.zip")], ["claim.zip"])
