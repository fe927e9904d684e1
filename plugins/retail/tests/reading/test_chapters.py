"""Agreement, fee, chapters (RET-52)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Invalid, Money, Refusal, Unknown
from guanxi.relationship.pipeline.commands import SignContract
from guanxi_retail.reading.commands import BuyChapter, PayMembershipFee, SignReadingAgreement
from guanxi_retail.reading.rules import ChapterPriceRules, ReadingRules
from guanxi_retail.reading.subscription import Subscription
from plugins.retail.tests.cars.desk import Desk, local

AGREE = SignReadingAgreement(agreement="A-1", wording_version="2012")
MOON_9 = BuyChapter(work="Moon", chapter="9")


def fee(number: str = "F-1", **more: object) -> PayMembershipFee:
    return PayMembershipFee(fee=number, amount=Money("3.00", "CNY"), **more)


def chapters(d: Desk) -> dict[str, Decimal]:
    return d.ledger.history("C-1").state(Subscription).chapters


def refused(d: Desk, moment: str, chapter: BuyChapter = MOON_9) -> tuple[str, str, str]:
    """How buying a chapter is refused, and that nothing is charged for it."""
    before = chapters(d)
    with pytest.raises(Refusal) as refusal:
        d.tell(moment, chapter)
    assert chapters(d) == before
    return refusal.value.code, refusal.value.outcome, refusal.value.rule


@pytest.mark.rule("RET-52a")
def test_a_chapter_needs_the_agreement_then_the_fee_then_a_membership_that_lasts(site):
    d = site()
    assert refused(d, "2012-05-01") == ("agreement_missing", "rule not met", "RET-52")
    d.tell("2012-05-01", AGREE)
    assert refused(d, "2012-05-01") == ("fee_not_credited", "rule not met", "RET-52")
    d.tell("2012-05-01", fee())
    d.tell("2012-05-31T23:59", MOON_9)
    assert refused(d, "2012-06-01", BuyChapter(work="Moon", chapter="10")) == (
        "membership_expired",
        "rule not met",
        "RET-52",
    )


@pytest.mark.rule("RET-52a")
def test_a_chapter_that_was_bought_is_not_charged_again(site):
    d = site()
    d.tell("2012-05-01", AGREE, fee(), MOON_9)
    assert refused(d, "2012-05-02") == ("already_bought", "duplicate", "RET-52")
    assert refused(d, "2012-07-01") == ("already_bought", "duplicate", "RET-52")
    assert chapters(d) == {"Moon/9": Decimal("0.10")}


@pytest.mark.rule("RET-52b")
def test_a_fee_counts_from_its_crediting_and_the_wait_is_reported(site):
    d = site()
    d.tell("2012-05-01", AGREE)
    d.at("2012-05-02T08:00")
    assert refused(d, "2012-05-02T08:00")[0] == "fee_not_credited"
    d.tell("2012-05-02T09:00", fee(initiated_at=local("2012-05-01T20:00")))
    d.tell("2012-05-02T09:01", MOON_9)
    assert chapters(d) == {"Moon/9": Decimal("0.10")}
    (row,) = d.rows("retail.vip_chapters")
    assert row["wait_hours"] == 13


@pytest.mark.rule("RET-52c")
def test_a_chapter_is_sold_at_the_price_of_its_own_minute(site):
    d = site()
    d.publish(ChapterPriceRules(prices={"Moon": Decimal("0.15")}), "2012-05-01")
    d.tell("2012-04-10", AGREE, fee())
    d.tell("2012-04-30T23:59", MOON_9, known="2012-05-01")
    d.tell("2012-05-01", BuyChapter(work="Moon", chapter="10"))
    assert chapters(d) == {"Moon/9": Decimal("0.10"), "Moon/10": Decimal("0.15")}
    assert d.flags() == []


@pytest.mark.rule("RET-52")
def test_a_higher_price_waits_for_the_days_of_notice_and_a_lower_one_does_not(site):
    d = site()
    d.publish(ChapterPriceRules(prices={"Moon": Decimal("0.15")}, notice_days=10), "2012-05-01")
    d.publish(ChapterPriceRules(prices={"Moon": Decimal("0.05")}, notice_days=10), "2012-05-20")
    d.tell("2012-05-01", AGREE, fee())
    for number, day in enumerate(("2012-05-10", "2012-05-11", "2012-05-20"), 3):
        d.tell(day, BuyChapter(work="Moon", chapter=str(number)))
    assert list(chapters(d).values()) == [Decimal("0.10"), Decimal("0.15"), Decimal("0.05")]


@pytest.mark.rule("RET-52")
def test_free_chapters_need_neither_agreement_nor_fee(site):
    d = site()
    d.tell("2012-05-01", BuyChapter(work="Moon", chapter="2"))
    assert (chapters(d), d.flags()) == ({"Moon/2": Decimal(0)}, [])
    assert refused(d, "2012-05-01", BuyChapter(work="Moon", chapter="3"))[0] == "agreement_missing"


@pytest.mark.rule("RET-52")
def test_what_was_bought_stays_readable_when_the_membership_has_ended(site):
    d = site()
    d.tell("2012-05-01", AGREE, fee(), MOON_9)
    d.at("2012-09-01")
    state = d.ledger.history("C-1").state(Subscription)
    assert (state.lasts(d.now), state.may_read("Moon", "9")) == (False, True)


@pytest.mark.rule("RET-52")
def test_a_sale_that_happened_without_fee_is_flagged_until_the_fee_is_told_late(site):
    d = site()
    d.tell("2012-05-01", AGREE)
    d.tell("2012-05-03", MOON_9, known="2012-05-04")
    assert d.flags() == ["fee_not_credited"]
    d.tell("2012-05-02", fee(), known="2012-05-05")
    assert d.flags() == []


@pytest.mark.rule("RET-52")
def test_a_membership_lasts_its_term_from_the_day_of_crediting(site):
    d = site(ReadingRules(months=3))
    d.tell("2012-01-31", fee())
    (membership,) = d.ledger.history("C-1").state(Subscription).memberships.values()
    assert (membership.first_day, membership.last_day) == (date(2012, 1, 31), date(2012, 4, 29))


@pytest.mark.rule("RET-52")
def test_a_contract_with_the_agreements_number_is_an_agreement_too(site):
    d = site()
    contract = SignContract(contract="reading/C-1", amount=Money("0", "CNY"))
    d.tell("2012-04-30", contract, known="2012-05-01")
    d.tell("2012-05-01", fee(), MOON_9)
    assert list(chapters(d)) == ["Moon/9"]


@pytest.mark.rule("RET-52")
def test_a_fee_is_credited_after_it_was_initiated_once_and_by_now(site):
    d = site()
    for wrong in ({"initiated_at": local("2012-05-02")}, {"credited_at": local("2012-05-03")}):
        with pytest.raises(Invalid) as invalid:
            d.tell("2012-05-01", fee(**wrong))
        assert invalid.value.code == "invalid_date"
    d.tell("2012-05-01", fee())
    with pytest.raises(Conflict) as conflict:
        d.tell("2012-05-01", fee())
    assert conflict.value.code == "source_conflict"


@pytest.mark.rule("RET-52")
def test_a_work_without_price_is_unknown(site):
    d = site()
    with pytest.raises(Unknown) as unknown:
        d.tell("2012-05-01", BuyChapter(work="Sun", chapter="1"))
    assert unknown.value.code == "unknown_code"
