"""The churn warning: raised when signs are strong or many enough, cleared when they no longer are (CORE-60)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Fact, due
from guanxi.kernel.times import add_months, midnight
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.care.events import MessageSent
from guanxi.relationship.care.rules import DensityRules
from guanxi.relationship.dealings.events import OrderCancelled, OrderPlaced, WarningCleared, WarningRaised
from guanxi.relationship.file.events import FileOpened, RelationshipClosed, RelationshipReopened
from guanxi.relationship.grading.commands import StateSignal
from guanxi.relationship.grading.events import ClassStated, GradeOverridden, GradeSet, SignalStated
from guanxi.relationship.grading.importance import Importance, importance
from guanxi.relationship.grading.rules import ChurnRules, ImportanceRules
from guanxi.relationship.grading.signs import (
    Complaint,
    Sign,
    Signals,
    Stated,
    contact_overdue_from,
    is_past_limit,
    is_poor,
    limits_of,
    signs_on,
    warns,
)
from guanxi.relationship.people.events import ContactPersonLeft, ContactPersonNamed
from guanxi.relationship.pipeline.events import ActionRecorded
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintNotified,
    ComplaintReceived,
    ComplaintReopened,
    SurveyAnswered,
)
from guanxi.relationship.service.rules import ComplaintRules

CHURN = "churn"
"""Kind of the warning; its cause is the relationship itself."""
CAUSE = "relationship"


@due("core.signs_looked_at")
class SignsLookedAt(Due):
    """A day on which signs of leaving may show or vanish."""

    sign: str
    day: date


churn = Facet("core.churn", Signals, reads=(importance,), title=Label("Churn warning", "流失预警"))


# ---------------------------------------------------------------- what is known


@churn.evolve
def _file(s: Signals, e: FileOpened | RelationshipClosed | RelationshipReopened, at: datetime) -> None:
    s.closed = isinstance(e, RelationshipClosed)
    if isinstance(e, FileOpened):
        s.opened_on = at.date()


@churn.evolve
def _ordered(s: Signals, e: OrderPlaced, at: datetime) -> None:
    s.purchases.add(e.order, at.date(), e.total)


@churn.evolve
def _cancelled(s: Signals, e: OrderCancelled) -> None:
    if e.line is None:
        s.purchases.drop(e.order)


@churn.evolve
def _contact(s: Signals, e: ActionRecorded, at: datetime) -> None:
    if not e.bulk and (e.two_way or e.kind == "visit"):
        s.contacted_on = at.date()


@churn.evolve
def _message(s: Signals, e: MessageSent, at: datetime) -> None:
    if not e.bulk:
        s.contacted_on = at.date()


@churn.evolve
def _complaint(
    s: Signals, e: ComplaintReceived | ComplaintNotified | ComplaintClosed | ComplaintReopened, at: datetime
) -> None:
    match e:
        case ComplaintReceived():
            s.complaints[e.complaint] = Complaint(at)
        case ComplaintNotified():
            if e.reached and e.complaint in s.complaints:
                s.complaints[e.complaint].notified = True
        case ComplaintClosed():
            if e.complaint in s.complaints:
                s.complaints[e.complaint].closed = True
        case ComplaintReopened():
            if e.complaint in s.complaints:
                s.complaints[e.complaint].closed = False


@churn.evolve
def _person(s: Signals, e: ContactPersonNamed | ContactPersonLeft, at: datetime) -> None:
    if isinstance(e, ContactPersonNamed):
        (s.key_people.add if e.key_person else s.key_people.discard)(e.person)
        s.left.pop(e.person, None)
    elif e.person in s.key_people:
        s.key_people.discard(e.person)
        s.left[e.person] = at.date()


@churn.evolve
def _answer(s: Signals, e: SurveyAnswered, at: datetime) -> None:
    s.answers[e.survey, e.question] = (at.date(), e.scale, e.score)


@churn.evolve
def _signal(s: Signals, e: SignalStated) -> None:
    s.stated[e.plugin, e.signal] = Stated(e.weight, e.since, e.until)


@churn.evolve
def _warning(s: Signals, e: WarningRaised | WarningCleared) -> None:
    if e.kind == CHURN:
        s.warned = isinstance(e, WarningRaised)


@churn.decide
def _state(s: Signals, c: StateSignal, now: Now) -> Iterator[Fact]:
    yield SignalStated(plugin=c.plugin, signal=c.signal, weight=c.weight, since=c.since, until=c.until)


# ---------------------------------------------------------------- when signs may change


def _on(now: Now, sign: str, day: date) -> tuple[datetime, Due]:
    return midnight(day, now.at.tzinfo), SignsLookedAt(sign=sign, day=day)


def _interval(now: Now) -> int | None:
    level = now.of(Importance).level(now.at.date(), now.rules(ImportanceRules))
    return now.rules(DensityRules).interval(level)


def _contact_due(s: Signals, now: Now) -> Iterator[tuple[datetime, Due]]:
    """Yield when contact is overdue; where that alone warns of nothing, a file without other signs is not looked at."""
    rules = now.rules(ChurnRules)
    if not s.watched(rules):
        return
    day = contact_overdue_from(s, rules, _interval(now))
    if day is not None and day > now.at.date():
        yield _on(now, "contact", day)


@churn.due
def _after_order(s: Signals, e: OrderPlaced, now: Now) -> Iterator[tuple[datetime, Due]]:
    rules = now.rules(ChurnRules)
    silent = s.purchases.silence_ends(rules)
    if silent is not None:
        yield _on(now, "silence", silent[0])
    month = now.at.date().replace(day=1)
    for months in (1, 1 + rules.spend_months, 1 + 2 * rules.spend_months):
        yield _on(now, "spend", add_months(month, months))
    yield from _contact_due(s, now)


@churn.due
def _after_contact(
    s: Signals, e: FileOpened | ActionRecorded | MessageSent, now: Now
) -> Iterator[tuple[datetime, Due]]:
    if isinstance(e, FileOpened) or s.contacted_on == now.at.date():
        yield from _contact_due(s, now)


@churn.due
def _after_class(
    s: Signals, e: GradeSet | GradeOverridden | ClassStated, now: Now
) -> Iterator[tuple[datetime, Due]]:
    if isinstance(e, GradeOverridden):
        yield _on(now, "class", e.until + timedelta(days=1))
    if isinstance(e, ClassStated):
        yield from ((_on(now, "class", day)) for day in _bounds(e.since, e.until) if day > now.at.date())
    yield from _contact_due(s, now)


@churn.due
def _after_complaint(s: Signals, e: ComplaintReceived, now: Now) -> Iterator[tuple[datetime, Due]]:
    for moment in limits_of(now.at, now.rules(ComplaintRules), now.rules(CalendarRules)):
        if moment is not None:
            yield moment, SignsLookedAt(sign="complaint", day=moment.date())
    yield from _contact_due(s, now)


@churn.due
def _after_leaving(s: Signals, e: ContactPersonLeft, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.person in s.left:
        yield _on(now, "person", now.at.date() + timedelta(days=now.rules(ChurnRules).key_person_days + 1))
        yield from _contact_due(s, now)


@churn.due
def _after_answer(s: Signals, e: SurveyAnswered, now: Now) -> Iterator[tuple[datetime, Due]]:
    rules = now.rules(ChurnRules)
    if is_poor(e.scale, e.score, rules):
        yield _on(now, "answer", now.at.date() + timedelta(days=rules.survey_days + 1))
        yield from _contact_due(s, now)


@churn.due
def _after_signal(s: Signals, e: SignalStated, now: Now) -> Iterator[tuple[datetime, Due]]:
    for day in _bounds(e.since, e.until):
        if day > now.at.date():
            yield _on(now, e.signal, day)
    yield from _contact_due(s, now)


def _bounds(since: date, until: date | None) -> Iterator[date]:
    yield since
    if until is not None:
        yield until + timedelta(days=1)


# ---------------------------------------------------------------- judging


@churn.react("CORE-60")
def _looked_at(
    s: Signals,
    e: SignsLookedAt
    | OrderPlaced
    | OrderCancelled
    | ActionRecorded
    | MessageSent
    | ComplaintNotified
    | ComplaintClosed
    | ComplaintReopened
    | ContactPersonNamed
    | ContactPersonLeft
    | SurveyAnswered
    | SignalStated
    | GradeSet
    | GradeOverridden
    | ClassStated
    | RelationshipClosed,
    now: Now,
) -> Iterator[Decision]:
    rules = now.rules(ChurnRules)
    signs = [] if s.closed or not s.watched(rules) else _signs(s, now, rules)
    if warns(signs, rules) == s.warned:
        return
    if s.warned:
        yield WarningCleared(kind=CHURN, cause=CAUSE, value=_told(signs))
        return
    yield WarningRaised(
        kind=CHURN,
        cause=CAUSE,
        value=_told(signs),
        threshold="; ".join(f"{one.code} {one.line}" for one in signs if one.line),
        reasons=tuple(one.code for one in signs),
    )


def _signs(s: Signals, now: Now, rules: ChurnRules) -> list[Sign]:
    calendar = now.rules(CalendarRules)
    late = [
        number
        for number, c in s.complaints.items()
        if is_past_limit(c, now.at, now.rules_at(ComplaintRules, c.received_at), calendar)
    ]
    return list(signs_on(s, now.at, rules, _interval(now), late))


def _told(signs: list[Sign]) -> str:
    return "; ".join(" ".join(part for part in (one.code, one.value) if part) for one in signs)
