"""A reader's subscription: agreement, membership fees, chapters (RET-52)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from guanxi import Conflict, Facet, Fact, Invalid, Label, Money, Now, Refusal, Unknown
from guanxi.relationship.pipeline.events import ContractEnded, ContractSigned
from guanxi_retail.reading.commands import BuyChapter, PayMembershipFee, SignReadingAgreement
from guanxi_retail.reading.events import ChapterPurchased, MembershipFeePaid, ReadingAgreementSigned
from guanxi_retail.reading.rules import ChapterPriceRules, ReadingRules

RULE = "RET-52"


class AlreadyBought(Refusal):
    """A chapter that was bought is not sold again: nothing new, and nothing charged."""

    outcome = "duplicate"


@attrs.frozen
class Membership:
    """One membership that was paid for.

    Args:
        credited_at: when its fee came in; it counts from then.
        first_day: its first day.
        last_day: its last one.
    """

    credited_at: datetime
    first_day: date
    last_day: date


@attrs.define
class Subscription:
    """What a reader agreed to, paid for, and bought."""

    agreements: list[str] = attrs.field(factory=list)
    contracts: list[str] = attrs.field(factory=list)
    memberships: dict[str, Membership] = attrs.field(factory=dict)
    chapters: dict[str, Decimal] = attrs.field(factory=dict)

    def agreed(self, rules: ReadingRules) -> bool:
        """Return whether an agreement is signed.

        Args:
            rules: which contracts are reading agreements.
        """
        return bool(self.agreements) or any(map(rules.is_agreement, self.contracts))

    def credited(self, at: datetime) -> bool:
        """Return whether a fee has come in by a moment, for a membership that has begun.

        Args:
            at: the moment.
        """
        return any(m.credited_at <= at and m.first_day <= at.date() for m in self.memberships.values())

    def lasts(self, at: datetime) -> bool:
        """Return whether a membership that was paid for lasts at a moment.

        Args:
            at: the moment.
        """
        day = at.date()
        return any(
            m.credited_at <= at and m.first_day <= day <= m.last_day for m in self.memberships.values()
        )

    def may_read(self, work: str, chapter: str) -> bool:
        """Return whether a chapter is the reader's; what was bought stays readable when the membership ends.

        Args:
            work: which work.
            chapter: its number.
        """
        return chapter_key(work, chapter) in self.chapters


def chapter_key(work: str, chapter: str) -> str:
    """Return the name of a chapter among all works."""
    return f"{work}/{chapter}"


subscription = Facet("retail.subscription", Subscription, title=Label("Subscription", "VIP订阅"))


@subscription.evolve
def _agreed(s: Subscription, e: ReadingAgreementSigned) -> None:
    s.agreements.append(e.agreement)


@subscription.evolve
def _contract(s: Subscription, e: ContractSigned | ContractEnded) -> None:
    if isinstance(e, ContractSigned):
        s.contracts.append(e.contract)
    elif e.contract in s.contracts:
        s.contracts.remove(e.contract)


@subscription.evolve
def _paid(s: Subscription, e: MembershipFeePaid) -> None:
    s.memberships[e.fee] = Membership(e.credited_at, e.first_day, e.last_day)


@subscription.evolve
def _bought(s: Subscription, e: ChapterPurchased) -> None:
    s.chapters.setdefault(chapter_key(e.work, e.chapter), e.price.amount)


@subscription.decide
def _sign(s: Subscription, c: SignReadingAgreement, now: Now) -> Iterator[Fact]:
    if c.agreement in s.agreements:
        raise _taken(c.agreement)
    yield ReadingAgreementSigned(agreement=c.agreement, wording_version=c.wording_version)


@subscription.decide
def _pay(s: Subscription, c: PayMembershipFee, now: Now) -> Iterator[Fact]:
    if c.fee in s.memberships:
        raise _taken(c.fee)
    credited = now.at if c.credited_at is None else c.credited_at
    initiated = credited if c.initiated_at is None else c.initiated_at
    first = credited.astimezone(now.at.tzinfo).date() if c.first_day is None else c.first_day
    last = now.rules(ReadingRules).last_day(first) if c.last_day is None else c.last_day
    if not initiated <= credited <= now.at or last < first:
        raise Invalid(
            "invalid_date",
            f"initiated {initiated}, credited {credited}, from {first} to {last}",
            zh=f"支付 {initiated}，到账 {credited}，期限 {first} 至 {last}",
            rule=RULE,
            accepts="initiated before credited, credited by now, a last day on or after the first",
        )
    yield MembershipFeePaid(
        fee=c.fee,
        amount=c.amount,
        first_day=first,
        last_day=last,
        initiated_at=initiated,
        credited_at=credited,
    )


def _taken(number: str) -> Conflict:
    return Conflict(
        "source_conflict",
        f"{number} is on record",
        zh=f"{number} 已登记",
        rule=RULE,
        accepts="another number, or a correction of the first entry",
    )


@subscription.decide
def _buy(s: Subscription, c: BuyChapter, now: Now) -> Iterator[Fact]:
    if s.may_read(c.work, c.chapter):
        raise AlreadyBought(
            "already_bought",
            f"chapter {c.chapter} of {c.work} was bought already, nothing is charged",
            zh=f"{c.work} 第 {c.chapter} 章已购买，不再收费",
            rule=RULE,
            accepts="another chapter",
        )
    price = _price(c, now)
    if not now.happened and price:
        _may_buy(s, now)
    currency = now.rules(ChapterPriceRules).currency
    yield ChapterPurchased(work=c.work, chapter=c.chapter, price=Money(price, currency), access_at=now.at)


def _price(c: BuyChapter, now: Now) -> Decimal:
    """Return the price in force; a rise counts only once it was known for the days of notice."""
    rules = now.rules(ChapterPriceRules)
    if rules.is_free(c.work, c.chapter):
        return Decimal(0)
    listed = rules.price(c.work)
    if listed is None:
        raise Unknown(
            "unknown_code",
            f"{c.work} has no chapter price",
            zh=f"{c.work} 没有章节价格",
            rule=RULE,
            accepts=", ".join(sorted(rules.prices)) or "a work on the price list that is to be published",
        )
    if not rules.notice_days:
        return listed
    before = now.rules_at(ChapterPriceRules, now.at - timedelta(days=rules.notice_days)).price(c.work)
    return listed if before is None else min(listed, before)


def _may_buy(s: Subscription, now: Now) -> None:
    now.require(
        s.agreed(now.rules(ReadingRules)),
        "agreement_missing",
        RULE,
        "no reading agreement is signed",
        zh="尚未签订阅读协议",
        accepts="the agreement first",
    )
    now.require(
        s.credited(now.at),
        "fee_not_credited",
        RULE,
        "no membership fee has come in",
        zh="会员费尚未到账",
        accepts="the fee, once it is credited",
    )
    now.require(
        s.lasts(now.at),
        "membership_expired",
        RULE,
        "the membership has ended",
        zh="会员已到期",
        accepts="a further membership fee",
    )


@subscription.holds(RULE, "agreement_missing")
def _with_agreement(s: Subscription, e: ChapterPurchased, now: Now) -> bool:
    return not e.price.amount or s.agreed(now.rules(ReadingRules))


@subscription.holds(RULE, "fee_not_credited")
def _with_fee(s: Subscription, e: ChapterPurchased, now: Now) -> bool:
    return not e.price.amount or s.credited(now.at)


@subscription.holds(RULE, "membership_expired")
def _while_member(s: Subscription, e: ChapterPurchased, now: Now) -> bool:
    return not e.price.amount or not s.credited(now.at) or s.lasts(now.at)
