"""Records the golden histories: `python -m plugins.retail.tests.golden.record`, once before each release.

One story in which every event of retail stands, told to a ledger in memory; each of its streams becomes a file.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from guanxi import Command, Held, Money, RecordProfileFact, RuleSet
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.people.rules import LifecycleRules
from guanxi.relationship.pipeline.commands import ConfirmContract
from guanxi.testing import Golden
from guanxi_retail import (
    AdjustPoints,
    ApplyForVip,
    ApproveVehicleLoan,
    BuyChapter,
    CashLadderRules,
    ChapterPriceRules,
    CheckServiceStandard,
    ChooseBestEmployee,
    ChooseReferralReward,
    CompleteSale,
    ConsentToContract,
    CountContentUse,
    CountCustomerStock,
    CountFootfall,
    DesignateKeyCustomer,
    DoVehicleFormality,
    DraftVehicleContract,
    DrawScratchCard,
    EnrolMember,
    ExchangedLine,
    ExchangeRules,
    FollowUpCardRules,
    GiveVehicleBriefing,
    HandOverVehicle,
    HoldVipReview,
    IntroduceVehicle,
    IssueMemberCard,
    LeaveProgramme,
    Measure,
    NationalPriceRules,
    OpenStore,
    PayMembershipFee,
    PointsRules,
    PrintVoucher,
    PublishServiceStandard,
    RebindMemberCard,
    RecordExchange,
    RecordExitReason,
    RecordReferral,
    RecordReservation,
    RecordStoreReceipt,
    RecordStoreVisit,
    RedeemPoints,
    ReferralRules,
    RefundPurchase,
    RefundStoreReceipt,
    RemoveFromVipList,
    ReportOnMeasure,
    ReturnPoints,
    ScratchCardRules,
    SetTier,
    SignReadingAgreement,
    TakeTestDrive,
    TierRules,
    UndoRedemption,
    VehicleOrderRules,
    claim_receipt,
    day_stream,
    hand_on,
    store_stream,
)
from guanxi_retail.assembly import PARTS
from plugins.retail.tests.promotions.counter import back, cash, line, voucher
from plugins.retail.tests.store.test_outlet import answers, articles
from plugins.retail.tests.till import Till, local

FOLDER = Path(__file__).parent
RELEASE = "0.1.0"
D = Decimal
N1, N2, N3 = "13800138000", "13900139000", "13700137000"
SHOP, DAY, WORK, REVIEW = store_stream("S1"), day_stream("S1", date(2012, 1, 21)), "Moon", "vip-review/1"
BEGIN, END = date(2012, 1, 1), date(2012, 1, 31)
RULES: tuple[RuleSet, ...] = (
    PointsRules(months=2, pending_days=1, claim_days=30, multipliers={"cosmetics": D(6)}),
    TierRules(tiers={"Basic": D(0), "Silver": D(1_000), "Gold": D(5_000)}, period="month"),
    CashLadderRules(first_day=BEGIN, last_day=END, campaign="festival"),
    ScratchCardRules(first_day=BEGIN, last_day=END, campaign="scratch"),
    ReferralRules(),
    ExchangeRules(),
    NationalPriceRules(prices={"Breeze": D(120_000)}),
    VehicleOrderRules(required_documents=("id_card",), sales_managers=("manager",)),
    ChapterPriceRules(prices={WORK: D("0.10")}),
    LifecycleRules(lapse_rule="retail"),
)


def cny(amount: str) -> Money:
    return Money(amount, "CNY")


def exchanged(number: str, receipt: str, net: str, price: str) -> RecordExchange:
    """All of a receipt's only line came back for dearer goods."""
    return RecordExchange(
        exchange=number,
        refund=f"{number}-back",
        receipt=f"{number}-new",
        replaces=receipt,
        returned=(ExchangedLine(net=D(net)),),
        goods=(line(1, price, product="coloured_gems"),),
    )


