"""Writes it all: documents, schemas, bodies, evidence, and the list of errors."""

from __future__ import annotations

import json
import sys

from . import anglo, contract, continental, harrow, mailroom, models, post, receipts, trade
from .review import DEMO, Review, body, dump, existing, get, mapped, parts, reading

REVIEWS = [
    harrow.review, anglo.trellis, receipts.smokehouse, trade.order, mailroom.credit_note, post.review, contract.review,
    continental.nordwerk, continental.atelier, continental.polder, continental.olmedo, anglo.cascade, anglo.garrick, anglo.lough,
    receipts.ferry, receipts.gasthaus, trade.delivery, trade.statement, mailroom.claim, mailroom.reminder,
]
LARGEST, ALL = 60_000, 700_000


def plain(tree):
    return mapped(tree, lambda leaf, _: leaf.value)


def shown(value) -> str:
    if value is None:
        return "nothing"
    return f"`{json.dumps(value, default=str, ensure_ascii=False)}`".replace('"', "")


def rows(review: Review) -> list[str]:
    """The lines of ERRORS.md for one review."""
    opened = review.opening or existing(review.name, [])[0]
    found = []
    for wrong in review.wrong:
        if wrong.kind == "value":
            assert wrong.read != get(review.truth, wrong.path), f"{review.name}{wrong.path} is right"
            told = shown(wrong.read), wrong.says or shown(get(review.truth, wrong.path)), f"{wrong.likelihood:.2f}"
        elif wrong.kind == "missing":
            told = "no such row", "a row: " + text_of(get(review.truth, wrong.path)), "none"
        elif wrong.kind == "twice":
            told = "the row twice", "once: " + text_of(get(review.truth, wrong.path)), f"{wrong.likelihood:.2f}, the second"
        else:
            told = shown(wrong.read), wrong.says or shown(wrong.document), f"{wrong.likelihood:.2f}"
        found.append(f"| `{opened['run_id']}/{opened['block_id']}` | `{wrong.path}` | {' | '.join(told)} |")
    return found


def text_of(row) -> str:
    values = row.values() if isinstance(row, dict) else [row]
    return ", ".join(str(value) for value in values if value is not None)


def write(path, content) -> int:
    content = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)


def main() -> int:
    sizes, errors = {}, []
    for model_name, model in models.SCHEMAS.items():
        write(DEMO / "schemas" / f"{model_name}.json", json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False) + "\n")
    for make in REVIEWS:
        review = make()
        models.SCHEMAS[review.schema].model_validate(review.truth)
        if review.opening is None:
            assert plain(reading(review)) == existing(review.name, [])[0]["snapshot"], review.name
        else:
            write(DEMO / f"{review.name}.json", dump(body(review)) + "\n")
        write(DEMO / "evidence" / f"{review.name}.json", dump(parts(review), flat=True) + "\n")
        for file in review.files:
            sizes[file.filename] = write(DEMO / "documents" / file.filename, file.content)
        errors += rows(review)
    heading = (
        "# What is wrong in the demo\n\nFor trials: what a reviewer should find. The other values are what the documents say.\n"
        "Made by `scripts/demo-documents`.\n\n| review | field | read | in the document | likelihood |\n|---|---|---|---|---|\n"
    )
    write(DEMO / "ERRORS.md", heading + "\n".join(errors) + "\n")
    for name, size in sorted(sizes.items(), key=lambda it: -it[1]):
        print(f"{size:7} {name}")
    print(f"{sum(sizes.values()):7} in all, {len(errors)} errors")
    return int(sum(sizes.values()) > ALL or max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
