"""Values in words, and words as values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest

from guanxi import ERASED, Invalid, Label, Money
from guanxi_adapters.cli.given import typed
from guanxi_adapters.cli.language import speak
from guanxi_adapters.cli.wording import Wording, differing, empty, portable

LABELS = {
    "active": Label("usable", "可用"),
    "last_day": Label("last day", "最后可用日"),
    "not_enough": Label("not enough", "不足"),
    "shop.sold": Label("sale", "销售"),
    "shop.sold_again": Label("further sale", "再次销售"),
}


@attrs.define
class Lot:
    key: str
    active: int
    last_day: date | None = None
    settled: int = 0


@pytest.fixture
def wording() -> Wording:
    speak("en")
    return Wording(LABELS, ZoneInfo("Asia/Shanghai"), "s1", {"s1/7": "active"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (0, "0"),
        (1234567, "1,234,567"),
        (Decimal("1280.50"), "1,280.50"),
        (Money("1280.5", "CNY"), "1,280.50 CNY"),
        (Money("1280", "JPY"), "1,280 JPY"),
        (date(2012, 6, 30), "2012-06-30"),
        (datetime(2012, 6, 30, 10, tzinfo=UTC), "2012-06-30 18:00"),
        (ERASED, "(erased)"),
        ((("A", 40), ("B", 2)), "A: 40, B: 2"),
        (["x", "y"], "x, y"),
        ([], "–"),
        ({}, "–"),
        ("not_enough", "not enough"),
        ("shop.sold", "sale"),
        ("shop.sold_again", "further sale"),
        ("shop.unknown_thing", "shop.unknown_thing"),
        ("s1/7", "#7 usable"),
        ("s1/8", "#8"),
        ("two\nlines \x1b[31m", "two lines \ufffd[31m"),
        (Lot("A", 60, date(2012, 6, 30)), "60 usable, last day 2012-06-30"),
        ({"A": Lot("A", 60)}, "A: 60 usable"),
    ],
)
def test_a_value_reads_as_a_person_writes_it(wording: Wording, value: Any, expected: str) -> None:
    assert wording.value(value) == expected


def test_chinese_puts_the_label_first(wording: Wording) -> None:
    speak("zh")
    try:
        assert wording.value(Lot("A", 60, date(2012, 6, 30))) == "可用 60，最后可用日 2012-06-30"
    finally:
        speak("en")


def test_a_difference_is_told_at_the_smallest_place() -> None:
    before, after = {"A": Lot("A", 60), "B": 1}, {"A": Lot("A", 0), "B": 1, "C": 2}
    assert list(differing(before, after)) == [(("A", "active"), 60, 0), (("C",), None, 2)]


def test_equal_values_do_not_differ() -> None:
    assert list(differing({"A": Lot("A", 60)}, {"A": Lot("A", 60)})) == []


@pytest.mark.parametrize("value", [None, "", 0, Decimal(0), False, [], (), {}, Money])
def test_nothing_is_empty(value: Any) -> None:
    assert empty(value) is (value is not Money)


def test_json_holds_objects_as_their_members() -> None:
    assert portable(
        {"A": Lot("A", 60, date(2012, 6, 30)), "m": Money("1.50", "CNY"), "d": Decimal("2.0")}
    ) == {
        "A": {"key": "A", "active": 60, "last_day": "2012-06-30", "settled": 0},
        "m": {"amount": "1.50", "currency": "CNY"},
        "d": "2.0",
    }


@attrs.frozen
class Asked:
    name: str = ""
    paid: Money | None = None
    day: date | None = None
    count: int = 0
    share: Decimal = Decimal(0)
    kind: Literal["a", "b"] = "a"
    kept: bool = False
    tags: tuple[str, ...] = ()
    extra: dict[str, int] = attrs.field(factory=dict)


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("name", "007", "007"),
        ("paid", "128.00CNY", Money("128.00", "CNY")),
        ("paid", "1,128.5 usd", Money("1128.5", "USD")),
        ("paid", "", None),
        ("day", "2012-02-29", date(2012, 2, 29)),
        ("count", "12", 12),
        ("share", "0.15", Decimal("0.15")),
        ("kind", "b", "b"),
        ("kept", "yes", True),
        ("kept", "否", False),
        ("tags", "x, y", ("x", "y")),
        ("tags", '["x"]', ("x",)),
        ("extra", '{"a": 1}', {"a": 1}),
    ],
)
def test_what_is_typed_becomes_what_the_field_takes(field: str, text: str, expected: Any) -> None:
    assert typed({field: text}, Asked) == {field: expected}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("paid", "128"),
        ("paid", "CNY"),
        ("day", "2012-02-30"),
        ("count", "1.5"),
        ("kind", "c"),
        ("kept", "maybe"),
        ("extra", "{bad"),
    ],
)
def test_what_does_not_fit_is_refused(field: str, text: str) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        typed({field: text}, Asked)
