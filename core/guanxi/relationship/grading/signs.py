"""The signs that a customer may leave, read off what is known of him on a day (CORE-60)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.times import add_months
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.grading.events import Weight
from guanxi.relationship.grading.measures import ZERO
from guanxi.relationship.grading.rules import WHOLE, ChurnRules
from guanxi.relationship.service.rules import ComplaintRules, term

SILENT, SPEND, CONTACT, COMPLAINT = "silent", "spend_fallen", "contact_overdue", "complaint_past_limit"
KEY_PERSON, ANSWER = "key_person_left", "poor_answer"

SIGNS: dict[str, Label] = {
    SILENT: Label("silent", "沉默"),
    SPEND: Label("spend fallen", "消费下降"),
    CONTACT: Label("contact overdue", "联络逾期"),
    COMPLAINT: Label("complaint past its limit", "投诉超期"),
    KEY_PERSON: Label("key person left", "关键人物离任"),
    ANSWER: Label("poor answer", "评价低"),
}

HALVES = 2
"""A median between two middle intervals is kept as twice its value, so that it stays whole."""


@attrs.frozen
class Sign:
    """One sign.

    Args:
        code: one of ``SIGNS``, or a plugin's own.
        weight: ``strong`` or ``weak``.
        value: what was found.
        line: what it was compared with.
        plugin: whose it is, where a plugin stated it.
    """

    code: str
    weight: Weight
    value: str = ""
    line: str = ""
    plugin: str = ""


@attrs.define
class Stated:
    """A sign that was stated, both days included."""

    weight: Weight
    since: date
    until: date | None


@attrs.define
class Complaint:
    """A complaint, and what was done about it."""

    received_at: datetime
    notified: bool = False
    closed: bool = False


@attrs.define
class Purchases:
    """Days on which the customer ordered, and what he spent by month."""

    days: list[date] = attrs.field(factory=list)
    gaps: list[int] = attrs.field(factory=list)
    spend: dict[date, Decimal] = attrs.field(factory=dict)
    orders: dict[str, tuple[date, Decimal]] = attrs.field(factory=dict)

    def add(self, order: str, day: date, amount: Decimal) -> None:
        """Count an order.

        Args:
            order: its number.
            day: when it was placed.
            amount: what it comes to.
        """
        self.orders[order] = (day, amount)
        month = day.replace(day=1)
        self.spend[month] = self.spend.get(month, ZERO) + amount
        if self.days and day <= self.days[-1]:
            if day != self.days[-1]:
                self._again()
            return
        if self.days:
            insort(self.gaps, (day - self.days[-1]).days)
        self.days.append(day)

    def drop(self, order: str) -> None:
        """Leave out an order that was cancelled.

        Args:
            order: its number.
        """
        found = self.orders.pop(order, None)
        if found is not None:
            self.spend[found[0].replace(day=1)] -= found[1]
            self._again()

    def _again(self) -> None:
        self.days = sorted({day for day, _ in self.orders.values()})
        self.gaps = sorted((b - a).days for a, b in zip(self.days, self.days[1:], strict=False))

    def silence_ends(self, rules: ChurnRules) -> tuple[date, Decimal] | None:
        """Return the first day on which silence is a sign, and its length in days; None with too few intervals.

        Args:
            rules: how many intervals it takes.
        """
        if len(self.gaps) < rules.least_intervals:
            return None
        middle = len(self.gaps) // 2
        twice = self.gaps[middle] + self.gaps[-middle - 1]
        line = rules.silence_times * twice / HALVES
        days = int(line.to_integral_value(ROUND_CEILING))
        return self.days[-1] + timedelta(days=days), line

    def spent(self, first: date, months: int) -> Decimal:
        """Return what was spent in so many months from the first of one on.

        Args:
            first: the first of a month.
            months: how many.
        """
        return sum((self.spend.get(add_months(first, n), ZERO) for n in range(months)), ZERO)


@attrs.define
class Signals:
    """What is known of a customer that may be a sign."""

    opened_on: date | None = None
    closed: bool = False
    purchases: Purchases = attrs.field(factory=Purchases)
    contacted_on: date | None = None
    complaints: dict[str, Complaint] = attrs.field(factory=dict)
    key_people: set[str] = attrs.field(factory=set)
    left: dict[str, date] = attrs.field(factory=dict)
    answers: dict[tuple[str, str], tuple[date, str, int]] = attrs.field(factory=dict)
    stated: dict[tuple[str, str], Stated] = attrs.field(factory=dict)
    warned: bool = False

    def watched(self, rules: ChurnRules) -> bool:
        """Return whether anything is known that may come to a warning; a lack of contact is but one weak sign.

        Args:
            rules: how many weak signs it takes.
        """
        known = self.purchases.days or self.complaints or self.left or self.answers or self.stated
        return bool(known) or rules.weak_needed == 1


def signs_on(
    s: Signals,
    at: datetime,
    rules: ChurnRules,
    interval: int | None,
    past_limit: list[str],
) -> Iterator[Sign]:
    """Yield the signs that show at a moment.

    Args:
        s: what is known of the customer.
        at: the moment.
        rules: what counts as a sign.
        interval: days between contacts of his level; None where none are asked for.
        past_limit: his complaints that are past their limit.
    """
    day = at.date()
    silent = s.purchases.silence_ends(rules)
    if silent is not None and day >= silent[0]:
        yield Sign(SILENT, "strong", f"{(day - s.purchases.days[-1]).days} d", f"{silent[1]} d")
    month = day.replace(day=1)
    recent = s.purchases.spent(add_months(month, -rules.spend_months), rules.spend_months)
    before = s.purchases.spent(add_months(month, -2 * rules.spend_months), rules.spend_months)
    if before > 0 and recent * WHOLE <= before * rules.spend_percent:
        yield Sign(SPEND, "weak", str(recent), f"{rules.spend_percent} % of {before}")
    overdue = contact_overdue_from(s, rules, interval)
    if overdue is not None and day >= overdue:
        since = s.contacted_on or s.opened_on or day
        yield Sign(CONTACT, "weak", f"{(day - since).days} d", f"{interval} d")
    if past_limit:
        yield Sign(COMPLAINT, "weak", ", ".join(past_limit))
    left = [p for p, gone in s.left.items() if day <= gone + timedelta(days=rules.key_person_days)]
    if left:
        yield Sign(KEY_PERSON, "weak", ", ".join(sorted(left)), f"{rules.key_person_days} d")
    poor = [
        f"{scale} {score}"
        for given_on, scale, score in s.answers.values()
        if is_poor(scale, score, rules) and day <= given_on + timedelta(days=rules.survey_days)
    ]
    if poor:
        yield Sign(ANSWER, "weak", ", ".join(sorted(poor)), f"{rules.survey_days} d")
    for (plugin, code), one in sorted(s.stated.items()):
        if one.since <= day and (one.until is None or day <= one.until):
            yield Sign(qualified(plugin, code), one.weight, plugin=plugin)


def qualified(plugin: str, code: str) -> str:
    """Return a stated sign's code with its source's name before it.

    Args:
        plugin: who states it.
        code: its code.
    """
    return code if code.startswith(f"{plugin}.") else f"{plugin}.{code}"


def contact_overdue_from(s: Signals, rules: ChurnRules, interval: int | None) -> date | None:
    """Return the first day on which contact is overdue by a whole interval.

    Args:
        s: what is known of the customer.
        rules: how many intervals it takes.
        interval: days between contacts of his level.
    """
    since = s.contacted_on or s.opened_on
    if since is None or interval is None:
        return None
    return since + timedelta(days=rules.contact_times * interval + 1)


def is_poor(scale: str, score: int, rules: ChurnRules) -> bool:
    """Return whether an answer is so poor that it is a sign.

    Args:
        scale: ``csat`` or ``nps``.
        score: the answer.
        rules: up to which score.
    """
    line = {"csat": rules.csat_at_most, "nps": rules.nps_at_most}.get(scale)
    return line is not None and score <= line


def limits_of(
    received: datetime, rules: ComplaintRules, calendar: CalendarRules
) -> tuple[datetime, datetime | None]:
    """Return the first instants too late for the informing call, and for the solution where it has a limit.

    Args:
        received: when the complaint came.
        rules: its terms.
        calendar: which days count.
    """
    notice = term(calendar, received.date(), rules.notify_within, rules.unit).until(received)
    if rules.resolve_within_days is None:
        return notice, None
    return notice, term(calendar, received.date(), rules.resolve_within_days, rules.unit).until(received)


def is_past_limit(c: Complaint, at: datetime, rules: ComplaintRules, calendar: CalendarRules) -> bool:
    """Return whether a complaint is open and past a limit of its own: its call not made, or not solved, in time.

    Args:
        c: the complaint.
        at: the moment.
        rules: the terms in force when it came.
        calendar: which days count.
    """
    if c.closed:
        return False
    notice, solution = limits_of(c.received_at, rules, calendar)
    return (not c.notified and at >= notice) or (solution is not None and at >= solution)


def warns(signs: list[Sign], rules: ChurnRules) -> bool:
    """Return whether signs are strong or many enough for a warning.

    Args:
        signs: those that show.
        rules: how many it takes.
    """
    strong = sum(s.weight == "strong" for s in signs)
    weak = sum(s.weight == "weak" for s in signs)
    return strong >= rules.strong_needed or weak >= rules.weak_needed
