"""Credit limit and term: what passes, what is held, who releases it, and what the exposure is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Held, Incomplete, Invalid, Money, NotPermitted, Unknown
from guanxi.relationship.dealings.commands import CancelOrder, PlaceOrder, ReleaseOrder, SetCreditTerms
from guanxi.relationship.dealings.events import OrderLine
from tests.kernel.desks import moment
from tests.relationship.dealings.trading import Trade, names, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-05-20") as t:
        yield t


@pytest.fixture
def used(trade: Trade) -> Trade:
    """A customer with a limit of 500,000 and an exposure of 420,000."""
    trade.terms(500_000)
    trade.invoice("I-1", 420_000, due="2025-07-31")
    return trade


@pytest.mark.rule("CORE-29a")
@pytest.mark.rule("CORE-IN-m")
@pytest.mark.parametrize(("amount", "held"), [("80000", []), ("80000.01", ["credit_exceeded"])])
def test_a_credit_order_passes_up_to_the_limit_and_is_held_beyond_it(
    used: Trade, amount: str, held: list[str]
) -> None:
    assert used.exposure() == 420_000
    outcome = used.order("O-1", amount)
    assert names(outcome)[0] == "order_placed"
    assert ("order_held" in names(outcome)) == bool(held)
    assert used.held("O-1") == held


@pytest.mark.rule("CORE-29b")
@pytest.mark.rule("CORE-IN-m")
def test_an_invoice_is_due_after_the_credit_term_and_a_longer_term_is_held(trade: Trade) -> None:
    trade.terms(500_000, days=60, on="2025-03-31", reason="agreed then")
    trade.invoice("I-1", 100, on="2025-04-01", reason="late paper")
    assert trade.book().receivables["I-1"].due_on == date(2025, 5, 31)
    trade.pay("R-1", 100)
    trade.order("O-60", 100, term_days=60)
    trade.order("O-61", 100, term_days=61)
    assert (trade.held("O-60"), trade.held("O-61")) == ([], ["term_exceeded"])


@pytest.mark.rule("CORE-29c")
def test_a_limit_cut_leaves_older_orders_alone_and_holds_new_ones(used: Trade) -> None:
    used.terms(300_000, effective_from=moment("2025-06-01T00:00"))
    used.on("2025-05-31").order("O-1", 10_000)
    assert used.held("O-1") == []
    used.on("2025-06-01").order("O-2", "1.00")
    assert used.held("O-1") == []
    assert used.held("O-2") == ["credit_exceeded"]
    assert used.credit("2025-05-31").terms["CNY"].limit == 500_000
    assert used.credit("2025-06-01").terms["CNY"].limit == 300_000
    assert ("exposure_over_limit", "CNY") in used.warned()
    assert ("exposure_over_limit", "CNY") not in used.warned("2025-05-31")


@pytest.fixture
def beyond(used: Trade) -> Trade:
    """The same, with an order of 80,000.01 that is held."""
    used.order("O-1", "80000.01")
    return used


@pytest.mark.rule("CORE-29d")
def test_a_held_order_is_not_released_by_its_seller(beyond: Trade) -> None:
    with pytest.raises(NotPermitted, match="approver_conflict"):
        beyond.tell(ReleaseOrder(order="O-1", reason="good customer"))
    assert beyond.held("O-1") == ["credit_exceeded"]
    assert beyond.exposure() == 420_000


@pytest.mark.rule("CORE-29d")
def test_a_held_order_is_released_by_an_approver_with_a_reason(beyond: Trade) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        beyond.tell(ReleaseOrder(order="O-1"), actor="head")
    outcome = beyond.tell(ReleaseOrder(order="O-1", reason="good customer"), actor="head")
    assert names(outcome)[:2] == ["order_release_approved", "order_released"]
    assert beyond.held("O-1") == []
    assert beyond.exposure() == Decimal("500000.01")


@pytest.mark.rule("CORE-29d")
def test_a_held_order_that_is_cancelled_leaves_the_exposure_as_it_was(beyond: Trade) -> None:
    beyond.tell(CancelOrder(order="O-1"))
    assert beyond.exposure() == 420_000
    assert beyond.held("O-1") == []


@pytest.mark.rule("CORE-29")
def test_a_held_order_is_not_delivered_but_what_left_is_kept_with_a_breach(beyond: Trade) -> None:
    with pytest.raises(Held, match="credit_exceeded"):
        beyond.ship("O-1")
    outcome = beyond.ship("O-1", happened=True)
    assert "goods_delivered" in names(outcome)
    assert "breach_recorded" in names(outcome)
    assert beyond.exposure() == Decimal("500000.01")


@pytest.mark.rule("CORE-29")
def test_a_held_order_goes_on_by_itself_when_the_limit_is_raised_or_the_customer_pays(beyond: Trade) -> None:
    outcome = beyond.on("2025-05-21").pay("R-1", 1000)
    assert "order_released" in names(outcome)
    assert beyond.held("O-1") == []
    assert beyond.held("O-1", as_of="2025-05-20") == ["credit_exceeded"]
    beyond.order("O-2", 90_000)
    assert beyond.held("O-2") == ["credit_exceeded"]
    beyond.on("2025-05-22").terms(600_000)
    assert beyond.held("O-2") == []


@pytest.mark.rule("CORE-29")
def test_of_two_held_orders_only_as_many_go_on_as_the_limit_bears(used: Trade) -> None:
    for number in ("O-1", "O-2"):
        used.order(number, 90_000)
    used.on("2025-05-21").pay("R-1", 10_000)
    assert used.held("O-1") == []
    assert used.held("O-2") == ["credit_exceeded"]


@pytest.mark.rule("CORE-29")
@pytest.mark.parametrize("valid_until", [None, "2025-05-19"])
def test_without_valid_terms_it_is_cash_only(trade: Trade, valid_until: str | None) -> None:
    if valid_until:
        trade.tell(
            SetCreditTerms(limit=yuan(1000), term_days=30, valid_until=date.fromisoformat(valid_until)),
            "2025-05-18",
        )
    trade.order("O-1", 1)
    trade.order("O-2", 1_000_000, on_credit=False)
    assert trade.held("O-1") == ["credit_exceeded"]
    assert trade.held("O-2") == []
    assert trade.exposure() == 0


@pytest.mark.rule("CORE-29")
def test_exposure_is_open_less_advances_plus_what_is_delivered_or_ordered_and_not_billed(
    trade: Trade,
) -> None:
    trade.terms(500_000)
    trade.order("O-1", 1000, quantity=10)
    assert trade.exposure() == 1000
    trade.ship("O-1", 6)
    assert trade.exposure() == 1000
    trade.invoice("I-1", 400, order="O-1")
    assert trade.exposure() == 1000
    trade.pay("R-1", 300)
    assert trade.exposure() == 700
    trade.pay("R-2", 200)
    assert trade.exposure() == 500
    trade.order("O-2", 50, on_credit=False)
    assert trade.exposure() == 500
    trade.ship("O-2")
    assert trade.exposure() == 550


@pytest.mark.rule("CORE-29")
def test_what_a_plan_bills_ahead_of_delivery_counts_once(trade: Trade) -> None:
    trade.terms(500_000)
    trade.plan(("2025-06-30", 600), ("2025-07-31", 400), contract="K")
    trade.order("O-1", 1000, contract="K")
    assert trade.exposure() == 1000
    trade.ship("O-1")
    trade.order("O-2", 500, contract="K")
    assert trade.exposure() == 1500


@pytest.mark.rule("CORE-29")
def test_an_order_that_a_plan_bills_already_is_not_counted_twice_when_it_is_placed(trade: Trade) -> None:
    trade.terms(1000)
    trade.plan(("2025-06-30", 600), ("2025-07-31", 400), contract="K")
    trade.order("O-1", 1000, contract="K")
    assert trade.held("O-1") == []
    trade.order("O-2", 1, contract="K")
    assert trade.held("O-2") == ["credit_exceeded"]


@pytest.mark.rule("CORE-IN-b")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit": " "}, "unit_missing"),
        ({"amount": Money("-1", "CNY")}, "amount_sign"),
        ({"quantity": Decimal(-1)}, "amount_sign"),
        ({"quantity": Decimal("0.0000001")}, "out_of_scale"),
    ],
)
def test_malformed_order_lines_are_refused(trade: Trade, changes: dict[str, object], code: str) -> None:
    line = {
        "line": "1",
        "product": "P",
        "quantity": Decimal(1),
        "unit": "pieces",
        "amount": yuan(1),
        **changes,
    }
    with pytest.raises(Invalid, match=code):
        PlaceOrder(order="O-1", lines=(OrderLine(**line),))  # type: ignore[arg-type]


@pytest.mark.rule("CORE-IN-q")
def test_an_order_line_may_cost_nothing(trade: Trade) -> None:
    trade.order("O-1", 0)
    assert trade.exposure() == 0


def test_lines_in_two_currencies_are_no_order(trade: Trade) -> None:
    lines = tuple(
        OrderLine(line=c, product="P", quantity=Decimal(1), unit="pieces", amount=Money("1", c))
        for c in ("CNY", "USD")
    )
    with pytest.raises(Invalid, match="unit_mismatch"):
        PlaceOrder(order="O-1", lines=lines)


def test_what_is_not_held_cannot_be_released(trade: Trade) -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        trade.tell(ReleaseOrder(order="O-9", reason="why not"), actor="head")


def test_terms_of_one_currency_say_nothing_of_another(trade: Trade) -> None:
    trade.terms(500_000)
    lines = (OrderLine(line="1", product="P", quantity=Decimal(1), unit="pieces", amount=Money("1", "USD")),)
    trade.tell(PlaceOrder(order="O-1", lines=lines, on_credit=True))
    assert trade.held("O-1") == ["credit_exceeded"]
