"""Temporal tables on every database: read at cuts, sealed, indexed, swapped, and refused where they cannot answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

import guanxi
from guanxi import (
    Column,
    Content,
    Invalid,
    Label,
    Money,
    OpenFile,
    Parts,
    PluginError,
    ReadModel,
    Report,
    Rows,
    Unavailable,
    column,
)
from guanxi.kernel.messages import personal
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import stamp
from guanxi.relationship import FileOpened, ProfileFactRecorded
from guanxi_retail import RecordPurchase
from guanxi_retail import plugin as retail_plugin
from guanxi_retail.purchases.events import PurchaseRecorded
from tests.kernel.desks import CUSTOMER, Desk, moment


@attrs.define
class Figures:
    """A customer's name and spending."""

    name: str | None = personal("identity", default=None)
    spent: Decimal = column(default=Decimal(0))  # noqa: RUF009 - a field of a row class


@attrs.define
class Receipt:
    receipt: str = column(key=True)
    paid: Decimal = column(default=Decimal(0))  # noqa: RUF009


figures = ReadModel("past.figures", Figures, temporal=True)
receipts = ReadModel("past.receipts", Receipt, temporal=True)
now_only = ReadModel("past.now_only", Receipt)


@figures.on
def _named(rows: Rows[Figures], e: FileOpened | ProfileFactRecorded, at: datetime) -> None:
    rows[()].name = e.name if isinstance(e, FileOpened) else e.value


@figures.on
def _spent(rows: Rows[Figures], e: PurchaseRecorded, at: datetime) -> None:
    rows[()].spent += e.paid.amount


@receipts.on
def _kept(rows: Rows[Receipt], e: PurchaseRecorded, at: datetime) -> None:
    rows[e.receipt].paid = e.paid.amount


@now_only.on
def _kept_now(rows: Rows[Receipt], e: PurchaseRecorded, at: datetime) -> None:
    rows[e.receipt].paid = e.paid.amount


def _total(reader: Any, _parameters: Any, _asked: Any) -> Content:
    total = reader.select(lambda t: sa.select(sa.func.sum(t.c.paid)), receipts)[0][0]
    return Content(rows=[(Decimal(total or 0) / 100,)])


total = Report(
    name="past.total",
    title=Label("Total", "合计"),
    reads=(receipts,),
    columns=(Column("paid", Label("paid", "实付")),),
    build=_total,
)
past = Parts(
    name="past",
    version="1",
    title=Label("Past", "往日"),
    read_models=(figures, receipts, now_only),
    reports=(total,),
)


@pytest.fixture
def desk(any_url: str) -> Iterator[Desk]:
    """A customer who bought in March, April and, told in June, late in March."""
    with Desk(any_url, plugins=[retail_plugin, past], now="2025-01-01") as d:  # type: ignore[list-item]
        d.open(name="王芳芳", on="2025-01-01")
        d.on("2025-03-01").buy("A", 100)
        d.on("2025-04-01").buy("B", 50)
        d.on("2025-06-01").buy("C", 7, on="2025-03-20", reason="found in June")
        yield d


def spent(desk: Desk, as_of: str | None = None, as_known: str | None = None) -> Decimal:
    return Decimal(desk.ledger.report("past.total", as_of=as_of, as_known=as_known).rows[0][0])


def test_a_report_at_a_past_cut_reads_the_temporal_table(desk: Desk) -> None:
    desk.ledger.reporting.scratch = None  # type: ignore[method-assign,assignment]
    assert spent(desk) == 157
    assert spent(desk, as_of="2025-03-25") == 107
    assert spent(desk, as_of="2025-03-25", as_known="2025-05-01") == 100
    assert spent(desk, as_known="2025-05-01") == 150
    assert spent(desk, as_of="2024-01-01") == 0


