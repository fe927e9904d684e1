"""Codes in reports are read by their labels and kept as they are; pictures take their heights from numbers."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from guanxi.kernel.labels import Label
from guanxi.kernel.rendering import NUMBERS, cell_text
from guanxi.kernel.reports import Column, codes_in, digest_of
from guanxi.relationship import parts
from guanxi.relationship.file.commands import OpenFile
from tests.kernel.desks import Desk

CODE = Column("state", Label("State", "状态"), "code")
LABELS = {"open": Label("open", "进行中"), "late": Label("done late", "逾期完成")}


@pytest.mark.parametrize(
    ("cell", "en", "zh"),
    [
        ("open", "open", "进行中"),
        ("late, open", "done late, open", "逾期完成、进行中"),
        ("late K-1", "done late K-1", "逾期完成 K-1"),
        ("nobody_s_word", "nobody_s_word", "nobody_s_word"),
        ("", "", ""),
        (None, "–", "–"),
    ],
)
def test_a_code_is_shown_by_its_label_and_as_it_is_where_nobody_named_it(cell: Any, en: str, zh: str) -> None:
    tz = ZoneInfo("Asia/Shanghai")
    assert cell_text(cell, CODE, "en", tz, LABELS) == en
    assert cell_text(cell, CODE, "zh", tz, LABELS) == zh


def test_codes_are_found_in_code_columns_alone() -> None:
    columns = (CODE, Column("told", Label("Told", "说明")))
    assert codes_in(columns, [("late, open", "free text"), (None, "more"), ("late", "")]) == {"late", "open"}


def test_that_a_text_is_a_code_changes_no_digest() -> None:
    rows = [("open",), ("late",)]
    assert digest_of("r", [CODE], rows, "UTC") == digest_of("r", [Column("state", CODE.label)], rows, "UTC")


def test_a_report_keeps_codes_for_programmes_and_says_words_to_people() -> None:
    with Desk(plugins=[]) as desk:
        desk.ledger.execute("C-1", OpenFile(party="person", source_channel="media"), actor="clerk")
        result = desk.ledger.report("core.files")
    assert "自然人" in result.as_table("zh", 120)
    assert "natural person" in result.as_table("en", 120)
    assert "自然人" in result.as_html("zh")
    assert ",person," in result.as_csv("zh")
    assert '"person"' in result.as_json()


@pytest.mark.parametrize("report", [r for r in parts.reports if r.picture], ids=lambda r: r.name)
def test_a_picture_takes_its_heights_from_numbers(report: Any) -> None:
    picture, types = report.picture, {c.name: c.type for c in report.columns}
    height = picture.y if picture.value is None else picture.value
    if picture.kind != "timeline" and height in types:
        assert types[height] in NUMBERS


def test_a_label_of_one_owner_goes_before_that_of_all() -> None:
    assert parts.labels["core.files.person"].zh == "自然人"
    assert parts.labels["person"].zh == "人员"
