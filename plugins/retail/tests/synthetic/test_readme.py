"""The plugin's page lists every report with every parameter; what its examples print is checked with all other pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from guanxi_retail.assembly import PARTS

PAGE = Path(__file__).resolve().parents[2] / "README.md"
ROW = re.compile(r"^\| `(retail\.\w+)` \| (.+) \| (.*) \|$", re.MULTILINE)
EVERYWHERE = {"currency"}
"""Parameters that the page tells once for all reports."""


def listed() -> dict[str, str]:
    """The parameters that the page names for each report."""
    return {name: parameters for name, _, parameters in ROW.findall(PAGE.read_text("utf-8"))}


def test_the_table_lists_the_reports_that_there_are() -> None:
    assert set(listed()) == {report.name for report in PARTS.reports}


@pytest.mark.parametrize("report", PARTS.reports, ids=lambda report: report.name)
def test_the_table_names_the_parameters_of_each_report(report: Any) -> None:
    there = {field.name for field in attrs.fields(report.parameters)} if report.parameters else set()
    assert set(re.findall(r"`(\w+)`", listed()[report.name])) == there - EVERYWHERE
