"""Retail has every property that the platform asks of a plugin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import strategies as st

import guanxi_retail
from guanxi import Money
from guanxi.testing import Conformance, Scenario
from guanxi_retail import (
    AdjustPoints,
    ApplyForVip,
    BuyChapter,
    CashLadderRules,
    ChapterPriceRules,
    ChooseReferralReward,
    CompleteSale,
    ConsentToContract,
    CountCustomerStock,
    DecideAdjustment,
    DecideCompletion,
    DecideTier,
    DecideVipNomination,
    DoVehicleFormality,
    DraftVehicleContract,
    DrawScratchCard,
    EnrolMember,
    EVoucherRules,
    ExchangedLine,
    ExchangeRules,
    HandOverVehicle,
    IssueMemberCard,
    NationalPriceRules,
    NominateForVip,
    PayMembershipFee,
    PointsRules,
    RebindMemberCard,
    ReceiptLine,
    RecordExchange,
    RecordPurchase,
    RecordReferral,
    RecordStoreVisit,
    RedeemPoints,
    ReferralRules,
    RefundPurchase,
    RemoveFromVipList,
    ScratchCardRules,
    SetTier,
    SignReadingAgreement,
    TakeTestDrive,
    Tender,
    TierRules,
    UndoRedemption,
    VoucherRules,
)
from guanxi_retail.purchases.events import PurchaseRecorded

RECEIPTS, NUMBERS = st.sampled_from(("A", "A", "B")), st.sampled_from(("A", "B"))
ONE = st.just("A")
MOBILES = st.sampled_from(("13800138000", "13900139000"))
CUSTOMERS = st.sampled_from(("C-1", "C-2"))
FIRST_DAY, LAST_DAY = date(2021, 1, 1), date(2021, 12, 31)
RUNNING = {"first_day": st.just(FIRST_DAY), "last_day": st.just(LAST_DAY), "campaign": st.just("spring")}
LADDER = {"Basic": Decimal(0), "Silver": Decimal(150), "Gold": Decimal(400)}


def _paid(least: int, most: int) -> st.SearchStrategy[Money]:
    return st.integers(least, most).map(lambda amount: Money(amount, "CNY"))


def _line(net: int, **more: object) -> ReceiptLine:
    return ReceiptLine(net=Decimal(net), paid=Decimal(net), **more)


@st.composite
def _receipts(draw: st.DrawFn) -> RecordPurchase:
    """A plain receipt, one of dear liquor or of goods that may be exchanged, or one that a voucher or points pay a part of."""
    receipt, kind = (
        draw(RECEIPTS),
        draw(st.sampled_from(("plain", "plain", "plain", "liquor", "gems", "tenders"))),
    )
    common = {"receipt": receipt, "outlet": "S", "salesperson": draw(st.sampled_from((None, "li")))}
    if kind == "liquor":
        return RecordPurchase(paid=Money(12_000, "CNY"), lines=(_line(12_000, grade="high"),), **common)
    if kind == "gems":
        return RecordPurchase(paid=Money(200, "CNY"), lines=(_line(200, product="coloured_gems"),), **common)
    if kind == "tenders":
        part = draw(
            st.sampled_from(
                (
                    Tender(kind="points", amount=Decimal(20), number="A"),
                    Tender(kind="voucher", amount=Decimal(20), number="RET-11/2021-01-01/1"),
                )
            )
        )
        money = Tender(kind="cash", amount=Decimal(180))
        return RecordPurchase(paid=Money(180, "CNY"), tenders=(part, money), **common)
    return RecordPurchase(
        paid=draw(_paid(90, 300)), phone=draw(st.sampled_from((None, "13800138000"))), **common
    )


class TestConformance(Conformance):
    examples = 12
    plugin = guanxi_retail.plugin
    golden = Path(__file__).parent / "golden"
    # Numbers that refer to each other, so that there is something to refund, to undo, to approve, and to lapse.
    commands = {  # noqa: RUF012
        RecordPurchase: _receipts(),
        RefundPurchase: st.builds(RefundPurchase, refund=NUMBERS, receipt=RECEIPTS, paid=_paid(1, 80)),
        RedeemPoints: st.builds(RedeemPoints, redemption=ONE, points=st.integers(1, 9)),
        UndoRedemption: st.builds(UndoRedemption, redemption=ONE),
        AdjustPoints: st.builds(
            AdjustPoints,
            adjustment=NUMBERS,
            points=st.sampled_from((-5, 30, 60)),
            reason_code=st.just("goodwill"),
            approved_by=st.sampled_from(("board", "board", None)),
            last_day=st.one_of(st.none(), st.dates(date(2021, 1, 5), date(2021, 4, 1))),
        ),
        DecideAdjustment: st.builds(DecideAdjustment, adjustment=NUMBERS),
        EnrolMember: st.builds(EnrolMember, mobile=MOBILES, name=st.just("李明")),
        RebindMemberCard: st.builds(RebindMemberCard, mobile=MOBILES, proof=st.just("seen")),
        IssueMemberCard: st.builds(IssueMemberCard, ground=st.sampled_from(("form", "purchase"))),
        SetTier: st.builds(
            SetTier,
            setting=NUMBERS,
            tier=st.sampled_from(tuple(LADDER)),
            until=st.dates(date(2021, 1, 10), date(2021, 6, 1)),
            reason_code=st.just("goodwill"),
            approved_by=st.sampled_from(("board", "board", None)),
        ),
        DecideTier: st.builds(DecideTier, setting=NUMBERS),
        DrawScratchCard: st.builds(DrawScratchCard, receipt=RECEIPTS, serial=NUMBERS, prize=st.just("towel")),
        RecordReferral: st.builds(RecordReferral, referrer=CUSTOMERS),
        ChooseReferralReward: st.builds(
            ChooseReferralReward,
            friend=CUSTOMERS,
            number=NUMBERS,
            choice=st.sampled_from(("voucher", "gift")),
        ),
        RecordExchange: st.builds(
            RecordExchange,
            exchange=NUMBERS,
            refund=st.just("E"),
            receipt=st.just("X"),
            replaces=RECEIPTS,
            returned=st.just((ExchangedLine(net=Decimal(200)),)),
            goods=st.integers(150, 260).map(lambda net: (_line(net, product="coloured_gems"),)),
        ),
        ApplyForVip: st.one_of(
            st.builds(ApplyForVip, application=NUMBERS, route=st.just("purchase")),
            st.builds(
                ApplyForVip,
                application=NUMBERS,
                route=st.just("rank"),
                rank=st.just("division"),
                unit_kind=st.just("administrative"),
            ),
        ),
        NominateForVip: st.builds(NominateForVip, nomination=st.just("N")),
        DecideVipNomination: st.builds(
            DecideVipNomination, nomination=st.just("N"), outcome=st.just("approved")
        ),
        RemoveFromVipList: st.builds(RemoveFromVipList, removal=NUMBERS, reason_code=st.just("left")),
        CountCustomerStock: st.builds(
            CountCustomerStock, product=st.just("rice"), quantity=st.integers(0, 50).map(Decimal)
        ),
        DraftVehicleContract: st.builds(
            DraftVehicleContract,
            contract=ONE,
            model=st.just("Breeze"),
            price=st.just(Money(100, "CNY")),
            payment_kind=st.sampled_from(("one_off", "loan")),
        ),
        ConsentToContract: st.builds(ConsentToContract, contract=ONE),
        DoVehicleFormality: st.builds(DoVehicleFormality, contract=ONE, kind=st.just("plates")),
        HandOverVehicle: st.builds(HandOverVehicle, contract=ONE),
        TakeTestDrive: st.builds(
            TakeTestDrive,
            model=st.just("Breeze"),
            role=st.sampled_from(("driver", "passenger")),
            licence_no=st.just("L-1"),
            licence_valid_to=st.just(date(2021, 6, 30)),
        ),
        SignReadingAgreement: st.builds(SignReadingAgreement, agreement=ONE, wording_version=st.just("1")),
        PayMembershipFee: st.builds(PayMembershipFee, fee=NUMBERS, amount=_paid(3, 3)),
        BuyChapter: st.builds(BuyChapter, work=st.just("Moon"), chapter=NUMBERS),
        RecordStoreVisit: st.builds(
            RecordStoreVisit,
            visit=NUMBERS,
            outlet=st.just("S"),
            received_by=st.just("li"),
            role=st.sampled_from(("salesperson", "store_manager")),
            outcome=st.sampled_from(("bought", "not_bought")),
        ),
        CompleteSale: st.builds(
            CompleteSale,
            receipt=RECEIPTS,
            phone_given=st.just(True),
            approved_by=st.sampled_from(("head", "head", None)),
        ),
        DecideCompletion: st.builds(DecideCompletion, receipt=RECEIPTS),
    }
    rules = {  # noqa: RUF012
        PointsRules: st.builds(
            PointsRules, months=st.sampled_from((None, 1, 1, 3)), pending_days=st.sampled_from((0, 0, 7))
        ),
        TierRules: st.builds(TierRules, tiers=st.just(LADDER)),
        CashLadderRules: st.builds(CashLadderRules, **RUNNING),
        EVoucherRules: st.builds(EVoucherRules, **RUNNING),
        ScratchCardRules: st.builds(ScratchCardRules, **RUNNING, threshold=st.just(Decimal(100))),
        VoucherRules: st.builds(VoucherRules, valid_days=st.sampled_from((5, 30))),
        ReferralRules: st.just(ReferralRules()),
        ExchangeRules: st.builds(ExchangeRules, exchange_days=st.sampled_from((None, 7))),
        NationalPriceRules: st.just(NationalPriceRules(prices={"Breeze": Decimal(100)})),
        ChapterPriceRules: st.just(ChapterPriceRules(prices={"Moon": Decimal("0.10")})),
    }


@pytest.mark.rule("RET-06")
def test_a_receipt_with_two_purchases_is_flagged():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(80, "CNY")))
    s.given("2025-01-03", PurchaseRecorded(receipt="A", paid=Money(90, "CNY"))).then_breached(
        "source_conflict"
    )


def test_purchases_in_two_currencies_are_flagged():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(80, "CNY")))
    s.given("2025-01-03", PurchaseRecorded(receipt="B", paid=Money(80, "USD"))).then_breached("unit_mismatch")


def test_a_purchase_below_nothing_is_flagged():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(-80, "CNY"))).then_breached("amount_sign")


def test_a_refund_of_more_than_was_paid_is_refused():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(80, "CNY")))
    s.when("2025-01-03", RefundPurchase(refund="F", receipt="A", paid=Money(100, "CNY")))
    s.then_refused("exceeds_original", "RET-IN-i")


def test_reports_live_with_more_money_back_than_was_paid_where_that_was_kept_with_a_breach():
    s = Scenario(guanxi_retail.plugin)
    s.when("2025-01-02", RecordPurchase(receipt="A", paid=Money(80, "CNY")))
    s.when("2025-01-03", RefundPurchase(refund="F", receipt="A", paid=Money(100, "CNY")), happened=True)
    s.then_breached("exceeds_original")
    ((_, _, _, monetary, *_),) = s.ledger.report("retail.rfm", view="customers").rows
    assert monetary == Decimal(-20)
