"""scripts/package: the release, from the sources.

usage: scripts/package [--x86] [--from-target] [--only NAME ...] [--output FOLDER]

Builds all functions in one `cargo lambda build --release --locked`, and makes in dist/:

  NAME.zip            one for each function, with one file, bootstrap
  template.yaml       the app's template, with these zips as its code
  data.yaml           the data's template
  VERSION             git describe, or the version in Cargo.toml and the commit
  SHA256SUMS          of all of these
  holdpoint-VERSION-arm64.tar.gz
                      these and the scripts that deploy them: who deploys from it needs neither Rust nor this repository

The same binaries give the same bytes, so that functions that did not change are neither uploaded nor released again.

  --x86          for x86-64, where Rust's standard library for arm64 cannot be had; the template then says x86_64, too
  --from-target  takes the binaries that are in target/lambda, and builds nothing
  --only NAME    these functions alone, to try the script; such a dist/ cannot be deployed
  --output       another folder than dist/
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Dict, List

from deployment import templates
from deployment.common import ROOT, Failed, run, say

# The first moment that a zip can hold.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# What the archive of a release is called.
ARCHIVE = re.compile(r"holdpoint-[A-Za-z0-9._-]+-(arm64|x86_64)\.tar\.gz")
# What a release has besides dist/, so that it can be deployed without the repository.
BESIDES = [
    "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "docs", "docs/decisions", "examples/cloudfront-waf", "scripts/deploy", "scripts/deployment",
    "scripts/deployment/import", "scripts/keys", "scripts/rollback", "scripts/smoke", "stages/example.ini",
]


def version(root: Path) -> str:
    """What the release is called: a tag and what came after it, or Cargo's version and the commit."""

    def git(*arguments: str) -> str:
        try:
            answer = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
        except OSError:
            return ""
        return answer.stdout.strip() if answer.returncode == 0 else ""

    described = git("describe", "--tags", "--dirty")
    if not described:
        match = re.search(r'^version = "(.+)"$', (root / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
        commit = git("describe", "--always", "--dirty")
        described = "-".join(part for part in (match.group(1) if match else "0", commit) if part)
    return re.sub(r"[^A-Za-z0-9._-]", "-", described)


def sysroot_has_arm64() -> bool:
    """Whether this Rust has a standard library for arm64, or rustup can bring it."""
    try:
        answer = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            return False
        if (Path(answer.stdout.strip()) / "lib" / "rustlib" / "aarch64-unknown-linux-gnu").is_dir():
            return True
        added = subprocess.run(["rustup", "target", "add", "aarch64-unknown-linux-gnu"], cwd=ROOT, capture_output=True, check=False, timeout=120)
        return added.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def missing_tools(x86: bool) -> List[str]:
    """What a build lacks on this machine, and how to get it."""
    missing = []
    if not shutil.which("cargo"):
        missing.append("cargo is missing: install Rust from https://rustup.rs; rust-toolchain.toml names the version.")
    elif not x86 and not sysroot_has_arm64():
        missing.append(
            "Rust's standard library for arm64 is missing: `rustup target add aarch64-unknown-linux-gnu`. Where that cannot be had, "
            "`scripts/package --x86` builds for x86-64, which Lambda runs as well, at a quarter more a second."
        )
    if not shutil.which("cargo-lambda"):
        missing.append("cargo-lambda is missing: `pip install cargo-lambda` brings it, with the cross compiler.")
    return missing


def build(names: List[str], x86: bool) -> None:
    """Builds the functions' binaries, in one run of cargo, which compiles what they share once."""
    missing = missing_tools(x86)
    if missing:
        raise Failed("\n        ".join(missing))
    architecture = "--x86-64" if x86 else "--arm64"
    packages = [word for name in names for word in ("-p", name)]
    say(f"building {len(names)} functions for {'x86-64' if x86 else 'arm64'}")
    run(
        ["cargo", "lambda", "build", "--release", "--locked", architecture, "--lambda-dir", str(ROOT / "target" / "lambda"), *packages],
        "What the compiler says stands above.",
        cwd=ROOT,
    )


def zipped(bootstrap: bytes) -> bytes:
    """A zip of one executable file, the same for the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap", ZIP_TIME)
        entry.create_system = 3  # Unix, whatever this machine is: else the mode does not count
        entry.external_attr = 0o100755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, bootstrap, compresslevel=9)
    return buffer.getvalue()


def tarball(folder: str, files: Dict[str, Path]) -> bytes:
    """A compressed archive of these files under one folder, the same for the same files."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as compressed:
        with tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name in sorted(files):
                content = files[name].read_bytes()
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size = len(content)
                entry.mode = 0o755 if os.access(files[name], os.X_OK) else 0o644
                archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def besides(root: Path) -> Dict[str, Path]:
    """The files that a release has besides dist/, by their place in it."""
    found: Dict[str, Path] = {}
    for name in BESIDES:
        place = root / name
        files = sorted(place.glob("*.*")) if place.is_dir() else [place]
        found.update({str(file.relative_to(root)): file for file in files if file.is_file()})
    return found


def remove_release(folder: Path) -> None:
    """Removes the release that an earlier run left in a folder: it would look like part of the next one. Nothing else is removed, and with
    anything else in it the folder is somebody's, and not a release's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Failed(f"{folder} is a file: name a folder.")
    sums = folder / "SHA256SUMS"
    listed = {line.partition("  ")[2] for line in sums.read_text(encoding="utf-8", errors="replace").splitlines()} if sums.is_file() else set()
    ours = {name for name in listed if re.fullmatch(r"[a-z0-9-]+\.zip|template\.yaml|data\.yaml|VERSION", name)} | {"SHA256SUMS"}
    found = sorted(folder.iterdir())
    others = [file.name for file in found if file.is_symlink() or not file.is_file() or not (file.name in ours or ARCHIVE.fullmatch(file.name))]
    if others or (found and not sums.is_file()):
        raise Failed(f"{folder} has other files than a release's ({', '.join(others[:3]) or found[0].name}): name another folder.")
    for file in found:
        file.unlink()


def package(root: Path, output: Path, only: List[str], x86: bool, from_target: bool) -> Path:
    """Makes dist/ and returns the archive's place."""
    text = (root / "template.yaml").read_text(encoding="utf-8")
    names = templates.functions(text)
    unknown = [name for name in only if name not in names]
    if unknown:
        raise Failed(f"there is no function {', '.join(unknown)}; the functions are {', '.join(names)}")
    names = only or names
    called = version(root)
    if not from_target:
        build(names, x86)

    files: Dict[str, bytes] = {}
    for name in names:
        binary = root / "target" / "lambda" / name / "bootstrap"
        if not binary.is_file():
            raise Failed(f"{binary.relative_to(root)} is missing: leave out --from-target to build it.")
        files[f"{name}.zip"] = zipped(binary.read_bytes())
    files["template.yaml"] = templates.packaged(text, called, x86).encode()
    files["data.yaml"] = (root / "data.yaml").read_bytes()
    files["VERSION"] = f"{called}\n".encode()
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files["SHA256SUMS"] = "".join(sums).encode()

    remove_release(output)
    output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (output / name).write_bytes(content)
    stem = f"holdpoint-{called}-{'x86_64' if x86 else 'arm64'}"
    archive = output / f"{stem}.tar.gz"
    whole = {f"dist/{name}": output / name for name in files}
    archive.write_bytes(tarball(stem, {**whole, **besides(root)}))

    size = sum(len(content) for content in files.values())
    say(f"{output}: {len(names)} of {len(templates.functions(text))} functions, {size / 1e6:.1f} MB")
    if x86:
        say("These run on x86-64: template.yaml there says Architectures: [x86_64] instead of [arm64].")
    say(f"{archive.name}: sha256 {hashlib.sha256(archive.read_bytes()).hexdigest()}")
    return archive


def main(arguments: List[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="scripts/package", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("--x86", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--from-target", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    package(ROOT, given.output, given.only, given.x86, given.from_target)
    return 0
