"""Reports as text: every number whole, every line within the width, the same bytes for the same answer."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len

from guanxi.kernel import rendering
from guanxi.kernel.errors import PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import ERASED
from guanxi.kernel.rendering import cell_text, csv_text, html_page, json_text, moment_text, number_text, table
from guanxi.kernel.reports import Column, ReportResult
from guanxi.kernel.times import zone
from tests.adapters.pages.samples import EVERY, answer, reasons, rfm_grid

MEMBER = Column("member", Label("Member", "会员"))
REMARK = Column("remark", Label("Remark of the clerk", "店员备注"))
JOINED = Column("joined", Label("Joined", "入会日期"), "date")
SEEN = Column("seen", Label("Last seen", "最近到店"), "instant")
POINTS = Column("points", Label("Points balance at the cut", "截止日积分余额"), "decimal")
SHARE = Column("share", Label("Share", "占比"), "percent")
VISITS = Column("visits", Label("Visits", "到店次数"), "integer")
EVERY_COLUMN = (MEMBER, REMARK, JOINED, SEEN, POINTS, SHARE, VISITS)

LONG = "她说南京路店的店员态度很好，下个月还会再来；希望积分可以兑换停车券。" * 4


def mixed() -> ReportResult:
    seen = datetime(2012, 6, 30, 16, 0, tzinfo=UTC)
    return answer(
        EVERY_COLUMN,
        (
            ("欧阳娜娜", LONG, date(2012, 2, 29), seen, Decimal("-1234567.005"), Decimal("15.88"), 12_345),
            ("Bob", "came twice " * 20, None, None, None, Decimal("-0.001"), 0),
        ),
        notes=((Label("Fit", "拟合"), "r = 0.243"),),
    )


def lines(text: str) -> list[str]:
    return text.split("\n")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("make", [*EVERY, mixed], ids=lambda make: make.__name__)
def test_no_line_is_wider_than_asked_and_none_ends_in_blanks(make: Any, width: int, lang: str) -> None:
    for line in lines(table(make(), lang, width)):
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("width", [12, 30, 60, 80, 120])
def test_numbers_dates_and_instants_are_whole_at_every_width(width: int) -> None:
    text = table(mixed(), "zh", width)
    for whole in ("-1,234,567.01", "15.88%", "12,345", "2012-02-29", "2012-07-01 00:00:00"):
        assert whole in text


@pytest.mark.parametrize("width", [12, 60, 80, 120])
def test_a_very_long_text_folds_and_loses_nothing(width: int) -> None:
    only = answer((MEMBER, REMARK), (("x", LONG),))
    folded = re.sub(r"[\s─x]|会员|店员备注", "", table(only, "zh", width).split("\n\n")[1])
    assert folded == LONG.replace("店员备注", "")


def test_columns_of_chinese_and_latin_text_line_up() -> None:
    result = answer((MEMBER, VISITS), (("欧阳娜娜", 5), ("Bob", 12_345), ("李 Lee", -7)))
    shown = lines(table(result, "zh", 80))
    body = shown[shown.index("") + 1 :][:5]
    assert body[0] == "会员      到店次数"
    assert {cell_len(line) for line in body} == {cell_len(body[0])}
    assert [line.split()[-1] for line in body[2:]] == ["5", "12,345", "-7"]


def test_none_is_a_dash_and_negative_zero_is_zero() -> None:
    text = table(mixed(), "en", 120)
    assert "–" in text
    assert "-0.00" not in text
    assert "0.00%" in text


def test_an_answer_without_rows_shows_its_heading_and_says_so() -> None:
    empty = answer(EVERY_COLUMN, ())
    assert "No rows." in table(empty, "en", 120)
    assert "没有数据。" in table(empty, "zh", 60)
    assert "Points balance at the cut" in table(empty, "en", 120)
    assert lines(csv_text(empty, "en"))[0].startswith("Member,Remark")
    assert json.loads(json_text(empty))["rows"] == []


def test_too_many_columns_become_blocks_of_lines() -> None:
    text = table(mixed(), "en", 60)
    assert re.search(r"^Member +欧阳娜娜$", text, re.M)
    assert re.search(r"^Share +15\.88%$", text, re.M)


def test_notes_and_one_line_of_provenance_stand_below() -> None:
    result = mixed()
    *_, note, last, end = lines(table(result, "en", 120))
    assert end == ""
    assert note == "Fit: r = 0.243"
    assert last == (
        "as of 1998-06-30 · as known 2026-03-31 09:30:00 · Asia/Shanghai · position 69,659 · digest "
        + result.manifest.digest[:12]
    )
    assert "截至 1998-06-30" in table(result, "zh", 120)


def test_text_off_a_terminal_has_no_escape_codes_not_even_a_cells_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spiteful = answer((MEMBER,), (("\x1b[31mred\x07 [bold]plain[/bold]\r",),))
    text = table(spiteful, "en", 80)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert "[bold]plain[/bold]" in text


def test_text_on_a_terminal_is_styled_and_fits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = table(mixed(), "en")
    assert "\x1b[" in text
    assert all(cell_len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= 72 for line in lines(text))


def test_the_width_is_a_hundred_when_piped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    assert table(mixed(), "en") == table(mixed(), "en", 100)


def test_a_number_is_rounded_half_up_for_show_however_long_it_is() -> None:
    assert number_text(Decimal("0.125"), POINTS) == "0.13"
    assert number_text(Decimal("-0.125"), POINTS) == "-0.13"
    assert number_text(Decimal("1E+3"), POINTS) == "1,000.00"
    assert number_text(Decimal("9" * 60 + ".995"), POINTS).replace(",", "") == "1" + "0" * 60 + ".00"
    assert number_text(Decimal(7), attrs_places(POINTS, 0)) == "7"


def attrs_places(column: Column, places: int) -> Column:
    return Column(column.name, column.label, column.type, places)


def test_a_cell_of_an_erased_person_says_so_in_the_readers_language() -> None:
    tz = zone("Asia/Shanghai")
    assert cell_text(ERASED, MEMBER, "zh", tz) == "（已删除）"
    assert cell_text(ERASED, MEMBER, "en", tz) == "(erased)"
    assert json.loads(json_text(answer((VISITS,), ((3,),))))["rows"] == [{"visits": 3}]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("1998-06-30T15:59:59.999999Z", "1998-06-30"),
        ("1998-06-30T16:00:00.000000Z", "1998-07-01 00:00:00"),
        ("1998-06-30T16:00:00.000001Z", "1998-07-01 00:00:00.000001"),
        ("not a date", "not a date"),
    ],
)
def test_a_cut_at_a_days_end_is_shown_as_that_day(stored: str, shown: str) -> None:
    assert moment_text(stored, zone("Asia/Shanghai")) == shown


def test_csv_is_rfc_4180_with_exact_decimals_and_iso_dates() -> None:
    east = timezone(timedelta(hours=8))
    result = answer(
        (MEMBER, JOINED, SEEN, POINTS),
        (
            ('a "quoted", one', date(2012, 2, 29), datetime(2012, 7, 1, tzinfo=east), Decimal("0.10")),
            ("two\nlines", None, None, Decimal("1E+2")),
            ("欧阳", None, None, Decimal("-1234567.00500")),
        ),
    )
    assert csv_text(result, "zh") == (
        "会员,入会日期,最近到店,截止日积分余额\r\n"
        '"a ""quoted"", one",2012-02-29,2012-07-01T00:00:00+08:00,0.10\r\n'
        '"two\nlines",,,100\r\n'
        "欧阳,,,-1234567.00500\r\n"
    )
    heading, *rows = csv.reader(io.StringIO(csv_text(result, "en"), newline=""))
    assert heading[0] == "Member"
    assert rows[1][0] == "two\nlines"


def test_json_has_manifest_columns_rows_and_notes_with_decimals_as_text() -> None:
    result = mixed()
    read = json.loads(json_text(result))
    assert list(read) == ["manifest", "columns", "rows", "notes"]
    assert read["manifest"]["digest"] == result.manifest.digest
    assert read["columns"][1] == {
        "name": "remark",
        "label": {"en": "Remark of the clerk", "zh": "店员备注"},
        "type": "text",
    }
    assert read["rows"][0]["points"] == "-1234567.005"
    assert read["rows"][0]["seen"] == "2012-06-30T16:00:00+00:00"
    assert read["rows"][1]["joined"] is None
    assert read["notes"] == [{"label": {"en": "Fit", "zh": "拟合"}, "text": "r = 0.243"}]


def test_json_is_the_same_bytes_whatever_order_the_parameters_were_given_in() -> None:
    one = answer((VISITS,), ((1,),), parameters={"b": Decimal("1E+1"), "a": [date(2012, 1, 1)]})
    two = answer((VISITS,), ((1,),), parameters={"a": (date(2012, 1, 1),), "b": Decimal(10)})
    assert json_text(one) == json_text(two)
    assert json.loads(json_text(one))["manifest"]["parameters"] == {"a": ["2012-01-01"], "b": "10"}


@pytest.mark.parametrize("make", [*EVERY, mixed], ids=lambda make: make.__name__)
def test_every_form_comes_out_the_same_twice(make: Any) -> None:
    for render in (lambda r: table(r, "zh", 80), lambda r: csv_text(r, "zh"), json_text):
        assert render(make()) == render(make())


class Point:
    """Stands for an installed entry point."""

    def __init__(self, value: str, loaded: Any = None) -> None:
        self.value, self.loaded = value, loaded

    def load(self) -> Any:
        if self.loaded is None:
            raise ImportError("no module named altair")
        return self.loaded


def test_a_page_is_made_by_whatever_is_installed_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def installed(**kwargs: str) -> list[Point]:
        asked.append(kwargs)
        return [Point("pages:html", lambda result, lang: f"{result.report.name} {lang}")]

    monkeypatch.setattr(rendering, "entry_points", installed)
    assert html_page(rfm_grid(), "zh") == "retail.rfm zh"
    assert asked == [{"group": "guanxi.renderers", "name": "html"}]


@pytest.mark.parametrize("found", [[], [Point("pages:html")]], ids=["none", "broken"])
def test_a_page_that_nothing_can_make_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, found: list[Point]
) -> None:
    monkeypatch.setattr(rendering, "entry_points", lambda **_: found)
    with pytest.raises(PluginError) as refused:
        html_page(reasons())
    assert refused.value.code == "renderer_missing"
    assert refused.value.accepts == "pip install guanxi[pictures]"


def test_two_packages_that_both_make_pages_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "entry_points", lambda **_: [Point("b:html", str), Point("a:html", str)])
    with pytest.raises(PluginError, match="a:html, b:html"):
        html_page(reasons())
