"""A report or a cadence may ask when it was first recorded that something counts from a moment (CORE-98)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

import guanxi
from guanxi import (
    Asked,
    Column,
    Command,
    Content,
    Facet,
    Fact,
    Label,
    Ledger,
    Now,
    OpenFile,
    Parts,
    Reader,
    ReadModel,
    Report,
    Rows,
    Source,
    Telling,
    column,
    command,
    event,
)

ZONE = ZoneInfo("Asia/Shanghai")


@event("seen.came")
class Came(Fact):
    """Somebody came."""


@command("seen.come")
class Come(Command):
    """Come."""


@attrs.define
class Visits:
    count: int = 0


visits = Facet("seen.visits", Visits, title=Label("Visits", "到访"))


@visits.evolve
def _came(s: Visits, e: Came) -> None:
    s.count += 1


@visits.decide
def _come(s: Visits, c: Come, now: Now) -> Iterator[Fact]:
    yield Came()


@attrs.define
class VisitRow:
    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default


visit_rows = ReadModel("seen.visits", VisitRow, title=Label("Visits", "到访"))


@visit_rows.on
def _row(rows: Rows[VisitRow], e: Came, at: datetime) -> None:
    rows[at].at = at


def _build(reader: Reader, parameters: None, asked: Asked) -> Content:
    return Content(
        [
            (
                asked.local(row.at),
                asked.known_from(stream, Came.stored_name, row.at),
                asked.known_from(stream, Came.stored_name, row.at, imported=True),
            )
            for stream, row in reader.rows(visit_rows)
        ]
    )


MOMENTS = ("at", "known", "imported")
known = Report(
    "seen.known",
    Label("Known from", "知悉时间"),
    (visit_rows,),
    tuple(Column(name, Label(name, name), "instant") for name in MOMENTS),
    _build,
)
parts = Parts(
    name="seen",
    version="0",
    title=Label("Seen", "所见"),
    events=(Came,),
    commands=(Come,),
    facets=(visits,),
    read_models=(visit_rows,),
    reports=(known,),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = guanxi.open("sqlite://", plugins=[parts], zone="Asia/Shanghai")
    stands(opened, "2025-03-01T10:00")
    opened.execute("C-1", OpenFile(), actor="clerk")
    yield opened
    opened.close()


def stands(ledger: Ledger, moment: str) -> None:
    ledger.clock = lambda: at(moment)  # type: ignore[method-assign,assignment]


def told(ledger: Ledger, **cut: Any) -> list[list[str]]:
    """Moment, known from, and known from by an import, of each visit."""
    rows = ledger.report("seen.known", **cut).rows
    return [[f"{moment.astimezone(ZONE):%m-%d %H}" for moment in row] for row in rows]


@pytest.mark.rule("CORE-98")
def test_what_is_told_in_time_is_known_from_its_own_moment(ledger: Ledger) -> None:
    stands(ledger, "2025-03-02T06:00")
    ledger.execute("C-1", Come(), actor="clerk")
    assert told(ledger) == [["03-02 06", "03-02 06", "03-02 06"]]


@pytest.mark.rule("CORE-98")
def test_what_is_entered_late_by_hand_is_known_from_then_and_not_by_an_import(ledger: Ledger) -> None:
    stands(ledger, "2025-03-20T10:00")
    ledger.execute("C-1", Come(), actor="clerk", reason="found", occurred_at=at("2025-03-05T10:00"))
    assert told(ledger) == [["03-05 10", "03-20 10", "03-05 10"]]


@pytest.mark.rule("CORE-98")
def test_what_a_batch_tells_is_known_from_the_batch(ledger: Ledger) -> None:
    stands(ledger, "2025-03-20T10:00")
    line = Telling(
        subject="C-1",
        command=Come(),
        actor="import",
        reason="history",
        occurred_at=at("2025-03-05T10:00"),
        happened=True,
        source=Source("old", "visits", "1"),
        batch="B-1",
    )
    assert [v.status for v in ledger.take_in([line])] == ["accepted"]
    assert told(ledger) == [["03-05 10", "03-20 10", "03-20 10"]]
    assert told(ledger, as_known="2025-03-19") == []
