"""What makes a reader a VIP, what he buys, and what is only counted."""

from __future__ import annotations

from datetime import date, datetime

from guanxi import Fact, Money, event, field


@event("retail.reading_agreement_signed", number="agreement")
class ReadingAgreementSigned(Fact):
    """The reader agreed to the terms of paid reading, in a version (RET-52)."""

    agreement: str
    wording_version: str


@event("retail.membership_fee_paid", number="fee")
class MembershipFeePaid(Fact):
    """A membership fee was credited; between its initiation and that the reader waited (RET-52)."""

    fee: str
    amount: Money
    first_day: date
    last_day: date
    initiated_at: datetime
    credited_at: datetime


@event("retail.chapter_purchased")
class ChapterPurchased(Fact):
    """A chapter was bought, or opened free of charge; it stays readable (RET-52)."""

    work: str
    chapter: str
    price: Money
    access_at: datetime


@event("retail.content_use_counted")
class ContentUseCounted(Fact):
    """Clicks and downloads of a month, named by its first day; counted without any person (RET-53).

    ``users`` is how many users the site had at the month's end, where the count is for the whole site.
    """

    work: str
    month: date
    clicks: int
    downloads: int
    users: int | None = field(default=None)


EVENTS = (ReadingAgreementSigned, MembershipFeePaid, ChapterPurchased, ContentUseCounted)
