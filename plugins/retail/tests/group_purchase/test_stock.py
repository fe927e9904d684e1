"""What customers have in stock, how fast they use it up, when to deliver and when to collect."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from guanxi import Invalid, RecordProfileFact
from guanxi.relationship.care.rules import ReplenishmentRules
from guanxi.relationship.dealings.commands import ReturnGoods
from guanxi.relationship.dealings.events import LineQuantity
from guanxi.relationship.service.commands import RequestService, TakeServiceStep
from guanxi.relationship.service.rules import ServiceRules
from guanxi_retail.group_purchase.commands import CountCustomerStock
from guanxi_retail.group_purchase.rules import JAR_STEPS, StockRules, jar_chain
from plugins.retail.tests.group_purchase.cellar import notes

DUE = "retail.replenishment_due_set"


def first_case(cellar, *rules, known=None):
    """On 2012-01-05 two kilograms were left, and thirty were delivered, of which thirty are used up in a month."""
    c = cellar(*rules)
    c.use("2012-01-01", "30")
    c.count("2012-01-05T09:00", "2", known=known)
    c.deliver("2012-01-05", "30", known=known)
    return c


@pytest.mark.rule("RET-42a")
def test_what_was_left_and_what_was_delivered_run_out_together(cellar):
    c = first_case(cellar)
    assert (c.rice().level, c.rice().rate) == (32, 1)
    assert c.rice().due_on == date(2012, 2, 6)


@pytest.mark.rule("RET-42a")
def test_thirty_two_units_at_twenty_a_month_last_forty_eight_days(cellar):
    c = cellar()
    c.use("2012-01-01", "20")
    c.count("2012-01-05", "32")
    assert c.rice().rate == Fraction(2, 3)
    assert (c.rice().run_out_on - date(2012, 1, 5)).days == 48
    assert c.rice().due_on == date(2012, 2, 22)


@pytest.mark.rule("RET-42b")
def test_fractions_are_exact(cellar):
    c = cellar()
    c.use("2012-01-01", "31")
    c.count("2012-01-05", "31")
    assert (c.rice().run_out_on - date(2012, 1, 5)).days == 30
    assert c.rice().due_on == date(2012, 2, 4)
    assert int(31 / (31 / 30)) == 29  # what binary floats make of it


@pytest.mark.rule("RET-42c")
def test_a_counted_interval_measures_the_rate(cellar):
    c = first_case(cellar)
    c.count("2012-01-25", "20")
    assert (c.rice().rate, c.rice().due_on) == (Fraction(3, 5), date(2012, 2, 27))
    told = [(d["entry"].split("/")[0], str(d["due_on"]), d["rate_source"]) for d in c.in_force(DUE)]
    assert told == [
        ("count", "2012-01-07", "stated"),
        ("delivery", "2012-02-06", "stated"),
        ("count", "2012-02-27", "measured"),
    ]
    assert c.rice("2012-01-24").due_on == date(2012, 2, 6)


@pytest.mark.rule("RET-42")
def test_a_host_may_go_by_what_was_stated(cellar):
    c = first_case(cellar, StockRules(rate_source="stated"))
    c.count("2012-01-25", "20")
    assert (c.rice().rate, c.rice().due_on) == (1, date(2012, 2, 14))


@pytest.mark.rule("RET-42")
def test_once_the_rate_is_measured_what_is_stated_moves_no_date(cellar):
    c = first_case(cellar)
    c.count("2012-01-25", "20")
    before = len(c.in_force(DUE))
    c.use("2012-01-28", "60")
    assert (len(c.in_force(DUE)), c.rice().due_on) == (before, date(2012, 2, 27))


@pytest.mark.rule("RET-42")
def test_what_grew_by_itself_measures_nothing(cellar):
    c = first_case(cellar)
    c.count("2012-01-25", "40")
    assert (c.rice().measured, c.rice().rate, c.rice().due_on) == (None, 1, date(2012, 3, 5))


@pytest.mark.rule("RET-42")
def test_delivery_is_due_so_much_earlier_as_the_lead_says(cellar):
    c = first_case(cellar, StockRules(lead_days=3))
    assert (c.rice().run_out_on, c.rice().due_on) == (date(2012, 2, 6), date(2012, 2, 3))


@pytest.mark.rule("RET-42")
def test_how_many_days_a_months_use_lasts_is_cores_parameter(cellar):
    c = first_case(cellar, ReplenishmentRules(days_a_month=15))
    assert c.rice().due_on == date(2012, 1, 21)


@pytest.mark.rule("RET-42d")
def test_a_delivery_that_is_entered_late_sets_its_due_date_from_its_own_day(cellar):
    c = first_case(cellar, known="2012-01-20")
    assert c.rice(as_known="2012-01-19").due_on is None
    assert c.rice("2012-01-05", as_known="2012-01-20").due_on == date(2012, 2, 6)
    assert c.rice().due_on == date(2012, 2, 6)


@pytest.mark.rule("RET-42")
def test_a_delivery_entered_after_a_count_makes_the_measured_rate_another(cellar):
    c = cellar()
    c.use("2012-01-01", "30")
    c.count("2012-01-05", "32")
    c.count("2012-01-25", "20")
    assert c.rice().rate == Fraction(3, 5)
    c.deliver("2012-01-10", "8", known="2012-01-26")
    assert c.rice().rate == 1
    assert c.rice("2012-01-25", as_known="2012-01-25").due_on == date(2012, 2, 27)
    assert c.rice("2012-01-25").due_on == date(2012, 2, 14)


@pytest.mark.rule("RET-42")
def test_a_count_that_is_corrected_moves_the_due_date_from_its_own_day(cellar):
    c = cellar()
    c.use("2012-01-01", "30")
    told = c.count("2012-01-05", "32")
    c.at("2012-01-09").ledger.correct(told.entries[0].id, {"quantity": "22"}, actor="wang", reason="misread")
    assert c.rice("2012-01-05").due_on == date(2012, 1, 27)
    assert c.rice("2012-01-05", as_known="2012-01-08").due_on == date(2012, 2, 6)


@pytest.mark.rule("RET-42e")
def test_a_new_use_counts_from_its_own_day_only(cellar):
    c = first_case(cellar)
    c.tell("2012-01-02", RecordProfileFact(field_name="household_size", value="4"), known="2012-01-05T11:00")
    c.tell("2012-01-15T09:00", RecordProfileFact(field_name="household_size", value="5"))
    c.use("2012-01-15", "37.5")
    assert c.rice("2012-01-14").due_on == date(2012, 2, 6)
    assert (c.rice().level, c.rice().rate) == (22, Fraction(5, 4))
    assert c.rice().due_on == date(2012, 2, 1)
    assert [str(d["due_on"]) for d in c.in_force(DUE)][-2:] == ["2012-02-06", "2012-02-01"]


@pytest.mark.rule("RET-42e")
def test_a_product_whose_rate_nobody_knows_is_listed(cellar):
    c = cellar()
    c.count("2012-01-05", "32")
    assert c.rice().due_on is None
    result = c.ledger.report("retail.stock_and_consumption", as_of="2012-01-10")
    assert [(row[1], row[2], row[4], row[6]) for row in result.rows] == [
        ("rice", Decimal("32.00"), "rate_missing", None)
    ]
    assert notes(result)["rate missing"] == "1"
    (gap,) = c.due("retail.delivery", "2012-01-10")
    assert (gap.key, gap.about, gap.until) == ("gap/rice", "rate_missing", None)


@pytest.mark.rule("RET-42")
def test_what_comes_back_is_taken_off_the_stock(cellar):
    c = first_case(cellar)
    command = ReturnGoods(order="O-rice-2012-01-05", lines=(LineQuantity(line="1", quantity=Decimal(10)),))
    c.tell("2012-01-05T16:00", command)
    assert (c.rice().level, c.rice().due_on) == (22, date(2012, 1, 27))


@pytest.mark.rule("RET-42")
def test_products_are_reckoned_each_by_itself_and_others_are_not_followed(cellar):
    c = first_case(cellar)
    c.use("2012-01-01", "3", product="oil", known="2012-01-05")
    c.deliver("2012-01-06", "3", product="oil")
    c.deliver("2012-01-06", "1", product="kettle")
    result = c.ledger.report("retail.stock_and_consumption", as_of="2012-01-06")
    assert [(row[1], row[2], row[5]) for row in result.rows] == [
        ("oil", Decimal("3.00"), date(2012, 2, 5)),
        ("rice", Decimal("31.00"), date(2012, 2, 6)),
    ]


@pytest.mark.rule("RET-42")
def test_a_rule_published_for_the_past_moves_the_due_date_from_now(cellar):
    c = first_case(cellar)
    c.at("2012-01-10").publish(StockRules(lead_days=2), "2012-01-01T00:00", retroactive="agreed in December")
    assert c.rice().due_on == date(2012, 2, 4)
    assert c.rice("2012-01-09").due_on == date(2012, 2, 6)


@pytest.mark.rule("RET-42")
def test_a_stock_is_never_below_nothing(cellar):
    c = first_case(cellar)
    result = c.ledger.report("retail.stock_and_consumption", as_of="2012-01-15")
    assert result.rows[0][2] == Decimal("22.00")
    c.at("2012-03-01")
    assert c.ledger.report("retail.stock_and_consumption").rows[0][2] == 0
    c.deliver("2012-03-02", "30")
    assert c.rice().due_on == date(2012, 4, 1)


@pytest.mark.rule("RET-42")
def test_a_count_below_nothing_is_no_count(cellar):
    with pytest.raises(Invalid) as refusal:
        CountCustomerStock(product="rice", quantity=Decimal(-1))
    assert refusal.value.code == "amount_sign"


@pytest.mark.rule("RET-42")
def test_a_delivery_is_due_until_it_is_made_and_a_count_takes_the_place_of_the_date_before(cellar):
    c = first_case(cellar)
    (item,) = [row for row in c.due("retail.delivery", "2012-01-20") if row.state != "done"]
    assert (item.about, item.until.date(), item.state) == ("rice", date(2012, 2, 7), "open")
    c.count("2012-01-25", "20")
    (item,) = [row for row in c.due("retail.delivery", "2012-02-06") if row.state != "done"]
    assert (item.until.date(), item.state) == (date(2012, 2, 28), "open")
    assert [row.state for row in c.due("retail.delivery", "2012-02-28")][-1] != "done"
    c.deliver("2012-03-01", "30")
    late = [row for row in c.due("retail.delivery", "2012-03-01") if row.state == "late"]
    assert [row.until.date() for row in late] == [date(2012, 2, 28)]


@pytest.mark.rule("RET-42")
def test_the_steps_at_the_jar_are_a_chain_of_cores_service(cellar):
    c = cellar(ServiceRules(chains={"delivery": jar_chain("driver")}))
    c.tell("2012-01-05", RequestService(request="S-1", need_class="delivery"))
    for hour, step in enumerate(JAR_STEPS, 11):
        c.tell(f"2012-01-05T{hour}:00", TakeServiceStep(request="S-1", step=step))
    taken = [line["step"] for line in c.in_force("core.service_step_taken")]
    assert taken == ["check_jar", "pour_out_old", "clean_jar", "fill_in_new", "old_on_top"]


# ---------------------------------------------------------------- collection


def collection_of(c, as_of):
    return [(row.key, row.until.date(), row.about) for row in c.due("retail.collection", as_of)]


@pytest.mark.rule("RET-43a")
@pytest.mark.parametrize(
    ("pay_day", "delivered", "until"),
    [
        ("10", "2012-01-05", date(2012, 1, 11)),
        ("10", "2012-01-10", date(2012, 1, 11)),
        ("10", "2012-01-11", date(2012, 2, 11)),
        ("31", "2012-02-01", date(2012, 3, 1)),
    ],
)
def test_what_was_delivered_is_collected_on_the_next_pay_day(cellar, pay_day, delivered, until):
    c = cellar()
    c.pay_day("2012-01-01", pay_day)
    c.use("2012-01-01", "30")
    c.deliver(delivered, "30")
    # The first instant that is too late is the midnight after the pay day.
    assert collection_of(c, delivered) == [(delivered, until, "")]


@pytest.mark.rule("RET-43a")
def test_without_a_pay_day_it_is_collected_at_the_delivery_and_listed(cellar):
    c = cellar()
    c.use("2012-01-01", "30")
    c.deliver("2012-01-05", "30")
    assert collection_of(c, "2012-01-05") == [("2012-01-05", date(2012, 1, 6), "pay_day_missing")]
    assert c.ledger.report("retail.stock_and_consumption", as_of="2012-01-05").rows[0][7] == date(2012, 1, 5)


@pytest.mark.rule("RET-43")
def test_a_collection_is_done_by_a_receipt_and_late_after_the_pay_day(cellar):
    c = cellar()
    c.pay_day("2012-01-01", "10")
    c.use("2012-01-01", "30")
    c.deliver("2012-01-05", "30")
    c.deliver("2012-01-20", "30")
    c.pay("2012-01-10T23:59", "P-1")
    c.pay("2012-02-11", "P-2")
    states = {row.key: row.state for row in c.due("retail.collection", "2012-02-12")}
    assert states == {"2012-01-05": "done", "2012-01-20": "late"}


@pytest.mark.rule("RET-43")
def test_another_pay_day_counts_for_what_is_delivered_from_its_own_day_on(cellar):
    c = cellar()
    c.pay_day("2012-01-01", "10")
    c.use("2012-01-01", "30")
    c.deliver("2012-01-05", "30")
    c.pay_day("2012-01-06", "15")
    c.deliver("2012-01-12", "30")
    assert [until for _, until, _ in collection_of(c, "2012-01-12")] == [date(2012, 1, 11), date(2012, 1, 16)]


@pytest.mark.rule("RET-43")
def test_a_pay_day_that_is_no_day_of_a_month_is_none(cellar):
    c = cellar()
    c.pay_day("2012-01-01", "32")
    c.use("2012-01-01", "30")
    c.deliver("2012-01-05", "30")
    assert collection_of(c, "2012-01-05")[0][2] == "pay_day_missing"


@pytest.mark.rule("RET-43")
def test_cores_own_cadences_leave_these_customers_to_retail(cellar):
    c = first_case(cellar)
    rows = c.ledger.due_items(as_of="2012-02-20", rule="CORE-47")
    assert rows == ()
    assert {row.rule for row in c.ledger.due_items(as_of="2012-02-20") if row.rule.startswith("RET")} >= {
        "RET-42",
        "RET-43",
    }


@pytest.mark.rule("RET-57")
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3), (1, 4, 0, 3, 2)])
def test_the_order_of_entry_does_not_matter(cellar, order):
    c = cellar()
    told = [
        lambda known: c.use("2012-01-01", "30", known=known),
        lambda known: c.count("2012-01-05T09:00", "2", known=known),
        lambda known: c.deliver("2012-01-05", "30", known=known),
        lambda known: c.use("2012-01-15", "45", known=known),
        lambda known: c.count("2012-01-25", "20", known=known),
    ]
    for hour, n in enumerate(order, 10):
        told[n](f"2012-02-01T{hour}:00")
    dues = {d["entry"]: (str(d["due_on"]), d["rate"], d["stock"]) for d in c.in_force(DUE)}
    assert dues == {
        "count/2012-01-05T09:00:00": ("2012-01-07", "1", "2"),
        "delivery/O-rice-2012-01-05/2012-01-05T10:00:00": ("2012-02-06", "1", "32"),
        "use/2012-01-15T10:00:00": ("2012-01-29", "3/2", "22"),
        "count/2012-01-25T10:00:00": ("2012-02-27", "3/5", "20"),
    }
    assert (c.rice().due_on, c.rice().rate) == (date(2012, 2, 27), Fraction(3, 5))
