"""Retail: members, purchases, points, tiers, and what they say about customers. A plugin of guanxi."""

from __future__ import annotations

from guanxi import Parts, hookimpl
from guanxi_retail.analysis.commands import RecordExitReason
from guanxi_retail.analysis.rules import ClvRules, LapseRules, RfmRules, SpendClassRules
from guanxi_retail.assembly import PARTS
from guanxi_retail.care.rules import CareRules
from guanxi_retail.cars.calls import CallAboutFeedback
from guanxi_retail.cars.commands import (
    ApproveVehicleLoan,
    ConsentToContract,
    DoVehicleFormality,
    DraftVehicleContract,
    GiveVehicleBriefing,
    HandOverVehicle,
    IntroduceVehicle,
    TakeTestDrive,
)
from guanxi_retail.cars.rules import NationalPriceRules, VehicleFeedbackRules, VehicleOrderRules
from guanxi_retail.group_purchase.commands import (
    ApplyForVip,
    CountCustomerStock,
    DecideVipNomination,
    NominateForVip,
    RemoveFromVipList,
)
from guanxi_retail.group_purchase.handing_in import hand_in, issue_of
from guanxi_retail.group_purchase.rules import (
    GroupFileRules,
    StockRules,
    VipRules,
    WeeklyReportRules,
    jar_chain,
)
from guanxi_retail.membership.caller import CallerCard, caller_card
from guanxi_retail.membership.commands import (
    EnrolMember,
    IssueMemberCard,
    LeaveProgramme,
    RebindMemberCard,
    RecordReservation,
    TakeUpMemberCard,
)
from guanxi_retail.membership.events import MemberEnrolled
from guanxi_retail.membership.holders import Holder, Whose, hand_on, member_of
from guanxi_retail.membership.membership import Membership
from guanxi_retail.membership.rules import (
    CallerRules,
    CardRules,
    EnrolmentRules,
    IncentiveRules,
    IntakeRules,
)
from guanxi_retail.points.commands import (
    AdjustPoints,
    DecideAdjustment,
    RedeemPoints,
    ReturnPoints,
    UndoRedemption,
)
from guanxi_retail.points.events import PointsEarned, PointsRedeemed
from guanxi_retail.points.rules import PointsLiabilityRules, PointsReportRules, PointsRules
from guanxi_retail.promotions.commands import (
    ChooseReferralReward,
    DrawScratchCard,
    PayOutVoucher,
    PrintVoucher,
    RecordExchange,
    RecordReferral,
)
from guanxi_retail.promotions.events import ExchangedLine, VoucherIssued
from guanxi_retail.promotions.pricing import discounted, priced
from guanxi_retail.promotions.rules import (
    CashLadderRules,
    CashOffRules,
    EVoucherRules,
    ExchangeRules,
    ReferralRules,
    ScratchCardRules,
    StackedDiscountRules,
    TenderRules,
    VoucherRules,
)
from guanxi_retail.purchases.commands import RecordPurchase, RefundPurchase
from guanxi_retail.purchases.events import (
    PurchaseRecorded,
    PurchaseRefunded,
    ReceiptLine,
    ReturnedLine,
    Tender,
)
from guanxi_retail.reading.commands import BuyChapter, CountContentUse, PayMembershipFee, SignReadingAgreement
from guanxi_retail.reading.rules import ChapterPriceRules, ReadingRules
from guanxi_retail.reading.subscription import AlreadyBought
from guanxi_retail.store.campaigns import file_store_evaluation
from guanxi_retail.store.claims import claim_receipt
from guanxi_retail.store.commands import (
    CheckServiceStandard,
    ChooseBestEmployee,
    CompleteSale,
    CompleteStoreSale,
    CountFootfall,
    DecideCompletion,
    DecideStoreCompletion,
    DesignateKeyCustomer,
    FollowUpCardRules,
    HoldVipReview,
    OpenStore,
    PublishServiceStandard,
    RecordStoreReceipt,
    RecordStoreVisit,
    RecordWalkInVisit,
    RefundStoreReceipt,
    ReportOnMeasure,
)
from guanxi_retail.store.events import Article, Measure
from guanxi_retail.store.months import STORE_SALES
from guanxi_retail.store.rules import (
    CardFollowUpRules,
    SalesCreditRules,
    ServiceStandardRules,
    StoreCampaignRules,
    StoreRules,
)
from guanxi_retail.store.streams import day_stream, store_stream
from guanxi_retail.store.voiding import void_exchange, void_receipt, void_refund
from guanxi_retail.tiers.commands import DecideTier, SetTier
from guanxi_retail.tiers.events import TierChanged
from guanxi_retail.tiers.rules import TierRules
from guanxi_retail.tiers.what_if import tier_what_if
from guanxi_retail.version import VERSION as __version__  # noqa: N811


