"""Credit terms: how much may be owed, and for how long, on any day (CORE-29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.dealings.commands import SetCreditTerms
from guanxi.relationship.dealings.events import CreditTermsSet


@attrs.frozen
class Terms:
    """Limit and term as they were set."""

    limit: Decimal
    currency: str
    term_days: int
    valid_until: date | None


@attrs.define
class Credit:
    """The terms last set, by currency."""

    terms: dict[str, Terms] = attrs.field(factory=dict)

    def on(self, day: date, currency: str) -> Terms | None:
        """Return the terms that hold on a day, or None: then it is cash only."""
        found = self.terms.get(currency)
        if found is None or (found.valid_until is not None and found.valid_until < day):
            return None
        return found


credit = Facet("core.credit", Credit, title=Label("Credit terms", "赊销条件"))


@credit.evolve
def _set(s: Credit, e: CreditTermsSet) -> None:
    s.terms[e.limit.currency] = Terms(e.limit.amount, e.limit.currency, e.term_days, e.valid_until)


@credit.decide
def _set_terms(s: Credit, c: SetCreditTerms, now: Now) -> Iterator[Fact]:
    yield CreditTermsSet(
        limit=c.limit, term_days=c.term_days, valid_until=c.valid_until, approver=c.approver or now.actor
    )
