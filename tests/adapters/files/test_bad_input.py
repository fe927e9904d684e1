"""What is no data file, no line or no value is refused by name, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guanxi import GuanxiError, Ledger
from guanxi_adapters.files import import_file
from tests.adapters.files.conftest import events, facts, mapped

Write = Callable[..., Path]
HEAD = "customer,day,paid"
GOOD = "C-1,2012-01-05,11.77"


def bring(ledger: Ledger, path: Path, **changes: Any) -> Any:
    return import_file(ledger, path, mapped(**changes), actor="clerk", reason="r")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("C-1,2012-01-05,NaN", "inexact_amount"),
        ("C-1,2012-01-05,Infinity", "inexact_amount"),
        ("C-1,2012-01-05,1e3", "inexact_amount"),
        ("C-1,2012-01-05,0x10", "inexact_amount"),
        ("C-1,2012-01-05,１２", "inexact_amount"),
        ("C-1,2012-01-05,1_000", "inexact_amount"),
        ('C-1,2012-01-05,"1,234.50"', "inexact_amount"),
        ("C-1,2012-01-05,11.777", "inexact_amount"),
        ("C-1,2012-01-05,-1.00", "amount_sign"),
        ("C-1,2012-01-05,", "blank"),
        (",2012-01-05,1.00", "blank"),
        ("C-1,,1.00", "blank"),
        ("C-1,2012-02-30,1.00", "invalid_date"),
        ("C-1,2012-09-31,1.00", "invalid_date"),
        ("C-1,20120105,1.00", "invalid_date"),
        ("C-1,2012-1-5,1.00", "invalid_date"),
        ("C-1,2012-W01-1,1.00", "invalid_date"),
        ("C-1,2012-01-05", "wrong_columns"),
        ("C-1,2012-01-05,1.00,more", "wrong_columns"),
        ('C-1,2012-01-05,"1.00" x', "malformed_line"),
        ("C-1,2999-12-31,1.00", "future_dated"),
    ],
)
@pytest.mark.rule("CORE-98", "CORE-04")
def test_a_bad_line_is_named_with_its_reason_and_the_good_ones_land(
    ledger: Ledger, write: Write, line: str, code: str
) -> None:
    report = bring(ledger, write(HEAD, GOOD, line, "C-2,2012-01-05,11.77"))
    assert [(r.line, r.code) for r in report.refused] == [(3, code)]
    assert report.accepted == len(facts(ledger)) == 2
    assert report.refused[0].text.startswith(code)


@pytest.mark.parametrize(
    ("paid", "stored"),
    [
        ("11.77", "11.77"),
        ("11.770", "11.77"),
        ("12", "12.00"),
        ("+7.5", "7.50"),
        ("0", "0.00"),
        ("-0.00", "0.00"),
    ],
)
def test_decimal_text_is_taken_exactly(ledger: Ledger, write: Write, paid: str, stored: str) -> None:
    bring(ledger, write(HEAD, f"C-1,2012-01-05,{paid}"))
    assert str(events(ledger)[0].paid) == f"{stored} CNY"


@pytest.mark.parametrize(
    ("paid", "ok"),
    [
        ("1,234.50", True),
        ("1,234,567", True),
        ("999", True),
        ("12,34.50", False),
        (",123", False),
        ("1,2345", False),
    ],
)
def test_thousands_are_read_only_where_they_are_declared_and_only_in_threes(
    ledger: Ledger, write: Write, paid: str, ok: bool
) -> None:
    money = {"column": "paid", "currency": "CNY", "thousands": ","}
    report = bring(ledger, write(HEAD, f'C-1,2012-01-05,"{paid}"'), field_paid=money)
    assert report.ok == ok


def test_a_currency_without_decimals_takes_none(ledger: Ledger, write: Write) -> None:
    report = bring(
        ledger,
        write(HEAD, "C-1,2012-01-05,100.5", "C-1,2012-01-05,100"),
        field_paid={"column": "paid", "currency": "JPY"},
    )
    assert [(r.line, r.code) for r in report.refused] == [(2, "inexact_amount")]
    assert str(events(ledger)[0].paid) == "100 JPY"


@pytest.mark.parametrize(
    ("text", "ok"),
    [("19970105", True), ("1997015", False), ("199715", False), ("19970231", False), ("1997-01-05", False)],
)
def test_dates_without_separators_need_all_their_digits(
    ledger: Ledger, write: Write, text: str, ok: bool
) -> None:
    report = bring(
        ledger, write(HEAD, f"C-1,{text},1.00"), line_occurred_at={"column": "day", "format": "%Y%m%d"}
    )
    assert report.ok == ok


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2012-01-05 10:30", "2012-01-05T15:30:00.000000Z"),
        ("2012-01-05T10:30:05+08:00", "2012-01-05T02:30:05.000000Z"),
        ("2012-07-05 10:30", "2012-07-05T14:30:00.000000Z"),
    ],
)
def test_a_time_without_an_offset_is_read_in_the_declared_zone(
    ledger: Ledger, write: Write, text: str, stored: str
) -> None:
    ledger.clock = _later  # type: ignore[method-assign,assignment]
    bring(ledger, write(HEAD, f"C-1,{text},1.00"), source_zone="America/New_York", source_precision="instant")
    assert (facts(ledger)[0].occurred_at, facts(ledger)[0].precision) == (stored, "instant")


def _later() -> Any:
    from datetime import UTC, datetime

    return datetime(2013, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2012-03-11 02:30", "2012-01-05", "2012-01-05 25:00", "2012-01-05 10:60"])
def test_a_time_that_was_not_is_refused(ledger: Ledger, write: Write, text: str) -> None:
    ledger.clock = _later  # type: ignore[method-assign,assignment]
    report = bring(
        ledger, write(HEAD, f"C-1,{text},1.00"), source_zone="America/New_York", source_precision="instant"
    )
    assert [r.code for r in report.refused] == ["invalid_date"]


# Files


def _empty(folder: Path) -> Path:
    (folder / "x").write_bytes(b"")
    return folder / "x"


def _binary(folder: Path) -> Path:
    (folder / "x").write_bytes(bytes(range(256)) * 40)
    return folder / "x"


def _utf16(folder: Path) -> Path:
    (folder / "x").write_bytes(f"{HEAD}\n{GOOD}\n".encode("utf-16"))
    return folder / "x"


def _other_heading(folder: Path) -> Path:
    (folder / "x").write_text(f"customer,date,paid\n{GOOD}\n")
    return folder / "x"


def _twice(folder: Path) -> Path:
    (folder / "x").write_text(f"customer,day,day\n{GOOD}\n")
    return folder / "x"


def _gone(folder: Path) -> Path:
    path = _empty(folder)
    path.unlink()
    return path


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_empty, "file_empty"),
        (_binary, "not_text"),
        (_utf16, "wrong_encoding"),
        (_other_heading, "bad_mapping"),
        (_twice, "header_mismatch"),
        (_gone, "no_such_file"),
        (lambda folder: folder, "not_a_file"),
        (lambda folder: Path("/dev/null"), "not_a_file"),
        (lambda folder: folder / ("n" * 300), "cannot_read"),
    ],
)
def test_what_is_no_data_file_is_refused_as_a_whole_and_nothing_is_recorded(
    ledger: Ledger, tmp_path: Path, make: Callable[[Path], Path], code: str
) -> None:
    with pytest.raises(GuanxiError) as refusal:
        bring(ledger, make(tmp_path))
    assert refusal.value.code == code
    assert refusal.value.zh != refusal.value.message
    assert ledger.store.count() == 0


def test_a_heading_that_differs_from_the_declared_columns_is_refused(ledger: Ledger, write: Write) -> None:
    with pytest.raises(GuanxiError, match="header_mismatch: ") as refusal:
        bring(ledger, write("day,customer,paid", GOOD), source_columns=["customer", "day", "paid"])
    assert "customer, day, paid" in refusal.value.accepts


def test_a_heading_without_lines_is_an_empty_batch(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, "", "   "))
    assert (report.lines, report.ok, report.batch) == (0, True, "till-1")


def test_bytes_that_do_not_fit_the_encoding_cost_only_their_line(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(
        f"{HEAD}\n{GOOD}\n".encode()
        + "李,2012-01-05,1.00\n".encode("gb18030")
        + "王,2012-01-05,1.00\n".encode()
    )
    report = bring(ledger, path)
    assert [(r.line, r.code) for r in report.refused] == [(3, "wrong_encoding")]
    assert report.accepted == 2


def test_a_byte_order_mark_windows_line_ends_and_quotes_are_read(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(
        b'\xef\xbb\xbfcustomer,day,paid\r\n"C-1","2012-01-05","1.50"\r\n\r\n"C ""2"", x",2012-01-06,2.00'
    )
    report = bring(ledger, path)
    assert (report.accepted, report.ok) == (2, True)
    assert {e.account for e in events(ledger, "core.file_opened")} == {"C-1", 'C "2", x'}


def test_a_quote_that_is_never_closed_is_reported_where_it_opened(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, GOOD, '"C-2,2012-01-05,1.00', "C-3,2012-01-05,1.00"))
    assert [(r.line, r.code) for r in report.refused] == [(3, "malformed_line")]
    assert report.accepted == 1


def test_codes_the_mapping_does_not_know_are_refused(ledger: Ledger, write: Write) -> None:
    area = {"column": "area", "codes": {"1": "books", "2": "toys"}}
    path = write(
        "customer,day,paid,area", "C-1,2012-01-05,1.00,1", "C-1,2012-01-05,1.00,3", "C-1,2012-01-05,1.00,"
    )
    report = bring(ledger, path, field_area=area)
    assert [(r.line, r.code) for r in report.refused] == [(3, "unknown_code")]
    assert [e.area for e in events(ledger)] == ["books", None]
