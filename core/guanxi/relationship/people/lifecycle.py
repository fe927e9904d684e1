"""The life cycle: from prospect to maintenance, lapsed by silence, won back by what the customer does (CORE-16, CORE-61)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Event, Fact, due
from guanxi.kernel.standard import StreamLinked, StreamUnlinked
from guanxi.kernel.times import TICK, add_months, midnight, midnight_after
from guanxi.relationship.counting_as import LapseFound, SaleAtOnce
from guanxi.relationship.dealings.events import (
    GoodsDelivered,
    InstallationAccepted,
    OrderCancelled,
    OrderPlaced,
    ReceiptRecorded,
)
from guanxi.relationship.file.events import FileOpened, RelationshipClosed, RelationshipReopened
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.people.commands import RecordWinBackAttempt
from guanxi.relationship.people.events import LifecycleStage, LifecycleStageChanged, WinBackAttempted
from guanxi.relationship.people.fulfilment import OpenOrder, follow
from guanxi.relationship.people.rules import CORE, LifecycleRules
from guanxi.relationship.pipeline.events import (
    ActionRecorded,
    ContractAmended,
    ContractEnded,
    ContractSigned,
    QuotationIssued,
)
from guanxi.relationship.retracing import Retracing

STAGES: tuple[LifecycleStage, ...] = ("prospect", "first_contact", "contracting", "maintenance")
"""The stages of growing, in order; only facts lead through them, and never back."""
ALIVE: tuple[LifecycleStage, ...] = ("maintenance", "won_back")
"""The stages in which a relationship is a customer's."""
GONE: tuple[LifecycleStage, ...] = ("lapsed", "closed")
LAPSE_SCHEME, LAPSED = "lapse", "lapsed"
"""By which scheme and class a plugin states that a relationship lapsed, where its rule was chosen."""

_DAY = timedelta(days=1)


@attrs.define
class Stretch:
    """How long a relationship stood in a stage.

    Args:
        stage: which.
        since: from when.
        until: until when; None while it lasts. A stage that was jumped over has no length.
    """

    stage: LifecycleStage
    since: datetime
    until: datetime | None = None


@attrs.define
class Lifecycle:
    """Where the relationship stands.

    Args:
        stage: its stage.
        stretches: all stages so far, in order.
        furthest: the furthest stage of growing that facts have shown.
        last_life: the customer's last order, delivery, receipt or renewal.
        last_deal: to which deal that belonged: an order, a contract, or a receipt without one.
        won_by: the deal that won him back last.
        first_sale: the day of the first fulfilled sale.
        contracts: contracts in force by number, with the last day of each, or None.
        orders: what is still owed of each order.
        attempts: numbers of the attempts to win him back since he was gone, with their days.
        linked: the other files that show in this one.
    """

    stage: LifecycleStage = "prospect"
    stretches: list[Stretch] = attrs.field(factory=list)
    furthest: int = 0
    last_life: datetime | None = None
    last_deal: str = ""
    won_by: str = ""
    first_sale: date | None = None
    contracts: dict[str, date | None] = attrs.field(factory=dict)
    orders: dict[str, OpenOrder] = attrs.field(factory=dict)
    attempts: list[tuple[str, date]] = attrs.field(factory=list)
    linked: set[str] = attrs.field(factory=set)
    _told: list[tuple[Event, datetime]] = attrs.field(factory=list)
    _stood: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """Since when it stands there; where an undone merge gave it its stage back, since when it would have stood there."""
        if self._stood is not None:
            return self._stood
        return self.stretches[-1].since if self.stretches else None

    @property
    def is_customer(self) -> bool:
        """Whether it is a customer's: neither still growing nor gone."""
        return self.stage in ALIVE

    def enter(self, stage: LifecycleStage, at: datetime) -> None:
        """Let another stage begin; stages of growing that are jumped over are gone through in no time."""
        passed: tuple[LifecycleStage, ...] = ()
        if self.stage in STAGES and stage in STAGES:
            passed = STAGES[STAGES.index(self.stage) + 1 : STAGES.index(stage)]
        for each in (*passed, stage):
            if self.stretches:
                self.stretches[-1].until = at
            self.stretches.append(Stretch(each, at))
        self.stage, self._stood = stage, None

    def tell(self, event: Event, at: datetime) -> None:
        """Keep what moves the life cycle, to go through it again when another file no longer shows."""
        self._told.append((event, at))

    def told(self) -> Iterator[tuple[Event, datetime]]:
        """Yield what moved the life cycle so far, each with its moment."""
        yield from self._told

    def stood(self, since: datetime | None) -> None:
        """Note since when it would stand where it stands, had no other file shown in it."""
        self._stood = since

    def grow(self, stage: LifecycleStage) -> None:
        """Note that a fact shows a stage of growing."""
        self.furthest = max(self.furthest, STAGES.index(stage))

    def live(self, deal: str, at: datetime) -> None:
        """Note a sign of life."""
        self.last_life, self.last_deal = at, deal


