"""What a store and its floors come to in a month, and the streaks of months (RET-34, RET-35)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from guanxi import Conflict, Incomplete, Invalid, Money, RuleNotMet, Source, Telling, Unknown
from guanxi_retail import ReceiptLine
from guanxi_retail.membership.commands import EnrolMember, IssueMemberCard
from guanxi_retail.purchases.events import ReturnedLine
from guanxi_retail.store.commands import CountFootfall, RecordStoreReceipt, RecordWalkInVisit
from guanxi_retail.store.metrics import standing, streak, takings, uplift
from guanxi_retail.store.rules import StoreRules
from plugins.retail.tests.store.floor import MEMBER
from plugins.retail.tests.till import local, notes

MONTH = "retail.store_month"


def line(number, area, amount):
    return ReceiptLine(number=number, area=area, net=Decimal(amount), paid=Decimal(amount))


def visit(f, moment, number, *, bought=False, contact=False, lost=None):
    f.tell(
        moment,
        f.day(moment),
        RecordWalkInVisit(
            visit=number,
            received_by="li",
            outcome="bought" if bought else "not_bought",
            contact_given=contact,
            lost_reason=lost,
        ),
    )


@pytest.mark.rule("RET-34a")
def test_the_average_ticket_is_net_sales_by_receipts_and_rates_are_by_visits(floor):
    f = floor()
    for n in range(20):
        f.sell("2012-06-01T10:00", f"R{n}", "3000" if n == 0 else "2000")
    f.take_back("2012-06-10", "2012-06-01", "R0", "1000")
    for n in range(80):
        visit(f, "2012-06-10T11:00", f"V{n}", bought=n < 20, contact=n < 60)
    told = ("floor", "sales", "refunds", "receipts", "average_ticket", "closing_rate", "capture")
    assert f.rows(MONTH, *told, as_of="2012-06-30")[0] == (
        "all_floors",
        41_000,
        1_000,
        20,
        2_000,
        Decimal("25.00"),
        Decimal("75.00"),
    )


@pytest.mark.rule("RET-34b")
@pytest.mark.parametrize(
    ("now", "expected"),
    [("2200", "on_target"), ("2199.99", "below"), ("2300", "on_target"), ("2300.01", "above_target")],
)
def test_ten_to_fifteen_per_cent_more_is_on_target(now, expected):
    rules = StoreRules()
    rise = uplift(Fraction(Decimal(now)), Fraction(2_000))
    assert standing(rise, rules.uplift_from, rules.uplift_to) == expected


@pytest.mark.rule("RET-34b")
def test_the_rise_is_that_on_the_same_month_of_last_year(floor):
    f = floor()
    f.sell("2011-06-01", "A", "2000")
    f.sell("2012-06-01", "B", "2199.99")
    asked = ("average_ticket", "ticket_last_year", "uplift_standing")
    assert f.rows(MONTH, *asked, as_of="2012-06-30")[0] == (Decimal("2199.99"), 2_000, "below")
    f.sell("2012-06-02", "C", "2200.01")
    assert f.rows(MONTH, *asked, as_of="2012-06-30")[0] == (2_200, 2_000, "on_target")


@pytest.mark.rule("RET-34b")
def test_without_receipts_or_visits_a_figure_is_not_there_rather_than_nought(floor):
    f = floor()
    f.sell("2012-06-01", "A", "100")
    told = ("receipts", "average_ticket", "uplift_standing", "closing_rate", "capture", "vip_share")
    assert f.rows(MONTH, *told, as_of="2012-07-31")[0] == (0, None, None, None, None, None)


@pytest.mark.rule("RET-34c")
def test_footfall_is_persons_per_minute_at_each_entrance(floor):
    f = floor()
    for entrance, persons in (("south", 6_000), ("east", 3_000)):
        hour = {"begins": local("2012-06-01T10:00"), "ends": local("2012-06-01T11:00")}
        f.tell(
            "2012-06-01T11:00", f.day("2012-06-01"), CountFootfall(entrance=entrance, persons=persons, **hour)
        )
    told = ("entrance", "per_minute")
    assert f.rows("retail.footfall", *told, as_of="2012-06-30") == [("east", 50), ("south", 100)]


@pytest.mark.rule("RET-34")
def test_a_reading_that_ends_before_it_begins_is_refused():
    with pytest.raises(Invalid) as refusal:
        CountFootfall(
            entrance="south", begins=local("2012-06-01T11:00"), ends=local("2012-06-01T10:00"), persons=1
        )
    assert refusal.value.code == "invalid_date"
    assert isinstance(local("2012-06-01"), datetime)


@pytest.mark.rule("RET-34")
def test_a_receipt_counts_once_on_each_floor_it_touches_and_floors_come_to_the_store(floor):
    f = floor()
    f.sell("2012-06-01", "A", "300", lines=(line(1, "1F", 100), line(2, "1F", 50), line(3, "2F", 150)))
    f.buy("2012-06-02", "B", "60", lines=(line(1, "2F", 60),))
    told = ("floor", "sales", "receipts", "average_ticket")
    assert f.rows(MONTH, *told, as_of="2012-06-30") == [
        ("all_floors", 360, 2, 180),
        ("1F", 150, 1, 150),
        ("2F", 210, 2, 105),
    ]


@pytest.mark.rule("RET-34")
def test_a_receipt_that_came_back_whole_within_the_period_does_not_count_a_later_refund_leaves_it(floor):
    f = floor()
    f.sell("2012-06-01", "A", "100")
    f.sell("2012-06-01", "B", "100")
    f.take_back("2012-06-30", "2012-06-01", "A", "100")
    f.take_back("2012-07-01", "2012-06-01", "B", "100")
    told = ("sales", "refunds", "receipts", "average_ticket")
    assert f.rows(MONTH, *told, month="2012-06", as_of="2012-07-31")[0] == (200, 100, 1, 100)
    assert f.rows(MONTH, *told, month="2012-07", as_of="2012-07-31")[0] == (0, 100, 0, None)


@pytest.mark.rule("RET-34")
def test_a_refund_entered_late_counts_on_its_own_day(floor):
    f = floor()
    f.buy("2012-06-01", "A", "100")
    f.refund("2012-06-20", "A", "40", known="2012-07-03")
    told = ("net",)
    assert f.rows(MONTH, *told, month="2012-06", as_of="2012-06-30", as_known="2012-07-01")[0] == (100,)
    assert f.rows(MONTH, *told, month="2012-06", as_of="2012-06-30", as_known="2012-07-03")[0] == (60,)


@pytest.mark.rule("RET-34")
def test_the_lines_of_a_refund_stay_on_their_floors(floor):
    f = floor()
    f.sell("2012-06-01", "A", "300", lines=(line(1, "1F", 100), line(2, "2F", 200)))
    back = (ReturnedLine(number=2, net=Decimal(200), paid=Decimal(200)),)
    f.take_back("2012-06-02", "2012-06-01", "A", "200", lines=back)
    told = ("floor", "net", "receipts")
    assert f.rows(MONTH, *told, as_of="2012-06-30") == [("all_floors", 100, 1), ("1F", 100, 1), ("2F", 0, 0)]


@pytest.mark.rule("RET-34")
def test_reasons_why_nothing_was_bought_are_counted_and_others_refused(floor):
    f = floor()
    visit(f, "2012-06-01", "V1", lost="size_out_of_stock")
    visit(f, "2012-06-01", "V2", lost="size_out_of_stock")
    with pytest.raises(Unknown) as refusal:
        visit(f, "2012-06-01", "V3", lost="weather")
    assert refusal.value.code == "unknown_code"
    f.sell("2012-06-01", "A", "100")
    assert f.rows(MONTH, "lost_reasons", as_of="2012-06-30")[0] == ("size_out_of_stock 2",)


@pytest.mark.rule("RET-34")
def test_holders_of_a_vip_card_are_vips_and_have_their_share_of_sales(floor):
    f = floor()
    f.open("M-2")
    f.tell("2012-05-01", MEMBER, EnrolMember(mobile="13800138000", name="Li"))
    f.tell("2012-05-01", MEMBER, IssueMemberCard(ground="vip"))
    f.buy("2012-06-01", "A", "300")
    f.buy("2012-06-01", "B", "500", member="M-2")
    f.sell("2012-06-01", "C", "200")
    told = ("vips", "vip_share", "vips_last_year", "vip_share_last_year")
    assert f.rows(MONTH, *told, as_of="2012-06-30")[0] == (1, Decimal("30.00"), 0, None)


@pytest.mark.rule("RET-34")
def test_nothing_sold_comes_to_nothing():
    assert takings([], local("2012-06-01").date(), local("2012-06-30").date()).average_ticket is None


# Streaks


def a_year(f, year, amounts):
    for n, amount in enumerate(amounts, 1):
        f.sell(f"{year}-{n:02}-10", f"R{n}", str(amount))


@pytest.mark.rule("RET-35a")
def test_months_above_last_year_are_counted_up_to_the_last_closed_one(floor):
    f = floor()
    a_year(f, 2011, [1_000] * 12)
    a_year(f, 2012, [900, *[1_100] * 10, 900])
    told = ("rising_now", "rising_longest")
    assert f.rows(MONTH, *told, as_of="2012-11-30")[0] == (10, 10)
    assert f.rows(MONTH, *told, as_of="2012-12-30")[0] == (10, 10)
    assert f.rows(MONTH, *told, as_of="2012-12-31")[0] == (0, 10)


@pytest.mark.rule("RET-35b")
def test_equal_to_last_year_ends_the_rise_and_equal_to_the_target_meets_it(floor):
    f = floor()
    a_year(f, 2011, [1_000] * 3)
    a_year(f, 2012, [1_100, 1_100, 1_000])
    f.at("2012-04-01").target("2012-04-01", "2012-03", "1000")
    told = ("target", "rising_now", "rising_longest", "on_target_now")
    assert f.rows(MONTH, *told, month="2012-03", as_of="2012-04-02")[0] == (1_000, 0, 2, 1)


@pytest.mark.rule("RET-35b")
def test_months_on_target_from_january_to_september_are_nine(floor):
    f = floor()
    a_year(f, 2012, [1_000] * 9 + [999])
    for n in range(1, 11):
        f.at("2012-11-01").target("2012-11-01", f"2012-{n:02}", "1000")
    told = ("on_target_now", "on_target_longest")
    assert f.rows(MONTH, *told, as_of="2012-11-02")[0] == (0, 9)


@pytest.mark.rule("RET-35c")
def test_a_refund_of_november_recorded_in_december_shortens_the_streak_from_then_on(floor):
    f = floor()
    a_year(f, 2011, [1_000] * 11)
    a_year(f, 2012, [900, *[1_100] * 10])
    f.take_back("2012-11-20", "2012-11-10", "R11", "200", known="2012-12-15")
    told = ("rising_longest",)
    assert f.rows(MONTH, *told, as_of="2012-11-30", as_known="2012-11-30")[0] == (10,)
    assert f.rows(MONTH, *told, as_of="2012-11-30", as_known="2012-12-31")[0] == (9,)


@pytest.mark.rule("RET-35")
@pytest.mark.parametrize(
    ("months", "expected"),
    [((), (0, 0)), ((True, None, True), (1, 1)), ((True, True, False), (0, 2)), ((None,), (0, 0))],
)
def test_a_month_without_anything_to_compare_with_ends_a_streak(months, expected):
    found = streak(months)
    assert (found.current, found.longest) == expected


@pytest.mark.rule("RET-34")
def test_a_store_with_visits_and_no_sale_yet_is_on_the_report(floor):
    f = floor()
    visit(f, "2012-06-01", "V1", contact=True)
    told = ("floor", "visits", "capture", "average_ticket")
    assert f.rows(MONTH, *told, as_of="2012-06-30") == [("all_floors", 1, 100, None)]
    assert f.rows(MONTH, "floor", outlet="S2", as_of="2012-06-30") == []


@pytest.mark.rule("RET-34")
def test_what_is_no_month_is_refused(floor):
    f = floor()
    with pytest.raises(Invalid) as refusal:
        f.report(MONTH, month="2012-13")
    assert refusal.value.code == "invalid_date"


@pytest.mark.rule("RET-34")
def test_a_month_that_goes_on_is_compared_with_the_same_days_of_last_year(floor):
    f = floor()
    f.sell("2011-06-10", "A", "100")
    f.sell("2011-06-20", "B", "900")
    f.sell("2012-06-10", "C", "110")
    assert f.rows(MONTH, "net", "net_last_year", as_of="2012-06-15")[0] == (110, 100)


@pytest.mark.rule("RET-34")
def test_more_than_was_sold_does_not_come_back_of_a_receipt_without_a_member(floor):
    f = floor()
    f.sell("2012-06-01", "A", "100")
    with pytest.raises(RuleNotMet) as refusal:
        f.take_back("2012-06-02", "2012-06-01", "A", "100.01")
    assert refusal.value.code == "exceeds_original"
    with pytest.raises(Unknown) as unknown:
        f.take_back("2012-06-02", "2012-06-01", "B", "1")
    assert unknown.value.code == "unknown_receipt"
    f.take_back("2012-06-02", "2012-06-01", "A", "120", known="2012-06-03")
    assert f.flags(f.day("2012-06-01")) == [("retail.store_receipt_refunded", "exceeds_original")]


@pytest.mark.rule("RET-06")
def test_a_receipt_without_a_member_stands_once_and_its_lines_add_up(floor):
    f = floor()
    f.sell("2012-06-01", "A", "100")
    with pytest.raises(Conflict) as conflict:
        f.sell("2012-06-01", "A", "120")
    assert conflict.value.code == "source_conflict"
    with pytest.raises(Invalid) as refusal:
        f.sell("2012-06-01", "B", "100", lines=(line(1, "1F", 60),))
    assert refusal.value.code == "lines_do_not_add_up"
    with pytest.raises(Invalid) as foreign:
        f.tell("2012-06-01", f.day("2012-06-01"), RecordStoreReceipt(receipt="C", paid=Money("1", "USD")))
    assert foreign.value.code == "unit_mismatch"
    f.sell("2012-06-01", "D", "100", lines=(line(1, "1F", 60), line(2, "2F", 40)))
    with pytest.raises(Incomplete) as incomplete:
        f.take_back("2012-06-02", "2012-06-01", "D", "10")
    assert incomplete.value.code == "line_missing"
    back = (ReturnedLine(number=3, net=Decimal(10), paid=Decimal(10)),)
    with pytest.raises(Unknown) as unknown:
        f.take_back("2012-06-02", "2012-06-01", "D", "10", lines=back)
    assert unknown.value.code == "unknown_line"


@pytest.mark.rule("RET-59")
def test_a_till_feed_of_receipts_without_members_read_twice_adds_nothing(floor):
    f = floor()
    f.at("2012-06-05")
    tellings = [
        Telling(
            subject=f.day("2012-06-01"),
            command=RecordStoreReceipt(receipt=f"R{n}", paid=Money("100", "CNY"), salesperson="li"),
            actor="till",
            occurred_at=local("2012-06-01T10:00"),
            happened=True,
            batch="feed-1",
            source=Source("till", "receipt", f"R{n}"),
        )
        for n in range(3)
    ]
    f.ledger.take_in(tellings)
    f.at("2012-06-06").ledger.take_in(tellings)
    assert f.rows(MONTH, "sales", "receipts", as_of="2012-06-30")[0] == (300, 3)
    assert {row[0] for row in f.rows("retail.sales_credit", "standing", as_of="2012-06-30")} == {"withheld"}


@pytest.mark.rule("RET-34")
@pytest.mark.parametrize(("amount", "code"), [("1.001", "inexact_amount"), ("-1", "amount_sign")])
def test_a_line_of_an_inexact_or_negative_amount_is_refused(amount, code):
    with pytest.raises(Invalid) as refusal:
        RecordStoreReceipt(receipt="A", paid=Money("100", "CNY"), lines=(line(1, "1F", amount),))
    assert refusal.value.code == code


@pytest.mark.rule("RET-34")
@pytest.mark.parametrize(
    "subject", ["S1", MEMBER, "store/S1", "store-day/S1/2012-06-02", "store-day//2012-06-01"]
)
def test_what_happens_in_a_stores_day_is_told_to_the_record_of_that_day(floor, subject):
    f = floor()
    for command in (
        RecordStoreReceipt(receipt="A", paid=Money("1", "CNY")),
        RecordWalkInVisit(visit="V", received_by="li", outcome="bought"),
        CountFootfall(
            entrance="south", begins=local("2012-06-01T10:00"), ends=local("2012-06-01T11:00"), persons=1
        ),
    ):
        with pytest.raises(Unknown) as refusal:
            f.tell("2012-06-01", subject, command)
        assert refusal.value.code == "unknown_code"
        assert "store-day/S1/2012-06-01" in refusal.value.accepts


@pytest.mark.rule("RET-34")
def test_a_refund_without_a_member_says_where_its_sale_is_on_record(floor):
    f = floor()
    f.sell("2012-06-01", "A", "1.00")
    with pytest.raises(Unknown, match='day_stream\\("S1", day\\)'):
        f.take_back("2012-06-02", "2012-06-02", "A", "1.00")


@pytest.mark.rule("RET-06")
def test_a_receipt_number_that_stands_in_several_files_on_one_day_of_a_store_is_named(floor):
    f = floor()
    f.open("M-2")
    for member, moment, receipt in (
        (MEMBER, "2012-06-01", "A"),
        ("M-2", "2012-06-01", "A"),
        (MEMBER, "2012-06-01", "B"),
        ("M-2", "2012-06-02", "B"),
    ):
        f.buy(moment, receipt, "10.00", member=member)
    f.at("2012-07-01")
    heading = "receipt numbers in several files on one day"
    assert notes(f.report("retail.store_month", as_of="2012-06-30"))[heading] == "2012-06-01 A"
    assert heading not in notes(f.report("retail.store_month", as_of="2012-05-31"))


@pytest.mark.rule("RET-34")
def test_what_names_no_store_is_shown_as_such(floor):
    f = floor()
    f.buy("2012-06-01", "A", "10.00", outlet=None)
    for name in ("retail.store_month", "retail.sales_credit"):
        result = f.report(name, as_of="2012-06-30")
        assert result.rows[0][0] == "no_outlet"
        assert "未注明门店" in result.as_table("zh")
        assert "without store" in result.as_table("en")
