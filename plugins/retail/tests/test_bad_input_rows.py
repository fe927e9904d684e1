"""What is answered to bad input, and what is kept of it: each row of the table through the public API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

import guanxi
from guanxi import (
    Command,
    Held,
    Money,
    NotPermitted,
    Parked,
    Refusal,
    RuleSet,
    Source,
    Telling,
)
from guanxi.kernel.access import let_in
from guanxi.relationship import keep_waiting, release_waiting
from guanxi.relationship.access.commands import EnrolStaff, EstablishPost, SetLevel, TakePost
from guanxi.relationship.access.events import AttemptRefused
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.streams import post_stream, staff_stream
from guanxi.relationship.campaigns.commands import ScreenCustomer
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignSection
from guanxi.relationship.pipeline.commands import ConfirmContract
from guanxi_adapters.files import import_file, mapping_from
from guanxi_retail import (
    AdjustPoints,
    BuyChapter,
    ChapterPriceRules,
    ChooseReferralReward,
    CompleteStoreSale,
    ConsentToContract,
    DesignateKeyCustomer,
    DoVehicleFormality,
    DraftVehicleContract,
    DrawScratchCard,
    EnrolMember,
    ExchangedLine,
    ExchangeRules,
    FollowUpCardRules,
    HandOverVehicle,
    Membership,
    NationalPriceRules,
    NominateForVip,
    PayMembershipFee,
    PayOutVoucher,
    PointsRules,
    PublishServiceStandard,
    RebindMemberCard,
    RecordExchange,
    RecordExitReason,
    RecordPurchase,
    RecordReferral,
    RecordStoreReceipt,
    RecordStoreVisit,
    ReferralRules,
    RefundPurchase,
    ScratchCardRules,
    SetTier,
    SignReadingAgreement,
    StackedDiscountRules,
    TakeTestDrive,
    TierRules,
    VehicleOrderRules,
    claim_receipt,
    day_stream,
    store_stream,
)
from guanxi_retail.promotions.vouchers import Vouchers
from guanxi_retail.purchases.purchases import Purchases
from guanxi_retail.tiers.state import Tiers
from plugins.retail.tests.promotions.counter import back, cash, give_voucher, ladder, line, tender, voucher
from plugins.retail.tests.store.test_outlet import articles
from plugins.retail.tests.tiers.ladder import LADDER
from plugins.retail.tests.till import MEMBER, Till, local, table

D = Decimal
N1, N2 = "13800138000", "13900139000"
FRIEND = "F-1"
Deed = Callable[[Till], object]
RULES: dict[type[RuleSet], RuleSet] = {
    type(rules): rules
    for rules in (
        PointsRules(),
        TierRules(tiers=LADDER),
        ReferralRules(),
        ChapterPriceRules(prices={"Moon": D("0.10")}),
        NationalPriceRules(prices={"Breeze": D(120_000)}),
        VehicleOrderRules(required_documents=("id_card", "invoice"), sales_managers=("manager",)),
    )
}


def cny(amount: Any) -> Money:
    return Money(amount, "CNY")


def shop(*rules: RuleSet) -> Till:
    """A till under the usual rules, with a member who holds a card and 1,000 points, and a newcomer."""
    t = Till(*{**RULES, **{type(one): one for one in rules}}.values())
    t.open(FRIEND)
    t.tell("2012-01-02", EnrolMember(name="李明", mobile=N1))
    t.buy("2012-01-03", "R0", "1000")
    return t


def told(*commands: Command, moment: str = "2012-01-05", actor: str = "clerk") -> Deed:
    def deed(t: Till) -> None:
        t.at(moment)
        for command in commands:
            t.ledger.execute(MEMBER, command, actor=actor, reason="told", occurred_at=local(moment))

    return deed


def elsewhere(subject: str, command: Command, moment: str = "2012-01-05") -> Deed:
    return lambda t: t.tell(moment, command, member=subject)


def bought(receipt: str = "R1", paid: str = "100", moment: str = "2012-01-05", **more: Any) -> Deed:
    return lambda t: t.buy(moment, receipt, paid, **more)


def nothing(t: Till) -> None:
    """Nothing is told before."""


def both(*deeds: Deed) -> Deed:
    def deed(t: Till) -> None:
        for one in deeds:
            one(t)

    return deed


def standing(t: Till) -> tuple[Any, ...]:
    """How much is on record, the balance, the tier, the vouchers and the money."""
    history = t.ledger.history(MEMBER)
    points, bought_so_far = t.points(), history.state(Purchases)
    return (
        t.ledger.store.last_position(),
        (points.balance, points.active, points.pending, points.debt),
        history.state(Tiers).tier,
        history.state(Vouchers).value,
        (bought_so_far.count, bought_so_far.net),
    )


def refused(t: Till, deed: Deed, code: str, outcome: str, moment: str = "2012-06-30") -> Refusal:
    """Return the refusal of a deed, which leaves nothing."""
    t.at(moment).ledger.advance()
    before = standing(t)
    with pytest.raises(Refusal) as answer:
        deed(t)
    assert (answer.value.code, answer.value.outcome) == (code, outcome)
    assert answer.value.zh != answer.value.message
    assert standing(t) == before
    return answer.value


@attrs.frozen
class Case:
    """An input, what was told before it, and how it is answered."""

    deed: Deed
    code: str
    given: Deed = nothing
    rules: tuple[RuleSet, ...] = ()
    moment: str = "2012-01-05"

    def answered(self, outcome: str) -> None:
        t = shop(*self.rules)
        self.given(t)
        refused(t, self.deed, self.code, outcome, self.moment)
        t.ledger.close()


def rows(cases: dict[str, Case]) -> Any:
    return pytest.mark.parametrize("case", cases.values(), ids=cases)


# ---------------------------------------------------------------- malformed

MALFORMED = {
    "a mobile number of another pattern": Case(
        told(RebindMemberCard(mobile="12800138000", proof="seen")), "invalid_phone"
    ),
    "a mobile number of ten digits": Case(
        elsewhere(FRIEND, EnrolMember(name="王芳", mobile="1380013800")), "invalid_phone"
    ),
    "an amount with three decimals": Case(bought(paid="11.774"), "inexact_amount"),
    "a binary float": Case(lambda t: cny(11.77), "inexact_amount"),
    "a line with three decimals": Case(
        bought(paid="100", lines=(line(1, "99.995"), line(2, "0.005"))), "inexact_amount"
    ),
    "a tender with three decimals": Case(bought(tenders=(cash("99.995"), cash("0.005"))), "inexact_amount"),
    "a negative list price": Case(bought(lines=(line(1, "100", list_price=D(-1)),)), "amount_sign"),
    "a negative quantity": Case(bought(quantity=-1), "amount_sign"),
    "a negative quantity on a line": Case(bought(lines=(line(1, "100", quantity=-1),)), "amount_sign"),
    "another currency": Case(told(RecordPurchase(receipt="R1", paid=Money("100", "USD"))), "unit_mismatch"),
    "30 February": Case(lambda t: t.ledger.history(MEMBER).as_of("2012-02-30"), "invalid_date"),
    "31 September": Case(
        lambda t: t.ledger.report("retail.member_register", as_of="2012-09-31"), "invalid_date"
    ),
    "tomorrow": Case(
        lambda t: t.ledger.execute(
            MEMBER,
            RecordPurchase(receipt="R1", paid=cny("1")),
            actor="clerk",
            occurred_at=t.now + timedelta(days=1),
        ),
        "future_dated",
    ),
    "a reward of 51": Case(
        lambda t: ReferralRules(rewards=(D(20), D(30), D(40), D(51))), "reward_out_of_range"
    ),
    "a reward of 19.99": Case(
        lambda t: ReferralRules(rewards=(D("19.99"), D(30), D(40), D(50))), "reward_out_of_range"
    ),
}


@pytest.mark.rule("RET-IN-a")
@rows(MALFORMED)
def test_what_is_malformed_leaves_nothing(case: Case) -> None:
    case.answered("invalid")


def arriving(n: int, command: Command, moment: str = "2012-01-04", **more: Any) -> Telling:
    """A line of an import."""
    return Telling(
        MEMBER,
        command,
        "import",
        **{
            "occurred_at": local(moment),
            "happened": True,
            "source": Source("till", str(n)),
            "batch": "b",
            **more,
        },
    )


@pytest.mark.rule("RET-IN-a")
def test_malformed_lines_are_named_and_the_others_stay() -> None:
    t = shop().at("2012-01-05")
    verdicts = t.ledger.take_in(
        [
            arriving(1, RebindMemberCard(mobile="12800138000", proof="seen")),
            arriving(2, RecordPurchase(receipt="R1", paid=cny("40"))),
            arriving(3, RecordPurchase(receipt="R2", paid=Money("40", "USD"))),
            arriving(4, RecordPurchase(receipt="R3", paid=cny("40")), "2012-01-06"),
        ]
    )
    assert [(v.status, v.code) for v in verdicts] == [
        ("refused", "invalid_phone"),
        ("accepted", None),
        ("refused", "unit_mismatch"),
        ("refused", "future_dated"),
    ]
    assert t.points().active == 1_040


NEGATIVE = {
    "a purchase": Case(lambda t: bought(paid="-1")(t), "amount_sign"),
    "a refund": Case(lambda t: t.refund("2012-01-05", "R0", "-1"), "amount_sign"),
    "a line": Case(bought(paid="0", lines=(line(1, "-1"), line(2, "1"))), "amount_sign"),
    "a tender": Case(bought(tenders=(cash("101"), cash("-1"))), "amount_sign"),
    "a redemption": Case(lambda t: t.redeem("2012-01-05", "X", -1), "amount_sign"),
    "a returned line": Case(
        lambda t: RefundPurchase(refund="F", receipt="R0", paid=cny("0"), lines=(back(1, "-1"),)),
        "amount_sign",
    ),
    "a receipt of nobody": Case(
        lambda t: elsewhere(
            day_stream("S1", date(2012, 1, 5)), RecordStoreReceipt(receipt="S", paid=cny("-1"))
        )(t),
        "amount_sign",
    ),
}


@pytest.mark.rule("RET-IN-h")
@rows(NEGATIVE)
def test_a_negative_amount_leaves_nothing(case: Case) -> None:
    case.answered("invalid")


@pytest.mark.rule("RET-IN-h")
def test_what_is_less_comes_as_a_refund_or_correction_that_names_its_original() -> None:
    t = shop()
    t.refund("2012-01-05", "R0", "400")
    t.adjust("2012-01-06", "P", -100)
    assert (t.points().active, t.ledger.history(MEMBER).state(Purchases).net) == (500, 600)


# ---------------------------------------------------------------- unknown, parked

UNKNOWN = {
    "a tier": Case(
        told(
            SetTier(setting="T", tier="Jade", until=date(2012, 12, 31), reason_code="x", approved_by="board")
        ),
        "unknown_code",
    ),
    "a way of paying": Case(bought(tenders=(tender("shells", "100"),)), "unknown_code"),
    "a payment kind": Case(
        lambda t: DraftVehicleContract(contract="K", model="Breeze", price=cny("1"), payment_kind="barter"),  # type: ignore[arg-type]
        "unknown_code",
    ),
    "an exit code": Case(lambda t: RecordExitReason(reason_code="boredom"), "unknown_code"),  # type: ignore[arg-type]
    "a refund of an unknown receipt": Case(lambda t: t.refund("2012-01-05", "R9", "1"), "unknown_receipt"),
    "a claim of an unknown receipt": Case(
        lambda t: claim_receipt(t.ledger, MEMBER, "R9", outlet="S1", day=date(2012, 1, 5), actor="clerk"),
        "unknown_receipt",
    ),
}


@pytest.mark.rule("RET-IN-b")
@rows(UNKNOWN)
def test_what_nobody_knows_leaves_nothing(case: Case) -> None:
    case.answered("unknown")


@pytest.mark.rule("RET-IN-b")
@pytest.mark.parametrize(("report", "asked"), [("retail.rfm", {"variant": "cubic"})])
def test_a_variant_that_nobody_knows_is_refused(report: str, asked: dict[str, str]) -> None:
    t = shop()
    refused(t, lambda t: t.ledger.report(report, **asked), "unknown_code", "unknown")


REFUND = RefundPurchase(refund="F1", receipt="R1", paid=cny("40"))
BEFORE_ITS_PURCHASE = arriving(1, REFUND, "2012-01-10")
ITS_PURCHASE = arriving(2, RecordPurchase(receipt="R1", paid=cny("100")), "2012-01-06")


@pytest.mark.rule("RET-IN-c")
def test_a_refund_that_arrives_before_its_purchase_waits_and_is_applied_on_its_own_day() -> None:
    t = shop().at("2012-02-01")
    before = standing(t)[1:]
    (verdict,) = t.ledger.take_in([BEFORE_ITS_PURCHASE])
    assert (verdict.status, verdict.code) == ("waiting", "purchase_awaited")
    assert isinstance(verdict.refusal, Parked)
    assert [v.status for v in keep_waiting(t.ledger, [BEFORE_ITS_PURCHASE])] == ["waiting"]
    assert [v.status for v in keep_waiting(t.ledger, [BEFORE_ITS_PURCHASE])] == ["known"]
    assert release_waiting(t.ledger, [MEMBER]) == 0
    assert standing(t)[1:] == before

    t.at("2012-02-02").ledger.take_in([ITS_PURCHASE])
    assert t.points().active == 1_100
    assert release_waiting(t.ledger, [MEMBER]) == 1
    assert release_waiting(t.ledger, [MEMBER]) == 0
    assert [t.points(day).active for day in ("2012-01-09", "2012-01-10")] == [1_100, 1_060]
    assert t.points("2012-01-10", as_known="2012-02-01").active == 1_000
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (claw["due"], t.flags()) == (40, [])
    assert [v.code for v in t.ledger.take_in([BEFORE_ITS_PURCHASE])] == ["already_known"]


@pytest.mark.rule("RET-IN-c")
def test_in_one_batch_a_refund_may_stand_before_its_purchase() -> None:
    t = shop().at("2012-02-01")
    verdicts = t.ledger.take_in([BEFORE_ITS_PURCHASE, ITS_PURCHASE])
    assert [v.status for v in verdicts] == ["accepted", "accepted"]
    assert t.points().active == 1_060


@pytest.mark.rule("RET-IN-c")
def test_told_by_hand_it_is_refused_and_leaves_nothing() -> None:
    t = shop()
    refused(
        t,
        lambda t: t.tell("2012-01-10", REFUND, known="2012-02-01"),
        "purchase_awaited",
        "parked",
        "2012-02-01",
    )


# ---------------------------------------------------------------- twice


def enrolled(who: str, mobile: str) -> Deed:
    return elsewhere(who, EnrolMember(name="王芳", mobile=mobile))


def referred(t: Till) -> None:
    t.tell("2012-01-04", RecordReferral(referrer=MEMBER), member=FRIEND)


CONFLICTS = {
    "a receipt's number": Case(bought("R0", "12.77"), "source_conflict"),
    "a refund's number": Case(
        lambda t: t.refund("2012-01-05", "R0", "2", refund="F"),
        "source_conflict",
        lambda t: t.refund("2012-01-04", "R0", "1", refund="F"),
    ),
    "a redemption's number": Case(
        lambda t: t.redeem("2012-01-05", "X", 2), "source_conflict", lambda t: t.redeem("2012-01-04", "X", 1)
    ),
    "an adjustment's number": Case(
        lambda t: t.adjust("2012-01-05", "P", 2), "source_conflict", lambda t: t.adjust("2012-01-04", "P", 1)
    ),
    "a source's reference": Case(
        lambda t: t.ledger.execute(
            MEMBER, RecordPurchase(receipt="R2", paid=cny("2")), actor="feed", source=Source("till", "1")
        ),
        "source_conflict",
        lambda t: t.ledger.execute(
            MEMBER, RecordPurchase(receipt="R1", paid=cny("1")), actor="feed", source=Source("till", "1")
        ),
    ),
    "a mobile number in use": Case(enrolled(FRIEND, N1), "identifier_taken"),
    "a friend already referred": Case(
        elsewhere(FRIEND, RecordReferral(referrer="M-2")),
        "already_referred",
        both(referred, lambda t: t.open("M-2"), enrolled("M-2", N2)),
    ),
    "a voucher used": Case(
        bought("R3", "0", "2012-02-02", tenders=(voucher("60", "RET-11/2012-01-21/1"),)),
        "voucher_used",
        lambda t: t.buy("2012-02-01", "R2", "0", tenders=(voucher("60", give_voucher(t)),)),
        (ladder(),),
        "2012-02-02",
    ),
}


@pytest.mark.rule("RET-IN-d")
@rows(CONFLICTS)
def test_the_first_stays_where_another_says_otherwise(case: Case) -> None:
    case.answered("conflict")


@pytest.mark.rule("RET-IN-d", "RET-IN-e", "RET-IN-f")
def test_a_feed_tells_the_same_again_something_else_and_an_equal_line_under_another_key() -> None:
    t = shop().at("2012-01-05")
    line_1 = RecordPurchase(receipt="R1", paid=cny("11.77"))
    first = t.ledger.take_in([arriving(1, line_1)])
    before = standing(t)
    verdicts = t.ledger.take_in(
        [arriving(1, line_1), arriving(1, RecordPurchase(receipt="R1", paid=cny("12.77")))]
    )
    assert [(v.status, v.code, v.entry) for v in verdicts[:1]] == [("known", "already_known", first[0].entry)]
    assert (verdicts[1].status, verdicts[1].code) == ("refused", "source_conflict")
    assert standing(t) == before
    t.ledger.take_in([arriving(2, attrs.evolve(line_1, receipt="R2"))])
    assert [(s["receipt"], s["paid"]["amount"]) for s in t.in_force("retail.purchase_recorded")[1:]] == [
        ("R1", "11.77"),
        ("R2", "11.77"),
    ]
    assert t.points().active == 1_022


SIGNED = SignReadingAgreement(agreement="A-1", wording_version="2012")
FEE = PayMembershipFee(fee="F-1", amount=cny("3.00"))
CHAPTER = BuyChapter(work="Moon", chapter="9")


@pytest.mark.rule("RET-IN-e")
def test_a_chapter_bought_before_is_not_charged_again() -> None:
    Case(told(CHAPTER), "already_bought", told(SIGNED, FEE, CHAPTER, moment="2012-01-04")).answered(
        "duplicate"
    )


@pytest.mark.rule("RET-IN-e")
def test_the_same_told_again_is_answered_as_the_first_time() -> None:
    t = shop().at("2012-01-05")
    given: dict[str, Any] = {"actor": "feed", "source": Source("till", "1")}
    first = t.ledger.execute(MEMBER, RecordPurchase(receipt="R1", paid=cny("1")), **given)
    before = standing(t)
    again = t.ledger.execute(MEMBER, RecordPurchase(receipt="R1", paid=cny("1")), **given)
    assert (again.code, again.entries, standing(t)) == ("already_known", first.entries, before)


# ---------------------------------------------------------------- nothing paid, no pieces


@pytest.mark.rule("RET-IN-g")
def test_a_purchase_of_no_value_earns_nothing_and_counts_as_an_occasion() -> None:
    t = shop()
    t.buy("2012-01-05", "R1", "0")
    (row,) = [r for r in table(t.ledger.report("retail.customers")) if r["account"] == MEMBER]
    assert (row["purchases"], row["last_on"], t.points().active) == (2, date(2012, 1, 5), 1_000)
    assert (t.flags(), t.in_force("core.breach_recorded")) == ([], [])


@pytest.mark.rule("RET-IN-g")
@pytest.mark.parametrize("known", [None, "2012-01-07"])
@pytest.mark.parametrize("more", [{"quantity": 0}, {"lines": (line(1, "90"), line(2, "10", quantity=0))}])
def test_no_pieces_with_a_net_are_accepted_and_flagged(more: dict[str, Any], known: str | None) -> None:
    t = shop()
    t.buy("2012-01-05", "R1", "100", known=known, **more)
    (breach,) = t.in_force("core.breach_recorded")
    assert (breach["code"], breach["rule"], t.points().active) == ("quantity_zero", "RET-IN-g", 1_100)


# ---------------------------------------------------------------- rules of the till

GIVEN: dict[str, Any] = {"moment": "2012-02-02", "rules": (ladder(),)}
VOUCHER = "RET-11/2012-01-21/1"


def holding(t: Till) -> None:
    give_voucher(t)


def paying(amount: str = "60", **of: Any) -> Deed:
    goods = (line(1, amount, "0", **of),)
    return bought("R5", "0", "2012-02-02", lines=goods, tenders=(voucher(amount, VOUCHER),))


BROKEN: dict[str, dict[str, Case]] = {
    "RET-IN-i": {
        "more money than was paid": Case(
            lambda t: t.refund("2012-01-05", "R0", "1000.01"), "exceeds_original"
        ),
        "more money than is left": Case(
            lambda t: t.refund("2012-01-05", "R0", "0.01"),
            "exceeds_original",
            lambda t: t.refund("2012-01-04", "R0", "1000"),
        ),
        "more of a line": Case(
            told(RefundPurchase(refund="F", receipt="R1", paid=cny("41"), lines=(back(1, "41"),))),
            "exceeds_original",
            bought(lines=(line(1, "40"), line(2, "60"))),
        ),
        "more pieces": Case(
            told(RefundPurchase(refund="F", receipt="R0", paid=cny("1"), quantity=2)), "exceeds_original"
        ),
    },
    "RET-IN-j": {
        "above the balance": Case(lambda t: t.redeem("2012-01-05", "X", 1_001), "insufficient_points"),
        "pending points": Case(
            lambda t: t.redeem("2012-01-05", "X", 1),
            "insufficient_points",
            rules=(PointsRules(pending_days=7),),
        ),
        "in debt": Case(
            lambda t: t.redeem("2012-01-05", "Y", 1),
            "in_debt",
            both(
                lambda t: t.redeem("2012-01-03T11:00", "X", 400),
                lambda t: t.refund("2012-01-04", "R0", "1000"),
            ),
        ),
        "an adjustment below nothing": Case(
            lambda t: t.adjust("2012-01-05", "P", -1_001), "insufficient_points"
        ),
    },
    "RET-IN-k": {
        "past its day": Case(
            bought("R5", "0", "2012-04-21", tenders=(voucher("60", VOUCHER),)),
            "voucher_expired",
            holding,
            (ladder(),),
            "2012-04-21",
        ),
        "outside its area": Case(
            paying(area="food"),
            "voucher_out_of_scope",
            holding,
            (ladder(areas=("clothing",)),),
            "2012-02-02",
        ),
        "outside its brands": Case(
            paying(brand="other"),
            "voucher_out_of_scope",
            holding,
            (ladder(brands=("ONLY",)),),
            "2012-02-02",
        ),
        "below its minimum": Case(
            paying(), "below_min_spend", holding, (ladder(min_spend=D(100)),), "2012-02-02"
        ),
        "paid in cash": Case(
            told(PayOutVoucher(voucher=VOUCHER), moment="2012-02-02"), "not_cashable", holding, **GIVEN
        ),
        "a reward paid in cash": Case(
            told(ChooseReferralReward(friend=FRIEND, number="B", choice="cash"), moment="2012-01-06"),
            "not_cashable",
            both(referred, lambda t: t.buy("2012-01-05", "B", "199", member=FRIEND)),
            moment="2012-01-06",
        ),
    },
    "RET-IN-l": {
        "by somebody without a card": Case(
            elsewhere("M-3", RecordReferral(referrer=FRIEND)), "referrer_not_member", lambda t: t.open("M-3")
        ),
        "of oneself": Case(elsewhere(MEMBER, RecordReferral(referrer=MEMBER)), "self_referral"),
        "of a known buyer": Case(
            elsewhere(FRIEND, RecordReferral(referrer=MEMBER)),
            "friend_not_new",
            lambda t: t.buy("2012-01-04", "B", "1", member=FRIEND),
        ),
    },
    "RET-IN-m": {
        "a discount out of range": Case(
            bought("R1", "55", lines=(line(1, "55", discounts=(D("0.55"),)),)),
            "discount_out_of_range",
            rules=(StackedDiscountRules(first_day=date(2012, 1, 1), last_day=date(2012, 1, 31)),),
        ),
        "a claim too late": Case(
            lambda t: claim_receipt(t.ledger, MEMBER, "S", outlet="S1", day=date(2012, 1, 4), actor="clerk"),
            "claim_expired",
            elsewhere(
                day_stream("S1", date(2012, 1, 4)),
                RecordStoreReceipt(receipt="S", paid=cny("9")),
                "2012-01-04",
            ),
        ),
        "an exchange too late": Case(
            lambda t: exchanging("clothing", "2012-02-02")(t),
            "exchange_closed",
            bought(lines=(line(1, "100", area="clothing"),)),
            (ExchangeRules(exchangeable=("clothing",), exchange_days=7),),
            "2012-02-02",
        ),
        "goods that are not exchanged": Case(
            lambda t: exchanging("food")(t),
            "exchange_not_allowed",
            bought(lines=(line(1, "100", area="food"),)),
        ),
        "a standard of nine articles": Case(
            lambda t: elsewhere(store_stream("S1"), PublishServiceStandard(articles=articles(9, 100)))(t),
            "standard_below_base",
        ),
        "a standard of 99 clauses": Case(
            lambda t: elsewhere(store_stream("S1"), PublishServiceStandard(articles=articles(10, 99)))(t),
            "standard_below_base",
        ),
    },
}


def exchanging(area: str, moment: str = "2012-01-05", **missing: Any) -> Deed:
    goods = {
        "returned": (ExchangedLine(net=D(100), quantity=1),),
        "goods": (line(1, "100", area=area),),
        **missing,
    }
    return told(RecordExchange(exchange="E", refund="F", receipt="N", replaces="R1", **goods), moment=moment)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=pytest.mark.rule(row))
        for row, cases in BROKEN.items()
        for name, case in cases.items()
    ],
)
def test_an_order_that_would_break_a_rule_leaves_nothing(case: Case) -> None:
    case.answered("rule not met")


# ---------------------------------------------------------------- steps out of order

PRICE = cny("120000")


def drafted(kind: str = "one_off", **more: Any) -> Command:
    return DraftVehicleContract(
        **{"contract": "K", "model": "Breeze", "price": PRICE, "payment_kind": kind, **more}
    )


def drive(*licence: Any) -> Command:
    number, until = licence or (None, None)
    return TakeTestDrive(model="Breeze", role="driver", licence_no=number, licence_valid_to=until)


def ordered(kind: str = "one_off", *more: Command) -> Deed:
    return both(
        told(drafted(kind), ConsentToContract(contract="K"), moment="2012-01-04", actor="consultant"),
        told(ConfirmContract(contract="K"), *more, moment="2012-01-04", actor="manager"),
    )


def paid(amount: str) -> Command:
    return RecordReceipt(receipt="B", amount=cny(amount), earmarked_for="K")


HAND_OVER = told(HandOverVehicle(contract="K"))
STEPS = {
    "confirmed before consent": Case(
        told(ConfirmContract(contract="K"), actor="manager"),
        "step_missing",
        told(drafted(), moment="2012-01-04"),
    ),
    "screened for the third stage without the second": Case(
        told(ScreenCustomer(stage="final", outline_version="1", judged="passed")), "step_missing"
    ),
    "driving without a licence": Case(told(drive()), "licence_missing"),
    "driving with one that ended": Case(told(drive("L-1", date(2012, 1, 4))), "licence_expired"),
    "another price": Case(told(drafted(price=cny("119999.99"))), "price_deviation"),
    "one fen open": Case(HAND_OVER, "balance_open", ordered("one_off", paid("119999.99"))),
    "loan not approved": Case(HAND_OVER, "loan_pending", ordered("loan", paid("40000"))),
    "chapter without agreement": Case(told(CHAPTER), "agreement_missing"),
    "chapter without fee": Case(told(CHAPTER), "fee_not_credited", told(SIGNED, moment="2012-01-04")),
    "membership ended": Case(
        told(CHAPTER, moment="2012-06-01"),
        "membership_expired",
        told(SIGNED, FEE, moment="2012-01-04"),
        moment="2012-06-01",
    ),
}


@pytest.mark.rule("RET-IN-n")
@rows(STEPS)
def test_a_step_out_of_order_leaves_nothing(case: Case) -> None:
    case.answered("rule not met")


# ---------------------------------------------------------------- something missing

MISSING = {
    "a mobile number": Case(elsewhere(FRIEND, EnrolMember(name="王芳")), "mobile_missing"),
    "the reason of an adjustment": Case(
        told(AdjustPoints(adjustment="P", points=1, approved_by="head")), "reason_missing"
    ),
    "the reason of a tier set by hand": Case(
        told(SetTier(setting="T", tier="Gold", until=date(2012, 12, 31), approved_by="board")),
        "reason_missing",
    ),
    "the reason of a late entry": Case(
        lambda t: t.ledger.execute(
            MEMBER,
            RecordPurchase(receipt="R1", paid=cny("1")),
            actor="clerk",
            occurred_at=local("2012-01-01"),
        ),
        "late_entry_needs_reason",
    ),
    "a prize": Case(
        told(DrawScratchCard(receipt="R0", serial="S")),
        "prize_missing",
        rules=(ScratchCardRules(first_day=date(2012, 1, 1), last_day=date(2012, 1, 31), campaign="scratch"),),
    ),
    "documents": Case(told(DoVehicleFormality(contract="K", kind="plates")), "document_missing", ordered()),
    "a part of a review": Case(
        elsewhere(HOUSE, FollowUpCardRules(rule_set="retail.points", version=1, operation="well")),
        "review_incomplete",
    ),
    "the reason why there is no measure": Case(
        elsewhere(
            HOUSE,
            FollowUpCardRules(
                rule_set="retail.points",
                version=1,
                operation="x",
                feedback="x",
                vip_traits="x",
                improvement="none",
            ),
        ),
        "reason_missing",
    ),
    "the return of an exchange": Case(
        lambda t: exchanging("coloured_gems", returned=())(t), "exchange_incomplete", bought()
    ),
    "the goods of an exchange": Case(
        lambda t: exchanging("coloured_gems", goods=())(t), "exchange_incomplete", bought()
    ),
}


@pytest.mark.rule("RET-IN-o")
@rows(MISSING)
def test_what_lacks_something_leaves_nothing(case: Case) -> None:
    case.answered("incomplete")


@pytest.mark.rule("RET-IN-o")
def test_a_vehicle_contract_of_which_documents_are_missing_stays_as_drafted() -> None:
    t = shop()
    ordered()(t)
    refused(
        t,
        told(DoVehicleFormality(contract="K", kind="plates")),
        "document_missing",
        "incomplete",
        "2012-01-05",
    )
    (kept,) = [row for row in table(t.ledger.report("retail.vehicle_orders")) if row["contract"] == "K"]
    assert kept["missing"] == "id_card,invoice" or set(kept["missing"].split(", ")) == {"id_card", "invoice"}


@pytest.mark.rule("RET-IN-o")
def test_a_delta_file_without_its_number_is_not_read(tmp_path: Path) -> None:
    lines = {
        "source": {
            "name": "till",
            "kind": "delta",
            "format": "csv",
            "header": 1,
            "zone": "Asia/Shanghai",
            "precision": "day",
        },
        "line": [
            {
                "command": "retail.record_purchase",
                "customer": "customer",
                "occurred_at": "day",
                "fields": {"receipt": {"generated": True}, "paid": {"column": "paid", "currency": "CNY"}},
            }
        ],
    }
    path = tmp_path / "delta.csv"
    path.write_text(f"customer,day,paid\n{MEMBER},2012-01-04,9.00\n", "utf-8")
    t = shop()
    told = mapping_from(lines)
    refused(
        t,
        lambda t: import_file(t.ledger, path, told, actor="clerk", reason="January"),
        "file_number_missing",
        "incomplete",
    )
    report = import_file(t.ledger, path, told, actor="clerk", reason="January", file_number=7)
    assert (report.accepted, t.points().active) == (1, 1_009)


# ---------------------------------------------------------------- without the right

NOT_PERMITTED = {
    "an adjustment approved by its author": Case(
        lambda t: t.adjust("2012-01-05", "P", 1, approved_by="clerk"), "approver_conflict"
    ),
    "a tier approved by its author": Case(
        told(
            SetTier(setting="T", tier="Gold", until=date(2012, 12, 31), reason_code="x", approved_by="clerk")
        ),
        "approver_conflict",
    ),
    "a contract confirmed by the consultant": Case(
        told(ConfirmContract(contract="K"), actor="consultant"),
        "not_authorised",
        told(drafted(), ConsentToContract(contract="K"), moment="2012-01-04", actor="consultant"),
    ),
    "a sale completed by its salesperson": Case(
        elsewhere(
            day_stream("S1", date(2012, 1, 4)),
            CompleteStoreSale(receipt="S", phone_given=True, card_given=True, approved_by="li"),
        ),
        "approver_conflict",
        elsewhere(
            day_stream("S1", date(2012, 1, 4)),
            RecordStoreReceipt(receipt="S", paid=cny("900"), salesperson="li"),
            "2012-01-04",
        ),
    ),
}


@pytest.mark.rule("RET-IN-p")
@rows(NOT_PERMITTED)
def test_who_has_not_the_right_changes_nothing(case: Case) -> None:
    case.answered("not permitted")


@pytest.mark.rule("RET-IN-p")
def test_where_access_is_enforced_the_attempt_is_kept_without_personal_values() -> None:
    t = shop().at("2012-01-04")
    for user, above in (("zhao", None), ("wang", "post-zhao"), ("li", "post-zhao")):
        role = "business" if above else "section_head"
        post = EstablishPost(role=role, section="1", reports_to=above)
        elsewhere(post_stream(f"post-{user}"), post, "2012-01-04")(t)
        for command in (EnrolStaff(), TakePost(post=f"post-{user}"), SetLevel(section="1", level=3)):
            elsewhere(staff_stream(user), command, "2012-01-04")(t)
    told(AssignSection(section="1"), AssignMaintainer(person="wang"), moment="2012-01-04")(t)
    t.publish(AccessRules(enforced=True), "2012-01-05")
    t.at("2012-01-06")
    li = t.ledger.as_actor("li")
    for deed, code in (
        (lambda: li.execute(MEMBER, RebindMemberCard(mobile=N2, proof="seen")), "not_authorised"),
        (lambda: li.whole_view(MEMBER), "lookup_not_approved"),
    ):
        with pytest.raises(NotPermitted) as answer:
            deed()
        assert answer.value.code == code
    with let_in():
        kept = [one for one in t.ledger.search(actor="li") if isinstance(one.event, AttemptRefused)]
        assert t.ledger.history(MEMBER).state(Membership).card == f"+86{N1}"
    assert [one.event.code for one in kept] == ["not_authorised", "lookup_not_approved"]
    assert not any(word in str(one.event) for one in kept for word in (N1, N2, "李明"))


# ---------------------------------------------------------------- held


@pytest.mark.rule("RET-IN-q")
@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (AdjustPoints(adjustment="P", points=50, reason_code="goodwill"), "core.approval_requested"),
        (
            SetTier(setting="T", tier="Gold", until=date(2012, 12, 31), reason_code="x"),
            "core.approval_requested",
        ),
        (NominateForVip(nomination="N"), "core.approval_requested"),
    ],
    ids=["adjustment", "tier", "nomination"],
)
def test_a_request_that_waits_for_approval_is_kept_and_changes_nothing(command: Command, kept: str) -> None:
    t = shop().at("2012-01-05")
    before = standing(t)[1:]
    with pytest.raises(Held) as answer:
        told(command)(t)
    assert (answer.value.code, answer.value.outcome) == ("approval_pending", "held")
    assert standing(t)[1:] == before
    (asked,) = t.in_force(kept)
    assert asked["applicant"] == "clerk"


@pytest.mark.rule("RET-IN-q")
def test_a_sale_completed_on_a_later_day_waits_for_its_approval() -> None:
    t, day = shop(), day_stream("S1", date(2012, 1, 4))
    elsewhere(day, RecordStoreReceipt(receipt="S", paid=cny("900"), salesperson="li"), "2012-01-04")(t)
    t.at("2012-01-05").ledger.advance()
    before = standing(t)[1:]
    with pytest.raises(Held, match="approval_pending"):
        elsewhere(day, CompleteStoreSale(receipt="S", phone_given=True, card_given=True), "2012-01-05")(t)
    assert standing(t)[1:] == before
    assert "core.approval_requested" in [x.name for x in t.ledger.history(day).lines()]


# ---------------------------------------------------------------- what already happened


@pytest.mark.rule("RET-IN-r")
def test_what_happened_against_a_rule_is_kept_and_flagged() -> None:
    t = shop()
    t.redeem("2012-01-05", "X", 1_001, known="2012-01-06")
    assert t.flags() == [("retail.points_redeemed", "kept_with_breach")]
    assert (t.points().redemptions["X"].asked, t.points().balance) == (1_001, -1)
    assert [v.flags for v in t.ledger.take_in([])] == []


@pytest.mark.rule("RET-IN-r")
def test_an_imported_holder_of_a_taken_number_is_kept_and_the_first_one_stays() -> None:
    t = shop().at("2012-01-06")
    telling = attrs.evolve(arriving(1, EnrolMember(name="王芳", mobile=N1), "2012-01-05"), subject=FRIEND)
    (verdict,) = t.ledger.take_in([telling])
    assert verdict.status == "accepted"
    codes = [
        dict(x.fields or {}).get("code") for x in t.ledger.history(FRIEND).lines() if x.status == "in force"
    ]
    assert "claim_denied" in codes
    assert "retail.member_enrolled" in [x.name for x in t.ledger.history(FRIEND).lines()]


@pytest.mark.rule("RET-IN-r")
def test_a_redemption_whose_points_fell_away_is_kept_without_ground() -> None:
    t = shop()
    t.redeem("2012-01-20", "X", 400)
    t.refund("2012-01-10", "R0", "1000", known="2012-01-30")
    assert t.flags() == [("retail.points_redeemed", "without_ground")]
    assert t.points().redemptions["X"].asked == 400


@pytest.mark.rule("RET-IN-r")
def test_a_key_customer_received_by_another_is_an_entry_with_a_flag() -> None:
    t = shop()
    t.tell("2012-01-04", DesignateKeyCustomer())
    visit = RecordStoreVisit(visit="V", outlet="S1", received_by="zhao", outcome="bought")
    assert t.tell("2012-01-05", visit).entries
    (flag,) = t.in_force("retail.received_by_other")
    assert (flag["visit"], flag["code"]) == ("V", "received_by_other")


@pytest.mark.rule("RET-IN-s")
def test_a_birthday_on_29_february_is_accepted() -> None:
    t = shop()
    t.tell("2012-01-05", EnrolMember(name="王芳", mobile=N2, form={"birthday": "1984-02-29"}), member=FRIEND)
    t.tell("2012-01-05", guanxi.RecordProfileFact(field_name="birthday", value="2000-02-29"))
    state = t.ledger.history(MEMBER).values()
    assert "2000-02-29" in str(state)
