"""Quotations: numbered versions, each valid to the end of its last day, the latest alone to be accepted (CORE-26)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.times import midnight_after
from guanxi.kernel.values import Money
from guanxi.relationship.pipeline.commands import AnswerQuotation, IssueQuotation
from guanxi.relationship.pipeline.events import QuotationAnswered, QuotationIssued

RULE = "CORE-26"


@attrs.define
class QuotationVersion:
    """One version of a quotation, and what the customer said to it."""

    amount: Money
    valid_until: date
    issued_at: datetime
    opportunity: str | None = None
    answer: str | None = None


@attrs.define
class Quotations:
    """A customer's quotations: their versions by number."""

    by_number: dict[str, dict[int, QuotationVersion]] = attrs.field(factory=dict)

    def latest(self, quotation: str) -> int:
        """Return the number of the latest version; 0 where there is none."""
        return max(self.by_number.get(quotation, {}), default=0)


quotations = Facet("core.quotations", Quotations, title=Label("Quotations", "报价"))


@quotations.evolve
def _issued(s: Quotations, e: QuotationIssued, at: datetime) -> None:
    versions = s.by_number.setdefault(e.quotation, {})
    versions[e.version] = QuotationVersion(e.amount, e.valid_until, at, e.opportunity)


@quotations.evolve
def _answered(s: Quotations, e: QuotationAnswered) -> None:
    if (version := s.by_number.get(e.quotation, {}).get(e.version)) is not None:
        version.answer = e.answer


@quotations.decide
def _issue(s: Quotations, c: IssueQuotation, now: Now) -> Iterator[Fact]:
    latest = s.latest(c.quotation)
    version = latest + 1 if c.version is None else c.version
    if version <= latest:
        raise Conflict(
            "source_conflict",
            f"quotation {c.quotation} is at version {latest} already",
            zh=f"报价 {c.quotation} 已有第 {latest} 版",
            rule=RULE,
            accepts=f"version {latest + 1}",
        )
    yield QuotationIssued(
        quotation=c.quotation,
        version=version,
        amount=c.amount,
        valid_until=c.valid_until,
        lines=c.lines,
        opportunity=c.opportunity,
    )


@quotations.decide
def _answer(s: Quotations, c: AnswerQuotation, now: Now) -> Iterator[Fact]:
    latest = s.latest(c.quotation)
    number = latest if c.version is None else c.version
    version = s.by_number.get(c.quotation, {}).get(number)
    if version is None:
        raise Unknown(
            "unknown_quotation",
            f"there is no quotation {c.quotation} in version {number}",
            zh=f"没有报价 {c.quotation} 第 {number} 版",
            rule=RULE,
            accepts=", ".join(sorted(s.by_number)) or "a quotation that was issued",
        )
    if c.answer == "accepted" and not now.happened:
        now.require(
            number == latest,
            "quotation_superseded",
            RULE,
            f"version {number} of {c.quotation} gave way to version {latest}",
            zh=f"报价 {c.quotation} 第 {number} 版已被第 {latest} 版取代",
            accepts=f"version {latest}",
        )
        now.require(
            _valid(version, now),
            "quotation_expired",
            RULE,
            f"{c.quotation} was valid until {version.valid_until}",
            zh=f"报价 {c.quotation} 有效期至 {version.valid_until}",
            accepts="a new version",
        )
    yield QuotationAnswered(quotation=c.quotation, version=number, answer=c.answer, reason=c.reason)


def _valid(version: QuotationVersion, now: Now) -> bool:
    return now.at < midnight_after(version.valid_until, now.at.tzinfo)


@quotations.holds(RULE, "quotation_superseded")
def _latest(s: Quotations, e: QuotationAnswered) -> bool:
    return e.answer != "accepted" or e.version >= s.latest(e.quotation)


@quotations.holds(RULE, "quotation_expired")
def _in_time(s: Quotations, e: QuotationAnswered, now: Now) -> bool:
    version = s.by_number.get(e.quotation, {}).get(e.version)
    return e.answer != "accepted" or version is None or _valid(version, now)
