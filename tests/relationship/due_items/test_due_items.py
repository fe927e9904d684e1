"""The list of due items: states at both cuts, who is to do what, waivers, figures (CORE-99)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from guanxi import Facet, Fact, Incomplete, Label, NotPermitted, Now, Parts, PluginError, Unknown
from guanxi.kernel.cadences import Cadence, DueItem, DueRow, DueState, figures
from guanxi.kernel.messages import Command, command, event
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.ownership.commands import AcceptHandover, AssignMaintainer, ProposeHandover
from guanxi.relationship.service.commands import MakePromise
from tests.kernel.desks import Desk, moment

FRIDAYS = "greet.friday_message"


@event("greet.promised")
class Promised(Fact):
    """A greeting each Friday was promised, from a day on."""


@event("greet.sent")
class Sent(Fact):
    """A greeting was sent."""


@command("greet.promise")
class Promise(Command):
    """Promise a greeting each Friday."""


@command("greet.send")
class Send(Command):
    """Send a greeting."""


@attrs.define
class Greeting:
    """Nothing to remember."""


greeting = Facet("greet.greeting", Greeting)


@greeting.decide
def _promise(s: Greeting, c: Promise, now: Now) -> Iterator[Fact]:
    yield Promised()


@greeting.decide
def _send(s: Greeting, c: Send, now: Now) -> Iterator[Fact]:
    yield Sent()


@attrs.define
class SentRow:
    """A greeting, or the promise of one, by when."""

    promised: bool = column(key=True)
    at: str = column(key=True)


sent = ReadModel("greet.sent", SentRow)


@sent.on
def _promised(rows: Rows[SentRow], e: Promised, at: datetime) -> None:
    rows[True, at.isoformat()]


@sent.on
def _sent(rows: Rows[SentRow], e: Sent, at: datetime) -> None:
    rows[False, at.isoformat()]


def _fridays(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    by_stream: dict[str, list[SentRow]] = {}
    for stream, row in reader.rows(sent):
        by_stream.setdefault(stream, []).append(row)
    for stream, rows in by_stream.items():
        begins = min(datetime.fromisoformat(r.at) for r in rows if r.promised)
        deeds = [datetime.fromisoformat(r.at) for r in rows if not r.promised]
        day = begins.replace(hour=0, minute=0)
        day += timedelta(days=(4 - day.weekday()) % 7)
        while day <= asked.as_of:
            ends = day + timedelta(days=7)
            done = min((d for d in deeds if day <= d < ends), default=None)
            yield (
                stream,
                DueItem(
                    key=f"{day:%Y-%m-%d}",
                    since=day,
                    until=day + timedelta(days=1),
                    done_at=done,
                    ends=ends,
                    about=f"{day:%m-%d}",
                ),
            )
            day = ends


friday_message = Cadence(
    name=FRIDAYS,
    title=Label("Friday message", "周五问候"),
    rule="GREET-1",
    reads=(sent,),
    items=_fridays,
    fulfilled_by=(Sent.stored_name,),
)

greet = Parts(
    name="greet",
    version="1",
    title=Label("Greetings", "问候"),
    events=(Promised, Sent),
    commands=(Promise, Send),
    facets=(greeting,),
    read_models=(sent,),
    cadences=(friday_message,),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[greet], now="2025-06-12") as desk:
        desk.open("C-1", "C-2")
        desk.tell(Promise())
        yield desk


def listed(desk: Desk, **asked: Any) -> tuple[DueRow, ...]:
    return desk.ledger.due_items(cadence=FRIDAYS, **asked)


def states(desk: Desk, **cut: Any) -> dict[str, DueState]:
    return {row.key: row.state for row in listed(desk, customer="C-1", **cut)}


# ------------------------------------------------------------ states


@pytest.mark.rule("CORE-99a")
@pytest.mark.parametrize(
    ("sent_on", "as_of", "state"),
    [
        (None, "2025-06-13", "open"),
        (None, "2025-06-14", "overdue"),
        ("2025-06-14", "2025-06-14", "late"),
        (None, "2025-06-20", "not_done"),
    ],
)
def test_a_friday_message_stands_as_its_day_and_deeds_say(
    desk: Desk, sent_on: str | None, as_of: str, state: DueState
) -> None:
    if sent_on is not None:
        desk.on(sent_on).tell(Send())
    desk.on("2025-06-21")
    assert states(desk, as_of=as_of)["2025-06-13"] == state
    assert {r.key: r.state for r in listed(desk, as_of=as_of)}["2025-06-13"] == state


@pytest.mark.rule("CORE-99b")
@pytest.mark.parametrize(("sent_on", "later"), [("2025-06-13", "done"), ("2025-06-14", "late")])
def test_a_deed_entered_later_counts_on_its_own_day(desk: Desk, sent_on: str, later: DueState) -> None:
    desk.on("2025-06-24").tell(Send(), sent_on, reason="entered from paper")
    assert states(desk, as_known="2025-06-20")["2025-06-13"] == "not_done"
    assert states(desk, as_known="2025-06-24")["2025-06-13"] == later


@pytest.mark.rule("CORE-99")
def test_a_deed_before_the_window_opens_fulfils_nothing(desk: Desk) -> None:
    desk.on("2025-06-12").tell(Send())
    assert states(desk.on("2025-06-14"))["2025-06-13"] == "overdue"


@pytest.mark.rule("CORE-99")
def test_a_deed_on_the_last_instant_of_the_day_is_in_time(desk: Desk) -> None:
    desk.now = moment("2025-06-13").replace(hour=23, minute=59, second=59)
    desk.tell(Send())
    assert states(desk.on("2025-06-14"))["2025-06-13"] == "done"


# ------------------------------------------------------------ waivers and persons


@pytest.mark.rule("CORE-99c")
def test_a_due_item_is_waived_by_an_approver_with_a_reason(desk: Desk) -> None:
    desk.on("2025-06-14").tell(
        WaiveDueItem(cadence=FRIDAYS, number="2025-06-13", reason="abroad"), actor="boss"
    )
    (row,) = listed(desk)
    assert (row.state, row.waived_by) == ("waived", "boss")


@pytest.mark.rule("CORE-99c")
@pytest.mark.parametrize("reason", [None, "", " "])
def test_a_waiver_without_a_reason_is_incomplete(reason: str | None) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        WaiveDueItem(cadence=FRIDAYS, number="2025-06-13", reason=reason)


@pytest.mark.rule("CORE-99c")
@pytest.mark.parametrize("how", ["maintainer", "assigned", "told"])
def test_nobody_waives_his_own_due_item(desk: Desk, how: str) -> None:
    waiver = WaiveDueItem(cadence=FRIDAYS, number="2025-06-13", reason="abroad")
    if how == "maintainer":
        desk.tell(AssignMaintainer(person="ann"))
    elif how == "assigned":
        desk.tell(AssignMaintainer(person="bob"))
        desk.tell(AssignDueItem(cadence=FRIDAYS, number="2025-06-13", person="ann"))
    else:
        waiver = attrs.evolve(waiver, person="ann")
    with pytest.raises(NotPermitted, match="approver_conflict"):
        desk.on("2025-06-14").tell(waiver, actor="ann")
    assert states(desk)["2025-06-13"] == "overdue"


@pytest.mark.rule("CORE-99")
def test_what_was_done_before_it_was_waived_stays_done(desk: Desk) -> None:
    desk.on("2025-06-13").tell(Send())
    desk.on("2025-06-14").tell(
        WaiveDueItem(cadence=FRIDAYS, number="2025-06-13", reason="twice"), actor="boss"
    )
    assert states(desk)["2025-06-13"] == "done"


@pytest.mark.rule("CORE-99")
def test_a_waiver_counts_from_its_own_moment_at_both_cuts(desk: Desk) -> None:
    desk.on("2025-06-16").tell(
        WaiveDueItem(cadence=FRIDAYS, number="2025-06-13", reason="abroad"), actor="boss"
    )
    assert states(desk, as_of="2025-06-15")["2025-06-13"] == "overdue"
    assert states(desk, as_known="2025-06-15")["2025-06-13"] == "overdue"
    assert states(desk, as_of="2025-06-16")["2025-06-13"] == "waived"


@pytest.mark.rule("CORE-99")
@pytest.mark.parametrize("given", [{"department": "sales"}, {"person": "ann", "department": "sales"}, {}])
def test_a_due_item_belongs_to_a_person_and_never_to_a_department(given: dict[str, str]) -> None:
    with pytest.raises(Incomplete, match="named_person_missing"):
        AssignDueItem(cadence=FRIDAYS, number="2025-06-13", **given)


@pytest.mark.rule("CORE-99")
def test_the_maintainer_is_to_do_it_unless_somebody_is_named(desk: Desk) -> None:
    desk.tell(AssignMaintainer(person="ann"))
    desk.on("2025-06-13")
    assert [r.person for r in listed(desk)] == ["ann"]
    desk.tell(AssignDueItem(cadence=FRIDAYS, number="2025-06-13", person="bob"))
    assert [r.person for r in listed(desk)] == ["bob"]
    assert listed(desk, person="ann") == ()


@pytest.mark.rule("CORE-20b")
def test_at_a_hand_over_open_items_go_to_the_receiver_and_settled_ones_stay_with_the_giver(
    desk: Desk,
) -> None:
    desk.tell(AssignMaintainer(person="ann"))
    desk.on("2025-06-13").tell(Send(), actor="ann")
    desk.on("2025-06-16").tell(ProposeHandover(handover="H-1", receiver="bob"), actor="ann")
    desk.tell(AcceptHandover(handover="H-1", giver_signature="ann", receiver_signature="bob"), actor="bob")
    rows = listed(desk.on("2025-06-20"))
    assert [(r.key, r.person, r.state) for r in rows] == [
        ("2025-06-13", "ann", "done"),
        ("2025-06-20", "bob", "open"),
    ]


# ------------------------------------------------------------ figures


@pytest.mark.rule("CORE-99d")
def test_punctual_and_fulfilled_leave_out_what_was_waived_or_is_open() -> None:
    told: list[DueState] = [*["done"] * 5, *["late"] * 2, "overdue", "waived", "open"]  # type: ignore[list-item]
    found = figures(told)
    assert (found.due, found.punctual, found.fulfilled) == (10, Decimal("62.5"), Decimal("87.5"))


@pytest.mark.rule("CORE-99")
def test_nothing_settled_has_no_share() -> None:
    assert (figures(["open"]).punctual, figures([]).fulfilled) == (None, None)


# ------------------------------------------------------------ the list


@pytest.mark.rule("CORE-99")
def test_the_list_of_one_customer_is_the_part_of_the_whole_list_that_is_his(desk: Desk) -> None:
    desk.tell(Promise(), who="C-2")
    desk.on("2025-06-14").tell(Send(), who="C-2")
    desk.on("2025-06-28")
    whole = listed(desk)
    assert [r for r in whole if r.customer == "C-2"] == list(listed(desk, customer="C-2"))
    assert {r.customer for r in whole} == {"C-1", "C-2"}
    past = listed(desk, as_of="2025-06-21")
    assert [r for r in past if r.customer == "C-2"] == list(listed(desk, customer="C-2", as_of="2025-06-21"))


@pytest.mark.rule("CORE-99")
def test_one_customers_list_folds_no_other_stream(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.tell(Promise(), who="C-2")
    folded: list[str] = []
    rows_of = desk.ledger.store.fold_rows
    monkeypatch.setattr(
        desk.ledger.store, "fold_rows", lambda stream, *more: folded.append(stream) or rows_of(stream, *more)
    )
    monkeypatch.setattr(
        desk.ledger.store, "fold_rows_of", lambda *a, **k: pytest.fail("another stream was folded")
    )
    listed(desk.on("2025-06-14"), customer="C-1")
    assert set(folded) - {"rules"} == {desk.stream("C-1")}


@pytest.mark.rule("CORE-99")
def test_the_list_is_narrowed_by_what_is_asked_for(desk: Desk) -> None:
    desk.tell(Promise(), who="C-2")
    desk.on("2025-06-14").tell(Send(), who="C-2")
    desk.on("2025-06-20")
    assert [r.customer for r in listed(desk, states=("late",))] == ["C-2"]
    assert {r.key for r in listed(desk, since=moment("2025-06-20"))} == {"2025-06-20"}
    assert {r.key for r in listed(desk, until=moment("2025-06-20"))} == {"2025-06-13"}
    assert len(desk.ledger.due_items(rule="GREET-1")) == 4
    assert listed(desk, section="none such") == ()


@pytest.mark.rule("CORE-99")
@pytest.mark.parametrize("asked", [{"cadence": "greet.none"}, {"rule": "NONE-1"}, {"customer": "C-9"}])
def test_what_does_not_exist_is_unknown(desk: Desk, asked: dict[str, str]) -> None:
    with pytest.raises(Unknown) as refused:
        desk.ledger.due_items(**asked)
    assert refused.value.accepts


@pytest.mark.rule("CORE-99")
def test_the_rows_stand_in_order_of_their_last_day(desk: Desk) -> None:
    desk.tell(Promise(), who="C-2")
    rows = listed(desk.on("2025-07-05"))
    assert [r.until for r in rows] == sorted(r.until for r in rows if r.until is not None)


@pytest.mark.rule("CORE-99")
def test_progress_is_told_cadence_by_cadence(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []
    desk.ledger.due_items(progress=lambda done, last: seen.append((done, last)))
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] > 0


@pytest.mark.rule("CORE-99")
def test_the_report_lists_the_same_rows_and_their_figures(desk: Desk) -> None:
    desk.on("2025-06-13").tell(Send())
    desk.on("2025-06-21")
    result = desk.ledger.report("core.due_items", rule="GREET-1")
    assert [(r[0], r[4], r[9]) for r in result.rows] == [
        ("C-1", "2025-06-13", "done"),
        ("C-1", "2025-06-20", "overdue"),
    ]
    assert {label.en: text for label, text in result.notes}["punctual, %"] == "50.0"
    past = desk.ledger.report("core.due_items", rule="GREET-1", as_of="2025-06-13")
    assert [r[9] for r in past.rows] == ["done"]
    assert json.loads(result.as_json())["manifest"]["report"] == "core.due_items"


@pytest.mark.rule("CORE-99")
def test_a_cadence_that_fails_is_named(desk: Desk) -> None:
    broken = attrs.evolve(friday_message, items=lambda reader, asked: iter([1 // 0]))  # type: ignore[list-item]
    with (
        Desk(plugins=[attrs.evolve(greet, cadences=(broken,))]) as other,
        pytest.raises(PluginError, match="handler_failed"),
    ):
        other.ledger.due_items()


# ------------------------------------------------------------ whose item is ruled on

PROMISE = "core.promise"


@pytest.fixture
def promised(desk: Desk) -> Desk:
    desk.tell(AssignMaintainer(person="bob"))
    desk.tell(MakePromise(promise="V-1", content="x", due=date(2025, 6, 20), basis="call", promiser="ann"))
    return desk


@pytest.mark.rule("CORE-99c")
@pytest.mark.parametrize("told", [None, "bob", "zhou"])
def test_whom_the_items_own_entries_name_does_not_waive_it_whomever_he_names(
    promised: Desk, told: str | None
) -> None:
    waiver = WaiveDueItem(cadence=PROMISE, number="V-1", reason="abroad", person=told)
    with pytest.raises(NotPermitted, match="approver_conflict"):
        promised.tell(waiver, actor="ann")
    assert [r.state for r in promised.ledger.due_items(cadence=PROMISE)] == ["open"]


@pytest.mark.rule("CORE-99c")
@pytest.mark.parametrize("number", ["2025-06-13", "2025-06-20"])
def test_the_maintainer_does_not_waive_his_own_item_by_naming_another(desk: Desk, number: str) -> None:
    desk.tell(AssignMaintainer(person="ann"))
    desk.on("2025-06-14")
    with pytest.raises(NotPermitted, match="approver_conflict"):
        desk.tell(WaiveDueItem(cadence=FRIDAYS, number=number, reason="x", person="zhou"), actor="ann")


@pytest.mark.rule("CORE-99")
def test_whoever_was_named_for_an_item_is_to_do_it_though_its_own_entries_name_another(
    promised: Desk,
) -> None:
    promised.tell(AssignDueItem(cadence=PROMISE, number="V-1", person="carl"))
    assert [r.person for r in promised.ledger.due_items(cadence=PROMISE)] == ["carl"]
    waiver = WaiveDueItem(cadence=PROMISE, number="V-1", reason="abroad", person="ann")
    with pytest.raises(NotPermitted, match="approver_conflict"):
        promised.tell(waiver, actor="carl")


@pytest.mark.rule("CORE-99")
@pytest.mark.parametrize(
    "ruling",
    [
        AssignDueItem(cadence="core.promises", number="V-1", person="ann"),
        WaiveDueItem(cadence="core.promises", number="V-1", reason="abroad"),
    ],
)
def test_a_ruling_on_a_kind_of_item_that_there_is_not_is_told_which_come_near(
    promised: Desk, ruling: Command
) -> None:
    with pytest.raises(Unknown, match="unknown_code") as refused:
        promised.tell(ruling, actor="boss")
    assert PROMISE in (refused.value.accepts or "")
    assert "core.promises" in (refused.value.zh or "")
    with pytest.raises(Unknown) as refused:
        promised.tell(attrs.evolve(ruling, cadence="nothing.like.it"), actor="boss")
    assert FRIDAYS in (refused.value.accepts or "")
