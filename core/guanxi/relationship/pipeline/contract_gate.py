"""The gate before a contract: what was found out, weighed, decided and confirmed, and what of it is still missing (CORE-27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.values import Money
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.pipeline.commands import (
    ConfirmContract,
    FileInvestigation,
    ReviewCustomer,
    TakeCollectiveDecision,
    reason_missing,
)
from guanxi.relationship.pipeline.events import (
    CollectiveDecisionTaken,
    ContractConfirmed,
    CustomerReviewed,
    InvestigationFiled,
)
from guanxi.relationship.pipeline.rules import ContractGateRules

RULE = "CORE-27"


@attrs.frozen
class Investigation:
    """A written investigation."""

    subjects: tuple[str, ...]
    on: date


@attrs.frozen
class CollectiveDecision:
    """What several leaders decided on one contract."""

    approved: bool
    deciders: int
    minutes_on: date
    amount: Money | None = None


@attrs.frozen
class Confirmation:
    """That a contract's content was confirmed."""

    consented_on: date
    amount: Money | None = None


@attrs.define
class ContractGate:
    """What is on record for the gate: of the customer, and of each contract by its number."""

    investigations: dict[str, Investigation] = attrs.field(factory=dict)
    review: dict[str, bool] | None = None
    reviewed_at: datetime | None = None
    decisions: dict[str, list[CollectiveDecision]] = attrs.field(factory=dict)
    confirmations: dict[str, list[Confirmation]] = attrs.field(factory=dict)


contract_gate = Facet("core.contract_gate", ContractGate, title=Label("Contract gate", "签约把关"))


@contract_gate.evolve
def _investigated(s: ContractGate, e: InvestigationFiled) -> None:
    s.investigations[e.document] = Investigation(e.subjects, e.on)


@contract_gate.evolve
def _reviewed(s: ContractGate, e: CustomerReviewed, at: datetime) -> None:
    s.review, s.reviewed_at = dict(e.results), at


@contract_gate.evolve
def _decided(s: ContractGate, e: CollectiveDecisionTaken) -> None:
    taken = CollectiveDecision(e.outcome == "approved", len(set(e.attendees)), e.minutes_on, e.amount)
    s.decisions.setdefault(e.contract, []).append(taken)


@contract_gate.evolve
def _confirmed(s: ContractGate, e: ContractConfirmed) -> None:
    s.confirmations.setdefault(e.contract, []).append(Confirmation(e.consented_on, e.amount))


# What is missing


def unmet_before_signing(s: ContractGate, contract: str, amount: Money, flagged: bool, now: Now) -> list[str]:
    """Return the parts of the gate that are not met for signing a contract, in the order of the rule.

    Args:
        s: what is on record.
        contract: its number.
        amount: what it comes to.
        flagged: whether it is said to be major.
        now: the moment of signing.
    """
    rules, day = now.rules(ContractGateRules), now.at.date()
    return [
        *_investigation(s, rules, now.rules(CalendarRules), day),
        *_review(s, rules),
        *_confirmation(s.confirmations.get(contract, ()), amount, day),
        *unmet_if_major(s, contract, amount, flagged, now),
    ]


def unmet_if_major(s: ContractGate, contract: str, amount: Money, flagged: bool, now: Now) -> list[str]:
    """Return what the collective decision on a contract lacks, where its whole amount makes it major.

    Args:
        s: what is on record.
        contract: its number.
        amount: what it comes to, amendments included.
        flagged: whether it is said to be major.
        now: the moment of signing or amending.
    """
    rules, day = now.rules(ContractGateRules), now.at.date()
    if not is_major(amount, flagged, rules):
        return []
    taken = [d for d in s.decisions.get(contract, ()) if d.minutes_on <= day]
    fitting = [d for d in taken if d.amount is None or _covers(d.amount, amount)]
    if not fitting or not max(reversed(fitting), key=lambda d: d.minutes_on).approved:
        return ["minutes"]
    if all(d.deciders < rules.min_deciders for d in fitting if d.approved):
        return ["deciders"]
    return []


def is_major(amount: Money, flagged: bool, rules: ContractGateRules) -> bool:
    """Return whether a contract needs a collective decision; the flag decides where no amount in its currency does.

    Args:
        amount: what it comes to, amendments included.
        flagged: whether it is said to be major.
        rules: the rules in force.
    """
    if rules.major_amount is None or amount.currency != rules.major_currency:
        return flagged
    return amount.amount >= rules.major_amount


def _covers(up_to: Money, amount: Money) -> bool:
    return up_to.currency == amount.currency and up_to.amount >= amount.amount