@due("core.lapse_comes")
class LapseComes(Due):
    """The customer has been silent for as long as a relationship lasts."""


@due("core.return_settles")
class ReturnSettles(Due):
    """A return is no longer a recent one."""

    since: date


@due("core.lives_come_together")
class LivesComeTogether(Due):
    """What another file's customer did shows in this one."""


@due("core.lives_part")
class LivesPart(Due):
    """What another file's customer did shows in this one no longer."""


lifecycle = Facet("core.lifecycle", Lifecycle, title=Label("Life cycle", "生命周期"))


# What changes it


@lifecycle.evolve
def _opened(s: Lifecycle, e: FileOpened, at: datetime) -> None:
    s.tell(e, at)
    if not s.stretches:
        s.stretches.append(Stretch(s.stage, at))


@lifecycle.evolve
def _changed(s: Lifecycle, e: LifecycleStageChanged, at: datetime) -> None:
    if "." in e.cause and not e.cause.startswith(f"{CORE}.") and e.after in ALIVE and s.last_life is None:
        # A sale of a plugin that is away, and whose fact nobody can read: what was drawn from it says that there was one.
        s.first_sale, s.last_life = s.first_sale or at.date(), at
    s.enter(e.after, at)
    if e.after == "won_back":
        s.won_by = e.won_by or s.last_deal
    s.stood(e.stood_since)
    if e.after not in GONE:
        s.attempts.clear()
    elif e.stood_since is not None:
        attempts = [(a, when) for a, when in s.told() if isinstance(a, WinBackAttempted)]
        s.attempts[:] = [(a.attempt, when.date()) for a, when in attempts if when >= e.stood_since]


@lifecycle.evolve
def _acted(s: Lifecycle, e: ActionRecorded, at: datetime) -> None:
    s.tell(e, at)
    if e.bulk:
        return
    if e.kind == "negotiation":
        s.grow("contracting")
    elif e.two_way:
        s.grow("first_contact")


@lifecycle.evolve
def _quoted(s: Lifecycle, e: QuotationIssued, at: datetime) -> None:
    s.tell(e, at)
    s.grow("contracting")


@lifecycle.evolve
def _ordered(s: Lifecycle, e: OrderPlaced, at: datetime) -> None:
    s.tell(e, at)
    follow(s.orders, e)
    s.live(f"order:{e.order}", at)


@lifecycle.evolve
def _fulfilled(s: Lifecycle, e: GoodsDelivered | InstallationAccepted | OrderCancelled, at: datetime) -> None:
    s.tell(e, at)
    if follow(s.orders, e):
        s.grow("maintenance")
        s.first_sale = s.first_sale or at.date()
    if not isinstance(e, OrderCancelled):
        s.live(f"order:{e.order}", at)


@lifecycle.evolve
def _paid(s: Lifecycle, e: ReceiptRecorded, at: datetime) -> None:
    s.tell(e, at)
    s.live(f"receipt:{e.receipt}", at)


