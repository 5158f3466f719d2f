"""What all invoices of the demo share: how their numbers follow from their lines, and how their lines are drawn."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Callable

from .sheet import Sheet

CENT = Decimal("0.01")


def cents(value) -> Decimal:
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def number(text: str) -> Decimal | int:
    """A quantity: whole where it is."""
    value = Decimal(text)
    return int(value) if value == value.to_integral() else value


def party(name: str, vat: str | None, street: str, city: str, postcode: str, country: str, state: str | None = None) -> dict[str, Any]:
    address = {"street": street, "city": city, "postcode": postcode, "country": country}
    if state:
        address["state"] = state
    return {"name": name, "vat_number": vat, "address": address}


def invoice(head: dict[str, Any], seller, buyer, items: list[tuple], tax: tuple[str, str], payment, kept: tuple[str, str] | None = None):
    """The truth of an invoice: `items` are sku, description, quantity, unit price; `tax` and `kept` are name and rate."""
    lines = [
        {"line": index, "sku": sku, "description": text, "quantity": number(count), "unit_price": cents(price),
         "amount": cents(Decimal(count) * Decimal(price))}
        for index, (sku, text, count, price) in enumerate(items, 1)
    ]
    subtotal = sum((line["amount"] for line in lines), Decimal("0.00"))
    taxed = {"name": tax[0], "rate": Decimal(tax[1]), "amount": cents(subtotal * Decimal(tax[1]))}
    truth = head | {"seller": seller, "buyer": buyer, "line_items": lines, "subtotal": subtotal, "tax": taxed}
    total = subtotal + taxed["amount"]
    if kept:
        truth["withholding"] = {"name": kept[0], "rate": Decimal(kept[1]), "amount": cents(subtotal * Decimal(kept[1]))}
        total -= truth["withholding"]["amount"]
    return truth | {"total_amount": total, "payment": payment}


def cells(truth: dict[str, Any], order: str, money: Callable, count: Callable) -> list[list]:
    """The rows of the lines: # line, s sku, d description, q quantity, u unit price, a amount; any other letter: nothing."""
    names = {"#": "line", "s": "sku", "d": "description", "q": "quantity", "u": "unit_price", "a": "amount"}
    show = {"q": count, "u": money, "a": money}
    return [
        [(show.get(letter, str)(item[names[letter]]), f"/line_items/{index}/{names[letter]}")
         if letter in names and item[names[letter]] is not None else "" for letter in order]
        for index, item in enumerate(truth["line_items"])
    ]


def sums(sheet: Sheet, x: float, right: float, y: float, rows: list[tuple[str, str, str]], leading: float = 17) -> float:
    """Label, amount and what it shows, below each other; the last is bold."""
    for index, (label, shown, at) in enumerate(rows):
        last = index == len(rows) - 1
        if last:
            sheet.rule(x, y - 12, right)
            y += 4
        sheet.text(x, y, label, bold=last)
        sheet.text(right, y, shown, at, bold=last, align="right")
        y += leading
    return y


def opening(run: str, trigger: dict[str, Any], priority: int = 0, workflow: str = "wf_invoices", version: int = 18,
            block: str = "block_extract", kind: str = "extract", author: tuple[str, str] = ("model_extract-3", "Extract 3")):
    """The plain fields of a body."""
    return {
        "run_id": run, "block_id": block, "workflow_id": workflow, "workflow_version_id": f"wfv_{workflow[3:]}.{version}",
        "block_type": kind, "triggered_by": trigger,
        "author": {"kind": "model", "id": author[0], "display_name": author[1]}, "priority": priority,
    }
