"""Stories of care: preferences, consents, messages, gifts, gatherings, campaigns and screening."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi.kernel.values import Money
from guanxi.relationship.campaigns.commands import (
    FileCustomerFeedback,
    ReceiveResponse,
    RecordPlanResult,
    ScreenCustomer,
    TargetCustomer,
)
from guanxi.relationship.care.commands import (
    AttendGathering,
    GiveConsent,
    GiveGift,
    NoteAgeBand,
    ReportDelivery,
    SendMessage,
    SetContactPreference,
    WithdrawConsent,
)
from guanxi.testing.population.telling import Step, Teller

OUTLINE = "syn-2025"
"""The version of the written outline of screening."""


def campaign_of(branch: int, which: int) -> str:
    """Return the id of a branch's campaign, 1 or 2."""
    return f"syn-campaign-{branch:04}-{which}"


def gathering_of(branch: int, month: int) -> str:
    """Return the id of the gathering that a branch holds in a month, from 1."""
    return f"syn-gathering-{branch:04}-{month:02}"


def preference(t: Teller) -> Iterator[Step]:
    """He says when he may be called, and agrees to hear of offers."""
    yield t.say(
        0, 10, SetContactPreference(windows="mon-sun 09:00-20:00", channels=("sms", "email", "phone")), "desk"
    )
    yield t.say(0, 10.5, GiveConsent(wording_version="syn-1", channel="sms", evidence="合成表单"), "desk")


def withdrawal(t: Teller) -> Iterator[Step]:
    """He hears no more of offers, and then agrees again."""
    yield t.say(0, 10, GiveConsent(wording_version="syn-1", channel="email"), "desk")
    yield t.say(20, 10, WithdrawConsent(channel="email", evidence="合成来电"), "desk")


def greeting(t: Teller) -> Iterator[Step]:
    """He is greeted, and it arrives."""
    number = t.code("G")
    sent = SendMessage(
        message=number, kind="greeting", channel="sms", sender=t.customer.staff("seller"), content="合成问候"
    )
    yield t.say(0, 10 + t.draw.random() * 6, sent)
    yield t.say(1, 9.5, ReportDelivery(message=number, outcome="delivered"), "desk")


def offer(t: Teller) -> Iterator[Step]:
    """He gets an offer; without his consent, or late in the evening, it waits."""
    number = t.code("M")
    hour = 22.5 if t.draw.random() < 0.1 else 14.0
    sent = SendMessage(message=number, kind="marketing", channel="sms", bulk=True, content="合成优惠")
    yield t.say(0, hour, sent, "marketing")


def service_note(t: Teller) -> Iterator[Step]:
    """He is told something about his order, and it arrives or not."""
    number, failed = t.code("SN"), t.draw.random() < 0.05
    sent = SendMessage(message=number, kind="order_notice", channel="sms", content="合成通知")
    yield t.say(0, 11, sent, "desk")
    yield t.say(0, 12, ReportDelivery(message=number, outcome="failed" if failed else "delivered"), "desk")


def gift(t: Teller) -> Iterator[Step]:
    """He gets a small present."""
    given = GiveGift(
        gift=t.code("GF"), value=t.money(10, 200), given_by=t.customer.staff("seller"), content="合成礼品"
    )
    yield t.say(0, 15, given)


def age_band(t: Teller) -> Iterator[Step]:
    """His age band of the year is noted."""
    yield t.say(0, 16, NoteAgeBand(), "desk")


def gathering(t: Teller) -> Iterator[Step]:
    """He comes to his branch's gathering."""
    number = gathering_of(t.customer.branch, t.first.month)
    day = t.first.replace(day=26) - t.first
    yield t.say(day.days, 15, AttendGathering(gathering=number, kind="store_event"))


def gone(t: Teller) -> Iterator[Step]:
    """Nothing reaches him."""
    for days in (0, 4):
        number = t.code("M", days + 1)
        greet = SendMessage(message=number, kind="greeting", channel="sms", content="合成问候")
        yield t.say(days, 11, greet)
        yield t.say(days, 12, ReportDelivery(message=number, outcome="failed"), "desk")


def campaign(t: Teller) -> Iterator[Step]:
    """His branch's campaign aims at him, he answers, and what it brought goes into his file."""
    number, touch = campaign_of(t.customer.branch, 1), t.code("M")
    aimed = TargetCustomer(
        campaign=number,
        version=1,
        department="marketing",
        segment="合成客群",
        code=f"{number}-code",
        promotion="gift",
    )
    yield t.say(0, 9.5, aimed, "marketing")
    sent = SendMessage(
        message=touch, kind="service", channel="sms", campaign=number, promotion="gift", content="合成活动"
    )
    yield t.say(1, 11, sent, "marketing")
    answer = ReceiveResponse(
        response=t.code("RS"),
        channel="sms",
        touch=touch,
        revenue=Money(300, "CNY"),
        margin=Money(60, "CNY"),
        content="合成反馈",
    )
    yield t.say(4, 11, answer, "desk")
    yield t.say(15, 10, FileCustomerFeedback(campaign=number, content="合成归档"), "marketing")
    yield t.say(16, 10, RecordPlanResult(cost=Money(30, "CNY"), margin=Money(60, "CNY")), "marketing")


def screening(t: Teller) -> Iterator[Step]:
    """He is looked at under the written outline."""
    yield t.say(0, 10, ScreenCustomer(stage="preliminary", outline_version=OUTLINE), "marketing")
    if t.customer.region != "centre":  # the outline leaves that out
        yield t.say(
            3, 10, ScreenCustomer(stage="shortlist", outline_version=OUTLINE, judged="passed"), "marketing"
        )
