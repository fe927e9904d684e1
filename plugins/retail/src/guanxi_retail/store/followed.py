"""New versions of card and points rules, and the figures of the windows before and after each (RET-55)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction

import attrs

from guanxi import (
    Asked,
    Label,
    Reader,
    ReadModel,
    Rows,
    RuleSetPublished,
    RuleSetWithdrawn,
    add_months,
    column,
)
from guanxi.relationship.grading.events import GradeSet
from guanxi.relationship.service.events import FeedbackReceived
from guanxi_retail.membership.events import MemberCardIssued, MemberEnrolled
from guanxi_retail.points.events import PointsEarned, PointsRedeemed
from guanxi_retail.purchases.events import PurchaseRecorded
from guanxi_retail.store.events import CardRulesFollowedUp
from guanxi_retail.store.metrics import ratio
from guanxi_retail.store.rules import CardFollowUpRules

_DAY = timedelta(days=1)
SCHEMES = ("spend_class", "rfm")
"""Classes whose shift says how the VIPs' consumption changed."""
Days = tuple[date, date]
"""The first and last day of a window."""


# Versions


@attrs.define
class VersionRow:
    """A version of a rule set, from the day it is in force."""

    rule_set: str = column(key=True)
    version: int = column(key=True)
    effective_on: date | None = None
    withdrawn: bool = False


rule_versions = ReadModel(
    "retail.rule_versions", VersionRow, title=Label("Versions of rule sets", "规则集版本")
)


@rule_versions.on
def _published(rows: Rows[VersionRow], e: RuleSetPublished, at: datetime) -> None:
    rows[e.rule_set, e.version].effective_on = at.date()


@rule_versions.on
def _withdrawn(rows: Rows[VersionRow], e: RuleSetWithdrawn, at: datetime) -> None:
    rows[e.rule_set, e.version].withdrawn = True


@attrs.frozen
class FollowedVersion:
    """A new version and its windows.

    Args:
        rule_set: its stored name.
        version: which version.
        before: the window before it.
        after: the window from its first day on.
        cut_short: whether the next version cut it short.
    """

    rule_set: str
    version: int
    before: Days
    after: Days
    cut_short: bool


def windows(effective: date, following: date | None, months: int) -> tuple[Days, Days, bool]:
    """Return the windows before and after a version, of equal length, and whether the next version cuts them short.

    Args:
        effective: the version's first day.
        following: the next version's first day, if there is one.
        months: how long windows are.
    """
    ends, length = add_months(effective, months), months
    cut_short = following is not None and following < ends
    if following is not None and cut_short:
        ends = following
        length = next((n for n in range(1, months) if add_months(effective, n) == ends), 0)
    begins = add_months(effective, -length) if length else effective - (ends - effective)
    return (begins, effective - _DAY), (effective, ends - _DAY), cut_short


def published_versions(reader: Reader, asked: Asked) -> Iterator[FollowedVersion]:
    """Yield the new versions of the rule sets that are followed up; the first of each is not new.

    Args:
        reader: over ``rule_versions``.
        asked: the cut.
    """
    followed = asked.rules(CardFollowUpRules).rule_sets
    days: dict[str, dict[date, int]] = {name: {} for name in followed}
    for _, row in reader.rows(rule_versions):
        if row.rule_set in days and row.effective_on is not None and not row.withdrawn:
            of = days[row.rule_set]
            of[row.effective_on] = max(row.version, of.get(row.effective_on, 0))
    for name in followed:
        begun = sorted(days[name])
        for effective, following in zip(begun[1:], [*begun[2:], None], strict=False):
            if effective > asked.day:
                continue
            months = asked.rules(CardFollowUpRules).window_months
            yield FollowedVersion(name, days[name][effective], *windows(effective, following, months))


# What was reviewed


@attrs.define
class FollowUpRow:
    """The follow-up of a version."""

    rule_set: str = column(key=True)
    version: int = column(key=True)
    at: datetime | None = None
    measure: str | None = None
    no_measure_because: str | None = None
    vip_traits: str = ""


follow_up_rows = ReadModel("retail.card_follow_ups", FollowUpRow, title=Label("Follow-ups", "制度跟踪"))


