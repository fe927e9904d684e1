"""How a tier is reached, kept and lost: by purchases and points, at the end of its time, by refunds, by a floor (RET-24 to RET-26)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from guanxi import TICK, Decision, Due, Now, StreamLinked, midnight_after
from guanxi_retail.points.events import (
    PointsActivated,
    PointsAdjusted,
    PointsClawedBack,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRestored,
)
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.tiers.events import (
    BY_HAND,
    Cause,
    FloorEnds,
    GraceEnds,
    Move,
    TierChanged,
    TierEnds,
    TierPeriodEnds,
    TiersComeTogether,
    TierSetManually,
)
from guanxi_retail.tiers.periods import Period
from guanxi_retail.tiers.rules import POINTS_BASES, TierRules
from guanxi_retail.tiers.state import Tiers
from guanxi_retail.tiers.tiers import tiers

# What is reached


@tiers.react("RET-24")
def _spend_reaches(s: Tiers, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    if now.rules(TierRules).basis == "spend":
        yield from _reached(s, now, "purchase", e.receipt)


@tiers.react("RET-24")
def _points_reach(s: Tiers, e: PointsEarned, now: Now) -> Iterator[Decision]:
    if now.rules(TierRules).basis in POINTS_BASES:
        yield from _reached(s, now, "points", e.lot)


@tiers.react("RET-24")
def _balance_moves(
    s: Tiers, e: PointsActivated | PointsAdjusted | PointsRestored | PointsRedeemed | PointsExpired, now: Now
) -> Iterator[Decision]:
    rules = now.rules(TierRules)
    if rules.basis != "active_balance":
        return
    about = _what(e)
    yield from _reached(s, now, "balance", about)
    yield from _balance_lost(s, now, rules, about)


def _what(e: PointsActivated | PointsAdjusted | PointsRestored | PointsRedeemed | PointsExpired) -> str:
    match e:
        case PointsActivated():
            return e.lot
        case PointsExpired():
            return f"{e.lot} {e.last_day}"
        case PointsAdjusted():
            return f"adjustment {e.adjustment}"
        case PointsRedeemed():
            return e.redemption
        case PointsRestored():
            return f"{e.redemption} undone"


def _reached(s: Tiers, now: Now, cause: Cause, about: str) -> Iterator[Decision]:
    """Yield the upgrade that an amount has come to, or the tier that grace spend keeps as if earned in time."""
    rules, day = now.rules(TierRules), now.at.date()
    period = rules.period_of(day, s.joined)
    amount = s.amount(rules.basis, period)
    level = rules.level(amount)
    if rules.start == "immediate" and rules.rank(level) > rules.rank(_earned(s, rules)):
        until = rules.reached_in(period, day, s.joined)
        yield _change(s, now, rules, cause, about, level, until, amount, period)
    elif _in_grace(s, day):
        counted = _with_grace(s, rules)
        total = s.amount(rules.basis, counted)
        if rules.rank(rules.level(total)) >= rules.rank(s.earned.tier):
            yield _change(s, now, rules, cause, about, s.earned.tier, _renewed(s, rules, day), total, counted)


@tiers.react("RET-24")
def _takes_over(s: Tiers, d: TiersComeTogether, now: Now) -> Iterator[Decision]:
    """Yield the tier that two files reach together, by the running period or by the last one."""
    rules, day = now.rules(TierRules), now.at.date()
    running = rules.period_of(day, s.joined)
    best = _earned(s, rules)
    reached: TierChanged | None = None
    for period in (running, rules.ended_by(running.first - timedelta(days=1), s.joined)):
        amount = s.amount(rules.basis, period)
        level, until = rules.level(amount), rules.reached_in(period, min(day, period.last), s.joined)
        if rules.rank(level) > rules.rank(best) and (until is None or until >= day):
            best = level
            reached = _change(s, now, rules, "merge", d.other, level, until, amount, period)
    if reached is not None:
        yield reached


def _earned(s: Tiers, rules: TierRules) -> str | None:
    """Return the earned tier; what the ladder gives to everybody where none was drawn."""
    return s.earned.tier if s.earned.tier is not None else rules.level(Decimal(0))


def _in_grace(s: Tiers, day: date) -> bool:
    until, grace = s.earned.until, s.earned.grace_until
    return until is not None and grace is not None and until < day <= grace


def _with_grace(s: Tiers, rules: TierRules) -> Period:
    """Return the period that ended with the validity, and the grace behind it."""
    assert s.earned.until is not None
    assert s.earned.grace_until is not None
    return Period(rules.ended_by(s.earned.until, s.joined).first, s.earned.grace_until)


def _renewed(s: Tiers, rules: TierRules, day: date) -> date | None:
    """Return the last day of the validity that follows the one just ended; a later one where grace outlasted it."""
    last = s.earned.until
    assert last is not None
    renewed = rules.renewed(last, s.joined)
    while renewed is not None and renewed < day:
        renewed = rules.renewed(renewed, s.joined)
    return renewed


# What is kept and lost when time is up


@tiers.react("RET-25")
def _validity_ends(s: Tiers, d: TierEnds, now: Now) -> Iterator[Decision]:
    if s.earned.until != d.until:
        return
    rules = now.rules(TierRules)
    ended = rules.ended_by(d.until, s.joined)
    amount, level = _level_of(s, rules, ended, d.until)
    kept = rules.rank(level) >= rules.rank(s.earned.tier)
    if kept or s.earned.grace_until is None:
        yield from _followed(s, now, rules, "validity_end", ended, amount, level)


@tiers.react("RET-25")
def _grace_ends(s: Tiers, d: GraceEnds, now: Now) -> Iterator[Decision]:
    if s.earned.until != d.until or s.earned.grace_until is None:
        return
    rules = now.rules(TierRules)
    counted = _with_grace(s, rules)
    amount, level = _level_of(s, rules, counted, s.earned.grace_until)
    yield from _followed(s, now, rules, "grace_end", counted, amount, level)


def _level_of(s: Tiers, rules: TierRules, period: Period, last: date) -> tuple[Decimal, str | None]:
    """Return what a period that is over comes to, and the level of it, or of the running period if that is higher."""
    amount = s.amount(rules.basis, period)
    running = s.amount(rules.basis, rules.period_of(last, s.joined))
    return amount, rules.higher(rules.level(amount), rules.level(running))


def _followed(
    s: Tiers,
    now: Now,
    rules: TierRules,
    cause: Cause,
    period: Period,
    amount: Decimal,
    level: str | None,
) -> Iterator[Decision]:
    """Yield what follows a validity: the tier is kept, or lost as the rules say."""
    held, until = s.earned.tier, s.earned.until
    after = level
    if rules.rank(level) < rules.rank(held):
        if rules.downgrade == "one_down":
            after = rules.higher(level, rules.below(held))
        elif rules.downgrade == "none":
            after = held
    last = _renewed(s, rules, now.at.date())
    yield _change(
        s, now, rules, cause, str(until), after, last, amount, period, missed=rules.threshold(held), mode=True
    )


@tiers.react("RET-24")
def _period_ends(s: Tiers, d: TierPeriodEnds, now: Now) -> Iterator[Decision]:
    """A period is over: what it reached acts now where upgrades wait for it; what a refund took from it is lost."""
    rules = now.rules(TierRules)
    period = rules.ended_by(d.until, s.joined)
    amount = s.amount(rules.basis, period)
    level = rules.level(amount)
    if rules.start == "next_period" and rules.rank(level) > rules.rank(_earned(s, rules)):
        until = rules.reached_in(period, d.until, s.joined)
        yield _change(s, now, rules, "period_end", str(d.until), level, until, amount, period)
    elif rules.refund == "at_period_end" and (s.earned.until is None or s.earned.until > d.until):
        yield from _taken_back(s, now, rules, "period_end", str(d.until), period)


# What a refund, or a balance spent, takes away


@tiers.react("RET-26")
def _refund_lowers(s: Tiers, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    rules = now.rules(TierRules)
    if rules.basis == "spend" and rules.refund == "at_once":
        running = rules.period_of(now.at.date(), s.joined)
        yield from _taken_back(s, now, rules, "refund", e.refund, running)


@tiers.react("RET-26")
def _claw_back_lowers(s: Tiers, e: PointsClawedBack, now: Now) -> Iterator[Decision]:
    rules = now.rules(TierRules)
    if rules.basis in POINTS_BASES and rules.refund == "at_once":
        running = rules.period_of(now.at.date(), s.joined)
        yield from _taken_back(s, now, rules, "refund", f"{e.refund} {e.lot}", running)
    elif rules.basis == "active_balance":
        yield from _balance_lost(s, now, rules, f"{e.refund} {e.lot}")


def _taken_back(
    s: Tiers, now: Now, rules: TierRules, cause: Cause, about: str, other: Period
) -> Iterator[Decision]:
    """Yield a lower tier where the amount that carried it does so no longer; another period may carry it instead."""
    amount, carried_by = s.rests_on(rules.basis), s.earned.carried_by
    if amount is None or carried_by is None or amount >= carried_by or s.earned.period is None:
        return
    instead = s.amount(rules.basis, other)
    level = rules.higher(rules.level(amount), rules.level(instead))
    period = s.earned.period
    if rules.rank(level) >= rules.rank(s.earned.tier):
        level, amount, period = s.earned.tier, instead, other
    yield _change(s, now, rules, cause, about, level, s.earned.until, amount, period, missed=carried_by)


def _balance_lost(s: Tiers, now: Now, rules: TierRules, about: str) -> Iterator[Decision]:
    """Yield the lower tier of a balance that dropped, where tiers last as long as the balance does."""
    amount = Decimal(s.balance)
    if rules.validity == "balance_drop" and rules.rank(rules.level(amount)) < rules.rank(s.earned.tier):
        period = rules.period_of(now.at.date(), s.joined)
        missed = rules.threshold(s.earned.tier)
        level = rules.level(amount)
        yield _change(s, now, rules, "balance", about, level, None, amount, period, missed=missed)


# What is set by hand


@tiers.react("RET-26")
def _floor_acts(s: Tiers, e: TierSetManually, now: Now) -> Iterator[Decision]:
    yield from _floor_moved(s, now, "manual", e.setting)


@tiers.react("RET-26")
def _floor_ends(s: Tiers, d: FloorEnds, now: Now) -> Iterator[Decision]:
    yield from _floor_moved(s, now, "floor_end", d.setting)


def _floor_moved(s: Tiers, now: Now, cause: Cause, about: str) -> Iterator[Decision]:
    rules, day = now.rules(TierRules), now.at.date()
    earned = _earned(s, rules)
    if s.in_force(rules, earned, s.earned.until, day) == (s.tier or rules.level(Decimal(0)), s.valid_until):
        return
    period = rules.period_of(day, s.joined)
    amount = s.amount(rules.basis, period)
    yield _change(s, now, rules, cause, about, earned, s.earned.until, amount, period)


def _change(
    s: Tiers,
    now: Now,
    rules: TierRules,
    cause: Cause,
    about: str,
    earned: str | None,
    until: date | None,
    amount: Decimal,
    period: Period,
    *,
    missed: Decimal | None = None,
    mode: bool = False,
) -> TierChanged:
    """Return the decision that a tier is earned from now on; what is in force may be a higher floor.

    Args:
        s: the tier until now.
        now: the moment.
        rules: in force.
        cause: why.
        about: what of: the receipt, or the day that is over.
        earned: which tier.
        until: its last day, for one that can be lost.
        amount: what counted.
        period: for which period.
        missed: the threshold of the tier before, which decided where it is lost.
        mode: whether the downgrade mode had a say.
    """
    if not rules.may_end(earned):
        until = None
    before = s.tier if s.tier is not None else rules.level(Decimal(0))
    after, valid_until = s.in_force(rules, earned, until, now.at.date())
    step = rules.rank(after) - rules.rank(before)
    move: Move = "upgrade" if step > 0 else "downgrade" if step < 0 else "keep"
    asks = rules.threshold(earned)
    lost = missed is not None and rules.rank(earned) < rules.rank(s.earned.tier)
    return TierChanged(
        cause=cause,
        about=about,
        before=before,
        after=after,
        move=move,
        rank=rules.rank(after),
        valid_until=valid_until,
        amount=amount,
        threshold=missed if lost and missed is not None else rules.threshold(after),
        earned=earned,
        earned_until=until,
        grace_until=rules.grace_from(until),
        counted_from=period.first,
        counted_until=period.last,
        carried_by=asks if until is not None and amount >= asks else None,
        mode=rules.downgrade if mode else None,
    )


# What time brings


@tiers.due
def _tier_dates(s: Tiers, e: TierChanged, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.earned_until is None or e.cause in BY_HAND:
        return
    yield midnight_after(e.earned_until, now.at.tzinfo), TierEnds(until=e.earned_until)
    if e.grace_until is not None:
        yield midnight_after(e.grace_until, now.at.tzinfo), GraceEnds(until=e.earned_until)


@tiers.due
def _linked(s: Tiers, e: StreamLinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.link_type == "merge" and now.rules(TierRules).tiers:
        # What a link brings shows just after the link itself.
        yield now.at + TICK, TiersComeTogether(other=e.other)


@tiers.due
def _floor_date(s: Tiers, e: TierSetManually, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield midnight_after(e.floor_until, now.at.tzinfo), FloorEnds(setting=e.setting)


@tiers.due
def _period_date(
    s: Tiers, e: PurchaseRecorded | PointsEarned | PointsActivated, now: Now
) -> Iterator[tuple[datetime, Due]]:
    rules = now.rules(TierRules)
    if rules.tiers and rules.start == "next_period":
        last = rules.period_of(now.at.date(), s.joined).last
        yield midnight_after(last, now.at.tzinfo), TierPeriodEnds(until=last)


@tiers.due
def _refund_counts(
    s: Tiers, e: PurchaseRefunded | PointsClawedBack, now: Now
) -> Iterator[tuple[datetime, Due]]:
    rules = now.rules(TierRules)
    if rules.tiers and rules.refund == "at_period_end" and s.earned.carried_by is not None:
        last = rules.period_of(now.at.date(), s.joined).last
        yield midnight_after(last, now.at.tzinfo), TierPeriodEnds(until=last)