def _investigation(
    s: ContractGate, rules: ContractGateRules, calendar: CalendarRules, day: date
) -> Iterator[str]:
    dated = [i for i in s.investigations.values() if i.on <= day]
    good = [i for i in dated if day <= calendar.months(i.on, rules.investigation_valid_months).last_day]
    if not good:
        yield "investigation_expired" if dated else "investigation"
        return
    covered = {subject for i in good for subject in i.subjects}
    yield from (subject for subject in rules.investigation_subjects if subject not in covered)


def _review(s: ContractGate, rules: ContractGateRules) -> Iterator[str]:
    if s.review is None:
        yield "review"
        return
    yield from (f"review_{part}" for part in rules.review_parts if not s.review.get(part, False))
    yield from (
        f"review_{part}" for part, passed in s.review.items() if not passed and part not in rules.review_parts
    )


def _confirmation(confirmed: Sequence[Confirmation], amount: Money, day: date) -> Iterator[str]:
    if not any(c.consented_on <= day and c.amount in (None, amount) for c in confirmed):
        yield "confirmation"


PARTS = {
    "investigation": Label("a written investigation", "书面调查"),
    "investigation_expired": Label("investigation expired", "书面调查已过期"),
    "nature": Label("investigation: nature", "调查内容：企业性质"),
    "size": Label("investigation: size", "调查内容：规模"),
    "funds": Label("investigation: funds", "调查内容：资金情况"),
    "ability": Label("investigation: ability to perform", "调查内容：履约能力"),
    "review": Label("customer review", "客户考量"),
    "confirmation": Label("content confirmed by the sales manager", "销售经理确认内容"),
    "minutes": Label("minutes of a collective decision", "集体决策会议纪要"),
    "deciders": Label("enough deciders", "集体决策人数"),
}
"""What the parts of the gate are called; those of a host's own list go by their codes."""


def told(unmet: Sequence[str], lang: str = "en") -> str:
    """Return the unmet parts in words.

    Args:
        unmet: their codes.
        lang: ``"en"`` or ``"zh"``.
    """
    words = (PARTS.get(part, Label(part.replace("_", " "), part)) for part in unmet)
    return "、".join(w.zh for w in words) if lang == "zh" else ", ".join(w.en for w in words)


# What is put on record


@contract_gate.decide
def _file(s: ContractGate, c: FileInvestigation, now: Now) -> Iterator[Fact]:
    if c.document in s.investigations:
        raise Conflict(
            "source_conflict",
            f"investigation {c.document} is on record",
            zh=f"书面调查 {c.document} 已登记",
            rule=RULE,
            accepts="another number, or a correction of the first entry",
        )
    known = now.rules(ContractGateRules).investigation_subjects
    _known("investigation subject", "调查内容", [x for x in c.subjects if x not in known], known)
    yield InvestigationFiled(document=c.document, subjects=c.subjects, on=c.on or now.at.date())


@contract_gate.decide
def _weigh(s: ContractGate, c: ReviewCustomer, now: Now) -> Iterator[Fact]:
    known = now.rules(ContractGateRules).review_parts
    _known("part of the customer review", "客户考量项目", [x for x in c.results if x not in known], known)
    if not c.results:
        raise Incomplete(
            "review_missing",
            "the review says nothing on any part",
            zh="客户考量未填写任何项目",
            rule=RULE,
            accepts=", ".join(known),
        )
    passed = all(c.results.values())
    if not passed and c.reason is None:
        raise reason_missing("a rejection states its reason", "否决须说明原因", RULE)
    yield CustomerReviewed(results=c.results, passed=passed, reviewer=now.actor, reason=c.reason)


def _known(what: str, zh: str, unknown: Sequence[str], known: Sequence[str]) -> None:
    if unknown:
        raise Unknown(
            "unknown_code",
            f"{unknown[0]!r} is no {what}",
            zh=f"{zh}中没有 {unknown[0]!r}",
            rule=RULE,
            accepts=", ".join(known),
        )


@contract_gate.decide
def _decide(s: ContractGate, c: TakeCollectiveDecision, now: Now) -> Iterator[Fact]:
    yield CollectiveDecisionTaken(
        contract=c.contract,
        attendees=c.attendees,
        outcome=c.outcome,
        minutes=c.minutes,
        minutes_on=c.minutes_on or now.at.date(),
        amount=c.amount,
    )


@contract_gate.decide
def _confirm(s: ContractGate, c: ConfirmContract, now: Now) -> Iterator[Fact]:
    yield ContractConfirmed(
        contract=c.contract,
        confirmed_by=now.actor,
        consented_on=c.consented_on or now.at.date(),
        amount=c.amount,
    )
