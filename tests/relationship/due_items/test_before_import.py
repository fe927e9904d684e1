"""What an import tells of only after its day is history, and on nobody's list; what was due before stays (CORE-98)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import attrs
import pytest

import guanxi
from guanxi import Ledger, Money, OpenFile, RecordProfileFact, Source, Telling
from guanxi.kernel.before_import import last_moment
from guanxi.kernel.cadences import Cadence, DueItem, DueRow
from guanxi.kernel.due_list import Narrowed, due_rows, models_of
from guanxi.kernel.messages import Command
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import stamp
from guanxi.relationship.assembly import ROOMS
from guanxi.relationship.dealings.commands import PlanInstalment
from guanxi.relationship.due_items.read_models import due_owners
from guanxi.relationship.pipeline.commands import RecordAction, RecordLead, ReportVisit
from guanxi.relationship.service.commands import MakePromise, ReceiveComplaint
from guanxi.relationship.service.rules import ComplaintRules
from guanxi.testing.population import Population, live
from tests.kernel.desks import Desk, moment

CADENCES = tuple(cadence for room in ROOMS for cadence in room.cadences)

BESIDE: Sequence[tuple[str, Command]] = (
    ("2025-01-03", OpenFile(name="李明")),
    ("2025-01-04", RecordLead(lead="L-1", urgency="eager")),
    ("2025-01-05", RecordAction(kind="visit", visit="V-1", person="Zhang")),
    (
        "2025-01-06",
        ReportVisit(visit="V-1", problems="leaks", plan="seals", plan_owner="Li", plan_due=date(2025, 2, 1)),
    ),
    ("2025-01-07", RecordProfileFact(field_name="monthly_use", value="24")),
    ("2025-01-07", RecordProfileFact(field_name="stock_on_hand", value="30")),
)
"""What the made-up year does not tell of."""


def line(who: str, command: Command, on: datetime | str, batch: str | None = "B-1") -> Telling:
    """Return a line of an import; a report by hand where no batch is named."""
    at = moment(on) if isinstance(on, str) else on
    number = f"{who}/{type(command).__name__}/{at:%Y%m%d%H%M}/{getattr(command, 'field_name', '')}"
    return Telling(
        subject=who,
        command=command,
        actor="import",
        reason="history",
        occurred_at=at,
        happened=True,
        source=None if batch is None else Source("old", "book", number),
        command_id=number if batch is None else None,
        batch=batch,
    )


def taken_in(desk: Desk, *lines: Telling) -> None:
    assert [v.status for v in desk.ledger.take_in(lines)] == ["accepted"] * len(lines)


def listed(desk: Desk, cadence: str, as_known: str | None = None) -> dict[str, str]:
    """Return the items of a cadence by key, with how they stand; by a list of the file alone just as by that of all."""
    name, known = f"core.{cadence}", None if as_known is None else moment(as_known)
    rows = desk.ledger.due_items(cadence=name, as_known=known)
    if desk.ledger.find("C-1") is not None:
        alone = desk.ledger.due_items(cadence=name, customer="C-1", as_known=known)
        assert {r for r in alone if r.customer} == {r for r in rows if r.customer}
    return {r.key: r.state for r in rows}


def everything(ledger: Ledger, *, knowing: bool) -> tuple[tuple[DueRow, ...], Asked]:
    """Return the rows of all cadences now; with what is history among them, unless when it was heard of may be looked at."""
    now = stamp(ledger.clock())
    reporting = ledger.reporting
    ledger.advance()
    reporting.project()
    asked, _ = reporting.asked(now, now, reporting.book(Cut()))
    if not knowing:
        asked = attrs.evolve(asked, knowledge=None)
    reader = reporting.projector.reader(models=models_of(CADENCES, None))
    return due_rows(CADENCES, None, reader, asked, Narrowed()), asked


def day_over(row: DueRow, asked: Asked) -> datetime | None:
    cadence = next(c for c in CADENCES if c.name == row.cadence)
    return last_moment(cadence, DueItem(key=row.key, since=row.since, until=row.until), asked)


# ---------------------------------------------------------------- all cadences


@pytest.fixture(scope="module")
def imported() -> Iterator[Ledger]:
    """A year of a whole population and its staff, taken in at its end as one moment of knowledge."""
    population = Population(customers=60)
    end = population.closes(population.months - 1)
    ledger = guanxi.open("sqlite://", plugins=[], zone=population.zone)
    ledger.clock = lambda: population.begins()  # type: ignore[method-assign,assignment]
    ledger.publish(
        ComplaintRules(resolve_within_days=10), effective_from=population.begins(), by="a", approved_by="b"
    )
    ledger.clock = lambda: end  # type: ignore[method-assign,assignment]
    told = [attrs.evolve(t, batch="B-1") for t in (*population.setting_up(), *population.tellings())]
    told += [line("C-1", command, on) for on, command in BESIDE]
    ledger.take_in(told)
    yield ledger
    ledger.close()


@pytest.mark.rule("CORE-98")
def test_a_year_in_one_batch_puts_nothing_of_its_days_on_the_list_of_any_cadence(imported: Ledger) -> None:
    all_rows, asked = everything(imported, knowing=False)
    batch = imported.clock()
    past = {r.cadence for r in all_rows if (over := day_over(r, asked)) is not None and over <= batch}
    assert len(past) > len(CADENCES) / 2  # those that do not come up in the year are gone through below
    for row in everything(imported, knowing=True)[0]:
        over = day_over(row, asked)
        assert over is None or over > batch, row


@pytest.mark.rule("CORE-98")
@pytest.mark.parametrize("cadence", CADENCES, ids=lambda c: c.name)
def test_no_cadence_lists_what_lies_before_the_batch_that_opened_the_file(cadence: Cadence) -> None:
    def items(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
        for stream, _ in reader.rows(due_owners):
            yield stream, DueItem("one", moment("2025-03-01"), moment("2025-03-05"))

    with Desk(plugins=[], now="2025-03-02") as desk:
        desk.tell(OpenFile(name="who was here"), who="C-1")
        desk.on("2025-06-01")
        taken_in(desk, line("C-2", OpenFile(name="who was not"), "2025-03-02"))
        reporting = desk.ledger.reporting
        reporting.project()
        asked, _ = reporting.asked(stamp(desk.now), stamp(desk.now), reporting.book(Cut()))
        reader = reporting.projector.reader(models=(due_owners,))
        chosen = attrs.evolve(cadence, items=items, reads=(due_owners,))
        rows = due_rows((chosen,), None, reader, asked, Narrowed())
        assert [row.stream for row in rows] == [desk.stream("C-1")]


@pytest.mark.rule("CORE-98")
def test_month_by_month_the_lists_of_all_cadences_lack_what_was_not_due_before_a_batch_and_past_since() -> (
    None
):
    """Held against the lists of everybody at both sides of every batch, with nothing looked up file by file."""
    population = Population(customers=8, months=4)
    ledger = guanxi.open("sqlite://", plugins=[], zone=population.zone)
    live(ledger, population)
    rows, asked = everything(ledger, knowing=False)
    moments = [population.closes(m) for m in range(4)]
    moments.insert(0, population.begins() + timedelta(hours=8))
    history = set()
    for at in moments:
        before, after = (past_by(ledger, at, stamp(k)) for k in (at - timedelta(microseconds=1), at))
        history |= after - before
    want = {(r.cadence, r.stream, r.key) for r in rows}
    want -= {
        (r.cadence, r.stream, r.key)
        for r in rows
        if (r.cadence, r.stream, r.key) in history and day_over(r, asked) is not None
    }
    got = {(r.cadence, r.stream, r.key) for r in everything(ledger, knowing=True)[0]}
    conference = {k for k in want | got if k[0] == "core.customer_conference"}
    assert want - conference == got - conference
    assert history & {(r.cadence, r.stream, r.key) for r in rows}
    ledger.close()


def past_by(ledger: Ledger, at: datetime, known: str) -> set[tuple[str, str, str]]:
    """Return what was past at a moment, by what was known."""
    reporting = ledger.reporting
    asked, _ = reporting.asked(stamp(at), known, reporting.book(Cut()))
    reader = reporting.scratch(models_of(CADENCES, None), Cut(stamp(at), known), known)
    rows = due_rows(CADENCES, None, reader, attrs.evolve(asked, knowledge=None), Narrowed())
    return {
        (r.cadence, r.stream, r.key) for r in rows if (over := day_over(r, asked)) is not None and over <= at
    }


# ---------------------------------------------------------------- what a batch does not take off the list


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-05-01") as d:
        yield d


def promise(name: str, due: date) -> MakePromise:
    return MakePromise(promise=name, content="a visit", due=due, basis="call", promiser="Li")


PROMISE = promise("P-1", date(2025, 5, 10))


@pytest.mark.rule("CORE-98")
def test_what_was_overdue_stays_so_when_a_batch_tells_of_something_else_before_it(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明"))
    desk.tell(PROMISE)
    desk.on("2025-06-01")
    taken_in(desk, line("C-1", RecordProfileFact(field_name="hobby", value="chess"), "2025-05-03"))
    assert listed(desk, "promise") == {"P-1": "overdue"}


@pytest.mark.rule("CORE-98")
def test_what_a_batch_tells_of_after_its_day_is_on_no_list_and_what_lies_ahead_is(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明"))
    desk.on("2025-06-01")
    later = promise("P-2", date(2025, 6, 10))
    taken_in(desk, line("C-1", PROMISE, "2025-05-02"), line("C-1", later, "2025-05-03"))
    assert listed(desk, "promise") == {"P-2": "open"}
    assert listed(desk, "promise", as_known="2025-05-31") == {}
    assert listed(desk.on("2025-06-20"), "promise") == {"P-2": "overdue"}


@pytest.mark.rule("CORE-98")
def test_what_is_entered_late_by_hand_is_no_history_even_after_a_batch(desk: Desk) -> None:
    desk.on("2025-06-01")
    taken_in(desk, line("C-1", OpenFile(name="李明"), "2025-04-01"))
    desk.on("2025-06-02")
    desk.tell(PROMISE, "2025-05-02", reason="found in the drawer", happened=True)
    assert listed(desk, "promise") == {"P-1": "overdue"}


@pytest.mark.rule("CORE-98")
def test_what_an_earlier_batch_told_of_in_time_is_due_though_a_later_one_comes(desk: Desk) -> None:
    desk.on("2025-05-05")
    taken_in(desk, line("C-1", OpenFile(name="李明"), "2025-04-01"), line("C-1", PROMISE, "2025-05-02"))
    desk.on("2025-06-01")
    hobby = RecordProfileFact(field_name="hobby", value="chess")
    taken_in(desk, line("C-1", hobby, "2025-05-03", batch="B-2"))
    assert listed(desk, "promise") == {"P-1": "overdue"}


@pytest.mark.rule("CORE-98")
def test_nobody_is_to_contact_who_was_to_be_contacted_before_the_import(desk: Desk) -> None:
    desk.on("2025-06-01")
    history = line("C-1", OpenFile(name="李明"), "2024-01-10"), line("C-1", called(), "2024-05-20")
    taken_in(desk, *history)
    desk.on("2025-06-02")
    assert listed(desk, "contact_density") == {}
    desk.tell(called())
    assert list(listed(desk.on("2026-06-10"), "contact_density")) == ["contact/2025-06-02"]


def called() -> RecordAction:
    return RecordAction(kind="call", direction="out", two_way=True)


@pytest.mark.rule("CORE-98")
def test_a_complaint_of_the_past_waits_for_no_call(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明"))
    desk.on("2025-06-01")
    complaint = ReceiveComplaint(complaint="K-1", content="late", category="delivery")
    taken_in(desk, line("C-1", complaint, "2025-05-20"))
    assert listed(desk, "complaint_notice") == {}


@pytest.mark.rule("CORE-98")
def test_years_before_anybody_was_known_owe_no_conference(desk: Desk) -> None:
    desk.on("2025-06-01")
    taken_in(desk, line("C-1", OpenFile(name="李明"), "2020-01-10"))
    assert listed(desk, "customer_conference") == {"conference/2025": "open"}
    assert listed(desk.on("2026-02-01"), "customer_conference")["conference/2025"] == "not_done"


@pytest.mark.rule("CORE-98a")
def test_the_calendar_of_care_leaves_history_out_too(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明"), "2024-12-01", reason="late")
    desk.on("2025-06-01")
    taken_in(desk, line("C-1", called(), "2024-12-05"))
    rows = desk.ledger.report("core.care_calendar", since=date(2024, 12, 1), days=400).rows
    contacts = [r for r in rows if r[1] == "core.contact_density"]
    assert [r for r in contacts if r[0] < date(2025, 6, 1)] == []


@pytest.mark.rule("CORE-98a")
def test_a_warning_of_a_day_before_the_import_is_in_no_list(desk: Desk) -> None:
    desk.on("2025-06-01")
    owed = [
        PlanInstalment(contract="K-1", instalment=number, due_on=due, amount=Money(100, "CNY"))
        for number, due in (("1", date(2025, 4, 1)), ("2", date(2025, 6, 5)))
    ]
    told = [line("C-1", plan, f"2025-03-0{n}") for n, plan in enumerate(owed, 2)]
    taken_in(desk, line("C-1", OpenFile(name="李明"), "2025-03-01"), *told)
    desk.on("2025-06-06")
    kinds = sorted(key for key in listed(desk, "warning_open"))
    rows = desk.ledger.report("core.early_warning", since=date(2025, 1, 1)).rows
    assert kinds == ["overdue/K-1/2/1"]
    assert [(r[0], r[2]) for r in rows] == [("overdue", "K-1/2")]
