"""Activity beside revenue (RET-53)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Money
from guanxi_retail.reading.commands import (
    BuyChapter,
    CountContentUse,
    PayMembershipFee,
    SignReadingAgreement,
)
from guanxi_retail.reading.figures import ReadingMonth
from plugins.retail.tests.cars.desk import Desk

MAY = date(2012, 5, 1)


def subscribe(d: Desk, reader: str) -> None:
    d.open(reader)
    agreement = SignReadingAgreement(agreement=f"A-{reader}", wording_version="2012")
    d.tell("2012-05-02", agreement, PayMembershipFee(fee="F-1", amount=Money("3.00", "CNY")), customer=reader)


def use(d: Desk, **counted: int) -> None:
    d.tell("2012-06-01", CountContentUse(month=MAY, **counted), customer="site")


@pytest.mark.rule("RET-53a")
def test_ten_million_clicks_without_a_chapter_convert_nobody(site):
    d = site()
    d.at("2012-05-01")
    use(d, clicks=10_000_000, downloads=400)
    (row,) = d.rows("retail.vip_chapters", as_of="2012-06-30")
    assert (row["clicks"], row["sold"], row["conversion"], row["revenue"]) == (10_000_000, 0, 0, 0)


@pytest.mark.rule("RET-53a")
def test_the_share_of_vips_is_theirs_of_all_users(site):
    d = site()
    for number in range(25):
        subscribe(d, f"R-{number}")
    use(d, clicks=1, users=1_000)
    (row,) = d.rows("retail.vip_chapters")
    assert (row["members"], row["users"], row["vip_share"]) == (25, 1_000, Decimal("2.50"))
    assert ReadingMonth(members=25_000, users=1_000_000).vip_share == Decimal("2.50")
    assert ReadingMonth(clicks=10_000_000).conversion == Decimal("0.00")


@pytest.mark.rule("RET-53b")
def test_revenue_is_fees_and_chapters_shown_apart(site):
    d = site()
    for number in range(5):
        subscribe(d, f"R-{number}")
    for number in range(5):
        for chapter in range(10, 26):
            d.tell("2012-05-03", BuyChapter(work="Moon", chapter=str(chapter)), customer=f"R-{number}")
    (row,) = d.rows("retail.vip_chapters")
    told = [row[name] for name in ("fees", "chapters", "revenue", "sold")]
    assert told == [Decimal("15.00"), Decimal("8.00"), Decimal("23.00"), 80]
    month = ReadingMonth(fees=25_000 * Decimal("3.00"), chapters=400_000 * Decimal("0.10"))
    assert (month.fees, month.chapters, month.revenue) == (75_000, 40_000, Decimal("115000.00"))


@pytest.mark.rule("RET-53")
def test_free_chapters_are_neither_sold_nor_revenue(site):
    d = site()
    subscribe(d, "R-1")
    d.tell("2012-05-03", BuyChapter(work="Moon", chapter="1"), customer="R-1")
    (row,) = d.rows("retail.vip_chapters")
    assert (row["sold"], row["revenue"]) == (0, 3)


@pytest.mark.rule("RET-53")
def test_without_a_count_all_customer_files_are_users_and_nothing_is_converted(site):
    d = site()
    subscribe(d, "R-1")
    (row,) = d.rows("retail.vip_chapters")
    assert (row["users"], row["vip_share"], row["conversion"]) == (2, Decimal(50), None)


@pytest.mark.rule("RET-53")
def test_a_member_whose_term_is_over_is_no_member_at_the_months_end(site):
    d = site()
    subscribe(d, "R-1")
    d.tell("2012-07-01", CountContentUse(month=date(2012, 6, 30), clicks=5), customer="site")
    d.tell("2012-07-10", PayMembershipFee(fee="F-2", amount=Money("3.00", "CNY")), customer="R-1")
    members = {row["month"]: row["members"] for row in d.rows("retail.vip_chapters", as_of="2012-08-31")}
    assert members == {"2012-05": 1, "2012-06": 0, "2012-07": 1}


@pytest.mark.rule("RET-53")
def test_a_fee_entered_late_counts_in_its_own_month(site):
    d = site()
    subscribe(d, "R-1")
    late = PayMembershipFee(fee="F-2", amount=Money("3.00", "CNY"))
    d.tell("2012-05-20", late, customer="R-1", known="2012-06-10")
    (now,) = d.rows("retail.vip_chapters")
    (then,) = d.rows("retail.vip_chapters", as_known="2012-06-09")
    assert (now["fees"], then["fees"]) == (6, 3)


@pytest.mark.rule("RET-53")
def test_a_month_is_counted_once(site):
    d = site()
    use(d, clicks=5)
    with pytest.raises(Conflict) as refused:
        use(d, clicks=6)
    assert refused.value.code == "source_conflict"


@pytest.mark.rule("RET-53")
def test_what_is_paid_early_on_the_first_of_a_month_is_of_that_month(site):
    d = site()
    agreement = SignReadingAgreement(agreement="A-1", wording_version="2012")
    d.tell("2012-06-01T06:00", agreement, PayMembershipFee(fee="F-1", amount=Money("3.00", "CNY")))
    d.tell("2012-06-01T06:30", BuyChapter(work="Moon", chapter="9"))
    (row,) = d.rows("retail.vip_chapters")
    assert (row["month"], row["revenue"]) == ("2012-06", Decimal("3.10"))