@follow_up_rows.on
def _followed_up(rows: Rows[FollowUpRow], e: CardRulesFollowedUp, at: datetime) -> None:
    row = rows[e.rule_set, e.version]
    row.at = row.at or at
    row.measure, row.no_measure_because, row.vip_traits = e.measure, e.no_measure_because, e.vip_traits


# Figures


@attrs.define
class MemberDayRow:
    """What a member did on a day, as far as card rules are judged by it."""

    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    enrolled: int = 0
    cards: int = 0
    purchases: int = 0
    earned: int = 0
    redeemed: int = 0


member_days = ReadModel("retail.member_days", MemberDayRow, title=Label("Members by day", "会员逐日情况"))


@member_days.on
def _enrolled(rows: Rows[MemberDayRow], e: MemberEnrolled, at: datetime) -> None:
    rows[at.date()].enrolled += 1


@member_days.on
def _issued(rows: Rows[MemberDayRow], e: MemberCardIssued, at: datetime) -> None:
    rows[at.date()].cards += 1


@member_days.on
def _bought(rows: Rows[MemberDayRow], e: PurchaseRecorded, at: datetime) -> None:
    rows[at.date()].purchases += e.is_occasion


@member_days.on
def _earned(rows: Rows[MemberDayRow], e: PointsEarned, at: datetime) -> None:
    rows[at.date()].earned += e.points


@member_days.on
def _redeemed(rows: Rows[MemberDayRow], e: PointsRedeemed, at: datetime) -> None:
    rows[at.date()].redeemed += e.points


@attrs.define
class ToldRow:
    """Feedback of a member."""

    feedback: str = column(key=True)
    day: date | None = None
    kind: str = ""


told = ReadModel("retail.member_feedback", ToldRow, title=Label("Feedback of members", "会员反馈"))


@told.on
def _told(rows: Rows[ToldRow], e: FeedbackReceived, at: datetime) -> None:
    row = rows[e.feedback]
    row.day, row.kind = at.date(), e.kind


@attrs.define
class Figures:
    """What card rules come to in a window."""

    enrolments: int = 0
    cards: int = 0
    active_members: int = 0
    points_earned: int = 0
    points_redeemed: int = 0

    @property
    def redeemed_share(self) -> Fraction | None:
        """Points redeemed by points earned; None where none were earned."""
        return ratio(self.points_redeemed, self.points_earned)


def figures(reader: Reader, window: Days) -> Figures:
    """Return what members did in a window.

    Args:
        reader: over ``member_days``.
        window: its first and last day.
    """
    found, active = Figures(), set()
    for stream, row in reader.rows(member_days):
        if window[0] <= row.day <= window[1]:
            found.enrolments += row.enrolled
            found.cards += row.cards
            found.points_earned += row.earned
            found.points_redeemed += row.redeemed
            if row.purchases:
                active.add(stream)
    found.active_members = len(active)
    return found


@attrs.define
class GradedRow:
    """A class that a member was given."""

    scheme: str = column(key=True)
    graded_on: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    rank: int = 0


graded = ReadModel("retail.member_classes", GradedRow, title=Label("Classes of members", "会员分类沿革"))


@graded.on
def _graded(rows: Rows[GradedRow], e: GradeSet, at: datetime) -> None:
    if e.scheme in SCHEMES:
        rows[e.scheme, e.graded_on].rank = e.rank


def shifts(reader: Reader, members: set[str], before: date, after: date) -> dict[str, tuple[int, int]]:
    """Return by scheme how many members have a better class on one day than on an earlier one, and how many a worse.

    Args:
        reader: over ``graded``.
        members: whose classes are looked at.
        before: the earlier day.
        after: the later day.
    """
    last: dict[tuple[str, str, date], tuple[date, int]] = {}
    for stream, row in reader.rows(graded):
        for day in (before, after):
            at = stream, row.scheme, day
            if (
                stream in members
                and row.graded_on <= day
                and (at not in last or last[at][0] <= row.graded_on)
            ):
                last[at] = row.graded_on, row.rank
    found = dict.fromkeys(SCHEMES, (0, 0))
    for (stream, scheme, day), (_, rank) in last.items():
        if day == after and (was := last.get((stream, scheme, before))) is not None:
            better, worse = found[scheme]
            found[scheme] = better + (rank < was[1]), worse + (rank > was[1])
    return found


FOLLOWED = (rule_versions, follow_up_rows, member_days, told, graded)