def test_a_reader_at_a_cut_shows_rows_of_its_tenant_alone_each_way(desk: Desk) -> None:
    ledger = guanxi.open(desk.url, plugins=[retail_plugin, past], tenant="other")
    ledger.clock = lambda: moment("2025-03-01")  # type: ignore[method-assign,assignment]
    ledger.execute(CUSTOMER, OpenFile(name="张伟"), actor="clerk", reason="set-up")
    ledger.execute(CUSTOMER, RecordPurchase(receipt="Z", paid=Money(1, "CNY")), actor="clerk")
    ledger.reporting.project()
    ledger.close()
    desk.ledger.reporting.project()
    cut = Cut(as_of=stamp(moment("2025-03-25")), as_known=stamp(moment("2025-05-01")))
    reader = desk.ledger.reporting.projector.reader(cut)
    stream = desk.stream()
    assert list(reader.rows(receipts)) == [(stream, Receipt("A", Decimal(100)))]
    assert reader.row(receipts, stream, "A") == Receipt("A", Decimal(100))
    assert reader.row(receipts, stream, "C") is None
    assert reader.select(lambda t: sa.select(t.c.receipt, t.c.paid), receipts) == [("A", 10000)]
    assert [row for _, row in reader.rows(figures)] == [Figures("王芳芳", Decimal(100))]


def test_ends_are_half_open_and_name_the_next_change(desk: Desk) -> None:
    desk.ledger.reporting.project()
    stamps = {name: stamp(moment(f"2025-{name}")) for name in ("03-01", "03-20", "04-01", "06-01")}
    store: Any = desk.ledger.store
    with store.database.reading() as cursor:
        cursor.execute(
            "SELECT spent, valid_from, valid_until, known_from, known_until FROM past_figures"
            f" WHERE valid_from >= '{stamps['03-01']}' ORDER BY known_from, valid_from, known_until"
        )
        found = [tuple(row) for row in cursor.fetchall()]
    march, late, april, june = stamps.values()
    assert found == [
        (10000, march, "forever", march, april),
        (10000, march, april, april, june),
        (15000, april, "forever", april, june),
        (10000, march, late, june, "forever"),
        (10700, late, april, june, "forever"),
        (15700, april, "forever", june, "forever"),
    ]


def test_a_destroyed_key_makes_the_personal_cells_of_every_version_unreadable(desk: Desk) -> None:
    desk.ledger.reporting.project()
    store: Any = desk.ledger.store
    with store.database.reading() as cursor:
        cursor.execute("SELECT name FROM past_figures")
        assert all("王" not in row[0] for row in cursor.fetchall())
    assert desk.ledger.backend.keyring.destroy(desk.stream(), "identity")
    desk.on("2025-07-01").buy("D", 1)
    desk.ledger.reporting.project()
    for day in ("2025-03-25", "2025-08-01"):
        reader = desk.ledger.reporting.projector.reader(Cut(as_of=stamp(moment(day))))
        assert [str(row.name) for _, row in reader.rows(figures)] == ["(erased)"]


def test_a_rebuilt_table_holds_the_same_versions_and_keeps_its_index(desk: Desk) -> None:
    reporting, store = desk.ledger.reporting, desk.ledger.store

    def versions() -> list[Any]:
        with store.database.reading() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SELECT * FROM past_receipts")
            return sorted(map(repr, cursor.fetchall()))

    reporting.project()
    before = versions()
    for _ in range(2):
        reporting.rebuild()
        assert versions() == before
        with store.database.connected() as connection:  # type: ignore[attr-defined]
            indexes = [i["name"] for i in sa.inspect(connection).get_indexes("past_receipts")]
        assert "past_receipts__now" in indexes


def test_an_ordinary_model_is_not_read_at_a_past_cut(desk: Desk) -> None:
    desk.ledger.reporting.project()
    reader = desk.ledger.reporting.projector.reader(Cut(as_of=stamp(moment("2025-03-25"))))
    with pytest.raises(Unavailable, match=r"past.now_only keeps its rows of now alone"):
        list(reader.rows(now_only))


def test_a_position_that_the_log_has_not_reached_is_refused(desk: Desk) -> None:
    last = desk.ledger.store.last_position()
    with pytest.raises(Invalid, match=f"the log ends at position {last}; {last + 1} is not in it") as caught:
        desk.ledger.report("past.total", as_known=last + 1)
    assert caught.value.code == "no_such_position"


