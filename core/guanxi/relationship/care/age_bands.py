"""Age bands: noted as facts of their own when they are first used, so that totals stand once a birth date is erased (CORE-96)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Fact
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import stamp
from guanxi.relationship.care.commands import NoteAgeBand
from guanxi.relationship.care.days import day_of, years_between
from guanxi.relationship.care.events import AgeBandNoted
from guanxi.relationship.care.occasions import BIRTH_DATE
from guanxi.relationship.care.rules import AgeBandRules
from guanxi.relationship.file.events import ProfileFactRecorded


@attrs.define
class AgeBands:
    """The birth date as last told, and the band of each year in which it was used."""

    born: date | None = None
    bands: dict[int, str] = attrs.field(factory=dict)


age_bands = Facet("core.age_bands", AgeBands, title=Label("Age bands", "年龄段"))


@age_bands.evolve
def _born(s: AgeBands, e: ProfileFactRecorded) -> None:
    if e.field_name == BIRTH_DATE:
        s.born = day_of(e.value)


@age_bands.evolve
def _noted(s: AgeBands, e: AgeBandNoted) -> None:
    s.bands[e.year] = e.band


@age_bands.decide
def _note(s: AgeBands, c: NoteAgeBand, now: Now) -> Iterator[Fact]:
    day = now.at.date()
    if day.year in s.bands:
        raise Conflict(
            "source_conflict",
            f"the age band of {day.year} is on record",
            zh=f"{day.year} 年的年龄段已登记",
            rule="CORE-96",
            accepts="another year",
        )
    born = now.need(
        s.born,
        "not_derivable",
        "CORE-96",
        "no birth date can be read",
        zh="无法读取生日",
        accepts="a customer whose birth date is known and not erased",
    )
    yield AgeBandNoted(year=day.year, band=now.rules(AgeBandRules).band(years_between(born, day)))


@attrs.define
class AgeBandRow:
    """The age band of a year."""

    year: int = column(key=True)
    band: str = ""


age_band_rows = ReadModel("core.age_bands", AgeBandRow, title=Label("Age bands", "年龄段"))


@age_band_rows.on
def _row(rows: Rows[AgeBandRow], e: AgeBandNoted, at: datetime) -> None:
    rows[e.year].band = e.band


@attrs.define
class BirthRow:
    """Whether a birth date was told; the date itself stays in the file."""

    told: bool = False


births = ReadModel("core.births", BirthRow, title=Label("Birth dates told", "已知生日"))


@births.on
def _told(rows: Rows[BirthRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == BIRTH_DATE:
        rows[()].told = True


def note_age_bands(ledger: Ledger, *, actor: str) -> int:
    """Note this year's age band of everybody whose birth date is known and who has none yet; return how many that were.

    Called before the bands of a year are first reported; harmless to call again.

    Args:
        ledger: whose customers.
        actor: in whose name.
    """
    now = ledger.clock().astimezone(ledger.tz)
    reader = ledger.reporting.at((births, age_band_rows), Cut(), stamp(now))
    has = {stream for stream, row in reader.rows(age_band_rows) if row.year == now.year}
    done = 0
    for stream in sorted({s for s, row in reader.rows(births) if row.told} - has):
        state: AgeBands = ledger.history(stream).state(AgeBands)
        if state.born is not None:
            ledger.execute(stream, NoteAgeBand(), actor=actor)
            done += 1
    return done


def _bands(reader: Reader, parameters: None, asked: Asked) -> Content:
    year = asked.day.year
    found = Counter(row.band for _, row in reader.rows(age_band_rows) if row.year == year)
    return Content(sorted(found.items()))


age_band_report = Report(
    name="core.age_bands",
    title=Label("Customers by age band", "客户年龄段分布"),
    reads=(age_band_rows,),
    columns=(
        Column("band", Label("Age band", "年龄段"), "code"),
        Column("customers", Label("Customers", "客户数"), "integer"),
    ),
    build=_bands,
    picture=Picture("bars", "band", "customers", Label("Age bands", "年龄段")),
    rules=("CORE-96",),
)
