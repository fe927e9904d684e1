"""What an import makes of small files: which lines are the same, which are refused, which wait."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guanxi import Incomplete, Ledger, Money, OpenFile, RuleNotMet, Source, Unknown, verify
from guanxi.relationship import open_batch
from guanxi_adapters.files import ImportReport, Mapping, import_file, mapping_from
from guanxi_retail import RecordPurchase
from tests.adapters.files.conftest import events, facts, mapped, opened, spent, table

Write = Callable[..., Path]
HEAD = "customer,day,paid"
A, B = "C-1,2012-01-05,11.77", "C-2,2012-01-06,20.00"


def bring(ledger: Ledger, path: Path, mapping: Mapping | None = None, **options: Any) -> ImportReport:
    return import_file(ledger, path, mapping or mapped(), actor="clerk", reason="from the till", **options)


# The same line twice


@pytest.mark.rule("CORE-03b")
def test_equal_lines_of_an_unnumbered_file_are_all_kept_and_a_grown_file_adds_what_is_new(
    ledger: Ledger, write: Write
) -> None:
    first = bring(ledger, write(HEAD, A, A, B))
    assert (first.accepted, first.known) == (3, 0)
    grown = bring(ledger, write(HEAD, A, A, B, A))
    assert (grown.accepted, grown.known, grown.value) == (1, 3, {"CNY": Decimal("11.77")})
    assert len(facts(ledger)) == 4
    assert bring(ledger, write(HEAD, B, A, A, A)).accepted == 0
    assert verify(ledger.store).faults == ()


@pytest.mark.rule("RET-06a")
def test_a_numbered_line_is_known_by_its_number_and_other_content_conflicts(
    ledger: Ledger, write: Write
) -> None:
    head, till = "customer,day,paid,receipt,line", mapped("numbered")
    assert bring(ledger, write(head, "C-1,2012-01-05,11.77,R1,1"), till).accepted == 1
    assert bring(ledger, write(head, "C-1,2012-01-05,11.77,R1,1"), till).known == 1
    other = bring(ledger, write(head, "C-1,2012-01-05,12.77,R1,1"), till)
    assert [r.code for r in other.refused] == ["source_conflict"]
    assert spent(ledger) == Decimal("11.77")
    second = bring(ledger, write(head, "C-1,2012-01-05,11.77,R1,1", "C-1,2012-01-05,11.77,R1,2"), till)
    assert (second.accepted, second.known) == (1, 1)
    assert len(facts(ledger)) == 2


def test_the_same_number_twice_in_one_file_is_one_line_and_other_content_conflicts(
    ledger: Ledger, write: Write
) -> None:
    lines = ["C-1,2012-01-05,11.77,R1,1", "C-1,2012-01-05,11.77,R1,1", "C-1,2012-01-05,12.77,R1,1"]
    report = bring(ledger, write("customer,day,paid,receipt,line", *lines), mapped("numbered"))
    assert (report.accepted, report.known) == (1, 1)
    assert [(r.line, r.code) for r in report.refused] == [(4, "source_conflict")]


@pytest.mark.rule("RET-59")
def test_a_receipt_enters_whole_or_not_at_all(ledger: Ledger, write: Write) -> None:
    head = "customer,day,paid,receipt,line"
    torn = ["C-1,2012-01-05,11.777,R1,1", "C-1,2012-01-05,1.00,R1,2", "C-1,2012-01-05,2.00,R2,1"]
    report = bring(ledger, write(head, *torn), mapped("numbered"))
    assert [(r.line, r.code) for r in report.refused] == [(2, "inexact_amount"), (3, "receipt_incomplete")]
    assert report.accepted == 1
    whole = bring(ledger, write(head, "C-1,2012-01-05,11.77,R1,1", *torn[1:]), mapped("numbered"))
    assert (whole.accepted, whole.known, whole.ok) == (2, 1, True)


def test_a_receipt_of_which_the_ledger_refuses_a_line_stays_out_whole(ledger: Ledger, write: Write) -> None:
    data = table("numbered")
    data["line"][0]["fields"]["paid"] = {"column": "paid", "currency_column": "currency"}
    head = "customer,day,paid,currency,receipt,line"
    lines = ["C-1,2012-01-05,1.00,CNY,R1,1", "C-1,2012-01-06,1.00,CNY,R2,1", "C-1,2012-01-06,1.00,USD,R2,2"]
    report = bring(ledger, write(head, *lines), mapping_from(data))
    assert [(r.line, r.code) for r in report.refused] == [(3, "receipt_incomplete"), (4, "unit_mismatch")]
    assert len(facts(ledger)) == 1


@pytest.mark.rule("RET-06f")
def test_a_delta_file_is_told_apart_by_its_number(ledger: Ledger, write: Write) -> None:
    delta = mapped("delta")
    assert bring(ledger, write(HEAD, A, A), delta, file_number=7).accepted == 2
    assert bring(ledger, write(HEAD, A, A), delta, file_number=7).known == 2
    assert bring(ledger, write(HEAD, A), delta, file_number=8).accepted == 1
    with pytest.raises(Incomplete, match="file_number_missing"):
        bring(ledger, write(HEAD, A), delta)
    assert len(facts(ledger)) == 3


@pytest.mark.rule("RET-06g")
def test_a_line_that_a_later_reading_lacks_is_listed_as_vanished_and_kept(
    ledger: Ledger, write: Write
) -> None:
    bring(ledger, write(HEAD, A, A, B))
    later = bring(ledger, write(HEAD, A, B))
    assert (later.vanished, later.accepted, later.known) == (1, 0, 2)
    (gone,) = later.vanished_entries
    assert gone in {e.id for e in facts(ledger)}
    assert len(facts(ledger)) == 3
    assert bring(ledger, write(HEAD, A, A, B)).vanished == 0


def test_amounts_and_spaces_written_otherwise_are_the_same_line(ledger: Ledger, write: Write) -> None:
    assert bring(ledger, write(HEAD, "C-1,2012-01-05,12")).accepted == 1
    assert bring(ledger, write(HEAD, " C-1 , 2012-01-05 ,12.00")).known == 1
    assert events(ledger)[0].paid == Money("12.00", "CNY")


# Refused, flagged


@pytest.mark.rule("RET-59e", "CORE-98")
def test_a_batch_needs_a_reason_and_its_lines_none(ledger: Ledger, write: Write) -> None:
    for reason in ("", "  "):
        with pytest.raises(Incomplete, match="reason_missing"):
            import_file(ledger, write(HEAD, A), mapped(), actor="clerk", reason=reason)
    assert ledger.store.count() == 0
    bring(ledger, write(HEAD, A))
    late = RecordPurchase(receipt="L", paid=Money("1.00", "CNY"))
    day = datetime(2012, 2, 26, tzinfo=UTC)
    with pytest.raises(Incomplete, match="late_entry_needs_reason"):
        ledger.execute("C-1", late, actor="clerk", occurred_at=day)
    fed = ledger.execute(
        "C-1", late, actor="till", occurred_at=day, source=Source("till", "L", "1"), happened=True
    )
    assert fed.entries[0].name == "retail.purchase_recorded"


def test_an_import_needs_somebody_who_imports(ledger: Ledger, write: Write) -> None:
    with pytest.raises(Incomplete, match="actor_missing"):
        import_file(ledger, write(HEAD, A), mapped(), actor="", reason="r")


@pytest.mark.rule("RET-59d")
@pytest.mark.parametrize(("whole", "recorded"), [(False, 2), (True, 0)])
def test_one_bad_line_is_named_and_keeps_the_others_out_only_where_that_was_asked_for(
    ledger: Ledger, write: Write, whole: bool, recorded: int
) -> None:
    report = bring(ledger, write(HEAD, A, "C-9,2012-01-05,1.234", B), all_or_nothing=whole)
    assert [(r.line, r.code) for r in report.refused] == [(3, "inexact_amount")]
    assert (report.accepted, len(facts(ledger))) == (recorded, recorded)
    assert (report.batch is None) == whole
    assert (ledger.store.count() == 0) == whole


def test_all_or_nothing_also_holds_for_what_only_the_ledger_refuses(ledger: Ledger, write: Write) -> None:
    data = table()
    data["line"][0]["fields"]["paid"] = {"column": "paid", "currency_column": "currency"}
    data["source"]["all_or_nothing"] = True
    path = write("customer,day,paid,currency", "C-1,2012-01-05,1.00,CNY", "C-1,2012-01-06,1.00,USD")
    report = bring(ledger, path, mapping_from(data))
    assert [(r.line, r.code) for r in report.refused] == [(3, "unit_mismatch")]
    assert ledger.store.count() == 0


def test_a_line_dated_in_the_future_is_refused(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, A, "C-1,2012-03-02,1.00"))
    assert [(r.line, r.code) for r in report.refused] == [(3, "future_dated")]
    assert report.accepted == 1


@pytest.mark.rule("CORE-04")
def test_what_happened_against_a_rule_is_kept_and_flagged(ledger: Ledger, write: Write) -> None:
    bring(ledger, write(HEAD, A))
    report = bring(ledger, write(HEAD, A, "C-1,2011-12-31,5.00"))
    assert (report.accepted, report.flagged) == (1, 1)
    assert report.flagged_lines == ((3, ("file_not_open",)),)
    assert len(facts(ledger, "core.breach_recorded")) == 1


# Waiting


def without_files(**changes: Any) -> Mapping:
    return mapped(files_opens=False, **changes)


@pytest.mark.rule("CORE-98b", "CORE-98c")
def test_a_thousand_lines_are_recorded_known_refused_or_waiting_and_the_same_batch_again_adds_nothing(
    ledger: Ledger, write: Write
) -> None:
    ledger.execute(
        "C-1", OpenFile(), actor="clerk", occurred_at=datetime(2011, 1, 1, tzinfo=UTC), reason="old file"
    )
    known = [f"C-1,2012-01-05,{n}.50" for n in range(2)]
    assert bring(ledger, write(HEAD, *known), without_files()).accepted == 2
    good = [f"C-1,2012-01-06,{n}.25" for n in range(994)]
    bad = ["C-1,2012-02-30,1.00", "C-1,2012-01-05,NaN", "C-1,,1.00"]
    lines = [*known, *good, *bad, "C-2,2012-01-05,7.00"]
    assert len(lines) == 1000
    report = bring(ledger, write(HEAD, *lines), without_files())
    assert (report.accepted, report.known, report.refused_count, report.waiting) == (994, 2, 3, 1)
    assert [(r.line, r.code) for r in report.refused] == [
        (998, "invalid_date"),
        (999, "inexact_amount"),
        (1000, "blank"),
    ]

    entries = len(facts(ledger))
    again = bring(ledger, write(HEAD, *lines), without_files())
    assert (again.accepted, again.known, again.waiting) == (0, 997, 0)
    grown = bring(
        ledger, write(HEAD, *lines, *[f"C-1,2012-01-07,{n}.75" for n in range(20)]), without_files()
    )
    assert (grown.accepted, grown.waiting, len(facts(ledger))) == (20, 0, entries + 20)

    ledger.clock = lambda: datetime(2012, 3, 2, tzinfo=UTC)  # type: ignore[method-assign,assignment]
    ledger.execute(
        "C-2", OpenFile(), actor="clerk", occurred_at=datetime(2012, 1, 1, tzinfo=UTC), reason="found"
    )
    (line,) = [e for e in facts(ledger) if e.stream == ledger.find("C-2")]
    assert (line.occurred_at, line.precision, line.batch) == ("2012-01-04T16:00:00.000000Z", "day", "till-2")
    assert bring(ledger, write(HEAD, *lines), without_files()).accepted == 0
    assert verify(ledger.store).faults == ()


def test_what_waited_is_let_in_by_the_next_import_that_opens_the_file(ledger: Ledger, write: Write) -> None:
    assert bring(ledger, write(HEAD, A, A, B), without_files(source_name="early")).waiting == 3
    assert facts(ledger) == []
    with pytest.raises(Unknown):
        ledger.history("C-1")
    opening = bring(ledger, write(HEAD, "C-1,2012-01-01,1.00"))
    assert opening.accepted == 1
    assert len(facts(ledger)) == 3
    assert bring(ledger, write(HEAD, A, A, B), without_files(source_name="early")).known == 3


def test_account_numbers_and_content_of_what_waits_stand_nowhere_in_clear(
    sqlite_url: str, write: Write
) -> None:
    ledger = opened(sqlite_url)
    bring(ledger, write(HEAD, "13800138000,2012-01-05,4711.17"), without_files())
    ledger.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = b"".join(p.read_bytes() for p in path.parent.glob("ledger.db*"))
    assert b"13800138000" not in stored
    assert b"4711.17" not in stored


# Envelope and report


def test_every_entry_of_a_batch_has_its_moment_its_id_and_its_day(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, A, B))
    page = ledger.store.page(0, 100)
    brought = [e for e in page if not e.stream.startswith("import-")]
    assert {e.batch for e in brought} == {report.batch} == {"till-1"}
    assert {e.recorded_at for e in page} == {"2012-03-01T10:00:00.000000Z"}
    purchase = min(facts(ledger), key=lambda e: e.occurred_at)
    assert (purchase.occurred_at, purchase.precision) == ("2012-01-04T16:00:00.000000Z", "day")
    assert purchase.source_system == "till"
    assert "C-1" not in (purchase.source_document or "")
    assert purchase.reason is None
    opening = next(e for e in page if e.name == "core.file_opened" and e.stream == purchase.stream)
    assert opening.effective_from == purchase.effective_from


def test_a_file_is_opened_from_its_earliest_line_on_whatever_the_files_order(
    ledger: Ledger, write: Write
) -> None:
    report = bring(ledger, write(HEAD, "C-1,2012-01-09,1.00", "C-2,2012-01-01,3.00", "C-1,2012-01-02,2.00"))
    assert (report.opened, report.flagged) == (2, 0)
    assert {e.effective_from for e in facts(ledger, "core.file_opened")} == {
        "2012-01-01T16:00:00.000000Z",
        "2011-12-31T16:00:00.000000Z",
    }


def test_a_name_column_names_the_files_it_opens(ledger: Ledger, write: Write) -> None:
    path = write("customer,day,paid,who", "C-1,2012-01-05,1.00,李明", encoding="gb18030")
    bring(ledger, path, mapped(source_encoding="gb18030", files_name={"column": "who"}))
    assert [e.name for e in events(ledger, "core.file_opened")] == ["李明"]


def test_a_rerun_continues_the_batch_that_an_interrupted_run_left_open(ledger: Ledger, write: Write) -> None:
    left = open_batch(ledger, "till", reason="from the till", actor="clerk")
    ledger.clock = lambda: datetime(2012, 3, 2, tzinfo=UTC)  # type: ignore[method-assign,assignment]
    report = bring(ledger, write(HEAD, A))
    assert (report.batch, report.continued) == (left.id, True)
    assert facts(ledger)[0].recorded_at == left.recorded_at == "2012-03-01T10:00:00.000000Z"
    assert bring(ledger, write(HEAD, A)).batch == "till-2"


def test_a_customer_with_more_lines_than_fit_is_taken_in_piece_by_piece(
    ledger: Ledger, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi_adapters.files.importing.LINES_AT_ONCE", 3)
    lines = [f"C-1,2012-01-{n:02},{n}.00" for n in range(1, 11)]
    seen: list[tuple[int, int]] = []
    report = bring(
        ledger, write(HEAD, *reversed(lines)), progress=lambda done, total: seen.append((done, total))
    )
    assert (report.accepted, report.opened, report.flagged) == (10, 1, 0)
    assert seen == [(3, 10), (6, 10), (9, 10), (10, 10)]


def test_kinds_of_lines_become_different_commands(ledger: Ledger, write: Write) -> None:
    data = table("numbered")
    sale = data["line"][0]
    sale["when"] = {"type": "S"}
    refund = {
        "command": "retail.refund_purchase",
        "when": {"type": ["R", "R2"]},
        "customer": "customer",
        "occurred_at": "day",
        "document": "receipt",
        "fields": {"refund": "receipt", "receipt": "line", "paid": {"column": "paid", "currency": "CNY"}},
    }
    data["line"].append(refund)
    path = write(
        "customer,day,paid,receipt,line,type",
        "C-1,2012-01-05,10.00,R1,1,S",
        "C-1,2012-01-08,4.00,X1,R1/1,R",
        "C-1,2012-01-08,4.00,X2,R1/1,?",
        "C-1,2012-01-08,4.00,X3,R9/1,R",
    )
    report = bring(ledger, path, mapping_from(data))
    assert [(r.line, r.code) for r in report.refused] == [(4, "unknown_code")]
    assert report.waiting == 1, "the refund of a receipt that no file has brought yet"
    assert [e.refund for e in events(ledger, "retail.purchase_refunded")] == ["X1"]


@pytest.mark.rule("RET-IN-c")
def test_a_refund_waits_from_file_to_file_until_its_purchase_is_read(ledger: Ledger, write: Write) -> None:
    data = table("numbered")
    data["line"][0]["when"] = {"type": "S"}
    data["line"].append(
        {
            "command": "retail.refund_purchase",
            "when": {"type": "R"},
            "customer": "customer",
            "occurred_at": "day",
            "document": "receipt",
            "fields": {"refund": "receipt", "receipt": "line", "paid": {"column": "paid", "currency": "CNY"}},
        }
    )
    head = "customer,day,paid,receipt,line,type"
    mapping = mapping_from(data)
    early = bring(ledger, write(head, "C-1,2012-01-08,4.00,X1,R1/1,R"), mapping)
    assert (early.accepted, early.refused_count, early.waiting, early.released) == (0, 0, 1, 0)
    assert events(ledger, "retail.purchase_refunded") == []
    again = bring(ledger, write(head, "C-1,2012-01-08,4.00,X1,R1/1,R"), mapping)
    assert (again.waiting, again.known) == (0, 1)
    late = bring(ledger, write(head, "C-1,2012-01-05,10.00,R1,1,S"), mapping)
    assert (late.accepted, late.waiting, late.released) == (1, 0, 1)
    assert [e.refund for e in events(ledger, "retail.purchase_refunded")] == ["X1"]
    for report in (early, again, late):
        assert report.lines == report.accepted + report.known + report.refused_count + report.waiting
    assert (late.kind, late.moment is not None) == ("numbered", True)


def test_the_report_reads_in_both_languages_and_as_json(ledger: Ledger, write: Write) -> None:
    report = bring(ledger, write(HEAD, A, "C-1,2012-02-30,1.00"))
    assert not report.ok
    assert "line 3: invalid_date" in report.as_text()
    assert "第 3 行：invalid_date: '2012-02-30' 不是可能的日期" in report.as_text("zh")
    data = json.loads(json.dumps(report.as_json()))
    assert (data["accepted"], data["value"], data["ok"]) == (1, {"CNY": "11.77"}, False)
    assert data["refused"][0]["line"] == 3


def test_an_order_that_the_file_forbids_stays_refused_beside_an_import(ledger: Ledger, write: Write) -> None:
    bring(ledger, write(HEAD, A))
    with pytest.raises(RuleNotMet, match="file_not_open"):
        ledger.execute(
            "C-1",
            RecordPurchase(receipt="X", paid=Money("1", "CNY")),
            actor="c",
            reason="r",
            occurred_at=datetime(2011, 1, 1, tzinfo=UTC),
        )


@pytest.mark.rule("CORE-04")
def test_an_id_that_another_file_holds_is_kept_flagged_and_stays_with_its_holder(
    ledger: Ledger, write: Write
) -> None:
    cards = table()
    cards["line"][0] |= {
        "command": "core.record_identifier",
        "fields": {"scheme": {"constant": "card"}, "value": "card"},
    }
    path = write(
        "customer,day,card",
        "C-1,2012-01-05,K-1",
        "C-2,2012-01-05,K-1",
        "C-2,2012-01-06,K-2",
        "C-2,2012-01-07,K-2",
    )
    report = bring(ledger, path, mapping_from(cards))
    assert (report.accepted, report.known, report.flagged) == (3, 1, 1)
    ((line, codes),) = report.flagged_lines
    assert codes == ("claim_denied",)
    assert line in (2, 3)
    holder = ledger.find("C-1" if line == 3 else "C-2")
    assert ledger.find_by("core.identifier.card", "K1") == [holder]
    assert verify(ledger.store).faults == ()


def test_every_database_takes_an_import_in_and_knows_it_again(any_url: str, write: Write) -> None:
    ledger = opened(any_url)
    lines = [f"C-{n % 40},2012-01-{n % 28 + 1:02},{n % 7}.50" for n in range(300)]
    assert bring(ledger, write(HEAD, *lines), batch_size=7).accepted == 300
    again = bring(ledger, write(HEAD, *lines[50:]), batch_size=7)
    assert (again.accepted, again.known, again.vanished) == (0, 250, 50)
    assert bring(ledger, write(HEAD, "X-1,2012-01-05,1.00"), without_files()).waiting == 1
    ledger.execute("X-1", OpenFile(), actor="c", occurred_at=datetime(2012, 1, 1, tzinfo=UTC), reason="r")
    assert len(facts(ledger)) == 301
    assert verify(ledger.store).faults == ()
    ledger.close()
