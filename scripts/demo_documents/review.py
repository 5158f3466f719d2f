"""A review of the demo: what the document says, what the machine read, how sure it was, and where it says it read it."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .sheet import Box, Sheet

DEMO = Path(__file__).resolve().parents[2] / "local" / "demo"


@dataclass
class Leaf:
    """A value as it was read, and the value of the truth that it is a reading of."""

    value: Any
    origin: str
    likelihood: float | None = None


@dataclass
class Wrong:
    """What was read wrongly. `document` is only told of bodies that are not made here; `says` where no value says it."""

    path: str
    read: Any = None
    likelihood: float = 0.6
    document: Any = None
    kind: str = "value"  # or `missing`: a row that was not read; `twice`: a row that was read twice; `told`: only listed
    says: str = ""


@dataclass
class File:
    """One document of a review."""

    id: str
    filename: str
    mime_type: str
    content: bytes
    sheet: Sheet


@dataclass
class Review:
    """One review of the demo."""

    name: str
    schema: str
    truth: Any
    files: list[File] = field(default_factory=list)
    opening: dict[str, Any] | None = None  # None: the body is there already, and stays as it is
    wrong: list[Wrong] = field(default_factory=list)
    unsure: dict[str, float] = field(default_factory=dict)
    places: str | None = None  # sources, evidence
    unplaced: tuple[str, ...] = ()
    likelihoods: Any = "mirror"
    sureness: tuple[int, int] = (93, 99)


def existing(name: str, changes: list[Wrong]) -> tuple[dict[str, Any], Any]:
    """A body that is there already, and what its document says."""
    body = json.loads((DEMO / f"{name}.json").read_text("utf-8"), parse_float=Decimal)
    truth = copy.deepcopy(body["snapshot"])
    for wrong in changes:
        if wrong.kind == "value":
            wrong.read = get(truth, wrong.path)
            put(truth, wrong.path, wrong.document)
    return body, truth


def steps(path: str) -> list[str]:
    return path.split("/")[1:]


def get(tree: Any, path: str) -> Any:
    for step in steps(path):
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    return tree


def put(tree: Any, path: str, value: Any) -> None:
    *way, last = steps(path)
    parent = get(tree, "".join(f"/{step}" for step in way))
    parent[int(last) if isinstance(parent, list) else last] = value


def leaves(tree: Any, path: str = "") -> Any:
    """The same tree with a Leaf for each value."""
    if isinstance(tree, dict):
        return {name: leaves(value, f"{path}/{name}") for name, value in tree.items()}
    if isinstance(tree, list):
        return [leaves(value, f"{path}/{index}") for index, value in enumerate(tree)]
    return Leaf(tree, path)


def mapped(tree: Any, change, path: str = "") -> Any:
    """The same tree with each Leaf replaced."""
    if isinstance(tree, dict):
        return {name: mapped(value, change, f"{path}/{name}") for name, value in tree.items()}
    if isinstance(tree, list):
        return [mapped(value, change, f"{path}/{index}") for index, value in enumerate(tree)]
    return change(tree, path)


def reading(review: Review) -> Any:
    """What the machine read, as Leaf."""
    tree = leaves(review.truth)
    rows = []
    for wrong in review.wrong:
        if wrong.kind == "value":
            leaf = get(tree, wrong.path)
            leaf.value, leaf.likelihood = wrong.read, wrong.likelihood
        elif wrong.kind != "told":
            rows.append(wrong)
    for wrong in sorted(rows, key=lambda it: it.path, reverse=True):
        *way, index = steps(wrong.path)
        parent, index = get(tree, "".join(f"/{step}" for step in way)), int(index)
        if wrong.kind == "missing":
            del parent[index]
        else:
            parent.insert(index + 1, mapped(parent[index], lambda leaf, _: Leaf(leaf.value, leaf.origin, wrong.likelihood)))
    return tree


def likelihood(review: Review, leaf: Leaf) -> float:
    if leaf.likelihood is not None:
        return leaf.likelihood
    if leaf.origin in review.unsure:
        return review.unsure[leaf.origin]
    low, high = review.sureness
    digest = hashlib.sha256(f"{review.name}{leaf.origin}".encode()).digest()
    return (low + digest[0] % (high - low + 1)) / 100


def place(review: Review, leaf: Leaf) -> tuple[File, Box] | None:
    """Where the machine says it read this, if it says so."""
    if review.places is None or any(leaf.origin.startswith(start) for start in review.unplaced):
        return None
    for file in review.files:
        if boxes := file.sheet.boxes.get(leaf.origin):
            return file, boxes[0]
    return None


def fractions(file: File, box: Box) -> dict[str, float]:
    """A box as parts of the page, from the top left."""
    width, height = file.sheet.width, file.sheet.height
    left, top = max(box.left - 1, 0), max(box.top, 0)
    right, bottom = min(box.right + 1, width), min(box.bottom, height)
    parts = {"left": left / width, "top": top / height, "width": (right - left) / width, "height": (bottom - top) / height}
    return {name: round(value, 5) for name, value in parts.items()}


def seen(leaf: Leaf, box: Box) -> str:
    """The text at the place, unless it was read wrongly: then the machine did not see it."""
    return box.text if leaf.likelihood is None else ""


def sources(review: Review, tree: Any) -> Any:
    """The tree of sources: each leaf its value and its place."""

    def source(leaf: Leaf, _: str) -> dict[str, Any]:
        found = place(review, leaf)
        if not found or leaf.value is None:
            return {"value": leaf.value, "source": None}
        file, box = found
        kind = "image_bbox" if file.mime_type.startswith("image/") else "pdf_bbox"
        anchor = {"kind": kind, "document_id": file.id, "page": box.page} | fractions(file, box)
        return {"value": leaf.value, "source": {"content": seen(leaf, box) or str(leaf.value), "anchor": anchor}}

    return mapped(tree, source)


def evidence(review: Review, tree: Any) -> list[dict[str, Any]]:
    """The list of evidence: a path and a place for each value that has one."""
    found = []

    def add(leaf: Leaf, path: str) -> None:
        where = place(review, leaf)
        if where and leaf.value is not None:
            file, box = where
            entry = {"path": path, "confidence": likelihood(review, leaf), "document_id": file.id, "page": box.page}
            text = {"text": seen(leaf, box)} if seen(leaf, box) else {}
            found.append(entry | {"box": fractions(file, box)} | text)

    mapped(tree, add)
    return found


def parts(review: Review) -> dict[str, Any]:
    """What comes with the body."""
    tree = reading(review)
    made: dict[str, Any] = {
        "documents": [
            {
                "id": file.id,
                "filename": file.filename,
                "mime_type": file.mime_type,
                "source": {"kind": "upload", "document_id": f"FILE:documents/{file.filename}"},
            }
            for file in review.files
        ],
        "json_schema": f"FILE:schemas/{review.schema}.json",
    }
    if review.likelihoods == "mirror":
        made["likelihoods"] = mapped(tree, lambda leaf, _: likelihood(review, leaf))
    elif review.likelihoods is not None:
        made["likelihoods"] = review.likelihoods
    if review.places == "sources":
        made["sources"] = sources(review, tree)
    elif review.places == "evidence":
        made["evidence"] = evidence(review, tree)
    return made


def body(review: Review) -> dict[str, Any]:
    """The body of the call that opens it."""
    head = {name: value for name, value in review.opening.items() if name not in ("author", "priority")}
    author = review.opening.get("author", {"kind": "model", "id": "model_extract-3", "display_name": "Extract 3"})
    snapshot = mapped(reading(review), lambda leaf, _: leaf.value)
    return head | {"snapshot": snapshot, "author": author, "priority": review.opening.get("priority", 0)}


def dump(value: Any, indent: int = 0, flat: bool = False) -> str:
    """JSON with the digits of each Decimal as they are; small objects of an evidence file on one line."""
    pad, end = "  " * (indent + 1), "  " * indent
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (dict, list)) and value:
        if isinstance(value, dict):
            inner = [f"{json.dumps(name)}: {dump(it, indent + 1, flat)}" for name, it in value.items()]
        else:
            inner = [dump(it, indent + 1, flat) for it in value]
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        line = ", ".join(inner)
        if flat and len(line) < 220 and "\n" not in line:
            return f"{opened}{line}{closed}"
        return f"{opened}\n{pad}" + f",\n{pad}".join(inner) + f"\n{end}{closed}"
    return json.dumps(value, ensure_ascii=False)
