"""Feeds a chain to a ledger, month by month: orders at their moments, reports in the evening, papers at the month's end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import attrs

from guanxi import Ledger, Refusal, RuleSet, Source, stamp
from guanxi.relationship.import_batches import close_batch, open_batch
from guanxi_retail.group_purchase.handing_in import hand_in
from guanxi_retail.membership.holders import hand_on
from guanxi_retail.purchases.events import PurchaseRecorded
from guanxi_retail.store.campaigns import file_store_evaluation
from guanxi_retail.store.claims import claim_receipt
from guanxi_retail.store.voiding import void_receipt
from guanxi_retail.synthetic.chain import REASON, ShopChain
from guanxi_retail.synthetic.members import outlet, staff
from guanxi_retail.synthetic.ruling import late_credit_rules, next_points_rules, rule_sets
from guanxi_retail.synthetic.telling import Deed, Step

CLERK, APPROVER, PAPERS = "syn-clerk", "syn-approver", "syn-papers"
FURTHER_MONTH, RETROACTIVE_MONTH = 5, 8
"""The months, counted from 0, at the beginning of which a further version of the points rules is published, and rules of
sales credit that hold from the month before on: what was decided stands, and is listed as what would differ."""

Progress = Callable[[str, int, int], object]
"""Called with a month, how much of it is done, and how much there is."""


@attrs.define
class Tally:
    """What became of a chain that was fed to a ledger.

    Args:
        told: how many steps.
        accepted: how many of them were taken in.
        refused: those that were refused, by command and code; a well-made chain has none but those that it means.
        flagged: rules that were broken by what had happened already, by code.
    """

    told: int = 0
    accepted: int = 0
    refused: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    flagged: Counter[str] = attrs.field(factory=Counter)


def live(
    ledger: Ledger,
    chain: ShopChain,
    *,
    months: Iterable[int] | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Let a ledger live through a chain's months: what is ordered, reported, sent in late, corrected, and what falls due.

    The ledger's clock is set to the end of each month and left there.

    Args:
        ledger: an empty one; or one that lived through the months before, where not all are asked for.
        chain: whose.
        months: which, counted from 0; all if None.
        progress: called after each month.
    """
    tally = Tally()
    for month in range(chain.months) if months is None else months:
        _publish(ledger, chain, month)
        _Month(ledger, chain, month, tally).run()
        if progress is not None:
            progress(f"{chain.first_day(month):%Y-%m}", month + 1, chain.months)
    return tally


def _publish(ledger: Ledger, chain: ShopChain, month: int) -> None:
    at = datetime.combine(chain.first_day(month), datetime.min.time(), chain.tz)
    rules: list[RuleSet] = list(rule_sets()) if month == 0 else []
    if (campaign := chain.spring(month)) is not None:
        rules += campaign.rules()
    if month == FURTHER_MONTH:
        rules.append(next_points_rules())
    _set(ledger, at)
    for one in rules:
        ledger.publish(one, effective_from=at, by=CLERK, approved_by=APPROVER, reason=REASON)
    if month == RETROACTIVE_MONTH:
        since = datetime.combine(chain.first_day(month - 1), datetime.min.time(), chain.tz)
        ledger.publish(
            late_credit_rules(),
            effective_from=since,
            by=CLERK,
            approved_by=APPROVER,
            reason=REASON,
            retroactive=REASON,
        )


def _set(ledger: Ledger, at: datetime) -> None:
    ledger.clock = lambda: at