@lifecycle.evolve
def _sold(s: Lifecycle, e: SaleAtOnce, at: datetime) -> None:
    if e.deal is None:
        return
    s.tell(e, at)
    s.grow("maintenance")
    s.first_sale = s.first_sale or at.date()
    s.live(f"{e.stored_name}:{e.deal}", at)


@lifecycle.evolve
def _signed(s: Lifecycle, e: ContractSigned, at: datetime) -> None:
    s.tell(e, at)
    s.contracts[e.contract] = e.ends_on
    s.grow("maintenance")
    s.live(f"contract:{e.contract}", at)


@lifecycle.evolve
def _amended(s: Lifecycle, e: ContractAmended, at: datetime) -> None:
    s.tell(e, at)
    if e.ends_on is not None:
        s.contracts[e.contract] = e.ends_on
        s.live(f"contract:{e.contract}:{e.amendment}", at)


@lifecycle.evolve
def _ended(s: Lifecycle, e: ContractEnded, at: datetime) -> None:
    s.tell(e, at)
    if e.contract in s.contracts:
        s.contracts[e.contract] = at.date() - _DAY  # no longer in force on the day it ends


@lifecycle.evolve
def _attempted(s: Lifecycle, e: WinBackAttempted, at: datetime) -> None:
    s.tell(e, at)
    s.attempts.append((e.attempt, at.date()))


@lifecycle.evolve
def _stated(s: Lifecycle, e: RelationshipClosed | RelationshipReopened | ClassStated, at: datetime) -> None:
    s.tell(e, at)


@lifecycle.evolve
def _found(s: Lifecycle, e: LapseFound, at: datetime) -> None:
    if not s.linked:  # what was found of two files together says nothing about this one alone
        s.tell(e, at)


@lifecycle.evolve
def _shown(s: Lifecycle, e: StreamLinked | StreamUnlinked) -> None:
    if isinstance(e, StreamLinked):
        s.linked.add(e.other)
    else:
        s.linked.discard(e.other)


# What time brings


def _term_since(last: date, now: Now) -> Callable[[date], date]:
    """Return what tells, by the rules in force on a day, when silence since the last sign of life is long enough."""

    def after(day: date) -> date:
        rules = now.rules_at(LifecycleRules, midnight(day, now.at.tzinfo))
        return add_months(last, rules.lapse_after_months)

    return after


def _silent_until(last: date, now: Now) -> date:
    """Return the day on which silence since another day is long enough, under the rules in force on that day."""
    after = _term_since(last, now)
    day = after(last)
    while (further := after(day)) > day:
        day = further
    if further == day:
        return day
    late, early = (
        day,
        further,
    )  # the term was shortened while it ran: it ends when that came into force, at the earliest
    while late - early > _DAY:
        middle = early + (late - early) // 2
        if after(middle) <= middle:
            late = middle
        else:
            early = middle
    return late


def lapses_at(s: Lifecycle, now: Now) -> datetime | None:
    """Return when the relationship lapses if nothing happens; None while a contract has no end, or before any sign of life.

    Args:
        s: the life cycle.
        now: of the handler that asks.
    """
    if s.last_life is None:
        return None
    ends = list(s.contracts.values())
    if None in ends:
        return None
    moment = midnight(_silent_until(s.last_life.date(), now), now.at.tzinfo)
    return max([moment, *(midnight_after(day, now.at.tzinfo) for day in ends if day is not None)])


def _has_lapsed(s: Lifecycle, now: Now) -> bool:
    """Return whether that moment has come; only rules that are in force by now have a say in it."""
    if s.last_life is None or None in s.contracts.values():
        return False
    ends = [day for day in s.contracts.values() if day is not None]
    if any(midnight_after(day, now.at.tzinfo) > now.at for day in ends):
        return False
    last, today = s.last_life.date(), now.at.date()
    after = _term_since(last, now)
    day = after(min(last, today))
    while day <= today:
        further = after(day)
        if further <= day:
            return True
        day = further
    return after(today) <= today


