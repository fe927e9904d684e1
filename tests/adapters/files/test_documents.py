"""A receipt of several lines in a file becomes one purchase with its lines."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guanxi import Invalid, Ledger
from guanxi_adapters.files import ImportReport, import_file, mapping_from
from guanxi_retail.purchases.purchases import Purchases

HEAD = "day,receipt,line,member,floor,amount,pieces"
RECEIPT = ("2012-01-05,A-17,1,C-1,clothing,128.00,2", "2012-01-05,A-17,2,C-1,books,12.50,1")
OTHER = "2012-01-06,A-18,1,C-2,,40.00,1"
Write = Callable[..., Path]


def till(**each: Any) -> dict[str, Any]:
    amount = {"column": "amount", "currency": "CNY", "sum": True}
    return {
        "source": {
            "name": "till-3", "kind": "numbered", "format": "csv", "header": 1, "zone": "Asia/Shanghai", "precision": "day",
        },
        "line": [
            {
                "command": "retail.record_purchase",
                "customer": "member",
                "occurred_at": "day",
                "document": "receipt",
                "fields": {"receipt": "receipt", "paid": amount},
                "each": {
                    "field": "lines",
                    "fields": {"number": "line", "area": "floor", "quantity": "pieces", "net": "amount", "paid": "amount"},
                    **each,
                },
            }
        ],
        "files": {"opens": True},
    }  # fmt: skip


def bring(ledger: Ledger, path: Path, **more: Any) -> ImportReport:
    return import_file(ledger, path, mapping_from(till()), actor="li", reason="March", **more)


def test_the_lines_of_a_receipt_become_one_purchase(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, *RECEIPT, OTHER))
    assert (report.lines, report.accepted, report.refused_count) == (3, 3, 0)
    assert report.value == {"CNY": Decimal("180.50")}
    (sale,) = ledger.history("C-1").state(Purchases).sales.values()
    assert (sale.paid, sale.quantity) == (Decimal("140.50"), 3)
    assert [(n, line.what and line.what.area, line.paid) for n, line in sale.lines.items()] == [
        (1, "clothing", Decimal("128.00")), (2, "books", Decimal("12.50")),
    ]  # fmt: skip
    (plain,) = ledger.history("C-2").state(Purchases).sales.values()
    assert plain.lines[1].what is not None
    assert plain.lines[1].what.area is None


def test_a_receipt_read_again_adds_nothing_whatever_lies_between_its_lines(
    ledger: Ledger, write: Write
) -> None:
    bring(ledger, write(HEAD, *RECEIPT, OTHER))
    again = bring(ledger, write(HEAD, RECEIPT[0], OTHER, RECEIPT[1]))
    assert (again.accepted, again.known) == (0, 3)


def test_a_receipt_that_has_grown_conflicts_and_keeps_what_it_was(ledger: Ledger, write: Write) -> None:
    bring(ledger, write(HEAD, RECEIPT[0]))
    grown = bring(ledger, write(HEAD, *RECEIPT))
    assert [(r.line, r.code) for r in grown.refused] == [(2, "source_conflict")]
    assert (grown.refused_count, grown.accepted) == (2, 0)
    assert ledger.history("C-1").state(Purchases).spent == Decimal("128.00")


def test_a_receipt_with_a_bad_line_stays_out_whole(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, RECEIPT[0], RECEIPT[1].replace("12.50", "12.505"), OTHER))
    assert [(r.line, r.code) for r in report.refused] == [(2, "receipt_incomplete"), (3, "inexact_amount")]
    assert report.accepted == 1


def test_lines_that_disagree_on_the_receipt_are_refused_with_it(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, RECEIPT[0], RECEIPT[1].replace("2012-01-05", "2012-01-06"), OTHER))
    assert [(r.line, r.code) for r in report.refused] == [(2, "document_differs"), (3, "receipt_incomplete")]
    assert report.accepted == 1


def test_a_receipt_whose_lines_name_different_customers_is_refused_whole(
    ledger: Ledger, write: Write
) -> None:
    third = RECEIPT[1].replace("A-17,2", "A-17,3")
    report = bring(ledger, write(HEAD, RECEIPT[0], RECEIPT[1].replace("C-1", "C-3"), third, OTHER))
    assert sorted((r.line, r.code) for r in report.refused) == [
        (2, "receipt_incomplete"), (3, "document_differs"), (4, "receipt_incomplete"),
    ]  # fmt: skip
    assert (report.accepted, report.refused_count) == (1, 3)


def test_a_number_that_starts_anew_each_day_may_be_anothers(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, *RECEIPT, OTHER.replace("A-18", "A-17")))
    assert (report.accepted, report.refused_count) == (3, 0)


def test_a_receipt_whose_customer_has_no_file_waits_with_all_its_lines(ledger: Ledger, write: Write) -> None:
    mapping = mapping_from(till() | {"files": {"opens": False}})
    report = import_file(ledger, write(HEAD, *RECEIPT), mapping, actor="li", reason="March")
    assert (report.waiting, report.accepted) == (2, 0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"field": "tender"}, "no field 'tender'"),
        ({"field": "conditions"}, "no field 'conditions'"),
        ({"fields": {"number": "line", "floor": "floor", "net": "amount", "paid": "amount"}}, "no such field"),
        ({"fields": {"number": "line", "net": "amount"}}, "also needs paid"),
        ({"fields": {"number": "line", "net": "amount", "paid": {"column": "amount", "sum": True}}}, "one line's own"),
    ],
)  # fmt: skip
def test_what_a_line_adds_has_to_fit_the_command(
    ledger: Ledger, write: Write, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        import_file(ledger, write(HEAD, *RECEIPT), mapping_from(till(**changes)), actor="li", reason="March")
    assert caught.value.code == "bad_mapping"


def test_a_sum_needs_lines_that_become_one_command() -> None:
    data = till()
    del data["line"][0]["each"]
    with pytest.raises(Invalid, match="is a sum"):
        mapping_from(data)
