"""Texts as people write them in several countries: amounts, dates, and account numbers whose check digits are right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}


def amount(value, thousands=",", point=".", places=2) -> str:
    """1249.9 as 1,249.90, or with other marks."""
    text = f"{Decimal(str(value)):,.{places}f}"
    return text.replace(",", "\0").replace(".", point).replace("\0", thousands)


def german(value, places=2) -> str:
    return amount(value, ".", ",", places)


def french(value) -> str:
    return amount(value, "\u00a0", ",")


def quantity(value, point=".") -> str:
    text = f"{Decimal(str(value)).normalize():f}"
    return text.replace(".", point)


def day(text: str, how: str) -> str:
    """An ISO date in a country's way: `strftime`, with %B in the language before a colon (`fr:%-d %B %Y`)."""
    when = date.fromisoformat(text)
    language, _, pattern = how.rpartition(":")
    return when.strftime(pattern.replace("%B", MONTHS[language or "en"][when.month - 1]))


def iban(country: str, rest: str) -> str:
    """An IBAN with its check digits, in groups of four. The banks are invented."""
    digits = "".join(str(int(letter, 36)) for letter in f"{rest}{country}00")
    text = f"{country}{98 - int(digits) % 97:02}{rest}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
