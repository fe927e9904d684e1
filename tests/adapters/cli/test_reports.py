"""``guanxi report`` and ``guanxi reports``."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def test_a_report_is_a_table_that_names_its_cut_and_digest(shop: Shop) -> None:
    ran = shop("report", "core.files")
    assert ran.code == 0
    assert "上海百货有限" in ran.out
    assert "digest" in ran.out


def test_a_report_as_of_an_earlier_day_leaves_out_what_came_later(shop: Shop) -> None:
    assert "C-2" not in shop("report", "core.files", "--as-of", "2012-03-01").out


def test_a_report_as_known_takes_a_position(shop: Shop) -> None:
    assert "C-1" in shop("report", "core.files", "--as-known", "3").out


def test_csv_keeps_its_line_ends(shop: Shop) -> None:
    out = shop("report", "core.files", "--format", "csv").out
    assert "\r\n" in out
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0][0] == "Account no."
    assert [r[0] for r in rows[1:]] == ["C-1", "C-2"]


def test_json_either_way(shop: Shop) -> None:
    body = shop("report", "core.files", "--json").json()
    assert body["rows"][0]["account"] == "C-1"
    assert (
        shop("report", "core.files", "--format", "json").json()["manifest"]["digest"]
        == body["manifest"]["digest"]
    )


def test_the_ending_of_the_file_tells_the_format(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "files.csv"
    ran = shop("report", "core.files", "--out", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert "2 rows written" in ran.err
    assert file.read_bytes().count(b"\r\n") == 3


def test_a_table_in_a_file_has_no_colours(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "files.txt"
    shop("report", "core.files", "--out", str(file))
    assert "\x1b" not in file.read_text("utf-8")
    assert "Customer files" in file.read_text("utf-8")


def test_a_file_that_cannot_be_written_is_one_line(shop: Shop, tmp_path: Path) -> None:
    ran = shop("report", "core.files", "--out", str(tmp_path / "no" / "f.csv"))
    assert ran.code == 1
    assert "No such file" in ran.err
    assert ran.err.count("\n") == 1


def test_parameters_are_read_by_their_kind(shop: Shop) -> None:
    ran = shop("report", "retail.customers", "--param", "top=1", "--json")
    assert ran.code == 0
    assert ran.json()["manifest"]["parameters"]["top"] == 1


@pytest.mark.parametrize(
    ("given", "code"), [("top=many", "out_of_scale"), ("height=3", "unknown_field"), ("top", "not_a_pair")]
)
def test_a_wrong_parameter_is_refused(shop: Shop, given: str, code: str) -> None:
    ran = shop("report", "retail.customers", "-p", given)
    assert ran.code == 1
    assert code in ran.err


def test_a_report_without_parameters_takes_none(shop: Shop) -> None:
    assert "unknown_field" in shop("report", "core.files", "-p", "a=b").err


def test_an_unknown_report_names_those_there_are(shop: Shop) -> None:
    ran = shop("report", "core.nothing")
    assert ran.code == 1
    assert "core.files" in ran.err


def test_an_unknown_format_is_wrong_usage(shop: Shop) -> None:
    assert shop("report", "core.files", "--format", "docx").code == 2


def test_reports_lists_titles_and_parameters_without_a_ledger(shop: Shop, run: Shop) -> None:
    text = run("reports").out
    assert "core.files  Customer files" in text
    assert "top=" in text
    assert "whole number" in text


def test_reports_in_json(run: Shop) -> None:
    found = {r["name"]: r for r in run("reports", "--json").json()}
    assert found["core.files"]["title"] == {"en": "Customer files", "zh": "客户档案登记"}
    assert {p["name"] for p in found["retail.customers"]["parameters"]} >= {"top"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, language: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for arguments in (
        ["report", "core.files"],
        ["reports"],
        ["commands"],
        ["plugins"],
        ["project", "status"],
    ):
        text = shop(*arguments, "--lang", language).out
        assert max(cell_len(line) for line in text.splitlines()) <= columns


def test_chinese_headings(shop: Shop) -> None:
    assert "客户档案登记" in shop("report", "core.files", "--lang", "zh").out
    assert "户号" in shop("report", "core.files", "--lang", "zh", "-f", "csv").out
