"""What may be ordered or told about paid reading."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from guanxi import Command, Invalid, Money, command, field
from guanxi_retail.checks import money, named, quantity


def _quantity_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None:
        quantity(instance, attribute, value)


def _aware(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise Invalid(
            "naive_datetime",
            f"{attribute.name} has no zone",
            zh=f"{attribute.name} 缺少时区",
            rule="RET-52",
            accepts="a moment with its offset, such as 2012-05-01T20:00+08:00",
        )


@command("retail.sign_reading_agreement")
class SignReadingAgreement(Command):
    """Agree to the terms of paid reading.

    Args:
        agreement: its number.
        wording_version: version of the terms.
    """

    agreement: str = field(validator=named)
    wording_version: str = field(validator=named)


@command("retail.pay_membership_fee")
class PayMembershipFee(Command):
    """Record that a membership fee was credited.

    Args:
        fee: its number.
        amount: how much.
        initiated_at: when the reader paid; when it was credited if not given.
        credited_at: when it came in; the moment of the entry if not given.
        first_day: first day of the membership; that of crediting if not given.
        last_day: its last day; by the term in force if not given.
    """

    fee: str = field(validator=named)
    amount: Money = field(validator=money)
    initiated_at: datetime | None = field(default=None, validator=_aware)
    credited_at: datetime | None = field(default=None, validator=_aware)
    first_day: date | None = field(default=None)
    last_day: date | None = field(default=None)


@command("retail.buy_chapter")
class BuyChapter(Command):
    """Buy a chapter at the price in force, or open a free one.

    Args:
        work: which work.
        chapter: its number in the work.
    """

    work: str = field(validator=named)
    chapter: str = field(validator=named)


@command("retail.count_content_use")
class CountContentUse(Command):
    """Record clicks and downloads of a month in the stream of a work, whose id is the command's subject.

    Args:
        month: any day of it.
        clicks: how many.
        downloads: how many.
        users: how many users the site had at the month's end, where the count is for the whole site.
    """

    month: date
    clicks: int = field(validator=quantity)
    downloads: int = field(default=0, validator=quantity)
    users: int | None = field(default=None, validator=_quantity_or_none)


COMMANDS = (SignReadingAgreement, PayMembershipFee, BuyChapter, CountContentUse)
