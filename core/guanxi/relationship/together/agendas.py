"""Schedules as others see them: superiors what is in them, the section that the time is taken, other sections nothing (CORE-85)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import attrs

from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.privacy import Erased
from guanxi.relationship.access.posts import Post
from guanxi.relationship.access.staff import StaffMember
from guanxi.relationship.access.streams import post_stream, staff_stream
from guanxi.relationship.together.schedules import Schedule, schedule_stream
from guanxi.relationship.together.watching import kept, unasked

S = TypeVar("S")

RULE, BUSY = "CORE-85", "busy"


@attrs.frozen
class Entry:
    """One entry of a schedule as somebody sees it.

    Args:
        starts: its first moment.
        ends: its end.
        shown: ``busy`` where nothing more is shown; None for an appointment that is.
        appointment: its number.
        with_whom: with whom it is.
        customer: the account it concerns.
    """

    starts: datetime
    ends: datetime
    shown: str | None = BUSY
    appointment: str | None = None
    with_whom: str | Erased | None = None
    customer: str | None = None


def agenda(
    ledger: Ledger, person: str, reader: str, start: datetime, end: datetime, *, as_of: datetime | None = None
) -> list[Entry]:
    """Return a person's schedule between two moments as a reader sees it, by the posts of the day.

    Args:
        ledger: where schedules and posts are.
        person: whose.
        reader: who reads it.
        start: the first moment.
        end: the first moment beyond.
        as_of: by the posts of which moment; today's if not given.

    Raises:
        NotPermitted: ``section_closed`` for somebody of another section; the attempt is kept.
    """
    moment = as_of or ledger.clock()
    with unasked():
        above, near = _above(ledger, person, moment), _sections(ledger, person, moment)
        superior = bool(above & _posts(ledger, reader, moment))
        colleague = bool(near & _sections(ledger, reader, moment))
        found = _state(ledger, schedule_stream(person), Schedule, None)
    if reader != person and not superior and not colleague:
        refusal = NotPermitted(
            "section_closed",
            f"{reader} has no post in the section of {person}, and none above him",
            zh=f"{reader} 与 {person} 不在同一版块，也非其上级",
            rule=RULE,
            accepts="a schedule of one's own section",
        )
        raise kept(refusal, ledger, reader, "agenda", schedule_stream(person))
    entries = []
    for number, one in () if found is None else found.between(start, end):
        if reader == person or (superior and not one.private):
            entries.append(Entry(one.starts, one.ends, None, number, one.with_whom, one.customer))
        else:
            entries.append(Entry(one.starts, one.ends))
    return entries


def _posts(ledger: Ledger, user: str, moment: datetime) -> set[str]:
    member = _state(ledger, staff_stream(user), StaffMember, moment)
    return set() if member is None else set(member.posts)


def _sections(ledger: Ledger, user: str, moment: datetime) -> set[str]:
    held = (_state(ledger, post_stream(p), Post, moment) for p in _posts(ledger, user, moment))
    return {p.section for p in held if p is not None and p.section is not None}


def _above(ledger: Ledger, user: str, moment: datetime) -> set[str]:
    """Return the posts above somebody's, up to the top; a circle is followed once."""
    above: set[str] = set()
    step = _posts(ledger, user, moment)
    while step:
        held = (_state(ledger, post_stream(name), Post, moment) for name in sorted(step))
        step = {p.reports_to for p in held if p is not None and p.reports_to is not None} - above
        above |= step
    return above


def _state(ledger: Ledger, stream: str, kind: type[S], moment: datetime | None) -> S | None:
    if stream not in ledger.store.heads([stream]):
        return None
    history = ledger.history(stream)
    found: S = (history if moment is None else history.as_of(moment)).state(kind)
    return found