class Story:
    """What happened, in the order in which it was told."""

    def __init__(self) -> None:
        self.till = Till(*RULES)
        self.ledger = self.till.ledger
        for who in ("M-2", "F-1", "L-1", "V-1", "K-1", "W-1", "W-2"):
            self.till.open(who)

    def tell(self, moment: str, who: str, *commands: Command, actor: str = "clerk", **more: Any) -> None:
        self.till.at(more.get("known", moment))
        for command in commands:
            self.ledger.execute(
                who, command, actor=actor, reason="told", occurred_at=local(moment), happened="known" in more
            )

    def members(self) -> None:
        self.tell("2012-01-02", "M-1", EnrolMember(name="李明", mobile=N1), IssueMemberCard())
        self.tell(
            "2012-01-02",
            "M-1",
            RecordReservation(reservation="B", for_time=local("2012-01-09"), service="skin"),
        )
        self.tell("2012-01-03", "M-2", EnrolMember(name="王芳", mobile=N2))
        self.tell("2012-01-04", "M-2", RebindMemberCard(mobile=N3, proof="both shown"))
        self.tell("2012-01-05", "L-1", EnrolMember(name="赵六", mobile=N1), known="2012-01-06")
        self.tell("2012-01-07", "M-1", RebindMemberCard(mobile="13600136000", proof="both shown"))
        hand_on(self.ledger, N1, actor="clerk", reason="given up")
        self.tell("2012-01-08", "L-1", LeaveProgramme())

    def shop(self) -> None:
        t = self.till
        t.buy(
            "2012-01-20",
            "R1",
            "600",
            area="cosmetics",
            lines=(line(1, "600", area="cosmetics"),),
            member="F-1",
        )
        t.tell(
            "2012-01-21",
            RefundPurchase(refund="B1", receipt="R1", paid=cny("200"), lines=(back(1, "200"),)),
            member="F-1",
        )
        t.buy("2012-01-21", "A1", "400", outlet="S1", salesperson="li")
        self.tell("2012-01-21", "M-1", DrawScratchCard(receipt="A1", serial="S-1", prize="towel"))
        key = "RET-11/2012-01-21/1"
        self.tell("2012-01-22", "M-1", PrintVoucher(voucher=key, number="V-001"))
        t.buy("2012-02-01", "A2", "140", tenders=(voucher("60", key), cash("140")))
        t.refund("2012-02-02", "A2", "70")
        t.refund("2012-02-03", "A1", "300")
        t.buy("2012-02-04", "A3", "1200", lines=(line(1, "1200", product="coloured_gems"),))
        exchange = exchanged("E", "A3", "1200", "1300")
        self.tell("2012-02-05", "M-1", exchange, RedeemPoints(redemption="X", points=100))
        self.tell("2012-02-06", "M-1", UndoRedemption(redemption="X"))
        self.tell(
            "2012-02-06",
            "M-1",
            AdjustPoints(adjustment="P", points=50, reason_code="goodwill", approved_by="board"),
        )
        with suppress(Held):
            self.tell("2012-02-06", "M-1", AdjustPoints(adjustment="Q", points=50, reason_code="goodwill"))
        tier = SetTier(
            setting="T", tier="Gold", until=date(2012, 3, 31), reason_code="guest", approved_by="board"
        )
        self.tell("2012-02-07", "M-1", tier)
        with suppress(Held):
            asked = SetTier(setting="U", tier="Silver", until=date(2012, 4, 30), reason_code="guest")
            self.tell("2012-02-07", "F-1", asked)

    def parted(self) -> None:
        """Of an exchange the difference is voided alone."""
        t = self.till
        t.buy("2012-02-07", "P1", "240", member="F-1", lines=(line(1, "240", product="coloured_gems"),))
        exchange = exchanged("G", "P1", "240", "300")
        told = t.tell("2012-02-08", exchange, member="F-1")
        difference = next(one.id for one in told.entries if one.name == "retail.purchase_recorded")
        self.ledger.void(difference, actor="clerk", reason="another customer's")

    def vouchers_of_two(self) -> None:
        """A file uses a voucher of the one that is merged into it."""
        t = self.till
        t.buy("2012-01-09", "W1", "400", member="W-2")
        self.tell("2012-01-10", "W-1", MergeFiles(absorbed="W-2"))
        paid = (voucher("60", "RET-11/2012-01-09/1"), cash("140"))
        t.buy("2012-01-12", "W2", "140", member="W-1", tenders=paid)
        self.tell("2012-01-13", "W-1", UndoMerge(absorbed="W-2"))

    def referral(self) -> None:
        self.tell("2012-02-08", "V-1", RecordReferral(referrer="M-1"))
        self.till.buy("2012-02-09", "F1", "300", member="V-1")
        self.till.buy("2012-02-09", "F2", "150", member="V-1")
        self.tell("2012-02-10", "M-1", ChooseReferralReward(friend="V-1", number="F1", choice="gift"))
        self.till.refund("2012-02-11", "F2", "150", member="V-1")

    def cellar(self) -> None:
        self.tell("2012-02-12", "V-1", ApplyForVip(application="N", route="purchase"))
        self.till.buy("2012-02-13", "L1", "12000", member="V-1", lines=(line(1, "12000", grade="high"),))
        self.tell("2012-02-14", "V-1", RemoveFromVipList(removal="W", reason_code="moved"))
        self.tell("2012-02-15", "V-1", RecordProfileFact(field_name="monthly_use/rice", value="30"))
        self.tell("2012-02-15", "V-1", CountCustomerStock(product="rice", quantity=D(32)))

    def cars(self) -> None:
        drive = TakeTestDrive(
            model="Breeze", role="driver", licence_no="L", licence_valid_to=date(2013, 1, 1)
        )
        drafted = DraftVehicleContract(contract="C", model="Breeze", price=cny("120000"), payment_kind="loan")
        self.tell(
            "2012-02-16",
            "K-1",
            IntroduceVehicle(model="Breeze"),
            drive,
            drafted,
            ConsentToContract(contract="C"),
        )
        self.tell("2012-02-16", "K-1", ConfirmContract(contract="C"), actor="manager")
        self.tell(
            "2012-02-17",
            "K-1",
            HandInDocument(document="D", document_type="id_card", formed_on=date(2012, 2, 16), pages=1),
            RecordReceipt(receipt="R", amount=cny("40000"), earmarked_for="C"),
            ApproveVehicleLoan(contract="C", bank="ICBC", amount=cny("80000")),
            DoVehicleFormality(contract="C", kind="plates"),
            HandOverVehicle(contract="C", briefing_done=False),
            GiveVehicleBriefing(contract="C"),
        )

    def reading(self) -> None:
        fee = PayMembershipFee(fee="Z", amount=cny("3.00"))
        signed = SignReadingAgreement(agreement="A", wording_version="1")
        self.tell("2012-02-18", "K-1", signed, fee, BuyChapter(work=WORK, chapter="9"))
        self.tell("2012-02-18", WORK, CountContentUse(month=date(2012, 1, 1), clicks=10_000))

    def store(self) -> None:
        t = self.till
        self.tell("2012-02-18", SHOP, OpenStore(), ChooseBestEmployee(employee="li", ground="most credited"))
        self.tell("2012-02-18", SHOP, PublishServiceStandard(articles=articles()))
        self.tell("2012-02-19", SHOP, CheckServiceStandard(check="C", clauses=answers(100)))
        sold = day_stream("S1", date(2012, 2, 19))
        self.tell("2012-02-19", sold, RecordStoreReceipt(receipt="S-1", paid=cny("90"), salesperson="li"))
        self.tell("2012-02-19", sold, RecordStoreReceipt(receipt="S-2", paid=cny("80"), salesperson="li"))
        self.tell("2012-02-19", sold, RefundStoreReceipt(refund="S-9", receipt="S-2", paid=cny("80")))
        hours = {"begins": local("2012-02-19T10:00"), "ends": local("2012-02-19T11:00")}
        self.tell("2012-02-19T12:00", sold, CountFootfall(entrance="south", persons=6_000, **hours))
        t.at("2012-02-20")
        claim_receipt(
            self.ledger, "M-1", "S-1", outlet="S1", day=date(2012, 2, 19), actor="clerk", proof="paper"
        )
        t.buy("2012-02-20", "A4", "900", outlet="S1", salesperson="li")
        self.tell("2012-02-21", "M-1", CompleteSale(receipt="A4", phone_given=True, approved_by="manager"))
        t.buy("2012-02-20", "A5", "80", outlet="S1", salesperson="li")
        with suppress(Held):
            self.tell("2012-02-21", "M-1", CompleteSale(receipt="A5", phone_given=True))
        self.tell("2012-02-21", "M-1", DesignateKeyCustomer())
        visit = RecordStoreVisit(visit="1", outlet="S1", received_by="li", outcome="bought")
        self.tell("2012-02-22", "M-1", visit)
        call = Measure(number="1", text="call every VIP", person="zhao")
        self.tell("2012-02-23", REVIEW, HoldVipReview(outlet="S1", chair="zhao", measures=(call,)))
        self.tell("2012-02-23", "vip-review/2", HoldVipReview(outlet="S1", chair="zhao", measures=(call,)))
        self.tell(
            "2012-02-24", REVIEW, ReportOnMeasure(measure="1", outcome="done", at_review="vip-review/2")
        )
        t.publish(PointsRules(rate=D(2), months=2), "2012-03-01")
        parts = {"feedback": "more", "operation": "well", "improvement": "measure", "measure": "less waiting"}
        t.at("2012-07-01")
        follow = FollowUpCardRules(rule_set="retail.points", version=2, vip_traits="gold", **parts)
        self.tell("2012-07-01", HOUSE, follow)

    def merged(self) -> None:
        self.till.buy("2012-07-02", "G1", "100", member="M-2")
        self.tell("2012-07-05", "M-1", MergeFiles(absorbed="M-2"))
        again = RebindMemberCard(mobile=N2, proof="both shown", old=N3)
        self.tell("2012-07-05T12:00", "M-1", again)
        self.till.buy("2012-07-05T13:00", "G2", "50", member="M-2")
        offline = RedeemPoints(redemption="Z", points=20)
        self.tell("2012-07-05T14:00", "M-2", offline, known="2012-07-05T15:00")
        self.tell("2012-07-06", "M-1", UndoMerge(absorbed="M-2"))
        self.tell("2012-07-07", "M-1", ReturnPoints(absorbed="M-2"))

    def gone(self) -> None:
        self.tell("2012-07-08", "F-1", RecordExitReason(reason_code="price"))
        self.tell("2012-07-08", "F-1", RedeemPoints(redemption="Y", points=9_999), known="2012-07-09")
        self.till.at("2013-06-30").ledger.advance()

    def told(self) -> dict[str, set[str]]:
        """The names of the events in each stream."""
        found: dict[str, set[str]] = {}
        after = 0
        while page := self.ledger.search(after=after):
            for one in page:
                found.setdefault(one.originator_id, set()).add(one.event.stored_name if one.event else "")
            after = page[-1].entry.position
        return found


def record(folder: Path = FOLDER) -> set[str]:
    """Tell the story and write its streams; return the names of retail's events that are in none of them."""
    story = Story()
    for part in (
        story.members,
        story.vouchers_of_two,
        story.shop,
        story.parted,
        story.referral,
        story.cellar,
        story.cars,
        story.reading,
        story.store,
        story.merged,
        story.gone,
    ):
        part()
    told = story.told()
    wanted = {event.stored_name for event in PARTS.events}
    streams = [s for s, names in told.items() if names & wanted]
    for number, stream in enumerate(streams, 1):
        Golden.record(story.ledger, stream, folder / f"{RELEASE}-{number:02}.jsonl")
    story.ledger.close()
    return wanted - set().union(*told.values())


if __name__ == "__main__":
    print("missing:", sorted(record()))
