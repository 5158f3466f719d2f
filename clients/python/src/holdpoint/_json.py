"""JSON that keeps each number as it was written: a snapshot that is read and sent back has lost no digit."""

import json
from decimal import Decimal
from typing import Any, Union

from pydantic import BaseModel

# The product takes 127 levels of a snapshot; the body around it has a few of its own.
DEEPEST = 140


class Number(float):
    """A float that remembers how it was written (`12.50`); what is computed from it is a plain float."""

    text: str

    def __new__(cls, text: Union[str, float]) -> "Number":
        made = super().__new__(cls, text)
        made.text = str(text)
        return made

    def __getnewargs__(self) -> tuple[Any]:
        return (self.text,)


def _number(text: str) -> float:
    plain = float(text)
    return plain if repr(plain) == text else Number(text)


def loads(text: Union[str, bytes]) -> Any:
    return json.loads(text, parse_float=_number)


def dumps(value: Any) -> bytes:
    """The JSON of dictionaries, lists, texts, numbers (`Decimal`, too) and models. Raises `ValueError` for what JSON cannot say."""
    return _text(value, 0).encode()


def _text(value: Any, depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError("nested too deep for a request")
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("the names of a JSON object are texts")
        return "{" + ",".join(f"{_plain(name)}:{_text(each, depth + 1)}" for name, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(each, depth + 1) for each in value) + "]"
    if isinstance(value, Number):
        return value.text
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    return _plain(value)


def _plain(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise ValueError(str(error)) from None
