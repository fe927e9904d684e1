"""Disclosure: numbered paper extracts inside the company, nothing outside of it (CORE-70)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, NotPermitted
from guanxi.kernel.facets import FOR_EVER, Claim, Facet, Now, To
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.access.approvals import EXTRACT, Approvals, approvals
from guanxi.relationship.access.commands import IssueExtract, KeepAttempt
from guanxi.relationship.access.events import ExtractIssued
from guanxi.relationship.access.rights import disclosure_refused
from guanxi.relationship.access.streams import STAFF, log_stream


@attrs.define
class Extracts:
    """Numbers of the extracts that somebody received, or answers for."""

    numbers: list[str] = attrs.field(factory=list)


extracts = Facet(
    "core.extracts", Extracts, subject=STAFF, reads=(approvals,), title=Label("Paper extracts", "纸质资料")
)


@extracts.evolve
def _issued(s: Extracts, e: ExtractIssued) -> None:
    s.numbers.append(e.extract)


@extracts.claim
def _number(e: ExtractIssued) -> Iterator[Claim]:
    yield Claim("core.extract", e.extract, FOR_EVER)


@extracts.decide
def _issue(s: Extracts, c: IssueExtract, now: Now) -> Iterator[Fact]:
    if c.recipient == "outside":
        raise _kept(disclosure_refused(c.receiver or "outside"), c, now)
    if c.medium != "paper":
        raise _kept(_paper_only(), c, now)
    if c.extract in s.numbers:
        raise Conflict(
            "already_known",
            f"the extract {c.extract} is issued already",
            zh=f"纸质资料 {c.extract} 已发出",
            rule="CORE-70",
            accepts="another number",
        )
    if c.recipient == "inside" and not _covered(now.of(Approvals), c):
        raise Incomplete(
            "approval_missing",
            "an extract inside the company needs an approval for this customer",
            zh="公司内部提供纸质资料须先获批准",
            rule="CORE-70",
            accepts="approval=... of an approved request",
        )
    if c.recipient == "authority" and c.basis is None:
        raise Incomplete(
            "reason_missing",
            "a binding legal order is recorded with its basis",
            zh="依法提供须登记法律依据",
            rule="CORE-70",
            accepts="basis=...",
        )
    yield ExtractIssued(
        extract=c.extract,
        customer=c.customer,
        recipient=c.recipient,
        receiver=c.receiver,
        approval=c.approval,
        basis=c.basis,
        content=c.content,
    )


def _covered(asked: Approvals, c: IssueExtract) -> bool:
    found = asked.approved(c.approval, EXTRACT)
    return found is not None and c.customer in found.customers


def _paper_only() -> NotPermitted:
    return NotPermitted(
        "disclosure_refused",
        "no electronic copy of a file is given out",
        zh="不提供电子版资料",
        rule="CORE-70",
        accepts="a numbered paper extract, after approval",
    )


def _kept(refusal: NotPermitted, c: IssueExtract, now: Now) -> NotPermitted:
    attempt = KeepAttempt(
        operation="execute", asked=c.stored_name, code=refusal.code, rule=refusal.rule, customer=c.customer
    )
    refusal.keeping(To(log_stream(now.actor, now.known), attempt))
    return refusal
