"""A chain of shops answers the same on either database: reports add up in SQL, which each database speaks its own way."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import guanxi
import guanxi_retail
from guanxi import Ledger, Refusal
from guanxi_retail.synthetic import ShopChain, live

MEMBERS = 10


def lived(url: str) -> Ledger:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ledger = guanxi.open(url, zone="Asia/Shanghai", plugins=[guanxi_retail.plugin])
    live(ledger, ShopChain(members=MEMBERS))
    return ledger


def answers(ledger: Ledger) -> dict[str, Any]:
    """What each of retail's reports that reads tables answers, or how it refuses."""
    (retail,) = (parts for parts in ledger.parts if parts.name == "retail")
    found: dict[str, Any] = {}
    for report in retail.reports:
        if report.over is not None:
            continue
        try:
            result = ledger.report(report.name)
            found[report.name] = result.rows, result.notes
        except Refusal as refusal:
            found[report.name] = refusal.code
    return found


@pytest.mark.postgres
def test_every_report_of_a_chain_answers_on_postgresql_what_it_answers_on_sqlite(postgres_url: str) -> None:
    one, other = lived("sqlite://"), lived(postgres_url)
    expected, found = answers(one), answers(other)
    assert {name for name in expected if found[name] != expected[name]} == set()
    assert sum(isinstance(answer, tuple) and bool(answer[0]) for answer in expected.values()) > 40
    one.close()
    other.close()