class _Month:
    """One month of a chain while a ledger lives through it."""

    def __init__(self, ledger: Ledger, chain: ShopChain, month: int, tally: Tally) -> None:
        self.ledger, self.chain, self.month, self.tally = ledger, chain, month, tally
        self.entries: dict[str, str] = {}

    def run(self) -> None:
        """Live through the month."""
        steps = self.chain.month(self.month)
        today = [s for s in steps if not s.late]
        for day, some in groupby(today, key=lambda s: s.at.date()):
            told = list(some)
            for step in told:
                if step.order:
                    self._order(step)
            evening = datetime.combine(day, datetime.min.time(), self.chain.tz) + timedelta(hours=23)
            self._report([s for s in told if not s.order], evening)
        closes = self.chain.closes(self.month)
        _set(self.ledger, closes)
        self._papers([s for s in steps if s.late], closes)
        for step in steps:
            if step.mark is not None:
                self._mark(step)
        for shop in range(self.chain.shops):
            self._weekly(shop, closes)
        self.ledger.advance(closes)

    def _order(self, step: Step) -> None:
        _set(self.ledger, step.at)
        what: str = step.deed or ""
        self.tally.told += 1
        try:
            if step.deed is not None:
                _DEEDS[step.deed](self.ledger, step)
            else:
                assert step.command is not None
                what = type(step.command).stored_name
                self.ledger.execute(
                    step.subject,
                    step.command,
                    actor=step.actor,
                    reason=REASON,
                    command_id=self.chain.name_of(step),
                )
            self.tally.accepted += 1
        except Refusal as refusal:
            self.tally.refused[what, refusal.code] += 1

    def _report(self, steps: Sequence[Step], at: datetime) -> None:
        _set(self.ledger, at)
        self._take_in(steps, [self.chain.telling(step) for step in steps], at)

    def _papers(self, steps: Sequence[Step], at: datetime) -> None:
        """Import what was told late: the papers that shops send in at the end of a month."""
        if not steps:
            return
        batch = open_batch(self.ledger, PAPERS, reason=REASON, actor=CLERK)
        before = self.tally.accepted
        tellings = [
            self.chain.telling(step, batch.id, Source(PAPERS, f"{self.month:03}", f"{n}"))
            for n, step in enumerate(steps)
        ]
        self._take_in(steps, tellings, at)
        taken = self.tally.accepted - before
        close_batch(
            self.ledger,
            PAPERS,
            batch.id,
            actor=CLERK,
            accepted=taken,
            known=0,
            refused=len(steps) - taken,
            waiting=0,
        )

    def _take_in(self, steps: Sequence[Step], tellings: Sequence[Any], at: datetime) -> None:
        if not tellings:
            return
        verdicts = self.ledger.take_in(tellings, recorded_at=stamp(at))
        for step, telling, verdict in zip(steps, tellings, verdicts, strict=True):
            self.tally.told += 1
            self.tally.flagged.update(verdict.flags)
            if verdict.status in ("accepted", "known"):
                self.tally.accepted += 1
                if step.mark is not None and verdict.entry is not None:
                    self.entries[self.chain.name_of(step)] = verdict.entry
            else:
                code = verdict.status if verdict.refusal is None else verdict.refusal.code
                self.tally.refused[type(telling.command).stored_name, code] += 1

    def _mark(self, step: Step) -> None:
        if (entry := self.entries.get(self.chain.name_of(step))) is None:
            return  # what was refused needs no mark
        try:
            if step.mark == "correct":
                self.ledger.correct(entry, step.fields, actor=CLERK, reason=REASON)
            else:
                self.ledger.void(entry, actor=CLERK, reason=REASON)
        except Refusal as refusal:
            self.tally.refused[str(step.mark), refusal.code] += 1

    def _weekly(self, shop: int, at: datetime) -> None:
        """Hand in the sales statistics of the month's last whole week."""
        sunday = at.date() - timedelta(days=at.date().isoweekday() % 7)
        hand_in(self.ledger, manager=staff(shop, "manager"), week=sunday, superior=staff(shop, "head"))


def _claim(ledger: Ledger, step: Step) -> object:
    told: Mapping[str, Any] = step.fields
    return claim_receipt(
        ledger,
        step.subject,
        told["receipt"],
        outlet=told["outlet"],
        day=told["day"],
        actor=step.actor,
        card=told["card"],
        proof="合成：小票原件",
        reason=REASON,
    )


def _hand_on(ledger: Ledger, step: Step) -> object:
    return hand_on(ledger, step.fields["number"], actor=step.actor, reason=REASON)


def _evaluate(ledger: Ledger, step: Step) -> object:
    return file_store_evaluation(ledger, step.subject, actor=step.actor, outlet=outlet(0))


def _void_purchase(ledger: Ledger, step: Step) -> object:
    """Void a purchase alone, which leaves what it was told with."""
    (entry,) = (
        line.id
        for line in ledger.history(step.subject).lines()
        if isinstance(line.event, PurchaseRecorded) and line.event.receipt == step.fields["receipt"]
    )
    return ledger.void(entry, actor=step.actor, reason=REASON)


def _void_receipt(ledger: Ledger, step: Step) -> object:
    return void_receipt(ledger, step.subject, step.fields["receipt"], actor=step.actor, reason=REASON)


_DEEDS: dict[Deed, Callable[[Ledger, Step], object]] = {
    "claim": _claim,
    "hand_on": _hand_on,
    "evaluate": _evaluate,
    "void_purchase": _void_purchase,
    "void_receipt": _void_receipt,
}
