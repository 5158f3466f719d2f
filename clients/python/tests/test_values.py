"""Hostile and awkward values: they arrive as they are, or are refused before anything is done."""

import copy
import math
import pickle
from decimal import Decimal

import pytest
from support import Faults

from holdpoint import Holdpoint, errors
from holdpoint._json import Number, dumps, loads
from holdpoint._wire import file_of, seconds

DIGITS = '{"total":12.50,"rate":0.1234567890123456789,"count":123456789012345678901,"small":1e-7,"name":"Ünï\\u2028"}'


def test_no_digit_is_lost(connect, held):
    run = held(loads(DIGITS))
    dana = connect("dana")
    # As it is read, so it is sent: with one value changed, the others keep their digits.
    snapshot = {**dana.reviews.get(run, "extract").versions[0].snapshot, "name": "new"}
    dana.reviews.approve(run, "extract", version_stamp=0, edited_output=snapshot)
    got = connect("agent").reviews.wait_for_decision(run, "extract").snapshot
    assert dumps(got) == dumps({**loads(DIGITS), "name": "new"}) and b"12.50" in dumps(got) and b"0.1234567890123456789" in dumps(got)


def test_a_number_is_a_float():
    number = loads("12.50")
    assert isinstance(number, Number) and number == 12.5 and type(number + 1) is float
    assert pickle.loads(pickle.dumps(number)).text == copy.deepcopy(number).text == "12.50"
    assert type(loads("12.5")) is float and dumps(Decimal("0.30")) == b"0.30"


DEEP = {"a": 1}
for _ in range(2000):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, Decimal("nan"), {1: 2}, {"a": {2}}, object(), b"x", "\ud800", DEEP], ids=lambda _: ""
)
def test_what_json_cannot_say_is_refused_before_it_is_sent(connect, names, value):
    seen = Faults()
    with pytest.raises(ValueError):
        connect("agent", seen).reviews.gate(names[0], "extract", workflow_id=names[1], snapshot={"value": value})
    assert seen.seen == []


@pytest.mark.parametrize("name", ["a/b", "../../documents", "a b", "a?x=1", "a#b", "ä", "%2e%2e", "a\nb", "x" * 300])
def test_an_identifier_leads_to_no_other_path(connect, name):
    seen = Faults()
    with pytest.raises((errors.InvalidError, errors.NotFoundError)):
        connect("dana", seen).reviews.get(name, "extract")
    path = seen.seen[0].url.raw_path
    assert path.startswith(b"/v1/workflows/reviews/") and path.endswith(b"/extract") and path.count(b"/") == 5


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_identifier_that_is_a_path(connect, name):
    seen = Faults()
    with pytest.raises(ValueError):
        connect("dana", seen).reviews.get(name, "extract")
    assert seen.seen == []


@pytest.mark.parametrize("key", ["", "hp_x\r\nHost: evil", "hp_ü", "hp x"])
def test_a_key_that_is_none_is_not_shown(key, monkeypatch):
    monkeypatch.delenv("HOLDPOINT_API_KEY", raising=False)
    with pytest.raises(ValueError) as error:
        Holdpoint(key)
    assert not key or key not in str(error.value)


def test_a_key_is_in_no_text(connect, product):
    client = Holdpoint(product.keys["dana"], product.url)
    assert product.keys["dana"] not in repr(client) + repr(client.reviews)


def test_an_unknown_field_and_an_unknown_word(connect, held):
    run = held()
    with pytest.raises(errors.InvalidError) as error:
        connect("agent").reviews.open("r", "extract", nonsense=1)
    assert ["body", "nonsense"] in [each["loc"] for each in error.value.errors]
    overlay = connect("dana").reviews.get(run, "extract").model_dump(by_alias=True)
    # A newer product may answer more than this package knows.
    tomorrow = type(connect("dana").reviews.get(run, "extract")).model_validate({**overlay, "status": "parked", "mood": "good"})
    assert tomorrow.status == "parked"


@pytest.mark.parametrize("name", ["..pdf", "-", "ä" * 300, "a" * 250, "x.unknown"])
def test_a_name_of_a_document_fits(tmp_path, name):
    path = tmp_path / name[:100]
    path.write_bytes(b"x")
    assert 0 < len(file_of(path).id) <= 64 and file_of(path).id.isascii()


def test_durations():
    assert [seconds(each) for each in ("90s", "15m", "12h", "7d", 3)] == [90, 900, 43200, 604800, 3]
    for each in ("", "7", "d", "7 d", "-1d", "7d7", "9" * 20 + "d"):
        with pytest.raises(ValueError):
            seconds(each)