def test_a_position_within_a_transaction_is_taken_back_to_the_end_of_the_one_before(desk: Desk) -> None:
    entries = desk.ledger.store.page(0, 1000)
    ends = [e.position for e, f in pairwise(entries) if e.correlation != f.correlation] + [
        entries[-1].position
    ]
    assert len(ends) < len(entries)
    for entry in entries:
        expected = max((p for p in ends if p <= entry.position), default=0)
        got = desk.ledger.report("past.total", as_known=entry.position).manifest.position
        assert got == expected


def test_what_will_be_known_is_answered_as_known_now(desk: Desk) -> None:
    result = desk.ledger.report("past.total", as_known="2030-01-01")
    assert result.manifest.as_known == stamp(desk.now)
    assert result.rows[0][0] == 157


def test_a_field_that_bears_the_name_of_an_end_is_refused() -> None:
    @attrs.define
    class Clashing:
        valid_from: str = ""

    with pytest.raises(PluginError, match="a temporal read model keeps valid_from itself"):
        ReadModel("past.clashing", Clashing, temporal=True)
    assert not ReadModel("past.ordinary", Clashing).temporal


def test_versions_that_no_cut_shows_are_not_kept(desk: Desk) -> None:
    desk.ledger.reporting.project()
    store: Any = desk.ledger.store
    for model in (figures, receipts):
        with store.database.reading() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {model.table_name} WHERE valid_from >= valid_until OR known_from >= known_until"
            )
            assert cursor.fetchone()[0] == 0


def test_a_store_that_cannot_be_written_answers_from_the_table_while_it_is_level_and_from_scratch_otherwise(
    shared_url: str,
) -> None:
    with Desk(shared_url, plugins=[retail_plugin, past], now="2025-01-01") as writer:  # type: ignore[list-item]
        writer.open(on="2025-01-01").on("2025-03-01").buy("A", 100)
        writer.ledger.reporting.project()
        reader = guanxi.open(shared_url, plugins=[retail_plugin, past], read_only=True)
        try:
            reader.clock = lambda: writer.now  # type: ignore[method-assign,assignment]
            cut = Cut(as_of=stamp(moment("2025-04-02")))
            assert reader.reporting.at([receipts], cut, stamp(writer.now)).position > 0
            writer.on("2025-04-01").buy("B", 50)
            drawn = reader.reporting.at([receipts], cut, stamp(writer.now))
            assert drawn.position == 0
            assert [row.receipt for _, row in drawn.rows(receipts)] == ["A", "B"]
        finally:
            reader.close()


def test_a_temporal_model_that_fails_is_parked_and_levels_once_it_is_mended(any_url: str) -> None:
    broken = ReadModel("past.receipts", Receipt, temporal=True)

    @broken.on
    def fails(rows: Rows[Receipt], e: PurchaseRecorded, at: datetime) -> None:
        if e.receipt == "B":
            raise ZeroDivisionError(e.receipt)
        rows[e.receipt].paid = e.paid.amount

    with Desk(any_url, plugins=[retail_plugin, past], now="2025-01-01") as desk:  # type: ignore[list-item]
        desk.open(on="2025-01-01")
        for day, receipt in (("2025-03-01", "A"), ("2025-04-01", "B"), ("2025-05-01", "C")):
            desk.on(day).buy(receipt)
        store: Any = desk.ledger.store
        failing = store.projector([broken, figures], desk.ledger.source())
        failing.catch_up()
        parked, level = failing.status()
        assert parked.parked_at is not None
        assert "ZeroDivisionError: B" in str(parked.error)
        assert level.lag == 0
        desk.ledger.reporting.rebuild(["past.receipts"])
        cut = Cut(as_known=stamp(moment("2025-04-02")))
        rows = desk.ledger.reporting.projector.reader(cut).rows(receipts)
        assert [row.receipt for _, row in rows] == ["A", "B"]
