"""The life cycle: grown through facts, lapsed by silence, won back by what the customer does himself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Event, Money, Source, Telling
from guanxi.relationship.dealings.events import (
    GoodsDelivered,
    InstallationAccepted,
    LineQuantity,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    ReceiptRecorded,
)
from guanxi.relationship.file.commands import CloseRelationship, ReopenRelationship
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.people.events import LifecycleStageChanged
from guanxi.relationship.people.lifecycle import Lifecycle
from guanxi.relationship.people.rules import LifecycleRules
from guanxi.relationship.pipeline.events import (
    ActionRecorded,
    ContractAmended,
    ContractEnded,
    ContractSigned,
    QuotationIssued,
)
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk

YUAN = Money("100", "CNY")


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2023-01-01") as d:
        yield d.open("C-1", on="2022-12-31")


def order(number: str, *, installs: bool = False) -> OrderPlaced:
    line = OrderLine(line="1", product="P", quantity=Decimal(2), unit="pcs", amount=YUAN)
    return OrderPlaced(order=number, lines=(line,), installs=installs)


def delivery(number: str, quantity: int = 2) -> GoodsDelivered:
    return GoodsDelivered(order=number, lines=(LineQuantity(line="1", quantity=Decimal(quantity)),))


def contract(number: str, ends_on: str | None) -> ContractSigned:
    until = None if ends_on is None else date.fromisoformat(ends_on)
    return ContractSigned(contract=number, amount=YUAN, ends_on=until)


def buy(desk: FactDesk, on: str, number: str, known: str | None = None) -> None:
    desk.fact(on, order(number), delivery(number), known=known)


def stage(desk: FactDesk, as_of: str, known: str | None = None) -> str:
    desk.now = max(desk.now, moment(f"{known or as_of}T23:59:59"))
    found: Lifecycle = desk.state(Lifecycle, as_of, known)
    return found.stage


def changes(desk: FactDesk) -> list[tuple[str, str, str]]:
    """Return the changes of stage in force: day, before, after."""
    lines = desk.ledger.history("C-1").lines()
    events = [x.event for x in lines if x.status in ("in force", "pending")]
    found = [e for e in events if isinstance(e, LifecycleStageChanged)]
    return sorted((e.changed_on.isoformat(), e.before, e.after) for e in found)


@pytest.mark.rule("CORE-16a")
def test_silence_of_twelve_months_lapses_a_customer_without_contract(desk: FactDesk) -> None:
    buy(desk, "2024-01-08", "1")
    buy(desk, "2024-05-10", "2")
    assert stage(desk, "2025-05-09") == "maintenance"
    assert stage(desk, "2025-05-10") == "lapsed"


@pytest.mark.rule("CORE-16b")
def test_an_order_entered_late_takes_the_lapse_back(desk: FactDesk) -> None:
    buy(desk, "2024-05-10", "1")
    desk.on("2025-05-20").ledger.advance()
    desk.fact("2025-05-08", order("2"), known="2025-05-20")
    assert stage(desk, "2025-05-15", "2025-05-15") == "lapsed"
    assert stage(desk, "2025-05-15", "2025-05-21") == "maintenance"
    lines = desk.ledger.history("C-1").lines()
    lapse = next(x for x in lines if isinstance(x.event, LifecycleStageChanged) and x.event.after == "lapsed")
    naming = next(x for x in lines if x.id == lapse.replaced_by)
    assert (lapse.status, naming.replaces) == ("withdrawn", lapse.id)


@pytest.mark.rule("CORE-16c")
@pytest.mark.parametrize("days", ["2024-05-10", "2025-03-01"])
def test_a_contract_in_force_keeps_a_silent_customer_until_the_day_after_its_end(
    desk: FactDesk, days: str
) -> None:
    desk.fact("2024-02-01", contract("K-1", "2026-01-31"))
    buy(desk, "2024-05-10", "1")
    assert stage(desk, "2025-06-01") == "maintenance"
    assert stage(desk, "2026-01-31") == "maintenance"
    assert stage(desk, "2026-02-01") == "lapsed"


@pytest.mark.rule("CORE-16d")
def test_an_order_wins_a_lapsed_customer_back_and_the_next_one_makes_him_a_regular(desk: FactDesk) -> None:
    buy(desk, "2024-05-10", "1")
    desk.fact("2025-08-01", order("2"))
    desk.fact("2025-09-15", order("3"))
    assert changes(desk) == [
        ("2024-05-10", "prospect", "maintenance"),
        ("2025-05-10", "maintenance", "lapsed"),
        ("2025-08-01", "lapsed", "won_back"),
        ("2025-09-15", "won_back", "maintenance"),
    ]


@pytest.mark.rule("CORE-16e")
def test_a_walk_in_who_takes_goods_goes_straight_to_maintenance(desk: FactDesk) -> None:
    desk.fact("2023-01-01T11:00", order("1"), delivery("1"))
    found: Lifecycle = desk.state(Lifecycle)
    assert found.stage == "maintenance"
    lengths = {s.stage: s.until - s.since for s in found.stretches if s.until is not None}
    assert [str(lengths[x]) for x in ("first_contact", "contracting")] == ["0:00:00", "0:00:00"]
    assert found.since == moment("2023-01-01T11:00")


@pytest.mark.rule("CORE-97c")
def test_a_new_term_moves_open_lapses_and_no_past_ones(desk: FactDesk) -> None:
    desk.open("C-2", on="2022-12-31")
    buy(desk, "2024-03-20", "1")
    desk.fact("2024-05-10", order("2"), delivery("2"), who="C-2")
    desk.on("2025-03-01").ledger.publish(
        LifecycleRules(lapse_after_months=18),
        effective_from=moment("2025-04-01T00:00"),
        by="clerk",
        approved_by="manager",
    )
    desk.on("2025-12-01")
    one, two = (
        [s for s in desk.state(Lifecycle, who=who).stretches if s.stage == "lapsed"] for who in ("C-1", "C-2")
    )
    assert [s.since for s in one] == [moment("2025-03-20T00:00")]
    assert [s.since for s in two] == [moment("2025-11-10T00:00")]


@pytest.mark.rule("CORE-97c")
def test_a_shorter_term_lapses_those_who_have_been_silent_longer_when_it_comes_into_force(
    desk: FactDesk,
) -> None:
    buy(desk, "2024-08-10", "1")
    desk.on("2025-03-01").ledger.publish(
        LifecycleRules(lapse_after_months=6),
        effective_from=moment("2025-04-01T00:00"),
        by="clerk",
        approved_by="manager",
    )
    desk.on("2025-12-01")
    assert stage(desk, "2025-03-31") == "maintenance"
    assert stage(desk, "2025-04-01") == "lapsed"


@pytest.mark.rule("CORE-98a")
def test_a_batch_of_old_orders_shows_lapse_and_return_as_known_from_the_batch(desk: FactDesk) -> None:
    desk.on("2025-06-01")
    told = [
        ("2023-01-10T10:00", "O-1", (order("1"), delivery("1"))),
        ("2025-05-20T10:00", "O-2", (order("2"), delivery("2"))),
    ]
    verdicts = desk.ledger.take_in(
        [_line(desk, on, line, events) for on, line, events in told],
    )
    assert [v.status for v in verdicts] == ["accepted", "accepted"]
    assert changes(desk) == [
        ("2023-01-10", "prospect", "maintenance"),
        ("2024-01-10", "maintenance", "lapsed"),
        ("2025-05-20", "lapsed", "won_back"),
    ]
    drawn = [x for x in desk.ledger.history("C-1").lines() if isinstance(x.event, LifecycleStageChanged)]
    assert {x.recorded_at for x in drawn} == {moment("2025-06-01")}
    names = {x.name for x in desk.ledger.history("C-1").lines()}
    assert not {n for n in names if "warning" in n or n.endswith("_sent")}


def _line(desk: FactDesk, on: str, line: str, events: tuple[Event, ...]) -> Telling:
    return Telling(
        subject="C-1",
        command=desk.teller.tell(events),
        actor="import",
        occurred_at=moment(on),
        source=Source(system="old", document="orders", line=line),
        batch="B-1",
        happened=True,
    )


GROWING = [
    (ActionRecorded(kind="call", two_way=True), "first_contact"),
    (ActionRecorded(kind="call", two_way=False), "prospect"),
    (ActionRecorded(kind="message", two_way=True, bulk=True), "prospect"),
    (ActionRecorded(kind="negotiation"), "contracting"),
    (QuotationIssued(quotation="Q", version=1, amount=YUAN, valid_until=date(2023, 2, 1)), "contracting"),
    (contract("K", "2024-01-01"), "maintenance"),
    (order("1"), "prospect"),
    (delivery("1"), "prospect"),
]


@pytest.mark.rule("CORE-16")
@pytest.mark.parametrize(("event", "expected"), GROWING, ids=lambda x: getattr(x, "stored_name", str(x)))
def test_facts_lead_forward(desk: FactDesk, event: Event, expected: str) -> None:
    desk.fact("2023-01-02", event)
    assert stage(desk, "2023-01-02") == expected


@pytest.mark.rule("CORE-16")
def test_no_fact_leads_back(desk: FactDesk) -> None:
    desk.fact("2023-01-02", contract("K", None))
    desk.fact("2023-01-03", GROWING[4][0], ActionRecorded(kind="call", two_way=True))
    assert changes(desk) == [("2023-01-02", "prospect", "maintenance")]


@pytest.mark.rule("CORE-16")
@pytest.mark.parametrize(
    ("events", "fulfilled"),
    [
        ((order("1"), delivery("1", 1)), False),
        ((order("1"), delivery("1", 1), delivery("1", 1)), True),
        ((order("1"), delivery("1", 1), OrderCancelled(order="1")), True),
        ((order("1"), OrderCancelled(order="1")), False),
        ((order("1", installs=True), delivery("1")), False),
        (
            (
                order("1", installs=True),
                delivery("1"),
                InstallationAccepted(order="1", lines=(LineQuantity(line="1", quantity=Decimal(2)),)),
            ),
            True,
        ),
    ],
)
def test_without_a_contract_the_first_fulfilled_order_leads_to_maintenance(
    desk: FactDesk, events: tuple[Event, ...], fulfilled: bool
) -> None:
    desk.fact("2023-01-02", *events)
    assert stage(desk, "2023-01-02") == ("maintenance" if fulfilled else "prospect")


@pytest.mark.rule("CORE-16")
@pytest.mark.parametrize(
    "event",
    [order("2"), ReceiptRecorded(receipt="R", amount=YUAN), contract("K-2", None)],
    ids=lambda e: e.stored_name,
)
def test_an_order_a_receipt_or_a_renewal_wins_a_lapsed_customer_back(desk: FactDesk, event: Event) -> None:
    buy(desk, "2023-01-02", "1")
    desk.fact("2024-06-01", event)
    assert stage(desk, "2024-06-01") == "won_back"


@pytest.mark.rule("CORE-16")
def test_our_own_messages_are_no_sign_of_life(desk: FactDesk) -> None:
    buy(desk, "2023-01-02", "1")
    desk.fact("2023-12-01", ActionRecorded(kind="message", direction="out"))
    assert stage(desk, "2024-01-02") == "lapsed"


@pytest.mark.rule("CORE-16")
def test_delivery_and_payment_of_the_order_that_won_him_back_are_no_second_sign(desk: FactDesk) -> None:
    buy(desk, "2023-01-02", "1")
    desk.fact("2024-06-01", order("2"))
    desk.fact("2024-06-03", delivery("2"))
    desk.fact("2024-06-05", ReceiptRecorded(receipt="R", amount=YUAN))
    assert stage(desk, "2024-08-31") == "won_back"
    assert stage(desk, "2024-09-01") == "maintenance"


@pytest.mark.rule("CORE-16")
def test_a_renewed_contract_moves_the_lapse(desk: FactDesk) -> None:
    desk.fact("2023-01-02", contract("K-1", "2024-06-30"))
    amended = ContractAmended(contract="K-1", amendment="A", added=YUAN, ends_on=date(2025, 6, 30))
    desk.fact("2023-02-02", amended)
    assert stage(desk, "2025-06-30") == "maintenance"
    assert stage(desk, "2025-07-01") == "lapsed"


@pytest.mark.rule("CORE-16")
def test_a_contract_without_end_keeps_him_until_it_is_ended(desk: FactDesk) -> None:
    desk.fact("2023-01-02", contract("K-1", None))
    assert stage(desk, "2024-12-31") == "maintenance"
    desk.fact("2025-01-10", ContractEnded(contract="K-1", how="terminated"))
    assert stage(desk, "2025-01-09") == "maintenance"
    assert stage(desk, "2025-01-10") == "lapsed"


@pytest.mark.rule("CORE-16")
def test_a_prospect_does_not_lapse(desk: FactDesk) -> None:
    desk.fact("2023-01-02", order("1"))
    assert stage(desk, "2025-01-01") == "prospect"


@pytest.mark.rule("CORE-16")
def test_a_host_may_choose_a_plugins_lapse_rule_in_place_of_the_cores(desk: FactDesk) -> None:
    desk.ledger.publish(
        LifecycleRules(lapse_rule="retail"),
        effective_from=moment("2023-01-01T12:00"),
        by="clerk",
        approved_by="manager",
    )
    buy(desk, "2023-01-02", "1")
    others = ClassStated(plugin="bank", scheme="lapse", grade="lapsed", since=date(2024, 2, 1))
    desk.fact("2024-02-01", others)
    assert stage(desk, "2024-02-01") == "maintenance"
    chosen = ClassStated(plugin="retail", scheme="lapse", grade="lapsed", since=date(2024, 3, 1))
    desk.fact("2024-03-01", chosen)
    assert stage(desk, "2024-03-01") == "lapsed"


@pytest.mark.rule("CORE-61")
@pytest.mark.parametrize(("was_customer", "reopened"), [(True, "lapsed"), (False, "prospect")])
def test_a_closed_relationship_comes_back_by_what_the_customer_does(
    desk: FactDesk, was_customer: bool, reopened: str
) -> None:
    if was_customer:
        buy(desk, "2023-01-02", "1")
    desk.on("2023-02-01").tell(CloseRelationship(reason_code="price"))
    desk.on("2023-03-01").tell(ReopenRelationship(reason_code="asked"))
    assert (stage(desk, "2023-02-01"), stage(desk, "2023-03-01")) == ("closed", reopened)
    buy(desk, "2023-03-02", "2")
    assert stage(desk, "2023-03-02") == ("won_back" if was_customer else "maintenance")


@pytest.mark.rule("CORE-13")
def test_a_merge_shows_the_other_files_life(desk: FactDesk) -> None:
    desk.open("C-2", on="2022-12-31")
    buy(desk, "2023-01-02", "1")
    desk.fact("2024-02-10", order("2"), delivery("2"), who="C-2")
    desk.on("2024-03-01")
    link: dict[str, Any] = {"mode": "whole", "link_type": "merge", "actor": "clerk", "reason": "one party"}
    desk.ledger.link("C-1", "C-2", **link)
    assert stage(desk, "2024-02-28") == "lapsed"
    assert stage(desk, "2024-03-01") == "won_back"


@pytest.mark.rule("CORE-16")
def test_the_decision_says_since_when_he_was_silent_and_under_which_term(desk: FactDesk) -> None:
    buy(desk, "2023-01-02", "1")
    desk.on("2024-02-01")
    lines = desk.ledger.history("C-1").lines()
    lapse = next(x for x in lines if isinstance(x.event, LifecycleStageChanged) and x.event.after == "lapsed")
    assert isinstance(lapse.effective_from, datetime)
    assert (lapse.rule, lapse.rule_sets) == ("CORE-16", {"core.lifecycle": 0})
    assert lapse.event == LifecycleStageChanged(
        changed_on=date(2024, 1, 2),
        before="maintenance",
        after="lapsed",
        cause="silence",
        silent_since=date(2023, 1, 2),
        months=12,
    )