@lifecycle.due
def _lapse(
    s: Lifecycle,
    e: OrderPlaced
    | GoodsDelivered
    | InstallationAccepted
    | ReceiptRecorded
    | SaleAtOnce
    | ContractSigned
    | ContractAmended
    | ContractEnded
    | LifecycleStageChanged,
    now: Now,
) -> Iterator[tuple[datetime, Due]]:
    if (moment := lapses_at(s, now)) is not None:
        yield moment, LapseComes()


@lifecycle.due
def _settling(s: Lifecycle, e: LifecycleStageChanged, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.after == "won_back":
        day = (s.since or now.at).astimezone(now.at.tzinfo).date()
        settled = add_months(day, now.rules(LifecycleRules).won_back_months)
        yield midnight(settled, now.at.tzinfo), ReturnSettles(since=day)


@lifecycle.due
def _together(s: Lifecycle, e: StreamLinked | StreamUnlinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    # What a link brings or takes away shows just after the link itself.
    yield now.at + TICK, LivesComeTogether() if isinstance(e, StreamLinked) else LivesPart()


# What follows


def _to(s: Lifecycle, after: LifecycleStage, cause: str, now: Now, **inputs: object) -> LifecycleStageChanged:
    silent = None if s.last_life is None else s.last_life.date()
    return LifecycleStageChanged(
        changed_on=now.at.date(),
        before=s.stage,
        after=after,
        cause=cause,
        silent_since=silent if after == "lapsed" else None,
        **inputs,  # type: ignore[arg-type]
    )


def _grown(s: Lifecycle, cause: str, now: Now) -> Iterator[Decision]:
    if s.stage in STAGES and s.furthest > STAGES.index(s.stage):
        yield _to(s, STAGES[s.furthest], cause, now)


def _won_back(s: Lifecycle, cause: str, now: Now) -> LifecycleStageChanged:
    months = now.rules(LifecycleRules).winback_months
    credited = None
    if s.attempts:
        attempt, day = s.attempts[-1]
        credited = attempt if now.at.date() <= add_months(day, months) else None
    return _to(s, "won_back", cause, now, win_back=credited, months=months)


def _is_another_deal(s: Lifecycle) -> bool:
    """Return whether the last sign of life belongs to another deal than the one that won the customer back."""
    if s.last_deal.startswith("receipt:") and s.won_by.startswith("order:"):
        return False  # most likely the payment for that very order
    return s.last_deal != s.won_by


@lifecycle.react("CORE-16")
def _grows(
    s: Lifecycle, e: ActionRecorded | QuotationIssued | OrderCancelled, now: Now
) -> Iterator[Decision]:
    yield from _grown(s, e.stored_name, now)


@lifecycle.react("CORE-16")
def _lives(
    s: Lifecycle,
    e: OrderPlaced
    | GoodsDelivered
    | InstallationAccepted
    | ReceiptRecorded
    | SaleAtOnce
    | ContractSigned
    | ContractAmended,
    now: Now,
) -> Iterator[Decision]:
    if (isinstance(e, ContractAmended) and e.ends_on is None) or (
        isinstance(e, SaleAtOnce) and e.deal is None
    ):
        return
    if s.stage in GONE:
        yield _won_back(s, e.stored_name, now)
    elif s.stage == "won_back" and _is_another_deal(s):
        yield _to(s, "maintenance", e.stored_name, now)
    else:
        yield from _grown(s, e.stored_name, now)


@lifecycle.react("CORE-16")
def _lapses(s: Lifecycle, d: LapseComes, now: Now) -> Iterator[Decision]:
    rules = now.rules(LifecycleRules)
    if rules.lapse_rule != CORE or s.stage not in ALIVE:
        return
    if _has_lapsed(s, now):
        yield _to(s, "lapsed", "silence", now, months=rules.lapse_after_months)


@lifecycle.react("CORE-16")
def _said_to_have_lapsed(s: Lifecycle, e: ClassStated, now: Now) -> Iterator[Decision]:
    chosen = now.rules(LifecycleRules).lapse_rule
    if (e.plugin, e.scheme, e.grade) == (chosen, LAPSE_SCHEME, LAPSED) and s.stage in ALIVE:
        yield _to(s, "lapsed", f"stated:{e.plugin}", now)


@lifecycle.react("CORE-16")
def _found_to_have_lapsed(s: Lifecycle, e: LapseFound, now: Now) -> Iterator[Decision]:
    plugin = e.stored_name.partition(".")[0]
    if plugin == now.rules(LifecycleRules).lapse_rule and s.stage in ALIVE:
        yield _to(s, "lapsed", e.stored_name, now)


@lifecycle.react("CORE-16")
def _settles(s: Lifecycle, d: ReturnSettles, now: Now) -> Iterator[Decision]:
    if s.stage == "won_back" and s.since is not None and s.since.astimezone(now.at.tzinfo).date() == d.since:
        yield _to(s, "maintenance", "months", now, months=now.rules(LifecycleRules).won_back_months)


@lifecycle.react("CORE-16")
def _merges(s: Lifecycle, d: LivesComeTogether, now: Now) -> Iterator[Decision]:
    if s.stage in GONE and s.last_life is not None and s.since is not None and s.last_life > s.since:
        yield _won_back(s, "merge", now)
    else:
        yield from _grown(s, "merge", now)


@lifecycle.react("CORE-13")
def _parts(s: Lifecycle, d: LivesPart, now: Now) -> Iterator[Decision]:
    if s.linked:
        return  # it still shows another file's life
    alone = _alone(s, now)
    won_by = alone.won_by if alone.stage == "won_back" else None
    if alone.stage != s.stage or (won_by is not None and (alone.since, won_by) != (s.since, s.won_by)):
        yield _to(s, alone.stage, "merge_undone", now, stood_since=alone.since, won_by=won_by)


def _alone(s: Lifecycle, now: Now) -> Lifecycle:
    """Return the life cycle as it would stand had no other file ever shown in this one."""
    retracing = Retracing(now, lifecycle)
    for event, at in s.told():
        _let_pass(retracing, at, now)
        retracing.take(event, at)
    _let_pass(retracing, now.at, now)
    return retracing.of(Lifecycle)


def _let_pass(retracing: Retracing, until: datetime, now: Now) -> None:
    """Draw what time brings up to a moment."""
    alone = retracing.of(Lifecycle)
    while alone.stage in ALIVE:
        coming: list[tuple[datetime, Due]] = []
        lapse, since = lapses_at(alone, now), alone.since
        if lapse is not None:
            coming.append((lapse if since is None else max(lapse, since), LapseComes()))
        if alone.stage == "won_back" and since is not None:
            day = since.astimezone(now.at.tzinfo).date()
            settled = add_months(day, now.rules_at(LifecycleRules, since).won_back_months)
            coming.append((midnight(settled, now.at.tzinfo), ReturnSettles(since=day)))
        moments = sorted((c for c in coming if c[0] <= until), key=lambda c: c[0])
        if not any(retracing.draw(moment, at) for at, moment in moments):
            return


@lifecycle.react("CORE-61")
def _closes(s: Lifecycle, e: RelationshipClosed, now: Now) -> Iterator[Decision]:
    if s.stage != "closed":
        yield _to(s, "closed", e.reason_code, now)


@lifecycle.react("CORE-61")
def _reopens(s: Lifecycle, e: RelationshipReopened, now: Now) -> Iterator[Decision]:
    if s.stage == "closed":
        was_customer = any(stretch.stage in ALIVE for stretch in s.stretches)
        yield _to(s, "lapsed" if was_customer else STAGES[s.furthest], e.reason_code, now)


# What may be told


@lifecycle.decide
def _attempt(s: Lifecycle, c: RecordWinBackAttempt, now: Now) -> Iterator[Fact]:
    now.require(
        s.stage in GONE,
        "not_lapsed",
        "CORE-61",
        f"on {now.at:%Y-%m-%d} the relationship is neither lapsed nor closed",
        zh=f"{now.at:%Y-%m-%d} 时该关系未休眠也未退出",
        accepts="an attempt while he is gone",
    )
    yield WinBackAttempted(attempt=c.attempt, by=c.by, offer=c.offer, channel=c.channel)
