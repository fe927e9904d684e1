"""What may be told about memberships, cards and reservations."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from guanxi import Command, Invalid, Unknown, command, field, personal
from guanxi.relationship.care.days import day_of
from guanxi_retail.checks import named
from guanxi_retail.membership.events import Ground, ReservationStatus

BIRTH_DATE, BIRTHDAY = "birth_date", "birthday"


def _coded(literal: Any, rule: str) -> Any:
    codes = typing.get_args(literal)

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in codes:
            raise Unknown(
                "unknown_code",
                f"{value!r} is no {attribute.name}",
                zh=f"{attribute.name} 不能为 {value!r}",
                rule=rule,
                accepts=", ".join(codes),
            )

    return check


def _filled_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form that say something; a ``birthday`` is the ``birth_date`` that greetings go by.

    Raises:
        Invalid: ``invalid_date``; the day of birth is no day.
    """
    told = {name: value.strip() for name, value in form.items() if value.strip()}
    if BIRTHDAY in told:
        told.setdefault(BIRTH_DATE, told[BIRTHDAY])
        del told[BIRTHDAY]
    if BIRTH_DATE in told and day_of(told[BIRTH_DATE]) is None:
        # What was told is about a person, and stands in no message.
        raise Invalid(
            "invalid_date",
            f"the {BIRTH_DATE} of the form is no day",
            zh="表单中的生日不是有效日期",
            rule="RET-01",
            accepts="a day such as 1988-02-29",
        )
    return told


@command("retail.enrol_member")
class EnrolMember(Command):
    """Enrol a member by his form; the mobile number is the card number (RET-01).

    Args:
        mobile: with or without country code; one without is of the programme's region.
        name: the member's; what is on file if not given.
        form: further fields of the form by name, they go to the customer's file. ``birth_date``, such as
            ``1988-02-29``, is what greetings go by (RET-29); a form may call it ``birthday``.
        programme: which programme.
        source_channel: how he came.
        outlet: store.
    """

    mobile: str | None = personal("contact", default=None)
    name: str | None = personal("identity", default=None)
    form: dict[str, str] = personal("identity", default=attrs.Factory(dict), converter=_filled_in)
    programme: str = field(default="main", validator=named)
    source_channel: str | None = field(default=None)
    outlet: str | None = field(default=None)


@command("retail.issue_member_card")
class IssueMemberCard(Command):
    """Hand a member's card over: a person's act (RET-04).

    Args:
        ground: ``form``, ``purchase`` (an entitlement has to stand) or ``vip``.
        card_class: what kind of card.
        receipt: that it was handed over on.
    """

    ground: Ground = field(default="form", validator=_coded(Ground, "RET-04"))
    card_class: str | None = field(default=None)
    receipt: str | None = field(default=None)


@command("retail.rebind_member_card")
class RebindMemberCard(Command):
    """Change a member's mobile number, which is his card number (RET-02).

    Args:
        mobile: the new number.
        proof: by what he showed that both are his.
        old: the number that it takes the place of, where a merged file has several.
    """

    mobile: str = personal("contact")
    proof: str = personal("contact", validator=named)
    old: str | None = personal("contact", default=None)


@command("retail.take_up_member_card")
class TakeUpMemberCard(Command):
    """Take up a number that an import told of while somebody else held it, now that it is free (RET-02).

    Args:
        mobile: the number.
    """

    mobile: str = personal("contact")


@command("retail.release_member_card")
class ReleaseMemberCard(Command):
    """Free a number in the file that brought it along, since it was given up in the one it is merged into (RET-02).

    Args:
        card: the number, in E.164.
    """

    card: str = personal("contact")


@command("retail.leave_programme")
class LeaveProgramme(Command):
    """End a membership because the member leaves (RET-02)."""


@command("retail.record_reservation")
class RecordReservation(Command):
    """Record a booking, or what became of it (RET-03).

    Args:
        reservation: its number; once per customer.
        status: ``made``, ``kept``, ``cancelled`` or ``no_show``.
        for_time: for when; needed when it is made.
        service: for what.
    """

    reservation: str = field(validator=named)
    status: ReservationStatus = field(default="made", validator=_coded(ReservationStatus, "RET-03"))
    for_time: datetime | None = field(default=None)
    service: str | None = personal("service", default=None)


COMMANDS = (
    EnrolMember,
    IssueMemberCard,
    RebindMemberCard,
    TakeUpMemberCard,
    ReleaseMemberCard,
    LeaveProgramme,
    RecordReservation,
)
