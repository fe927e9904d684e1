"""Explanations: down to the first fact, with the rule set's values; and what was replaced, and what was learned that made it so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from guanxi import (
    REVISE,
    Command,
    Decision,
    Due,
    Explanation,
    Facet,
    Fact,
    Invalid,
    Label,
    Money,
    Now,
    Parts,
    Superseded,
    Trigger,
    command,
    due,
    event,
    given,
    key,
    limit,
)
from guanxi.kernel.ledger import Ledger
from guanxi_retail import PointsRules, RedeemPoints, RefundPurchase
from tests.kernel.desks import CUSTOMER, Desk, moment
from tests.laws import club

LOOKED_AT = {"rate", "multipliers", "tier_multipliers", "pending_days", "expiry", "months"}
"""What the rule of earning looks at."""


@pytest.fixture
def till() -> Iterator[Desk]:
    """A customer of 2020 at a till, where points live five months."""
    with Desk(now="2024-01-01").open() as d:
        publish(d, PointsRules(months=5), "2024-01-01", reason="start")
        yield d


def publish(desk: Desk, rules: Any, on: str, **more: Any) -> int:
    return desk.ledger.publish(
        rules, effective_from=moment(on), **{"by": "chen", "approved_by": "zhao", **more}
    )


def explain(desk: Desk, field: str = "retail.points.expired", who: str = CUSTOMER) -> Explanation:
    return desk.ledger.history(who).explain(field)


def names(lines: Any) -> list[str]:
    return [line.name.partition(".")[2] for line in lines]


def gone(explanation: Explanation, name: str) -> list[Superseded]:
    return [x for x in explanation.superseded if x.line.name == name]


def only(triggers: tuple[Trigger, ...]) -> Trigger:
    (trigger,) = triggers
    return trigger


# What stands behind


def test_a_lapse_leads_by_its_moment_and_what_set_it_running_down_to_the_purchase(till: Desk) -> None:
    till.on("2024-01-30").buy("A", reason="till 3")
    till.on("2024-07-05").ledger.advance()
    (step,) = explain(till).steps
    assert step.line.due is not None
    assert (step.line.due.name, dict(step.line.due.fields)) == ("retail.lot_lapses", {"lot": "A"})
    assert step.line.due.at == moment("2024-07-01T00:00")
    assert names(step.because) == ["points_earned", "purchase_recorded"]
    assert step.because[-1].reason == "till 3"
    assert step.inputs == {"points": 100}
    (used,) = step.rules
    assert (used.entry, used.parameters["months"]) == (step.because[0].id, 5)


def test_what_is_not_written_down_yet_leads_back_just_so(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    (step,) = explain(till.on("2024-07-05")).steps
    assert (step.line.status, step.line.entry) == ("pending", None)
    assert step.line.due is not None
    assert step.line.due.at == moment("2024-07-01T00:00")
    assert names(step.because) == ["points_earned", "purchase_recorded"]


def test_a_moment_that_had_come_at_once_leads_to_the_decision_that_named_it_and_to_no_other(
    till: Desk,
) -> None:
    till.buy("A")
    till.buy("B", 50)
    steps = explain(till, "retail.points.balance").steps
    assert [s.line.fields["lot"] for s in steps if s.line.fields] == ["A", "B"]
    for step in steps:
        earned, bought = step.because
        assert (names(step.because), step.line.due) == (["points_earned", "purchase_recorded"], None)
        assert earned.fields is not None
        assert bought.fields is not None
        assert step.line.fields is not None
        assert step.line.fields["lot"] == earned.fields["lot"] == bought.fields["receipt"]


def test_a_fact_has_nothing_behind_it(till: Desk) -> None:
    till.buy("A")
    till.tell(RedeemPoints(redemption="X", points=10))
    step = explain(till, "retail.points.redemptions").steps[0]
    assert (step.because, step.rules, step.triggers) == ((), (), ())


# Rule sets


def test_a_decision_comes_with_the_version_it_was_drawn_under_and_the_parameters_it_looked_at(
    till: Desk,
) -> None:
    till.buy("A")
    till.tell(RefundPurchase(refund="R", receipt="A", paid=Money(30, "CNY")))
    steps = {s.line.name: s for s in explain(till, "retail.points").steps}
    (earning,) = steps["retail.points_earned"].rules
    (clawing,) = steps["retail.points_clawed_back"].rules
    assert dict(clawing.parameters) == {"clawback": "unlimited"}
    assert set(earning.parameters) == LOOKED_AT
    assert (earning.version, earning.parameters["months"]) == (1, 5)
    assert earning.publication is not None
    assert (earning.publication.by, earning.publication.approved_by, earning.publication.reason) == (
        "chen",
        "zhao",
        "start",
    )
    activated = steps["retail.points_activated"]
    assert [used.entry for used in activated.rules] == [activated.because[0].id], (
        "those behind it are named too"
    )
    assert activated.rules[0].parameters == earning.parameters


def test_default_values_have_no_publication() -> None:
    with Desk().open() as desk:
        desk.buy("A")
        (used,) = explain(desk, "retail.points").steps[0].rules
        assert (used.version, used.publication, used.parameters["months"]) == (0, None, 12)


def test_the_parameters_of_a_replaced_decision_are_those_of_its_own_version(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    publish(till.on("2024-02-01"), PointsRules(months=24), "2024-01-20", retroactive="promised")
    (before,) = gone(explain(till), "retail.points_earned")
    (used,) = before.rules
    assert (used.version, used.parameters["months"], "clawback" in used.parameters) == (1, 5, False)


# What was replaced, and why


def lapsed_then_redeemed(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    till.on("2024-07-05").ledger.advance()
    till.on("2024-07-06").tell(
        RedeemPoints(redemption="X", points=40), "2024-06-20", reason="the till was offline"
    )


def test_a_late_fact_is_named_as_what_made_a_decision_give_way(till: Desk) -> None:
    lapsed_then_redeemed(till)
    explanation = explain(till)
    (before,) = gone(explanation, "retail.points_expired")
    trigger = only(before.triggers)
    assert trigger.kind == "late"
    assert trigger.line is not None
    assert (trigger.line.name, trigger.line.reason) == ("retail.points_redeemed", "the till was offline")
    assert before.replaced_by is not None
    assert before.replaced_by.fields is not None
    assert before.replaced_by.fields["points"] == 60
    assert names(before.because) == ["points_earned", "purchase_recorded"]
    assert explanation.steps[-1].triggers == before.triggers, "the one in its place says so too"


def test_of_what_was_told_in_one_transaction_only_what_can_have_changed_a_decision_is_named(
    till: Desk,
) -> None:
    from guanxi import Source, Telling

    till.on("2024-01-30").buy("A")
    till.on("2024-07-05").ledger.advance()
    till.on("2024-07-06")

    def line(n: str, told: Command, on: str) -> Telling:
        return Telling(
            subject=CUSTOMER,
            command=told,
            actor="importer",
            reason="night",
            occurred_at=moment(on),
            source=Source("till", n),
            batch="B-1",
        )

    from guanxi_retail import RecordPurchase

    till.ledger.take_in(
        [
            line("1", RedeemPoints(redemption="X", points=40), "2024-06-20"),
            line("2", RecordPurchase(receipt="B", paid=Money(5, "CNY")), "2024-07-06T09:00"),
        ]
    )
    (before,) = gone(explain(till), "retail.points_expired")
    assert names([t.line for t in before.triggers]) == ["points_redeemed"]


def test_a_correction_and_a_void_are_named_as_such(till: Desk) -> None:
    first = till.on("2024-01-30").buy("A").entries[0].id
    second = till.buy("B").entries[0].id
    till.on("2024-02-01").ledger.correct(first, {"paid": Money(120, "CNY")}, actor="li", reason="misread")
    till.ledger.void(second, actor="wu", reason="entered twice")
    a, b = gone(explain(till, "retail.points"), "retail.points_earned")
    assert (a.line.status, only(a.triggers).kind) == ("replaced", "correction")
    assert (b.line.status, only(b.triggers).kind) == ("withdrawn", "void")
    assert [t.line.reason for x in (a, b) for t in x.triggers if t.line] == ["misread", "entered twice"]
    assert [only(x.triggers).line.entry.actor for x in (a, b) if only(x.triggers).line] == ["li", "wu"]  # type: ignore[union-attr]


def test_a_rule_set_published_with_effect_in_the_past_is_named_with_what_it_changed(till: Desk) -> None:
    lapsed_then_redeemed(till)
    publish(till.on("2024-07-10"), PointsRules(months=24), "2024-01-20", retroactive="promised")
    explanation = explain(till, "retail.points")
    (earned,) = gone(explanation, "retail.points_earned")
    first, second = gone(explanation, "retail.points_expired")
    for x in (earned, second):
        trigger = only(x.triggers)
        assert trigger.kind == "rules"
        assert trigger.line is not None
        assert trigger.line.fields is not None
        assert trigger.line.fields["retroactive"] == "promised"
        assert [(c.field, c.before, c.after) for c in trigger.changes] == [("months", 5, 24)]
    assert only(first.triggers).kind == "late", "what had given way before keeps its own cause"


def test_a_publication_for_what_follows_is_no_cause_of_what_was_replaced_before_it(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    till.on("2024-07-05").ledger.advance()
    publish(till, PointsRules(months=6), "2024-07-05", retroactive="from today")
    till.on("2024-07-06").tell(RedeemPoints(redemption="X", points=40), "2024-06-20", reason="offline")
    (before,) = gone(explain(till), "retail.points_expired")
    assert [t.kind for t in before.triggers] == ["late"]


def test_a_publication_that_had_its_say_before_is_no_cause_of_what_a_late_fact_replaces(till: Desk) -> None:
    publish(till.on("2024-01-15"), PointsRules(months=4), "2024-01-10", retroactive="agreed")
    till.on("2024-01-30").buy("A")
    till.on("2024-07-05").ledger.advance()
    till.on("2024-07-06").tell(RedeemPoints(redemption="X", points=40), "2024-05-20", reason="offline")
    (before,) = gone(explain(till), "retail.points_expired")
    assert [t.kind for t in before.triggers] == ["late"]


def test_what_was_entered_in_a_linked_file_is_named_by_its_own_id(till: Desk) -> None:
    till.open("C-2")
    till.on("2024-01-30").buy("A")
    till.ledger.link(CUSTOMER, "C-2", mode="whole", link_type="merge", actor="li", reason="the same person")
    till.on("2024-07-05").ledger.advance()
    till.on("2024-07-06").tell(
        RedeemPoints(redemption="X", points=40), "2024-06-20", who="C-2", reason="offline", happened=True
    )
    explanation = explain(till)
    (before,) = gone(explanation, "retail.points_expired")
    trigger = only(before.triggers)
    assert trigger.kind == "linked"
    assert trigger.line is not None
    assert trigger.line.id.startswith(till.stream("C-2") + "/")
    assert trigger.line.reason == "offline"


def test_after_a_link_ended_what_a_linked_file_brought_is_still_named_and_led_back_to(till: Desk) -> None:
    till.open("C-2")
    till.on("2024-01-30").buy("A", who="C-2")
    till.ledger.link(CUSTOMER, "C-2", mode="whole", link_type="merge", actor="li", reason="the same person")
    till.on("2024-03-10").tell(RedeemPoints(redemption="W", points=50))
    till.on("2024-07-05").ledger.advance()
    late = till.on("2024-07-06").tell(
        RedeemPoints(redemption="X", points=20), "2024-03-01", who="C-2", reason="offline", happened=True
    )
    till.on("2024-07-10").ledger.unlink(
        CUSTOMER, "C-2", actor="li", reason="not the same", effective_from=moment("2024-03-05")
    )
    explanation = explain(till)
    first, second = gone(explanation, "retail.points_expired")
    trigger = only(first.triggers)
    assert trigger.kind == "linked"
    assert trigger.line is not None
    assert trigger.line.id == late.entries[0].id
    assert [t.kind for t in second.triggers] == ["late"], "the end of the link"
    for x in (first, second):
        assert names(x.because) == ["points_earned", "purchase_recorded"]
        assert {set(r.parameters) == LOOKED_AT for r in x.rules} == {True}


def test_a_publication_that_changed_nothing_a_decision_looked_at_is_no_cause(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    till.on("2024-07-05").ledger.advance()
    publish(
        till.on("2024-07-06"),
        PointsRules(months=5, clawback="within_balance"),
        "2024-01-02",
        retroactive="law",
    )
    till.on("2024-07-07").tell(RedeemPoints(redemption="X", points=40), "2024-06-20", reason="offline")
    explanation = explain(till)
    (before,) = gone(explanation, "retail.points_expired")
    assert [(t.kind, t.certain) for t in before.triggers] == [("late", True)]


def lapsed_beside(till: Desk, *told: Command) -> Superseded:
    """Return a lapse that gave way to what one batch brought, all of it from before."""
    from guanxi import Source, Telling

    till.on("2024-01-30").buy("A")
    till.on("2024-07-05").ledger.advance()
    till.on("2024-07-06").ledger.take_in(
        [
            Telling(
                subject=CUSTOMER,
                command=each,
                actor="importer",
                occurred_at=moment("2024-06-20"),
                source=Source("till", str(n)),
                batch="B-1",
                happened=True,
            )
            for n, each in enumerate(told)
        ]
    )
    (before,) = gone(explain(till), "retail.points_expired")
    return before


def test_of_facts_learned_together_those_are_named_without_which_it_would_not_be_so(till: Desk) -> None:
    from guanxi_retail import RecordPurchase

    before = lapsed_beside(
        till,
        RecordPurchase(receipt="B", paid=Money(5, "CNY")),
        RedeemPoints(redemption="X", points=40),
        RedeemPoints(redemption="Y", points=10),
    )
    assert [t.line.fields["redemption"] for t in before.triggers if t.line and t.line.fields] == ["X", "Y"]
    assert {t.certain for t in before.triggers} == {True}


def test_where_either_of_two_facts_would_have_done_neither_is_certain(till: Desk) -> None:
    before = lapsed_beside(
        till, RedeemPoints(redemption="X", points=100), RedeemPoints(redemption="Y", points=100)
    )
    assert before.line.status == "withdrawn"
    assert names([t.line for t in before.triggers]) == ["points_redeemed", "points_redeemed"]
    assert {t.certain for t in before.triggers} == {False}


def test_a_decision_that_ended_from_a_later_day_names_the_rule_set_that_released_it() -> None:
    with Desk(now="2025-06-01", plugins=[club.parts]).open() as desk:
        desk.on("2025-06-05").tell(club.Owe(order="o", amount=300))
        desk.on("2025-06-20").ledger.publish(
            club.Lines(hold_from=500),
            effective_from=moment("2025-06-01"),
            by="a",
            approved_by="b",
            retroactive="agreed in May",
        )
        facet = next(f for f in desk.ledger.house.facets if f.name.startswith("club."))
        ended = [s for s in explain(desk, facet.name).steps if s.line.name == "core.decision_ended"]
        assert [t.kind for s in ended for t in s.triggers] == ["rules"]


# Other facets


@event("gate.came")
class Came(Fact):
    visit: str


@event("gate.greeted")
class Greeted(Decision, late=REVISE, retroactive=REVISE):
    visit: str = key()
    words: str = given()
    at_least: int = limit(default=1)


@command("gate.come")
class Come(Command):
    visit: str


@attrs.define
class Gate:
    words: dict[str, str] = attrs.field(factory=dict)


def gate_with(name: str, words: str, version: str) -> Parts:
    facet = Facet(name, Gate)

    @facet.decide
    def come(s: Gate, c: Come, now: Now) -> Iterator[Fact]:
        yield Came(visit=c.visit)

    @facet.evolve
    def fold(s: Gate, e: Greeted) -> None:
        s.words[e.visit] = e.words

    @facet.react("GATE-1")
    def greet(s: Gate, e: Came, now: Now) -> Iterator[Decision]:
        yield Greeted(visit=e.visit, words=words)

    return Parts(
        name="gate",
        version=version,
        title=Label("Gate", "门"),
        events=(Came, Greeted),
        commands=(Come,),
        facets=(facet,),
    )


@pytest.mark.parametrize("written", [True, False])
def test_another_version_of_a_plugin_is_named_where_nothing_was_told_that_could_have_done_it(
    written: bool,
) -> None:
    with Desk(now="2025-06-01", plugins=[gate_with("gate.door", "hello", "1.0")]).open() as desk:
        desk.tell(Come(visit="v"))
        import guanxi

        core = tuple(p for p in desk.ledger.parts if p.name != "gate")
        later = Ledger(desk.ledger.backend, [gate_with("gate.gate", "welcome", "2.0")], core=core)
        later.clock = lambda: moment("2025-06-02")  # type: ignore[method-assign,assignment]
        if written:
            later.advance()
        explanation = later.history(CUSTOMER).explain("gate.gate")
        (before,) = gone(explanation, "gate.greeted")
        assert (before.line.status, only(before.triggers).kind) == ("replaced", "facets")
        assert only(before.triggers).versions == ("gate 1.0", "gate 2.0")
        (step,) = explanation.steps
        assert step.after == {"words": {"v": "welcome"}}
        assert step.thresholds == {"at_least": 1}
        assert step.line.status == ("in force" if written else "pending")
        assert guanxi.Explanation is Explanation


# Several at once


@due("pair.opens")
class Opens(Due):
    box: str


@event("pair.delivered")
class Delivered(Fact):
    boxes: tuple[str, ...]


@event("pair.taken_in")
class TakenIn(Decision, late=REVISE, retroactive=REVISE):
    box: str = key()


@event("pair.opened")
class Opened(Decision, late=REVISE, retroactive=REVISE):
    box: str = key()


@command("pair.deliver")
class Deliver(Command):
    boxes: tuple[str, ...]


@attrs.define
class Boxes:
    opened: list[str] = attrs.field(factory=list)


boxes = Facet("pair.boxes", Boxes)


@boxes.decide
def _deliver(s: Boxes, c: Deliver, now: Now) -> Iterator[Fact]:
    yield Delivered(boxes=c.boxes)


@boxes.react("PAIR-1")
def _take_in(s: Boxes, e: Delivered, now: Now) -> Iterator[Decision]:
    for box in e.boxes:
        yield TakenIn(box=box)


@boxes.due
def _at_once(s: Boxes, e: TakenIn, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield now.at, Opens(box=e.box)


@boxes.react("PAIR-2")
def _open(s: Boxes, d: Opens, now: Now) -> Iterator[Decision]:
    yield Opened(box=d.box)


@boxes.evolve
def _opened(s: Boxes, e: Opened) -> None:
    s.opened.append(e.box)


PAIR = Parts(
    name="pair",
    version="1",
    title=Label("Pair", "一对"),
    events=(Delivered, TakenIn, Opened),
    commands=(Deliver,),
    facets=(boxes,),
)


def test_of_several_moments_that_had_come_at_once_each_decision_leads_to_its_own() -> None:
    with Desk(plugins=[PAIR]).open() as desk:
        desk.tell(Deliver(boxes=("a", "b")))
        for step in explain(desk, "pair.boxes.opened").steps:
            assert step.line.fields is not None
            taken, delivered = step.because
            assert taken.fields == step.line.fields
            assert delivered.name == "pair.delivered"


# Cuts


def test_an_explanation_as_known_before_knows_nothing_of_what_came_later(till: Desk) -> None:
    lapsed_then_redeemed(till)
    explanation = till.ledger.history(CUSTOMER).as_known("2024-07-05").explain("retail.points.expired")
    assert (explanation.value, explanation.superseded) == (100, ())


def test_an_answer_at_a_position_of_the_log_knows_no_rule_set_published_later(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    position = till.ledger.store.last_position()
    publish(till.on("2024-02-01"), PointsRules(rate=Decimal(3)), "2024-01-20", retroactive="promised")
    assert till.ledger.history(CUSTOMER).as_known(position).state("retail.points").balance == 100
    assert till.ledger.history(CUSTOMER).state("retail.points").balance == 300


def test_a_position_inside_a_transaction_knows_none_of_it(till: Desk) -> None:
    lapsed_then_redeemed(till)
    history = till.ledger.history(CUSTOMER)
    last = till.ledger.store.last_position()
    redeemed = next(x.entry for x in history.lines() if x.name == "retail.points_redeemed")
    assert redeemed is not None
    assert redeemed.position < last, "the lapse that gave way came with it"
    inside = history.as_known(redeemed.position)
    assert (inside.cut.position, inside.taken_back) == (redeemed.position - 1, redeemed.position)
    assert inside.as_of("2030-01-01").taken_back == redeemed.position
    assert inside.values() == history.as_known(redeemed.position - 1).values()
    assert (history.as_known(last).cut.position, history.as_known(last).taken_back) == (last, None)


def test_a_position_that_the_log_has_not_reached_is_refused(till: Desk) -> None:
    last = till.ledger.store.last_position()
    with pytest.raises(Invalid, match=f"the log ends at position {last}") as refused:
        till.ledger.history(CUSTOMER).as_known(last + 1)
    assert refused.value.code == "no_such_position"


def test_what_takes_an_entrys_place_is_named_though_it_counts_from_beyond_the_cut(till: Desk) -> None:
    bought = till.on("2024-04-05").buy("A").entries[0].id
    till.on("2024-05-06").ledger.correct(
        bought, actor="li", reason="wrong day", effective_from=moment("2024-05-01")
    )
    asked = till.ledger.history(CUSTOMER).as_of("2024-04-10")
    (before,) = gone(asked.explain("retail.points"), "retail.points_earned")
    assert before.replaced_by is not None
    assert only(before.triggers).kind == "correction"
    assert date(2024, 4, 5) == before.line.effective_from.date()


def test_what_was_written_down_and_withdrawn_at_once_still_leads_back_to_its_purchase(till: Desk) -> None:
    till.on("2024-01-30").buy("A")
    publish(till.on("2024-07-05"), PointsRules(months=24), "2024-01-20", retroactive="promised")
    (before,) = gone(explain(till), "retail.points_expired")
    assert before.line.status == "withdrawn"
    assert only(before.triggers).kind == "rules"
    assert names(before.because) == ["points_earned", "purchase_recorded"]