class _Plugin:
    """The object the entry point names."""

    @hookimpl
    def guanxi_parts(self) -> Parts:
        """Return retail's parts."""
        return PARTS


plugin = _Plugin()

__all__ = [
    "STORE_SALES",
    "AdjustPoints",
    "AlreadyBought",
    "ApplyForVip",
    "ApproveVehicleLoan",
    "Article",
    "BuyChapter",
    "CallAboutFeedback",
    "CallerCard",
    "CallerRules",
    "CardFollowUpRules",
    "CardRules",
    "CareRules",
    "CashLadderRules",
    "CashOffRules",
    "ChapterPriceRules",
    "CheckServiceStandard",
    "ChooseBestEmployee",
    "ChooseReferralReward",
    "ClvRules",
    "CompleteSale",
    "CompleteStoreSale",
    "ConsentToContract",
    "CountContentUse",
    "CountCustomerStock",
    "CountFootfall",
    "DecideAdjustment",
    "DecideCompletion",
    "DecideStoreCompletion",
    "DecideTier",
    "DecideVipNomination",
    "DesignateKeyCustomer",
    "DoVehicleFormality",
    "DraftVehicleContract",
    "DrawScratchCard",
    "EVoucherRules",
    "EnrolMember",
    "EnrolmentRules",
    "ExchangeRules",
    "ExchangedLine",
    "FollowUpCardRules",
    "GiveVehicleBriefing",
    "GroupFileRules",
    "HandOverVehicle",
    "HoldVipReview",
    "Holder",
    "IncentiveRules",
    "IntakeRules",
    "IntroduceVehicle",
    "IssueMemberCard",
    "LapseRules",
    "LeaveProgramme",
    "Measure",
    "MemberEnrolled",
    "Membership",
    "NationalPriceRules",
    "NominateForVip",
    "OpenStore",
    "PayMembershipFee",
    "PayOutVoucher",
    "PointsEarned",
    "PointsLiabilityRules",
    "PointsRedeemed",
    "PointsReportRules",
    "PointsRules",
    "PrintVoucher",
    "PublishServiceStandard",
    "PurchaseRecorded",
    "PurchaseRefunded",
    "ReadingRules",
    "RebindMemberCard",
    "ReceiptLine",
    "RecordExchange",
    "RecordExitReason",
    "RecordPurchase",
    "RecordReferral",
    "RecordReservation",
    "RecordStoreReceipt",
    "RecordStoreVisit",
    "RecordWalkInVisit",
    "RedeemPoints",
    "ReferralRules",
    "RefundPurchase",
    "RefundStoreReceipt",
    "RemoveFromVipList",
    "ReportOnMeasure",
    "ReturnPoints",
    "ReturnedLine",
    "RfmRules",
    "SalesCreditRules",
    "ScratchCardRules",
    "ServiceStandardRules",
    "SetTier",
    "SignReadingAgreement",
    "SpendClassRules",
    "StackedDiscountRules",
    "StockRules",
    "StoreCampaignRules",
    "StoreRules",
    "TakeTestDrive",
    "TakeUpMemberCard",
    "Tender",
    "TenderRules",
    "TierChanged",
    "TierRules",
    "UndoRedemption",
    "VehicleFeedbackRules",
    "VehicleOrderRules",
    "VipRules",
    "VoucherIssued",
    "VoucherRules",
    "WeeklyReportRules",
    "Whose",
    "__version__",
    "caller_card",
    "claim_receipt",
    "day_stream",
    "discounted",
    "file_store_evaluation",
    "hand_in",
    "hand_on",
    "issue_of",
    "jar_chain",
    "member_of",
    "plugin",
    "priced",
    "store_stream",
    "tier_what_if",
    "void_exchange",
    "void_receipt",
    "void_refund",
]
