"""A temporal table shows at every cut what a scratch projection shows there, however the log was read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

import guanxi
from guanxi import Label, Ledger, Parts, ReadModel, Refusal, Rows, column
from guanxi.kernel.standard import DecisionEnded
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import TICK, stamp
from guanxi_retail import PointsRules
from guanxi_retail import plugin as retail_plugin
from guanxi_retail.points.events import PointsEarned, PointsExpired
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from tests.laws import club
from tests.laws.histories import KINDS, Step, Teller, steps
from tests.laws.test_late_effects import Desk

POLICIES = st.sampled_from(["unlimited", "within_balance", "only_pending"])
PAGES = st.integers(1, 40)


@attrs.define
class Standing:
    """Order shows in the text, and what comes due in the points."""

    story: str = ""
    points: int = 0
    last: datetime | None = column(default=None)  # noqa: RUF009 - a field of a row class


@attrs.define
class Open:
    """A row that goes when all of it was refunded."""

    receipt: str = column(key=True)
    left: Decimal = column(default=Decimal(0))  # noqa: RUF009


standing = ReadModel("probe.standing", Standing, temporal=True)


@standing.on
def _told(rows: Rows[Standing], e: PurchaseRecorded | PurchaseRefunded, at: datetime) -> None:
    row = rows[()]
    row.story, row.last = f"{row.story}{e.paid.amount};", at


@standing.on
def _earned(rows: Rows[Standing], e: PointsEarned, at: datetime) -> None:
    rows[()].points += e.points


@standing.on
def _expired(rows: Rows[Standing], e: PointsExpired, at: datetime) -> None:
    row = rows[()]
    row.points, row.story = row.points - e.points, f"{row.story}x"


open_receipts = ReadModel("probe.open_receipts", Open, temporal=True)


@open_receipts.on
def _bought(rows: Rows[Open], e: PurchaseRecorded, at: datetime) -> None:
    rows[e.receipt].left += e.paid.amount


@open_receipts.on
def _refunded(rows: Rows[Open], e: PurchaseRefunded, at: datetime) -> None:
    row = rows[e.receipt]
    row.left -= e.paid.amount
    if row.left <= 0:
        del rows[e.receipt]


MODELS = (standing, open_receipts)
probe = Parts(name="probe", version="1", title=Label("Probe", "探针"), read_models=MODELS)


def told(history: list[Step], policy: str, pages: list[int]) -> Ledger:
    """A ledger that was told a history, its tables brought level in between by pages of these sizes.

    Some steps share the instant of the one before; some rules published with effect in the past wait for the next entry
    to be followed.
    """
    ledger = guanxi.open("sqlite://", plugins=[retail_plugin, probe])
    teller = Teller(ledger)
    teller.begin(PointsRules(pending_days=7, clawback=policy, months=3))  # type: ignore[arg-type]
    publishing: Any = ledger._publishing
    refresh = publishing._refresh
    for n, step in enumerate(history):
        publishing._refresh = refresh if step.amount % 2 else _never
        if step.amount % 5 == 0:
            teller.now -= timedelta(days=step.days, seconds=1)
        teller.tell(step)
        if step.amount % 2:
            project(ledger, pages[n % len(pages)])
    ledger.advance()
    project(ledger, pages[0])
    return ledger


def _never(*_arguments: object, **_keywords: object) -> None: ...


def project(ledger: Ledger, page: int) -> None:
    projector: Any = ledger.reporting.projector
    projector.page = page
    ledger.reporting.project()


def moments(ledger: Ledger) -> list[str]:
    """Stamps at which something counts or is recorded, and just before and after."""
    rows = ledger.store.page(0, 10_000)
    exact = {r.effective_from for r in rows} | {r.recorded_at for r in rows}
    near = {stamp(datetime.fromisoformat(s) + d) for s in exact for d in (-TICK, TICK)}
    return sorted(exact | near)


def shown(reader: Any, models: Sequence[ReadModel[Any]]) -> list[Any]:
    return [[(stream, attrs.astuple(row)) for stream, row in reader.rows(m)] for m in models]


def stored(ledger: Ledger) -> list[Any]:
    """Whatever the tables hold, ends and all."""
    store: Any = ledger.store
    out = []
    for model in (m for m in ledger.reporting.models if m.temporal):
        with store.database.reading() as cursor:
            cursor.execute(f"SELECT * FROM {model.table_name}")
            out.append(sorted(map(repr, cursor.fetchall())))
    return out


def assert_equal_at(ledger: Ledger, cut: Cut) -> None:
    now = stamp(ledger.clock())
    reporting = ledger.reporting
    models = tuple(m for m in reporting.models if m.temporal)
    assert reporting._all_told(models)
    there = shown(reporting.projector.reader(cut), models)
    drawn = reporting.projector.scratch(models, reporting._histories(models, cut, now))
    assert there == shown(drawn, models), cut
    if open_receipts in models:  # nobody judges for what was told alone
        unjudged = reporting.scratch([open_receipts], cut, now)
        assert shown(unjudged, [open_receipts]) == shown(drawn, [open_receipts]), cut


def assert_equal_at_some_cuts(ledger: Ledger, seed: int) -> None:
    stamps: list[str | None] = [None, *moments(ledger)]
    chance = random.Random(seed)
    for _ in range(12):
        cut = Cut(as_of=chance.choice(stamps), as_known=chance.choice(stamps))
        if cut.as_known is None or cut.as_known <= stamp(ledger.clock()):
            assert_equal_at(ledger, cut)


@given(
    steps((*KINDS, "halve"), max_size=10), POLICIES, st.lists(PAGES, min_size=1, max_size=4), st.integers()
)
@settings(deadline=None, max_examples=15)
def test_rows_at_any_cut_equal_those_of_a_scratch_projection(
    history: list[Step], policy: str, pages: list[int], seed: int
) -> None:
    ledger = told(history, policy, pages)
    try:
        assert_equal_at_some_cuts(ledger, seed)
    finally:
        ledger.close()


@given(steps((*KINDS, "halve"), max_size=14), POLICIES, st.lists(PAGES, min_size=1, max_size=4))
@settings(deadline=None, max_examples=15)
def test_versions_do_not_depend_on_pages_restarts_or_rebuilding(
    history: list[Step], policy: str, pages: list[int]
) -> None:
    ledger = told(history, policy, pages)
    try:
        step_by_step = stored(ledger)
        ledger.reporting.rebuild()
        assert stored(ledger) == step_by_step
    finally:
        ledger.close()


@attrs.define
class Ledgered:
    """All that happened to an account, in the order in which it counts."""

    story: str = ""


accounts = ReadModel("ledgered.accounts", Ledgered, temporal=True)


@accounts.on
def _happened(
    rows: Rows[Ledgered],
    e: club.Owed | club.Settled | club.Held | club.Warned | club.Graded | club.Discounted | DecisionEnded,
    at: datetime,
) -> None:
    row = rows[()]
    what = e.grade if isinstance(e, club.Graded) else getattr(e, "order", "ended")
    row.story += f"{at:%m-%d %H:%M} {type(e).__name__} {what} {getattr(e, 'percent', '')};"


ledgered = Parts(name="ledgered", version="1", title=Label("Ledgered", "入账"), read_models=(accounts,))


@attrs.define
class Owing:
    """What was told alone."""

    amount: int = 0


owed = ReadModel("facts.owed", Owing, temporal=True)


@owed.on
def _owed(rows: Rows[Owing], e: club.Owed, at: datetime) -> None:
    rows[()].amount += e.amount


facts_only = Parts(name="facts", version="1", title=Label("Facts", "事实"), read_models=(owed,))

CLUB_STEP = st.tuples(
    st.sampled_from(("owe", "owe", "owe", "settle", "void", "correct", "advance", "publish")),
    st.sampled_from((-70, -40, -3, -1, 0, 0, 0, 5, 45)),  # days before or after the day of entry
    st.integers(0, 40),
    st.integers(0, 12),
)


@example([("owe", 0, 24, 8), ("owe", -70, 0, 0), ("publish", -70, 23, 0)], [1], 0)
@example(
    [
        ("owe", -70, 26, 8),
        ("correct", -70, 30, 0),
        ("correct", -70, 38, 0),
        ("owe", -70, 14, 0),
        ("void", -70, 28, 0),
        ("owe", -70, 11, 0),
        ("owe", -70, 23, 0),
    ],
    [1],
    0,
)
@given(st.lists(CLUB_STEP, min_size=1, max_size=10), st.lists(PAGES, min_size=1, max_size=4), st.integers())
@settings(deadline=None, max_examples=15)
def test_decisions_of_every_late_effect_and_facts_of_days_to_come_are_shown_as_a_scratch_projection_shows_them(
    history: list[tuple[str, int, int, int]], pages: list[int], seed: int
) -> None:
    desk = Desk(ledgered)
    ledger = desk.ledger
    try:
        for n, (kind, lag, days, number) in enumerate(history):
            desk.now += timedelta(days=days, seconds=number % 2)
            with suppress(Refusal):
                _tell(desk, kind, desk.now + timedelta(days=lag), n, number)
            if number % 2:
                project(ledger, pages[n % len(pages)])
        ledger.advance()
        project(ledger, pages[0])
        assert_equal_at_some_cuts(ledger, seed)
        step_by_step = stored(ledger)
        ledger.reporting.rebuild()
        assert stored(ledger) == step_by_step
    finally:
        ledger.close()


def _tell(desk: Desk, kind: str, at: datetime, n: int, number: int) -> None:
    ledger, who = desk.ledger, "AB"[number % 2]
    if kind == "advance":
        ledger.advance()
    elif kind == "publish":
        rules = club.Lines(hold_from=40 + 30 * number, warn_from=20 * number, regular_from=100 * number)
        ledger.publish(rules, effective_from=at, by="a", approved_by="b", retroactive="agreed")
    elif kind in ("void", "correct"):
        told_ = [e for e in ledger.store.page(0, 10_000) if e.name == "club.owed"]
        if told_ and kind == "void":
            ledger.void(told_[number % len(told_)].id, actor="clerk", reason="never happened")
        elif told_:
            ledger.correct(told_[number % len(told_)].id, {"amount": 10 * n}, actor="clerk", reason="wrong")
    else:
        command = (
            club.Owe(order=f"o{n}", amount=15 * number) if kind == "owe" else club.Settle(order=f"o{number}")
        )
        past = min(at, desk.now)
        ledger.execute(
            who, command, actor="clerk", occurred_at=past, effective_from=at, happened=True, reason="told"
        )


def test_what_a_rule_published_with_effect_in_the_past_changed_is_known_from_its_publication_not_from_when_a_job_wrote_it() -> (
    None
):
    desk = Desk(ledgered)
    ledger = desk.ledger
    try:
        desk.on("2025-01-05").tell(club.Owe(order="a", amount=40))
        ledger._publishing._refresh = _never  # type: ignore[method-assign]
        desk.on("2025-03-01").ledger.publish(
            club.Lines(warn_from=30),
            effective_from=desk.now - timedelta(days=60),
            by="a",
            approved_by="b",
            retroactive="agreed in January",
        )
        desk.on("2025-04-01").ledger.advance()
        ledger.reporting.project()

        def story(as_known: str) -> str:
            cut = Cut(as_known=f"{as_known}T00:00:00.000000Z")
            assert_equal_at(ledger, cut)
            return " ".join(row.story for _, row in ledger.reporting.projector.reader(cut).rows(accounts))

        assert "Graded" not in story("2025-01-20")
        assert "Graded" in story("2025-02-15")
        assert "Warned" not in story("2025-02-15")
        assert "Warned" in story("2025-03-15")
    finally:
        ledger.close()


def test_where_relationships_are_linked_decisions_are_answered_from_scratch_and_facts_from_the_table() -> (
    None
):
    desk = Desk(ledgered, facts_only)
    ledger = desk.ledger
    try:
        desk.on("2025-02-01").tell(club.Owe(order="a", amount=60))
        reporting = ledger.reporting
        assert reporting.at([accounts], Cut(as_of="2025-03-01"), stamp(desk.now)).position > 0
        desk.on("2025-05-01").ledger.link(
            "A", "B", mode="whole", link_type="merge", actor="clerk", reason="same person"
        )
        desk.on("2025-05-02").tell(club.Owe(order="b", amount=60), who="B")
        desk.on("2025-06-20").ledger.unlink("A", "B", actor="clerk", reason="two persons after all")
        project(ledger, 100)
        for moment in moments(ledger):
            cut = Cut(as_of=moment, as_known=min(moment, stamp(desk.now)))
            assert reporting.at([accounts], cut, stamp(desk.now)).position == 0
            live = reporting.at([owed], cut, stamp(desk.now))
            drawn = reporting.projector.scratch([owed], reporting._histories([owed], cut, stamp(desk.now)))
            assert live.position > 0
            assert shown(live, [owed]) == shown(drawn, [owed])
    finally:
        ledger.close()
