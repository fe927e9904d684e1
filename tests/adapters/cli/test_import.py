"""``guanxi import``: exit codes, the report, and the read models afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]

MAPPING = """
[source]
name = "till"
kind = "numbered"
format = "csv"
header = 1
zone = "Asia/Shanghai"
precision = "day"

[[line]]
command = "retail.record_purchase"
customer = "customer"
occurred_at = "day"
document = "receipt"

[line.fields]
receipt = "receipt"
paid = { column = "paid", currency = "CNY" }

[files]
opens = true
party = "person"
source_channel = "till"
"""


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[str]]:
    """Write a data file and its mapping; return the arguments that name them."""

    def write(*lines: str) -> list[str]:
        data, mapping = tmp_path / "till.csv", tmp_path / "till.toml"
        data.write_text("\n".join(["customer,day,receipt,paid", *lines, ""]), "utf-8")
        mapping.write_text(MAPPING, "utf-8")
        return ["import", str(data), "--mapping", str(mapping), "--reason", "July's tills"]

    return write


def test_a_good_file_ends_with_code_0_and_read_models_are_level(
    shop: Shop, files: Callable[..., list[str]]
) -> None:
    ran = shop(*files("N-1,2012-07-01,T-1,10.00", "N-2,2012-07-01,T-2,12.50"))
    assert ran.code == 0, ran
    assert "accepted: 2" in ran.out
    assert ran.err == ""
    assert all(s["lag"] == 0 for s in shop("project", "status", "--json").json()["models"])


def test_an_imported_entry_says_from_where_and_why(shop: Shop, files: Callable[..., list[str]]) -> None:
    shop(*files("N-1,2012-07-01,T-1,10.00"))
    text = " ".join(shop("history", "N-1").out.split())
    assert "tester: July's tills · till T-1 line 1" in text


def test_the_same_file_again_adds_nothing(shop: Shop, files: Callable[..., list[str]]) -> None:
    shop(*files("N-1,2012-07-01,T-1,10.00"))
    ran = shop(*files("N-1,2012-07-01,T-1,10.00"))
    assert ran.code == 0
    assert "accepted: 0" in ran.out


def test_refused_lines_end_with_code_3_and_are_named(shop: Shop, files: Callable[..., list[str]]) -> None:
    ran = shop(*files("N-1,2012-07-01,T-1,10.00", "N-2,2012-02-30,T-2,12.50"))
    assert ran.code == 3
    assert "accepted: 1" in ran.out
    assert "3" in ran.out.partition("refused")[2]


def test_all_or_nothing_takes_in_nothing(shop: Shop, files: Callable[..., list[str]]) -> None:
    ran = shop(*files("N-1,2012-07-01,T-1,10.00", "N-2,2012-02-30,T-2,12.50"), "--all-or-nothing")
    assert ran.code == 3
    assert shop("history", "N-1").code == 1


def test_json_is_the_whole_report(shop: Shop, files: Callable[..., list[str]]) -> None:
    body = shop(*files("N-1,2012-07-01,T-1,10.00"), "--json").json()
    assert body["accepted"] == 1


def test_the_report_speaks_chinese(shop: Shop, files: Callable[..., list[str]]) -> None:
    assert "收录：1" in shop(*files("N-1,2012-07-01,T-1,10.00"), "--lang", "zh").out


def test_a_missing_file_is_wrong_usage(shop: Shop, files: Callable[..., list[str]]) -> None:
    arguments = files()
    assert shop("import", "nothing.csv", *arguments[2:]).code == 2


def test_a_bad_mapping_is_refused(shop: Shop, files: Callable[..., list[str]], tmp_path: Path) -> None:
    arguments = files("N-1,2012-07-01,T-1,10.00")
    (tmp_path / "till.toml").write_text("[source]\n", "utf-8")
    ran = shop(*arguments)
    assert ran.code == 1
    assert "bad_mapping" in ran.err
